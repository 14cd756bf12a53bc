"""E03: whatever happened to the file, it is detected or harmless, kept aside, and never a fresh gift."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.libraries import (
    SCALE,
    balance,
    files_of,
    filled,
    is_whole,
    scalar,
    store_generations,
)
from veo_studio.core.errors import DatabaseDamaged, StorageError
from veo_studio.core.models import GenerationState
from veo_studio.core.store import soundness
from veo_studio.core.store.backups import back_up
from veo_studio.core.store.database import Database
from veo_studio.core.store.opening import doubt_of
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.restoring import kept_aside, restore
from veo_studio.core.wallet import Wallet

AN_HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
FLIPS = int(60 * SCALE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed library with 90 tokens, and a backup of it."""
    path = tmp_path / "data" / "veo-studio.db"
    filled(path)
    back_up(path, AN_HOUR_AGO)
    return path


def refused(path: Path) -> DatabaseDamaged:
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(DatabaseDamaged) as caught:
        Database.open(path)
    assert (path.read_bytes() if path.exists() else None) == before
    return caught.value


def check_restored(path: Path, damage: DatabaseDamaged, content: bytes | None) -> None:
    """The backup that was offered takes the place; what was there is kept, byte for byte."""
    assert damage.backup_at == AN_HOUR_AGO
    assert damage.backup is not None
    aside = restore(path, damage.backup)
    if content is None:
        assert aside is None
    else:
        assert aside is not None
        assert aside.read_bytes() == content
        assert kept_aside(path)[0] == aside
    Database.open(path).close()
    assert balance(path) == 90
    assert is_whole(path)
    assert scalar(path, "SELECT COUNT(*) FROM generations") == 60


def test_a_file_cut_at_any_page_is_refused_and_restored(path: Path) -> None:
    whole = path.read_bytes()
    assert len(whole) > 20 * 4096
    for size in range(0, len(whole), 4096):
        path.write_bytes(whole[:size])
        damage = refused(path)
        assert damage.backup_at == AN_HOUR_AGO, size
    check_restored(path, damage, whole[:size])


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + b"x" * 9000, b"\0" * 100, b"SQLite format 3\0", b"{}"],
    ids=["empty", "png", "zeros", "cut header", "json"],
)
def test_another_file_in_its_place_is_kept_and_the_backup_restored(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    check_restored(path, refused(path), content)


def test_a_zeroed_header_is_refused_and_restored(path: Path) -> None:
    content = b"\0" * 100 + path.read_bytes()[100:]
    path.write_bytes(content)
    check_restored(path, refused(path), content)


def test_a_file_that_is_gone_is_not_a_new_library_while_there_are_backups(path: Path) -> None:
    path.unlink()
    damage = refused(path)
    assert "is gone" in damage.message
    check_restored(path, damage, None)


def test_an_empty_file_without_a_backup_is_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    path.touch()
    damage = refused(path)
    assert (damage.backup, damage.backup_at) == (None, None)


async def use(path: Path) -> int:
    """What a start and a look around ask of the library; the balance."""
    database = Database.open(path)
    try:
        repository = GenerationRepository(database)
        page = await repository.page(limit=100)
        await repository.page(search="clip")
        await repository.count()
        await repository.in_states(set(GenerationState))
        for generation in page[:3]:
            await repository.state_changes(generation.id)
        wallet = Wallet(database)
        await wallet.entries()
        return await wallet.balance()
    finally:
        database.close()


async def test_flipped_bytes_are_detected_or_harmless(path: Path) -> None:
    whole = path.read_bytes()
    draw = random.Random(20261121)
    seen = {"detected": 0, "harmless": 0}
    for _ in range(FLIPS):
        content = bytearray(whole)
        place = draw.randrange(len(content))
        content[place] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
        doubt_of(path).unlink(missing_ok=True)
        try:
            found = await use(path)
        except StorageError:
            seen["detected"] += 1
            continue
        # what the look around did not meet is met by the check in the background
        if soundness.backup_problems(path):
            seen["detected"] += 1
        else:
            seen["harmless"] += 1
            assert found == 90
    assert sum(seen.values()) == FLIPS
    assert seen["harmless"] > 0


def test_flips_at_the_start_of_the_file_never_crash(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(100):
        content = bytearray(whole)
        content[place] ^= 0xFF
        path.write_bytes(content)
        try:
            Database.open(path).close()
        except StorageError:
            continue
        assert balance(path) == 90


def test_the_log_of_another_library_is_refused_and_nothing_is_mixed(
    path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "veo-studio.db"
    database = Database.open(other)
    store_generations(database, 30)
    foreign = other.with_name("veo-studio.db-wal").read_bytes()
    database.close()
    assert len(foreign) > 4096
    path.with_name("veo-studio.db-wal").write_bytes(foreign)
    content = path.read_bytes()
    damage = refused(path)
    assert path.with_name("veo-studio.db-wal").read_bytes() == foreign
    check_restored(path, damage, content)
    aside = kept_aside(path)[0]
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == foreign


def test_a_whole_log_of_another_library_is_told_apart_by_what_never_changes(
    path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "veo-studio.db"
    database = Database.open(other)
    # every page goes through the log, so that the log alone is a sound library
    database._write_engine.connect().close()
    database.close()
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("VACUUM")
        foreign = other.with_name("veo-studio.db-wal").read_bytes()
    path.with_name("veo-studio.db-wal").write_bytes(foreign)
    assert "another library" in refused(path).message


def test_the_log_that_a_crash_leaves_is_used(path: Path, tmp_path: Path) -> None:
    database = Database.open(path)
    store_generations(database, 5)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for part in path.parent.glob("veo-studio.db*"):
        shutil.copy(part, crashed)
    database.close()
    left = crashed / "veo-studio.db"
    assert left.with_name("veo-studio.db-wal").stat().st_size > 0
    Database.open(left).close()
    assert scalar(left, "SELECT COUNT(*) FROM generations") == 65


async def test_damage_in_the_midst_of_work_stops_writing_and_is_offered_at_the_next_start(
    path: Path,
) -> None:
    root = scalar(path, "SELECT rootpage FROM sqlite_master WHERE name = 'generations'")
    database = Database.open(path)
    try:
        with path.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        repository = GenerationRepository(database)
        with pytest.raises(DatabaseDamaged) as caught:
            await repository.page()
        assert caught.value.backup_at == AN_HOUR_AGO
        with pytest.raises(DatabaseDamaged):
            await Wallet(database).grant(5, "test")
        assert await Wallet(database).balance() == 90
    finally:
        database.close()
    content = path.read_bytes()
    check_restored(path, refused(path), content)
    assert not doubt_of(path).exists()


def test_a_doubt_that_proves_wrong_is_forgotten(path: Path) -> None:
    doubt_of(path).touch()
    Database.open(path).close()
    assert not doubt_of(path).exists()


def test_a_backup_that_is_damaged_itself_is_passed_over(path: Path) -> None:
    newer = back_up(path, AN_HOUR_AGO + timedelta(minutes=30))
    newer.path.write_bytes(newer.path.read_bytes()[:-4096])
    path.write_bytes(b"")
    assert refused(path).backup_at == AN_HOUR_AGO
    with pytest.raises(StorageError, match="cannot be used"):
        restore(path, newer.path)
    assert path.read_bytes() == b""


def test_a_database_of_another_program_is_left_byte_identical(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    for application in (0, 4711):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS theirs (x)")
            connection.execute(f"PRAGMA application_id = {application}")
            connection.execute("PRAGMA journal_mode=WAL")
        before = files_of(tmp_path)
        with pytest.raises(StorageError, match="another program"):
            Database.open(path)
        assert files_of(tmp_path) == before
