"""`export` with presets, cuts and names, and `free-space`, from the command line."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.cli.conftest import here, here_json, program  # noqa: F401
from tests.fakes.generations import a_generation
from veo_studio.core.exporting import kept
from veo_studio.core.exporting.presets import Form, built_in
from veo_studio.core.models import GenerationState
from veo_studio.core.placing import sha256_of
from veo_studio.core.recipe_files import write_beside

SMALL = ("--resolution", "480p", "--provider", "rehearsal", "--duration", "2")


@pytest.fixture
def made(here_json):  # noqa: F811
    return here_json("generate", "A paper boat", *SMALL, "--seed", "42")


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_clips_and_pictures_go_out_together(here, here_json, made, out):  # noqa: F811
    picture = here_json("generate", "--picture", "A red kite", "--provider", "rehearsal")
    before = {sha256_of(Path(one["video_path"])) for one in (made, picture)}
    numbers = (str(made["id"]), str(picture["id"]), str(made["id"]))
    told = here_json("export", *numbers, "--to", str(out), "--template", "{number}_{prompt}")
    assert [Path(one["path"]).name for one in told["exports"]] == [
        "01_A_paper_boat.mp4", f"02_A_red_kite{Path(picture['video_path']).suffix}",
    ]  # fmt: skip
    assert {one["way"] for one in told["exports"]} == {"copied"}
    assert {sha256_of(path) for path in out.iterdir()} == before
    done = here("export", *numbers[:1], "--to", str(out), "--template", "{number}_{prompt}")
    assert done.stdout.strip() == str(out / "01_A_paper_boat_2.mp4")
    assert "copied as it is" in done.stderr


def test_a_part_of_a_clip_in_another_form(here_json, made, out):  # noqa: F811
    before = sha256_of(Path(made["video_path"]))
    [told] = here_json(
        "export", str(made["id"]), "--to", str(out), "--preset", "vp9", "--in", "0.5", "--out", "1.25",
        "--no-sound", "--size", "320x320", "--quality", "small",
    )["exports"]  # fmt: skip
    assert (told["way"], told["video_codec"], told["audio_codec"]) == ("encoded", "vp9", None)
    assert (told["width"], told["height"]) == (320, 180)
    assert abs(told["duration"] - 0.75) < 0.1
    with av.open(told["path"]) as found:
        assert not found.streams.audio
    [still] = here_json(
        "export", str(made["id"]), "--to", str(out), "--preset", "still", "--picture", "jpg", "--at", "1",
    )["exports"]  # fmt: skip
    with Image.open(still["path"]) as found:
        assert found.format == "JPEG"
    assert sha256_of(Path(made["video_path"])) == before
    assert len(list(out.iterdir())) == 2


def test_a_preset_of_ones_own(here_json, program, made, out):  # noqa: F811
    path = program.home / "config" / "exporting.json"
    own = replace(built_in(Form.GIF), name="For chats", gif_width_px=96, gif_fps=5)
    kept.save(path, kept.ExportChoices().with_own(own))
    [told] = here_json("export", str(made["id"]), "--to", str(out), "--preset", "for chats")[
        "exports"
    ]
    assert (Path(told["path"]).suffix, told["width"]) == (".gif", 96)


MISTAKES = (
    (["1"], "Say with --to FOLDER where the files go"),
    (["1", "--preset", "gif"], "Say with --to FOLDER where the files go."),
    (["x", "--to", "."], "x is no number from the history."),
    (["0", "--to", "."], "0 is no number from the history."),
    (["99", "--to", "."], "There is no generation 99"),
    (["1", "--to", "no/such"], "There is no folder no/such."),
    (["1", "--to", ".", "--preset", "mp3"], "There is no preset mp3. There are: copy, h264"),
    (["1", "--to", ".", "--template", "{nope}"], "There is no variable {nope}."),
    (["1", "--to", ".", "--in", "2", "--out", "1"], "The out point comes after the in point."),
    (["1", "--to", ".", "--in", "-1"], "lie inside the clip"),
    (["1", "--to", ".", "--size", "huge"], "A size is keep, 1080p, 720p"),
    (
        ["1", "--to", ".", "--quality", "99", "--preset", "h264"],
        "The quality number is 0 to 51.",
    ),
    (
        ["1", "--to", ".", "--inside", "secrets"],
        "--inside is one of as-it-is, recipe, nothing.",
    ),
    (["1", "--to", ".", "--fps", "7", "--preset", "gif"], "A GIF has 5, 10"),
    (["1", "--to", ".", "--picture", "exe", "--preset", "still"], "PNG or JPEG"),
)


def test_what_cannot_be_meant_is_told_and_nothing_is_made(here, made, out, monkeypatch):  # noqa: F811
    assert made["id"] == 1
    monkeypatch.chdir(out)
    for arguments, words in MISTAKES:
        assert words in here("export", *arguments, code=2).stderr, arguments
    assert list(out.iterdir()) == []


def test_a_file_that_is_gone_is_told_for_itself(here, here_json, made, out):  # noqa: F811
    second = here_json("generate", "A red kite", *SMALL)
    Path(made["video_path"]).unlink()
    numbers = (str(made["id"]), str(second["id"]))
    done = here("export", *numbers, "--to", str(out), "--json", code=6)
    first, other = json.loads(done.stdout)["exports"]
    assert (first["status"], first["error_kind"]) == ("error", "storage")
    assert "is gone" in first["error"]
    assert other["status"] == "done"


def test_what_takes_space_is_told_and_can_be_freed(here, here_json, program, made):  # noqa: F811
    outputs = program.home / "outputs"
    stray = outputs / "20250105_143025_A_red_kite.mp4"
    stray.write_bytes(bytes(1000))
    facts = {"video_path": stray, "size_bytes": 1000, "sha256": "a" * 64}
    recipe = write_beside(a_generation(state=GenerationState.COMPLETED, **facts))
    an_input = program.home / "data" / "inputs" / f"{'a' * 64}.png"
    an_input.parent.mkdir(parents=True, exist_ok=True)
    an_input.write_bytes(bytes(500))
    old = time.time() - 3 * 86_400
    for path in (stray, recipe, an_input):
        os.utime(path, (old, old))
    Path(made["video_path"]).unlink()
    told = here_json("free-space")
    assert [one["id"] for one in told["missing"]] == [made["id"]]
    assert told["without_row"] == [{"path": str(stray), "size_bytes": 1000}]
    assert told["takes"]["inputs"]["removable_bytes"] == 500
    words = here("free-space").stdout
    for sentence in ("Their files are gone: 1.", "Files without a row: 1.", "--remove-inputs"):
        assert sentence in words
    assert here_json("free-space", "--remove-inputs", "--clear-caches")["freed_bytes"] >= 500
    assert not an_input.exists()
    assert stray.exists(), "only the window moves something to the trash"
