"""What nothing is sent to right now: pauses by the user, refused keys, and "come back later".

One answer about a provider holds for all its generations. Moments are the wall clock's, because they
are stored; how long is left is never more than was told, so that a clock set back pauses nobody for
years (reliability: D06).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from veo_studio.core.clock import Clock
from veo_studio.core.models import Pause, PauseKind

EVERYTHING = ""


class Pauses:
    """The pauses of this moment; storing them is the queue's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pauses: dict[str, Pause] = {}
        # the same moments by the clock that never jumps
        self._ends: dict[str, float] = {}
        # as they were stored at the last look
        self._seen: dict[str, Pause] = {}

    @property
    def all(self) -> Mapping[str, Pause]:
        return MappingProxyType(dict(self._pauses))

    def restore(self, pauses: Mapping[str, Pause]) -> None:
        """Take over what an earlier start stored."""
        self._seen = dict(pauses)
        for pause in pauses.values():
            left_s = None
            if pause.until is not None:
                told = (pause.until - pause.since).total_seconds()
                left_s = min(told, (pause.until - self._clock.now()).total_seconds())
            self._set(pause, left_s)

    def follow(self, stored: Mapping[str, Pause]) -> bool:
        """Take over what a user paused or ended in another program; True where that was so.

        Compared with the last look: what this program itself is about to store or to remove is
        neither undone nor taken for another's.
        """
        before, self._seen = self._seen, dict(stored)
        found = [
            pause
            for provider, pause in stored.items()
            if pause.kind is PauseKind.USER
            and before.get(provider) != pause != self._pauses.get(provider)
        ]
        for pause in found:
            self._set(pause, None)
        ended = [
            provider
            for provider, pause in before.items()
            if pause.kind in (PauseKind.USER, PauseKind.KEY)
            and provider not in stored
            and self._pauses.get(provider) == pause
        ]
        return any([self.lift(provider) for provider in ended]) or bool(found)

    def by_user(self, provider: str) -> Pause:
        return self._set(self._make(provider, PauseKind.USER, "Paused by you."), None)

    def by_trouble(self, provider: str, kind: PauseKind, reason: str) -> Pause | None:
        """A refused key or unsound books; None where it is known already: it is told once."""
        known = self._pauses.get(provider)
        if known is not None and known.kind is not PauseKind.TOLD:
            return None
        return self._set(self._make(provider, kind, reason), None)

    def told(self, provider: str, wait_s: float, reason: str) -> Pause | None:
        """The provider said when to come back; None where a longer or stronger pause runs."""
        known = self._pauses.get(provider)
        if known is not None and known.kind is not PauseKind.TOLD:
            return None
        if wait_s <= 0 or self.left_s(provider) >= wait_s:
            return None
        since = self._clock.now()
        pause = Pause(provider, PauseKind.TOLD, reason, since, _later(since, wait_s))
        return self._set(pause, wait_s)

    def lift(self, provider: str) -> bool:
        """True where there was one."""
        self._ends.pop(provider, None)
        return self._pauses.pop(provider, None) is not None

    def lift_ended(self) -> list[str]:
        """Forget those whose time is up; returns their providers."""
        now = self._clock.monotonic()
        ended = [provider for provider, end in self._ends.items() if end <= now]
        for provider in ended:
            self.lift(provider)
        return ended

    def holds(self, provider: str) -> bool:
        """True where nothing may be sent to this provider now."""
        return any(key in self._pauses and self.left_s(key) > 0 for key in (EVERYTHING, provider))

    def needs_user(self, provider: str) -> Pause | None:
        """The pause that only a person can end."""
        for key in (EVERYTHING, provider):
            pause = self._pauses.get(key)
            if pause is not None and pause.kind is not PauseKind.TOLD:
                return pause
        return None

    def left_s(self, provider: str) -> float:
        """Seconds to its end; infinite for a pause without one, 0 for no pause."""
        if provider not in self._pauses:
            return 0.0
        if provider not in self._ends:
            return float("inf")
        return max(0.0, self._ends[provider] - self._clock.monotonic())

    def _make(self, provider: str, kind: PauseKind, reason: str) -> Pause:
        return Pause(provider, kind, reason, self._clock.now())

    def _set(self, pause: Pause, left_s: float | None) -> Pause:
        self._pauses[pause.provider] = pause
        self._ends.pop(pause.provider, None)
        if left_s is not None:
            self._ends[pause.provider] = self._clock.monotonic() + left_s
        return pause


def _later(since: datetime, wait_s: float) -> datetime:
    # a provider may say anything: no further than a moment that can be stored
    return since + timedelta(seconds=min(wait_s, timedelta(days=365).total_seconds()))
