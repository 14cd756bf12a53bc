"""The newest generations for the first paint of a window, before SQLAlchemy has been imported.

That import costs as much as everything else until the window stands. What is read here is only shown;
the real page follows as soon as the database is open.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from veo_studio.core.models import Generation
from veo_studio.core.store.mapping import generation_from
from veo_studio.core.store.schema import SCHEMA_VERSION

_log = logging.getLogger(__name__)
# how long another process may hold the file before the window stops waiting for it, in seconds
_PATIENCE_S = 0.2
_MOMENTS = ("created_at", "updated_at", "submitted_at", "finished_at", "next_attempt_at")
_AMOUNTS = ("price_usd", "cost_usd")


def read_first_page(path: Path, limit: int = 100) -> list[Generation] | None:
    """The newest `limit` that are in lists; None where that cannot be told yet. Blocks for a moment.

    Never creates, migrates or repairs: a file of another version or a damaged one gives None, and
    opening the database says what is wrong with it.
    """
    if not path.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
    except sqlite3.Error:
        return None
    connection.row_factory = sqlite3.Row
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
            return None
        found = connection.execute(
            "SELECT * FROM generations WHERE deleted_at IS NULL ORDER BY id DESC LIMIT ?", (limit,)
        ).fetchall()
        return [_generation(row) for row in found]
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        _log.info("the first page is read later: %s", error)
        return None
    finally:
        connection.close()


def _generation(row: sqlite3.Row) -> Generation:
    stored: dict[str, Any] = {name: row[name] for name in row.keys()}  # noqa: SIM118 (not a dict)
    for name in _MOMENTS:
        stored[name] = datetime.fromisoformat(stored[name]) if stored[name] else None
    for name in _AMOUNTS:
        stored[name] = Decimal(stored[name]) if stored[name] is not None else None
    stored["config"] = _object(stored["config"])
    stored["result"] = _object(stored["result"])
    if stored["has_audio"] is not None:
        stored["has_audio"] = bool(stored["has_audio"])
    return generation_from(stored)


def _object(written: str | None) -> Mapping[str, Any] | None:
    return None if written is None else json.loads(written)
