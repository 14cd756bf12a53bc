"""What a user can do with the queue, without a widget: order, pauses, cancels and the real choices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

from veo_studio.core.models import Choice, Generation, GenerationRequest, GenerationState
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.queue_model import QueueModel

_SENT = frozenset(
    {GenerationState.SUBMITTING, GenerationState.PROCESSING, GenerationState.DOWNLOADING}
)


class QueueControl(Protocol):
    """What is asked of the core's queue."""

    @property
    def waiting_ids(self) -> tuple[int, ...]: ...
    async def pause(self, provider: str = "") -> None: ...
    async def unpause(self, provider: str = "") -> None: ...
    async def move_before(self, generation_id: int, before_id: int | None) -> None: ...
    async def run_next(self, generation_id: int) -> None: ...
    async def edit(self, generation_id: int, request: GenerationRequest) -> Generation: ...
    async def key_changed(self, provider: str) -> None: ...
    async def retry(self, generation_id: int) -> Generation: ...
    async def mark_failed(self, generation_id: int) -> Generation: ...
    async def send_again(self, generation_id: int) -> Generation: ...
    async def cancel(self, generation_id: int, *, discards_result: bool = False) -> Generation: ...


class Stop(Enum):
    """What a cancel means now, which decides whether it is asked first."""

    # nothing is lost: at once
    FREE = "free"
    # it never left: its tokens come back at once
    REFUND = "refund"
    # it was sent and costs
    PAID = "paid"


class QueueCommands:
    """One per window. What the world refuses is raised: NoLongerWaiting, BudgetExceeded, ..."""

    def __init__(self, queue: QueueControl, model: QueueModel) -> None:
        self._queue = queue
        self._model = model
        # a held arrow key asks faster than the order is stored
        self._moving = asyncio.Lock()

    def what_a_stop_means(self, generation: Generation) -> Stop:
        if not generation.is_priced:
            return Stop.FREE
        return Stop.PAID if generation.state in _SENT else Stop.REFUND

    async def cancel(self, generation: Generation) -> Generation:
        """Stop one. What was sent is discarded, because that is what was asked before this."""
        is_paid = self.what_a_stop_means(generation) is Stop.PAID
        self._model.set_busy(generation.id, tr("Stopping…"))
        try:
            return await self._queue.cancel(generation.id, discards_result=is_paid)
        finally:
            self._model.set_busy(generation.id, "")

    async def clear_waiting(
        self, generations: Sequence[Generation], on_each: Callable[[int], object] = lambda _n: None
    ) -> list[Generation]:
        """Cancel those of `generations` that still wait, from the end of the line; what is sent
        meanwhile goes on. `on_each` is told how many are done.
        """
        done: list[Generation] = []
        for generation in reversed(generations):
            # no await between this look and the cancel, which takes it out of the line
            if generation.id not in self._queue.waiting_ids:
                continue
            stopped = await self._queue.cancel(generation.id)
            if stopped.state is GenerationState.CANCELLED:
                done.append(stopped)
                on_each(len(done))
        return done

    async def move(self, generation_id: int, before_id: int | None) -> None:
        self._model.move_locally(generation_id, before_id)
        async with self._moving:
            try:
                await self._queue.move_before(generation_id, before_id)
            except Exception:
                self._model.refresh_order()
                raise

    async def run_next(self, generation: Generation) -> None:
        async with self._moving:
            await self._queue.run_next(generation.id)

    async def pause(self, provider: str) -> None:
        await self._queue.pause(provider)

    async def resume(self, provider: str) -> None:
        await self._queue.unpause(provider)

    async def edit(self, generation_id: int, request: GenerationRequest) -> Generation:
        return await self._queue.edit(generation_id, request)

    async def try_key_again(self, provider: str) -> None:
        """The same key once more, after it was changed elsewhere."""
        await self._queue.key_changed(provider)

    async def choose(self, generation: Generation, choice: Choice) -> None:
        """One of the choices of a generation that needs attention; a page is not opened here."""
        attention = self._model.attention
        words = {Choice.CHECK: tr("Asking the provider…"), Choice.COLLECT: tr("Fetching…")}
        attention.set_busy(generation.id, words.get(choice, tr("One moment…")))
        try:
            if choice in (Choice.CHECK, Choice.COLLECT):
                await self._queue.retry(generation.id)
            elif choice is Choice.MARK_FAILED:
                await self._queue.mark_failed(generation.id)
            elif choice is Choice.SEND_AGAIN:
                await self._queue.send_again(generation.id)
        finally:
            attention.set_busy(generation.id, "")
