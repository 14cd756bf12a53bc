"""Exports one after another: names, parts, the worker, and what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.exporting.bench import Bench
from veo_studio.core.exporting.names import free_name
from veo_studio.core.exporting.presets import ExportPreset, Form
from veo_studio.core.exporting.tasks import Made, Task, Unreadable, check_cut
from veo_studio.core.exporting.worker import WorkerEnded
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import disk_full
from veo_studio.core.placing import finish

if TYPE_CHECKING:
    from veo_studio.core.exporting.sources import SourceFacts
    from veo_studio.core.recipe import Recipe

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
    # see `Task`
    most_bits_s: int | None = None

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
        self._bench = Bench(notes)

    @property
    def worker_pid(self) -> int | None:
        """Of the process that works now."""
        return self._bench.worker_pid

    async def sweep(self) -> int:
        """At the start: what a program that was killed left of its exports."""
        return await asyncio.to_thread(self._bench.parts.sweep)

    async def look(self, source: Path) -> SourceFacts:
        """What is in a file, also while another one is being made. Raises StudioError."""
        try:
            return await self._bench.look(lambda worker: worker.look(source))
        except WorkerEnded as error:
            raise Unreadable(f"{source.name} cannot be read.") from error

    async def locked(self, form: Form) -> str:
        """Why files of this form cannot be made here; "" where they can."""
        try:
            return await self._bench.look(lambda worker: worker.locked(form))
        except WorkerEnded:
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
        async with self._bench.line:
            try:
                for index, job in enumerate(jobs):
                    follow = _Following(index, len(jobs), job, on_progress)
                    results.append(await self._one(job, taken, follow, on_result))
            finally:
                await self._bench.end_worker()
        return results

    async def _one(
        self,
        job: ExportJob,
        taken: set[str],
        follow: _Following,
        on_result: Callable[[ExportResult], None],
    ) -> ExportResult:
        loop = asyncio.get_running_loop()

        def tell(fraction: float) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(follow.tell, fraction)

        def too_late(result: ExportResult) -> None:
            if result.path is not None:
                # the file has its name
                on_result(result)

        result = await self._bench.run(partial(self._make, job, taken, tell), too_late)
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
        parts = self._bench.parts
        try:
            check_cut(job.in_s, job.out_s)
            job.preset.check()
            _check_places(job)
            part = parts.new(job.folder)
        except (StudioError, ValueError) as error:
            return ExportResult(job, error=error)
        try:
            task = Task(
                job.source, part, job.suffix, job.preset, job.in_s, job.out_s, job.recipe,
                job.most_bits_s,
            )  # fmt: skip
            made = self._bench.ask(
                lambda worker: worker.make(task, tell), task.source.name, stop
            )  # fmt: skip
            if made is None:
                return ExportResult(job)
            path = place(part, job.folder, job.stem, job.suffix, taken)
            taken.add(path.name.casefold())
            return ExportResult(job, path, made)
        except (StudioError, ValueError) as error:
            return ExportResult(job, error=told(error, job.folder))
        finally:
            parts.done(part)

    async def rest(self) -> None:
        """Nothing is looked at for now: the process for it goes."""
        await self._bench.rest()

    async def close(self) -> None:
        """End what runs, for good; nothing of it is left."""
        await self._bench.close()


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
    # what is encoded may become smaller; a copy never does
    needed = job.source.stat().st_size if job.preset.form is Form.COPY else 0
    check_folder(job.folder, needed)


def check_folder(folder: Path, needed_bytes: int = 0) -> None:
    """Raises StorageError, DiskFull for a place where nothing can be written."""
    if not folder.is_dir():
        raise StorageError(f"The folder {folder} is not there.", action="Choose another folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"The folder {folder} cannot be written.", action="Choose another folder."
        )
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder).free - _KEPT_FREE_BYTES
        if free < needed_bytes or free <= 0:
            raise disk_full(folder, max(needed_bytes - free, 1))


def place(part: Path, folder: Path, stem: str, suffix: str, taken: set[str]) -> Path:
    """Give it its name: one that nothing has, the original's least of all."""
    if not folder.is_dir():
        raise StorageError(f"The folder {folder} is not there any more.")
    while True:
        target = free_name(folder, stem, suffix, taken)
        try:
            return finish(part, target)
        except NameTaken:
            # somebody else's came meanwhile; the next name is looked for
            continue


def told(error: Exception, folder: Path) -> Exception:
    """A folder that went away meanwhile is what happened, whatever the system called it."""
    if isinstance(error, StorageError) and not folder.is_dir():
        return StorageError(
            f"The folder {folder} is not there any more.", action="Choose another folder."
        )
    return error
