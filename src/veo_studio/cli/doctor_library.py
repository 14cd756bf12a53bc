"""`doctor` on the library: the file, the books, pauses, and what waits for the user.

The file is opened for reading only: nothing is migrated, recorded or repaired.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.pool import NullPool

from veo_studio.cli.doctor_check import Check, Status
from veo_studio.cli.pausing import pause_sentence
from veo_studio.cli.words import size_words
from veo_studio.core.models import ATTENTION_STATES, PauseKind
from veo_studio.core.store import books, ledger, pauses
from veo_studio.core.store.tables import APPLICATION_ID, SCHEMA_VERSION, generations

_ASIDE = "Close Veo Studio, move the file away and restore a backup."


def library_checks(path: Path) -> Iterator[Check]:
    """The file first; what stands in it only where this program can read it as it is."""
    if not path.exists():
        yield Check("database", "ok", f"{path} does not exist yet; the first start makes it.")
        return
    try:
        with closing(_open(path)) as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            application = int(connection.execute("PRAGMA application_id").fetchone()[0])
            findings = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        yield Check("database", "fail", f"{path} cannot be read: {error}.", _ASIDE)
        return
    check = _file(path, version, application, findings)
    yield check
    if check.status == "ok" and version == SCHEMA_VERSION:
        engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool)
        with engine.connect() as reading:
            yield _books(reading)
            yield from _pauses(reading)
            yield _attention(reading)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)


def _file(path: Path, version: int, application: int, findings: list[str]) -> Check:
    if application not in (0, APPLICATION_ID):
        return Check("database", "fail", f"{path} belongs to another program.", _ASIDE)
    if findings != ["ok"]:
        return Check("database", "fail", f"{path} is damaged: {findings[0]}.", _ASIDE)
    if version > SCHEMA_VERSION:
        return Check(
            "database",
            "fail",
            f"{path} has version {version}; this program knows {SCHEMA_VERSION}.",
            "Install the newer Veo Studio that wrote it.",
        )
    size = size_words(path.stat().st_size)
    older = "" if version == SCHEMA_VERSION else "; the next start brings it up to date"
    return Check("database", "ok", f"{path} is sound, version {version}, {size}{older}.")


def _books(connection: Connection) -> Check:
    problems = books.audit(connection)
    if problems:
        return Check(
            "books",
            "fail",
            f"Wallet and queue contradict each other: {'; '.join(problems)}.",
            "Nothing is spent until a person has looked; history and finished clips stay readable.",
        )
    return Check(
        "books", "ok",
        f"Wallet and queue agree; the wallet holds {ledger.balance(connection)} tokens.",
    )  # fmt: skip


def _pauses(connection: Connection) -> Iterator[Check]:
    now = datetime.now(UTC)
    for pause in pauses.load(connection).values():
        if pause.until is None or pause.until > now:
            status: Status = "ok" if pause.kind is PauseKind.TOLD else "warn"
            yield Check("pause", status, pause_sentence(pause))


def _attention(connection: Connection) -> Check:
    states = [state.value for state in ATTENTION_STATES]
    query = select(func.count()).select_from(generations).where(generations.c.state.in_(states))
    count = int(connection.execute(query).scalar_one())
    if not count:
        return Check("attention", "ok", "Nothing needs your attention.")
    words = "1 generation needs" if count == 1 else f"{count} generations need"
    return Check("attention", "warn", f"{words} your attention.", "See `veo-studio attention`.")
