"""What every step of a run needs: the row it moves, the provider of this moment, and the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from veo_studio.core import download
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import NotFoundError, StudioError
from veo_studio.core.events import EventKind
from veo_studio.core.generators.progress import ProgressTracker, TypicalTimes
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.core.providers.base import Provider
from veo_studio.core.retry import held_wait_s, quantile
from veo_studio.core.store.moves import failure_fields

_S = GenerationState
# how soon it is looked again whether the account of a generation is back, if nobody says so
_OTHER_ACCOUNT_WAIT_S = 3600.0
# what one account made, another cannot see: its "not found" says nothing
OTHER_KEY = "It was made with another key: put that key back to fetch it."


async def is_of_another_account(tools: RunTools, row: Generation) -> bool:
    """True where this was surely sent with another key or address than those of now."""
    accounts = tools.accounts
    return accounts is not None and not await accounts.is_of_now(row.provider, row.id)


class RunRow:
    """`generation` is the row as it was stored last; `provider` gives the adapter of this moment."""

    def __init__(
        self,
        tools: RunTools,
        generation: Generation,
        provider: Callable[[], Awaitable[Provider]],
    ) -> None:
        self._tools = tools
        self._repository = tools.repository
        self._clock = tools.clock
        self.generation = generation
        self._get_provider = provider
        self._provider: Provider | None = None
        self._progress = ProgressTracker(TypicalTimes(), generation.kind)
        self._born: float | None = None

    async def _is_of_another_account(self) -> bool:
        return await is_of_another_account(self._tools, self.generation)

    async def _hold_for_account(self) -> Generation:
        error = NotFoundError(OTHER_KEY, provider=self.generation.provider)
        return await self._hold(error, "another account is in use", _OTHER_ACCOUNT_WAIT_S)

    async def _hold(
        self, error: StudioError, cause: str, wait_s: float | None = None
    ) -> Generation:
        """Nothing is lost: it is tried again by itself, ever more rarely, or when the user says so."""
        if wait_s is None:
            times = await self._repository.held_times(self.generation.id)
            wait_s = held_wait_s(error, times)
        at = None if wait_s is None else self._clock.now() + timedelta(seconds=wait_s)
        return await self._move(_S.HELD, cause, next_attempt_at=at, **failure_fields(error))

    async def _move(self, to: GenerationState, cause: str, **fields: object) -> Generation:
        generation = await self._repository.move(self.generation.id, to, cause, **fields)
        self.generation = generation
        if to is _S.FAILED:
            crash_point("K12")
        if to in (_S.FAILED, _S.CANCELLED):
            await asyncio.to_thread(download.discard, self._tools.part_of(generation))
        progress = self._progress.complete() if to is _S.COMPLETED else None
        return self._tools.announce(generation, progress)

    async def _keep_error(self, error: StudioError, wait_s: float | None = None) -> Generation:
        """It stays where it is; `wait_s` is how soon it is tried again."""
        at = None if wait_s is None else self._clock.now() + timedelta(seconds=wait_s)
        generation = await self._repository.update(
            self.generation.id, next_attempt_at=at, **failure_fields(error)
        )
        return self._tools.announce(generation, kind=EventKind.UPDATED)

    def _report(self, progress: Progress) -> None:
        self._tools.announce(self.generation, progress, EventKind.PROGRESS)

    async def _learn_typical_times(self) -> None:
        taken = await self._repository.seconds_taken(
            self.generation.provider, self.generation.model
        )
        typical = TypicalTimes(quantile(taken, 0.5), quantile(taken, 0.9))
        self._progress = ProgressTracker(typical, self.generation.kind)

    def _age_s(self) -> float:
        """Seconds since the submit. The wall clock is asked once: it may jump while this runs."""
        if self._born is None and self.generation.submitted_at is not None:
            age_s = (self._clock.now() - self.generation.submitted_at).total_seconds()
            self._born = self._clock.monotonic() - max(0.0, age_s)
        return 0.0 if self._born is None else self._clock.monotonic() - self._born

    def _ready_provider(self) -> Provider:
        assert self._provider is not None, "run() gets the provider first"
        return self._provider

    async def _has_new_key(self) -> bool:
        """True where not this key was refused but the one before."""
        try:
            return await self._is_replaced()
        except StudioError:
            return False

    async def _is_replaced(self) -> bool:
        """Take the adapter of this moment; True where it was made anew. Raises what making it raises."""
        before, self._provider = self._provider, await self._get_provider()
        return self._provider is not before
