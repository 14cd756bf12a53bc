"""Clips play back to back: cut where they are trimmed, faded into each other, with a sound under them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.timed_clips import files_held, is_shown, moment_ms, timed_clip
from tests.ui.window.conftest import QUIET_MACHINE
from veo_studio.ui.film_decks import Shot, Track
from veo_studio.ui.film_sequence import FilmSequence

_WAIT_MS = 30_000
# a picture of 40 ms, and colours that are a little off
_NEAR_MS = 70


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("film")
    return [timed_clip(folder / f"{name}.mp4", length_s=1.0) for name in ("a", "b", "c")]


def shots(clips: list[Path], fade_ms: int = 0) -> list[Shot]:
    """The first from 0.2 to 0.6 s, the second whole, the third to 0.4 s."""
    return [
        Shot(clips[0], 200, 600, 0),
        Shot(clips[1], 0, 1000, 400 - fade_ms, fade_ms),
        Shot(clips[2], 0, 400, 1400 - fade_ms),
    ]


@pytest.fixture
def sequence(qtbot: QtBot) -> Iterator[FilmSequence]:
    owner = QWidget()
    qtbot.addWidget(owner)
    made = FilmSequence(owner)
    yield made
    made.close()


def is_at(sequence: FilmSequence, moment: float) -> bool:
    """The lowest picture is of this moment of its file."""
    seen = sequence.pictures()
    return bool(seen) and abs(moment_ms(seen[0][0]) - moment) <= _NEAR_MS


def waited(qtbot: QtBot, is_so: Callable[[], bool]) -> None:
    qtbot.waitUntil(is_so, timeout=_WAIT_MS)


def test_it_begins_with_the_first_picture_that_is_in_the_film(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips))
    assert sequence.duration_ms == 1800
    waited(qtbot, lambda: is_at(sequence, 200))
    assert (sequence.place, sequence.position_ms) == (0, 0)


def test_any_moment_of_the_film_can_be_sought(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips))
    for film_ms, place, moment in ((900, 1, 500), (100, 0, 300), (1500, 2, 100), (400, 1, 0)):
        sequence.seek(film_ms)
        assert (sequence.place, sequence.position_ms) == (place, film_ms)
        waited(qtbot, lambda moment=moment: is_at(sequence, moment))


def test_it_plays_one_clip_after_the_other_to_the_end(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips))
    waited(qtbot, lambda: is_at(sequence, 200))
    places: list[int] = []
    positions: list[int] = []
    sequence.place_changed.connect(places.append)
    sequence.position_changed.connect(positions.append)
    with qtbot.waitSignal(sequence.ended, timeout=_WAIT_MS):
        sequence.play()
    assert places == [1, 2]
    assert positions == sorted(positions)
    assert sequence.position_ms == 1800
    assert not sequence.is_playing


def test_after_the_end_it_plays_again_from_the_start(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips)[:1])
    for _ in range(2):
        with qtbot.waitSignal(sequence.ended, timeout=_WAIT_MS):
            sequence.play()
    assert sequence.position_ms == 400


def test_in_a_cross_fade_both_clips_are_seen(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips, fade_ms=200))
    sequence.seek(300)  # the middle of the fade: 0.5 s of the first, 0.1 s of the second
    waited(qtbot, lambda: len(sequence.pictures()) == 2 and is_at(sequence, 500))
    waited(
        qtbot,
        lambda: len(both := sequence.pictures()) == 2 and abs(moment_ms(both[1][0]) - 100) <= 70,
    )
    assert sequence.pictures()[1][1] == pytest.approx(0.5)
    shares: list[float] = []
    sequence.seek(0)
    sequence.picture_changed.connect(
        lambda: shares.extend(share for _, share in sequence.pictures()[1:])
    )
    with qtbot.waitSignal(sequence.ended, timeout=_WAIT_MS):
        sequence.play()
    assert any(0 < share < 1 for share in shares)


def test_another_cut_keeps_the_place(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips))
    sequence.seek(1500)
    sequence.set_shots(shots(clips)[:2])
    assert (sequence.place, sequence.position_ms) == (1, 1400)
    waited(qtbot, lambda: is_at(sequence, 999))


def test_the_same_clip_twice_in_a_row(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots([Shot(clips[0], 0, 300, 0), Shot(clips[0], 600, 900, 300)])
    places: list[int] = []
    sequence.place_changed.connect(places.append)
    with qtbot.waitSignal(sequence.ended, timeout=_WAIT_MS):
        sequence.play()
    assert places == [1]
    waited(qtbot, lambda: is_shown(sequence.pictures()[0][0]))


@pytest.mark.qt_log_ignore("^Could not open media", *QUIET_MACHINE)
def test_a_clip_that_cannot_be_played_is_named(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip at all" * 100)
    with qtbot.waitSignal(sequence.failed, timeout=_WAIT_MS) as told:
        sequence.set_shots([Shot(broken, 0, 1000, 0), Shot(clips[0], 0, 500, 1000)])
    assert told.args == [0]
    assert not sequence.is_playing


def test_closing_lets_go_of_the_files(
    qtbot: QtBot, sequence: FilmSequence, clips: list[Path]
) -> None:
    sequence.set_shots(shots(clips))
    sequence.set_track(Track(clips[2], 0.5, 100, 100))
    waited(qtbot, lambda: is_at(sequence, 200))
    sequence.play()
    sequence.close()
    assert sequence.pictures() == []
    waited(qtbot, lambda: not files_held() & set(clips))


def test_the_soundtrack_fades_at_both_ends() -> None:
    track = Track(Path("song.mp3"), 0.8, 1000, 2000)
    volumes = [track.volume_at(at_ms, 10_000) for at_ms in (0, 500, 1000, 8000, 9000, 10_000)]
    assert volumes == pytest.approx([0.0, 0.4, 0.8, 0.8, 0.4, 0.0])
