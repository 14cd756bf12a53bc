"""Following generations to their end: the bar on a terminal, one line per step elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from veo_studio.cli.terminal import Output, plain
from veo_studio.core.errors import FolderInUse, StudioError
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import ACTIVE_STATES, Generation, GenerationState, Stage
from veo_studio.core.models import Progress as RunProgress
from veo_studio.core.studio import Studio

_S = GenerationState
# Another process moves these rows; there is no event to wait for.
_LOOK_AGAIN_S = 0.3
_ANSWER_WAIT_S = 1.5
_STAGES = list(Stage)


class ProgressView:
    """Shows every event of the followed generations on stderr until it is left."""

    def __init__(self, output: Output, studio: Studio) -> None:
        self._output = output
        self._studio = studio
        self._is_live = output.errors.is_terminal
        self._bars: dict[int, TaskID] = {}
        self._last: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._progress = Progress(
            TextColumn("{task.fields[name]}{task.fields[stage]}/5", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=output.errors,
            disable=not self._is_live,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._unsubscribe = self._studio.events.subscribe(self._on_event)
        with suppress(OSError):
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unsubscribe()
        with suppress(OSError):
            self._progress.stop()

    def follow(self, generations: Sequence[Generation]) -> None:
        """Show these, named by their take where there are several."""
        for generation in generations:
            several = len(generations) > 1
            self._names[generation.id] = f"take {generation.take_number}: " if several else ""
            if generation.id not in self._bars:
                self._bars[generation.id] = self._progress.add_task(
                    "Starting", total=100, name=self._names[generation.id], stage=1
                )
            if (progress := self._studio.queue.progress_of(generation.id)) is not None:
                self._show(generation, progress)

    def _on_event(self, event: GenerationEvent) -> None:
        generation = event.generation
        if generation.id not in self._names:
            return
        if event.progress is not None:
            self._show(generation, event.progress)
        elif generation.state is _S.PENDING and generation.error:
            self._line(generation.id, f"Waiting to send it again: {generation.error}", None)

    def _show(self, generation: Generation, progress: RunProgress) -> None:
        words = progress.status
        if progress.remaining_s and progress.stage is Stage.PROCESSING:
            words += f", about {progress.remaining_s:.0f} s left"
        if self._is_live:
            with suppress(OSError):
                self._progress.update(
                    self._bars[generation.id],
                    completed=progress.percent,
                    description=plain(words),
                    stage=_STAGES.index(progress.stage) + 1,
                )
        else:
            self._line(generation.id, progress.status, progress.percent)

    def _line(self, generation_id: int, words: str, percent: int | None) -> None:
        """Without a terminal a line per step is enough, and nothing is said twice."""
        if self._last.get(generation_id) == words:
            return
        self._last[generation_id] = words
        percent_words = "" if percent is None else f"{percent:3d} %  "
        if self._is_live:
            self._progress.console.print(plain(words))
        else:
            self._output.say(f"{self._names[generation_id]}{percent_words}{words}")


async def wait_for_all(
    studio: Studio, ids: Sequence[int], *, limit_s: float | None = None
) -> list[Generation]:
    """Wait until each has come to rest, at most `limit_s`; returns them as they are then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await asyncio.gather(*(studio.queue.wait(generation_id) for generation_id in ids))
    return [await studio.generations.get(generation_id) for generation_id in ids]


async def wait_beside_another(
    studio: Studio, ids: Sequence[int], take_over: Callable[[], Awaitable[object]]
) -> list[Generation]:
    """Watch rows that the scheduler of the folder moves; where it ends first, `take_over` goes on.

    Returns when they rest, or when this process has become the scheduler and has taken over.
    """
    while True:
        generations = [await studio.generations.get(generation_id) for generation_id in ids]
        if not any(generation.state in ACTIVE_STATES for generation in generations):
            return generations
        try:
            studio.database.acquire_scheduler()
        except FolderInUse:
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            await take_over()
            return generations


async def settle_after_interrupt(studio: Studio, ids: Collection[int]) -> list[Generation]:
    """After Ctrl+C: what was never sent is cancelled, what is being sent may get its answer."""
    generations = [await studio.generations.get(generation_id) for generation_id in ids]
    for generation in generations:
        if generation.state is _S.PENDING:
            with suppress(StudioError):
                await studio.queue.cancel(generation.id)
    sending = {g.id for g in generations if g.state is _S.SUBMITTING}
    if sending:
        answered = asyncio.Event()

        def on_event(event: GenerationEvent) -> None:
            if event.generation.state is not _S.SUBMITTING:
                sending.discard(event.generation.id)
            if not sending:
                answered.set()

        unsubscribe = studio.events.subscribe(on_event)
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_WAIT_S):
                await answered.wait()
        unsubscribe()
    return [await studio.generations.get(generation_id) for generation_id in ids]
