"""The core as the batch dialog needs it; imported with the dialog, after the window is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.batch import Batch, check_file, made_folders
from veo_studio.core.batch_file import BatchFile, FileRow, read_batch
from veo_studio.core.batch_results import BatchRun, further_clips, last_run, run_of, write_results
from veo_studio.core.batch_rows import BatchDefaults, RowChecker
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import BudgetState

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio


class BatchServices:
    """Reading and checking run in a thread, everything that is stored goes through the queue."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def read(self, path: Path) -> BatchFile:
        """Raises ValueError with a sentence."""
        return await asyncio.to_thread(read_batch, path)

    def checker(self, defaults: BatchDefaults, folder: Path) -> RowChecker:
        return RowChecker(self._studio.catalog, defaults, folder, self.locked_reason)

    async def check(
        self, file: BatchFile, checker: RowChecker, rows: Sequence[FileRow] | None = None
    ) -> Batch:
        """With `rows` these in the place of the file's own."""

        def work() -> Batch:
            batch = check_file(file, checker, rows)
            # of ten thousand rows it takes longer than the window may stand still
            _ = batch.total
            return batch

        return await asyncio.to_thread(work)

    def locked_reason(self, provider_id: str) -> str | None:
        available = self._studio.providers.availability(provider_id)
        return None if available.is_ready else available.reason

    def output_dir(self) -> Path | None:
        return self._studio.settings.output_dir

    async def last_run(self, digest: str) -> BatchRun | None:
        return await last_run(self._studio.generations, digest)

    async def start(self, batch: Batch, run: int) -> BatchRun:
        """All of it or nothing. Raises ValueError, BudgetError, QueueFull, StorageError."""

        requests = await asyncio.to_thread(batch.requests, self._studio.client.files, run)
        async with made_folders(batch.folders()):
            await self._studio.queue.enqueue(requests)
        started = await run_of(self._studio.generations, batch.digest, run)
        assert started is not None, "what was enqueued is stored"
        return started

    async def write_results(
        self, path: Path, batch: Batch, cells: Mapping[int, Mapping[str, str]], run: int
    ) -> int:
        """As it stands now; `cells` are those of every row by its number. Raises StorageError."""
        now = await run_of(self._studio.generations, batch.digest, run)
        made = {} if now is None else now.by_row()
        clips = [] if now is None else now.generations
        further = await further_clips(self._studio.generations, clips)
        return await asyncio.to_thread(
            write_results, path, batch.file.columns, list(cells.items()), made, further
        )

    async def balance(self) -> int:
        return await self._studio.wallet.balance()

    async def budgets(self) -> list[BudgetState]:
        return await self._studio.wallet.budgets()

    def subscribe(self, listener: Callable[[GenerationEvent], None]) -> Callable[[], None]:
        return self._studio.events.subscribe(listener)

    def subscribe_money(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Called when budgets or tokens may be other ones."""
        return self._studio.queue.subscribe(listener)
