"""The one owner of the SQLite file: one writer thread, one reader thread, every write BEGIN IMMEDIATE.

WAL with synchronous=FULL: a ledger and "this operation is ours" must survive power loss, which
NORMAL does not promise (reliability: finding 8). A deferred transaction that reads and then writes
fails at once under concurrency whatever the busy timeout (finding 7), hence BEGIN IMMEDIATE.
"""

from __future__ import annotations

import asyncio
import sqlite3
import struct
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import SingletonThreadPool

from veo_studio.core.errors import DatabaseTooNew, DiskFull, FolderInUse, StorageError
from veo_studio.core.store.tables import APPLICATION_ID, SCHEMA_VERSION

T = TypeVar("T")
_BUSY_TIMEOUT_S = 30.0
_HEADER = struct.Struct(">60xI4xI")
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24


class Database:
    """`write` and `read` run a function with a connection on the database's own threads.

    Both raise StorageError; what the function itself raises rolls back and passes through.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="database-reader")
        self._write_engine = _engine(path, begin="BEGIN IMMEDIATE")
        self._read_engine = _engine(path, begin="BEGIN")
        self._lock = FileLock(
            path.with_name("scheduler.lock"), timeout=0, thread_local=False, is_singleton=False
        )

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or create the file and bring it to the current schema.

        Raises DatabaseTooNew (the file stays untouched) and StorageError.
        """
        version = _check_header(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = cls(path)
        try:
            if version < SCHEMA_VERSION:
                database._writer.submit(database._migrate).result()
        except BaseException:
            database.close()
            raise
        return database

    def _migrate(self) -> None:
        # alembic costs a quarter of a second to import, so only a start that migrates pays for it
        from veo_studio.core.store.migrations.runner import upgrade

        try:
            with self._write_engine.connect() as connection:
                upgrade(connection)
            self.path.chmod(0o600)
        except (DatabaseError, OSError) as error:
            raise _storage_error(error, self.path) from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._submit(self._writer, self._write_engine, work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._submit(self._reader, self._read_engine, work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` for callers without a loop; blocks."""
        return self._submit(self._writer, self._write_engine, work).result()

    def _submit(
        self, threads: ThreadPoolExecutor, engine: Engine, work: Callable[[Connection], T]
    ) -> Future[T]:
        def run() -> T:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except (DatabaseError, sqlite3.DatabaseError) as error:
                raise _storage_error(error, self.path) from error

        try:
            return threads.submit(run)
        except RuntimeError as error:
            raise StorageError("The database is already closed.") from error

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
            raise _storage_error(error, self.path) from error

    def release_scheduler(self) -> None:
        self._lock.release()

    def close(self) -> None:
        """Finish what was begun, close the file, give the lock back."""
        for threads, engine in (
            (self._reader, self._read_engine),
            (self._writer, self._write_engine),
        ):
            # connections belong to their thread, so they are closed there
            threads.submit(engine.dispose).result()
            threads.shutdown(wait=True)
        self._lock.release(force=True)


def _engine(path: Path, *, begin: str) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=SingletonThreadPool,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
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


def _check_header(path: Path) -> int:
    """The schema version of the file, read without opening it as a database (0: no file yet)."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _storage_error(error, path) from error
    if not header:
        return 0
    if len(header) < 100 or not header.startswith(b"SQLite format 3\x00"):
        raise StorageError(f"{path} is not a Veo Studio database. Move it away and start again.")
    version, application = _HEADER.unpack_from(header)
    version = max(version, _version_in_wal(path))
    if application not in (0, APPLICATION_ID):
        raise StorageError(
            f"{path} is a database of another program. Move it away and start again."
        )
    if version > SCHEMA_VERSION:
        written_by = _written_by(path)
        raise DatabaseTooNew(
            f"The database {path} was written by Veo Studio {written_by}, which is newer than this one. "
            "Nothing was changed. Install that version or newer.",
            written_by=written_by,
        )
    return int(version)


def _version_in_wal(path: Path) -> int:
    """The newest version in the write-ahead log, which a crash leaves beside the file; 0 without one.

    Read by hand, because opening the file would fold the log into it. A page of the log counts if
    its salt is the log's own. Source: SQLite's file format, "The Write-Ahead Log".
    """
    try:
        content = path.with_name(f"{path.name}-wal").read_bytes()
    except OSError:
        return 0  # there is no log, or opening the database itself will say why it cannot be read
    version = 0
    if len(content) < _WAL_HEADER_BYTES:
        return version
    frame_bytes = _FRAME_HEADER_BYTES + int.from_bytes(content[8:12])
    salt = content[16:24]
    for start in range(_WAL_HEADER_BYTES, len(content) - frame_bytes + 1, frame_bytes):
        is_first_page = content[start : start + 4] == b"\0\0\0\1"
        if is_first_page and content[start + 8 : start + 16] == salt:
            (version, _) = _HEADER.unpack_from(content, start + _FRAME_HEADER_BYTES)
    return int(version)


def _written_by(path: Path) -> str:
    """Which program wrote a file that is too new; immutable, so that not even a side file appears."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            row = connection.execute("SELECT value FROM about WHERE name = 'written_by'").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return "(unknown version)"
    return str(row[0]) if row else "(unknown version)"


def _storage_error(error: Exception, path: Path) -> StorageError:
    cause = getattr(error, "orig", None) or error
    words = str(cause)
    if "disk is full" in words:
        return DiskFull(f"The disk that holds {path.parent} is full.")
    if "readonly" in words or "unable to open" in words or isinstance(cause, PermissionError):
        return StorageError(f"The folder {path.parent} cannot be written.")
    if "locked" in words or "busy" in words:
        return StorageError(f"Another program keeps the database {path} locked.")
    if "malformed" in words or "not a database" in words:
        return StorageError(f"The database {path} is damaged. Restore a backup or move it away.")
    return StorageError(f"The database {path} cannot be used: {words}.")
