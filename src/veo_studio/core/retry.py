"""When to try again: pure decisions, time passed in, nothing that sleeps."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from veo_studio.core.clock import Clock
from veo_studio.core.errors import AuthError, StorageError, StudioError
from veo_studio.core.models import PollPacing

MAX_POLL_INTERVAL_S = 60.0


@dataclass(frozen=True)
class Backoff:
    """Exponential waits with full jitter above a floor, in seconds."""

    first_s: float = 2.0
    factor: float = 2.0
    longest_s: float = 60.0

    def wait_s(self, try_number: int, told_s: float | None = None) -> float:
        """Seconds before try `try_number` + 1 (from 1); never less than the provider told."""
        ceiling = min(self.longest_s, self.first_s * self.factor ** min(try_number - 1, 16))
        # at least half: a jitter that may be zero would make a "wait" that does not wait
        return max(told_s or 0.0, ceiling * random.uniform(0.5, 1.0))


@dataclass(frozen=True)
class PollSchedule:
    """The rhythm of asking one operation: the provider's own, slower after its deadline."""

    pacing: PollPacing
    # a test's or a slow line's own interval replaces the provider's (VEO_STUDIO_POLL_INTERVAL)
    interval_override_s: float | None = None
    # a caller may ask more rarely than the provider suggests, never more often
    min_interval_s: float = 0.0

    def wait_s(self, poll_number: int, age_s: float, failures: int = 0) -> float:
        """Seconds before poll `poll_number` (from 0) of an operation that is `age_s` old."""
        if poll_number == 0:
            first_s = self.pacing.first_s if self.interval_override_s is None else 0.0
            return max(0.0, first_s - age_s)
        if self.interval_override_s is not None:
            usual = self.interval_override_s
        else:
            usual = max(self.pacing.interval_s, self.min_interval_s)
        if failures:
            return min(MAX_POLL_INTERVAL_S, max(usual, 0.5) * 2.0 ** min(failures, 10))
        if age_s > self.pacing.deadline_s:
            # still running at the provider: ask ever more rarely, every tenth of its age
            return min(MAX_POLL_INTERVAL_S, max(usual, age_s / 10))
        return usual

    def is_past_deadline(self, age_s: float) -> bool:
        return age_s > self.pacing.deadline_s

    def is_past_retention(self, age_s: float) -> bool:
        """True once the provider no longer keeps the result."""
        return age_s > self.pacing.retention_h * 3600


class RetryGate:
    """ "Come back in so many seconds" holds for every request to that provider, polls included."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        # whoever stores what was told
        self.on_hold: Callable[[str, str], None] | None = None

    def hold(self, provider: str, wait_s: float | None, reason: str = "") -> None:
        """Note what a provider said, in its words; None or less than a longer wait changes nothing."""
        if wait_s is not None and wait_s > self.left_s(provider):
            self._ends[provider] = self._clock.monotonic() + wait_s
            if self.on_hold is not None:
                self.on_hold(provider, reason)

    def release(self, provider: str) -> None:
        """The user knows better."""
        self._ends.pop(provider, None)

    def left_s(self, provider: str) -> float:
        return max(0.0, self._ends.get(provider, 0.0) - self._clock.monotonic())


def held_wait_s(error: StudioError, times: int) -> float | None:
    """Seconds until a result that could not be fetched is tried again; None: only a person can help.

    A full disk is looked at often, because looking is cheap; a wrong file ever more rarely.
    """
    if isinstance(error, AuthError):
        return None
    first_s, longest_s = (10.0, 300.0) if isinstance(error, StorageError) else (60.0, 3600.0)
    return min(longest_s, first_s * 2.0 ** min(times, 16))


def quantile(values: Sequence[float], fraction: float) -> float | None:
    """The value below which `fraction` of `values` lie; None for no values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]
