from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PyQt6.QtGui import QImage

from tests.transport.clips import coloured, rising
from tests.ui.parts.samples import generation
from tests.ui.parts.timed_clips import moment_ms, timed_clip
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.thumbnails import DAMAGED, MISSING, Thumbnails


@pytest.fixture
async def thumbnails(tmp_path: Path) -> AsyncIterator[Thumbnails]:
    made = Thumbnails(tmp_path / "thumbnails", timeout_s=120.0)
    yield made
    await made.close()


async def test_thumbnails_are_made_once(thumbnails: Thumbnails, video_file: Path) -> None:
    first, second = await asyncio.gather(
        thumbnails.ensure("one", video_file), thumbnails.ensure("one", video_file)
    )
    assert first == second == thumbnails.path_for("one")
    made_at = first.stat().st_mtime_ns
    assert await thumbnails.ensure("one", video_file) == first
    assert first.stat().st_mtime_ns == made_at


async def test_c17_a_damaged_file_is_asked_about_once_until_it_changes(
    thumbnails: Thumbnails, video_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    assert await thumbnails.ensure("broken", broken) is None
    assert thumbnails.problem("broken") == DAMAGED
    await until(lambda: thumbnails._made == 0)  # it tidied up
    pid = worker_pid(thumbnails)
    os.kill(pid, signal.SIGSTOP)
    # a stopped worker answers nobody: it is not asked
    assert await thumbnails.ensure("broken", broken) is None
    assert await thumbnails.ensure_strip("broken", broken) is None
    os.kill(pid, signal.SIGCONT)
    broken.write_bytes(video_file.read_bytes())
    assert await thumbnails.ensure("broken", broken) == thumbnails.path_for("broken")
    assert thumbnails.problem("broken") == ""


async def test_a_missing_file_is_noticed_also_where_its_poster_is_kept(
    thumbnails: Thumbnails, video_file: Path
) -> None:
    assert await thumbnails.ensure("one", video_file) is not None
    away = video_file.rename(video_file.with_name("moved.mp4"))
    assert await thumbnails.ensure("one", video_file) is None
    assert thumbnails.problem("one") == MISSING
    away.rename(video_file)
    assert await thumbnails.ensure("one", video_file) is not None
    assert thumbnails.problem("one") == ""


async def test_a_folder_in_place_of_the_file_counts_as_missing(
    thumbnails: Thumbnails, tmp_path: Path
) -> None:
    assert await thumbnails.ensure("one", tmp_path) is None
    assert thumbnails.problem("one") == MISSING


async def test_another_file_in_its_place_gets_another_poster(
    thumbnails: Thumbnails, tmp_path: Path
) -> None:
    video = coloured(tmp_path / "a.mp4", 64, 48)
    path = await thumbnails.ensure("one", video)
    assert path is not None
    before = path.read_bytes()
    rising(video)
    later = path.stat().st_mtime + 60
    os.utime(video, (later, later))
    assert await thumbnails.ensure("one", video) == path
    assert path.read_bytes() != before
    made_at = path.stat().st_mtime_ns
    # its moment lies ahead of our clock: still one poster, not one at every look
    assert await thumbnails.ensure("one", video) == path
    assert path.stat().st_mtime_ns == made_at


async def test_strips_are_made_on_demand_and_kept(
    thumbnails: Thumbnails, video_file: Path, tmp_path: Path
) -> None:
    strip = await thumbnails.ensure_strip("one", video_file)
    assert strip == thumbnails.strip_path_for("one")
    assert strip.is_file()
    assert not thumbnails.path_for("one").exists()
    made_at = strip.stat().st_mtime_ns
    assert await thumbnails.ensure_strip("one", video_file) == strip
    assert strip.stat().st_mtime_ns == made_at
    picture = tmp_path / "a.png"
    Image.new("RGB", (64, 48)).save(picture)
    assert await thumbnails.ensure_strip("picture", picture) is None
    assert thumbnails.problem("picture") == ""


async def test_a_cover_is_the_frame_of_its_moment(thumbnails: Thumbnails, tmp_path: Path) -> None:
    clip = timed_clip(tmp_path / "timed.mp4")
    covers = {}
    for at_s in (0.0, 0.4, 1.6, 60.0):
        path = await thumbnails.ensure("one", clip, at_s)
        assert path == thumbnails.path_for("one", at_s)
        covers[at_s] = moment_ms(QImage(str(path)))
    usual = await thumbnails.ensure("one", clip)
    assert usual == thumbnails.path_for("one")
    assert moment_ms(QImage(str(usual))) == pytest.approx(1000, abs=60)
    assert covers[0.0] == pytest.approx(0, abs=60)
    assert covers[0.4] == pytest.approx(400, abs=60)
    assert covers[1.6] == pytest.approx(1600, abs=60)
    # beyond the end it is the last one
    assert covers[60.0] == pytest.approx(1960, abs=60)


async def test_the_cover_of_a_removed_clip_goes_with_it(
    thumbnails: Thumbnails, video_file: Path
) -> None:
    gone = generation(1, video_path=video_file, cover_at_s=0.25)
    cover = await thumbnails.ensure(gone.uuid, video_file, 0.25)
    assert cover is not None
    assert cover != await thumbnails.ensure(gone.uuid, video_file)
    thumbnails.on_event(GenerationEvent(EventKind.REMOVED, gone))
    await until(lambda: not cover.exists() and not thumbnails.path_for(gone.uuid).exists())


async def test_the_pictures_of_a_removed_clip_go_with_it(
    thumbnails: Thumbnails, video_file: Path
) -> None:
    gone = generation(1, video_path=video_file)
    poster = await thumbnails.ensure(gone.uuid, video_file)
    strip = await thumbnails.ensure_strip(gone.uuid, video_file)
    other = await thumbnails.ensure("other", video_file)
    assert poster is not None
    assert strip is not None
    assert other is not None
    thumbnails.on_event(GenerationEvent(EventKind.UPDATED, gone))
    thumbnails.on_event(GenerationEvent(EventKind.REMOVED, gone))
    await until(lambda: not poster.exists() and not strip.exists())
    assert other.exists()


async def test_a_clip_removed_while_its_poster_is_made_leaves_none(
    thumbnails: Thumbnails, video_file: Path
) -> None:
    assert await thumbnails.ensure("warm", video_file) is not None
    await until(lambda: thumbnails._made == 0)  # it tidied up
    pid = worker_pid(thumbnails)
    os.kill(pid, signal.SIGSTOP)
    wish = asyncio.create_task(thumbnails.ensure("one", video_file))
    await until(lambda: thumbnails._making == "one")
    thumbnails.drop("one")
    os.kill(pid, signal.SIGCONT)
    assert await wish is None
    await until(lambda: not thumbnails.path_for("one").exists())


async def test_a_cache_folder_that_vanished_is_made_again(
    thumbnails: Thumbnails, video_file: Path
) -> None:
    first = await thumbnails.ensure("one", video_file)
    assert first is not None
    shutil.rmtree(first.parent)
    assert await thumbnails.ensure("one", video_file) == first
    assert first.is_file()


async def test_a_cache_that_cannot_be_written_says_nothing_about_the_clip(
    tmp_path: Path, video_file: Path
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    thumbnails = Thumbnails(tmp_path / "file" / "thumbnails", rest_s=0.0, timeout_s=120.0)
    try:
        assert await thumbnails.ensure("one", video_file) is None
        assert thumbnails.problem("one") == ""
        (tmp_path / "file").unlink()
        assert await thumbnails.ensure("one", video_file) is not None
    finally:
        await thumbnails.close()


async def test_the_longest_unused_go_when_there_are_too_many(
    tmp_path: Path, video_file: Path
) -> None:
    folder = tmp_path / "thumbnails"
    folder.mkdir()
    for number in range(10):
        old = folder / f"old-{number}.jpg"
        old.write_bytes(bytes(10_000))
        os.utime(old, (1_700_000_000 + number, 1_700_000_000))
    half = folder / ".half.jpg.123.tmp"
    half.write_bytes(b"half")
    os.utime(half, (1_700_000_000, 1_700_000_000))
    (folder / ".writing.jpg.124.tmp").write_bytes(b"now")
    (folder / "notes.txt").write_bytes(bytes(100_000))
    thumbnails = Thumbnails(folder, most_bytes=100_000, idle_s=60.0, timeout_s=120.0)
    try:
        made = await thumbnails.ensure("one", video_file)
        assert made is not None
        await until(lambda: not half.exists() and not (folder / "old-0.jpg").exists())
        await until(lambda: sum(one.stat().st_size for one in folder.glob("*.jpg")) <= 90_000)
        assert made.exists()
        assert (folder / "old-9.jpg").exists()
        assert (folder / "notes.txt").exists()
        assert (folder / ".writing.jpg.124.tmp").exists()
    finally:
        await thumbnails.close()


async def test_a_look_counts_as_use(thumbnails: Thumbnails, video_file: Path) -> None:
    made = await thumbnails.ensure("one", video_file)
    assert made is not None
    facts = made.stat()
    os.utime(made, ns=(1_700_000_000 * 10**9, facts.st_mtime_ns))
    assert await thumbnails.ensure("one", video_file) == made
    assert made.stat().st_atime > facts.st_atime - 60
    assert made.stat().st_mtime_ns == facts.st_mtime_ns


async def test_a_killed_worker_is_replaced_and_its_wish_made_by_the_next(
    thumbnails: Thumbnails, video_file: Path, tmp_path: Path
) -> None:
    """What a decoder, or a system without memory, can do to a process: it is gone in the middle."""
    assert await thumbnails.ensure("one", video_file) is not None
    await until(lambda: thumbnails._made == 0)  # it tidied up
    pid = worker_pid(thumbnails)
    os.kill(pid, signal.SIGSTOP)
    wish = asyncio.create_task(thumbnails.ensure("two", video_file))
    await until(lambda: thumbnails._making == "two")
    os.kill(pid, signal.SIGKILL)
    assert await wish == thumbnails.path_for("two")
    assert worker_pid(thumbnails) != pid
    assert sorted(entry.name for entry in (tmp_path / "thumbnails").iterdir()) == [
        "one.jpg",
        "two.jpg",
    ]


async def test_a_worker_that_hangs_is_given_up(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails", timeout_s=0.3)
    try:
        # a pipe that nobody writes to: opening it never returns
        os.mkfifo(tmp_path / "pipe.mp4")
        assert await thumbnails.ensure("one", tmp_path / "pipe.mp4") is None
    finally:
        await thumbnails.close()


async def test_an_idle_worker_ends_and_comes_back(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails", idle_s=0.05, timeout_s=120.0)
    try:
        assert await thumbnails.ensure("one", video_file) is not None
        assert thumbnails._pump is not None
        await thumbnails._pump
        assert thumbnails._worker is None
        assert await thumbnails.ensure("two", video_file) is not None
    finally:
        await thumbnails.close()


async def test_the_newest_wish_comes_first(tmp_path: Path, video_file: Path) -> None:
    """While the worker is busy with a pipe that nobody writes to, three others are asked for."""
    thumbnails = Thumbnails(tmp_path / "thumbnails", timeout_s=1.0)
    order: list[str] = []
    os.mkfifo(tmp_path / "pipe.mp4")

    async def ensure(uuid: str, path: Path) -> None:
        await thumbnails.ensure(uuid, path)
        order.append(uuid)

    async def ensure_strip() -> None:
        await thumbnails.ensure_strip("first", video_file)
        order.append("strip")

    try:
        busy = asyncio.create_task(ensure("pipe", tmp_path / "pipe.mp4"))
        await until(lambda: thumbnails._making == "pipe")
        wishes = [busy]
        for uuid in ("first", "second", "third"):
            wishes.append(asyncio.create_task(ensure(uuid, video_file)))
            await until(lambda: len(thumbnails._wishes) == len(wishes) - 1)
        wishes.append(asyncio.create_task(ensure_strip()))
        await asyncio.gather(*wishes)
    finally:
        await thumbnails.close()
    assert order == ["pipe", "third", "second", "first", "strip"]


async def test_closing_ends_every_wish(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    wishes = [asyncio.create_task(thumbnails.ensure(str(n), video_file)) for n in range(3)]
    await asyncio.sleep(0)
    await thumbnails.close()
    assert await asyncio.gather(*wishes) == [None, None, None]
    await thumbnails.close()


def test_the_worker_dies_with_its_parent(tmp_path: Path, video_file: Path) -> None:
    import subprocess
    import sys

    code = f"""
import asyncio, os, signal
from pathlib import Path
from veo_studio.core.thumbnails import Thumbnails

async def main():
    thumbnails = Thumbnails(Path({str(tmp_path)!r}) / "thumbnails")
    assert await thumbnails.ensure("one", Path({str(video_file)!r}))
    print(thumbnails._worker.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""
    script = tmp_path / "parent.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        # the pipe to us ends when the last process that inherited it does
        parent.stdout.read()
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.wait_procs([psutil.Process(pid)], timeout=0.5)
    # killed children of nobody stay listed until somebody asks for them
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def worker_pid(thumbnails: Thumbnails) -> int:
    assert thumbnails._worker is not None
    pid = thumbnails._worker.pid
    assert pid is not None
    return pid


async def until(is_so: Callable[[], bool]) -> None:
    """What threads and processes do has no signal for us."""
    async with asyncio.timeout(120):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
