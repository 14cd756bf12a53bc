"""When deliveries are carried: what is open, what is due, what rules ask for; once a second, for a number.

One delivery at a time goes to a target; a place that asked for patience gets nothing before its time.
What other programs on this folder store is noticed as the queue notices their generations.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from veo_studio.core.answers import ErrorKind
from veo_studio.core.clock import Alarms
from veo_studio.core.errors import StudioError
from veo_studio.core.publishing.carrying import TRY_WAIT_S, Carrying
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishingEvent,
    PublishingEventKind,
    Way,
)
from veo_studio.core.publishing.scheduling import Scheduling
from veo_studio.core.store.publishing import Look, PublishingRepository
from veo_studio.core.task_scope import TaskScope

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
_D = DeliveryState
_LOOK_S = 1.0
# deliveries that are sent at the same time, to as many targets
_AT_ONCE = 4
# after trouble with this computer's own disk or database
_TROUBLE_S = 5.0
# what cannot be taken away is tried again after a minute, then less and less often
_MOST_WAITS = 60


class Runner:
    """`tell` takes events; `published_changed` is called when another program published something."""

    def __init__(
        self,
        studio: Studio,
        repository: PublishingRepository,
        carrying: Carrying,
        scheduling: Scheduling,
        tell: Callable[[PublishingEvent], None],
        published_changed: Callable[[], None],
    ) -> None:
        self._clock = studio.clock
        self._database = studio.database
        self._repository = repository
        self._carrying = carrying
        self._scheduling = scheduling
        self._tell_event = tell
        self._published_changed = published_changed
        self._alarms = Alarms(studio.clock)
        self._scope = TaskScope()
        self._wake = asyncio.Event()
        self._is_alarm_set = False
        self._is_serving = False
        self._is_recovered = False
        # None: since it resumed everything that is open is its work
        self._own: set[int] | None = set()
        self._begun_at: datetime | None = None
        self._look = Look([], [], [], False, -1)
        self._version: int | None = None
        self._told: dict[int, Delivery] = {}
        # by target: what is sent there now
        self._busy: dict[int, tuple[int, asyncio.Task[None]]] = {}
        self._stopping: set[int] = set()
        # by target, by the monotonic clock: nothing goes there before
        self._not_before: dict[int, float] = {}
        self._due: dict[int, tuple[datetime, float]] = {}
        # of what could not be taken away: how often, and when again
        self._removals: dict[int, tuple[int, float]] = {}
        self._changed = asyncio.Event()

    # what there is to do

    async def take_up(self) -> None:
        """What a kill left half done stands where it should: where this is the scheduler nobody sends it."""
        if self._database.is_scheduler:
            await self._recover()

    async def resume(self) -> None:
        """Everything that is open is taken up, now and from now on.

        What rules and schedules ask for by now is asked for when this returns.
        """
        self._own = None
        self._begun_at = self._clock.now()
        await self._look_once()
        self._serve()

    def take(self, ids: Iterable[int]) -> None:
        """These were asked for here: where this is the scheduler, it works on them."""
        if not self._database.is_scheduler:
            return
        if self._own is not None:
            self._own.update(ids)
        self._serve()

    def look_soon(self) -> None:
        """Something changed here."""
        self._version = None
        self._wake.set()

    def tell(self, delivery: Delivery) -> None:
        """It stands elsewhere now."""
        self._told[delivery.id] = delivery
        if not delivery.state.is_open:
            self._told.pop(delivery.id, None)
            self._due.pop(delivery.id, None)
        self._tell_event(PublishingEvent(PublishingEventKind.DELIVERY, delivery))
        self._wake_waiters()
        self.look_soon()

    async def stop(self, delivery_ids: Collection[int]) -> None:
        """End what is being sent of these; what becomes of it is stored. Until `release` none begins anew."""
        self._stopping.update(delivery_ids)
        tasks = [task for number, task in self._busy.values() if number in delivery_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def release(self, delivery_ids: Collection[int]) -> None:
        self._stopping.difference_update(delivery_ids)
        self.look_soon()

    def carries(self, delivery_id: int) -> bool:
        """True while this program sends it."""
        return any(number == delivery_id for number, _task in self._busy.values())

    async def wait(self, delivery_id: int) -> Delivery:
        """Until it is closed, or waits for longer than a try."""
        self.take([delivery_id])
        while True:
            changed = self._changed
            one = await self._repository.delivery(delivery_id)
            if not one.state.is_open:
                return one
            if one.state is _D.WAITING and self._left_s(one) > TRY_WAIT_S + _LOOK_S:
                return one
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S / 2):
                    await changed.wait()

    async def taken_away(self, generation_ids: Collection[int] | None) -> list[Delivery]:
        """Once each removal of these clips, or of all, was tried by the scheduler: what is there still."""
        while self._database.is_scheduler:
            changed = self._changed
            left = [
                one
                for one in (await self._repository.look()).removals
                if generation_ids is None or one.generation_id in generation_ids
            ]
            if all(one.id in self._removals for one in left):
                return left
            self.take(one.id for one in left)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S / 2):
                    await changed.wait()
        return []

    async def close(self) -> None:
        """What is being sent ends; it goes on at the next start, where that does no harm."""
        self._scope.cancel()
        await self._scope.close()
        await self._alarms.close()
        self._wake_waiters()

    # the loop

    async def _recover(self) -> None:
        """Once: only the scheduler sends, so what was being sent before is not any more."""
        if self._is_recovered:
            return
        recovered = await self._repository.recover()
        self._is_recovered = True
        for one in recovered:
            self.tell(one)

    def _serve(self) -> None:
        self._wake.set()
        if not self._is_serving:
            self._is_serving = True
            self._scope.spawn(self._run(), "deliveries")

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._look_once()
            self._tick()

    async def _look_once(self) -> None:
        try:
            await self._turn()
        except StudioError as error:
            self._version = None
            _log.warning("deliveries cannot be looked at: %s", error.message)
        except Exception:
            # a bug of ours must not end every delivery of this run
            self._version = None
            _log.exception("a look at the deliveries failed")

    def _tick(self) -> None:
        if not self._is_alarm_set:
            self._is_alarm_set = True
            self._alarms.set(_LOOK_S, self._on_alarm)

    def _on_alarm(self) -> None:
        self._is_alarm_set = False
        self._wake.set()

    async def _turn(self) -> None:
        await self._recover()
        before = self._version
        self._version = version = await self._repository.data_version()
        if before is None or version != before:
            await self._read()
        if self._own is None and self._begun_at is not None:
            if self._look.has_rules_to_apply:
                for one in await self._repository.apply_rules():
                    self.tell(one)
            if self._scheduling.wait_s(self._look.planned) == 0:
                await self._scheduling.do_due(self._look.planned, self._begun_at)
                self.look_soon()
        self._start()

    async def _read(self) -> None:
        before, self._look = self._look, await self._repository.look()
        now_open = {one.id: one for one in self._look.deliveries}
        for one in self._look.deliveries:
            if self._told.get(one.id) != one:
                self._told[one.id] = one
                self._tell_event(PublishingEvent(PublishingEventKind.DELIVERY, one))
        for number in [number for number in self._told if number not in now_open]:
            del self._told[number]
            self._due.pop(number, None)
            one = await self._repository.delivery(number)
            self._tell_event(PublishingEvent(PublishingEventKind.DELIVERY, one))
        if before.planned != self._look.planned:
            self._tell_event(PublishingEvent(PublishingEventKind.SCHEDULE))
        if before.published != self._look.published:
            self._published_changed()
        self._wake_waiters()

    # what goes next

    def _start(self) -> None:
        now = self._clock.monotonic()
        self._note_patience()
        open_ones = [one for one in self._look.deliveries if self._is_mine(one.id)]
        for one in self._look.removals:
            _tries, not_before = self._removals.get(one.id, (0, 0.0))
            is_due = not_before <= now and self._is_mine(one.id)
            if is_due and self._may_go(one.target_id, now):
                self._begin(one.target_id, one.id, self._remove(one))
        for one in open_ones:
            if (
                one.state is _D.WAITING
                and one.id not in self._stopping
                and self._may_go(one.target_id, now)
                and self._due_at(one) <= now
                and not self._is_blocked(one)
            ):
                self._begin(one.target_id, one.id, self._carry(one))

    def _is_mine(self, delivery_id: int) -> bool:
        return self._own is None or delivery_id in self._own

    def _may_go(self, target_id: int, now: float) -> bool:
        is_free = target_id not in self._busy and len(self._busy) < _AT_ONCE
        return is_free and self._not_before.get(target_id, now) <= now

    def _note_patience(self) -> None:
        """A place that asked for patience gets nothing before: not this clip, and no other."""
        for one in self._look.deliveries:
            is_asked = one.waits > 0 or one.error_kind is ErrorKind.RATE_LIMITED
            if one.state is _D.WAITING and is_asked:
                until = max(self._due_at(one), self._not_before.get(one.target_id, 0.0))
                self._not_before[one.target_id] = until

    def _is_blocked(self, one: Delivery) -> bool:
        """True where its link leads to a store that the clip is on its way to."""
        return one.way is Way.LINK and any(
            other.generation_id == one.generation_id and other.target_id == one.link_target_id
            for other in self._look.deliveries
        )

    def _due_at(self, one: Delivery) -> float:
        """By the monotonic clock: a wall clock that is set back holds nothing up."""
        if one.next_attempt_at is None:
            return 0.0
        known = self._due.get(one.id)
        if known is None or known[0] != one.next_attempt_at:
            known = (one.next_attempt_at, self._clock.monotonic() + self._left_s(one))
            self._due[one.id] = known
        return known[1]

    def _left_s(self, one: Delivery) -> float:
        if one.next_attempt_at is None:
            return 0.0
        left = (one.next_attempt_at - self._clock.now()).total_seconds()
        # never more than it was when it was stored
        told = (one.next_attempt_at - one.updated_at).total_seconds()
        return max(0.0, min(left, told))

    def _begin(self, target_id: int, delivery_id: int, work: Coroutine[Any, Any, None]) -> None:
        task = self._scope.spawn(work, f"delivery {delivery_id}")
        if task is not None:
            self._busy[target_id] = (delivery_id, task)
            task.add_done_callback(lambda _task: self._ended(target_id))

    def _ended(self, target_id: int) -> None:
        self._busy.pop(target_id, None)
        self.look_soon()

    async def _carry(self, one: Delivery) -> None:
        try:
            await self._carrying.carry(one.id)
        except StudioError as error:
            _log.warning("delivery %d cannot begin: %s", one.id, error.message)
            self._not_before[one.target_id] = self._clock.monotonic() + _TROUBLE_S

    async def _remove(self, one: Delivery) -> None:
        """What was unpublished leaves the places that show what is published."""
        try:
            await self._carrying.remove(one)
            self._removals.pop(one.id, None)
        except StudioError as error:
            # the folder of a gallery may be on a disk that is not there now
            _log.warning("a clip cannot be taken away there yet: %s", error.message)
            self._put_off(one)
        except Exception:
            # a bug of ours must not try it without a pause, nor let anybody wait for ever
            _log.exception("a clip cannot be taken away there")
            self._put_off(one)

    def _put_off(self, one: Delivery) -> None:
        tries = self._removals.get(one.id, (0, 0.0))[0] + 1
        wait_s = TRY_WAIT_S * min(tries, _MOST_WAITS)
        self._removals[one.id] = (tries, self._clock.monotonic() + wait_s)
        self._wake_waiters()

    def _wake_waiters(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
