"""Subtitles as text: what other programs write is read, what we write is read by them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.film.models import Cue, FilmClip, PlacedClip
from veo_studio.core.film.srt import (
    MAX_BYTES,
    MAX_CUE_CHARS,
    cues_in,
    cues_of,
    read_srt,
    subtitles_for,
    write_srt,
)

TWO = """1
00:00:01,000 --> 00:00:02,500
A boat leaves.

2
00:01:02,250 --> 01:00:00,000
It is <i>small</i>,
and made of {\\an8}paper.
"""


def test_two_subtitles_are_read_without_their_looks():
    assert cues_in(TWO) == (
        Cue(1.0, 2.5, "A boat leaves."),
        Cue(62.25, 3600.0, "It is small,\nand made of paper."),
    )


def test_what_is_written_is_what_is_read():
    cues = cues_in(TWO)
    written = write_srt(cues)
    assert written.startswith("1\r\n00:00:01,000 --> 00:00:02,500\r\nA boat leaves.\r\n\r\n2\r\n")
    assert cues_in(written) == cues


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3_000_000),
            st.integers(1, 60_000),
            st.text("abc äß日\u200c?!-", min_size=1, max_size=40).filter(str.strip),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_text_survives(found):
    cues = [
        Cue(start / 1000, (start + length) / 1000, " ".join(text.split()))
        for start, length, text in found
    ]
    cues.sort(key=lambda cue: (cue.start_s, cue.end_s))
    again = cues_in(write_srt(cues))
    assert [one.text for one in again] == [one.text for one in cues]
    assert [round(one.start_s * 1000) for one in again] == [
        round(one.start_s * 1000) for one in cues
    ]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        # no numbers, points instead of commas, no hours, positions behind the times
        ("00:01.5 --> 00:02.25 X1:40 X2:600\nOne\n", (Cue(1.5, 2.25, "One"),)),
        # an empty line inside a subtitle, Windows line ends
        ("1\r\n0:0:1,0 --> 0:0:2,0\r\nOne\r\n\r\ntwo\r\n", (Cue(1, 2, "One\ntwo"),)),
        # a number as the words, and one without words
        ("1\n0:0:1 --> 0:0:2\n42\n\n2\n0:0:3 --> 0:0:4\n\n", (Cue(1, 2, "42"),)),
        # out of order
        (
            "0:0:5 --> 0:0:6\nlate\n\n0:0:1 --> 0:0:2\nearly\n",
            (Cue(1, 2, "early"), Cue(5, 6, "late")),
        ),
        # control characters are no text
        ("0:0:1 --> 0:0:2\nO\x07ne\x1b\n", (Cue(1, 2, "One"),)),
    ],
)
def test_other_programs_write_it_otherwise(text, cues):
    assert cues_in(text) == cues


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no subtitles"),
        ("Once upon a time\n", "Line 1: here should be the times"),
        ("1\n0:0:1 --> soon\nOne\n", "Line 2: here should be the times"),
        ("1\n0:0:1 --> 0:0:2\nOne\n\n0:0:3 --> x\nTwo\n", "Line 5: here should be the times"),
        ("1\n0:0:3 --> 0:0:2\nOne\n", "Line 2: the subtitle ends before it begins"),
        ("1\n0:0:3 --> 999:0:2\nOne\n", "Line 2: the subtitle is later"),
        ("1\n0:0:3 --> 0:0:4\n" + "x" * (MAX_CUE_CHARS + 1), "Line 2: the subtitle is too long"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        cues_in(text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_of_old_programs(tmp_path: Path, encoding: str):
    path = tmp_path / "film.srt"
    path.write_bytes(TWO.replace("boat", "Fähre").encode(encoding))
    assert read_srt(path)[0].text == "A Fähre leaves."


def test_files_that_are_none(tmp_path: Path):
    with pytest.raises(ValueError, match="There is no file"):
        read_srt(tmp_path / "gone.srt")
    large = tmp_path / "large.srt"
    large.write_bytes(b"1\n" * MAX_BYTES)
    with pytest.raises(ValueError, match="larger than 2 MB"):
        read_srt(large)
    clip = tmp_path / "clip.srt"
    clip.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    with pytest.raises(ValueError, match="no text file"):
        read_srt(clip)


def placed(start_s: float, length_s: float, fade_s: float = 0.0, subtitle: str = "") -> PlacedClip:
    clip = FilmClip(Path("x.mp4"), "Scene", fade_s=fade_s, subtitle=subtitle)
    return PlacedClip(clip, start_s, 0.0, length_s, fade_s, 96, 64, Fraction(10), True)


def test_subtitles_follow_each_other_in_the_middle_of_a_fade():
    found = cues_of(
        [
            placed(0, 4, subtitle=" one \n\n <b>two</b> "),
            placed(3, 4, 1.0, "three"),
            placed(7, 2),
            placed(9, 1, subtitle="four"),
            placed(10, 1, subtitle="four"),
        ]
    )
    assert found == (
        Cue(0, 3.5, "one\ntwo"), Cue(3.5, 7, "three"), Cue(9, 11, "four"),
    )  # fmt: skip


def test_each_subtitle_goes_to_the_clip_that_it_is_seen_over_longest():
    clips = [placed(0, 4), placed(4, 4), placed(8, 4)]
    texts, problems = subtitles_for(
        [Cue(0, 1, "one"), Cue(1, 3, "two"), Cue(3.5, 6, "three"), Cue(20, 21, "late\nwords")],
        clips,
    )
    assert texts == ("one\ntwo", "three", "")
    assert problems == ("00:00:20,000 is after the film: “late”",)
    assert subtitles_for([Cue(0, 1, "one")], []) == (
        (),
        ("00:00:00,000 is after the film: “one”",),
    )
