"""Putting a backup in the place of a damaged database, and what the backup does not know (D08).

The damaged file is kept aside with its log and never deleted. Whatever happens in between, the next
start finds the damaged file, no file but backups (which it tells as damage), or the restored one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from veo_studio.core.errors import DiskFull, FolderInUse, StorageError
from veo_studio.core.paths import ensure_folder, make_private
from veo_studio.core.store import backups, soundness
from veo_studio.core.store.journal import JournalLine, OperationJournal
from veo_studio.core.store.opening import doubt_of, storage_error

_ASIDE = re.compile(r"veo-studio-damaged-\d{8}-\d{6}(?:-\d+)?\.db")
# what `file_names.file_name` makes, with the number of a second file of that name
_CLIP = re.compile(r"\d{8}_\d{6}_\S+\.(?:mp4|webm|mov|png|jpg)")
_PAID = (
    "SELECT operation_id, provider, model, prompt FROM generations WHERE operation_id IS NOT NULL "
    "AND state IN ('submitting', 'processing', 'downloading', 'completed', 'unknown', 'held')"
)


@dataclass(frozen=True)
class LostFile:
    """A finished clip that no generation of the library has."""

    path: Path
    size_bytes: int


@dataclass(frozen=True)
class LostOperation:
    """An operation at a provider that no generation of the library has.

    `found_in` is the file that names it; provider, model and prompt are "" where that file does not say.
    """

    operation_id: str
    found_in: Path
    provider: str = ""
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True)
class Differences:
    """What is there and was paid for, but is not in the library; nothing of it is charged again."""

    files: tuple[LostFile, ...] = ()
    operations: tuple[LostOperation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.operations)


def restore(database: Path, backup: Path, *, now: datetime | None = None) -> Path | None:
    """Put a copy of `backup` in the place of `database`; returns where the damaged file is kept.

    None where there was no file. Blocks. Raises FolderInUse while a Veo Studio works on the folder,
    and StorageError for a backup that is not sound; then nothing was changed.
    """
    problems = soundness.backup_problems(backup)
    if problems:
        raise StorageError(f"The backup {backup} cannot be used: {problems[0]}.")
    ensure_folder(database.parent)
    with _nobody_else(database):
        new = database.with_name(f"{database.name}.restored")
        try:
            _copy(backup, new)
            aside = _keep_aside(database, now or datetime.now(UTC))
            os.rename(new, database)
            backups.sync(database.parent)
            doubt_of(database).unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(error, database) from error
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
    return aside


def kept_aside(database: Path) -> list[Path]:
    """The damaged files that were kept, the newest first."""
    with contextlib.suppress(OSError):
        found = [path for path in database.parent.iterdir() if _ASIDE.fullmatch(path.name)]
        return sorted(found, reverse=True)
    return []


def differences(database: Path, journal: Path, outputs: Iterable[Path]) -> Differences:
    """Clips in `outputs` and operations in the journal or a damaged file that no row knows. Blocks.

    Raises StorageError where the database cannot be read; damaged files are read as far as they go.
    """
    try:
        with soundness.reading(database) as connection:
            files, folders = _known_files(connection)
            operations = _known_operations(connection)
            uuids = {row[0] for row in connection.execute("SELECT uuid FROM generations")}
    except sqlite3.Error as error:
        raise storage_error(error, database) from error
    lost_files = [
        LostFile(path, size)
        for path, size in sorted(_clips_in({*outputs, *folders}))
        if path not in files
    ]
    lost: dict[str, LostOperation] = {}
    for damaged in kept_aside(database):
        for one in _paid_in(damaged):
            if one.operation_id not in operations:
                lost.setdefault(one.operation_id, one)
    for line in _lines_of(journal):
        if line.operation_id not in operations and line.generation_uuid not in uuids:
            lost.setdefault(line.operation_id, LostOperation(line.operation_id, journal))
    return Differences(tuple(lost_files), tuple(lost.values()))


def _copy(backup: Path, new: Path) -> None:
    new.unlink(missing_ok=True)
    free, size = shutil.disk_usage(new.parent).free, backup.stat().st_size
    if free < size:
        raise DiskFull(
            f"There is no room to restore in {new.parent}: "
            f"{-(-(size - free) // 1_000_000)} MB more are needed.",
            needed_bytes=size - free,
        )
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as target, backup.open("rb") as source:
        shutil.copyfileobj(source, target, 1024 * 1024)
        target.flush()
        os.fsync(target.fileno())


def _keep_aside(database: Path, now: datetime) -> Path | None:
    """Give the file, its log and its index second names; only then take the first ones away.

    The file goes before its log: without its log it would be an older state that looks sound.
    """
    parts = (database, soundness.wal_of(database), soundness.shm_of(database))
    present = [part for part in parts if os.path.lexists(part)]
    aside = _free_name(database, now)
    for part in present:
        kept = aside.with_name(aside.name + part.name.removeprefix(database.name))
        try:
            os.link(part, kept, follow_symlinks=False)
        except OSError:
            # a file system without second names; shorter safety, the same result
            os.rename(part, kept)
        make_private(kept)
    backups.sync(database.parent)
    for part in present:
        part.unlink(missing_ok=True)
        backups.sync(database.parent)
    return aside if database in present else None


def _free_name(database: Path, now: datetime) -> Path:
    stamp = f"veo-studio-damaged-{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    number = 1
    while True:
        path = database.with_name(f"{stamp}.db" if number == 1 else f"{stamp}-{number}.db")
        if not any(
            os.path.lexists(taken)
            for taken in (path, soundness.wal_of(path), soundness.shm_of(path))
        ):
            return path
        number += 1


@contextmanager
def _nobody_else(database: Path) -> Iterator[None]:
    lock = FileLock(database.with_name("scheduler.lock"), timeout=0, mode=0o600, is_singleton=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise FolderInUse(f"Veo Studio is running on the folder {database.parent}.") from error
    except OSError as error:
        raise storage_error(error, database) from error
    try:
        yield
    finally:
        lock.release()


def _known_files(connection: sqlite3.Connection) -> tuple[set[Path], set[Path]]:
    """Every file that a row names, and the folders that clips were sent to."""
    files = {
        Path(name)
        for row in connection.execute("SELECT video_path, target_path FROM generations")
        for name in row
        if name
    }
    chosen = connection.execute("SELECT DISTINCT output_dir FROM generations")
    return files, {Path(row[0]) for row in chosen if row[0]}


def _known_operations(connection: sqlite3.Connection) -> set[str]:
    query = "SELECT operation_id FROM generations UNION SELECT operation_id FROM attempts"
    return {row[0] for row in connection.execute(query) if row[0]}


def _clips_in(folders: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if _CLIP.fullmatch(path.name) and not path.is_symlink() and path.is_file():
                    yield path, path.stat().st_size


def _paid_in(damaged: Path) -> Iterator[LostOperation]:
    # as far as the damage allows; what was read before it counts
    with contextlib.suppress(sqlite3.Error), soundness.reading(damaged) as connection:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        for operation_id, provider, model, prompt in connection.execute(_PAID):
            yield LostOperation(str(operation_id), damaged, str(provider), str(model), str(prompt))


def _lines_of(journal: Path) -> list[JournalLine]:
    try:
        return OperationJournal(journal).read()[0]
    except OSError:
        return []
