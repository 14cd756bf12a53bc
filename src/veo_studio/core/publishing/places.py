"""The desk's part that says where clips go: targets, and rules by which they go there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.asking import Asking
from veo_studio.core.publishing.models import (
    PublishingEvent,
    PublishingEventKind,
    Rule,
    Target,
    TargetKind,
    TargetWish,
)
from veo_studio.core.publishing.ruling import checked, new_rule
from veo_studio.core.publishing.target_book import TargetBook
from veo_studio.core.store.publishing import PublishingRepository

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
_K = PublishingEventKind

Listener = Callable[[PublishingEvent], None]


class Places:
    """What `PublishingDesk` has to do with targets and rules, and whom it tells."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._listeners: list[Listener] = []
        self.repository = PublishingRepository(studio.database, studio.clock.now)
        self._book = TargetBook(self.repository, studio.secrets)
        self._asking = Asking(studio, self.repository, self._book)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be called on the loop's thread with what happens; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    # targets

    async def targets(self) -> list[Target]:
        """By name."""
        return await self._book.all()

    async def add_target(
        self,
        name: str,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Target:
        """Raises ValueError with a sentence: the name is taken, something is missing or wrong."""
        target = await self._book.add(name, kind, options, secrets)
        self._tell(PublishingEvent(_K.TARGETS))
        return target

    async def change_target(
        self,
        target_id: int,
        *,
        name: str | None = None,
        options: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Target:
        """`options` are all of them; a secret that is left out stays. Raises as `add_target`."""
        target = await self._book.change(target_id, name, options, secrets)
        self._tell(PublishingEvent(_K.TARGETS))
        return target

    async def restore_target(self, target_id: int) -> Target:
        """Undo `delete_target`. ValueError where its name is taken by now."""
        target = await self.repository.restore_target(target_id)
        self._tell(PublishingEvent(_K.TARGETS))
        return target

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
        return await self._book.check(kind, options, secrets, target_id)

    def has_secret(self, target: Target, option: str) -> bool:
        """Whether there is a value for it, of a target that `targets` gave."""
        return self._book.has_secret(target, option)

    # rules

    async def rules(self) -> list[Rule]:
        """Oldest first."""
        return await self.repository.rules()

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
        await self._asking.check_ways(targets)
        new = new_rule(
            name,
            targets,
            self._studio.clock.now(),
            kinds=kinds,
            providers=providers,
            models=models,
            takes_rehearsals=takes_rehearsals,
            is_on=is_on,
        )
        return self._ruled(await self.repository.add_rule(new))

    async def change_rule(self, rule: Rule) -> Rule:
        """As it is then; one that is switched on is for what is finished from now on."""
        await self._asking.check_ways(rule.targets)
        return self._ruled(await self.repository.change_rule(checked(rule)))

    async def delete_rule(self, rule_id: int) -> Rule:
        """It can be restored; what it asked for stays."""
        return self._ruled(await self.repository.delete_rule(rule_id))

    async def restore_rule(self, rule_id: int) -> Rule:
        """Undo `delete_rule`: also for what was finished meanwhile."""
        return self._ruled(await self.repository.restore_rule(rule_id))

    def _ruled(self, rule: Rule) -> Rule:
        self._tell(PublishingEvent(_K.RULES))
        self._look_soon()
        return rule

    def _look_soon(self) -> None:
        """Something changed that the runner acts on."""

    def _tell(self, event: PublishingEvent) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                _log.exception("a listener failed on %s", event.kind.value)
