"""Clips as one zip file: whole, or not at all."""

from __future__ import annotations

import asyncio
import errno
import os
import zipfile
from pathlib import Path

import pytest

from tests.ui.parts.samples import generation
from veo_studio.core.errors import StorageError
from veo_studio.core.models import Generation
from veo_studio.core.publishing import zipping
from veo_studio.core.publishing.zipping import ZipProgress, zip_clips


def clip(number: int, path: Path, size: int = 3000) -> Generation:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size))
    return generation(number, video_path=path)


def left_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def test_files_of_one_name_stay_apart_and_missing_ones_are_told(tmp_path: Path) -> None:
    clips = [
        clip(1, tmp_path / "a" / "Boat – Straße.mp4"),
        clip(2, tmp_path / "b" / "BOAT – STRASSE.mp4"),
        clip(3, tmp_path / "c" / "Boat – Straße.mp4"),
        clip(4, tmp_path / "gone.mp4"),
    ]
    (tmp_path / "gone.mp4").unlink()
    target = tmp_path / "out" / "clips.zip"
    target.parent.mkdir()
    told: list[ZipProgress] = []
    made = await zip_clips(clips, target, told.append)
    assert (made.count, made.missing) == (3, ("gone.mp4",))
    assert made.size_bytes == target.stat().st_size
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len({name.casefold() for name in names}) == 3
        for name, one in zip(names, clips, strict=False):
            assert one.video_path is not None
            assert archive.read(name) == one.video_path.read_bytes()
    assert left_in(target.parent) == ["clips.zip"]
    await asyncio.sleep(0)
    assert told
    assert all(0 < one.bytes_done <= one.bytes_total == 9000 for one in told)


async def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    one = clip(1, tmp_path / "gone.mp4")
    (tmp_path / "gone.mp4").unlink()
    with pytest.raises(ValueError, match="still there"):
        await zip_clips([one], tmp_path / "clips.zip")
    assert left_in(tmp_path) == []


async def test_cancelled_it_leaves_what_was_there(tmp_path: Path) -> None:
    clips = [clip(number, tmp_path / "in" / f"{number}.mp4", 4_000_000) for number in range(3)]
    out = tmp_path / "out"
    out.mkdir()
    target = out / "clips.zip"
    target.write_bytes(b"from yesterday")
    begun = asyncio.Event()
    work = asyncio.ensure_future(zip_clips(clips, target, lambda _progress: begun.set()))
    await begun.wait()
    work.cancel()
    ended = (await asyncio.gather(work, return_exceptions=True))[0]
    if isinstance(ended, asyncio.CancelledError):
        assert target.read_bytes() == b"from yesterday"
    else:
        # the last byte was written in the very moment
        assert zipfile.is_zipfile(target)
    assert left_in(out) == ["clips.zip"]


async def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = clip(1, tmp_path / "in" / "1.mp4")
    out = tmp_path / "out"
    out.mkdir()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipping.os, "fsync", full)
    with pytest.raises(StorageError):
        await zip_clips([one], out / "clips.zip")
    assert left_in(out) == []


async def test_a_folder_that_is_gone_is_said_so(tmp_path: Path) -> None:
    one = clip(1, tmp_path / "1.mp4")
    with pytest.raises(StorageError):
        await zip_clips([one], tmp_path / "no such folder" / "clips.zip")
