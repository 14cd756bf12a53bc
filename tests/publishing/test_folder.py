"""Delivery into a folder: whole copies, nothing overwritten, and a folder that comes and goes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.disks import SMALL_BYTES, SmallDisk
from tests.publishing.folder_child import killed
from tests.publishing.galleries import found_in, parcel
from tests.transport.clips import noise_clip, padded
from veo_studio.core.answers import ErrorKind
from veo_studio.core.publishing.base import NotTaken, Options, TryAgain
from veo_studio.core.publishing.folder import INFO, FolderPublisher, make
from veo_studio.core.publishing.models import Parcel, Receipt, TargetKind

NAME = "20260301_120000_A_paper_boat_1.mp4"


def nothing(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shared"
    made.mkdir()
    return made


@pytest.fixture
def clip(tmp_path: Path) -> Parcel:
    return parcel(tmp_path / "clips")


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    disk = SmallDisk()
    yield disk
    disk.close()


async def test_a_copy_under_its_own_name(folder: Path, clip: Parcel) -> None:
    told: list[tuple[int, int]] = []
    receipt = await FolderPublisher(folder).send(clip, lambda *both: told.append(both))
    assert found_in(folder) == {NAME: clip.file.read_bytes()}
    assert receipt.place == receipt.facts["path"] == str(folder / NAME)
    assert told[-1] == (clip.size_bytes, clip.size_bytes)


async def test_the_same_delivery_again_is_the_same_file(folder: Path, clip: Parcel) -> None:
    publisher = FolderPublisher(folder)
    first = await publisher.send(clip, nothing)
    before = (folder / NAME).stat()
    assert await publisher.send(clip, nothing) == first
    after = (folder / NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert list(found_in(folder)) == [NAME]


async def test_another_file_of_that_name_stays(folder: Path, clip: Parcel) -> None:
    (folder / NAME).write_bytes(b"somebody else's")
    (folder / "20260301_120000_A_paper_boat_1_2.mp4").symlink_to(folder / "nowhere")
    receipt = await FolderPublisher(folder).send(clip, nothing)
    assert Path(receipt.facts["path"]).name == "20260301_120000_A_paper_boat_1_3.mp4"
    assert (folder / NAME).read_bytes() == b"somebody else's"
    assert not (folder / "nowhere").exists()


async def test_the_clip_itself_is_never_taken_for_its_copy(tmp_path: Path, clip: Parcel) -> None:
    # a target that is the folder of the clips: taking the copy away must leave the clip
    clip.file.rename(clip.file.with_name(clip.name))
    clip = replace(clip, file=clip.file.with_name(clip.name))
    publisher = FolderPublisher(clip.file.parent)
    receipt = await publisher.send(clip, nothing)
    assert receipt.facts["path"] != str(clip.file)
    await publisher.remove(receipt)
    assert clip.file.is_file()


async def test_twenty_at_once_have_twenty_files(folder: Path, tmp_path: Path) -> None:
    clips = [
        replace(parcel(tmp_path / "clips", n), name="boat.mp4", delivery_uuid=f"delivery-{n}")
        for n in range(1, 21)
    ]
    await asyncio.gather(*(FolderPublisher(folder).send(one, nothing) for one in clips))
    assert set(found_in(folder).values()) == {one.file.read_bytes() for one in clips}
    assert len(found_in(folder)) == 20


async def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, clip: Parcel) -> None:
    unplugged = tmp_path / "disk" / "clips"
    publisher = FolderPublisher(unplugged)
    for does in (publisher.send(clip, nothing), publisher.check()):
        with pytest.raises(TryAgain, match="is not there") as caught:
            await does
        assert caught.value.kind is ErrorKind.STORAGE
        assert "Plug in its disk" in (caught.value.action or "")
    assert not unplugged.parent.exists()
    unplugged.mkdir(parents=True)
    await publisher.send(clip, nothing)
    assert list(found_in(unplugged)) == [NAME]


async def test_a_folder_without_permission_says_so(small_disk: SmallDisk, tmp_path: Path) -> None:
    place = tmp_path / "read-only"
    small_disk.mount(place)
    small_disk.make_read_only()
    publisher = FolderPublisher(place)
    with pytest.raises(NotTaken, match="Nothing can be written") as caught:
        await publisher.send(parcel(tmp_path / "clips"), nothing)
    assert "permissions" in (caught.value.action or "")
    with pytest.raises(NotTaken):
        await publisher.check()
    small_disk.make_read_only(False)


async def test_a_full_disk_leaves_nothing_and_takes_it_later(
    small_disk: SmallDisk, tmp_path: Path
) -> None:
    content = padded(noise_clip(), 20 * 10**6)
    large = tmp_path / "large.mp4"
    large.write_bytes(content)
    place = tmp_path / "stick"
    small_disk.mount(place)
    clip = replace(
        parcel(tmp_path / "clips"), file=large, size_bytes=len(content), sha256=_sha256(content)
    )
    # a file system without room may be tried again; one that takes no such file is final
    expected = TryAgain if small_disk.is_real else NotTaken
    with pytest.raises(expected) as caught:
        await FolderPublisher(place).send(clip, nothing)
    assert caught.value.action
    assert found_in(place) == {}
    small_disk.grow(4 * SMALL_BYTES)
    await FolderPublisher(place).send(clip, nothing)
    assert (place / NAME).stat().st_size == len(content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_a_clip_that_changed_or_is_gone_is_not_delivered(folder: Path, clip: Parcel) -> None:
    publisher = FolderPublisher(folder)
    clip.file.write_bytes(clip.file.read_bytes()[:-1] + b"?")
    with pytest.raises(NotTaken, match="is not what it was") as caught:
        await publisher.send(clip, nothing)
    assert "Library" in (caught.value.action or "")
    clip.file.unlink()
    with pytest.raises(NotTaken, match="cannot be read"):
        await publisher.send(clip, nothing)
    assert found_in(folder) == {}


async def test_cancelled_in_the_middle_it_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(padded(noise_clip(), 40 * 10**6))
    clip = replace(parcel(tmp_path / "clips"), file=large, size_bytes=40 * 10**6)
    began = asyncio.Event()
    sending = asyncio.ensure_future(
        FolderPublisher(folder).send(clip, lambda _done, _total: began.set())
    )
    await began.wait()
    sending.cancel()
    # a disk may be quicker than the word: then the checksum, which is another clip's, refuses it
    with pytest.raises((asyncio.CancelledError, NotTaken)):
        await sending
    assert found_in(folder) == {}


async def test_taken_away_unless_somebody_changed_it(folder: Path, clip: Parcel) -> None:
    publisher = FolderPublisher(folder)
    receipt = await publisher.send(clip, nothing)
    await publisher.remove(receipt)
    assert found_in(folder) == {}
    # gone already is no error
    await publisher.remove(receipt)
    await publisher.send(clip, nothing)
    (folder / NAME).write_bytes(b"cut and coloured")
    with pytest.raises(NotTaken, match="was changed since"):
        await publisher.remove(receipt)
    assert found_in(folder) == {NAME: b"cut and coloured"}
    shutil.rmtree(folder)
    with pytest.raises(TryAgain, match="is not there"):
        await publisher.remove(receipt)


async def test_a_link_in_the_place_of_a_part_is_not_written_through(
    folder: Path, tmp_path: Path, clip: Parcel
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (folder / f".veo-studio-copy-{clip.delivery_uuid}.part").symlink_to(victim)
    await FolderPublisher(folder).send(clip, nothing)
    assert victim.read_bytes() == b"mine"
    assert list(found_in(folder)) == [NAME]


@pytest.mark.parametrize("crash", ["folder-copied", "K16", "K17", "folder-placed"])
async def test_killed_in_a_step_and_sent_again_there_is_one_whole_file(
    folder: Path, tmp_path: Path, clip: Parcel, crash: str
) -> None:
    assert await killed(TargetKind.FOLDER, folder, tmp_path / "clips", "send", 1, crash) == -9
    shown = [name for name in found_in(folder) if not name.startswith(".")]
    assert shown in ([], [NAME])
    receipt = await FolderPublisher(folder).send(clip, nothing)
    assert found_in(folder) == {NAME: clip.file.read_bytes()}
    assert receipt == Receipt(
        str(folder / NAME), {"path": str(folder / NAME), "sha256": clip.sha256}
    )


async def test_what_a_kill_left_goes_when_it_is_old(folder: Path, clip: Parcel) -> None:
    old, young = (folder / f".veo-studio-copy-{name}.part" for name in ("old", "young"))
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (1, 1))
    await FolderPublisher(folder).send(clip, nothing)
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("path", ["", "  ", "clips", "../clips", "/a\0b"])
def test_a_path_that_is_none_is_refused_in_words(path: str) -> None:
    info = INFO[TargetKind.FOLDER]
    (field,) = info.fields
    assert field.check is not None
    assert "whole path" in field.check(path)
    with pytest.raises(NotTaken, match="whole path"):
        make(TargetKind.FOLDER, Options(info, {"folder": path}, {}))
    assert field.check("/somewhere") == ""


async def test_the_check_writes_there_and_leaves_nothing(folder: Path) -> None:
    assert "can be written" in await FolderPublisher(folder).check()
    assert found_in(folder) == {}
    file = folder / "file"
    file.write_bytes(b"")
    with pytest.raises(NotTaken, match="is not a folder"):
        await FolderPublisher(file).check()
