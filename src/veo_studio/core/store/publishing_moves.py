"""What becomes of deliveries: asked for, begun, ended, taken up again after a kill.

Every function runs inside one transaction. Nothing here writes a generation's state, its charge or the
wallet; `publish` and `unpublish` write what the user says about a clip.
"""

from __future__ import annotations

import uuid as uuids
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import Generation
from veo_studio.core.publishing.models import (
    ALLOWED_DELIVERY_MOVES,
    CLIP_DELETED,
    Delivery,
    DeliveryState,
    Origin,
    Receipt,
    TargetWish,
    Way,
)
from veo_studio.core.store import publishing_following as following
from veo_studio.core.store import publishing_rows as read
from veo_studio.core.store import rows
from veo_studio.core.store.tables import deliveries, delivery_attempts, generations, targets

_d = deliveries.c
_a = delivery_attempts.c
_D = DeliveryState
MAX_TRIES = 3
# written out in the statement, so that SQLite finds the partial index
_IS_WAITING = text("state IN ('waiting', 'sending') AND state = 'waiting'")
_UNPUBLISHED = "Clip {} is not published any more: publish it, then it is shown there again."
_UNFINISHED = "Clip {} is not finished: only a finished one can be published or delivered."


# what the user does about one


def again(
    connection: Connection,
    delivery_id: int,
    way: Way | None,
    link_target_id: int | None,
    at: datetime,
) -> list[int]:
    """With all tries; the store of a link comes first where the clip is not there."""
    one = read.delivery(connection, delivery_id)
    _require_move(one, _D.WAITING)
    if one.state.is_open:
        raise ValueError(f"Delivery {delivery_id} is on its way already.")
    clip = require_finished(connection, one.generation_id)
    place_of(connection, one.target_id)
    if clip.published_at is None and following.is_unwanted(connection, delivery_id):
        raise ValueError(_UNPUBLISHED.format(clip.id))
    if one.kind.follows_publication:
        following.keep(connection, one.generation_id, one.target_id)
    way = way or one.way
    store_id = link_target_id or one.link_target_id
    wish = TargetWish(one.target_id, way, store_id if way is Way.LINK else None)
    changed: list[int] = []
    if way is Way.LINK:
        store_id = require_store(wish)
        if read.there(connection, one.generation_id, store_id) is None:
            name, kind = place_of(connection, store_id)
            first = TargetWish(store_id)
            changed.append(
                insert_delivery(connection, one.generation_id, first, name, kind, at, Origin.USER)
            )
    values = {
        "way": way.value,
        "link_target_id": wish.link_target_id,
        "attempts": 0,
        "next_attempt_at": at,
        "removal_wanted_at": None,
        "removed_at": None,
    }
    return [*changed, set_state(connection, one, _D.WAITING, at, **values)]


def arrived(connection: Connection, delivery_id: int, at: datetime) -> Delivery:
    one = read.delivery(connection, delivery_id)
    if one.state is not _D.MAYBE_SENT:
        raise ValueError(f"Delivery {delivery_id} is {words_of(one.state)}: nobody asks for it.")
    set_state(connection, one, _D.DELIVERED, at, delivered_at=at)
    return read.delivery(connection, delivery_id)


def cancel(connection: Connection, delivery_id: int, at: datetime, reason: str = "") -> Delivery:
    """ValueError for one that is being sent or was delivered; one that is cancelled stays so."""
    one = read.delivery(connection, delivery_id)
    if one.state is not _D.CANCELLED:
        _require_move(one, _D.CANCELLED)
        set_state(connection, one, _D.CANCELLED, at, reason=reason)
    return read.delivery(connection, delivery_id)


def cancel_waiting(
    connection: Connection,
    at: datetime,
    reason: str,
    *,
    generation_id: int | None = None,
    target_id: int | None = None,
) -> list[int]:
    """Of a clip or to a target that is deleted; nothing where the clip is there again by now."""
    query = select(deliveries).where(_IS_WAITING)
    if generation_id is not None:
        if not is_deleted(connection, generation_id):
            return []
        query = query.where(_d.generation_id == generation_id)
    if target_id is not None:
        query = query.where(_d.target_id == target_id)
    found = [read.to_delivery(row) for row in connection.execute(query)]
    return [set_state(connection, one, _D.CANCELLED, at, reason=reason) for one in found]


# what the program does


def begin(connection: Connection, delivery_id: int, at: datetime) -> tuple[Delivery, int | None]:
    """The next try is stored before it begins: as it is then, and the try; None where nothing is to do."""
    one = read.delivery(connection, delivery_id)
    if one.state is not _D.WAITING:
        return one, None
    reason = ""
    if is_deleted(connection, one.generation_id):
        reason = CLIP_DELETED
    elif _is_target_deleted(connection, one.target_id):
        reason = f"The target {one.target_name!r} was deleted."
    if reason:
        set_state(connection, one, _D.CANCELLED, at, reason=reason)
        return read.delivery(connection, delivery_id), None
    told = {"waits": one.waits, "waited_s": one.waited_s}
    set_state(connection, one, _D.SENDING, at, attempts=one.attempts + 1, **told)
    made = connection.execute(
        insert(delivery_attempts)
        .values(
            delivery_id=delivery_id,
            started_at=at,
            is_harmless=False,
            outcome="preparing",
            cause="",
        )
        .returning(_a.id)
    )
    return read.delivery(connection, delivery_id), int(made.scalar_one())


def mark_sending(connection: Connection, attempt_id: int, is_harmless: bool, at: datetime) -> None:
    """From here on something may arrive."""
    connection.execute(
        update(delivery_attempts)
        .where(_a.id == attempt_id)
        .values(outcome="sending", sending_at=at, is_harmless=is_harmless)
    )


def end(
    connection: Connection,
    delivery_id: int,
    attempt_id: int,
    to: DeliveryState,
    at: datetime,
    *,
    outcome: str,
    reason: str = "",
    action: str | None = None,
    kind: ErrorKind | None = None,
    next_attempt_at: datetime | None = None,
    is_counted: bool = True,
    waits: int = 0,
    waited_s: int = 0,
    receipt: Receipt | None = None,
) -> Delivery:
    """What became of a try, once; one that is stored already stays."""
    one = read.delivery(connection, delivery_id)
    is_over = connection.execute(select(_a.finished_at).where(_a.id == attempt_id)).scalar()
    if is_over is not None or one.state is not _D.SENDING:
        return one
    connection.execute(
        update(delivery_attempts)
        .where(_a.id == attempt_id)
        .values(finished_at=at, outcome=outcome, cause=reason)
    )
    values: dict[str, Any] = {"reason": reason, "action": action}
    values.update(waits=waits, waited_s=waited_s)
    values["error_kind"] = kind.value if kind else None
    values["attempts"] = one.attempts if is_counted else one.attempts - 1
    if to is _D.DELIVERED:
        values.update(delivered_at=at, receipt=read.receipt_json(receipt), link_until=None)
    if to is _D.WAITING:
        values["next_attempt_at"] = next_attempt_at or at
    set_state(connection, one, to, at, **values)
    following.set_aside(connection, delivery_id, at)
    if receipt is not None and receipt.new_options:
        place = read.target(connection, one.target_id, is_deleted=True)
        options = {**place.options, **receipt.new_options}
        connection.execute(
            update(targets).where(targets.c.id == place.id).values(options=options)
        )  # fmt: skip
    return read.delivery(connection, delivery_id)


def recover(connection: Connection, at: datetime) -> list[int]:
    """After a kill: what was being sent waits again where that is harmless, else it may have been sent."""
    changed = []
    for one in read.open_ones(connection):
        if one.state is not _D.SENDING:
            continue
        last = connection.execute(
            select(_a.id, _a.sending_at, _a.is_harmless)
            .where(_a.delivery_id == one.id)
            .order_by(_a.id.desc())
        ).first()
        is_harmless = last is None or last.sending_at is None or last.is_harmless
        reason = "Veo Studio ended while it was being delivered."
        if not is_harmless:
            to, reason = _D.MAYBE_SENT, f"{reason} No answer says whether it arrived."
        elif one.attempts >= MAX_TRIES:
            # whatever it is that ends the program: it is not done at every start
            to = _D.FAILED
        else:
            to = _D.WAITING
        if last is not None:
            connection.execute(
                update(delivery_attempts)
                .where(_a.id == last.id)
                .values(outcome="interrupted", cause=reason)
            )
        values = {"next_attempt_at": at} if to is _D.WAITING else {}
        changed.append(set_state(connection, one, to, at, reason=reason, **values))
        following.set_aside(connection, one.id, at)
    return changed


def set_link_until(connection: Connection, delivery_id: int, until: datetime | None) -> None:
    connection.execute(update(deliveries).where(_d.id == delivery_id).values(link_until=until))


def set_removed(connection: Connection, delivery_id: int, at: datetime) -> Delivery:
    connection.execute(
        update(deliveries)
        .where(_d.id == delivery_id, _d.removed_at.is_(None))
        .values(removed_at=at, updated_at=at, link_until=None)
    )
    return read.delivery(connection, delivery_id)


# inside, and for `publishing_asking.py`


def require_finished(connection: Connection, generation_id: int) -> Generation:
    """Raises LookupError for one that is deleted, ValueError for one without a file."""
    generation = rows.get(connection, generation_id)
    if is_deleted(connection, generation_id):
        raise LookupError(f"There is no generation {generation_id}.")
    if not generation.has_file:
        raise ValueError(_UNFINISHED.format(generation_id))
    return generation


def is_deleted(connection: Connection, generation_id: int) -> bool:
    query = select(generations.c.deleted_at).where(generations.c.id == generation_id)
    return connection.execute(query).scalar() is not None


def place_of(connection: Connection, target_id: int) -> tuple[str, str]:
    try:
        place = read.target(connection, target_id)
    except LookupError as error:
        raise ValueError(str(error)) from error
    return place.name, place.kind.value


def require_store(wish: TargetWish) -> int:
    if wish.link_target_id is None or wish.link_target_id == wish.target_id:
        raise ValueError("A link needs a store to lead to: choose one.")
    return wish.link_target_id


def of_clip(
    connection: Connection, generation_id: int, states: Collection[DeliveryState]
) -> list[Delivery]:
    query = (
        select(deliveries)
        .where(
            _d.generation_id == generation_id,
            _d.state.in_([state.value for state in states]),
        )
        .order_by(_d.id)
    )
    return [read.to_delivery(row) for row in connection.execute(query)]


def insert_delivery(
    connection: Connection,
    generation_id: int,
    wish: TargetWish,
    name: str,
    kind: str,
    at: datetime,
    origin: Origin,
    *,
    rule_id: int | None = None,
    schedule_id: int | None = None,
) -> int:
    if kind in following.FOLLOWING:
        following.keep(connection, generation_id, wish.target_id)
    made = connection.execute(
        insert(deliveries)
        .values(
            uuid=str(uuids.uuid4()),
            generation_id=generation_id,
            target_id=wish.target_id,
            target_name=name,
            kind=kind,
            way=wish.way.value,
            link_target_id=wish.link_target_id if wish.way is Way.LINK else None,
            state=_D.WAITING.value,
            origin=origin.value,
            rule_id=rule_id,
            schedule_id=schedule_id,
            reason="",
            attempts=0,
            waits=0,
            waited_s=0,
            next_attempt_at=at,
            created_at=at,
            updated_at=at,
        )
        .returning(_d.id)
    )
    return int(made.scalar_one())


def words_of(state: DeliveryState) -> str:
    return state.value.replace("_", " ")


def _require_move(one: Delivery, to: DeliveryState) -> None:
    if to not in ALLOWED_DELIVERY_MOVES[one.state]:
        raise ValueError(f"Delivery {one.id} is {words_of(one.state)}.")


def set_state(
    connection: Connection, one: Delivery, to: DeliveryState, at: datetime, **values: Any
) -> int:
    """Move it as the table of moves allows; what is not said is empty then."""
    _require_move(one, to)
    fields: dict[str, Any] = {"reason": "", "action": None, "error_kind": None}
    fields |= {"next_attempt_at": None, "waits": 0, "waited_s": 0, **values}
    connection.execute(
        update(deliveries)
        .where(_d.id == one.id)
        .values(state=to.value, updated_at=at, **fields)
    )  # fmt: skip
    return one.id


def _is_target_deleted(connection: Connection, target_id: int) -> bool:
    query = select(targets.c.deleted_at).where(targets.c.id == target_id)
    return connection.execute(query).scalar() is not None
