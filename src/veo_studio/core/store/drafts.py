"""What the database says about drafts: how many there are, and other tries of one that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.publishing.drafts import DraftState, draft_state
from veo_studio.core.store import rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.tables import generations

# every narrow row is looked at: a hundred thousand take milliseconds, and an index would be written
# with every move of every generation
_COUNTS = (
    "SELECT state, count(*) FROM library NOT INDEXED "
    "WHERE is_deleted = 0 AND published_at IS NULL GROUP BY state"
)
_g = generations.c
_RETRY = "retry:"


@dataclass(frozen=True)
class Tries:
    """`standing` is another try of the same that is under way or came to something: it is not paid for
    twice. Without one, the next try is asked for as `key`.
    """

    standing: Generation | None
    key: str


class DraftReader:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self) -> Mapping[DraftState, int]:
        """How many drafts there are in each state."""

        def work(connection: Connection) -> dict[DraftState, int]:
            found = dict.fromkeys(DraftState, 0)
            for name, count in connection.exec_driver_sql(_COUNTS):
                if (state := draft_state(GenerationState(name))) is not None:
                    found[state] += int(count)
            return found

        return await self._database.read(work)

    async def tries(self, generation_id: int) -> Tries:
        """Raises LookupError where there is no such generation."""
        return await self._database.read(lambda c: _tries(c, generation_id))


def _tries(connection: Connection, generation_id: int) -> Tries:
    """All tries of one thing have the same first one in their keys, however often each was tried."""
    own = connection.execute(
        select(_g.uuid, _g.idempotency_key).where(_g.id == generation_id)
    ).first()
    if own is None:
        raise LookupError(f"There is no generation {generation_id}.")
    key: str = own.idempotency_key or ""
    first = key.split(":")[1] if key.startswith(_RETRY) else own.uuid
    prefix = f"{_RETRY}{first}:"
    # a range, so that the index on keys is used; ";" is the sign behind ":"
    later = (_g.idempotency_key >= prefix) & (_g.idempotency_key < f"{_RETRY}{first};")
    found = connection.execute(
        select(generations).where(or_(later, _g.uuid == first)).order_by(_g.id.desc())
    ).all()
    standing = None
    for row in found:
        over = (GenerationState.FAILED.value, GenerationState.CANCELLED.value)
        is_over = row.deleted_at is not None or row.state in over
        if not is_over and row.id != generation_id and standing is None:
            standing = rows.to_generation(row)
    count = sum(1 for row in found if (row.idempotency_key or "").startswith(prefix))
    return Tries(standing, f"{prefix}{count}")
