"""The one owner of the SQLite file: one writer thread, one reader thread, every write BEGIN IMMEDIATE.

WAL with synchronous=FULL: a ledger and "this operation is ours" must survive power loss, which
NORMAL does not promise (reliability: finding 8). A deferred transaction that reads and then writes
fails at once under concurrency whatever the busy timeout (finding 7), hence BEGIN IMMEDIATE.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import SingletonThreadPool

from veo_studio.core.errors import DatabaseDamaged, FolderInUse, StorageError
from veo_studio.core.paths import ensure_folder
from veo_studio.core.store import opening, soundness
from veo_studio.core.store.schema import SCHEMA_VERSION

T = TypeVar("T")
_BUSY_TIMEOUT_S = 30.0
# what a stored value that cannot be understood raises on its way out
_NOT_UNDERSTOOD = (ValueError, TypeError, AttributeError, KeyError, ArithmeticError)
_FIRST = "SELECT value FROM about WHERE name = 'written_by'"
_log = logging.getLogger(__name__)
# how often this process has each file open
_open_here: Counter[Path] = Counter()


class Database:
    """`write` and `read` run a function with a connection on the database's own threads.

    Both raise StorageError; what the function itself raises rolls back and passes through.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="database-reader")
        self._apart = ThreadPoolExecutor(1, thread_name_prefix="database-apart")
        self._write_engine = _engine(path, begin="BEGIN IMMEDIATE", busy_timeout_s=busy_timeout_s)
        self._read_engine = _engine(path, begin="BEGIN", busy_timeout_s=busy_timeout_s)
        self._damage: DatabaseDamaged | None = None
        self._counted_as: Path | None = path.resolve()
        _open_here[self._counted_as] += 1
        self._lock = FileLock(
            path.with_name("scheduler.lock"),
            timeout=0,
            mode=0o600,
            thread_local=False,
            is_singleton=False,
        )

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S) -> Self:
        """Open or create the file and bring it to the current schema, after a backup of an older one.

        Raises DatabaseDamaged (with the newest good backup), DatabaseTooNew (the file stays
        untouched) and StorageError. A lock of another program is waited for, `busy_timeout_s` at most.
        """
        # A file that this process has open is not looked at from outside: closing it would drop the
        # locks of all its connections, and the next program to end would take the log away under them.
        # Source: SQLite, "How To Corrupt An SQLite Database File", section 2.2.
        version = SCHEMA_VERSION if _open_here[path.resolve()] else opening.examine(path)
        if not version:
            # a folder that is there already may hold more than us: it keeps its mode
            ensure_folder(path.parent, is_private=not path.parent.exists())
            opening.create(path, functools.partial(_engine, begin="BEGIN IMMEDIATE"))
        opening.keep_private(path)
        database = cls(path, busy_timeout_s=busy_timeout_s)
        try:
            if version < SCHEMA_VERSION:
                database._writer.submit(opening.migrate, path, database._write_engine).result()
            # one statement for which the file and its schema are read: damage is told before any work
            database.read_now(lambda connection: connection.exec_driver_sql(_FIRST).all())
        except BaseException:
            database.close()
            raise
        return database

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._submit_write(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._submit_read(work, self._reader))

    async def read_apart(self, work: Callable[[Connection], T]) -> T:
        """`read` on a thread and a connection of its own: for what takes long and holds nobody up."""
        return await asyncio.wrap_future(self._submit_read(work, self._apart))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` for callers without a loop; blocks."""
        return self._submit_write(work).result()

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """`read` for callers without a loop; blocks."""
        return self._submit_read(work, self._reader).result()

    def declare_damaged(self, damage: DatabaseDamaged) -> None:
        """Write nothing more, and let the next start read the whole file before it trusts it."""
        if self._damage is None:
            self._damage = damage
            opening.mark_doubt(self.path)
            _log.error("nothing more is written: %s", damage.message)

    def _submit_write(self, work: Callable[[Connection], T]) -> Future[T]:
        def run() -> T:
            # more writes into a damaged file damage more, and a restored backup would not have them
            if self._damage is not None:
                raise _same(self._damage)
            with self._own_errors(), self._write_engine.begin() as connection:
                return work(connection)

        return self._submit(self._writer, run)

    def _submit_read(
        self, work: Callable[[Connection], T], threads: ThreadPoolExecutor
    ) -> Future[T]:
        def run() -> T:
            try:
                with self._own_errors(), self._read_engine.begin() as connection:
                    return work(connection)
            except _NOT_UNDERSTOOD as error:
                _log.exception("a stored value cannot be understood")
                raise StorageError(
                    f"The database {self.path} holds something that cannot be read: "
                    f"{str(error).rstrip('.')}.",
                    action="`veo-studio doctor` checks the database.",
                ) from error

        return self._submit(threads, run)

    def _submit(self, threads: ThreadPoolExecutor, run: Callable[[], T]) -> Future[T]:
        try:
            return threads.submit(run)
        except RuntimeError as error:
            raise StorageError("The database is already closed.") from error

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if self._damage is not None and soundness.is_damage(error):
                # the backups were looked through when it was seen first
                raise _same(self._damage) from error
            told = opening.storage_error(error, self.path)
            if isinstance(told, DatabaseDamaged):
                self.declare_damaged(told)
            raise told from error

    def acquire_scheduler(self) -> None:
        """Become the one scheduler of this data folder; counted, so that callers nest.

        Raises FolderInUse. The lock is the operating system's: it dies with the process.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise FolderInUse(
                f"Veo Studio is already running on the folder {self.path.parent}."
            ) from error
        except OSError as error:
            raise opening.storage_error(error, self.path) from error

    @property
    def is_scheduler(self) -> bool:
        """True while this program is the scheduler of the data folder."""
        return self._lock.is_locked

    def release_scheduler(self) -> None:
        self._lock.release()

    def close(self) -> None:
        """Finish what was begun, close the file, give the lock back."""
        self._apart.shutdown(wait=True)
        for threads, engine in (
            (self._reader, self._read_engine),
            (self._writer, self._write_engine),
        ):
            # connections belong to their thread, so they are closed there
            threads.submit(engine.dispose).result()
            threads.shutdown(wait=True)
        if self._counted_as is not None:
            _open_here[self._counted_as] -= 1
            self._counted_as = None
        self._lock.release(force=True)


def _same(damage: DatabaseDamaged) -> DatabaseDamaged:
    return DatabaseDamaged(damage.message, backup=damage.backup, backup_at=damage.backup_at)


def _engine(path: Path, *, begin: str, busy_timeout_s: float = _BUSY_TIMEOUT_S) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=SingletonThreadPool,
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # the driver must not begin transactions by itself: `_on_begin` does
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
