"""The clock and the decoder that clips without QtMultimedia and comparisons stand on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QSize

from tests.ui.parts.timed_clips import files_held, moment_ms, timed_clip
from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_source import FrameSource, NoDecoder, image_of
from veo_studio.ui.shuttle import next_rate, rate_words, shuttled, timecode


class Hand:
    """A time that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def clock(hand: Hand) -> FrameClock:
    made = FrameClock(hand)
    made.set_length(2000)
    return made


def test_a_clock_runs_at_its_rate_and_stands_at_its_ends(hand: Hand, clock: FrameClock) -> None:
    clock.play()
    hand.now_s += 0.5
    assert clock.position_ms() == pytest.approx(500)
    clock.set_rate(2.0)
    hand.now_s += 0.5
    assert clock.position_ms() == pytest.approx(1500)
    assert not clock.has_ended()
    hand.now_s += 1
    assert clock.position_ms() == 2000
    assert clock.has_ended()
    clock.set_rate(-1.0)
    hand.now_s += 0.25
    assert clock.position_ms() == pytest.approx(1750)
    hand.now_s += 5
    assert clock.position_ms() == 0
    assert clock.has_ended()


def test_a_loop_goes_round_in_its_range(hand: Hand, clock: FrameClock) -> None:
    clock.set_loop(True, 400, 1000)
    clock.play()  # from before the range into it
    hand.now_s += 0.9
    assert clock.position_ms() == pytest.approx(900)
    hand.now_s += 0.2
    assert clock.position_ms() == pytest.approx(500)
    assert not clock.has_ended()
    clock.set_rate(-1.0)
    hand.now_s += 0.2
    assert clock.position_ms() == pytest.approx(900, abs=1)


def test_time_does_not_run_before_the_length_is_known(hand: Hand) -> None:
    clock = FrameClock(hand)
    clock.play()
    hand.now_s += 3
    assert clock.position_ms() == 0
    clock.set_length(1000)
    assert clock.position_ms() == 0


def test_a_command_keeps_the_place(hand: Hand, clock: FrameClock) -> None:
    clock.seek(700)
    clock.play()
    hand.now_s += 0.1
    clock.pause()
    hand.now_s += 10
    assert clock.position_ms() == pytest.approx(800)
    clock.seek(99_999)
    assert clock.position_ms() == 2000


# the decoder


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with one whole picture at its start only: going back is the hard case."""
    folder = tmp_path_factory.mktemp("frames")
    return timed_clip(folder / "one keyframe.mp4", keyframe_every=250)


@pytest.mark.parametrize("kept_bytes", [1, 128 * 1024 * 1024])
def test_every_moment_has_its_picture_in_any_order(long_clip: Path, kept_bytes: int) -> None:
    with FrameSource(long_clip, kept_bytes=kept_bytes) as source:
        for wanted in (0, 40, 1000, 1959, 1960, 5000, 300, 299, 0, 1500, 1460, 1420):
            found = source.at(wanted)
            assert found is not None
            shown = min(1960, wanted // 40 * 40)
            assert found[0] == pytest.approx(shown, abs=0.5)
            assert moment_ms(image_of(found[1])) == pytest.approx(shown, abs=15)


def test_backwards_all_pictures_come(long_clip: Path) -> None:
    with FrameSource(long_clip, kept_bytes=1) as source:
        moments = [source.at(number * 40)[0] for number in range(49, -1, -1)]  # type: ignore[index]
    assert moments == pytest.approx([number * 40 for number in range(49, -1, -1)], abs=0.5)


def test_a_picture_is_made_as_small_as_its_place(long_clip: Path) -> None:
    with FrameSource(long_clip) as source:
        found = source.at(0)
        assert found is not None
        assert image_of(found[1], QSize(80, 80)).size() == QSize(80, 44)
        assert image_of(found[1], QSize(1000, 1000)).size() == QSize(160, 90)
    assert long_clip not in files_held()


def test_what_nothing_decodes_says_so(long_clip: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.mp4"
    strange.write_bytes(long_clip.read_bytes().replace(b"avc1", b"zzz9"))
    with pytest.raises(NoDecoder):
        FrameSource(strange)
    assert strange not in files_held()


def test_a_clip_that_was_cut_short_ends_where_it_was_cut(tmp_path: Path) -> None:
    whole = timed_clip(tmp_path / "whole.mkv", has_sound=False, keyframe_every=10)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    with FrameSource(cut) as source:
        found = source.at(1_000_000)
    assert found is not None
    assert 0 < found[0] < 1900


# words


def test_j_and_l_double_and_turn() -> None:
    assert [shuttled(0, 1), shuttled(1, 1), shuttled(2, 1), shuttled(4, 1)] == [1, 2, 4, 4]
    assert [shuttled(4, -1), shuttled(-1, -1), shuttled(-2, -1)] == [-1, -2, -4]
    assert shuttled(0.25, 1) == 2


def test_speeds_go_up_and_down_and_stay_in_their_range() -> None:
    assert next_rate(1.0, 1) == 1.5
    assert next_rate(1.0, -1) == 0.75
    assert next_rate(4.0, 1) == 4.0
    assert next_rate(0.25, -1) == 0.25


def test_times_with_frames() -> None:
    assert timecode(0, 40) == "00:00:00:00"
    assert timecode(3_480, 40) == "00:00:03:12"
    assert timecode(3_661_960, 40) == "01:01:01:24"
    assert timecode(990, 1001 / 24) == "00:00:00:23"
    assert rate_words(-2.0) == "\u22122\u00d7"
