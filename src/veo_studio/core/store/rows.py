"""One database row as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Connection, Row, bindparam, select

from veo_studio.core.models import Generation
from veo_studio.core.store.mapping import generation_from
from veo_studio.core.store.tables import generations

# Statements are made once, here and beside this file: SQLAlchemy takes longer to put one of forty
# columns together than SQLite to run it.
_GET = select(generations).where(generations.c.id == bindparam("generation_id"))


def get(connection: Connection, generation_id: int) -> Generation:
    row = connection.execute(_GET, {"generation_id": generation_id}).first()
    if row is None:
        raise LookupError(f"There is no generation {generation_id}.")
    return to_generation(row)


def optional(row: Row[Any] | None) -> Generation | None:
    return None if row is None else to_generation(row)


def to_generation(row: Row[Any]) -> Generation:
    """One row as the rest of the program sees it."""
    return generation_from(cast("Mapping[str, Any]", row._mapping))
