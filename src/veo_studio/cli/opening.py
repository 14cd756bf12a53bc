"""What a command needs before it works: folders, log, settings, keys, and the core or just its store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from veo_studio.core import log
from veo_studio.core.paths import Paths, ensure_folder
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.database import Database
from veo_studio.core.studio import Studio


@dataclass(frozen=True)
class Workplace:
    """The folders and choices of this user."""

    paths: Paths
    settings: Settings
    secrets: Secrets


def open_workplace() -> Workplace:
    """Raises StorageError with one sentence."""
    paths = Paths.default()
    ensure_folder(paths.data, is_private=True)
    ensure_folder(paths.logs, is_private=True)
    log.configure(paths)
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


@asynccontextmanager
async def open_database(workplace: Workplace) -> AsyncIterator[Database]:
    """The store alone, beside whoever is the scheduler of the folder."""
    database = await asyncio.to_thread(Database.open, workplace.paths.database)
    try:
        yield database
    finally:
        await asyncio.to_thread(database.close)
