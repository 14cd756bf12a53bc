"""Following generations to their end: the bar on a terminal, one line per step elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from veo_studio.cli.opening import Seat
from veo_studio.cli.pausing import EVERYTHING, needs_user, wait_words
from veo_studio.cli.terminal import Output, plain
from veo_studio.core.errors import FolderInUse, StudioError
from veo_studio.core.events import GenerationEvent
from veo_studio.core.log import redact
from veo_studio.core.models import (
    ACTIVE_STATES,
    Generation,
    GenerationState,
    Pause,
    PauseKind,
    Stage,
)
from veo_studio.core.models import Progress as RunProgress
from veo_studio.core.store.line import LineRepository
from veo_studio.core.studio import Studio

_S = GenerationState
# Another process moves these rows; there is no event to wait for.
_LOOK_AGAIN_S = 0.3
_ANSWER_WAIT_S = 1.5
_STAGES = list(Stage)
_STATE_WORDS = {
    _S.SUBMITTING: "Sending",
    _S.PROCESSING: "Processing at the provider",
    _S.DOWNLOADING: "Downloading",
}


class _Words(ProgressColumn):
    """What happens now; a wait counts down by itself."""

    def render(self, task: Task) -> Text:
        until = task.fields["until"]
        return Text(
            task.description if until is None else f"{task.description}, {wait_words(until)}"
        )


class ProgressView:
    """Shows every event of the followed generations on stderr until it is left."""

    def __init__(self, output: Output, studio: Studio) -> None:
        self._output = output
        self._studio = studio
        self._is_live = output.errors.is_terminal
        self._bars: dict[int, TaskID] = {}
        self._last: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._followed: dict[int, Generation] = {}
        self._progress = Progress(
            TextColumn("{task.fields[name]}{task.fields[stage]}/5", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            _Words(),
            TimeElapsedColumn(),
            console=output.errors,
            disable=not self._is_live,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._unsubscribe = self._studio.events.subscribe(self._on_event)
        self._unsubscribe_queue = self._studio.queue.subscribe(self._on_queue_changed)
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
        self._unsubscribe_queue()
        with suppress(OSError):
            self._progress.stop()

    def follow(self, generations: Sequence[Generation]) -> None:
        """Show these, named by their take where there are several."""
        for generation in generations:
            several = len(generations) > 1
            self._names[generation.id] = f"take {generation.take_number}: " if several else ""
            self._followed[generation.id] = generation
            if generation.id not in self._bars:
                self._bars[generation.id] = self._progress.add_task(
                    "Starting", total=100, name=self._names[generation.id], stage=1, until=None
                )
            if (progress := self._studio.queue.progress_of(generation.id)) is not None:
                self._show(generation, progress)
        self._on_queue_changed()

    def look(self, generations: Sequence[Generation], pauses: Mapping[str, Pause]) -> None:
        """Show rows that another process moves, as they are stored now."""
        for generation in generations:
            if generation.state is _S.PENDING:
                self._show_wait(generation, pauses)
            elif words := _STATE_WORDS.get(generation.state):
                self._tell(generation.id, words)

    def _on_event(self, event: GenerationEvent) -> None:
        generation = event.generation
        if generation.id not in self._names:
            return
        self._followed[generation.id] = generation
        if event.progress is not None:
            self._show(generation, event.progress)
        elif generation.state is _S.PENDING and generation.error:
            self._show_wait(generation, self._studio.queue.pauses)

    def _on_queue_changed(self) -> None:
        """A pause that another generation of that provider brought about holds for these too."""
        waiting = set(self._studio.queue.waiting_ids)
        for generation in self._followed.values():
            if generation.id in waiting:
                self._show_wait(generation, self._studio.queue.pauses)

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
                    until=None,
                )
        else:
            self._tell(
                generation.id, f"{progress.percent:3d} %  {progress.status}", progress.status
            )

    def _show_wait(self, generation: Generation, pauses: Mapping[str, Pause]) -> None:
        """Nothing is sent before a moment that the provider named, or that a backoff needs."""
        found = [pauses[place] for place in (EVERYTHING, generation.provider) if place in pauses]
        told = [pause for pause in found if pause.kind is PauseKind.TOLD and pause.until]
        until = told[-1].until if told else generation.next_attempt_at
        reason = (told[-1].reason if told else "") or generation.error or ""
        if not reason or until is None or until <= datetime.now(UTC):
            return
        reason = " ".join(redact(reason).split()).rstrip(".")
        words = f"Waiting to send it ({reason})"
        if self._is_live:
            with suppress(OSError):
                self._progress.update(
                    self._bars[generation.id], description=plain(words), until=until
                )
        else:
            self._tell(generation.id, f"{words}, {wait_words(until)}", f"{until:%H:%M:%S}")

    def _tell(self, generation_id: int, words: str, what: str | None = None) -> None:
        """Without a terminal a line per step is enough, and nothing is said twice."""
        if self._last.get(generation_id) == (what or words):
            return
        self._last[generation_id] = what or words
        if self._is_live:
            with suppress(OSError):
                self._progress.update(
                    self._bars[generation_id], description=plain(words), until=None
                )
        else:
            self._output.say(f"{self._names[generation_id]}{words}")


async def wait_for_all(
    studio: Studio, ids: Sequence[int], *, limit_s: float | None = None
) -> list[Generation]:
    """Wait until each has come to rest, at most `limit_s`; returns them as they are then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await asyncio.gather(*(studio.queue.wait(generation_id) for generation_id in ids))
    return [await studio.generations.get(generation_id) for generation_id in ids]


async def wait_beside_another(
    seat: Seat, ids: Sequence[int], take_over: Callable[[], Awaitable[object]], view: ProgressView
) -> None:
    """Watch rows that the scheduler of the folder moves; where it ends first, `take_over` goes on.

    Returns when they rest, when only a user can end their wait, or when this process has become the
    scheduler and has taken over.
    """
    studio = seat.studio
    line = LineRepository(studio.database)
    while True:
        generations = [await studio.generations.get(generation_id) for generation_id in ids]
        pauses = await line.pauses()
        view.look(generations, pauses)
        active = [generation for generation in generations if generation.state in ACTIVE_STATES]
        if not active:
            return
        try:
            studio.database.acquire_scheduler()
        except FolderInUse:
            if all(
                entry.state is _S.PENDING and needs_user(pauses, entry.provider) for entry in active
            ):
                return
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            seat.is_scheduler = True
            await take_over()
            return


async def settle_after_interrupt(seat: Seat, ids: Collection[int]) -> list[Generation]:
    """After Ctrl+C: what was never sent is cancelled, what is being sent may get its answer."""
    studio = seat.studio
    generations = [await studio.generations.get(generation_id) for generation_id in ids]
    for generation in generations:
        if generation.state is _S.PENDING:
            with suppress(StudioError):
                await seat.end_unsent(generation.id, is_cancelled=True)
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
