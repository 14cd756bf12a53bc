"""The one decoder of the feed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtCore import QSize
from pytestqt.qtbot import QtBot

from tests.ui.parts.timed_clips import files_held, is_shown, timed_clip
from veo_studio.ui.feed_playback import FeedPlayback
from veo_studio.ui.frame_clock import FrameClock
from veo_studio.ui.frame_thread import FrameThread

_LONG_MS = 20_000


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Half a second each."""
    folder = tmp_path_factory.mktemp("feed playback")
    return [timed_clip(folder / f"{n}.mp4", length_s=0.5, has_sound=False) for n in range(4)]


@pytest.fixture
def playback(qtbot: QtBot) -> Iterator[FeedPlayback]:
    made = FeedPlayback()
    yield made
    made.release()


def test_a_clip_goes_round_and_round(
    qtbot: QtBot, playback: FeedPlayback, clips: list[Path]
) -> None:
    seen: list[float] = []
    playback.picture_changed.connect(lambda: seen.append(playback.position_ms))
    playback.play(clips[0])
    assert playback.picture() is None
    qtbot.waitUntil(lambda: is_shown(playback.picture()), timeout=_LONG_MS)

    def has_begun_again() -> bool:
        rounds = sum(after < before for before, after in pairwise(seen))
        return rounds >= 2

    qtbot.waitUntil(has_begun_again, timeout=_LONG_MS)


def test_it_goes_on_where_it_was(qtbot: QtBot, playback: FeedPlayback, tmp_path: Path) -> None:
    """In a clip of a minute: however slow the machine is, it does not come round to its start."""
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(60):
            picture = np.zeros((36, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    first: list[float] = []
    playback.picture_changed.connect(lambda: first.append(playback.position_ms))
    playback.play(path, 20_000)
    qtbot.waitUntil(lambda: bool(first), timeout=_LONG_MS)
    assert first[0] >= 20_000


def test_one_file_is_open_at_most(qtbot: QtBot, playback: FeedPlayback, clips: list[Path]) -> None:
    for _ in range(3):
        for clip in clips:
            playback.play(clip)
            assert len(files_held() & set(clips)) <= 1
    qtbot.waitUntil(lambda: is_shown(playback.picture()), timeout=_LONG_MS)
    assert files_held() & set(clips) == {clips[-1]}
    assert playback.path == clips[-1]
    playback.leave()
    assert playback.path is None
    assert playback.picture() is None
    qtbot.waitUntil(lambda: not playback.holds_file, timeout=_LONG_MS)
    assert not files_held() & set(clips)


def test_a_file_is_free_when_it_was_released(
    qtbot: QtBot, playback: FeedPlayback, clips: list[Path]
) -> None:
    playback.play(clips[0])
    qtbot.waitUntil(lambda: is_shown(playback.picture()), timeout=_LONG_MS)
    playback.release()
    assert not files_held() & set(clips)
    # also one that is only being opened, and one that was left a moment ago
    playback.play(clips[1])
    playback.release()
    assert not files_held() & set(clips)
    playback.play(clips[2])
    playback.leave()
    playback.release()
    assert not files_held() & set(clips)
    assert not playback.holds_file


def test_pictures_are_no_larger_than_they_are_shown(
    qtbot: QtBot, playback: FeedPlayback, clips: list[Path]
) -> None:
    playback.set_box(QSize(80, 80))
    playback.play(clips[0])
    qtbot.waitUntil(lambda: is_shown(playback.picture()), timeout=_LONG_MS)
    picture = playback.picture()
    assert picture is not None
    assert (picture.width(), picture.height()) == (80, 44)


def test_what_cannot_be_played_is_told_once(
    qtbot: QtBot, playback: FeedPlayback, clips: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip" * 1000)
    for path in (broken, tmp_path / "gone.mp4"):
        with qtbot.waitSignal(playback.failed, timeout=_LONG_MS):
            playback.play(path)
        assert playback.path is None
        assert playback.picture() is None
    playback.play(clips[0])
    qtbot.waitUntil(lambda: is_shown(playback.picture()), timeout=_LONG_MS)


def test_a_thread_that_is_left_lets_go_by_itself(qtbot: QtBot, clips: list[Path]) -> None:
    clock = FrameClock()
    frames = FrameThread(clock)
    frames.open(clips[0])
    qtbot.waitUntil(lambda: is_shown(frames.picture), timeout=_LONG_MS)
    frames.leave()
    assert not frames.is_open
    qtbot.waitUntil(lambda: not frames.holds_file, timeout=_LONG_MS)
    assert not files_held() & set(clips)
    frames.close()
