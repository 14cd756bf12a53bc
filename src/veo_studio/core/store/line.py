"""The line of waiting generations as it is stored: its order, its pauses, and who is let in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select, tuple_, update

from veo_studio.core.errors import NoLongerWaiting
from veo_studio.core.models import Generation, GenerationState, Pause
from veo_studio.core.store import books, moves, pauses, rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import POSITION_STEP, NewGeneration, utc_now
from veo_studio.core.store.tables import generations

_g = generations.c
_Place = Row[Any, Any, Any]
_ORDER = (_g.priority.desc(), _g.queue_position, _g.id)
_SET_PLACE = update(generations).where(_g.id == bindparam("generation_id"))


class LineRepository:
    """Order is by priority (higher first), then by position; both survive a restart."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def audit(self) -> list[str]:
        """Look at all the books; what is wrong is stored and stops spending (`store/books.py`).

        Nobody waits for that look; what is written meanwhile is checked by itself.
        """
        problems = await self._database.read_apart(books.audit)
        await self._database.write(lambda connection: books.record(connection, problems))
        return problems

    async def waiting_ids(self) -> list[int]:
        """Everything that waits, in its order."""
        query = select(_g.id).where(_g.state == GenerationState.PENDING.value).order_by(*_ORDER)
        return await self._database.read(lambda c: [row.id for row in c.execute(query)])

    async def pauses(self) -> dict[str, Pause]:
        return await self._database.read(pauses.load)

    async def store_pause(self, pause: Pause) -> None:
        await self._database.write(lambda connection: pauses.store(connection, pause))

    async def remove_pause(self, provider: str) -> None:
        await self._database.write(lambda connection: pauses.remove(connection, provider))

    async def replace(
        self, generation_id: int, item: NewGeneration
    ) -> tuple[Generation, Generation]:
        """See `moves.replace`."""
        return await self._database.write(
            lambda connection: moves.replace(connection, generation_id, item, self._clock())
        )

    async def send_again(self, generation_id: int) -> Generation:
        """See `moves.send_again`."""
        return await self._database.write(
            lambda connection: moves.send_again(connection, generation_id, self._clock())
        )

    async def cancel(self, generation_id: int, cause: str) -> Generation:
        """One that was never sent, with its refund. Raises NoLongerWaiting."""

        def work(connection: Connection) -> Generation:
            before = moves.require_waiting(connection, generation_id)
            return moves.move(
                connection, generation_id, GenerationState.CANCELLED, cause, self._clock(),
                before=before,
            )  # fmt: skip

        return await self._database.write(work)

    async def give_up(self, generation_id: int, *, is_cancelled: bool = False) -> Generation:
        """See `moves.give_up`."""
        return await self._database.write(
            lambda connection: moves.give_up(
                connection, generation_id, self._clock(), is_cancelled=is_cancelled
            )
        )

    async def mark_failed(self, generation_id: int) -> Generation:
        """See `moves.mark_failed`."""
        return await self._database.write(
            lambda connection: moves.mark_failed(connection, generation_id, self._clock())
        )

    async def set_priority(self, generation_id: int, priority: int) -> Generation:
        """Raises NoLongerWaiting."""

        def work(connection: Connection) -> Generation:
            moves.require_waiting(connection, generation_id)
            moves.set_fields(connection, generation_id, self._clock(), {"priority": priority})
            return rows.get(connection, generation_id)

        return await self._database.write(work)

    async def move_before(self, generation_id: int, before_id: int | None) -> list[Generation]:
        """Put one before another, or at the end; returns what has a new place. Raises NoLongerWaiting."""

        def work(connection: Connection) -> list[Generation]:
            moves.require_waiting(connection, generation_id)
            changed = _place(connection, generation_id, before_id)
            return [rows.get(connection, changed_id) for changed_id in changed]

        return await self._database.write(work)


def waiting(connection: Connection) -> list[Generation]:
    """Everything that waits, in its order."""
    query = select(generations).where(_g.state == GenerationState.PENDING.value).order_by(*_ORDER)
    return [rows.to_generation(row) for row in connection.execute(query)]


def _place(connection: Connection, generation_id: int, before_id: int | None) -> list[int]:
    """Give it its new place; returns the ids of all that have another than before."""
    if before_id == generation_id:
        return []
    others = (
        select(_g.id, _g.priority, _g.queue_position)
        .where(_g.state == GenerationState.PENDING.value, _g.id != generation_id)
        .order_by(_g.priority, _g.queue_position.desc(), _g.id.desc())
        .limit(1)
    )
    after = None
    if before_id is not None:
        after = connection.execute(others.where(_g.id == before_id)).first()
        if after is None:
            raise NoLongerWaiting()
        others = others.where(
            or_(
                _g.priority > after.priority,
                and_(
                    _g.priority == after.priority,
                    tuple_(_g.queue_position, _g.id) < (after.queue_position, after.id),
                ),
            )
        )
    before = connection.execute(others).first()
    position, priority = _between(before, after)
    if position is None:
        return _spread(connection, generation_id, before_id)
    _set(connection, generation_id, position, priority)
    return [generation_id]


def _between(before: _Place | None, after: _Place | None) -> tuple[int | None, int]:
    """Position and priority of one that comes between these two; None where there is no room."""
    if after is None:
        last = 0 if before is None else before.queue_position
        return last + POSITION_STEP, 0 if before is None else before.priority
    if before is None or before.priority != after.priority:
        return after.queue_position - POSITION_STEP, after.priority
    middle = (before.queue_position + after.queue_position) // 2
    return (middle if middle > before.queue_position else None), after.priority


def _spread(connection: Connection, generation_id: int, before_id: int | None) -> list[int]:
    """Number the whole line anew, with room between all of them again."""
    query = (
        select(_g.id, _g.priority)
        .where(_g.state == GenerationState.PENDING.value, _g.id != generation_id)
        .order_by(*_ORDER)
    )
    order = [(row.id, row.priority) for row in connection.execute(query)]
    number = next(index for index, (row_id, _) in enumerate(order) if row_id == before_id)
    order.insert(number, (generation_id, order[number][1]))
    for index, (row_id, row_priority) in enumerate(order):
        _set(connection, row_id, (index + 1) * POSITION_STEP, row_priority)
    return [row_id for row_id, _ in order]


def _set(connection: Connection, row_id: int, position: int, priority: int) -> None:
    place = {"generation_id": row_id, "queue_position": position, "priority": priority}
    connection.execute(_SET_PLACE, place)
