"""The library as lists of clips see it, before and after it is open."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veo_studio.core.library_query import DayCount, LibraryQuery
    from veo_studio.core.models import Generation
    from veo_studio.core.thumbnails import Thumbnails
    from veo_studio.ui.view_models.library_model import LibraryRows


class Later:
    """Who asks before the core is open waits for it, and then gets the answer."""

    def __init__(self) -> None:
        self._library: LibraryRows | None = None
        self._thumbnails: Thumbnails | None = None
        self._is_open = asyncio.Event()

    def open(self, library: LibraryRows, thumbnails: Thumbnails) -> None:
        self._library, self._thumbnails = library, thumbnails
        self._is_open.set()

    async def first(self, query: LibraryQuery, limit: int) -> list[Generation]:
        return await (await self._rows()).first(query, limit)

    async def listed(self, query: LibraryQuery) -> tuple[array[int], list[DayCount]]:
        return await (await self._rows()).listed(query)

    async def by_ids(self, ids: Sequence[int]) -> list[Generation]:
        return await (await self._rows()).by_ids(ids)

    async def matching(self, query: LibraryQuery, ids: Sequence[int]) -> set[int]:
        return await (await self._rows()).matching(query, ids)

    async def ensure(self, uuid: str, video_path: Path, at_s: float | None = None) -> Path | None:
        return await (await self._pictures()).ensure(uuid, video_path, at_s)

    async def ensure_strip(self, uuid: str, video_path: Path) -> Path | None:
        return await (await self._pictures()).ensure_strip(uuid, video_path)

    def problem(self, uuid: str) -> str:
        """Nothing is wrong with what nobody could look at yet."""
        return "" if self._thumbnails is None else self._thumbnails.problem(uuid)

    async def _rows(self) -> LibraryRows:
        await self._is_open.wait()
        assert self._library is not None
        return self._library

    async def _pictures(self) -> Thumbnails:
        await self._is_open.wait()
        assert self._thumbnails is not None
        return self._thumbnails
