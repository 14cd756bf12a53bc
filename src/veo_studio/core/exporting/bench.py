"""Where files are made: threads that wait for worker processes, and the way to end both."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from veo_studio.core.exporting.parts import Parts
from veo_studio.core.exporting.tasks import Unreadable
from veo_studio.core.exporting.worker import ExportWorker, WorkerEnded

_T = TypeVar("_T")


class Bench:
    """One file is made at a time, while another one may be looked at; `notes` is the folder of `Parts`.

    `line` is held while files are made, from the first to `end_worker`.
    """

    def __init__(self, notes: Path) -> None:
        self.parts = Parts(notes)
        self.line = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._worker: ExportWorker | None = None
        self._looker: ExportWorker | None = None
        self._threads = ThreadPoolExecutor(2, "export")
        self._is_closed = threading.Event()

    @property
    def worker_pid(self) -> int | None:
        """Of the process that works now."""
        return None if self._worker is None else self._worker.pid

    async def run(self, work: Callable[[threading.Event], _T], on_late: Callable[[_T], None]) -> _T:
        """What `work` gives in a thread; the event is set when it is to stop.

        Cancelling ends the worker and waits for the thread, however often somebody cancels; what came of it
        all the same goes to `on_late`.
        """
        stop = threading.Event()
        running = asyncio.get_running_loop().run_in_executor(self._threads, work, stop)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.set()
            if self._worker is not None:
                self._worker.kill()
            await over(running)
            if not running.cancelled() and running.exception() is None:
                on_late(running.result())
            raise

    def ask(
        self, wish: Callable[[ExportWorker], _T], name: str, stop: threading.Event
    ) -> _T | None:
        """In the thread: what the worker answers, None where it was stopped.

        Raises what the worker raises, and Unreadable where it is gone by itself: `name` could not be read.
        """
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
            return wish(worker)
        except WorkerEnded as error:
            self._worker = None
            worker.close()
            if stop.is_set() or self._is_closed.is_set():
                return None
            raise Unreadable(
                f"{name} could not be read: the part of the program that reads it ended."
            ) from error

    async def end_worker(self) -> None:
        """Nothing is made for now: the process for it goes."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.shield(asyncio.to_thread(worker.close))

    async def look(self, wish: Callable[[ExportWorker], _T]) -> _T:
        """An answer of the other process, which only reads. Raises what it raises, and WorkerEnded."""

        def asked() -> _T:
            return wish(self._looker_of_now())

        async with self._looking:
            running = asyncio.get_running_loop().run_in_executor(self._threads, asked)
            try:
                return await asyncio.shield(running)
            except WorkerEnded:
                await self._drop_looker()
                raise
            except asyncio.CancelledError:
                # the pipe belongs to one thread: nobody else may ask before it is through
                await over(running)
                raise

    async def rest(self) -> None:
        """Nothing is looked at for now: the process for it goes."""
        async with self._looking:
            await self._drop_looker()

    async def close(self) -> None:
        """End what runs, for good."""
        self._is_closed.set()
        for worker in (self._worker, self._looker):
            if worker is not None:
                worker.kill()
        async with self.line:
            pass
        await self.rest()
        await asyncio.to_thread(self.parts.close)
        self._threads.shutdown(wait=False)

    def _looker_of_now(self) -> ExportWorker:
        if self._is_closed.is_set():
            raise WorkerEnded
        if self._looker is None or not self._looker.is_alive:
            self._looker = ExportWorker()
        return self._looker

    async def _drop_looker(self) -> None:
        looker, self._looker = self._looker, None
        if looker is not None:
            await asyncio.to_thread(looker.close)


async def over(running: asyncio.Future[_T]) -> None:
    """Wait for the thread, however often somebody cancels."""
    while not running.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({running})
    # told to whoever asks for it, not to the log
    if not running.cancelled():
        running.exception()
