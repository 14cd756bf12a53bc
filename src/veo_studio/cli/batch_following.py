"""Following many generations at once: one bar on a terminal, a line for each that ends elsewhere."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from veo_studio.cli.following import settle_after_interrupt, wait_for_all
from veo_studio.cli.opening import Seat
from veo_studio.cli.pausing import needs_user
from veo_studio.cli.terminal import Output
from veo_studio.core.batch_results import BatchRun, run_of
from veo_studio.core.errors import FolderInUse
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import ACTIVE_STATES, Generation, GenerationState
from veo_studio.core.store.line import LineRepository

_S = GenerationState
# another process moves these rows; there is no event to wait for
_LOOK_AGAIN_S = 0.5
_ENDED = {
    _S.COMPLETED: "ready",
    _S.FAILED: "failed",
    _S.CANCELLED: "cancelled",
    _S.UNKNOWN: "unknown",
    _S.HELD: "on hold",
}
# what is worth a line
_WORDS = {**_ENDED, _S.PROCESSING: "running"}


class BatchView:
    """Counts on stderr until it is left."""

    def __init__(self, output: Output, run: BatchRun) -> None:
        self._output = output
        self._rows = {one.id: number for number, made in run.by_row().items() for one in made}
        self._states = {one.id: one.state for one in run.generations}
        self._is_live = output.errors.is_terminal
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.completed} of {task.total}"),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=output.errors,
            disable=not self._is_live,
            transient=True,
        )
        self._bar = self._progress.add_task(self.counts(), total=len(self._states))

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._progress.stop()

    def on_event(self, event: GenerationEvent) -> None:
        self.look([event.generation])

    def look(self, generations: Iterable[Generation]) -> None:
        """Take over how these stand now."""
        for generation in generations:
            before = self._states.get(generation.id)
            if before is None or before is generation.state:
                continue
            self._states[generation.id] = generation.state
            if (word := _WORDS.get(generation.state)) and not self._is_live:
                row = self._rows[generation.id]
                self._output.say(f"{self._ended} of {len(self._states)}: row {row} is {word}")
        if self._is_live:
            with suppress(OSError):
                self._progress.update(self._bar, completed=self._ended, description=self.counts())

    @property
    def _ended(self) -> int:
        return sum(state in _ENDED for state in self._states.values())

    def counts(self) -> str:
        """`3 running, 24 waiting, 1 failed`."""
        counts = Counter(self._states.values())
        running = sum(counts[state] for state in ACTIVE_STATES if state is not _S.PENDING)
        parts = [(running, "running"), (counts[_S.PENDING], "waiting")]
        parts += [(counts[state], word) for state, word in _ENDED.items()
                  if state is not _S.COMPLETED]  # fmt: skip
        return ", ".join(f"{count} {word}" for count, word in parts if count)


async def follow(seat: Seat, digest: str, run: BatchRun, output: Output) -> None:
    """Until each has come to rest, or only a user can end its wait. Starts what waits for nobody.

    Cancelled, it leaves everything as it is, after what is being sent in this moment was answered.
    """
    active = [one for one in run.generations if one.state in ACTIVE_STATES]
    if not active:
        return
    with BatchView(output, run) as view:
        try:
            if not seat.is_scheduler:
                output.say("Veo Studio is open on this folder and makes the clips; following it.")
                await _beside(seat, digest, run, view)
            if seat.is_scheduler:
                await _as_scheduler(seat, digest, run, view)
        except asyncio.CancelledError:
            if seat.is_scheduler:
                now = await run_of(seat.studio.generations, digest, run.number) or run
                sending = [one.id for one in now.generations if one.state is _S.SUBMITTING]
                await settle_after_interrupt(seat, sending)
            raise


async def _as_scheduler(seat: Seat, digest: str, run: BatchRun, view: BatchView) -> None:
    queue = seat.studio.queue
    unsubscribe = seat.studio.events.subscribe(view.on_event)
    try:
        now = await run_of(seat.studio.generations, digest, run.number) or run
        view.look(now.generations)
        waiting = {one.id for one in now.generations if one.state is _S.PENDING}
        # the keys are stored, so this starts the same rows and pays for nothing twice
        asked = [
            request
            for one, request in zip(now.keyed, now.requests(), strict=True)
            if one.generation.id in waiting
        ]
        await queue.enqueue(asked)
        sent = [
            one.id
            for one in now.generations
            if one.state in ACTIVE_STATES and one.id not in waiting | queue.running_ids
        ]
        ids = [one.id for one in now.generations if one.state in ACTIVE_STATES]
        following = asyncio.gather(
            wait_for_all(seat.studio, ids), *([queue.collect(sent)] if sent else [])
        )
        await following
    finally:
        unsubscribe()


async def _beside(seat: Seat, digest: str, run: BatchRun, view: BatchView) -> None:
    """Look at the rows that another process moves; where that ends first, take its place."""
    studio = seat.studio
    line = LineRepository(studio.database)
    while True:
        now = await run_of(studio.generations, digest, run.number) or run
        view.look(now.generations)
        active = [one for one in now.generations if one.state in ACTIVE_STATES]
        if not active:
            return
        try:
            studio.database.acquire_scheduler()
        except FolderInUse:
            pauses = await line.pauses()
            if all(one.state is _S.PENDING and needs_user(pauses, one.provider) for one in active):
                return
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            seat.is_scheduler = True
            return
