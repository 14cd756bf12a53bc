"""Honest progress of one run: never backwards, never past 80 before the provider says done.

Where the provider reports no fraction of its own, the time that past runs of the model took stands
in for it, and the result is marked as an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from veo_studio.core.models import GenerationKind, Progress, Running, Stage

_FIRST, _LAST = 20, 80
_STEPS = ("Initializing", "Generating frames", "Rendering video", "Finalizing")
_PICTURE_STEPS = ("Initializing", "Composing", "Rendering picture", "Finalizing")
# what is assumed of a model that was never used here (seconds)
_UNKNOWN_MEDIAN_S = 45.0


@dataclass(frozen=True)
class TypicalTimes:
    """Seconds that past runs of this model took; None where there are none."""

    median_s: float | None = None
    slow_s: float | None = None


class ProgressTracker:
    """Turns what happens into `Progress`; elapsed times are given, none are measured here."""

    def __init__(self, typical: TypicalTimes, kind: GenerationKind = GenerationKind.VIDEO) -> None:
        self._typical = typical
        self._steps = _PICTURE_STEPS if kind is GenerationKind.IMAGE else _STEPS
        self._percent = 0
        self._best_fraction = 0.0

    def starting(self, status: str = "Starting") -> Progress:
        return self._at(0, Stage.STARTING, status)

    def submitting(self) -> Progress:
        return self._at(10, Stage.SUBMITTING, "Sending to the provider")

    def uploading(self) -> Progress:
        return self._at(0, Stage.STARTING, "Uploading what it is made from")

    def accepted(self) -> Progress:
        return self._at(10, Stage.SUBMITTING, "Accepted")

    def processing(
        self, elapsed_s: float, running: Running | None = None, note: str | None = None
    ) -> Progress:
        """`note` replaces the words, for waits that need a reason."""
        running = running or Running()
        reported = running.fraction
        median = self._typical.median_s or _UNKNOWN_MEDIAN_S
        if reported is not None:
            fraction = reported
        elif running.is_queued:
            fraction = 0.0  # it has not begun, so the guess must not move either
        else:
            fraction = _guess(elapsed_s / median)
        self._best_fraction = max(self._best_fraction, min(1.0, fraction))
        percent = int(_FIRST + (_LAST - _FIRST) * self._best_fraction)
        slow = self._typical.slow_s or median * 2.5
        remaining = None
        if running.is_queued and reported is None and note is None:
            status = "Waiting for its turn at the provider"
        elif elapsed_s > slow and reported is None:
            status = "Taking longer than usual"
        else:
            step = int(self._best_fraction * len(self._steps))
            status = self._steps[min(len(self._steps) - 1, step)]
            remaining = max(0.0, median - elapsed_s) if self._typical.median_s else None
        return self._at(
            percent,
            Stage.PROCESSING,
            note or status,
            is_estimate=reported is None,
            remaining_s=remaining,
        )

    def downloading(self, done: int, total: int | None, bytes_per_s: float | None) -> Progress:
        return self._at(
            90,
            Stage.DOWNLOADING,
            "Downloading",
            bytes_done=done,
            bytes_total=total,
            bytes_per_s=bytes_per_s,
        )

    def complete(self) -> Progress:
        return self._at(100, Stage.COMPLETE, "Complete")

    def _at(
        self,
        percent: int,
        stage: Stage,
        status: str,
        *,
        is_estimate: bool = False,
        remaining_s: float | None = None,
        bytes_done: int | None = None,
        bytes_total: int | None = None,
        bytes_per_s: float | None = None,
    ) -> Progress:
        self._percent = max(self._percent, percent)
        return Progress(
            self._percent,
            stage,
            status,
            is_estimate,
            remaining_s,
            bytes_done,
            bytes_total,
            bytes_per_s,
        )


def _guess(share_of_median: float) -> float:
    """0.9 at the median, then ever slower towards 1: a bar that stands still looks broken."""
    if share_of_median <= 1.0:
        return 0.9 * share_of_median
    return 1.0 - 0.1 / share_of_median
