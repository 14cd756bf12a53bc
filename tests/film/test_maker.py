"""Films by the worker process: plans, progress, cancelling, kills, full disks, and what is left behind."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.exporting.clips import levels, write_clip
from tests.faults.disks import SmallDisk
from tests.film.conftest import clip, film
from veo_studio.core.errors import DiskFull, StorageError
from veo_studio.core.exporting.failures import failure_of
from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Unreadable, Way
from veo_studio.core.film import making
from veo_studio.core.film.maker import FilmMaker
from veo_studio.core.film.models import Film, FilmFormat, FilmPlan
from veo_studio.core.film.writing import FilmTask
from veo_studio.core.placing import sha256_of
from veo_studio.core.storyboard.models import Soundtrack

ROOT = Path(__file__).parents[2]
SLOW = FilmFormat(Form.H265, may_copy=False)


@pytest.fixture
async def maker(tmp_path: Path) -> AsyncIterator[FilmMaker]:
    made = FilmMaker(tmp_path / "notes")
    yield made
    await made.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    return write_clip(folder / "large.mp4", seconds=2, fps=25, size=(640, 360), has_sound=False)


def long_film(large: Path) -> Film:
    """Minutes of work for its encoder, whatever the machine."""
    return film(*(clip(large, number) for number in range(1, 200)))


class Begun(asyncio.Event):
    """Set when the first picture is in the file."""

    def tell(self, fraction: float) -> None:
        if fraction > 0:
            self.set()


async def test_a_film_gets_a_name_that_nothing_has(maker, clips, out):
    (out / "film.mp4").write_text("somebody's")
    seen: list[float] = []
    before = sha256_of(clips["a"])
    two = film(clip(clips["a"], subtitle="Where to?"), clip(clips["b"], 2))
    plan = await maker.plan(two)
    made = await maker.make(two, out / "film.mp4", FilmFormat(), seen.append)
    assert made.path == out / "film_2.mp4"
    assert (made.way, plan.way) == (Way.KEPT, Way.KEPT)
    assert made.duration_s == pytest.approx(plan.duration_s, abs=0.05)
    assert sorted(path.name for path in out.iterdir()) == ["film.mp4", "film_2.mp4"]
    assert (out / "film.mp4").read_text() == "somebody's"
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert sha256_of(clips["a"]) == before
    assert maker.worker_pid is None
    again = await maker.make(two, out / "film.mp4", FilmFormat(may_copy=False))
    assert (again.path.name, again.way) == ("film_3.mp4", Way.ENCODED)


async def test_a_cancelled_film_leaves_nothing(maker, clips, large, out, tmp_path):
    begun = Begun()
    work = asyncio.ensure_future(maker.make(long_film(large), out / "film.mp4", SLOW, begun.tell))
    await asyncio.wait_for(begun.wait(), 60)
    pid = maker.worker_pid
    assert [path.suffix for path in out.iterdir()] == [".part"]
    # another one can be planned meanwhile
    assert (await maker.plan(film(clip(clips["a"])))).duration_s == pytest.approx(2.0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert list(out.iterdir()) == []
    assert not psutil.pid_exists(pid)
    # and the next one is made as if nothing had been
    made = await maker.make(film(clip(clips["b"])), out / "film.mp4", FilmFormat())
    assert made.path == out / "film.mp4"


async def test_a_film_that_is_finished_while_it_is_cancelled_goes_as_well(
    maker, clips, out, monkeypatch
):
    loop = asyncio.get_running_loop()
    placing, may_go_on = asyncio.Event(), threading.Event()
    sync = os.fsync

    def slow_disk(number: int) -> None:
        if threading.current_thread().name.startswith("export"):
            loop.call_soon_threadsafe(placing.set)
            assert may_go_on.wait(60)
        sync(number)

    monkeypatch.setattr(os, "fsync", slow_disk)
    work = asyncio.ensure_future(maker.make(film(clip(clips["b"])), out / "film.mp4", FilmFormat()))
    await asyncio.wait_for(placing.wait(), 60)
    work.cancel()
    loop.call_soon(may_go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert list(out.iterdir()) == []


async def test_a_plan_that_nobody_waits_for_disturbs_no_other(maker, clips):
    begun = asyncio.Event()

    async def plan() -> FilmPlan:
        begun.set()
        return await maker.plan(film(clip(clips["a"])))

    plans = [asyncio.ensure_future(plan()) for _ in range(3)]
    await begun.wait()
    plans[0].cancel()
    found = await asyncio.gather(*plans, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [one.duration_s for one in found[1:]] == [pytest.approx(2.0)] * 2
    other = await maker.plan(film(clip(clips["b"])))
    assert other.duration_s == pytest.approx(1.0)
    await maker.rest()
    assert (await maker.plan(film(clip(clips["b"])))).way is Way.KEPT
    assert await maker.locked(Form.PRORES) == ""


async def test_a_worker_that_is_killed_is_told_and_nothing_is_left(maker, large, out):
    begun = Begun()
    work = asyncio.ensure_future(maker.make(long_film(large), out / "film.mp4", SLOW, begun.tell))
    await asyncio.wait_for(begun.wait(), 60)
    os.kill(maker.worker_pid, signal.SIGKILL)
    with pytest.raises(Unreadable, match="ended"):
        await work
    assert list(out.iterdir()) == []


async def test_closing_ends_what_runs(large, out, tmp_path):
    maker = FilmMaker(tmp_path / "notes")
    begun = Begun()
    work = asyncio.ensure_future(maker.make(long_film(large), out / "film.mp4", SLOW, begun.tell))
    await asyncio.wait_for(begun.wait(), 60)
    await maker.close()
    with pytest.raises(StorageError, match="closing"):
        await work
    assert list(out.iterdir()) == []
    assert list((tmp_path / "notes").iterdir()) == []


KILLED = """
    import asyncio, sys
    from pathlib import Path
    from veo_studio.core.exporting.presets import Form
    from veo_studio.core.film.maker import FilmMaker
    from veo_studio.core.film.models import Film, FilmClip, FilmFormat

    def tell(fraction):
        if fraction > 0:
            print("begun", flush=True)

    async def main():
        notes, source, out = map(Path, sys.argv[1:])
        clips = tuple(FilmClip(source, f"Scene {number}") for number in range(200))
        form = FilmFormat(Form.H265, may_copy=False)
        await FilmMaker(notes).make(Film("Long", clips), out / "film.mp4", form, tell)

    if __name__ == "__main__":
        asyncio.run(main())
"""


async def test_what_a_killed_program_left_goes_at_the_next_start(maker, large, out, tmp_path):
    notes = tmp_path / "notes"
    child = started(tmp_path, notes, large, out)
    try:
        assert await asyncio.to_thread(child.stdout.readline) == b"begun\n"
        workers = psutil.Process(child.pid).children(recursive=True)
        assert workers
        # while it lives, nobody takes its part away
        assert await maker.sweep() == 0
    finally:
        child.kill()
        await asyncio.to_thread(child.wait)
        child.stdout.close()
    _gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, 30)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert len(list(out.iterdir())) == 1
    assert await maker.sweep() == 1
    assert list(out.iterdir()) == []


def started(tmp_path: Path, notes: Path, large: Path, out: Path) -> subprocess.Popen[bytes]:
    script = tmp_path / "film.py"
    script.write_text(textwrap.dedent(KILLED))
    arguments = [sys.executable, str(script), str(notes), str(large), str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment)


async def test_what_is_gone_or_broken_is_named_before_anything_is_written(
    maker, clips, out, tmp_path
):
    gone = film(clip(clips["a"]), clip(tmp_path / "gone.mp4", 2))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip at all")
    for one, kind, words in (
        (gone, StorageError, r"Scene 2: The file gone\.mp4 is gone"),
        (film(clip(broken)), Unreadable, "Scene 1: broken"),
        (film(clip(clips["a"], in_s=9.0)), Unreadable, "Scene 1: The in and out points"),
        (film(), ValueError, "at least one clip"),
    ):
        with pytest.raises(kind, match=words):
            await maker.plan(one)
        with pytest.raises(kind, match=words):
            await maker.make(one, out / "film.mp4", FilmFormat())
    one = film(clip(clips["b"]))
    silent = replace(one, soundtrack=Soundtrack(tmp_path / "gone.wav"))
    with pytest.raises(StorageError, match=r"soundtrack gone\.wav is gone") as caught:
        await maker.make(silent, out / "film.mp4", FilmFormat())
    # what to do about it comes through the pipe: there is nothing to make room for
    assert caught.value.action == "Put it back, or choose another one."
    with pytest.raises(StorageError, match="is not there"):
        await maker.make(one, tmp_path / "nowhere" / "film.mp4", FilmFormat())
    with pytest.raises(ValueError, match=r"ends in \.mov"):
        await maker.make(one, out / "film.mp4", FilmFormat(Form.PRORES))
    assert list(out.iterdir()) == []


async def test_a_folder_that_goes_away_is_told(maker, large, out, tmp_path):
    moved = tmp_path / "moved"

    def take_away(fraction: float) -> None:
        if fraction > 0 and not moved.exists():
            out.rename(moved)
            os.kill(maker.worker_pid, signal.SIGKILL)

    with pytest.raises(StorageError, match="not there any more"):
        await maker.make(long_film(large), out / "film.mp4", SLOW, take_away)


async def test_a_full_disk_is_told_before_anything_is_written(maker, clips, tmp_path):
    disk = SmallDisk()
    folder = tmp_path / "small"
    disk.mount(folder)
    try:
        if disk.is_real:
            with pytest.raises(DiskFull):
                await maker.make(film(clip(clips["b"])), folder / "film.mp4", FilmFormat())
        assert list(folder.iterdir()) == []
    finally:
        disk.close()


@pytest.mark.parametrize("form", [FilmFormat(), FilmFormat(Form.PRORES)])
def test_a_disk_that_becomes_full_is_told_as_one(clips, large, tmp_path, form):
    disk = SmallDisk()
    folder = tmp_path / "small"
    disk.mount(folder)
    try:
        disk.fill()
        if not disk.is_real:
            return
        part = folder / ".part"
        with pytest.raises(OSError) as caught:
            making.make(FilmTask(film(clip(large)), part, form), lambda _done: None)
        assert caught.value.errno == errno.ENOSPC
        told = failure_of(caught.value, "The film", part)
        assert told == ("full", (f"The disk of {folder} is full.", None))
    finally:
        disk.close()


async def test_two_films_are_made_one_after_the_other(maker, clips, out):
    first, second = await asyncio.gather(
        maker.make(film(clip(clips["b"])), out / "film.mp4", FilmFormat()),
        maker.make(film(clip(clips["mute"])), out / "film.mp4", FilmFormat(Form.H265)),
    )
    assert {first.path.name, second.path.name} == {"film.mp4", "film_2.mp4"}
    assert len(levels(first.path)) == len(levels(second.path)) == 10
