"""A library of the fourth schema with data in it: everything is there afterwards, and publishing works."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.store.libraries import AT, schema_one, upgraded
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.store.backups import backups_in, folder_of
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.publishing import PublishingRepository

LATER = "2026-11-21T09:30:00.000000+00:00"


def schema_four(path: Path) -> None:
    """Eight clips, of which an import had marked two as published; a storyboard; marks and tags."""
    schema_one(path, 8)
    upgraded(path, "0004")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE generations SET published_at = ? WHERE id = 3", (AT,))
        connection.execute("UPDATE generations SET published_at = ? WHERE id = 2", (LATER,))
        connection.execute("UPDATE generations SET deleted_at = ? WHERE id = 8", (AT,))
        connection.execute("UPDATE generations SET rating = 4, tag_words = 'sea' WHERE id = 5")
        connection.execute(
            "INSERT INTO scenarios (uuid, title, document, revision, created_at, updated_at) "
            "VALUES ('u', 'Film', '{}', 1, ?, ?)",
            (AT, AT),
        )
        connection.execute("PRAGMA user_version = 4")
        connection.commit()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.execute(query))


async def test_a_library_of_schema_four_keeps_all_it_has(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    schema_four(path)
    names = [
        row[0]
        for row in rows(
            path,
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%\\_fts%' ESCAPE '\\' "
            "AND name NOT IN ('alembic_version', 'about')",
        )
    ]
    columns = {
        name: ", ".join(str(row[1]) for row in rows(path, f"PRAGMA table_info({name})"))
        for name in names
    }
    before = {name: rows(path, f"SELECT {columns[name]} FROM {name}") for name in names}
    database = Database.open(path)
    try:
        after = {name: rows(path, f"SELECT {columns[name]} FROM {name}") for name in names}
        assert after == before
        assert len(backups_in(folder_of(path))) == 1
        library = LibraryRepository(database)
        published = LibraryQuery(published=True, sort=Sort.PUBLISHED)
        assert list(await library.ids(published)) == [2, 3]
        assert list(await library.ids(LibraryQuery(published=False))) == [7, 6, 5, 4, 1]
        assert list(await library.ids(LibraryQuery(sort=Sort.PUBLISHED))) == [2, 3, 7, 6, 5, 4, 1]
        counts = await PublishingRepository(database).counts()
        assert (counts.drafts, counts.published) == (5, 2)
        (back,) = [one for one in await library.by_ids([2]) if one.published_at]
        assert back.published_at.isoformat(timespec="microseconds") == LATER  # type: ignore[union-attr]
    finally:
        database.close()


async def test_the_narrow_rows_follow_whoever_writes(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    schema_four(path)
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        # an import stores one that is published already
        connection.execute(
            "INSERT INTO generations (uuid, kind, provider, model, prompt, config, state, "
            "state_cause, charge, tokens, published_at, created_at, updated_at) "
            "SELECT 'new', kind, provider, model, prompt, config, state, state_cause, charge, tokens, "
            "'2026-11-22T00:00:00.000000+00:00', created_at, updated_at FROM generations WHERE id = 1"
        )
        connection.execute("UPDATE generations SET published_at = NULL WHERE id = 2")
        connection.execute("UPDATE generations SET published_at = ? WHERE id = 4", (LATER,))
        connection.commit()
    query = "SELECT id, published_at FROM {} ORDER BY id"
    assert rows(path, query.format("library")) == rows(path, query.format("generations"))
