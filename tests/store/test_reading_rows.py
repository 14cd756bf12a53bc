"""Rows that are read by hand are those that SQLAlchemy reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.libraries import store_generations
from veo_studio.core.errors import StorageError
from veo_studio.core.models import Generation, GenerationState, ResultRef
from veo_studio.core.store import moves, rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository

AT = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "data" / "veo-studio.db")
    yield opened
    opened.close()


async def test_rows_by_id_have_every_field_as_the_tables_types_read_it(database: Database) -> None:
    bare, full = store_generations(database, 2, tokens=0)
    fields = {
        "result": ResultRef("https://files.example/a", more=("https://files.example/b",)).to_json(),
        "video_path": "/videos/a.mp4",
        "output_dir": "/videos",
        "size_bytes": 5_000_000,
        "length_s": 8.0,
        "has_audio": True,
        "error": "The file may be damaged.",
        "error_kind": "download_failed",
        "finished_at": AT,
    }
    await database.write(lambda c: moves.set_fields(c, full, AT, fields))
    library = LibraryRepository(database)
    await library.add_tags([full], ["night", "boats"])
    await library.set_favourite([full], True)
    found = await library.by_ids([full, bare])
    read = await database.read(lambda c: [rows.get(c, full), rows.get(c, bare)])
    assert found == read
    assert found[0].tags == ("night", "boats") or found[0].tags == ("boats", "night")
    names = {field.name for field in dataclasses.fields(Generation)}
    for one in found:
        assert set(vars(one)) == names
        assert type(one.state) is GenerationState
        assert type(one.has_audio) in (bool, type(None))


async def test_a_state_that_nobody_knows_is_not_taken_for_a_row_that_is_gone(
    database: Database,
) -> None:
    (only,) = store_generations(database, 1)
    await database.write(
        lambda c: c.exec_driver_sql("UPDATE generations SET state = 'melted' WHERE id = ?", (only,))
    )
    with pytest.raises(StorageError, match="melted"):
        await LibraryRepository(database).by_ids([only])
