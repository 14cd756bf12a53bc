"""Backups of the database: taken while it is written, checked before they count, thinned as they age.

A backup is `backups/veo-studio-YYYYMMDD-HHMMSS.db` (UTC) beside the database. It gets this name only
after it was checked and is safely on the disk, so whatever has such a name was good when it was made.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from veo_studio.core.clock import SYSTEM_CLOCK, Clock
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import DatabaseDamaged, DiskFull, LedgerDamaged, StorageError
from veo_studio.core.paths import ensure_folder
from veo_studio.core.priority import go_later
from veo_studio.core.store import soundness
from veo_studio.core.store.backup_process import Work, run_apart
from veo_studio.core.store.soundness import HEADER_BYTES, Header

if TYPE_CHECKING:
    from veo_studio.core.store.database import Database

_log = logging.getLogger(__name__)

_NAME = re.compile(r"veo-studio-(\d{8}-\d{6})(?:-(\d+))?\.db")
_STAMP = "%Y%m%d-%H%M%S"
_TEMPORARY = ".veo-studio-new.db"
_EVERY = timedelta(days=1)
# the start of the program is not the moment for reading the whole file
_FIRST_AFTER_S = 3.0
_LOOK_EVERY_S = 300.0
# a library in which money moved is backed up again after this long: its wallet must not go far back
_AFTER_SPENDING = timedelta(minutes=15)
_STEP_PAGES = 256
_PAUSE_S = 0.001
_LOCK_WAIT_S = 60.0
_KEPT_FREE_BYTES = 200 * 1000 * 1000
# how many days, weeks and months with a backup keep their newest one
_KEPT = (("%Y-%m-%d", 7), ("%G-%V", 4), ("%Y-%m", 12))


@dataclass(frozen=True, order=True)
class Backup:
    """One file, made at `at` (UTC); `number` tells those of the same second apart."""

    at: datetime
    number: int
    path: Path


class BackupStopped(Exception):
    """The program ends: nothing was kept of this backup."""


def folder_of(database: Path) -> Path:
    return database.with_name("backups")


def backups_in(folder: Path) -> list[Backup]:
    """The newest first, by their names; empty where the folder cannot be read."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if (match := _NAME.fullmatch(path.name)) is None or not path.is_file():
                continue
            with contextlib.suppress(ValueError):  # no such day
                at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
                found.append(Backup(at, int(match[2] or 1), path))
    return sorted(found, reverse=True)


def newest_good(database: Path) -> Backup | None:
    """The newest backup that can still stand in for the database; reads all of it."""
    for backup in backups_in(folder_of(database)):
        problems = soundness.backup_problems(backup.path)
        if not problems:
            return backup
        _log.error("the backup %s cannot be used: %s", backup.path, "; ".join(problems))
    return None


def damaged(database: Path, what: str) -> DatabaseDamaged:
    """The error for a database of which `what` is true, with the newest good backup."""
    backup = newest_good(database)
    return DatabaseDamaged(
        f"The database {database} {what}.",
        backup=backup.path if backup else None,
        backup_at=backup.at if backup else None,
    )


def back_up(
    database: Path,
    at: datetime,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    may_be_unsound: bool = False,
) -> Backup:
    """Copy the live file, check the copy, keep it. Blocks; whoever writes is not held up.

    Raises DatabaseDamaged or LedgerDamaged where the copy is not sound (`may_be_unsound` lets books
    pass that do not add up: a migration must not be their end), DiskFull, StorageError. After an
    error the older backups are as they were.
    """
    folder = folder_of(database)
    ensure_folder(folder, is_private=True)
    with _alone(folder):
        temporary = folder / _TEMPORARY
        try:
            _remove(temporary)
            _require_room(database, folder)
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            _copy(database, temporary, should_stop)
            crash_point("K23")
            _require_sound(database, temporary, should_stop, may_be_unsound=may_be_unsound)
            sync(temporary)
            backup = _keep(temporary, folder, at)
            sync(folder)
        except (OSError, sqlite3.Error) as error:
            if should_stop():
                raise BackupStopped from error
            raise _backup_error(database, folder, error) from error
        finally:
            with contextlib.suppress(OSError):
                _remove(temporary)
    return backup


def thin(folder: Path) -> list[Path]:
    """Keep the newest backup of the last 7 days, 4 weeks and 12 months that have one, and of each schema.

    Counted in days that have a backup, so that a library which rested for years loses nothing.
    Called after a good backup only: the newest one always stays. Returns what was removed.
    """
    stored = backups_in(folder)
    kept: set[Path] = set()
    for form, count in _KEPT:
        newest_of: dict[str, Path] = {}
        for backup in stored:
            newest_of.setdefault(backup.at.strftime(form), backup.path)
        kept.update(list(newest_of.values())[:count])
    of_schema: dict[int, Path] = {}
    for backup in stored:
        of_schema.setdefault(_schema_of(backup.path), backup.path)
    kept.update(of_schema.values())
    removed = [backup.path for backup in stored if backup.path not in kept]
    for path in removed:
        with contextlib.suppress(OSError):
            path.unlink()
    return removed


def is_due(folder: Path, now: datetime, every: timedelta = _EVERY) -> bool:
    """Whether a day has passed since the newest backup; one from the future does not count."""
    return all(abs(now - backup.at) >= every for backup in backups_in(folder))


def _has_money_moved(database: Path, folder: Path) -> bool:
    """True where the wallet holds entries that the newest backup lacks; False where nobody can tell."""
    newest = next(iter(backups_in(folder)), None)
    if newest is None:
        return True
    try:
        return _newest_entry(database) != _newest_entry(newest.path)
    except sqlite3.Error:
        return False  # the check of the whole file says what is wrong


def _newest_entry(path: Path) -> int:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return int(
            connection.execute("SELECT coalesce(max(id), 0) FROM wallet_entries").fetchone()[0]
        )
    finally:
        connection.close()


async def keep_backups(
    database: Database,
    clock: Clock = SYSTEM_CLOCK,
    *,
    on_problem: Callable[[StorageError], None] | None = None,
    goes_apart: bool = False,
) -> None:
    """Check the whole file soon after the start, and back it up once a day; runs until cancelled.

    For the scheduler of the folder alone. Never raises: what goes wrong is logged and told to
    `on_problem`, and damage stops every write to the database. Where it `goes_apart`, a process of its own
    does the work.
    """
    stop = threading.Event()
    is_checked = False
    threads = ThreadPoolExecutor(1, "database-backup", initializer=None if goes_apart else go_later)
    loop = asyncio.get_running_loop()
    wait_s = _FIRST_AFTER_S
    try:
        while True:
            await clock.sleep(wait_s)
            wait_s = _LOOK_EVERY_S
            work = _check if is_checked else _check_first
            call = partial(_apart, work) if goes_apart else work
            try:
                await loop.run_in_executor(threads, call, database.path, clock.now(), stop.is_set)
                is_checked = True
            except StorageError as error:
                _log.error("backup: %s", error.message)
                if isinstance(error, DatabaseDamaged):
                    await asyncio.to_thread(database.declare_damaged, error)
                if on_problem is not None:
                    on_problem(error)
    finally:
        stop.set()
        # within milliseconds: the copy and the check look at `stop` all the time
        await asyncio.shield(asyncio.to_thread(threads.shutdown))


def _check_first(database: Path, now: datetime, should_stop: Callable[[], bool]) -> None:
    if not is_due(folder_of(database), now):
        try:
            with soundness.reading(database, should_stop=should_stop) as connection:
                problems = soundness.file_problems(connection)
        except sqlite3.Error as error:
            if should_stop():
                raise BackupStopped from error
            raise _backup_error(database, database.parent, error) from error
        if problems:
            raise damaged(database, f"is damaged: {problems[0]}")
    _check(database, now, should_stop)


def _check(database: Path, now: datetime, should_stop: Callable[[], bool]) -> None:
    if _is_wanted(database, now):
        backup = back_up(database, now, should_stop=should_stop)
        removed = thin(folder_of(database))
        _log.info("backup %s made, %d older ones removed", backup.path.name, len(removed))


def _apart(work: Work, database: Path, now: datetime, should_stop: Callable[[], bool]) -> None:
    """In a process of its own, where there is something to do."""
    if work is _check_first or _is_wanted(database, now):
        run_apart(work, database, now, should_stop)


def _is_wanted(database: Path, now: datetime) -> bool:
    """Whether it is time for a backup. Blocks, but not for long."""
    folder = folder_of(database)
    if is_due(folder, now):
        return True
    return is_due(folder, now, _AFTER_SPENDING) and _has_money_moved(database, folder)


def _copy(database: Path, target: Path, should_stop: Callable[[], bool]) -> None:
    def step(_status: int, _remaining: int, _total: int) -> None:
        if should_stop():
            raise BackupStopped
        time.sleep(_PAUSE_S)

    with (
        soundness.reading(database) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.isolation_level = None
        # one state for the whole copy: without it every write of somebody else starts it anew
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA synchronous=OFF")
        source.backup(copy, pages=_STEP_PAGES, progress=step)
    with closing(sqlite3.connect(target)) as copy:
        # a file that needs no log beside it, whoever opens it
        copy.execute("PRAGMA journal_mode=DELETE")


def _require_sound(
    database: Path, copy: Path, should_stop: Callable[[], bool], *, may_be_unsound: bool
) -> None:
    with soundness.reading(copy, is_immutable=True, should_stop=should_stop) as connection:
        problems = soundness.file_problems(connection)
        if problems:
            raise damaged(database, f"is damaged: {problems[0]}")
        books = [] if may_be_unsound else soundness.book_problems(connection)
    if books:
        raise LedgerDamaged(f"No backup is made of books that are not sound: {books[0]}.")
    with copy.open("rb") as file:
        header = Header.parse(file.read(HEADER_BYTES))
    if header is None or not header.version:
        raise damaged(database, "is not a Veo Studio database")


def _keep(temporary: Path, folder: Path, at: datetime) -> Backup:
    """Give the file its name, never that of another backup."""
    at = at.astimezone(UTC).replace(microsecond=0)
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        path = folder / f"veo-studio-{at.strftime(_STAMP)}{suffix}.db"
        if not os.path.lexists(path):
            os.rename(temporary, path)
            return Backup(at, number, path)
        number += 1


def _schema_of(path: Path) -> int:
    try:
        with path.open("rb") as file:
            header = Header.parse(file.read(HEADER_BYTES))
    except OSError:
        return 0
    return header.version if header else 0


def _require_room(database: Path, folder: Path) -> None:
    """A backup must not be what fills the disk: some space stays for the clips."""
    usage = shutil.disk_usage(folder)
    wal = soundness.wal_of(database)
    size = database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
    missing = size + min(_KEPT_FREE_BYTES, usage.total // 20) - usage.free
    if missing > 0:
        raise DiskFull(
            f"There is no room for a backup in {folder}: {-(-missing // 1_000_000)} MB more are needed.",
            needed_bytes=missing,
        )


def _backup_error(database: Path, folder: Path, error: Exception) -> StorageError:
    words = str(error)
    if "disk is full" in words or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"There is no room for a backup in {folder}.")
    if soundness.is_damage(error):
        return damaged(database, "is damaged")
    return StorageError(f"No backup of {database} could be made: {words}.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time, whichever program makes it; the lock dies with the process."""
    try:
        with FileLock(
            folder / "backups.lock", timeout=_LOCK_WAIT_S, mode=0o600, is_singleton=False
        ):
            yield
    except Timeout as error:
        raise StorageError(
            f"Another program makes a backup in {folder} and does not end."
        ) from error


def _remove(path: Path) -> None:
    for one in (
        path,
        path.with_name(f"{path.name}-journal"),
        soundness.wal_of(path),
        soundness.shm_of(path),
    ):
        one.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until the disk has the file or the entries of the folder."""
    if path.is_dir() and os.name != "posix":
        return  # Windows opens no folders; there a rename is durable by itself
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
