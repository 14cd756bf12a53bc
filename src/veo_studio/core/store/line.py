"""The line of waiting generations as it is stored: its order, its pauses, and who is let in again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from veo_studio.core.errors import NoLongerWaiting
from veo_studio.core.models import Generation, GenerationState, Pause
from veo_studio.core.store import books, moves, pauses, rows
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import POSITION_STEP, NewGeneration, utc_now
from veo_studio.core.store.tables import generations

_g = generations.c
_Place = Row[Any, Any, Any]


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

    async def set_priority(self, generation_id: int, priority: int) -> None:
        """Raises NoLongerWaiting."""

        def work(connection: Connection) -> None:
            moves.require_waiting(connection, generation_id)
            moves.set_fields(connection, generation_id, self._clock(), {"priority": priority})

        await self._database.write(work)

    async def move_before(self, generation_id: int, before_id: int | None) -> list[Generation]:
        """Put one before another, or at the end; returns the whole line. Raises NoLongerWaiting."""

        def work(connection: Connection) -> list[Generation]:
            moves.require_waiting(connection, generation_id)
            _place(connection, generation_id, before_id)
            return waiting(connection)

        return await self._database.write(work)


def waiting(connection: Connection) -> list[Generation]:
    """Everything that waits, in its order."""
    query = select(generations).where(_g.state == GenerationState.PENDING.value).order_by(*_ORDER)
    return [rows.to_generation(row) for row in connection.execute(query)]


_ORDER = (_g.priority.desc(), _g.queue_position, _g.id)


def _place(connection: Connection, generation_id: int, before_id: int | None) -> None:
    places = connection.execute(
        select(_g.id, _g.priority, _g.queue_position)
        .where(_g.state == GenerationState.PENDING.value, _g.id != generation_id)
        .order_by(*_ORDER)
    ).all()
    number = len(places)
    if before_id is not None:
        if before_id == generation_id:
            return
        found = [index for index, place in enumerate(places) if place.id == before_id]
        if not found:
            raise NoLongerWaiting()
        number = found[0]
    position, priority = _between(places, number)
    if position is None:
        _spread(connection, places, number, generation_id)
    else:
        _set(connection, generation_id, position, priority)


def _between(places: Sequence[_Place], number: int) -> tuple[int | None, int]:
    """Where a new one fits before `places[number]`; None where there is no room."""
    after = places[number] if number < len(places) else None
    before = places[number - 1] if number else None
    if after is None:
        last = 0 if before is None else before.queue_position
        return last + POSITION_STEP, 0 if before is None else before.priority
    if before is None or before.priority != after.priority:
        return after.queue_position - POSITION_STEP, after.priority
    middle = (before.queue_position + after.queue_position) // 2
    return (middle if middle > before.queue_position else None), after.priority


def _spread(
    connection: Connection, places: Sequence[_Place], number: int, generation_id: int
) -> None:
    """Number the whole line anew, with room between all of them again."""
    priority = places[number].priority
    order = [(place.id, place.priority) for place in places]
    order.insert(number, (generation_id, priority))
    for index, (row_id, row_priority) in enumerate(order):
        _set(connection, row_id, (index + 1) * POSITION_STEP, row_priority)


def _set(connection: Connection, row_id: int, position: int, priority: int) -> None:
    connection.execute(
        update(generations)
        .where(_g.id == row_id)
        .values(queue_position=position, priority=priority)
    )
