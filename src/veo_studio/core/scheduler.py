"""The one scheduler of a data folder: takes generations from the line and starts their runs.

It starts what limits and pauses allow. What a user asks for is in `queue.py`, the order in
`waiting.py`, the tasks in `runs.py`, what becomes of them afterwards in `after_runs.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from veo_studio.core.after_runs import AfterRuns
from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import Alarms
from veo_studio.core.download import discard
from veo_studio.core.endings import Ending, Endings
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, EventStream, GenerationEvent
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.run import GenerationRun
from veo_studio.core.generators.watching import Patience
from veo_studio.core.guests import Guests
from veo_studio.core.models import (
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationState,
    Progress,
)
from veo_studio.core.pauses import EVERYTHING
from veo_studio.core.pausing import Pausing
from veo_studio.core.recovery import replay_journal
from veo_studio.core.runs import Runs, occupied
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.line import LineRepository
from veo_studio.core.task_scope import TaskScope
from veo_studio.core.waiting import WaitingLine

_log = logging.getLogger(__name__)
_S = GenerationState


class Scheduler:
    """`limits` replaces the catalogue's concurrency per provider id."""

    def __init__(
        self,
        generators: Mapping[GenerationKind, BaseGenerator],
        catalog: Catalog,
        events: EventStream,
        limits: Mapping[str, int],
    ) -> None:
        self._generators = generators
        self._any = generators[GenerationKind.VIDEO]
        self._clock = self._any.clock
        self.repository = self._any.repository
        self.stored_line = LineRepository(self._any.database, self._clock.now)
        self.journal = OperationJournal(self._any.client.paths.journal)
        self._providers = self._any.client.providers
        self._catalog = catalog
        self.events = events
        self._limits = limits
        self.line = WaitingLine()
        self.progress: dict[int, Progress] = {}
        self.patience: dict[int, Patience] = {}
        self._alarms = Alarms(self._clock)
        self._scope = TaskScope()
        self._after = AfterRuns(self, self._clock, self._alarms, self._scope)
        self.runs = Runs(self._after.rest, self._after.trouble, self._after.bug, self._on_end)
        self.pausing = Pausing(
            self._clock, self._any.gate, self.stored_line, self._alarms, self._scope,
            self._pauses_changed,
        )  # fmt: skip
        self._settled: dict[int, asyncio.Event] = {}
        self.ending = Endings()
        self._listeners: list[Callable[[], None]] = []
        self.is_closed = False
        # what an earlier process sent is not known yet: its places at the providers are taken (I11)
        self.is_blind = False
        self._has_guests = False
        # grows with everything that a user does, so that an older look at the store is noticed
        self.deeds = 0
        # given back by their runs before the provider has decided: nobody needs to wait for these
        self._given_back: set[int] = set()
        self._unsubscribe = events.subscribe(self._on_event)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be called when pauses or the order have changed; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def wait(self, generation_id: int) -> Generation:
        """See `GenerationQueue.wait`; returns at once when the scheduler is closed."""
        while self._is_awaited(generation_id):
            await self._settled.setdefault(generation_id, asyncio.Event()).wait()
        return await self.repository.get(generation_id)

    def add(self, generations: Sequence[Generation]) -> None:
        """Put new rows into the line, each of them once."""
        for generation in generations:
            is_new = not self.owns(generation.id) and generation.id not in self.ending
            if generation.state is _S.PENDING and is_new:
                self.events.emit(GenerationEvent(EventKind.ADDED, generation))
                self.line.put(generation)
        self.fill()

    def take_up(self, generation: Generation, *, is_asked_for: bool = False) -> None:
        """Go on with one from where it stands; a held one when its time has come, or is asked for.

        Not with one that a user is ending: if that fails, it goes on by itself.
        """
        is_over = generation.state.is_terminal and not generation.awaits_clips
        if is_over or generation.id in self.ending or self.owns(generation.id):
            return
        left_s = self._after.left_s(generation)
        if generation.state is _S.PENDING:
            self.line.put(generation)
            if generation.error_kind not in (None, ErrorKind.AUTH):
                self._after.told(generation, left_s)
        elif generation.state is _S.HELD and left_s > 0 and not is_asked_for:
            self._after.hold_until(generation, left_s)
        else:
            self._start(generation)

    def owns(self, generation_id: int) -> bool:
        """True while this queue will do something about it by itself, soon."""
        return (
            generation_id in self.runs
            or generation_id in self.line
            or generation_id in self._after.troubled
        )

    def fill(self) -> None:
        """Start waiting generations in order, as far as limits and pauses allow."""
        if self.is_closed or self.is_blind or not len(self.line):
            return
        self.pausing.lift_ended()
        if self.pausing.holds(EVERYTHING):
            return
        in_flight = self._in_flight()

        def may_start(provider: str) -> bool:
            has_room = in_flight[provider] < self._limit(provider)
            return has_room and self.pausing.may_send(provider)

        # up to a thousand wait, and mostly none of them may start: then nobody walks the line
        with_room = {provider for provider in self.line.providers if may_start(provider)}
        for generation in list(self.line) if with_room else ():
            provider = generation.provider
            # a run that is just ending has put its row back: it starts anew once that is over
            if provider not in with_room or self._is_busy(generation.id):
                continue
            self.line.remove(generation.id)
            in_flight[provider] += 1
            self._start(generation)
            if not may_start(provider):
                with_room.discard(provider)
                if not with_room:
                    return

    @asynccontextmanager
    async def ends(self, generation_id: int) -> AsyncIterator[Ending]:
        """While a user ends or changes a row, nothing starts it; if that fails, it goes on.

        What ran keeps its place at the provider until it is decided what becomes of it (I11).
        """
        async with self.ending.lock(generation_id):
            self.deeds += 1
            is_decided = False
            ending = Ending()
            try:
                with self.ending.of(generation_id) as ending:
                    yield ending
                is_decided = True
            finally:
                self.deeds += 1
                self._ended(generation_id, ending, is_decided=is_decided)

    def _ended(self, generation_id: int, ending: Ending, *, is_decided: bool) -> None:
        if is_decided and ending.goes_on is not None:
            self.take_up(ending.goes_on)
        elif not is_decided and ending.kept is not None:
            self._after.try_later(ending.kept, 0.0)
        elif not is_decided:
            self._alarms.set(0.0, lambda: self._after.reread_soon(generation_id))
        if not self.owns(generation_id):
            self.forget(generation_id)
        self.fill()

    def leave_line(self, generation_id: int) -> bool:
        """Take one out of the line; False where it does not wait there, or more goes on with it."""
        if generation_id in self.runs or generation_id in self._after.troubled:
            return False
        is_there = generation_id in self.line
        self.line.remove(generation_id)
        return is_there

    async def stopped(self, generation_id: int) -> Generation:
        """As it is stored once nothing works on it any more; for one that `ends`."""
        kept = self._after.troubled.get(generation_id) or self.runs.in_place(generation_id)
        if kept is not None:
            self.ending.keep(generation_id, kept)
        await self.runs.stop(generation_id)
        self._after.troubled.pop(generation_id, None)
        self.line.remove(generation_id)
        generation = await self.repository.get(generation_id)
        if generation.state is _S.SUBMITTING:
            # its answer is known, but only the journal took it so far
            try:
                await replay_journal(self.repository, self.journal, live=self.runs.ids)
            except OSError as error:
                raise StorageError(f"The operation journal cannot be read: {error}") from error
            generation = await self.repository.get(generation_id)
        return generation

    def forget(self, generation_id: int) -> None:
        self.progress.pop(generation_id, None)
        self.patience.pop(generation_id, None)
        self._given_back.discard(generation_id)
        self._settle(generation_id)

    def give_back(self, generation_id: int) -> None:
        """The patience of the one that asked for it has ended."""
        if self.patience.pop(generation_id, None) is not None:
            self._given_back.add(generation_id)

    async def dispose(self, generation: Generation) -> None:
        """Of one that the user ended: its partial file, and its place here."""
        if generation.operation_id is not None:
            # only what a provider has accepted was ever fetched
            await asyncio.to_thread(discard, self._any.tools().part_of(generation))
        self.forget(generation.id)
        self.events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self.fill()

    def _pauses_changed(self) -> None:
        """Whoever waits looks again: behind this pause nothing may come by itself."""
        self.deeds += 1
        self._settle_all()
        self.changed()
        self.fill()

    def _settle_all(self) -> None:
        for settled in self._settled.values():
            settled.set()
        self._settled.clear()

    def later(self, wait_s: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something again after a while."""
        self._alarms.set(wait_s, lambda: self._scope.spawn(work(), "again"))

    def serve_guests(self) -> None:
        """Take up what other processes store from now on."""
        if not self._has_guests:
            self._has_guests = True
            self._scope.spawn(Guests(self, self._clock).serve(), "guests")

    def changed(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                _log.exception("a listener of the queue failed")

    async def close(self) -> None:
        """Stop within two seconds; every row stays as it is and goes on at the next start."""
        self.is_closed = True
        self._unsubscribe()
        self._scope.cancel()
        await self.runs.close()
        await self._alarms.close()
        await self._scope.close()
        self._settle_all()

    # inside

    def _in_flight(self) -> Counter[str]:
        """Places taken, by provider: by runs, and by what may run there although no run follows it."""
        apart = {**self.ending.kept, **self._after.troubled}
        alone = [row for number, row in apart.items() if number not in self.runs]
        return Counter(self.runs.in_flight() + occupied(alone))

    def _limit(self, provider: str) -> int:
        entry = self._catalog.providers.get(provider)
        return self._limits.get(provider) or (entry.concurrency if entry else 1)

    def _start(self, generation: Generation) -> None:
        generator = self._generators.get(generation.kind, self._any)
        self._given_back.discard(generation.id)
        self.runs.start(
            GenerationRun(
                replace(generator.tools(), may_send=self.pausing.may_send),
                generation,
                lambda: self._providers.provider(generation.provider),
                self.patience.get(generation.id, Patience()),
            )
        )

    def _is_busy(self, generation_id: int) -> bool:
        return (
            generation_id in self.ending
            or generation_id in self.runs
            or generation_id not in self.line
        )

    def _on_end(self, generation_id: int) -> None:
        if generation_id in self.ending:
            return  # whoever ends it tells its waiters when that is stored
        if not self.owns(generation_id):
            self.forget(generation_id)
        elif not self._is_awaited(generation_id):
            self._settle(generation_id)
        self.fill()

    def _is_awaited(self, generation_id: int) -> bool:
        """True while it makes sense to wait for more of it."""
        if self.is_closed or generation_id in self._given_back:
            return False
        if generation_id in self.patience and self.runs.is_overdue(generation_id):
            return False
        is_live = self.owns(generation_id) or generation_id in self.ending
        return is_live and not self._waits_for_user(generation_id)

    def _waits_for_user(self, generation_id: int) -> bool:
        generation = self.line.get(generation_id)
        return generation is not None and self.pausing.needs_user(generation.provider)

    def _settle(self, generation_id: int) -> None:
        """Whoever waits for this one looks again."""
        if (settled := self._settled.pop(generation_id, None)) is not None:
            settled.set()

    def _on_event(self, event: GenerationEvent) -> None:
        if event.progress is not None:
            self.progress[event.generation.id] = event.progress
        if event.kind is EventKind.UPDATED:
            # beyond its deadline nobody has to wait for it
            self._settle(event.generation.id)
        if event.kind in (EventKind.STATE_CHANGED, EventKind.UPDATED):
            # a place at the provider may have become free before the run ends
            self.fill()
