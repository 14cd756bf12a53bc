"""What nothing is sent to and why, so that a pause survives a restart."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from veo_studio.core.errors import QueuePaused
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.store.tables import pauses


def load(connection: Connection) -> dict[str, Pause]:
    """By provider id; "" is the whole queue."""
    return {
        row.provider: Pause(row.provider, PauseKind(row.kind), row.reason, row.since, row.until)
        for row in connection.execute(select(pauses))
    }


def refuse(connection: Connection, provider: str) -> None:
    """QueuePaused where the user paused everything or this provider.

    For those who wait for one generation: what is not sent now must not be sent later unasked.
    """
    stored = load(connection)
    for place in ("", provider):
        if place in stored and stored[place].kind is PauseKind.USER:
            raise QueuePaused(place)


def store(connection: Connection, pause: Pause) -> None:
    """One pause per provider: the newest."""
    values = {
        "provider": pause.provider,
        "kind": pause.kind.value,
        "reason": pause.reason,
        "since": pause.since,
        "until": pause.until,
    }
    statement = insert(pauses).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["provider"],
            set_={name: statement.excluded[name] for name in values if name != "provider"},
        )
    )


def remove(connection: Connection, provider: str) -> None:
    connection.execute(delete(pauses).where(pauses.c.provider == provider))
