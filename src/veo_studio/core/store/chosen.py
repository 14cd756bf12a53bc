"""What many chosen clips have together, asked of SQLite as one question, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from veo_studio.core.store.database import Database
from veo_studio.core.store.library_sql import ids_json

_MICROS = Decimal(1_000_000)
_THESE = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class ChosenFacts:
    """Sums over some clips; `price_usd` is what they were charged, as far as it is known."""

    count: int = 0
    length_s: float = 0.0
    size_bytes: int = 0
    price_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Marks:
    """What the user thinks of one clip."""

    generation_id: int
    favourite: bool
    rating: int
    rejected: bool


class ChosenClips:
    """Reads only; ids that are gone count nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, ids: Collection[int]) -> ChosenFacts:
        sql = (
            "SELECT count(*), coalesce(sum(length_s), 0.0), coalesce(sum(size_bytes), 0), "  # noqa: S608
            f"coalesce(sum(cost_micros), 0) FROM library WHERE is_deleted = 0 AND id IN {_THESE}"
        )

        def work(connection: Connection) -> ChosenFacts:
            count, length_s, size, micros = connection.exec_driver_sql(sql, (ids_json(ids),)).one()
            return ChosenFacts(count, float(length_s), int(size), Decimal(int(micros)) / _MICROS)

        return await self._database.read(work)

    async def marks(self, ids: Collection[int]) -> list[Marks]:
        """As they are now, for an undo."""
        sql = (
            "SELECT id, favourite, rating, rejected FROM library "  # noqa: S608
            f"WHERE is_deleted = 0 AND id IN {_THESE}"
        )

        def work(connection: Connection) -> list[Marks]:
            found = connection.exec_driver_sql(sql, (ids_json(ids),))
            return [Marks(one, bool(fav), rating, bool(bad)) for one, fav, rating, bad in found]

        return await self._database.read(work)

    async def tags(self, ids: Collection[int]) -> dict[str, frozenset[int]]:
        """Every tag that one of them has, and which of them."""
        sql = (
            "SELECT t.name, g.generation_id FROM generation_tags AS g "  # noqa: S608
            f"JOIN tags AS t ON t.id = g.tag_id WHERE g.generation_id IN {_THESE} ORDER BY t.folded"
        )
        return await self._members(sql, ids)

    async def collections(self, ids: Collection[int]) -> dict[str, frozenset[int]]:
        """Every collection that one of them is in, by name, and which of them."""
        sql = (
            "SELECT c.name, i.generation_id FROM collection_items AS i "  # noqa: S608
            "JOIN collections AS c ON c.id = i.collection_id "
            f"WHERE i.generation_id IN {_THESE} ORDER BY c.folded"
        )
        return await self._members(sql, ids)

    async def _members(self, sql: str, ids: Collection[int]) -> dict[str, frozenset[int]]:
        def work(connection: Connection) -> dict[str, frozenset[int]]:
            found: dict[str, set[int]] = {}
            for name, one in connection.exec_driver_sql(sql, (ids_json(ids),)):
                found.setdefault(name, set()).add(int(one))
            return {name: frozenset(members) for name, members in found.items()}

        return await self._database.read(work)
