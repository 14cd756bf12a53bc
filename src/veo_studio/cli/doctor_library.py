"""`doctor` on the library: the file, the books, pauses, and what waits for the user.

The file is opened for reading only: nothing is migrated, recorded or repaired.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.pool import NullPool

from veo_studio.cli.doctor_check import Check, Status
from veo_studio.cli.doctor_storage import database_check
from veo_studio.cli.pausing import pause_sentence
from veo_studio.core.models import ATTENTION_STATES, PauseKind
from veo_studio.core.store import books, ledger, pauses
from veo_studio.core.store.tables import SCHEMA_VERSION, generations


def library_checks(path: Path) -> Iterator[Check]:
    """The file first; what stands in it only where this program can read it as it is."""
    check, version = database_check(path)
    yield check
    if version == SCHEMA_VERSION:
        engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool)
        with engine.connect() as reading:
            yield _books(reading)
            yield from _pauses(reading)
            yield _attention(reading)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)


def _books(connection: Connection) -> Check:
    problems = books.audit(connection)
    if problems:
        return Check(
            "books",
            "fail",
            f"The wallet does not add up: {'; '.join(problems)}.",
            "Nothing is spent until that is settled: `veo-studio restore` goes back to a backup. "
            "History and finished clips can be used as before.",
        )
    return Check(
        "books", "ok",
        f"The wallet adds up; it holds {ledger.balance(connection)} tokens.",
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
