"""The library as views show it: ids in order, rows by id, what there is, and what the user adds to it.

A hundred thousand rows are never read one by one: SQLite puts their ids into one value.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.library_query import Collection as ClipCollection
from veo_studio.core.library_query import (
    DayCount,
    Facets,
    LibraryQuery,
    SavedSearch,
)
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.store import library_ids, library_names, marks, moves, rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.library_sql import among, ids_json, matching
from veo_studio.core.store.mapping import as_read, generation_from
from veo_studio.core.store.moves import utc_now
from veo_studio.core.store.tables import generations

# so many rows at a time: nobody else waits long for the reader's thread
_BLOCK = 1000
# read by hand: SQLAlchemy takes longer to read the types of forty columns than SQLite to find them
_COLUMNS = tuple(column.name for column in generations.columns)
_BY_IDS = (
    f"SELECT {', '.join(_COLUMNS)} FROM generations WHERE deleted_at IS NULL "  # noqa: S608
    "AND id IN (SELECT value FROM json_each(?))"
)
_FACTS = frozenset({"size_bytes", "sha256", "width_px", "height_px", "length_s", "has_audio"})


class LibraryRepository:
    """Reads on the reader's thread, changes on the writer's; deleted generations are never shown.

    What changes many gives them back as they are now; unknown ids are left out. The caller tells the
    event stream.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self._clock = clock

    async def ids(self, query: LibraryQuery, limit: int | None = None) -> array[int]:
        """Every match in its order."""
        return await self.database.read(lambda c: library_ids.read(c, query, limit))

    async def first(self, query: LibraryQuery, limit: int) -> list[Generation]:
        return await self.database.read(lambda c: _by_ids(c, library_ids.read(c, query, limit)))

    async def by_ids(self, ids: Sequence[int]) -> list[Generation]:
        """In this order; those that are not there are left out."""
        found: list[Generation] = []
        for start in range(0, len(ids), _BLOCK):
            block = ids[start : start + _BLOCK]
            found += await self.database.read(lambda c, block=block: _by_ids(c, block))  # type: ignore[misc]
        return found

    async def after(
        self, query: LibraryQuery, generation: Generation | None, limit: int
    ) -> list[Generation]:
        """The next rows, by what the last one is sorted by: nothing is skipped or shown twice."""
        if generation is None:
            return await self.first(query, limit)
        return await self.database.read(
            lambda c: _by_ids(c, library_ids.after(c, query, generation.id, limit))
        )

    async def count(self, query: LibraryQuery) -> int:
        statement = matching(query)
        sql = statement.select("count(*)")
        return await self.database.read(
            lambda c: int(c.exec_driver_sql(sql, statement.values).scalar_one())
        )

    async def matching(self, query: LibraryQuery, ids: Collection[int]) -> set[int]:
        """Those of `ids` that `query` shows."""
        statement = among(query, "SELECT value AS id FROM json_each(:among)")
        sql = statement.select("l.id")
        values = {**statement.values, "among": ids_json(ids)}
        return await self.database.read(
            lambda c: {int(row[0]) for row in c.exec_driver_sql(sql, values)}
        )

    async def days(self, query: LibraryQuery) -> list[DayCount]:
        """How many rows every local day has, in the order of NEWEST or OLDEST."""
        return (await self.listed(query))[1]

    async def listed(self, query: LibraryQuery) -> tuple[array[int], list[DayCount]]:
        """`ids` and `days` of one moment, for the price of one; no days for an order by other things."""
        return await self.database.read(lambda c: library_ids.listed(c, query))

    async def facets(self) -> Facets:
        return await self.database.read(_facets)

    async def set_favourite(self, ids: Sequence[int], is_favourite: bool) -> list[Generation]:
        """A favourite is no longer rejected."""
        return await self._change(ids, lambda c: marks.set_favourite(c, ids, is_favourite))

    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> list[Generation]:
        """What is rejected is no longer a favourite."""
        return await self._change(ids, lambda c: marks.set_rejected(c, ids, is_rejected))

    async def set_rating(self, ids: Sequence[int], rating: int) -> list[Generation]:
        """0 takes it away. ValueError for anything but 0 to 5."""
        return await self._change(ids, lambda c: marks.set_rating(c, ids, rating))

    async def set_caption(self, generation_id: int, caption: str) -> list[Generation]:
        ids = [generation_id]
        return await self._say(ids, lambda c: marks.set_caption(c, generation_id, caption))

    async def add_tags(self, ids: Sequence[int], names: Collection[str]) -> list[Generation]:
        """All or nothing. ValueError for a bad name and for more than 32 tags of one clip."""
        return await self._say(ids, lambda c: marks.add_tags(c, ids, names))

    async def remove_tags(self, ids: Sequence[int], names: Collection[str]) -> list[Generation]:
        return await self._say(ids, lambda c: marks.remove_tags(c, ids, names))

    async def change_tags(
        self, ids: Sequence[int], added: Collection[str], removed: Collection[str]
    ) -> list[Generation]:
        """Both in one transaction, those that go first. ValueError as `add_tags`."""

        def change(connection: Connection) -> None:
            marks.remove_tags(connection, ids, removed)
            marks.add_tags(connection, ids, added)

        return await self._say(ids, change)

    async def relocate(
        self, generation_id: int, path: Path, facts: Mapping[str, Any]
    ) -> Generation:
        """The clip lies at `path` now; `facts` are its columns from size to sound.

        Raises LookupError, and ValueError for one that never had a file.
        """
        if unknown := facts.keys() - _FACTS:
            raise TypeError(f"A file has no {', '.join(sorted(unknown))}.")

        def work(connection: Connection) -> Generation:
            if rows.get(connection, generation_id).state is not GenerationState.COMPLETED:
                raise ValueError(f"Generation {generation_id} has no file.")
            fields = {**facts, "video_path": str(path)}
            moves.set_fields(connection, generation_id, self._clock(), fields)
            return rows.get(connection, generation_id)

        return await self.database.write(work)

    async def parents(self, generation: Generation) -> list[Generation]:
        """What it was made from, oldest first."""
        return await self._relatives("parent_id", "child_id", generation.id)

    async def children(self, generation_id: int) -> list[Generation]:
        """What was made from it, oldest first."""
        return await self._relatives("child_id", "parent_id", generation_id)

    async def collections(self) -> list[ClipCollection]:
        """By name."""
        return await self.database.read(library_names.collections)

    async def create_collection(self, name: str) -> ClipCollection:
        """ValueError for a bad name and for one that is taken."""
        at = self._clock()
        return await self.database.write(lambda c: library_names.create(c, name, at))

    async def rename_collection(self, collection_id: int, name: str) -> ClipCollection:
        """Raises LookupError where it is gone, and ValueError as `create_collection`."""
        return await self.database.write(lambda c: library_names.rename(c, collection_id, name))

    async def delete_collection(self, collection_id: int) -> None:
        """Its clips stay; one that is gone already is no mistake."""
        await self.database.write(lambda c: library_names.delete(c, collection_id))

    async def restore_collection(
        self, collection: ClipCollection, ids: Sequence[int]
    ) -> ClipCollection:
        """One that was deleted, with these clips; saved searches find it again.

        ValueError where another one has its name by now.
        """
        at = self._clock()
        return await self.database.write(lambda c: library_names.restore(c, collection, ids, at))

    async def add_to_collection(self, collection_id: int, ids: Sequence[int]) -> ClipCollection:
        """Raises LookupError where it is gone."""
        at = self._clock()
        return await self.database.write(lambda c: library_names.add(c, collection_id, ids, at))

    async def remove_from_collection(
        self, collection_id: int, ids: Sequence[int]
    ) -> ClipCollection:
        """Raises LookupError where it is gone."""
        return await self.database.write(lambda c: library_names.remove(c, collection_id, ids))

    async def saved_searches(self) -> list[SavedSearch]:
        """By name; `query` is None for one that a newer version saved."""
        return await self.database.read(library_names.searches)

    async def save_search(self, name: str, query: LibraryQuery) -> SavedSearch:
        """ValueError for a bad name and for one that is taken."""
        at = self._clock()
        return await self.database.write(lambda c: library_names.save_search(c, name, query, at))

    async def rename_search(self, search_id: int, name: str) -> SavedSearch:
        """Raises LookupError where it is gone, and ValueError as `save_search`."""
        return await self.database.write(lambda c: library_names.rename_search(c, search_id, name))

    async def update_search(self, search_id: int, query: LibraryQuery) -> SavedSearch:
        """The same name for another query. Raises LookupError where it is gone."""
        return await self.database.write(lambda c: library_names.update_search(c, search_id, query))

    async def delete_search(self, search_id: int) -> None:
        """One that is gone already is no mistake."""
        await self.database.write(lambda c: library_names.delete_search(c, search_id))

    async def _change(
        self, ids: Sequence[int], change: Callable[[Connection], None]
    ) -> list[Generation]:
        await self.database.write(change)
        return await self.by_ids(ids)

    async def _say(
        self, ids: Sequence[int], change: Callable[[Connection], None]
    ) -> list[Generation]:
        """What is said about clips is also shown where they are published."""
        at = self._clock()

        def work(connection: Connection) -> None:
            # imported late: the window's first rows do not wait for it
            from veo_studio.core.store.publishing_asking import tell_pages

            change(connection)
            tell_pages(connection, ids, at)

        return await self._change(ids, work)

    async def _relatives(self, wanted: str, known: str, generation_id: int) -> list[Generation]:
        sql = f"SELECT {wanted} FROM lineage WHERE {known} = ? ORDER BY 1"  # noqa: S608

        def work(connection: Connection) -> list[Generation]:
            found = connection.exec_driver_sql(sql, (generation_id,))
            return _by_ids(connection, [int(row[0]) for row in found])

        return await self.database.read(work)


def _by_ids(connection: Connection, ids: Sequence[int]) -> list[Generation]:
    if not ids:
        return []
    found = {}
    cursor = connection.connection.cursor()
    for row in cursor.execute(_BY_IDS, (ids_json(ids),)).fetchall():
        generation = generation_from(as_read(dict(zip(_COLUMNS, row, strict=True))))
        found[generation.id] = generation
    return [found[number] for number in ids if number in found]


def _facets(connection: Connection) -> Facets:
    counted: list[dict[str, int]] = [{}, {}, {}]
    for row in connection.exec_driver_sql(
        "SELECT model, provider, aspect, count(*) FROM library INDEXED BY library_by_model "
        "WHERE is_deleted = 0 GROUP BY provider, model, aspect"
    ):
        for counts, name in zip(counted, row[:3], strict=True):
            if name is not None:
                counts[name] = counts.get(name, 0) + row[3]
    # the few that are deleted are taken off: their tags stay for an undo
    tagged = connection.exec_driver_sql(
        "SELECT t.id, t.name, count(*) FROM tags AS t CROSS JOIN generation_tags AS gt "
        "ON gt.tag_id = t.id GROUP BY t.id"
    ).all()
    deleted = connection.exec_driver_sql(
        "SELECT gt.tag_id, count(*) FROM library AS l INDEXED BY library_of_deleted "
        "CROSS JOIN generation_tags AS gt ON gt.generation_id = l.id "
        "WHERE l.is_deleted = 1 GROUP BY gt.tag_id"
    )
    off = {row[0]: row[1] for row in deleted}
    left = {name: count - off.get(tag_id, 0) for tag_id, name, count in tagged}
    tags = _by_count({name: count for name, count in left.items() if count})
    models, providers, aspects = map(_by_count, counted)
    return Facets(models, providers, aspects, tags)


def _by_count(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].casefold())))
