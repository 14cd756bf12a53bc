"""E04: what a newer program or another one wrote is refused and stays as it is, to the byte."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.libraries import files_of, filled, schema_one
from veo_studio.core.errors import DatabaseTooNew, StorageError
from veo_studio.core.store.backups import back_up
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now
from veo_studio.core.store.restoring import restore
from veo_studio.core.store.schema import SCHEMA_VERSION


def written_by_the_future(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE about SET value = '9.9.9' WHERE name = 'written_by'")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_newer_library_is_refused_with_the_version_that_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    filled(path, 3)
    written_by_the_future(path)
    before = files_of(tmp_path)
    with pytest.raises(DatabaseTooNew, match=r"9\.9\.9") as caught:
        Database.open(path)
    assert caught.value.written_by == "9.9.9"
    assert files_of(tmp_path) == before


def test_a_newer_backup_is_not_put_in_place(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    filled(path, 3)
    backup = back_up(path, utc_now())
    written_by_the_future(backup.path)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="a newer Veo Studio wrote it"):
        restore(path, backup.path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("application", [1, 0x7FFFFFFF])
def test_an_older_library_with_another_mark_is_not_migrated(
    tmp_path: Path, application: int
) -> None:
    path = tmp_path / "veo-studio.db"
    schema_one(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {application}")
    before = files_of(tmp_path)
    with pytest.raises(StorageError, match="another program"):
        Database.open(path)
    assert files_of(tmp_path) == before
