"""Exports by the worker process: names, queue, progress, cancel, kill, full disks, and what is left behind."""

from __future__ import annotations

import asyncio
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

from tests.exporting.clips import write_clip
from tests.fakes.generations import a_generation
from tests.faults.disks import SmallDisk
from veo_studio.core.errors import DiskFull, StorageError
from veo_studio.core.exporting.exporter import Exporter, ExportJob, ExportProgress, place
from veo_studio.core.exporting.jobs import copy_that_plays, jobs_for
from veo_studio.core.exporting.parts import Parts
from veo_studio.core.exporting.presets import Form, built_in
from veo_studio.core.exporting.tasks import Unreadable, Way
from veo_studio.core.models import GenerationKind, GenerationState
from veo_studio.core.placing import sha256_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def exporter(tmp_path: Path) -> AsyncIterator[Exporter]:
    made = Exporter(tmp_path / "notes")
    yield made
    await made.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def long_clip(tmp_path: Path) -> Path:
    """Minutes of work for the encoder that it is given to, whatever the machine."""
    return write_clip(tmp_path / "long.mp4", seconds=40, fps=25, size=(640, 360), has_sound=False)


def job(source: Path, folder: Path, form: Form = Form.COPY, **fields) -> ExportJob:
    return ExportJob(source, folder, fields.pop("stem", "boat"), built_in(form), **fields)


SLOW = replace(built_in(Form.VP9), rate=1)


async def test_several_are_made_one_after_another_and_none_stops_the_others(
    exporter, clip, out, tmp_path
):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip at all")
    (out / "boat.mp4").write_text("somebody's")
    seen: list[ExportProgress] = []
    before = sha256_of(clip)
    results = await exporter.run(
        [
            job(clip, out),
            job(broken, out, Form.H264),
            job(tmp_path / "gone.mp4", out),
            job(clip, out, Form.H264, stem="Boat"),
            job(clip, tmp_path / "nowhere"),
        ],
        seen.append,
    )
    assert [None if one.path is None else one.path.name for one in results] == [
        "boat_2.mp4", None, None, "Boat.mp4", None,
    ]  # fmt: skip
    kinds = [type(one.error) for one in results]
    assert kinds == [type(None), Unreadable, StorageError, type(None), StorageError]
    assert results[0].made.way is Way.COPIED
    assert sha256_of(clip) == before
    assert (out / "boat.mp4").read_text() == "somebody's"
    assert sorted(path.name for path in out.iterdir()) == ["Boat.mp4", "boat.mp4", "boat_2.mp4"]
    fractions = [one.whole_fraction for one in seen]
    assert fractions == sorted(fractions)
    assert all(one.count == 5 for one in seen)


async def test_a_cancelled_one_leaves_nothing_and_what_was_finished_stays(
    exporter, clip, out, tmp_path
):
    begun = asyncio.Event()
    done = []

    def on_progress(progress: ExportProgress) -> None:
        if progress.index == 1 and progress.fraction > 0:
            begun.set()

    slow = replace(job(long_clip(tmp_path), out, stem="slow"), preset=SLOW)
    work = asyncio.ensure_future(exporter.run([job(clip, out), slow], on_progress, done.append))
    await asyncio.wait_for(begun.wait(), 60)
    pid = exporter.worker_pid
    assert [path.name for path in out.glob(".*")], "it is being written under a hidden name"
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [path.name for path in out.iterdir()] == ["boat.mp4"]
    assert [one.path.name for one in done] == ["boat.mp4"]
    assert not psutil.pid_exists(pid)
    # and the next one is made as if nothing had been
    [again] = await exporter.run([job(clip, out)])
    assert again.path.name == "boat_2.mp4"


async def test_a_file_that_is_finished_while_it_is_cancelled_is_told(
    exporter, clip, out, monkeypatch
):
    loop = asyncio.get_running_loop()
    placing = asyncio.Event()
    may_go_on = threading.Event()
    sync = os.fsync

    def slow_disk(number: int) -> None:
        if threading.current_thread().name.startswith("export"):
            loop.call_soon_threadsafe(placing.set)
            assert may_go_on.wait(60)
        sync(number)

    monkeypatch.setattr(os, "fsync", slow_disk)
    done = []
    jobs = [job(clip, out), job(clip, out, stem="next")]
    work = asyncio.ensure_future(exporter.run(jobs, on_result=done.append))
    await asyncio.wait_for(placing.wait(), 60)
    work.cancel()
    loop.call_soon(work.cancel)
    loop.call_soon(may_go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [one.path for one in done] == [out / "boat.mp4"]
    assert [path.name for path in out.iterdir()] == ["boat.mp4"]


async def test_a_worker_that_is_killed_costs_only_its_own_file(exporter, clip, out, tmp_path):
    begun = asyncio.Event()

    def on_progress(progress: ExportProgress) -> None:
        if progress.index == 0 and progress.fraction > 0:
            begun.set()

    slow = replace(job(long_clip(tmp_path), out, stem="slow"), preset=SLOW)
    work = asyncio.ensure_future(exporter.run([slow, job(clip, out)], on_progress))
    await asyncio.wait_for(begun.wait(), 60)
    os.kill(exporter.worker_pid, signal.SIGKILL)
    first, second = await work
    assert isinstance(first.error, Unreadable)
    assert second.path.name == "boat.mp4"
    assert [path.name for path in out.iterdir()] == ["boat.mp4"]


async def test_closing_ends_what_runs(clip, out, tmp_path):
    exporter = Exporter(tmp_path / "notes")
    begun = asyncio.Event()
    slow = replace(job(long_clip(tmp_path), out, stem="slow"), preset=SLOW)
    work = asyncio.ensure_future(
        exporter.run([slow, job(clip, out)], lambda one: one.fraction > 0 and begun.set())
    )
    await asyncio.wait_for(begun.wait(), 60)
    await exporter.close()
    results = await work
    assert all(one.is_cancelled for one in results)
    assert list(out.iterdir()) == []
    assert list((tmp_path / "notes").iterdir()) == []


KILLED = """
    import asyncio, sys
    from pathlib import Path
    from dataclasses import replace
    from veo_studio.core.exporting.exporter import Exporter, ExportJob
    from veo_studio.core.exporting.presets import Form, built_in

    def tell(progress):
        if progress.fraction > 0:
            print("begun", flush=True)

    async def main():
        notes, source, out = map(Path, sys.argv[1:])
        exporter = Exporter(notes)
        await exporter.run([ExportJob(source, out, "slow", replace(built_in(Form.VP9), rate=1))], tell)

    if __name__ == "__main__":
        asyncio.run(main())
"""


async def test_what_a_killed_program_left_goes_at_the_next_start(exporter, out, tmp_path):
    notes = tmp_path / "notes"
    child = started(tmp_path, notes, out)
    try:
        assert await asyncio.to_thread(child.stdout.readline) == b"begun\n"
        workers = psutil.Process(child.pid).children(recursive=True)
        assert workers
        assert len(list(out.iterdir())) == 1
        # while it lives, nobody takes its part away
        assert await exporter.sweep() == 0
    finally:
        child.kill()
        await asyncio.to_thread(child.wait)
        child.stdout.close()
    # the process that wrote it ends with its parent
    _gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, 30)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert len(list(out.iterdir())) == 1
    assert await exporter.sweep() == 1
    assert list(out.iterdir()) == []
    assert list(notes.iterdir()) == []


def started(tmp_path: Path, notes: Path, out: Path) -> subprocess.Popen[bytes]:
    script = tmp_path / "export.py"
    script.write_text(textwrap.dedent(KILLED))
    arguments = [sys.executable, str(script), str(notes), str(long_clip(tmp_path)), str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment)


def test_a_note_that_was_changed_removes_nothing_else(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    mine = tmp_path / "my film.mp4"
    mine.write_text("mine")
    linked = tmp_path / f".veo-studio-{'a' * 32}.part"
    linked.symlink_to(mine)
    (notes / "x.json").write_text(f'["{mine}", "{linked}", "../x", 5, "\\u0000"]')
    (notes / "y.json").write_text("[" * 10_000)
    assert Parts(notes).sweep() == 0
    assert mine.read_text() == "mine"
    assert linked.is_symlink()


@pytest.mark.parametrize("form", [Form.COPY, Form.PRORES])
async def test_a_full_disk_is_told_and_nothing_is_left(exporter, tmp_path, form):
    source = write_clip(tmp_path / "large.mp4", size=(640, 360), seconds=12, fps=25)
    if form is Form.COPY:
        with source.open("ab") as file:
            # a box that players leave out, so that the copy is larger than the disk
            size = 12 * 2**20
            file.write(size.to_bytes(4, "big") + b"free" + bytes(size - 8))
    disk = SmallDisk()
    folder = tmp_path / "small"
    disk.mount(folder)
    try:
        if not disk.is_real:
            return
        [result] = await exporter.run([job(source, folder, form)])
        assert isinstance(result.error, DiskFull)
        assert list(folder.iterdir()) == []
    finally:
        disk.close()


async def test_a_folder_that_goes_away_is_told(exporter, clip, out, tmp_path):
    moved = tmp_path / "moved"

    def take_away(progress: ExportProgress) -> None:
        if progress.index == 1 and not moved.exists():
            out.rename(moved)

    first, second = await exporter.run([job(clip, out), job(clip, out)], take_away)
    assert first.path is not None
    assert isinstance(second.error, StorageError)
    assert "is not there" in second.error.message
    assert [path.name for path in moved.iterdir()] == ["boat.mp4"]
    # at the very end as well, when the file is whole and gets its name
    part = Parts(tmp_path / "others").new(moved)
    with pytest.raises(StorageError, match="not there any more"):
        place(part, out, "boat", ".mp4", set())


async def test_a_clip_can_be_looked_at_while_another_one_is_made(exporter, clip, out, tmp_path):
    begun = asyncio.Event()
    slow = replace(job(long_clip(tmp_path), out), preset=SLOW)
    work = asyncio.ensure_future(exporter.run([slow], lambda one: one.fraction > 0 and begun.set()))
    await asyncio.wait_for(begun.wait(), 60)
    facts = await exporter.look(clip)
    assert (facts.width_px, facts.key_frames_s) == (96, (0.0, 0.5, 1.0, 1.5))
    assert facts.is_clean_cut(0.5, None)
    assert not facts.is_clean_cut(0.6, None)
    assert await exporter.locked(Form.PRORES) == ""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"x")
    with pytest.raises(Unreadable):
        await exporter.look(broken)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_jobs_of_clips_and_pictures(clip, out, tmp_path):
    done = GenerationState.COMPLETED
    picture = tmp_path / "p.png"
    found = jobs_for(
        [
            a_generation(id=1, state=done, video_path=clip),
            a_generation(id=2, state=GenerationState.FAILED),
            a_generation(id=3, state=done, video_path=picture, kind=GenerationKind.IMAGE),
        ],
        built_in(Form.H264),
        "{number}_{id}",
        out,
        in_s=0.5,
    )
    assert [(one.stem, one.suffix, one.in_s) for one in found] == [
        ("01_1", ".mp4", 0.5), ("02_3", ".png", None),
    ]  # fmt: skip
    plays = copy_that_plays(a_generation(id=1, state=done, video_path=clip))
    assert (plays.folder, plays.stem, plays.preset.form) == (clip.parent, "clip_plays", Form.H264)
