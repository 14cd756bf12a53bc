"""Publishing, put together: what windows, commands and later the server ask for."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.core.publishing.carrying import Carrying
from veo_studio.core.publishing.models import (
    CLIP_DELETED,
    LINK_AT_MOST,
    LINK_FOR,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Link,
    PublishingCounts,
    PublishingEvent,
    PublishingEventKind,
    PublishWish,
    Refusal,
    Schedule,
    Target,
    TargetWish,
    Way,
)
from veo_studio.core.publishing.places import Places
from veo_studio.core.publishing.runner import Runner
from veo_studio.core.publishing.scheduling import Scheduling
from veo_studio.core.task_scope import TaskScope

if TYPE_CHECKING:
    from veo_studio.core.exporting.exporter import Exporter
    from veo_studio.core.publishing.preparing import Preparer
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
_D = DeliveryState
_K = PublishingEventKind


class PublishingDesk(Places):
    """`studio.publishing`; closed by the studio.

    Everything here raises StorageError; LookupError for numbers that are not there. The scheduler of the
    folder works on what is asked for; other programs store it and follow.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._scope = TaskScope()
        self._carrying = Carrying(
            studio,
            self.repository,
            self._book,
            lambda: self.preparer,
            lambda delivery: self._runner.tell(delivery),
            lambda delivery: self._tell(PublishingEvent(_K.PROGRESS, delivery)),
        )
        self._runner = Runner(
            studio,
            self.repository,
            self._carrying,
            Scheduling(studio, self.repository, self._on_schedule_over),
            self._tell,
            self._on_published_elsewhere,
        )
        self._published: set[int] | None = None
        self._unsubscribe = studio.events.subscribe(self._on_generation)

    @cached_property
    def preparer(self) -> Preparer:
        """Made at the first delivery: it brings what encodes video."""
        from veo_studio.core.publishing.preparing import Preparer

        folder = self._studio.paths.cache / "deliveries"
        return Preparer(folder, self._studio.thumbnails, self._exporter)

    @cached_property
    def _exporter(self) -> Exporter:
        from veo_studio.core.exporting.exporter import Exporter

        return Exporter(self._studio.paths.exports)

    # publishing

    async def publish(self, wishes: Sequence[PublishWish]) -> list[Generation]:
        """All or nothing, as they are then; with `at` a schedule instead, and the clip as it is.

        One that is published already keeps its place in the feed. Raises ValueError with a sentence.
        """
        await self._asking.check_wishes(wishes)
        made, planned = await self._asking.found(self.repository.publish(wishes))
        now = [wish.generation_id for wish in wishes if wish.at is None]
        if self._published is not None:
            self._published.update(now)
        for one in planned:
            self._tell(PublishingEvent(_K.SCHEDULE, schedule=one))
        self._on_asked(made)
        await self._emit(now)
        return await self._studio.library.by_ids([wish.generation_id for wish in wishes])

    async def unpublish(self, generation_ids: Collection[int]) -> list[Generation]:
        """Back to the drafts, as they are then; what was delivered stays, except in galleries."""
        changed = await self.repository.unpublish(generation_ids)
        if self._published is not None:
            self._published.difference_update(generation_ids)
        self._on_asked(changed)
        return await self._emit(generation_ids)

    async def undo_unpublish(
        self, before: Sequence[Generation], after: Sequence[Generation]
    ) -> list[Generation]:
        """As they are then: in the feed where they were, and on the pages that showed them.

        `after` is what `unpublish` gave back. What was published again meanwhile stays as it is.
        """
        taken_back = {one.id: one.updated_at for one in after}
        published = {
            one.id: one.published_at
            for one in before
            if one.published_at is not None and one.id in taken_back
        }
        self._on_asked(await self.repository.undo_unpublish(published, taken_back))
        if self._published is not None:
            self._published.update(published)
        return await self._emit(list(published))

    async def deliver(
        self, generation_ids: Sequence[int], targets: Sequence[TargetWish]
    ) -> list[Delivery]:
        """Without publishing. Raises ValueError with a sentence; then nothing was stored."""
        if not targets:
            raise ValueError("Choose where to deliver to.")
        wishes = [PublishWish(number, targets=tuple(targets)) for number in generation_ids]
        await self._asking.check_wishes(wishes)
        made = await self._asking.found(self.repository.deliver(generation_ids, targets))
        self._on_asked(made)
        return made

    async def refusals(
        self, generation_ids: Sequence[int], targets: Sequence[TargetWish]
    ) -> dict[tuple[int, int], Refusal]:
        """By generation and target: what would not be taken, as far as it is known before sending."""
        return await self._asking.refusals(generation_ids, targets)

    async def counts(self) -> PublishingCounts:
        return await self.repository.counts()

    # deliveries

    async def deliveries(
        self,
        *,
        generation_id: int | None = None,
        states: Collection[DeliveryState] | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """The newest first; `before_id` is the last one of the page before."""
        return await self.repository.deliveries(generation_id, states, before_id, limit)

    async def delivery(self, delivery_id: int) -> Delivery:
        await self._runner.take_up()
        return await self.repository.delivery(delivery_id)

    async def attempts(self, delivery_id: int) -> list[DeliveryAttempt]:
        """Oldest first."""
        return await self.repository.attempts(delivery_id)

    async def again(
        self, delivery_id: int, way: Way | None = None, link_target_id: int | None = None
    ) -> Delivery:
        """Once more, with all tries: one that failed, was cancelled or may have been sent. ValueError else."""
        await self._runner.take_up()
        asked = await self.repository.again(delivery_id, way, link_target_id)
        self._on_asked(asked)
        return asked[-1]

    async def arrived(self, delivery_id: int) -> Delivery:
        """The user has seen it there: MAYBE_SENT becomes DELIVERED. ValueError else."""
        await self._runner.take_up()
        return self._told(await self.repository.arrived(delivery_id))

    async def cancel(self, delivery_id: int) -> Delivery:
        """As it is then: where all of it was handed over already, it may have been sent. ValueError
        where it is delivered, or another program sends it in this moment."""
        await self._runner.take_up()
        if not self._runner.carries(delivery_id):
            return self._told(await self.repository.cancel(delivery_id))
        await self._runner.stop([delivery_id])
        try:
            one = await self.repository.delivery(delivery_id)
            if one.state is _D.WAITING:
                one = self._told(await self.repository.cancel(delivery_id))
            return one
        finally:
            self._runner.release([delivery_id])

    async def link(self, delivery_id: int, valid_for: timedelta = LINK_FOR) -> Link | None:
        """A fresh one; None where the target has none. Raises PublishError; ValueError beyond 7 days."""
        if not timedelta(seconds=1) <= valid_for <= LINK_AT_MOST:
            raise ValueError("A link works for 7 days at most.")
        one = await self.repository.delivery(delivery_id)
        if one.state is not _D.DELIVERED or one.receipt is None or one.removed_at is not None:
            return None
        if one.receipt.public_url:
            return Link(one.receipt.public_url)
        link = await self._carrying.link_of(one, valid_for)
        if link is not None:
            self._told(await self.repository.set_link_until(delivery_id, link.until))
        return link

    async def remove_there(self, delivery_id: int) -> Delivery:
        """Take away what was delivered. Raises PublishError; ValueError where nothing was delivered."""
        one = await self.repository.delivery(delivery_id)
        if one.state is not _D.DELIVERED:
            raise ValueError(f"Delivery {delivery_id} was not delivered: nothing is there.")
        if one.removed_at is not None:
            return one
        if one.kind.follows_publication:
            # all that brought it to this page: else new words would bring it back
            self._on_asked(await self.repository.take_off(one.generation_id, one.target_id))
        return await self._carrying.remove(one)

    async def taken_away(self, generation_ids: Collection[int] | None = None) -> list[Delivery]:
        """Once each place that shows what is published was tried for these clips, or for all: what could
        not be taken away there yet. Empty at once where another program does it."""
        return await self._runner.taken_away(generation_ids)

    def progress_of(self, delivery_id: int) -> tuple[int, int] | None:
        """How much of it arrived and how much there is, in bytes, while this program sends it."""
        return self._carrying.progress.get(delivery_id)

    async def wait(self, delivery_id: int) -> Delivery:
        """Until it is closed, or waits for longer than a try."""
        return await self._runner.wait(delivery_id)

    # schedules

    async def schedules(self, *, only_planned: bool = True) -> list[Schedule]:
        """What comes first is first; all of them: the newest first."""
        return await self.repository.schedules(only_planned=only_planned)

    async def reschedule(self, schedule_id: int, at: datetime) -> Schedule:
        """Raises ValueError for a moment that is over, and for one that is not planned any more."""
        self._asking.check_moment(at)
        return self._planned(await self.repository.reschedule(schedule_id, at))

    async def cancel_schedule(self, schedule_id: int) -> Schedule:
        """ValueError for one that is done."""
        return self._planned(await self.repository.cancel_schedule(schedule_id))

    # targets

    async def delete_target(self, target_id: int) -> Target:
        """It can be restored; open deliveries to it are cancelled, its secrets stay in the keyring."""
        deleted, cancelled = await self.repository.delete_target(target_id)
        for one in cancelled:
            self._runner.tell(one)
        await self._cancel_sent(
            [one for one in await self._sending() if one.target_id == target_id]
        )
        self._tell(PublishingEvent(_K.TARGETS))
        return deleted

    # going on

    async def resume(self) -> None:
        """After a start, for the scheduler of the folder: take up what is open and what is due."""
        await self._runner.resume()
        self._scope.spawn(self._sweep(), "deliveries sweep")

    async def close(self) -> None:
        """Everything that is open goes on at the next start."""
        self._unsubscribe()
        await self._runner.close()
        await self._scope.close()
        if "_exporter" in self.__dict__:
            await self._exporter.close()
        self._listeners.clear()

    # inside

    async def _sweep(self) -> None:
        """What was made for deliveries that are closed by now."""
        folder = self._studio.paths.cache / "deliveries"
        if folder.exists():
            look = await self.repository.look()
            await self.preparer.sweep([one.uuid for one in look.deliveries])

    def _on_asked(self, made: Sequence[Delivery]) -> None:
        for one in made:
            self._runner.tell(one)
        self._runner.take(one.id for one in made)

    async def _emit(self, generation_ids: Collection[int]) -> list[Generation]:
        found = await self._studio.library.by_ids(list(generation_ids))
        for generation in found:
            self._studio.events.emit(GenerationEvent(EventKind.UPDATED, generation))
        return found

    async def _sending(self) -> list[Delivery]:
        open_ones = (await self.repository.look()).deliveries
        return [one for one in open_ones if self._runner.carries(one.id)]

    async def _cancel_sent(self, sent: Sequence[Delivery]) -> None:
        for one in sent:
            # it may have arrived meanwhile
            with suppress(ValueError):
                await self.cancel(one.id)

    def _told(self, delivery: Delivery) -> Delivery:
        self._runner.tell(delivery)
        return delivery

    def _planned(self, schedule: Schedule) -> Schedule:
        self._tell(PublishingEvent(_K.SCHEDULE, schedule=schedule))
        self._runner.look_soon()
        return schedule

    def _look_soon(self) -> None:
        self._runner.look_soon()

    def _on_schedule_over(self, schedule: Schedule, made: list[Delivery]) -> None:
        for one in made:
            self._runner.tell(one)
        self._tell(PublishingEvent(_K.SCHEDULE, schedule=schedule))
        self._scope.spawn(self._emit([schedule.wish.generation_id]), "published")

    def _on_published_elsewhere(self) -> None:
        self._scope.spawn(self._tell_published(), "published elsewhere")

    async def _tell_published(self) -> None:
        """Views are told of what another program published or took back."""
        found = await self.repository.published_ids()
        before, self._published = self._published, found
        if before is not None:
            await self._emit(sorted(before ^ found))

    def _on_generation(self, event: GenerationEvent) -> None:
        if event.kind is EventKind.REMOVED:
            self._scope.spawn(self._on_removed(event.generation), "deliveries of a deleted clip")
        elif event.kind is EventKind.STATE_CHANGED and event.generation.has_file:
            # a rule may be about it
            self._runner.look_soon()

    async def _on_removed(self, generation: Generation) -> None:
        # first of all: what an undo asks for anew is none of these
        sent = [one for one in await self._sending() if one.generation_id == generation.id]
        told = await self.repository.cancel_waiting(CLIP_DELETED, generation_id=generation.id)
        for one in told:
            self._runner.tell(one)
        await self._cancel_sent(sent)
