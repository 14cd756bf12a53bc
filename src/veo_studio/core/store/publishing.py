"""Targets, deliveries, schedules and rules in the database: reads on the reader's thread, changes on the writer's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    PublishingCounts,
    PublishWish,
    Rule,
    Schedule,
    Target,
    TargetKind,
    TargetWish,
    Way,
)
from veo_studio.core.store import publishing_asking as asking
from veo_studio.core.store import publishing_following as following
from veo_studio.core.store import publishing_moves as moves
from veo_studio.core.store import publishing_plans as plans
from veo_studio.core.store import publishing_rows as read
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now


@dataclass(frozen=True)
class Look:
    """What a program that delivers looks at. `deliveries` are open, `removals` shall be taken away, oldest
    first; `planned` are schedules, the next first; `published` changes with what is published."""

    deliveries: list[Delivery]
    removals: list[Delivery]
    planned: list[Schedule]
    has_rules_to_apply: bool
    published: int


def look(connection: Connection) -> Look:
    return Look(
        read.open_ones(connection),
        following.to_remove(connection),
        plans.all_schedules(connection, only_planned=True),
        plans.are_rules_behind(connection),
        read.published_mark(connection),
    )


class PublishingRepository:
    """Every method raises StorageError, and LookupError where something is not there."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self._clock = clock

    # what people ask for

    async def publish(self, wishes: Sequence[PublishWish]) -> tuple[list[Delivery], list[Schedule]]:
        """Those with `at` are planned; schedules that are others now. All or nothing; raises ValueError."""
        now = self._clock()

        def work(connection: Connection) -> tuple[list[Delivery], list[Schedule]]:
            made: list[int] = []
            planned: list[int] = []
            for wish in wishes:
                if wish.at is None:
                    now_made, cancelled = plans.publish_now(connection, wish, now)
                    made += now_made
                    planned += cancelled
                else:
                    planned += plans.plan(connection, wish, wish.at, now)
            return (
                read.many(connection, made),
                [plans.schedule(connection, number) for number in planned],
            )

        return await self.database.write(work)

    async def unpublish(self, generation_ids: Collection[int]) -> list[Delivery]:
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            changed = asking.unpublish(connection, generation_ids, now)
            return read.many(connection, changed)

        return await self.database.write(work)

    async def undo_unpublish(
        self, before: Mapping[int, datetime], at: Mapping[int, datetime]
    ) -> list[Delivery]:
        """By generation: when it was published, and when that was taken back."""
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            made: list[int] = []
            for number, published_at in before.items():
                made += asking.undo_unpublish(connection, number, published_at, at[number], now)
            return read.many(connection, made)

        return await self.database.write(work)

    async def deliver(
        self, generation_ids: Sequence[int], wishes: Sequence[TargetWish]
    ) -> list[Delivery]:
        """All or nothing; raises ValueError."""
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            made: list[int] = []
            for number in generation_ids:
                moves.require_finished(connection, number)
                made += asking.ask(connection, number, wishes, now)
            return read.many(connection, list(dict.fromkeys(made)))

        return await self.database.write(work)

    # deliveries

    async def deliveries(
        self,
        generation_id: int | None = None,
        states: Collection[DeliveryState] | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        return await self.database.read(
            lambda c: read.page(c, generation_id, states, before_id, limit)
        )

    async def delivery(self, delivery_id: int) -> Delivery:
        return await self.database.read(lambda c: read.delivery(c, delivery_id))

    async def attempts(self, delivery_id: int) -> list[DeliveryAttempt]:
        def work(connection: Connection) -> list[DeliveryAttempt]:
            read.delivery(connection, delivery_id)
            return read.attempts(connection, delivery_id)

        return await self.database.read(work)

    async def look(self) -> Look:
        """What there is to do, of one moment."""
        return await self.database.read(look)

    async def data_version(self) -> int:
        """Grows with every change of the file, whoever makes it."""
        sql = "PRAGMA data_version"
        return await self.database.read(lambda c: int(c.exec_driver_sql(sql).scalar_one()))

    async def there(self, generation_id: int, target_id: int) -> Delivery | None:
        """The newest that brought this clip to this target, or is about to."""
        return await self.database.read(lambda c: read.there(c, generation_id, target_id))

    async def newest_to(self, generation_id: int, target_id: int) -> Delivery | None:
        return await self.database.read(lambda c: read.newest_to(c, generation_id, target_id))

    async def again(
        self, delivery_id: int, way: Way | None, link_target_id: int | None
    ) -> list[Delivery]:
        """What was asked for, last; before it the store of its link. Raises ValueError."""
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            changed = moves.again(connection, delivery_id, way, link_target_id, now)
            return read.many(connection, changed)

        return await self.database.write(work)

    async def arrived(self, delivery_id: int) -> Delivery:
        now = self._clock()
        return await self.database.write(lambda c: moves.arrived(c, delivery_id, now))

    async def cancel(self, delivery_id: int, reason: str = "") -> Delivery:
        """Raises ValueError for one that is being sent, or was delivered."""
        now = self._clock()
        return await self.database.write(lambda c: moves.cancel(c, delivery_id, now, reason))

    async def cancel_waiting(
        self, reason: str, *, generation_id: int | None = None, target_id: int | None = None
    ) -> list[Delivery]:
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            changed = moves.cancel_waiting(
                connection, now, reason, generation_id=generation_id, target_id=target_id
            )
            return read.many(connection, changed)

        return await self.database.write(work)

    async def begin(self, delivery_id: int) -> tuple[Delivery, int | None]:
        """The delivery and its new attempt, stored before it begins; None where there is nothing to do."""
        now = self._clock()
        return await self.database.write(lambda c: moves.begin(c, delivery_id, now))

    async def mark_sending(self, attempt_id: int, is_harmless: bool) -> None:
        now = self._clock()
        await self.database.write(lambda c: moves.mark_sending(c, attempt_id, is_harmless, now))

    async def end(
        self, delivery_id: int, attempt_id: int, to: DeliveryState, **fields: Any
    ) -> Delivery:
        """What became of an attempt; see `publishing_moves.end`."""
        now = self._clock()
        return await self.database.write(
            lambda c: moves.end(c, delivery_id, attempt_id, to, now, **fields)
        )

    async def recover(self) -> list[Delivery]:
        """After a kill, before anything is sent: those that are others now."""
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            return read.many(connection, moves.recover(connection, now))

        return await self.database.write(work)

    async def set_link_until(self, delivery_id: int, until: datetime | None) -> Delivery:
        def work(connection: Connection) -> Delivery:
            moves.set_link_until(connection, delivery_id, until)
            return read.delivery(connection, delivery_id)

        return await self.database.write(work)

    async def set_removed(self, delivery_id: int) -> Delivery:
        now = self._clock()
        return await self.database.write(lambda c: moves.set_removed(c, delivery_id, now))

    async def take_off(self, generation_id: int, target_id: int) -> list[Delivery]:
        """Want a clip off a place that shows what is published: those that are others now."""
        now = self._clock()

        def work(connection: Connection) -> list[Delivery]:
            changed = following.take_off(connection, generation_id, now, target_id)
            return read.many(connection, changed)

        return await self.database.write(work)

    async def counts(self) -> PublishingCounts:
        return await self.database.read(read.counts)

    async def published_ids(self) -> set[int]:
        return await self.database.read(read.published_ids)

    # targets

    async def targets(self) -> list[Target]:
        return await self.database.read(read.all_targets)

    async def target(self, target_id: int, *, is_deleted: bool = False) -> Target:
        return await self.database.read(lambda c: read.target(c, target_id, is_deleted=is_deleted))

    async def add_target(self, name: str, kind: TargetKind, options: Mapping[str, str]) -> Target:
        """Raises ValueError where the name is bad or taken."""
        now = self._clock()
        return await self.database.write(lambda c: read.add_target(c, name, kind, options, now))

    async def change_target(
        self, target_id: int, name: str | None, options: Mapping[str, str] | None
    ) -> Target:
        return await self.database.write(lambda c: read.change_target(c, target_id, name, options))

    async def forget_target(self, target_id: int) -> None:
        await self.database.write(lambda c: read.forget_target(c, target_id))

    async def delete_target(self, target_id: int) -> tuple[Target, list[Delivery]]:
        """And what waited for it, which is cancelled."""
        now = self._clock()

        def work(connection: Connection) -> tuple[Target, list[Delivery]]:
            name = read.target(connection, target_id).name
            reason = f"The target {name!r} was deleted."
            changed = moves.cancel_waiting(connection, now, reason, target_id=target_id)
            deleted = read.set_target_deleted(connection, target_id, now)
            return deleted, read.many(connection, changed)

        return await self.database.write(work)

    async def restore_target(self, target_id: int) -> Target:
        return await self.database.write(lambda c: read.set_target_deleted(c, target_id, None))

    # schedules

    async def schedules(self, *, only_planned: bool) -> list[Schedule]:
        return await self.database.read(lambda c: plans.all_schedules(c, only_planned))

    async def reschedule(self, schedule_id: int, at: datetime) -> Schedule:
        return await self.database.write(lambda c: plans.move_schedule(c, schedule_id, at))

    async def cancel_schedule(self, schedule_id: int) -> Schedule:
        now = self._clock()
        return await self.database.write(lambda c: plans.cancel_schedule(c, schedule_id, now))

    async def fail_schedule(self, schedule_id: int, reason: str, was_missed: bool) -> Schedule:
        now = self._clock()
        return await self.database.write(
            lambda c: plans.fail_schedule(c, schedule_id, reason, now, was_missed)
        )

    async def do_schedule(
        self, schedule_id: int, was_missed: bool
    ) -> tuple[Schedule, list[Delivery]]:
        now = self._clock()

        def work(connection: Connection) -> tuple[Schedule, list[Delivery]]:
            done, made = plans.do_schedule(connection, schedule_id, now, was_missed)
            return done, read.many(connection, made)

        return await self.database.write(work)

    # rules

    async def rules(self) -> list[Rule]:
        return await self.database.read(plans.all_rules)

    async def add_rule(self, new: Rule) -> Rule:
        now = self._clock()
        return await self.database.write(lambda c: plans.add_rule(c, new, now))

    async def change_rule(self, changed: Rule) -> Rule:
        now = self._clock()
        return await self.database.write(lambda c: plans.change_rule(c, changed, now))

    async def delete_rule(self, rule_id: int) -> Rule:
        now = self._clock()
        return await self.database.write(lambda c: plans.set_rule_deleted(c, rule_id, now))

    async def restore_rule(self, rule_id: int) -> Rule:
        return await self.database.write(lambda c: plans.set_rule_deleted(c, rule_id, None))

    async def apply_rules(self) -> list[Delivery]:
        """What they ask for of everything that was finished since they were applied last."""
        made: list[Delivery] = []
        now = self._clock()

        def work(connection: Connection) -> tuple[list[Delivery], bool]:
            numbers, has_more = plans.apply_rules(connection, now)
            return read.many(connection, numbers), has_more

        has_more = True
        while has_more:
            some, has_more = await self.database.write(work)
            made += some
        return made
