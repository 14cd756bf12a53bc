"""The newest rows of a library that is not open yet: the same as the database gives, or none."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.libraries import new
from tools import demo_library
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import Generation
from veo_studio.core.models import GenerationState as S
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.early import newest
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.repositories import GenerationRepository


async def made(path: Path, count: int = 5) -> list[Generation]:
    """A library that was closed in good order, and its rows, the newest first."""
    database = Database.open(path)
    try:
        database.acquire_scheduler()
        repository = GenerationRepository(database)
        rows = await repository.create(
            [new(f"A paper boat {number}", 0) for number in range(count)]
        )
        await repository.move(
            rows[0].id, S.FAILED, "for the test", error="no", error_kind="timeout"
        )
        await repository.forget(rows[1].id)
        return await repository.page(limit=100)
    finally:
        database.close()


async def test_they_are_what_the_database_says(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    stored = await made(path)
    assert len(stored) == 4
    before = sorted(tmp_path.iterdir())
    assert newest(path, 100) == stored
    assert newest(path, 2) == stored[:2]
    assert sorted(tmp_path.iterdir()) == before, "nothing is left beside it"


async def test_a_log_beside_it_is_for_the_database_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    await made(path)
    log = path.with_name("library.db-wal")
    log.write_bytes(b"")
    assert newest(path, 10)
    log.write_bytes(b"of another library")
    assert newest(path, 10) == []
    assert log.read_bytes() == b"of another library"


@pytest.mark.parametrize("pragma", ["user_version = 2", "user_version = 99", "application_id = 7"])
async def test_another_schema_gives_none(tmp_path: Path, pragma: str) -> None:
    path = tmp_path / "library.db"
    await made(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA {pragma}")
    assert newest(path, 10) == []


async def test_no_file_junk_and_broken_values_give_none(tmp_path: Path) -> None:
    assert newest(tmp_path / "nothing.db", 10) == []
    assert newest(tmp_path, 10) == []
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    assert newest(junk, 10) == []
    path = tmp_path / "library.db"
    await made(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE generations SET config = '{' WHERE id = 5")
        connection.commit()
    assert newest(path, 10) == []


async def first(path: Path, limit: int) -> list[Generation]:
    """What the list of the window reads when the library is open; the library is closed again."""
    database = Database.open(path)
    try:
        return await LibraryRepository(database).first(LibraryQuery(), limit)
    finally:
        database.close()


async def test_varied_rows_are_those_of_the_list_and_in_its_order(tmp_path: Path) -> None:
    newest_at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    demo_library.fill(tmp_path, 300, with_clips=0, newest_at=newest_at)
    path = Paths.below(tmp_path).database
    draw = random.Random(7)
    database = Database.open(path)
    try:
        library, rows = LibraryRepository(database), GenerationRepository(database)
        ids = [one.id for one in await library.first(LibraryQuery(), 80)]
        await library.set_rating(draw.sample(ids, 20), 4)
        await library.set_favourite(draw.sample(ids, 20), True)
        await library.add_tags(draw.sample(ids, 20), ("kites", "für Anna"))
        for one in draw.sample(ids, 5):
            await rows.forget(one)
    finally:
        database.close()
    with closing(sqlite3.connect(path)) as connection:
        # a clock went back: these are late, wherever they stand
        connection.executemany(
            "UPDATE generations SET created_at = ? WHERE id = ?",
            [
                (f"2026-10-31T23:00:0{number}.000000+00:00", ids[7 * number + 3])
                for number in range(5)
            ],
        )
        connection.commit()
    for limit in (1, 40, 1000):
        assert newest(path, limit) == await first(path, limit)
    assert any(one.tags for one in newest(path, 80))


async def test_what_the_log_has_and_the_file_not_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    await made(path)
    writer = Database.open(path)
    try:
        await GenerationRepository(writer).create([new("Only in the log", 0)])
        assert newest(path, 10) == []
    finally:
        writer.close()
    found = newest(path, 10)
    assert found[0].prompt == "Only in the log"
    assert found == await first(path, 10)


async def test_who_reads_early_keeps_nobody_from_writing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    await made(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA busy_timeout = 0")
        writer.execute("BEGIN EXCLUSIVE")
        newest(path, 10)
        writer.execute("UPDATE generations SET rating = 1")
        writer.execute("COMMIT")
    assert replace(newest(path, 1)[0], rating=0) == replace((await first(path, 1))[0], rating=0)
