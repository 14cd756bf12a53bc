from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.file_names import file_name, reserve_name

AT = datetime(2025, 1, 5, 14, 30, 25, tzinfo=UTC)
PORTABLE = re.compile(r"\d{8}_\d{6}_[A-Za-z0-9][A-Za-z0-9_-]*\.mp4")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_name_tells_when_and_what() -> None:
    assert file_name("A beautiful sunset over the sea", AT) == (
        "20250105_143025_A_beautiful_sunset_over.mp4"
    )


def test_the_time_in_a_name_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert file_name("A boat", AT) == "20250105_233025_A_boat.mp4"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("a\0b\nc", "a_b_c"),
        ("\U0001f98a" * 10_000, "clip"),
        ("\u202egnp.exe", "gnp_exe"),
        ("CON.mp4", "CON_mp4"),
        ("trailing dot.", "trailing_dot"),
        ("-rf -- leading dash", "rf_leading_dash"),
        ("%00%2e%2e", "00_2e_2e"),
        ("   ", "clip"),
        ("", "clip"),
        ("\ud800 lone", "lone"),
        ("\u7d19\u306e\u8239", "clip"),
        ("Un café à Orléans", "Un_cafe_a_Orleans"),
        ("don't stop, it\u2019s fine", "dont_stop_its_fine"),
        ("slow-motion shot", "slow-motion_shot"),
        ("C:\\Windows\\system32", "C_Windows_system32"),
        ('<img src="x">', "img_src_x"),
        ("x" * 300, "x" * 60),
    ],
)
def test_f03_any_prompt_gives_a_portable_name(prompt: str, words: str) -> None:
    assert file_name(prompt, AT) == f"20250105_143025_{words}.mp4"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_f03_every_prompt_gives_a_portable_name(prompt: str) -> None:
    name = file_name(prompt, AT)
    assert PORTABLE.fullmatch(name)
    assert len(name.encode()) <= 110


def test_c16_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    first = reserve_name(tmp_path, "a.mp4")
    assert first == tmp_path / "a.mp4"
    first.touch()
    os.symlink(tmp_path / "nowhere", tmp_path / "a_2.mp4")
    assert reserve_name(tmp_path, "a.mp4") == tmp_path / "a_3.mp4"
