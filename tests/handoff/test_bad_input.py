"""What cannot be handed off is said, and the old file stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.handoff.conftest import Clips
from veo_studio.core.errors import DownloadError, StorageError, StudioError
from veo_studio.core.film.models import Film, FilmClip
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.handoff.process import hand_off
from veo_studio.core.handoff.writing import write_handoff
from veo_studio.core.storyboard.models import Soundtrack


def refused(film: Film, path: Path, error: type[Exception], words: str) -> None:
    """Nothing is written, nothing is left beside it."""
    path.write_text("what was there")
    before = sorted(path.parent.iterdir())
    with pytest.raises(error, match=words):
        write_handoff(film, path, Kind.FCPXML)
    assert path.read_text() == "what was there"
    assert sorted(path.parent.iterdir()) == before


def test_a_film_without_clips(tmp_path: Path) -> None:
    refused(Film("Empty", ()), tmp_path / "film.fcpxml", ValueError, "at least one clip")


def test_a_take_that_is_gone(film: Film, tmp_path: Path) -> None:
    gone = replace(film, clips=(*film.clips, FilmClip(tmp_path / "gone.mp4", "Five")))
    refused(gone, tmp_path / "film.fcpxml", StorageError, r"gone\.mp4 is gone")


def test_a_take_that_is_no_clip(film: Film, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no clip at all")
    wrong = replace(film, clips=(FilmClip(tmp_path / "text.mp4", "One"),))
    refused(wrong, tmp_path / "film.fcpxml", DownloadError, r"text\.mp4 cannot be read")


def test_a_soundtrack_that_is_gone_or_silent(film: Film, clips: Clips, tmp_path: Path) -> None:
    gone = replace(film, soundtrack=Soundtrack(tmp_path / "song.mp3"))
    refused(gone, tmp_path / "film.fcpxml", StorageError, r"song\.mp3 is gone")
    silent = replace(film, soundtrack=Soundtrack(clips.silent))
    refused(silent, tmp_path / "film.fcpxml", DownloadError, "holds no sound")
    (tmp_path / "song.mp3").write_text("no sound at all")
    refused(gone, tmp_path / "film.fcpxml", DownloadError, r"song\.mp3 cannot be read")


def test_a_cut_behind_the_end(film: Film, clips: Clips, tmp_path: Path) -> None:
    wrong = replace(film, clips=(FilmClip(clips.first, "One", in_s=5.0),))
    refused(wrong, tmp_path / "film.fcpxml", ValueError, "Nothing of One is in the film")


def test_a_folder_that_is_not_there(film: Film, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no folder"):
        write_handoff(film, tmp_path / "none" / "film.otio", Kind.OTIO)


def test_an_edl_counts_to_999(clips: Clips, tmp_path: Path) -> None:
    many = Film("Many", tuple(FilmClip(clips.first, "One") for _ in range(1000)))
    with pytest.raises(ValueError, match="at most 999 clips"):
        write_handoff(many, tmp_path / "film.edl", Kind.EDL)


def test_the_ending_says_the_form() -> None:
    kinds = [Kind.of(Path(f"film{ending}")) for ending in (".otio", ".fcpxml", ".XML", ".edl")]
    assert kinds == list(Kind)
    with pytest.raises(ValueError, match=r"ends in \.otio, \.fcpxml, \.xml, \.edl"):
        Kind.of(Path("film.aaf"))


async def test_a_process_of_its_own_writes_it(film: Film, clips: Clips, tmp_path: Path) -> None:
    written = await hand_off(film, tmp_path / "film.xml")
    assert written.drafted.clips == 4
    assert str(clips.folder.name)[:2] in written.path.read_text()
    assert _children() == []


async def test_errors_come_through_from_the_process(film: Film, tmp_path: Path) -> None:
    gone = replace(film, clips=(FilmClip(tmp_path / "gone.mp4", "One"),))
    with pytest.raises(StudioError, match=r"gone\.mp4 is gone"):
        await hand_off(gone, tmp_path / "film.otio")
    wrong = replace(film, clips=(FilmClip(film.clips[0].path, "One", in_s=5.0),))
    with pytest.raises(ValueError, match="Nothing of One"):
        await hand_off(wrong, tmp_path / "film.otio")
    assert list(tmp_path.iterdir()) == []


async def test_cancelling_leaves_the_old_file_and_no_process(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "film.otio"
    path.write_text("what was there")
    work = asyncio.create_task(hand_off(film, path))
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(_children):
            continue
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert _children() == []
    assert [one.name for one in tmp_path.iterdir()] == ["film.otio"]
    assert path.read_text() == "what was there"


async def test_cancelling_while_the_process_starts_leaves_none(film: Film, tmp_path: Path) -> None:
    for turns in range(1, 6):
        work = asyncio.create_task(hand_off(film, tmp_path / "film.otio"))
        # cancelled before, while and after the process is started: all of it has to end the same way
        for _ in range(turns * 3):
            await asyncio.to_thread(lambda: None)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert _children() == []
    assert list(tmp_path.iterdir()) == []


def _children() -> list[psutil.Process]:
    """Workers of this test's process; Python's own keeper of shared things is none."""
    found = []
    for child in psutil.Process().children():
        with_words = child.cmdline() if child.is_running() else []
        if any("spawn_main" in word for word in with_words):
            found.append(child)
    return found
