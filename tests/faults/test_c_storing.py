"""Rows C of the fault matrix: what a disk and a folder do to a file that was paid for."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import books, google
from tests.faults.disks import SMALL_BYTES, SmallDisk
from tests.faults.google import Call
from tests.faults.lab import Lab, S
from tests.transport.clips import noise_clip, padded
from tests.transport.file_server import chunked, headers
from veo_studio.core.errors import StorageError
from veo_studio.core.models import ErrorKind, Generation

LARGE = padded(noise_clip(), 20 * 10**6)
_Usage = namedtuple("_Usage", "total used free")


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """To be named before `lab`: it goes after the last look at the files."""
    disk = SmallDisk()
    yield disk
    disk.close()


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "not announced"])
async def test_c12_a_full_disk_holds_the_clip_until_there_is_room(
    small_disk: SmallDisk, lab: Lab, is_announced: bool
) -> None:
    small_disk.mount(lab.paths.outputs)
    lab.google.files.content = LARGE
    if not is_announced:
        lab.google.files.faults = [chunked(len(LARGE))]
        lab.google.files.is_always_faulty = True
    generation = await lab.make()
    stored = await lab.is_held(generation)
    assert stored.error_kind is ErrorKind.STORAGE
    assert stored.error is not None
    if small_disk.is_real:
        assert "is full" in stored.error
        assert "MB more are needed" in stored.error
    assert lab.files() == []
    # full again, by itself and by the button
    held = len(await lab.states(generation))
    await lab.leap(10)
    await lab.until(lambda: is_held_again(lab, generation, held))
    await lab.is_held(generation)
    books.check_database(lab.paths.database)
    small_disk.grow(8 * SMALL_BYTES)
    await lab.leap(300)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


async def is_held_again(lab: Lab, generation: Generation, changes: int) -> bool:
    states = await lab.states(generation)
    return len(states) > changes and states[-1] == "held"


async def test_c12_nothing_is_sent_that_cannot_be_written_down(
    small_disk: SmallDisk, lab: Lab
) -> None:
    await lab.close()
    shutil.rmtree(lab.paths.data)
    small_disk.mount(lab.paths.data)
    studio = await lab.open()
    lab.google.submit_steps.append(google.refuse(429, "X", Retry_After="60"))
    (generation,) = await lab.enqueue()
    await lab.put_back(generation)
    small_disk.fill()
    await lab.leap(60)
    lab.clock.speed = 100
    # long enough for a submit, and for what follows a database that cannot be written
    await lab.clock.sleep(30)
    assert len(lab.google.submits) == 1
    with pytest.raises(StorageError):
        for _ in range(50):
            await lab.enqueue()
    small_disk.free()
    for stored in await studio.generations.page():
        await lab.rest(stored)
        await lab.is_completed(stored)
    await lab.is_completed(generation)
    books.check_database(lab.paths.database)


def failing(name: str, number: int, times: int = 1) -> Callable[[pytest.MonkeyPatch], None]:
    """`os.<name>` fails with this error so often, for part files and folders only."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        real: Callable[..., Any] = getattr(os, name)
        left = [times]

        def broken(first: Any, *rest: Any, **more: Any) -> Any:
            path = str(first) if isinstance(first, Path) else os.readlink(f"/proc/self/fd/{first}")
            if path.endswith(".part") and left[0]:
                left[0] -= 1
                raise OSError(number, os.strerror(number))
            return real(first, *rest, **more)

        monkeypatch.setattr(os, name, broken)

    return patch


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fsync", "link"])
async def test_c13_a_failing_disk_holds_the_clip_and_never_completes_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    failing(call, number)(monkeypatch)
    generation = await lab.make()
    stored = await lab.is_held(generation)
    assert stored.error_kind is ErrorKind.STORAGE
    assert stored.error is not None
    assert str(lab.paths.outputs) in stored.error
    assert lab.files() == []
    await lab.leap(10)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)
    # bytes that could not be synced are not trusted
    assert len(lab.google.downloads) == (1 if call == "link" else 2)
    assert len(lab.google.submits) == 1


async def test_c13_a_folder_that_cannot_be_synced_is_not_a_finished_file(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.fsync, [1]

    def broken(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if path == lab.paths.outputs and left[0]:
            left[0] -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", broken)
    generation = await lab.make()
    await lab.is_held(generation)
    assert lab.files() == []
    await lab.leap(10)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)


async def test_c13_a_slow_sync_does_not_stop_the_loop(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    beats = 0
    during: list[int] = []

    def slow(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".part"):
            before = beats
            time.sleep(0.5)
            during.append(beats - before)
        real(descriptor)

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    monkeypatch.setattr(os, "fsync", slow)
    heart = asyncio.ensure_future(beat())
    await lab.is_completed(await lab.make())
    heart.cancel()
    # 50 where nothing else runs on the machine
    assert during[0] >= 3


async def test_c14_an_endless_body_is_cut_and_gives_the_disk_its_room_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 6 * 10**6
    real = shutil.disk_usage

    def usage(place: Any) -> Any:
        is_ours = Path(place) == lab.paths.outputs
        return _Usage(10**7, 10**7 - free, free) if is_ours else real(place)

    async def endless(call: Call) -> None:
        files = lab.google.files
        await files.head(call.reply, 0, Content_Length=None)
        await call.reply.body(files.content)
        while True:
            await call.reply.body(bytes(65536))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    lab.google.download_steps.append(endless)
    generation = await lab.make()
    stored = await lab.is_held(generation)
    assert stored.error is not None
    assert "is full" in stored.error
    assert lab.files() == lab.parts() == []
    await lab.leap(10)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)


class HalfWay:
    """A download that stops in the middle until the test lets it go on, or breaks there."""

    def __init__(self, lab: Lab) -> None:
        self.goes_on = asyncio.Event()
        self.breaks = False
        lab.google.download_steps.append(self)

    async def __call__(self, call: Call) -> None:
        content = call.google.files.content
        await call.google.files.head(call.reply, 0)
        await call.reply.body(content[:70_000])
        await self.goes_on.wait()
        if not self.breaks:
            await call.reply.body(content[70_000:])

    @staticmethod
    def is_reached(lab: Lab) -> bool:
        return any(part.stat().st_size == 70_000 for part in lab.parts())


@pytest.mark.parametrize("breaks", [False, True], ids=["goes on", "breaks"])
@pytest.mark.parametrize("replacement", ["nothing", "a file", "a link", "a link to nothing"])
async def test_c15_a_folder_that_is_replaced_holds_the_clip_and_nothing_is_written_elsewhere(
    lab: Lab, tmp_path: Path, replacement: str, breaks: bool
) -> None:
    outputs, aside, elsewhere = lab.paths.outputs, tmp_path / "aside", tmp_path / "elsewhere"
    elsewhere.mkdir()
    half = HalfWay(lab)
    half.breaks = breaks
    (generation,) = await lab.enqueue()
    await lab.until(lambda: half.is_reached(lab))
    outputs.rename(aside)
    match replacement:
        case "a file":
            outputs.write_text("not a folder")
        case "a link":
            outputs.symlink_to(elsewhere)
        case "a link to nothing":
            outputs.symlink_to(tmp_path / "nowhere")
    half.goes_on.set()
    await lab.reach(generation, S.HELD)
    await lab.is_held(generation)
    if replacement == "nothing":
        await lab.leap(10)
    else:
        # tried again by itself, and held again
        held = len(await lab.states(generation))
        await lab.leap(10)
        await lab.until(lambda: is_held_again(lab, generation, held))
        assert list(elsewhere.iterdir()) == []
        assert not (tmp_path / "nowhere").exists()
        outputs.unlink()
        aside.rename(outputs)
        await lab.leap(300)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


async def test_c15_a_folder_that_is_read_only_holds_the_clip(
    small_disk: SmallDisk, lab: Lab
) -> None:
    small_disk.mount(lab.paths.outputs)
    small_disk.make_read_only()
    generation = await lab.make()
    stored = await lab.is_held(generation)
    assert stored.error_kind is ErrorKind.STORAGE
    assert lab.google.downloads == []
    small_disk.make_read_only(False)
    await lab.leap(10)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)


def flipped(content: bytes, seed: int, count: int = 1, *, start: int = 0) -> bytes:
    draw = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(count):
        damaged[draw.randrange(start, len(content))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def sent_as(content: bytes, *, digest_of: bytes | None = None) -> google.Step:
    async def step(call: Call) -> None:
        files = call.google.files
        right, files.content = files.content, content
        named: dict[str, str | None] = {}
        if digest_of is not None:
            named["Digest"] = books.digest(digest_of)
        files.faults = [headers(**named)]
        try:
            await files(call.received, call.reply)
        finally:
            files.content = right

    return step


async def test_c17_a_flipped_bit_is_seen_where_there_is_a_sum(lab: Lab) -> None:
    clip = lab.google.files.content
    mdat = clip.index(b"mdat") + 100
    lab.google.download_steps.append(sent_as(flipped(clip, 1, start=mdat), digest_of=clip))
    lab.google.download_default = sent_as(clip, digest_of=clip)
    await lab.is_completed(await lab.make())
    assert len(lab.google.downloads) == 2


async def test_c17_a_damaged_file_without_a_sum_breaks_nothing(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    clip = lab.google.files.content
    inside = clip.rindex(b"moov") + 4
    for seed in range(12):
        damaged = flipped(clip, seed, 20, start=inside)
        lab.google.download_steps.append(sent_as(damaged))
        generation = await lab.make()
        await lab.is_completed(generation, damaged)
        stored = await lab.get(generation)
        assert stored.video_path is not None
        # a picture or none, but never an error
        await lab.studio.thumbnails.ensure(stored.uuid, stored.video_path)
    assert "may be damaged" in caplog.text
