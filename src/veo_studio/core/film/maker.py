"""Films made in the export worker: plans, progress, cancelling, and the name at the end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.exporting.bench import Bench
from veo_studio.core.exporting.exporter import check_folder, place, told
from veo_studio.core.exporting.tasks import Unreadable
from veo_studio.core.exporting.worker import WorkerEnded
from veo_studio.core.film.models import Film, FilmFormat, FilmMade, FilmPlan
from veo_studio.core.placing import discard

if TYPE_CHECKING:
    from veo_studio.core.exporting.presets import Form

_STEP = 0.002


class FilmMaker:
    """Made once per program; `notes` is the folder where unfinished parts are noted (that of exports)."""

    def __init__(self, notes: Path) -> None:
        self._bench = Bench(notes)

    @property
    def worker_pid(self) -> int | None:
        """Of the process that works now."""
        return self._bench.worker_pid

    async def sweep(self) -> int:
        """At the start: what a program that was killed left of its films and exports."""
        return await asyncio.to_thread(self._bench.parts.sweep)

    async def plan(self, film: Film, form: FilmFormat | None = None) -> FilmPlan:
        """How it would be made, without writing, also while another one is being made.

        Raises ValueError with a sentence for what makes no sense, StudioError for a clip or soundtrack
        that is gone or cannot be read, with the clip's name.
        """
        film.check()
        try:
            return await self._bench.look(
                lambda worker: worker.plan_film(film, form or FilmFormat())
            )
        except WorkerEnded as error:
            raise Unreadable(
                "The clips could not be read: the part of the program that reads them ended."
            ) from error

    async def locked(self, form: Form) -> str:
        """Why films of this form cannot be made here; "" where they can."""
        try:
            return await self._bench.look(lambda worker: worker.locked(form))
        except WorkerEnded:
            return ""

    async def make(
        self,
        film: Film,
        target: Path,
        form: FilmFormat,
        on_progress: Callable[[float], None] = lambda _fraction: None,
    ) -> FilmMade:
        """Write `target`, or with _2, _3 ... where there is such a file: its path is in what comes back.

        `on_progress` gets 0.0-1.0. Cancelling the task leaves nothing. Raises what `plan` raises, DiskFull
        and StorageError.
        """
        film.check()
        form.check()
        if target.suffix.lower() != form.suffix:
            raise ValueError(f"The name of this film ends in {form.suffix}.")
        loop = asyncio.get_running_loop()
        follow = _Following(on_progress)

        def tell(fraction: float) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(follow.tell, fraction)

        def too_late(made: FilmMade | None) -> None:
            if made is not None:
                discard(made.path)

        async with self._bench.line:
            try:
                made = await self._bench.run(
                    partial(self._make, film, target, form, tell), too_late
                )  # fmt: skip
            finally:
                follow.end()
                await self._bench.end_worker()
        if made is None:
            raise StorageError("The program is closing: the film was not made.")
        return made

    def _make(
        self,
        film: Film,
        target: Path,
        form: FilmFormat,
        tell: Callable[[float], None],
        stop: threading.Event,
    ) -> FilmMade | None:
        """In the thread; None where it was stopped."""
        from veo_studio.core.film.writing import FilmTask

        folder, parts = target.parent, self._bench.parts
        check_folder(folder)
        part = parts.new(folder)
        try:
            task = FilmTask(film, part, form)
            made = self._bench.ask(lambda worker: worker.make_film(task, tell), task.name, stop)
            if made is None or stop.is_set():
                return None
            return replace(made, path=place(part, folder, target.stem, form.suffix, set()))
        except StudioError as error:
            raise told(error, folder) from error
        finally:
            parts.done(part)

    async def rest(self) -> None:
        """Nothing is planned for now: the process for it goes."""
        await self._bench.rest()

    async def close(self) -> None:
        """End what runs, for good; nothing of it is left."""
        await self._bench.close()


class _Following:
    """Progress that only grows, in steps that a bar can show, and none after the end."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress = on_progress
        self._fraction = 0.0
        self._is_over = False
        on_progress(0.0)

    def tell(self, fraction: float) -> None:
        fraction = min(1.0, fraction)
        is_step = fraction - self._fraction >= _STEP or fraction == 1.0
        if not self._is_over and is_step and fraction > self._fraction:
            self._fraction = fraction
            self._on_progress(fraction)

    def end(self) -> None:
        self._is_over = True
