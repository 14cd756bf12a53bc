"""What a start looks at before it trusts a database file, and how a new or an older one gets there.

Cheap for a library that was closed well: a hundred bytes, and whatever its log says. The file is read
closely only where there is a reason: a log that a crash may have left, or damage that was seen before.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from veo_studio.core.errors import DatabaseTooNew, DiskFull, StorageError
from veo_studio.core.paths import make_private
from veo_studio.core.store import backups, soundness
from veo_studio.core.store.schema import APPLICATION_ID, SCHEMA_VERSION
from veo_studio.core.store.soundness import HEADER_BYTES, Header, Log

_log = logging.getLogger(__name__)
_UPGRADE_WAIT_S = 120.0


def examine(path: Path) -> int:
    """The schema version of the file, 0 where there is none yet; changes nothing.

    Raises DatabaseDamaged, DatabaseTooNew, StorageError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(HEADER_BYTES)
    except FileNotFoundError:
        return _examine_absence(path)
    except OSError as error:
        raise storage_error(error, path) from error
    if not content:
        raise backups.damaged(path, "is empty: 0 bytes")
    header = Header.parse(content)
    if header is None:
        raise backups.damaged(path, "is not a Veo Studio database")
    log = Log.read(path)
    newest = log.header or header
    if newest.version > SCHEMA_VERSION:
        raise _too_new(path)
    _require_own(path, newest, is_closed=not log.pages)
    try:
        if soundness.is_cut_short(path, header, log):
            raise backups.damaged(path, "is cut short")
        if doubt_of(path).exists():
            _examine_all(path)
        elif log.pages:
            _examine_log(path)
    except (OSError, sqlite3.Error) as error:
        raise storage_error(error, path) from error
    return newest.version


def _examine_absence(path: Path) -> int:
    """No file is a new library, unless something shows that there was one."""
    if Log.read(path).pages:
        raise backups.damaged(path, "is gone; only its log is left")
    if backups.backups_in(backups.folder_of(path)):
        raise backups.damaged(path, "is gone, but there are backups of it")
    return 0


def _require_own(path: Path, header: Header, *, is_closed: bool) -> None:
    """A file of another program is not ours to repair or to fill (E04)."""
    if header.application == APPLICATION_ID and header.version:
        return
    if header.application == 0 and header.version == 0:
        try:
            with soundness.reading(path, is_immutable=is_closed) as connection:
                tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        except sqlite3.Error as error:
            raise storage_error(error, path) from error
        if not tables:
            return
        if "wallet_entries" in tables:
            raise backups.damaged(path, "has lost its version")
    raise StorageError(f"{path} is a database of another program. Move it away and start again.")


def _examine_log(path: Path) -> None:
    """A log that a crash left, or that somebody put there: with it the file must still make sense.

    The log of another library can give a file that is sound in itself, but entries of the wallet and
    the names of generations never change: those that the file has without its log must still be there.
    """
    with soundness.reading(path) as connection:
        problems = soundness.file_problems(connection, is_quick=True)
        with contextlib.suppress(sqlite3.Error):
            if not problems and not all(_holds(connection, row) for row in _ends_without_log(path)):
                problems = ["the log beside it belongs to another library"]
    if problems:
        raise backups.damaged(path, f"is damaged: {problems[0]}")


def _ends_without_log(path: Path) -> list[tuple[str, int, str]]:
    """Table, id and mark of the oldest and the newest rows; fewer where a log was half folded in."""
    found = []
    with (
        contextlib.suppress(sqlite3.Error),
        soundness.reading(path, is_immutable=True) as connection,
    ):
        for table, (last, _one) in _LASTING.items():
            found += [(table, int(row[0]), str(row[1])) for row in connection.execute(last)]
    return found


def _holds(connection: sqlite3.Connection, row: tuple[str, int, str]) -> bool:
    table, number, mark = row
    found = connection.execute(_LASTING[table][1], (number,)).fetchone()
    return found is not None and str(found[0]) == mark


def _lasting(table: str, column: str) -> tuple[str, str]:
    # our own names
    return (
        f"SELECT id, {column} FROM {table} WHERE id IN "  # noqa: S608
        f"((SELECT MIN(id) FROM {table}), (SELECT MAX(id) FROM {table}))",
        f"SELECT {column} FROM {table} WHERE id = ?",  # noqa: S608
    )


# what a row of these tables has once, it has for ever
_LASTING = {
    "wallet_entries": _lasting("wallet_entries", "at"),
    "generations": _lasting("generations", "uuid"),
}


def _examine_all(path: Path) -> None:
    with soundness.reading(path) as connection:
        problems = soundness.file_problems(connection) or soundness.text_problems(connection)
    if problems:
        raise backups.damaged(path, f"is damaged: {problems[0]}")
    _log.warning("damage was seen in %s, but all of it can be read", path)
    doubt_of(path).unlink(missing_ok=True)


def doubt_of(path: Path) -> Path:
    """The mark that damage was seen in the midst of work: the next start reads the whole file."""
    return path.with_name(f"{path.name}.doubt")


def mark_doubt(path: Path) -> None:
    """Best effort: where nothing can be written, the check in the background finds it again."""
    with contextlib.suppress(OSError):
        os.close(os.open(doubt_of(path), os.O_WRONLY | os.O_CREAT, 0o600))


def create(path: Path, engine_of: Callable[[Path], Engine]) -> None:
    """Make an empty library beside `path` and give it its name when it is whole and on the disk.

    So nothing else ever is an empty or half-made file of this name: such a file is damage.
    """
    from veo_studio.core.store.migrations.runner import upgrade

    new = path.with_name(f"{path.name}.new")
    sides = (new, soundness.wal_of(new), soundness.shm_of(new))
    with _alone(path):
        if os.path.lexists(path):
            return
        try:
            for leftover in sides:
                leftover.unlink(missing_ok=True)
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            engine = engine_of(new)
            try:
                with engine.connect() as connection:
                    upgrade(connection)
            finally:
                engine.dispose()
            backups.sync(new)
            os.rename(new, path)
            backups.sync(path.parent)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise storage_error(error, path) from error
        finally:
            with contextlib.suppress(OSError):
                for leftover in sides:
                    leftover.unlink(missing_ok=True)


def migrate(path: Path, engine: Engine) -> None:
    """Bring an older file to the current schema, after a backup of it; old or new, never between."""
    from veo_studio.core.store.migrations.runner import upgrade

    with _alone(path):
        version = examine(path)
        if version >= SCHEMA_VERSION:
            return  # another program did it while this one waited
        if version:
            backups.back_up(path, datetime.now(UTC), may_be_unsound=True)
        try:
            with engine.connect() as connection:
                upgrade(connection)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise storage_error(error, path) from error


def keep_private(path: Path) -> None:
    """The file and everything that holds what it holds, also if an older program was careless."""
    make_private(path, soundness.wal_of(path), soundness.shm_of(path))
    make_private(*(backup.path for backup in backups.backups_in(backups.folder_of(path))))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two programs that start at the same moment must not both make or migrate the file."""
    lock = FileLock(
        path.with_name("migration.lock"), timeout=_UPGRADE_WAIT_S, mode=0o600, is_singleton=False
    )
    try:
        lock.acquire()
    except Timeout as error:
        raise StorageError(f"Another program prepares {path} and does not end.") from error
    except OSError as error:
        raise storage_error(error, path) from error
    try:
        yield
    finally:
        lock.release()


def _too_new(path: Path) -> DatabaseTooNew:
    written_by = _written_by(path)
    return DatabaseTooNew(
        f"The database {path} was written by Veo Studio {written_by}, which is newer than this one. "
        "Nothing was changed. Install that version or newer.",
        written_by=written_by,
    )


def _written_by(path: Path) -> str:
    """Which program wrote a file that is too new; immutable, so that not even a side file appears."""
    try:
        with soundness.reading(path, is_immutable=True) as connection:
            row = connection.execute("SELECT value FROM about WHERE name = 'written_by'").fetchone()
    except sqlite3.Error:
        return "(unknown version)"
    return str(row[0]) if row else "(unknown version)"


def storage_error(error: Exception, path: Path) -> StorageError:
    """What SQLite or the system says about the file, as an error of ours."""
    cause = getattr(error, "orig", None) or error
    words = str(cause)
    if "disk is full" in words or "No space left" in words:
        return DiskFull(f"The disk that holds {path.parent} is full.")
    if (
        "readonly" in words
        or "unable to open" in words
        or isinstance(cause, PermissionError | NotADirectoryError | FileExistsError)
    ):
        return StorageError(f"The folder {path.parent} cannot be written.")
    if "locked" in words or "busy" in words:
        return StorageError(f"Another program keeps the database {path} locked.")
    if soundness.is_damage(cause):
        # without the text that could not be read: it is the user's, and it may be long
        return backups.damaged(path, f"is damaged ({words.partition(' with text ')[0]})")
    return StorageError(f"The database {path} cannot be used: {words}.")
