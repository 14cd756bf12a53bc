"""Asking a provider about one operation until it has decided, and when to stop asking."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from veo_studio.core.errors import AuthError, NotFoundError, NotSent, ProviderError, RateLimited
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    Generation,
    Refused,
    Running,
)
from veo_studio.core.providers.base import Provider
from veo_studio.core.retry import PollSchedule

_log = logging.getLogger(__name__)

# a poll that says "no such operation" this often, over this long, is believed (reliability: B04)
_GONE_POLLS = 5
_GONE_AFTER_S = 600.0
# at most so long after a line is back the provider is asked again (reliability: C18)
_LINE_WAIT_S = 8.0
# how often a guess moves while nothing is heard
_TICK_S = 1.0


@dataclass(frozen=True)
class Patience:
    """When a run gives the generation back although it is still running at the provider.

    A run that gives up changes nothing: the row stays `processing` and any later run goes on.
    """

    polls: int | None = None
    until_deadline: bool = False


@dataclass(frozen=True)
class Lost:
    """The provider has no result any more, and nobody can get one."""

    cause: str
    reason: str
    kind: ErrorKind


EXPIRED = Lost(
    "the provider's retention ended",
    "The provider no longer keeps this result.",
    ErrorKind.TIMEOUT,
)
Decision = Done | Refused | CancelledByProvider | Lost


class Watch:
    """Polls of one operation; `age_s` is the time since its submit in seconds.

    `report` is called about once a second with the last answer and a note for people, `on_overdue`
    once the provider's deadline has passed. `is_foreign`: another account made it, which this one is
    not likely to know.
    """

    def __init__(
        self,
        tools: RunTools,
        provider: Provider,
        generation: Generation,
        patience: Patience,
        age_s: Callable[[], float],
        report: Callable[[Running | None, str | None], None],
        on_overdue: Callable[[], None],
        *,
        is_foreign: bool = False,
    ) -> None:
        self._clock = tools.clock
        self._gate = tools.gate
        self._provider = provider
        self._generation = generation
        self._operation = generation.to_operation()
        self._patience = patience
        self._age_s = age_s
        self._report = report
        self._on_overdue = on_overdue
        self._is_foreign = is_foreign
        self._schedule = PollSchedule(
            provider.pacing, tools.poll_interval_s, tools.min_poll_interval_s
        )
        self._polls = self._failures = self._gone = 0
        self._gone_since = 0.0
        self._old_since: float | None = None
        self._told_s = 0.0
        # the last poll did not even reach the provider
        self._is_line_down = False
        self._running: Running | None = None
        self._note: str | None = None
        # seconds that the provider held the work back: they are not its own time
        self._held_back_s = 0.0
        self._held_back_since: float | None = None

    async def until_decided(self) -> Decision | None:
        """None where `Patience` ran out first; network trouble says nothing about the generation.

        Raises AuthError: the result stays at the provider until there is another key.
        """
        while True:
            gate_s = self._gate.left_s(self._operation.provider)
            usual_s = self._schedule.wait_s(self._polls, self._age_s(), self._failures)
            if self._is_line_down:
                usual_s = min(usual_s, _LINE_WAIT_S)
            await self._wait(max(self._told_s, gate_s, usual_s))
            if self._gate.left_s(self._operation.provider) > 0:
                continue  # another generation was told meanwhile when to come back
            age_s = self._age_s()
            if (decision := await self._poll(age_s)) is not None:
                return decision
            if self._schedule.is_past_deadline(age_s - self._time_held_back()):
                self._note = "Still running at the provider"
                self._on_overdue()
                if self._patience.until_deadline:
                    return None
            if self._patience.polls is not None and self._polls >= self._patience.polls:
                return None

    async def _poll(self, age_s: float) -> Decision | None:
        """Ask once; None where nothing is decided."""
        self._polls += 1
        self._told_s = 0.0
        self._is_line_down = False
        try:
            answer = await self._provider.poll(self._operation)
        except AuthError:
            raise
        except NotFoundError as error:
            return self._not_found(error, age_s - self._time_held_back())
        except ProviderError as error:
            self._failures += 1
            self._told_s = getattr(error, "retry_after_s", None) or 0.0
            self._is_line_down = isinstance(error, NotSent)
            if isinstance(error, RateLimited):
                self._gate.hold(self._operation.provider, error.retry_after_s, error.message)
            self._running, self._note = None, "No answer from the provider, asking again"
            number = self._generation.id
            _log.info("poll %d of generation %d: %s", self._polls, number, error.message)
            return None
        self._failures = self._gone = 0
        self._note = None
        if not isinstance(answer, Running):
            return answer
        self._running = answer
        self._count_held_back(answer.is_held_back)
        if answer.is_held_back or answer.is_queued:
            # it has not begun: there is no result yet that could be kept too long
            self._old_since = None
            return None
        return self._too_old(age_s - self._time_held_back())

    def _count_held_back(self, is_held_back: bool) -> None:
        self._held_back_s = self._time_held_back()
        self._held_back_since = self._clock.monotonic() if is_held_back else None

    def _time_held_back(self) -> float:
        if self._held_back_since is None:
            return self._held_back_s
        return self._held_back_s + self._clock.monotonic() - self._held_back_since

    def _too_old(self, age_s: float) -> Lost | None:
        """Running although its retention is over: believed after a while, because clocks jump."""
        if not self._schedule.is_past_retention(age_s):
            return None
        now = self._clock.monotonic()
        if self._old_since is None:
            self._old_since = now
        return EXPIRED if now - self._old_since >= _GONE_AFTER_S else None

    def _not_found(self, error: NotFoundError, age_s: float) -> Lost | None:
        self._failures += 1
        self._gone += 1
        now = self._clock.monotonic()
        if self._gone == 1:
            self._gone_since = now
        if self._gone < _GONE_POLLS:
            return None  # once is nothing, whatever a clock says about the age
        if self._schedule.is_past_retention(age_s):
            return EXPIRED
        if self._is_foreign or now - self._gone_since >= _GONE_AFTER_S:
            return Lost("the provider no longer knows it", error.message, error.kind)
        return None

    async def _wait(self, wait_s: float) -> None:
        """Sleep until the next poll while the estimate moves on."""
        until = self._clock.monotonic() + wait_s
        while True:
            self._report(self._running, self._note)
            left_s = until - self._clock.monotonic()
            if left_s <= 0:
                return
            await self._clock.sleep(min(left_s, _TICK_S))
