"""E06: backups are whole although the library is written, and a failed one costs no older one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.conftest import SmallDisk
from tests.store.libraries import SCALE, balance, filled, scalar, store_generations
from veo_studio.core.clock import Clock
from veo_studio.core.errors import DatabaseDamaged, DiskFull, LedgerDamaged, StorageError
from veo_studio.core.store import backups, ledger, moves, soundness
from veo_studio.core.store.backups import (
    Backup,
    BackupStopped,
    back_up,
    backups_in,
    folder_of,
    is_due,
    keep_backups,
    thin,
)
from veo_studio.core.store.database import Database
from veo_studio.core.wallet import Wallet

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "veo-studio.db"
    filled(path)
    return path


def names(path: Path) -> list[str]:
    return [backup.path.name for backup in backups_in(folder_of(path))]


def test_a_backup_has_its_date_and_everything(path: Path) -> None:
    backup = back_up(path, NOON)
    assert backup.path.name == "veo-studio-20261121-120000.db"
    assert soundness.backup_problems(backup.path) == []
    assert (balance(backup.path), backup.path.stat().st_mode & 0o777) == (90, 0o600)
    again = back_up(path, NOON)
    assert names(path) == ["veo-studio-20261121-120000-2.db", "veo-studio-20261121-120000.db"]
    assert again > backup
    assert {one.name for one in folder_of(path).iterdir()} == {*names(path), "backups.lock"}


def test_backups_taken_while_others_write_are_whole_and_hold_up_nobody(path: Path) -> None:
    databases = [Database.open(path) for _ in range(2)]
    store_generations(databases[0], 900)
    done = threading.Event()
    written: list[float] = []

    def write(database: Database) -> None:
        while not done.is_set():
            start = time.monotonic()
            database.write_now(lambda c: ledger.grant(c, 1, moves.utc_now(), "test"))
            written.append(time.monotonic() - start)

    writers = [threading.Thread(target=write, args=(database,)) for database in databases]
    for writer in writers:
        writer.start()
    try:
        for number in range(max(3, int(5 * SCALE))):
            backup = back_up(path, NOON + timedelta(seconds=number))
            assert soundness.backup_problems(backup.path) == []
            grants = "SELECT COUNT(*) FROM wallet_entries WHERE kind = 'grant' AND tokens = 1"
            assert balance(backup.path) == 90 + scalar(backup.path, grants)
    finally:
        done.set()
        for writer in writers:
            writer.join()
        for database in databases:
            database.close()
    # far from the 30 s after which a writer would give up
    assert written
    assert max(written) < 10


def test_a_full_disk_costs_no_older_backup(small_disk: SmallDisk) -> None:
    path = small_disk.folder / "veo-studio.db"
    filled(path)
    kept = back_up(path, NOON)
    content = kept.path.read_bytes()
    small_disk.fill()
    with pytest.raises(DiskFull):
        back_up(path, NOON + timedelta(days=1))
    assert names(path) == [kept.path.name]
    assert kept.path.read_bytes() == content
    small_disk.clear()
    back_up(path, NOON + timedelta(days=1))
    assert len(names(path)) == 2


def test_a_corrupt_source_is_never_backed_up(path: Path) -> None:
    kept = back_up(path, NOON)
    root = scalar(path, "SELECT rootpage FROM sqlite_master WHERE name = 'state_changes'")
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    with pytest.raises(DatabaseDamaged) as caught:
        back_up(path, NOON + timedelta(days=1))
    assert caught.value.backup == kept.path
    assert names(path) == [kept.path.name]
    assert not list(folder_of(path).glob(".*"))


def test_books_that_do_not_add_up_are_not_backed_up(path: Path) -> None:
    database = Database.open(path)
    database.write_now(lambda c: c.exec_driver_sql("DROP TRIGGER wallet_entries_no_update"))
    database.write_now(lambda c: c.exec_driver_sql("UPDATE wallet_entries SET tokens = 5"))
    database.close()
    with pytest.raises(LedgerDamaged):
        back_up(path, NOON)
    assert names(path) == []
    # a migration takes one all the same: the old file must not be lost with it
    assert back_up(path, NOON, may_be_unsound=True).path.exists()


def test_a_backup_stops_at_once_when_the_program_ends(path: Path) -> None:
    with pytest.raises(BackupStopped):
        back_up(path, NOON, should_stop=lambda: True)
    assert names(path) == []
    assert not list(folder_of(path).glob(".*"))


def pretend(path: Path, moments: list[datetime], schema: Callable[[int], int]) -> list[Backup]:
    folder = folder_of(path)
    for number, at in enumerate(moments):
        header = bytearray(100)
        header[:16] = b"SQLite format 3\0"
        header[16:18] = (4096).to_bytes(2)
        header[60:64] = schema(number).to_bytes(4)
        folder.mkdir(exist_ok=True)
        (folder / f"veo-studio-{at:%Y%m%d-%H%M%S}.db").write_bytes(header)
    return backups_in(folder)


def test_backups_thin_out_as_they_age(path: Path) -> None:
    moments = [NOON - timedelta(hours=12 * number) for number in range(2 * 500)]
    stored = pretend(path, moments, lambda _number: 2)
    assert len(stored) == 1000
    thin(folder_of(path))
    left = [backup.at for backup in backups_in(folder_of(path))]
    assert left[0] == NOON
    assert [at.date() for at in left[:7]] == [
        (NOON - timedelta(days=number)).date() for number in range(7)
    ]
    assert len({f"{at:%Y-%m}" for at in left}) == 12
    assert 12 + 7 <= len(left) <= 7 + 4 + 12
    assert thin(folder_of(path)) == []


def test_the_last_backup_of_each_schema_stays(path: Path) -> None:
    moments = [NOON - timedelta(minutes=number) for number in range(10)]
    pretend(path, moments, lambda number: 2 if number < 5 else 1)
    thin(folder_of(path))
    assert [backup.at for backup in backups_in(folder_of(path))] == [moments[0], moments[5]]


def test_a_single_backup_stays_however_old(path: Path) -> None:
    (old,) = pretend(path, [NOON - timedelta(days=4000)], lambda _number: 2)
    assert thin(folder_of(path)) == []
    assert is_due(folder_of(path), NOON)
    assert backups_in(folder_of(path)) == [old]


def test_a_clock_that_was_wrong_stops_no_backup(path: Path) -> None:
    pretend(path, [NOON + timedelta(days=3650)], lambda _number: 2)
    assert is_due(folder_of(path), NOON)
    pretend(path, [NOON - timedelta(hours=23)], lambda _number: 2)
    assert not is_due(folder_of(path), NOON)


class Days(Clock):
    """Each sleep after the first of the start lets half a day pass, `left` times; then for ever."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.at = NOON
        self.rests = asyncio.Event()

    def now(self) -> datetime:
        return self.at

    async def sleep(self, wait_s: float) -> None:
        if self.left == 0:
            self.rests.set()
            await asyncio.Event().wait()
        self.left -= 1
        self.at += timedelta(hours=12)


async def kept_for(database: Database, clock: Days) -> list[StorageError]:
    problems: list[StorageError] = []
    task = asyncio.create_task(keep_backups(database, clock, on_problem=problems.append))
    async with asyncio.timeout(60):
        await clock.rests.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return problems


async def test_one_backup_a_day_while_the_program_runs(path: Path) -> None:
    database = Database.open(path)
    assert await kept_for(database, Days(7)) == []
    await asyncio.to_thread(database.close)
    assert names(path) == [
        "veo-studio-20261125-000000.db",
        "veo-studio-20261124-000000.db",
        "veo-studio-20261123-000000.db",
        "veo-studio-20261122-000000.db",
    ]


async def test_damage_that_the_check_after_the_start_finds_stops_writing(path: Path) -> None:
    kept = back_up(path, NOON)
    database = Database.open(path)
    root = scalar(path, "SELECT rootpage FROM sqlite_master WHERE name = 'attempts_by_generation'")
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    clock = Days(1)
    (problem,) = await kept_for(database, clock)
    assert isinstance(problem, DatabaseDamaged)
    assert problem.backup == kept.path
    with pytest.raises(DatabaseDamaged):
        await Wallet(database).grant(10, "test")
    assert await Wallet(database).balance() == 90
    await asyncio.to_thread(database.close)
    with pytest.raises(DatabaseDamaged):
        Database.open(path)


async def test_a_problem_is_told_and_the_next_day_tried_again(path: Path) -> None:
    folder_of(path).write_text("a file in the way")
    database = Database.open(path)
    problems = await kept_for(database, Days(3))
    assert len(problems) == 3
    assert str(folder_of(path)) in problems[0].message
    folder_of(path).unlink()
    assert await kept_for(database, Days(1)) == []
    assert len(names(path)) == 1
    await asyncio.to_thread(database.close)


def test_a_library_in_which_money_moved_is_backed_up_again_after_a_quarter_of_an_hour(
    tmp_path: Path,
) -> None:
    database = Database.open(tmp_path / "data" / "veo-studio.db")
    folder = folder_of(database.path)
    try:
        backups._check(database.path, NOON, lambda: False)
        backups._check(database.path, NOON + timedelta(hours=1), lambda: False)
        assert [one.at for one in backups_in(folder)] == [NOON], "nothing was spent meanwhile"
        database.write_now(lambda c: ledger.grant(c, 5, NOON, "topped up"))
        backups._check(database.path, NOON + timedelta(minutes=10), lambda: False)
        assert len(backups_in(folder)) == 1
        backups._check(database.path, NOON + timedelta(minutes=20), lambda: False)
        (newest,) = backups_in(folder)  # the older one of the same day made room
        assert newest.at == NOON + timedelta(minutes=20)
    finally:
        database.close()
