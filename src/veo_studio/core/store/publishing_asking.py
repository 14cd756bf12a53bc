"""What people ask for: that clips are published, taken back, delivered.

Every function runs inside one transaction. Nothing here writes a generation's state, its charge or the
wallet; what is written is what the user says about a clip.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from veo_studio.core.crash import crash_point
from veo_studio.core.library_query import clean_tags, folded
from veo_studio.core.models import Generation
from veo_studio.core.publishing.models import (
    CLIP_DELETED,
    MAX_CAPTION_LENGTH,
    DeliveryState,
    Origin,
    PublishWish,
    TargetWish,
    Way,
)
from veo_studio.core.store import marks, moves, rows
from veo_studio.core.store import publishing_following as following
from veo_studio.core.store import publishing_rows as read
from veo_studio.core.store.library_sql import ids_json
from veo_studio.core.store.publishing_moves import (
    insert_delivery,
    is_deleted,
    of_clip,
    place_of,
    require_finished,
    require_store,
)
from veo_studio.core.store.tables import deliveries, generations, targets

_d = deliveries.c
_D = DeliveryState


def publish(
    connection: Connection,
    wish: PublishWish,
    at: datetime,
    origin: Origin = Origin.USER,
    schedule_id: int | None = None,
) -> list[int]:
    """The ids of its deliveries.

    Raises ValueError, LookupError; the caller's transaction ends then.
    """
    before = require_finished(connection, wish.generation_id)
    fields = _fields(wish, before)
    if before.published_at is None:
        fields["published_at"] = at
    if fields:
        moves.set_fields(connection, before.id, at, fields)
    if wish.tags is not None:
        _set_tags(connection, before, wish.tags)
    crash_point("K21")
    wishes = list(wish.targets)
    if before.published_at is not None and _is_other(before, rows.get(connection, before.id)):
        named = {one.target_id for one in wishes}
        wishes += [
            one
            for one in _shown_at(connection, before.id)
            if one.target_id not in named
        ]  # fmt: skip
        is_change = True
    else:
        is_change = False
    return ask(
        connection, before.id, wishes, at, origin, schedule_id=schedule_id, is_change=is_change
    )


def unpublish(
    connection: Connection,
    generation_ids: Collection[int],
    at: datetime,
) -> list[int]:
    """The ids of deliveries that are others now. Those that are drafts already stay as they are."""
    changed: list[int] = []
    for number in dict.fromkeys(generation_ids):
        if rows.get(connection, number).published_at is None:
            continue
        moves.set_fields(connection, number, at, {"published_at": None})
        changed += following.take_off(connection, number, at)
    return changed


def delete(connection: Connection, generation_id: int, at: datetime) -> None:
    """Out of every list, and off the places that show what is published."""
    moves.set_fields(connection, generation_id, at, {"deleted_at": at})
    following.take_off(connection, generation_id, at)


def restore(connection: Connection, generation_id: int, at: datetime) -> None:
    """Undo `delete`: it goes once more to the places that it was taken off by it."""
    query = select(generations.c.deleted_at).where(generations.c.id == generation_id)
    deleted_at = connection.execute(query).scalar()
    moves.set_fields(connection, generation_id, at, {"deleted_at": None})
    if deleted_at is not None:
        _show_again(connection, generation_id, deleted_at, CLIP_DELETED, at)


def undo_unpublish(
    connection: Connection,
    generation_id: int,
    published_at: datetime,
    unpublished_at: datetime,
    at: datetime,
) -> list[int]:
    """Back to its place in the feed and to the places that it was taken off by it.

    The ids of its deliveries; nothing where it was deleted or published again meanwhile.
    """
    if is_deleted(connection, generation_id):
        return []
    if rows.get(connection, generation_id).published_at is not None:
        return []
    moves.set_fields(connection, generation_id, at, {"published_at": published_at})
    return _show_again(connection, generation_id, unpublished_at, following.UNPUBLISHED, at)


def _show_again(
    connection: Connection, generation_id: int, taken_off_at: datetime, reason: str, at: datetime
) -> list[int]:
    """Once more where a clip was taken off at that moment. `reason`: of those that waited then."""
    by_it = (_d.generation_id == generation_id, _d.removal_wanted_at == taken_off_at)
    was_shown = or_(
        _d.state.in_([_D.DELIVERED.value, _D.SENDING.value]),
        _d.reason == reason,
    )
    wishes = _newest_wishes(connection, *by_it, was_shown)
    connection.execute(
        update(deliveries).where(*by_it, _d.removed_at.is_(None)).values(removal_wanted_at=None)
    )
    # one that is being sent in this moment is about to be stopped
    return ask(connection, generation_id, wishes, at, is_change=True)


def ask(
    connection: Connection,
    generation_id: int,
    wishes: Sequence[TargetWish],
    at: datetime,
    origin: Origin = Origin.USER,
    *,
    rule_id: int | None = None,
    schedule_id: int | None = None,
    is_change: bool = False,
) -> list[int]:
    """Deliveries of one clip; one that waits for the same already is given back instead.

    Where a link is wanted of a store that has not got the clip, it goes there first. `is_change`: what
    is being sent in this moment is not what is wanted any more.
    """
    made: list[int] = []
    for wish in wishes:
        name, kind = place_of(connection, wish.target_id)
        waiting = _waiting_same(connection, generation_id, wish, is_change=is_change)
        if waiting is not None:
            made.append(waiting)
            continue
        if wish.way is Way.LINK:
            store_id = require_store(wish)
            if read.there(connection, generation_id, store_id) is None:
                store, store_kind = place_of(connection, store_id)
                first = TargetWish(store_id)
                made.append(
                    insert_delivery(connection, generation_id, first, store, store_kind, at, origin)
                )
        made.append(
            insert_delivery(
                connection, generation_id, wish, name, kind, at, origin,
                rule_id=rule_id, schedule_id=schedule_id,
            )
        )  # fmt: skip
    return made


def _waiting_same(
    connection: Connection, generation_id: int, wish: TargetWish, *, is_change: bool
) -> int | None:
    states = (_D.WAITING,) if is_change else (_D.WAITING, _D.SENDING)
    for one in of_clip(connection, generation_id, states):
        if following.is_unwanted(connection, one.id):
            continue
        same = TargetWish(one.target_id, one.way, one.link_target_id)
        if same == wish:
            return one.id
    return None


def _fields(wish: PublishWish, before: Generation) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if wish.caption is not None:
        caption = wish.caption.strip()
        if len(caption) > MAX_CAPTION_LENGTH:
            raise ValueError(f"A caption has at most {MAX_CAPTION_LENGTH} characters.")
        if caption != before.caption:
            fields["caption"] = caption or None
    if wish.cover_at_s is not None:
        if not math.isfinite(wish.cover_at_s) or wish.cover_at_s < 0:
            raise ValueError("The cover is a moment of the clip, in seconds from its start.")
        if before.length_s is not None and wish.cover_at_s > before.length_s:
            raise ValueError(f"The clip is {before.length_s:g} s long: its cover lies within.")
        if wish.cover_at_s != before.cover_at_s:
            fields["cover_at_s"] = wish.cover_at_s
    return fields


def _set_tags(connection: Connection, before: Generation, names: Sequence[str]) -> None:
    wanted = clean_tags(names)
    kept = {folded(name) for name in wanted}
    had = {folded(name) for name in before.tags}
    if gone := [name for name in before.tags if folded(name) not in kept]:
        marks.remove_tags(connection, [before.id], gone)
    if new := [name for name in wanted if folded(name) not in had]:
        marks.add_tags(connection, [before.id], new)


def _is_other(before: Generation, after: Generation) -> bool:
    return replace(after, updated_at=before.updated_at) != before


def tell_pages(connection: Connection, generation_ids: Collection[int], at: datetime) -> None:
    """Caption or tags of these are others: the pages that show them get them once more."""
    shown = connection.execute(
        select(_d.generation_id)
        .distinct()
        .join(generations, generations.c.id == _d.generation_id)
        .where(
            generations.c.published_at.is_not(None),
            _d.kind.in_(following.FOLLOWING),
            _d.generation_id.in_(
                select(func.json_each(ids_json(generation_ids)).table_valued("value").c.value)
            ),
        )
    ).scalars()
    for number in shown.all():
        ask(connection, number, _shown_at(connection, number), at, is_change=True)


def _shown_at(connection: Connection, generation_id: int) -> list[TargetWish]:
    """The places that show what is published, and show this."""
    return _newest_wishes(
        connection,
        _d.generation_id == generation_id,
        _d.kind.in_(following.FOLLOWING),
        _d.state.in_([_D.DELIVERED.value, _D.SENDING.value, _D.WAITING.value]),
        _d.removal_wanted_at.is_(None),
        _d.removed_at.is_(None),
    )


def _newest_wishes(connection: Connection, *conditions: ColumnElement[bool]) -> list[TargetWish]:
    """Of the deliveries that these hold for: one for each target that is not deleted."""
    found = connection.execute(
        select(_d.target_id, _d.way, _d.link_target_id)
        .join(targets, targets.c.id == _d.target_id)
        .where(*conditions, targets.c.deleted_at.is_(None))
        .order_by(_d.id)
    )
    newest = {row.target_id: TargetWish(row[0], Way(row[1]), row[2]) for row in found}
    return list(newest.values())
