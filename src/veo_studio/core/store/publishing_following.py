"""Places that show what is published: what shall leave them, and what shall not after all.

`removal_wanted_at` of a delivery says that its clip shall not be there any more; `removed_at` that it is
not. A place shows a clip once, however often it was delivered: all its deliveries there are of one mind.
Every function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, select, text, update

from veo_studio.core.publishing.models import (
    CLIP_DELETED,
    Delivery,
    DeliveryState,
    TargetKind,
)
from veo_studio.core.store import publishing_rows as read
from veo_studio.core.store.tables import deliveries, delivery_attempts, generations

_d = deliveries.c
_D = DeliveryState
FOLLOWING = frozenset(kind.value for kind in TargetKind if kind.follows_publication)
UNPUBLISHED = "Unpublished."
# written out in the statement, so that SQLite finds the partial index
_IS_TO_REMOVE = text("removal_wanted_at IS NOT NULL AND removed_at IS NULL")


def take_off(
    connection: Connection, generation_id: int, at: datetime, target_id: int | None = None
) -> list[int]:
    """Want a clip off every place that shows it, or one; the ids of deliveries that are others now."""
    query = update(deliveries).where(
        _d.generation_id == generation_id,
        _d.kind.in_(FOLLOWING),
        _d.removal_wanted_at.is_(None),
        _d.removed_at.is_(None),
    )
    if target_id is not None:
        query = query.where(_d.target_id == target_id)
    wanted = query.values(removal_wanted_at=at).returning(_d.id, _d.state)
    changed = connection.execute(wanted).all()
    waiting = [row.id for row in changed if row.state == _D.WAITING.value]
    if waiting:
        _cancel(connection, waiting, generation_id, at)
    return sorted(row.id for row in changed)


def set_aside(connection: Connection, delivery_id: int, at: datetime) -> None:
    """Cancel one that waits for another try, where it is not wanted there any more."""
    query = select(_d.generation_id).where(
        _d.id == delivery_id,
        _d.state == _D.WAITING.value,
        _d.removal_wanted_at.is_not(None),
    )
    generation_id = connection.execute(query).scalar()
    if generation_id is not None:
        _cancel(connection, [delivery_id], generation_id, at)


def keep(connection: Connection, generation_id: int, target_id: int) -> None:
    """It goes there anew, in the place of what was to be taken away."""
    connection.execute(
        update(deliveries)
        .where(
            _d.generation_id == generation_id,
            _d.target_id == target_id,
            _d.removed_at.is_(None),
        )
        .values(removal_wanted_at=None)
    )


def is_unwanted(connection: Connection, delivery_id: int) -> bool:
    query = select(_d.removal_wanted_at).where(_d.id == delivery_id)
    return connection.execute(query).scalar() is not None


def to_remove(connection: Connection) -> list[Delivery]:
    """What shall be taken away and is there, or may be: it was begun, whatever came of it. Oldest first."""
    was_begun = exists().where(delivery_attempts.c.delivery_id == _d.id)
    closed = _d.state.not_in([_D.WAITING.value, _D.SENDING.value])
    query = (
        select(deliveries)
        .where(_IS_TO_REMOVE, closed, was_begun)
        .order_by(text("+deliveries.id"))
    )  # fmt: skip
    return [read.to_delivery(row) for row in connection.execute(query)]


def _cancel(
    connection: Connection, delivery_ids: Collection[int], generation_id: int, at: datetime
) -> None:
    g = generations.c
    clip = connection.execute(
        select(g.deleted_at, g.published_at).where(g.id == generation_id)
    ).one()
    if clip.deleted_at is not None:
        reason = CLIP_DELETED
    else:
        reason = UNPUBLISHED if clip.published_at is None else "It was taken away there."
    connection.execute(
        update(deliveries)
        .where(_d.id.in_(delivery_ids))
        .values(
            state=_D.CANCELLED.value,
            updated_at=at,
            reason=reason,
            action=None,
            error_kind=None,
            next_attempt_at=None,
        )
    )
