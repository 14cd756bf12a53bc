"""Names of exported files: readable, portable, never longer than 120 bytes, never one that is taken."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.generations import a_generation
from veo_studio.core.exporting.names import (
    DEFAULT_TEMPLATE,
    MOST_BYTES,
    VARIABLES,
    check_template,
    free_name,
    preview,
    stem_of,
)
from veo_studio.core.models import VideoConfig

ALL = "_".join(f"{{{name}}}" for name in VARIABLES)
HOSTILE = (
    "../../etc/passwd",
    "a\0b\nc\x1b[31m",
    "CON",
    "com1.txt",
    "\u202egnp.exe",
    "\U0001f3ac" * 300,
    "\ud800 half a character",
    "." * 50,
    "   ",
    "-rf /",
    "a" * 5000,
    "日本の雨の通り 紙の船" * 40,
    "C:\\Windows\\System32",
    '%00<img src=x>|?*:"',
)
CONFIG = VideoConfig("16:9", 8, "720p", "", 42, None)


def named(template: str, **fields: object) -> str:
    at = datetime(2025, 1, 5, 14, 30, 25, tzinfo=UTC)
    return stem_of(template, a_generation(**{"created_at": at, "config": CONFIG, **fields}), 3, 120)


def test_every_variable_has_its_value():
    words = named(
        "{aspect} {duration} {resolution} {seed} {take} {id} {number} {model} {provider}",
        id=17, take_number=2, model="veo-3.1-fast", provider="gemini", length_s=7.96,
    )  # fmt: skip
    assert words == "16x9 8s 720p 42 2 17 003 veo-3.1-fast gemini"
    assert re.fullmatch(
        r"2025010[56]_\d{6}_A_paper_boat", named(DEFAULT_TEMPLATE, prompt="A paper boat")
    )


def test_what_is_empty_leaves_no_gap():
    config = VideoConfig("16:9", 8, "720p", "", None, None)
    assert named("{id}_{seed}_{take}", id=5, config=config) == "5_1"


@pytest.mark.parametrize("prompt", HOSTILE)
@pytest.mark.parametrize("template", ["{prompt}", "x {prompt} y", ALL])
def test_no_prompt_makes_a_bad_name(prompt, template):
    check_portable(named(template, prompt=prompt))


@pytest.mark.parametrize(
    "template", [words for words in HOSTILE if words.strip() and len(words) < 300]
)
def test_no_template_makes_a_bad_name(template):
    check_portable(named(template))


@given(st.text(max_size=200), st.text(max_size=60).filter(lambda text: not set("{}") & set(text)))
def test_whatever_is_typed_the_name_is_portable(prompt, around):
    check_portable(named(f"{around}{{prompt}}", prompt=prompt))


def check_portable(stem: str) -> None:
    assert stem
    assert len(f"{stem}_9999.webm".encode()) <= MOST_BYTES + 5
    assert not re.search(r'[\x00-\x1f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]', stem)
    assert stem[0] not in ".- "
    assert stem[-1] not in ". "
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem, re.IGNORECASE)


def test_words_of_every_script_stay():
    assert named("{prompt}", prompt="紙の船、雨の通り") == "紙の船_雨の通り"


def test_long_words_give_way_to_what_tells_files_apart():
    long = named("{prompt}_{model}_{id}", prompt="wonderful " * 40, model="m" * 60, id=123456)
    assert long.endswith("_123456")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("", "at least one word"),
        ("{nope}", "There is no variable {nope}"),
        ("{prompt", "A brace in the name has no partner"),
        ("a}b", "A brace in the name has no partner"),
        ("x" * 301, "too long"),
    ],
)
def test_a_template_that_is_wrong_is_told(template, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        check_template(template)


def test_a_name_that_is_there_is_never_taken(tmp_path: Path):
    (tmp_path / "boat.mp4").write_text("somebody's")
    (tmp_path / "boat_2.mp4").symlink_to(tmp_path / "nowhere")
    assert free_name(tmp_path, "boat", ".mp4").name == "boat_3.mp4"
    assert free_name(tmp_path, "Kite", ".mp4", {"kite.mp4"}).name == "Kite_2.mp4"


def test_the_preview_shows_what_would_be_made(tmp_path: Path):
    clips = [a_generation(id=number, prompt="A boat") for number in range(1, 6)]
    (tmp_path / "A_boat.gif").write_text("")
    shown = preview("{prompt}", clips, [".gif"] * 5, tmp_path)
    assert shown == ["A_boat_2.gif", "A_boat_3.gif", "A_boat_4.gif"]
    assert preview("{prompt}", clips, [".gif"] * 3, tmp_path) == shown
