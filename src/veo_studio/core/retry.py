"""When to try again: pure decisions, time passed in, nothing that sleeps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

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


def quantile(values: Sequence[float], fraction: float) -> float | None:
    """The value below which `fraction` of `values` lie; None for no values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]
