"""Schedules and rules: what is published later, and what is delivered by itself.

Every function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from veo_studio.core.library_query import clean_name
from veo_studio.core.models import Generation, GenerationKind
from veo_studio.core.publishing.models import (
    DeliveryState,
    Origin,
    PublishWish,
    Rule,
    Schedule,
    ScheduleState,
    TargetWish,
    Way,
)
from veo_studio.core.store import publishing_asking as asking
from veo_studio.core.store import publishing_moves as moves
from veo_studio.core.store import publishing_rows as read
from veo_studio.core.store import rows
from veo_studio.core.store.tables import rules, schedules

_s = schedules.c
_r = rules.c
_P = ScheduleState.PLANNED.value
# written out in the statement, so that SQLite finds the partial index
_IS_PLANNED = text("state = 'planned'")
REHEARSAL = "rehearsal"
# so many clips are looked at in one transaction
_BLOCK = 200
_NEWEST_CHANGE = "SELECT coalesce(max(id), 0) FROM state_changes"
_FINISHED = (
    "SELECT id, generation_id FROM state_changes "
    "WHERE id > ? AND to_state = 'completed' ORDER BY id LIMIT ?"
)

_BEHIND = (
    "SELECT EXISTS (SELECT 1 FROM state_changes WHERE to_state = 'completed' AND id > "
    "(SELECT min(seen_change_id) FROM rules WHERE is_on = 1 AND deleted_at IS NULL))"
)

# schedules


def plan(connection: Connection, wish: PublishWish, due_at: datetime, at: datetime) -> list[int]:
    """In place of one that is planned for the same clip; those that are others now, the new one last.

    Raises ValueError, LookupError.
    """
    moves.require_finished(connection, wish.generation_id)
    for one in wish.targets:
        moves.place_of(connection, one.target_id)
    changed = _cancel_planned(connection, wish.generation_id, at, "Planned anew.")
    made = connection.execute(
        insert(schedules)
        .values(
            generation_id=wish.generation_id,
            wish=_wish_json(wish),
            due_at=due_at,
            state=_P,
            created_at=at,
            was_missed=False,
            reason="",
        )
        .returning(_s.id)
    )
    return [*changed, int(made.scalar_one())]


def publish_now(
    connection: Connection, wish: PublishWish, at: datetime
) -> tuple[list[int], list[int]]:
    """The ids of its deliveries, and of what was planned for the same clip: it does not happen twice.

    A plan stays where only the words of what is published change. Raises ValueError, LookupError.
    """
    is_draft = rows.get(connection, wish.generation_id).published_at is None
    made = asking.publish(connection, wish, at)
    if not is_draft and not wish.targets:
        return made, []
    return made, _cancel_planned(connection, wish.generation_id, at, "Published before.")


def schedule(connection: Connection, schedule_id: int) -> Schedule:
    """Raises LookupError."""
    row = connection.execute(select(schedules).where(_s.id == schedule_id)).first()
    if row is None:
        raise LookupError(f"There is no schedule {schedule_id}.")
    return _schedule(row)


def all_schedules(connection: Connection, only_planned: bool) -> list[Schedule]:
    query = select(schedules)
    if only_planned:
        query = query.where(_IS_PLANNED).order_by(_s.due_at, _s.id)
    else:
        query = query.order_by(_s.id.desc())
    return [_schedule(row) for row in connection.execute(query)]


def move_schedule(connection: Connection, schedule_id: int, due_at: datetime) -> Schedule:
    _require_planned(connection, schedule_id)
    connection.execute(update(schedules).where(_s.id == schedule_id).values(due_at=due_at))
    return schedule(connection, schedule_id)


def cancel_schedule(connection: Connection, schedule_id: int, at: datetime) -> Schedule:
    _require_planned(connection, schedule_id)
    return _ended(connection, schedule_id, ScheduleState.CANCELLED, at)


def fail_schedule(
    connection: Connection, schedule_id: int, reason: str, at: datetime, was_missed: bool
) -> Schedule:
    """One that is not planned any more stays as it is."""
    if schedule(connection, schedule_id).state is not ScheduleState.PLANNED:
        return schedule(connection, schedule_id)
    return _ended(connection, schedule_id, ScheduleState.FAILED, at, reason, was_missed)


def do_schedule(
    connection: Connection,
    schedule_id: int,
    at: datetime,
    was_missed: bool,
) -> tuple[Schedule, list[int]]:
    """Publish and say so in one transaction, once: the schedule, and the ids of its deliveries."""
    planned = schedule(connection, schedule_id)
    if planned.state is not ScheduleState.PLANNED:
        return planned, []
    known = {one.id for one in read.all_targets(connection)}
    kept = tuple(one for one in planned.wish.targets if _is_there(one, known))
    gone = len(planned.wish.targets) - len(kept)
    reason = "" if not gone else "A target of it was deleted meanwhile."
    wish = replace(planned.wish, targets=kept)
    try:
        with connection.begin_nested():
            made = asking.publish(connection, wish, at, Origin.SCHEDULE, schedule_id=schedule_id)
    except (ValueError, LookupError) as error:
        failed = ScheduleState.FAILED
        return _ended(connection, schedule_id, failed, at, str(error), was_missed), []
    done = _ended(connection, schedule_id, ScheduleState.DONE, at, reason, was_missed)
    return done, made


def _cancel_planned(
    connection: Connection, generation_id: int, at: datetime, reason: str
) -> list[int]:
    cancelled = connection.execute(
        update(schedules)
        .where(_s.generation_id == generation_id, _IS_PLANNED)
        .values(state=ScheduleState.CANCELLED.value, done_at=at, reason=reason)
        .returning(_s.id)
    )
    return [row.id for row in cancelled]


def _is_there(wish: TargetWish, known: Collection[int]) -> bool:
    return wish.target_id in known and (wish.way is not Way.LINK or wish.link_target_id in known)


def _require_planned(connection: Connection, schedule_id: int) -> None:
    state = schedule(connection, schedule_id).state
    if state is not ScheduleState.PLANNED:
        raise ValueError(f"Schedule {schedule_id} is {state.value}.")


def _ended(
    connection: Connection,
    schedule_id: int,
    state: ScheduleState,
    at: datetime,
    reason: str = "",
    was_missed: bool = False,
) -> Schedule:
    connection.execute(
        update(schedules)
        .where(_s.id == schedule_id)
        .values(state=state.value, done_at=at, reason=reason, was_missed=was_missed)
    )
    return schedule(connection, schedule_id)


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        id=row.id,
        wish=_wish(row.generation_id, row.wish, row.due_at),
        due_at=row.due_at,
        state=ScheduleState(row.state),
        created_at=row.created_at,
        done_at=row.done_at,
        was_missed=row.was_missed,
        reason=row.reason,
    )


def _wish_json(wish: PublishWish) -> dict[str, Any]:
    return {
        "caption": wish.caption,
        "tags": None if wish.tags is None else list(wish.tags),
        "cover_at_s": wish.cover_at_s,
        "targets": _targets_json(wish.targets),
    }


def _wish(generation_id: int, stored: Mapping[str, Any], due_at: datetime) -> PublishWish:
    tags = stored["tags"]
    return PublishWish(
        generation_id,
        caption=stored["caption"],
        tags=None if tags is None else tuple(tags),
        cover_at_s=stored["cover_at_s"],
        targets=_targets(stored["targets"]),
        at=due_at,
    )


def _targets_json(wishes: tuple[TargetWish, ...]) -> list[list[Any]]:
    return [[one.target_id, one.way.value, one.link_target_id] for one in wishes]


def _targets(stored: list[list[Any]]) -> tuple[TargetWish, ...]:
    return tuple(TargetWish(number, Way(way), link) for number, way, link in stored)


# rules


def rule(connection: Connection, rule_id: int, *, is_deleted: bool = False) -> Rule:
    """Raises LookupError."""
    row = connection.execute(select(rules).where(_r.id == rule_id)).first()
    if row is None or (row.deleted_at is not None and not is_deleted):
        raise LookupError(f"There is no rule {rule_id}.")
    return _rule(row)


def all_rules(connection: Connection) -> list[Rule]:
    query = select(rules).where(_r.deleted_at.is_(None)).order_by(_r.id)
    return [_rule(row) for row in connection.execute(query)]


def add_rule(connection: Connection, new: Rule, at: datetime) -> Rule:
    """`id` and `since` are given here."""
    values = {**_rule_values(connection, new), "since": at}
    values["seen_change_id"] = connection.exec_driver_sql(_NEWEST_CHANGE).scalar_one()
    made = connection.execute(insert(rules).values(values).returning(_r.id))
    return rule(connection, int(made.scalar_one()))


def change_rule(connection: Connection, changed: Rule, at: datetime) -> Rule:
    """What was finished while it was off is left alone."""
    before = rule(connection, changed.id)
    values = _rule_values(connection, changed)
    if changed.is_on and not before.is_on:
        values["since"] = at
        values["seen_change_id"] = connection.exec_driver_sql(_NEWEST_CHANGE).scalar_one()
    connection.execute(update(rules).where(_r.id == changed.id).values(values))
    return rule(connection, changed.id)


def set_rule_deleted(connection: Connection, rule_id: int, at: datetime | None) -> Rule:
    connection.execute(update(rules).where(_r.id == rule_id).values(deleted_at=at))
    return rule(connection, rule_id, is_deleted=True)


def are_rules_behind(connection: Connection) -> bool:
    """Whether something was finished that a rule has not seen."""
    return bool(connection.exec_driver_sql(_BEHIND).scalar_one())


def apply_rules(connection: Connection, at: datetime) -> tuple[list[int], bool]:
    """Ask for what the rules want of clips that were finished meanwhile; and whether there is more to do.

    Whoever asks, and however often: a clip goes to a place once.
    """
    made: list[int] = []
    has_more = False
    known = {one.id for one in read.all_targets(connection)}
    query = select(rules).where(_r.deleted_at.is_(None), _r.is_on).order_by(_r.id)
    for row in connection.execute(query).all():
        one = _rule(row)
        finished = connection.exec_driver_sql(_FINISHED, (row.seen_change_id, _BLOCK)).all()
        for _change, number in finished:
            generation = rows.get(connection, number)
            if takes(one, generation) and not moves.is_deleted(connection, number):
                made += _by_rule(connection, one, number, known, at)
        if finished:
            seen = {"seen_change_id": finished[-1][0]}
            connection.execute(update(rules).where(_r.id == one.id).values(seen))
        has_more = has_more or len(finished) == _BLOCK
    return made, has_more


def takes(one: Rule, generation: Generation) -> bool:
    """Whether a rule is about this finished clip."""
    is_wanted = (
        generation.has_file
        and (not one.kinds or generation.kind in one.kinds)
        and (not one.providers or generation.provider in one.providers)
        and (not one.models or generation.model in one.models)
    )
    return is_wanted and (one.takes_rehearsals or generation.provider != REHEARSAL)


def _by_rule(
    connection: Connection, one: Rule, generation_id: int, known: Collection[int], at: datetime
) -> list[int]:
    made: list[int] = []
    for wish in one.targets:
        if not _is_there(wish, known):
            continue
        # whatever became of it: it was asked for, by somebody
        before = read.newest_to(connection, generation_id, wish.target_id)
        if before is None or before.state is DeliveryState.CANCELLED:
            made += _once(connection, one, generation_id, wish, at)
    return made


def _once(
    connection: Connection, one: Rule, generation_id: int, wish: TargetWish, at: datetime
) -> list[int]:
    is_known = connection.exec_driver_sql(
        "SELECT 1 FROM deliveries "
        "WHERE generation_id = ? AND target_id = ? AND rule_id IS NOT NULL",
        (generation_id, wish.target_id),
    ).first()
    if is_known is not None:
        return []
    return asking.ask(connection, generation_id, [wish], at, Origin.RULE, rule_id=one.id)


def _rule_values(connection: Connection, one: Rule) -> dict[str, Any]:
    if not one.targets:
        raise ValueError("A rule needs a target: choose one.")
    for wish in one.targets:
        moves.place_of(connection, wish.target_id)
    return {
        "name": clean_name(one.name, "rule"),
        "targets": _targets_json(one.targets),
        "is_on": one.is_on,
        "kinds": sorted(kind.value for kind in one.kinds),
        "providers": sorted(one.providers),
        "models": sorted(one.models),
        "takes_rehearsals": one.takes_rehearsals,
    }


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        targets=_targets(row.targets),
        since=row.since,
        is_on=row.is_on,
        kinds=frozenset(map(GenerationKind, row.kinds)),
        providers=frozenset(row.providers),
        models=frozenset(row.models),
        takes_rehearsals=row.takes_rehearsals,
    )
