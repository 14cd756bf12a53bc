"""The rows of targets and deliveries as values; every function runs inside one transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from veo_studio.core.answers import ErrorKind
from veo_studio.core.library_query import clean_name, folded
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Origin,
    PublishingCounts,
    Receipt,
    Target,
    TargetKind,
    Way,
)
from veo_studio.core.store.tables import deliveries, delivery_attempts, targets

_t = targets.c
_d = deliveries.c
_a = delivery_attempts.c
_GET = select(deliveries).where(_d.id == bindparam("delivery_id"))
# written out in the statement, as the partial indexes are: SQLite finds them by that
_IS_OPEN = text("deliveries.state IN ('waiting', 'sending')")
_IS_OF_ATTENTION = text("deliveries.state IN ('failed', 'maybe_sent')")
# not by walking over the table in this order until something is found
_BY_ID = text("+deliveries.id")
_OPEN = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
_COUNTS = (
    "SELECT (SELECT count(*) FROM library NOT INDEXED "
    "WHERE is_deleted = 0 AND published_at IS NULL AND state <> 'cancelled'), "
    "(SELECT count(*) FROM library INDEXED BY library_by_published "
    "WHERE is_deleted = 0 AND published_at IS NOT NULL), "
    "(SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending')), "
    "(SELECT count(*) FROM deliveries WHERE state IN ('failed', 'maybe_sent')), "
    "(SELECT count(*) FROM schedules WHERE state = 'planned')"
)

_MARK = "SELECT value FROM about WHERE name = 'publications'"

# targets


def target(connection: Connection, target_id: int, *, is_deleted: bool = False) -> Target:
    """Raises LookupError; also for one that was deleted, unless that is said to be no matter."""
    row = connection.execute(select(targets).where(_t.id == target_id)).first()
    if row is None or (row.deleted_at is not None and not is_deleted):
        raise LookupError(f"There is no target {target_id}.")
    return _target(row)


def all_targets(connection: Connection) -> list[Target]:
    query = select(targets).where(_t.deleted_at.is_(None)).order_by(_t.folded)
    return [_target(row) for row in connection.execute(query)]


def add_target(
    connection: Connection, name: str, kind: TargetKind, options: Mapping[str, str], at: datetime
) -> Target:
    name = clean_name(name, "target")
    values = {
        "uuid": str(uuid.uuid4()),
        "name": name,
        "folded": folded(name),
        "kind": kind.value,
        "options": dict(options),
        "created_at": at,
    }
    try:
        made = connection.execute(insert(targets).values(values).returning(_t.id))
        target_id = int(made.scalar_one())
    except IntegrityError as error:
        raise ValueError(_taken(name)) from error
    return target(connection, target_id)


def change_target(
    connection: Connection, target_id: int, name: str | None, options: Mapping[str, str] | None
) -> Target:
    values: dict[str, Any] = {}
    if name is not None:
        name = clean_name(name, "target")
        values.update(name=name, folded=folded(name))
    if options is not None:
        values["options"] = dict(options)
    target(connection, target_id)
    if values:
        try:
            connection.execute(update(targets).where(_t.id == target_id).values(values))
        except IntegrityError as error:
            raise ValueError(_taken(name or "")) from error
    return target(connection, target_id)


def set_target_deleted(connection: Connection, target_id: int, at: datetime | None) -> Target:
    try:
        connection.execute(update(targets).where(_t.id == target_id).values(deleted_at=at))
    except IntegrityError as error:
        name = target(connection, target_id, is_deleted=True).name
        raise ValueError(_taken(name)) from error
    return target(connection, target_id, is_deleted=True)


def forget_target(connection: Connection, target_id: int) -> None:
    """One that was never used: its secrets could not be stored."""
    connection.execute(targets.delete().where(_t.id == target_id))


def _taken(name: str) -> str:
    return f"There is a target named {name!r} already."


def _target(row: Row[Any]) -> Target:
    options = {str(key): str(value) for key, value in dict(row.options).items()}
    return Target(row.id, row.uuid, row.name, TargetKind(row.kind), options, row.created_at)


# deliveries


def delivery(connection: Connection, delivery_id: int) -> Delivery:
    """Raises LookupError."""
    row = connection.execute(_GET, {"delivery_id": delivery_id}).first()
    if row is None:
        raise LookupError(f"There is no delivery {delivery_id}.")
    return to_delivery(row)


def page(
    connection: Connection,
    generation_id: int | None,
    states: Collection[DeliveryState] | None,
    before_id: int | None,
    limit: int,
) -> list[Delivery]:
    query = select(deliveries).limit(limit)
    if generation_id is not None:
        query = query.where(_d.generation_id == generation_id)
    if states is not None:
        query = query.where(_d.state.in_([state.value for state in states]))
    # few of many: SQLite finds them by the partial index where its condition is written out
    if states is not None and all(state.is_open for state in states):
        query = query.where(_IS_OPEN).order_by(text("+deliveries.id DESC"))
    elif states is not None and all(state.needs_attention for state in states):
        query = query.where(_IS_OF_ATTENTION).order_by(text("+deliveries.id DESC"))
    else:
        query = query.order_by(_d.id.desc())
    if before_id is not None:
        query = query.where(_d.id < before_id)
    return [to_delivery(row) for row in connection.execute(query)]


def open_ones(connection: Connection) -> list[Delivery]:
    """Waiting or being sent, oldest first."""
    query = select(deliveries).where(_IS_OPEN).order_by(_BY_ID)
    return [to_delivery(row) for row in connection.execute(query)]


def many(connection: Connection, ids: Sequence[int]) -> list[Delivery]:
    return [delivery(connection, number) for number in ids]


def there(connection: Connection, generation_id: int, target_id: int) -> Delivery | None:
    """The newest that brought this clip to this target, or is about to."""
    states = (*_OPEN, DeliveryState.DELIVERED.value)
    row = connection.execute(
        select(deliveries)
        .where(
            _d.generation_id == generation_id,
            _d.target_id == target_id,
            _d.state.in_(states),
            _d.removal_wanted_at.is_(None),
            _d.removed_at.is_(None),
        )
        .order_by(_d.id.desc())
    ).first()
    return None if row is None else to_delivery(row)


def newest_to(connection: Connection, generation_id: int, target_id: int) -> Delivery | None:
    """The newest of this clip to this target, whatever became of it."""
    row = connection.execute(
        select(deliveries)
        .where(_d.generation_id == generation_id, _d.target_id == target_id)
        .order_by(_d.id.desc())
    ).first()
    return None if row is None else to_delivery(row)


def attempts(connection: Connection, delivery_id: int) -> list[DeliveryAttempt]:
    query = select(delivery_attempts).where(_a.delivery_id == delivery_id).order_by(_a.id)
    return [
        DeliveryAttempt(
            row.id, row.delivery_id, row.started_at, row.finished_at, row.outcome, row.cause
        )
        for row in connection.execute(query)
    ]


def counts(connection: Connection) -> PublishingCounts:
    return PublishingCounts(*connection.exec_driver_sql(_COUNTS).one())


def published_mark(connection: Connection) -> int:
    """How often a clip was published or taken back, by any program; a trigger counts."""
    return int(connection.exec_driver_sql(_MARK).scalar() or 0)


def published_ids(connection: Connection) -> set[int]:
    found = connection.exec_driver_sql(
        "SELECT json_group_array(id) FROM library INDEXED BY library_by_published "
        "WHERE is_deleted = 0 AND published_at IS NOT NULL"
    ).scalar_one()
    return set(json.loads(found))


def to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        uuid=row.uuid,
        generation_id=row.generation_id,
        target_id=row.target_id,
        target_name=row.target_name,
        kind=TargetKind(row.kind),
        way=Way(row.way),
        state=DeliveryState(row.state),
        origin=Origin(row.origin),
        created_at=row.created_at,
        updated_at=row.updated_at,
        link_target_id=row.link_target_id,
        reason=row.reason,
        action=row.action,
        error_kind=None if row.error_kind is None else ErrorKind(row.error_kind),
        attempts=row.attempts,
        waits=row.waits,
        waited_s=row.waited_s,
        next_attempt_at=row.next_attempt_at,
        delivered_at=row.delivered_at,
        receipt=_receipt(row.receipt, row.link_until),
        removed_at=row.removed_at,
    )


def receipt_json(receipt: Receipt | None) -> dict[str, Any] | None:
    """What is stored of it: no link that is signed."""
    if receipt is None:
        return None
    return {
        "place": receipt.place,
        "facts": dict(receipt.facts),
        "public_url": receipt.public_url,
    }


def _receipt(stored: Mapping[str, Any] | None, link_until: datetime | None) -> Receipt | None:
    if stored is None:
        return None
    return Receipt(
        place=str(stored["place"]),
        facts={str(key): str(value) for key, value in dict(stored["facts"]).items()},
        public_url=stored.get("public_url"),
        link_until=link_until,
    )
