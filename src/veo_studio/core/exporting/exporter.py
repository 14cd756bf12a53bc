"""Exports one after another: names, parts, the worker, and what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.exporting.names import free_name
from veo_studio.core.exporting.parts import Parts
from veo_studio.core.exporting.presets import ExportPreset, Form
from veo_studio.core.exporting.tasks import Made, Task, Unreadable, check_cut
from veo_studio.core.exporting.worker import ExportWorker, WorkerEnded
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import disk_full
from veo_studio.core.placing import finish

if TYPE_CHECKING:
    from veo_studio.core.exporting.sources import SourceFacts
    from veo_studio.core.recipe import Recipe

_T = TypeVar("_T")
# an estimate of so little time says nothing
_ESTIMATE_AFTER_S = 1.0
# so much stays free on the disk of an export
_KEPT_FREE_BYTES = 20_000_000


@dataclass(frozen=True)
class ExportJob:
    """One file to make: `stem` is its name without ending, `in_s` and `out_s` are seconds of the clip."""

    source: Path
    folder: Path
    stem: str
    preset: ExportPreset
    in_s: float | None = None
    out_s: float | None = None
    recipe: Recipe | None = None
    generation_id: int | None = None
    # of the whole clip, where it is known
    length_s: float | None = None

    @property
    def taken_s(self) -> float | None:
        """How much of the clip is taken, in seconds."""
        end_s = self.length_s if self.out_s is None else self.out_s
        return None if end_s is None else max(0.0, end_s - (self.in_s or 0.0))

    @property
    def suffix(self) -> str:
        """A picture stays one whatever the preset is for clips."""
        from veo_studio.core.picture_file import is_picture_name

        if is_picture_name(self.source) and self.preset.form is not Form.STILL:
            return self.source.suffix.lower()
        return self.preset.suffix(self.source.suffix)


@dataclass(frozen=True)
class ExportProgress:
    """`fraction` is of the file that is being made, `index` counts from 0; `speed` is clip seconds per second."""

    index: int
    count: int
    fraction: float
    speed: float | None = None
    remaining_s: float | None = None

    @property
    def whole_fraction(self) -> float:
        return (self.index + self.fraction) / max(1, self.count)


@dataclass(frozen=True)
class ExportResult:
    """`path` is None where there is no file: it failed with `error`, or was cancelled."""

    job: ExportJob
    path: Path | None = None
    made: Made | None = None
    error: Exception | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.path is None and self.error is None


class Exporter:
    """Made once per program; `notes` is the folder where unfinished parts are noted."""

    def __init__(self, notes: Path) -> None:
        self._parts = Parts(notes)
        self._line = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._worker: ExportWorker | None = None
        self._looker: ExportWorker | None = None
        self._threads = ThreadPoolExecutor(2, "export")
        self._is_closed = threading.Event()

    @property
    def worker_pid(self) -> int | None:
        """Of the process that works now."""
        return None if self._worker is None else self._worker.pid

    async def sweep(self) -> int:
        """At the start: what a program that was killed left of its exports."""
        return await asyncio.to_thread(self._parts.sweep)

    async def look(self, source: Path) -> SourceFacts:
        """What is in a file, also while another one is being made. Raises StudioError."""

        def ask() -> SourceFacts:
            return self._looker_of_now().look(source)

        async with self._looking:
            try:
                return await self._in_thread(ask)
            except WorkerEnded as error:
                await self._drop_looker()
                raise Unreadable(f"{source.name} cannot be read.") from error

    async def locked(self, form: Form) -> str:
        """Why files of this form cannot be made here; "" where they can."""
        async with self._looking:
            try:
                return await self._in_thread(lambda: self._looker_of_now().locked(form))
            except WorkerEnded:
                await self._drop_looker()
                return ""

    async def run(
        self,
        jobs: Sequence[ExportJob],
        on_progress: Callable[[ExportProgress], None] = lambda _progress: None,
        on_result: Callable[[ExportResult], None] = lambda _result: None,
    ) -> list[ExportResult]:
        """Make them one after another; one that fails stops no other.

        Cancelling the task ends the one that is being made; nothing of it is left, what was finished
        before stays and was told to `on_result`.
        """
        results: list[ExportResult] = []
        taken: set[str] = set()
        async with self._line:
            try:
                for index, job in enumerate(jobs):
                    follow = _Following(index, len(jobs), job, on_progress)
                    results.append(await self._one(job, taken, follow, on_result))
            finally:
                worker, self._worker = self._worker, None
                if worker is not None:
                    await asyncio.shield(asyncio.to_thread(worker.close))
        return results

    async def _one(
        self,
        job: ExportJob,
        taken: set[str],
        follow: _Following,
        on_result: Callable[[ExportResult], None],
    ) -> ExportResult:
        stop = threading.Event()
        loop = asyncio.get_running_loop()

        def tell(fraction: float) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(follow.tell, fraction)

        work = loop.run_in_executor(self._threads, self._make, job, taken, tell, stop)
        try:
            result = await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            if self._worker is not None:
                self._worker.kill()
            # its part is gone when the thread is through, however often somebody cancels
            while not work.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({work})
            if work.exception() is None and work.result().path is not None:
                # it was too late: the file has its name
                on_result(work.result())
            raise
        on_result(result)
        return result

    def _make(
        self,
        job: ExportJob,
        taken: set[str],
        tell: Callable[[float], None],
        stop: threading.Event,
    ) -> ExportResult:
        """In the thread."""
        try:
            check_cut(job.in_s, job.out_s)
            job.preset.check()
            _check_places(job)
            part = self._parts.new(job.folder)
        except (StudioError, ValueError) as error:
            return ExportResult(job, error=error)
        try:
            task = Task(
                job.source, part, job.suffix, job.preset, job.in_s, job.out_s, job.recipe
            )  # fmt: skip
            made = self._ask_worker(task, tell, stop)
            if made is None:
                return ExportResult(job)
            path = place(part, job, taken)
            taken.add(path.name.casefold())
            return ExportResult(job, path, made)
        except (StudioError, ValueError) as error:
            return ExportResult(job, error=_told(error, job))
        finally:
            self._parts.done(part)

    def _ask_worker(
        self, task: Task, tell: Callable[[float], None], stop: threading.Event
    ) -> Made | None:
        if stop.is_set() or self._is_closed.is_set():
            return None
        if self._worker is None or not self._worker.is_alive:
            if self._worker is not None:
                self._worker.close()
            self._worker = ExportWorker()
        worker = self._worker
        # whoever cancels sets this first and looks for a worker to kill afterwards: one of us sees it
        if stop.is_set() or self._is_closed.is_set():
            return None
        try:
            return worker.make(task, tell)
        except WorkerEnded as error:
            self._worker = None
            worker.close()
            if stop.is_set() or self._is_closed.is_set():
                return None
            raise Unreadable(
                f"{task.source.name} could not be read: the part of the program that reads it ended."
            ) from error

    def _looker_of_now(self) -> ExportWorker:
        if self._is_closed.is_set():
            raise WorkerEnded
        if self._looker is None or not self._looker.is_alive:
            self._looker = ExportWorker()
        return self._looker

    async def _in_thread(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    async def rest(self) -> None:
        """Nothing is looked at for now: the process for it goes."""
        async with self._looking:
            await self._drop_looker()

    async def _drop_looker(self) -> None:
        looker, self._looker = self._looker, None
        if looker is not None:
            await asyncio.to_thread(looker.close)

    async def close(self) -> None:
        """End what runs, for good; nothing of it is left."""
        self._is_closed.set()
        for worker in (self._worker, self._looker):
            if worker is not None:
                worker.kill()
        async with self._line:
            pass
        await self.rest()
        await asyncio.to_thread(self._parts.close)
        self._threads.shutdown(wait=False)


class _Following:
    """How fast one export is, from its fractions."""

    def __init__(
        self,
        index: int,
        count: int,
        job: ExportJob,
        on_progress: Callable[[ExportProgress], None],
    ) -> None:
        self._index, self._count = index, count
        self._on_progress = on_progress
        self._cut_s = job.taken_s
        self._since = time.monotonic()
        self._fraction = 0.0
        on_progress(ExportProgress(index, count, 0.0))

    def tell(self, fraction: float) -> None:
        fraction = min(1.0, max(self._fraction, fraction))
        if fraction - self._fraction < 0.005 and fraction < 1.0:
            return
        self._fraction = fraction
        took_s = time.monotonic() - self._since
        remaining_s = speed = None
        if took_s > _ESTIMATE_AFTER_S and fraction > 0.02:
            remaining_s = took_s * (1 - fraction) / fraction
            if self._cut_s is not None:
                speed = self._cut_s * fraction / took_s
        self._on_progress(ExportProgress(self._index, self._count, fraction, speed, remaining_s))


def _check_places(job: ExportJob) -> None:
    """Raises StorageError, DiskFull before anything is begun."""
    if not job.source.is_file():
        raise StorageError(
            f"The file {job.source.name} is gone.",
            action="Put it back where it was, or forget the clip.",
        )
    if not job.folder.is_dir():
        raise StorageError(
            f"The folder {job.folder} is not there.", action="Choose another folder."
        )
    if not os.access(job.folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"The folder {job.folder} cannot be written.", action="Choose another folder."
        )
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(job.folder).free - _KEPT_FREE_BYTES
        # what is encoded may become smaller; a copy never does
        needed = job.source.stat().st_size if job.preset.form is Form.COPY else 0
        if free < needed or free <= 0:
            raise disk_full(job.folder, max(needed - free, 1))


def place(part: Path, job: ExportJob, taken: set[str]) -> Path:
    """Give it its name: one that nothing has, the original's least of all."""
    if not job.folder.is_dir():
        raise StorageError(f"The folder {job.folder} is not there any more.")
    while True:
        target = free_name(job.folder, job.stem, job.suffix, taken)
        try:
            return finish(part, target)
        except NameTaken:
            # somebody else's came meanwhile; the next name is looked for
            continue


def _told(error: Exception, job: ExportJob) -> Exception:
    """A folder that went away meanwhile is what happened, whatever the system called it."""
    if isinstance(error, StorageError) and not job.folder.is_dir():
        return StorageError(
            f"The folder {job.folder} is not there any more.", action="Choose another folder."
        )
    return error
