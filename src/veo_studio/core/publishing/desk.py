"""Publishing, put together: what windows, commands and later the server ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from veo_studio.core.models import Generation, GenerationKind
from veo_studio.core.publishing.models import (
    LINK_FOR,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Link,
    PublishingCounts,
    PublishingEvent,
    PublishWish,
    Refusal,
    Rule,
    Schedule,
    Target,
    TargetKind,
    TargetWish,
    Way,
)

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

Listener = Callable[[PublishingEvent], None]


class PublishingDesk:
    """`studio.publishing`; closed by the studio.

    Everything here raises StorageError; LookupError for numbers that are not there. The scheduler of the
    folder works on what is asked for; other programs store it and follow.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be called on the loop's thread with what happens; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    # publishing

    async def publish(self, wishes: Sequence[PublishWish]) -> list[Generation]:
        """All or nothing, as they are then; with `at` a schedule instead, and the clip as it is.

        One that is published already keeps its place in the feed. Raises ValueError with a sentence.
        """
        raise NotImplementedError

    async def unpublish(self, generation_ids: Collection[int]) -> list[Generation]:
        """Back to the drafts, as they are then; what was delivered stays, except in galleries."""
        raise NotImplementedError

    async def deliver(
        self, generation_ids: Sequence[int], targets: Sequence[TargetWish]
    ) -> list[Delivery]:
        """Without publishing. Raises ValueError with a sentence; then nothing was stored."""
        raise NotImplementedError

    async def refusals(
        self, generation_ids: Sequence[int], targets: Sequence[TargetWish]
    ) -> dict[tuple[int, int], Refusal]:
        """By generation and target: what would not be taken, as far as it is known before sending."""
        return {}

    async def counts(self) -> PublishingCounts:
        return PublishingCounts()

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
        return []

    async def delivery(self, delivery_id: int) -> Delivery:
        raise NotImplementedError

    async def attempts(self, delivery_id: int) -> list[DeliveryAttempt]:
        """Oldest first."""
        return []

    async def again(
        self, delivery_id: int, way: Way | None = None, link_target_id: int | None = None
    ) -> Delivery:
        """Once more, with all tries: one that failed, was cancelled or may have been sent. ValueError else."""
        raise NotImplementedError

    async def arrived(self, delivery_id: int) -> Delivery:
        """The user has seen it there: MAYBE_SENT becomes DELIVERED. ValueError else."""
        raise NotImplementedError

    async def cancel(self, delivery_id: int) -> Delivery:
        """As it is then: where all of it was handed over already, it may have been sent. ValueError
        where it is delivered, or another program sends it in this moment."""
        raise NotImplementedError

    async def link(self, delivery_id: int, valid_for: timedelta = LINK_FOR) -> Link | None:
        """A fresh one; None where the target has none. Raises PublishError; ValueError beyond 7 days."""
        raise NotImplementedError

    async def remove_there(self, delivery_id: int) -> Delivery:
        """Take away what was delivered. Raises PublishError; ValueError where nothing was delivered."""
        raise NotImplementedError

    def progress_of(self, delivery_id: int) -> tuple[int, int] | None:
        """How much of it arrived and how much there is, in bytes, while this program sends it."""
        return None

    async def wait(self, delivery_id: int) -> Delivery:
        """Until it is closed, or waits for longer than a try."""
        raise NotImplementedError

    # schedules

    async def schedules(self, *, only_planned: bool = True) -> list[Schedule]:
        """What comes first is first; all of them: the newest first."""
        return []

    async def reschedule(self, schedule_id: int, at: datetime) -> Schedule:
        """Raises ValueError for a moment that is over, and for one that is not planned any more."""
        raise NotImplementedError

    async def cancel_schedule(self, schedule_id: int) -> Schedule:
        """ValueError for one that is done."""
        raise NotImplementedError

    # targets

    async def targets(self) -> list[Target]:
        """By name."""
        return []

    async def add_target(
        self,
        name: str,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Target:
        """Raises ValueError with a sentence: the name is taken, something is missing or wrong."""
        raise NotImplementedError

    async def change_target(
        self,
        target_id: int,
        *,
        name: str | None = None,
        options: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Target:
        """`options` are all of them; a secret that is left out stays. Raises as `add_target`."""
        raise NotImplementedError

    async def delete_target(self, target_id: int) -> Target:
        """It can be restored; open deliveries to it are cancelled, its secrets stay in the keyring."""
        raise NotImplementedError

    async def restore_target(self, target_id: int) -> Target:
        """Undo `delete_target`. ValueError where its name is taken by now."""
        raise NotImplementedError

    async def check_target(
        self,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
        target_id: int | None = None,
    ) -> str:
        """Try it without sending a clip: one sentence of what was proved.

        Secrets that are left out are those of `target_id`. Raises PublishError, ValueError.
        """
        raise NotImplementedError

    def has_secret(self, target: Target, option: str) -> bool:
        """Whether there is a value for it, of a target that `targets` gave."""
        return False

    # rules

    async def rules(self) -> list[Rule]:
        """Oldest first."""
        return []

    async def add_rule(
        self,
        name: str,
        targets: Sequence[TargetWish],
        *,
        kinds: Collection[GenerationKind] = (),
        providers: Collection[str] = (),
        models: Collection[str] = (),
        takes_rehearsals: bool = False,
        is_on: bool = True,
    ) -> Rule:
        """For what is finished from now on. Raises ValueError with a sentence."""
        raise NotImplementedError

    async def change_rule(self, rule: Rule) -> Rule:
        """As it is then; one that is switched on is for what is finished from now on."""
        raise NotImplementedError

    async def delete_rule(self, rule_id: int) -> Rule:
        """It can be restored; what it asked for stays."""
        raise NotImplementedError

    async def restore_rule(self, rule_id: int) -> Rule:
        """Undo `delete_rule`: also for what was finished meanwhile."""
        raise NotImplementedError

    # going on

    async def resume(self) -> None:
        """After a start, for the scheduler of the folder: take up what is open and what is due."""

    async def close(self) -> None:
        """Everything that is open goes on at the next start."""
        self._listeners.clear()
