"""How long a command waits for several: the more are in line before one, the later its own time begins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.studio import Studio

_NOT_SENT = frozenset({GenerationState.PENDING, GenerationState.SUBMITTING})


class LinePatience:
    """When to wait no longer for each of `generations`; pure decisions, moments in seconds are passed in.

    `limits_s` is how long a provider may take for one. That time begins anew for those that wait
    whenever another one of their provider is accepted or has ended, once for each: so a line that
    moves is waited for, and one that stands still is not.
    """

    def __init__(
        self, generations: Sequence[Generation], limits_s: Mapping[str, float], now: float
    ) -> None:
        self._limits_s = limits_s
        self._provider = {one.id: one.provider for one in generations}
        self._since = {one.id: now for one in generations}
        self._waiting = set(self._since)
        self._seen: set[tuple[int, bool]] = set()

    def saw(self, generation: Generation, now: float) -> None:
        """It is in this state now; also those that nobody asked about here."""
        if generation.state in _NOT_SENT:
            return
        self._waiting.discard(generation.id)
        step = (generation.id, not generation.state.is_active)
        if step in self._seen:
            return
        self._seen.add(step)
        for waiting in self._waiting:
            if self._provider[waiting] == generation.provider:
                self._since[waiting] = now

    def left_s(self, generation_id: int, now: float) -> float:
        limit_s = self._limits_s[self._provider[generation_id]]
        return self._since[generation_id] + limit_s - now


async def wait_in_line(
    studio: Studio, generations: Sequence[Generation], limits_s: Mapping[str, float]
) -> list[Generation]:
    """Wait until each has come to rest or its time is over; returns them as they are then."""
    patience = LinePatience(generations, limits_s, time.monotonic())

    def on_event(event: GenerationEvent) -> None:
        patience.saw(event.generation, time.monotonic())

    async def wait_for(generation_id: int) -> None:
        while (left_s := patience.left_s(generation_id, time.monotonic())) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await studio.queue.wait(generation_id)
                    return

    ids = [generation.id for generation in generations]
    unsubscribe = studio.events.subscribe(on_event)
    try:
        await asyncio.gather(*(wait_for(generation_id) for generation_id in ids))
    finally:
        unsubscribe()
    return [await studio.generations.get(generation_id) for generation_id in ids]
