"""What a command needs before it works: folders, log, settings, keys, and the core or just its store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from veo_studio.cli.bad_input import check_storable, log_level
from veo_studio.core import log
from veo_studio.core.errors import FolderInUse, NoLongerWaiting
from veo_studio.core.paths import Paths, ensure_folder
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.database import Database
from veo_studio.core.store.line import LineRepository
from veo_studio.core.studio import Studio


@dataclass(frozen=True)
class Workplace:
    """The folders and choices of this user."""

    paths: Paths
    settings: Settings
    secrets: Secrets


@dataclass
class Seat:
    """The core, and whether this process is the scheduler of the folder, which may change."""

    studio: Studio
    is_scheduler: bool

    async def end_unsent(self, generation_id: int, *, is_cancelled: bool = False) -> None:
        """End a row that was never sent, so that no later start sends it; others stay as they are.

        Failed where it has a reason (a refused key), else or with `is_cancelled` cancelled; refunded.
        """
        if self.is_scheduler:
            end = self.studio.queue.cancel if is_cancelled else self.studio.queue.give_up
            await end(generation_id)
            return

        # one transaction: the scheduler beside us may be about to send it
        line = LineRepository(self.studio.database)
        with suppress(NoLongerWaiting):
            await line.give_up(generation_id, is_cancelled=is_cancelled)


def open_workplace() -> Workplace:
    """Raises BadInput for mistyped settings, StorageError with one sentence."""
    level = log_level()
    paths = Paths.default()
    check_storable(paths.outputs, "The folder for clips")
    ensure_folder(paths.data, is_private=True)
    ensure_folder(paths.logs, is_private=True)
    log.configure(paths, level)
    return Workplace(paths, Settings.load(paths.settings), Secrets())


@asynccontextmanager
async def open_studio(workplace: Workplace, *, is_scheduler: bool = True) -> AsyncIterator[Studio]:
    """The whole core. Raises StorageError, DatabaseTooNew, FolderInUse."""
    studio = await Studio.open(
        workplace.paths, workplace.settings, workplace.secrets, is_scheduler=is_scheduler
    )
    try:
        yield studio
    finally:
        await asyncio.shield(studio.close())


async def take_seat(stack: AsyncExitStack, workplace: Workplace) -> Seat:
    """As the scheduler of the folder, or beside the one that is already there."""
    try:
        return Seat(await stack.enter_async_context(open_studio(workplace)), True)
    except FolderInUse:
        studio = await stack.enter_async_context(open_studio(workplace, is_scheduler=False))
        return Seat(studio, False)


@asynccontextmanager
async def open_database(workplace: Workplace) -> AsyncIterator[Database]:
    """The store alone, beside whoever is the scheduler of the folder."""
    database = await asyncio.to_thread(Database.open, workplace.paths.database)
    try:
        yield database
    finally:
        await asyncio.to_thread(database.close)
