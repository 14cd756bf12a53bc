"""The generations of a batch, found again by their idempotency keys: there is no table of batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from veo_studio.core.models import Generation
from veo_studio.core.store import rows
from veo_studio.core.store.tables import generations

_key = generations.c.idempotency_key


@dataclass(frozen=True)
class KeyedGeneration:
    """A generation with the key that it was asked for under; "" where it has none."""

    key: str
    generation: Generation
    is_deleted: bool = False


def beginning_with(connection: Connection, prefix: str) -> list[KeyedGeneration]:
    """All whose key begins so, in the order in which they were asked for; the index finds them."""
    # the next possible beginning: prefixes end in a character of ASCII
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    query = select(generations).where(_key >= prefix, _key < end).order_by(generations.c.id)
    return [keyed(row) for row in connection.execute(query)]


def runs(connection: Connection, prefix: str) -> dict[int, datetime]:
    """By the number of the run (`PREFIX.RUN:ROW:NUMBER`): when it was started."""
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    query = select(_key, generations.c.created_at).where(_key >= prefix, _key < end)
    found: dict[int, datetime] = {}
    for key, created_at in connection.execute(query):
        number = int(key[len(prefix) :].split(":")[0])
        found[number] = min(created_at, found.get(number, created_at))
    return found


def keyed(row: Row[tuple[object, ...]]) -> KeyedGeneration:
    """A row of `generations`, deleted or not."""
    return KeyedGeneration(
        row._mapping["idempotency_key"] or "",
        rows.to_generation(row),
        is_deleted=row._mapping["deleted_at"] is not None,
    )
