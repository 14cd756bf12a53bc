"""E08: a large library starts without being read as a whole, and shows its first page at once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.store.libraries import AT, CONFIG, SCALE, filled
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository

ROWS = int(10_000 * SCALE)


def grow(path: Path) -> None:
    """Rows of the size that real ones have, without their histories."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO generations (uuid, kind, provider, model, prompt, config, state, "
            "state_cause, charge, tokens, created_at, updated_at) VALUES (?, 'video', 'gemini', "
            "'gemini-omni-1.2-flash', ?, ?, 'cancelled', 'by the user', 'not_charged', 0, ?, ?)",
            ((f"grown-{n}", f"Clip {n} " + "words " * 40, CONFIG, AT, AT) for n in range(ROWS)),
        )
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def test_a_large_library_opens_and_shows_its_first_page_at_once(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    filled(path, 3)
    grow(path)
    opened, paged = [], []
    for _ in range(5):
        start = time.monotonic()
        database = Database.open(path)
        opened.append(time.monotonic() - start)
        start = time.monotonic()
        page = await GenerationRepository(database).page(limit=100)
        paged.append(time.monotonic() - start)
        assert len(page) == 100
        database.close()
    # the best of some tries: other programs run on the same machine
    assert min(opened) < 2.0
    assert min(paged) < 0.2
