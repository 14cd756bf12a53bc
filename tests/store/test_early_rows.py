"""The newest rows of a library that is not open yet: the same as the database gives, or none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.libraries import new
from veo_studio.core.models import Generation
from veo_studio.core.models import GenerationState as S
from veo_studio.core.store.database import Database
from veo_studio.core.store.early import newest
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
