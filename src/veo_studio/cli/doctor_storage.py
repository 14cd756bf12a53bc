"""What `doctor` says about the database, its backups, and what the database does not know."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from veo_studio.cli.doctor_check import Check, Status
from veo_studio.cli.words import ago, size_words
from veo_studio.core.errors import DatabaseDamaged, StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.store import backups, opening, soundness
from veo_studio.core.store.restoring import Differences, differences
from veo_studio.core.store.schema import SCHEMA_VERSION

_RESTORE = "Close Veo Studio and run `veo-studio restore`; the present file is kept aside."
_NO_BACKUP = "There is no good backup. Move the file away to begin an empty library."
_OLD = timedelta(days=4)
_SHOWN = 5


def database_check(path: Path) -> tuple[Check, int | None]:
    """Whether all of the file is sound, and its schema version; None where its rows cannot be used."""
    try:
        version = opening.examine(path)
        if not version:
            words = f"{path} does not exist yet; the first start makes it."
            return Check("database", "ok", words), None
        with soundness.reading(path) as connection:
            problems = soundness.file_problems(connection) or soundness.text_problems(connection)
        if problems:
            raise backups.damaged(path, f"is damaged: {problems[0]}")
    except DatabaseDamaged as error:
        advice = _RESTORE if error.backup else _NO_BACKUP
        return Check("database", "fail", error.message, advice), None
    except StorageError as error:
        return Check("database", "fail", error.message, error.action or ""), None
    except (OSError, sqlite3.Error) as error:
        return Check(
            "database", "fail", f"Your library {path} cannot be read: {error}.", "Try again."
        ), None
    older = "" if version == SCHEMA_VERSION else "; the next start brings it up to date"
    size = size_words(path.stat().st_size)
    words = f"Your library {path} is undamaged ({size}, format {version}){older}."
    return Check("database", "ok", words), version


def backup_checks(paths: Paths) -> Iterator[Check]:
    """The newest backup and its age; and what is there without being in the database."""
    yield _backups(paths, backups.newest_good(paths.database))
    if paths.database.exists():
        try:
            found = differences(paths.database, paths.journal, [paths.outputs])
        except StorageError:
            return  # told already, with the database
        if found:
            words = " ".join(difference_words(found))
            yield Check("differences", "warn", words, "They are not paid for again.")


def _backups(paths: Paths, good: backups.Backup | None) -> Check:
    stored = backups.backups_in(paths.backups)
    if good is None:
        words = (
            f"None of the {len(stored)} backups in {paths.backups} can be used."
            if stored
            else "There is no backup yet."
        )
        status: Status = "warn" if stored else "ok"
        return Check("backups", status, words, "The window makes one soon after it opens.")
    broken = [backup for backup in stored if backup.at > good.at]
    message = (
        f"{len(stored)} in {paths.backups}; the newest good one is {good.path.name}, "
        f"made {ago(good.at)}, {size_words(good.path.stat().st_size)}."
    )
    if broken:
        return Check("backups", "warn", f"{message} {len(broken)} newer ones cannot be used.")
    if datetime.now(UTC) - good.at > _OLD:
        return Check("backups", "warn", message, "The window makes a new one when it is open.")
    return Check("backups", "ok", message)


def difference_words(found: Differences) -> list[str]:
    """What is there without being in the library, one sentence each."""
    lines = []
    if found.files:
        names = [f"{one.path} ({size_words(one.size_bytes)})" for one in found.files]
        lines.append(f"Clips that the history does not list: {_few(names)}.")
    if found.operations:
        names = [
            f"{one.operation_id} at {one.provider or 'a provider'}"
            + (f" ({one.prompt[:40]})" if one.prompt else "")
            for one in found.operations
        ]
        lines.append(f"Requests at a provider that the history does not list: {_few(names)}.")
    return lines


def _few(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
