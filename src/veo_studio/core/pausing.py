"""Who may be sent to now: pauses as they are stored, and what providers told, for all generations.

`Pauses` holds the pauses of this moment, `RetryGate` what was told to any request; here both are
kept together with the store, and alarms ring when their time is up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from veo_studio.core.clock import Alarms, Clock
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.pauses import Pauses
from veo_studio.core.retry import RetryGate
from veo_studio.core.store.line import LineRepository
from veo_studio.core.task_scope import TaskScope


class Pausing:
    """`on_change` is called after every change of what may be sent."""

    def __init__(
        self,
        clock: Clock,
        gate: RetryGate,
        stored: LineRepository,
        alarms: Alarms,
        scope: TaskScope,
        on_change: Callable[[], None],
    ) -> None:
        self._pauses = Pauses(clock)
        self._gate = gate
        self._stored = stored
        self._alarms = alarms
        self._scope = scope
        self._on_change = on_change
        self._preparing = asyncio.Lock()
        self._is_prepared = False
        gate.on_hold = self._on_told

    @property
    def all(self) -> Mapping[str, Pause]:
        """By provider id; "" is everything."""
        return self._pauses.all

    def may_send(self, provider: str) -> bool:
        """Asked before a generation starts, and again right before money is spent."""
        return not self._pauses.holds(provider) and self._gate.left_s(provider) <= 0

    def holds(self, provider: str) -> bool:
        """True while a pause of this provider, or of everything, is on."""
        return self._pauses.holds(provider)

    def needs_user(self, provider: str) -> bool:
        """True where only a person can end the pause."""
        return self._pauses.needs_user(provider) is not None

    def lift_ended(self) -> None:
        self._pauses.lift_ended()

    async def prepare(self) -> None:
        """Take over the pauses of the last start, but not its troubles: they may be over."""
        async with self._preparing:
            if self._is_prepared:
                return
            stored = await self._stored.pauses()
            for provider, pause in list(stored.items()):
                if pause.kind in (PauseKind.KEY, PauseKind.BOOKS):
                    del stored[provider]
                    await self._stored.remove_pause(provider)
            self._pauses.restore(stored)
            self._is_prepared = True
        for provider, pause in stored.items():
            if pause.kind is PauseKind.TOLD:
                self._gate.hold(provider, self._pauses.left_s(provider))
            self._wake(provider)

    def follow(self, stored: Mapping[str, Pause]) -> None:
        """Take over what a user paused or ended in another program."""
        if self._pauses.follow(stored):
            self._on_change()

    async def pause(self, provider: str) -> None:
        """By the user; at once, and stored."""
        pause = self._pauses.by_user(provider)
        self._on_change()
        await self._stored.store_pause(pause)

    async def unpause(self, provider: str) -> None:
        """Stored first: what could not be stored still holds, and is shown."""
        await self._stored.remove_pause(provider)
        known = self._pauses.all.get(provider)
        self._pauses.lift(provider)
        if known is not None and known.kind is PauseKind.TOLD:
            self._gate.release(provider)
        elif self._gate.left_s(provider) > 0:
            self._on_told(provider, "")
        self._on_change()

    def told(self, provider: str, left_s: float, reason: str) -> None:
        """One answer "later" holds for all generations of that provider."""
        if (pause := self._pauses.told(provider, left_s, reason)) is not None:
            self._store(pause)
            self._wake(provider)

    def by_trouble(self, provider: str, kind: PauseKind, reason: str) -> None:
        """A refused key or unsound books."""
        if (pause := self._pauses.by_trouble(provider, kind, reason)) is not None:
            self._store(pause)

    def _on_told(self, provider: str, reason: str) -> None:
        """ "Come back later", to whichever request: stored, so that it holds after a restart too."""
        left_s = self._gate.left_s(provider)
        self.told(provider, left_s, reason or "The provider asks for fewer requests.")

    def _store(self, pause: Pause) -> None:
        self._scope.spawn(self._stored.store_pause(pause), f"pause {pause.provider}")
        self._on_change()

    def _wake(self, provider: str) -> None:
        """Alarms are coarse and may ring early: look at the clock, and wait again if they did."""
        left_s = self._pauses.left_s(provider)
        if left_s == float("inf"):
            return
        left_s = max(left_s, self._gate.left_s(provider))
        if left_s > 0:
            self._alarms.set(left_s, lambda: self._wake(provider))
        else:
            self._pauses.lift_ended()
            self._scope.spawn(self._stored.remove_pause(provider), f"end of pause {provider}")
            self._on_change()
