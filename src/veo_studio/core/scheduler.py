"""The one scheduler of a data folder: takes generations from the line, and what becomes of their runs.

It starts what limits and pauses allow, puts back what has to wait, and looks again when a time has
come. What a user asks for is in `queue.py`, the order in `waiting.py`, the tasks in `runs.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import Alarms
from veo_studio.core.download import discard
from veo_studio.core.endings import Ending, Endings
from veo_studio.core.errors import LedgerDamaged, StorageError, StudioError
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
    PauseKind,
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
# how soon a run that the database itself stopped is tried again
_AFTER_TROUBLE_S = 10.0


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
        self.runs = Runs(self._on_rest, self._on_trouble, self._on_bug, self._on_end)
        self.progress: dict[int, Progress] = {}
        self.patience: dict[int, Patience] = {}
        self._alarms = Alarms(self._clock)
        self._scope = TaskScope()
        self.pausing = Pausing(
            self._clock, self._any.gate, self.stored_line, self._alarms, self._scope,
            self._pauses_changed,
        )  # fmt: skip
        self._settled: dict[int, asyncio.Event] = {}
        # rows whose run was stopped by a broken database or disk: theirs again after a while
        self._troubled: dict[int, Generation] = {}
        # how often a mistake of ours stopped a run
        self._bugs: dict[int, int] = {}
        self._ending = Endings()
        self._listeners: list[Callable[[], None]] = []
        self._is_closed = False
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
            is_new = not self.owns(generation.id) and generation.id not in self._ending
            if generation.state is _S.PENDING and is_new:
                self.events.emit(GenerationEvent(EventKind.ADDED, generation))
                self.line.put(generation)
        self.fill()

    def take_up(self, generation: Generation, *, is_asked_for: bool = False) -> None:
        """Go on with one from where it stands; a held one when its time has come, or is asked for.

        Not with one that a user is ending: if that fails, it goes on by itself.
        """
        is_ending = generation.id in self._ending
        if is_ending or self.owns(generation.id) or generation.state.is_terminal:
            return
        left_s = self._left_s(generation)
        if generation.state is _S.PENDING:
            self.line.put(generation)
            if generation.error_kind not in (None, ErrorKind.AUTH):
                self._told(generation, left_s)
        elif generation.state is _S.HELD and left_s > 0 and not is_asked_for:
            self._hold_until(generation, left_s)
        else:
            self._start(generation)

    def owns(self, generation_id: int) -> bool:
        """True while this queue will do something about it by itself, soon."""
        return (
            generation_id in self.runs
            or generation_id in self.line
            or generation_id in self._troubled
        )

    def fill(self) -> None:
        """Start waiting generations in order, as far as limits and pauses allow."""
        if self._is_closed or self.is_blind or not len(self.line):
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
        async with self._ending.lock(generation_id):
            self.deeds += 1
            is_decided = False
            ending = Ending()
            try:
                with self._ending.of(generation_id) as ending:
                    yield ending
                is_decided = True
            finally:
                self.deeds += 1
                self._after(generation_id, ending, is_decided=is_decided)

    def _after(self, generation_id: int, ending: Ending, *, is_decided: bool) -> None:
        if is_decided and ending.goes_on is not None:
            self.take_up(ending.goes_on)
        elif not is_decided and ending.kept is not None:
            self._try_later(ending.kept, 0.0)
        elif not is_decided:
            self._alarms.set(0.0, lambda: self._start_rereading(generation_id))
        if not self.owns(generation_id):
            self.forget(generation_id)
        self.fill()

    def leave_line(self, generation_id: int) -> bool:
        """Take one out of the line; False where it does not wait there, or more goes on with it."""
        if generation_id in self.runs or generation_id in self._troubled:
            return False
        is_there = generation_id in self.line
        self.line.remove(generation_id)
        return is_there

    async def stopped(self, generation_id: int) -> Generation:
        """As it is stored once nothing works on it any more; for one that `ends`."""
        kept = self._troubled.get(generation_id) or self.runs.in_place(generation_id)
        if kept is not None:
            self._ending.keep(generation_id, kept)
        await self.runs.stop(generation_id)
        self._troubled.pop(generation_id, None)
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
        self._is_closed = True
        self._unsubscribe()
        self._scope.cancel()
        await self.runs.close()
        await self._alarms.close()
        await self._scope.close()
        self._settle_all()

    # inside

    def _in_flight(self) -> Counter[str]:
        """Places taken, by provider: by runs, and by what may run there although no run follows it."""
        apart = {**self._ending.kept, **self._troubled}
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
            generation_id in self._ending
            or generation_id in self.runs
            or generation_id not in self.line
        )

    def _on_rest(self, generation: Generation) -> None:
        """Where a run that ended by itself leaves its generation."""
        left_s = self._left_s(generation)
        is_refused_key = generation.error_kind is ErrorKind.AUTH
        if is_refused_key and not generation.state.is_terminal:
            reason = generation.error or "The key was refused."
            self.pausing.by_trouble(generation.provider, PauseKind.KEY, reason)
        if generation.state is _S.PENDING:
            self.progress.pop(generation.id, None)
            self.line.put(generation)
            # a row that only came back because of a pause was told nothing
            if not is_refused_key and generation.error_kind is not None:
                self._told(generation, left_s)
        elif generation.state is _S.HELD and generation.next_attempt_at is not None:
            self._hold_until(generation, max(1.0, left_s))
        elif generation.state.is_active:
            # its provider could not be used, or the caller's patience ended: it is not forgotten
            if generation.id in self.patience:
                self._given_back.add(generation.id)
                self.patience.pop(generation.id)
            self._try_later(generation, max(1.0, left_s))

    def _on_bug(self, generation: Generation) -> None:
        """Nothing is lost by it: it is tried again, ever more rarely, and the row says so."""
        times = self._bugs[generation.id] = self._bugs.get(generation.id, 0) + 1
        words = "The program made a mistake while working on this. It tries again by itself."
        self._scope.spawn(self._note(generation.id, words), f"bug of {generation.id}")
        self._try_later(generation, min(3600.0, _AFTER_TROUBLE_S * 2.0**times))

    async def _note(self, generation_id: int, words: str) -> None:
        generation = await self.repository.update(generation_id, error=words)
        self.events.emit(GenerationEvent(EventKind.UPDATED, generation))

    def _on_trouble(self, generation: Generation, error: StudioError) -> None:
        if isinstance(error, LedgerDamaged):
            self.pausing.by_trouble(generation.provider, PauseKind.BOOKS, error.message)
            if generation.state is _S.PENDING:
                self.line.put(generation)
                return
        self._try_later(generation, _AFTER_TROUBLE_S)

    def _on_end(self, generation_id: int) -> None:
        if generation_id in self._ending:
            return  # whoever ends it tells its waiters when that is stored
        if not self.owns(generation_id):
            self.forget(generation_id)
        elif not self._is_awaited(generation_id):
            self._settle(generation_id)
        self.fill()

    def _is_awaited(self, generation_id: int) -> bool:
        """True while it makes sense to wait for more of it."""
        if self._is_closed or generation_id in self._given_back:
            return False
        if generation_id in self.patience and self.runs.is_overdue(generation_id):
            return False
        is_live = self.owns(generation_id) or generation_id in self._ending
        return is_live and not self._waits_for_user(generation_id)

    def _waits_for_user(self, generation_id: int) -> bool:
        generation = self.line.get(generation_id)
        return generation is not None and self.pausing.needs_user(generation.provider)

    def _settle(self, generation_id: int) -> None:
        """Whoever waits for this one looks again."""
        if (settled := self._settled.pop(generation_id, None)) is not None:
            settled.set()

    def _left_s(self, generation: Generation) -> float:
        """Never more than was told, so that a clock set back keeps nobody for years (D06)."""
        if (moment := generation.next_attempt_at) is None:
            return 0.0
        told_s = (moment - generation.updated_at).total_seconds()
        return min(told_s, (moment - self._clock.now()).total_seconds())

    def _told(self, generation: Generation, left_s: float) -> None:
        """One answer "later" holds for all generations of that provider."""
        if left_s > 0:
            self.pausing.told(generation.provider, left_s, generation.error or "")

    def _hold_until(self, generation: Generation, left_s: float) -> None:
        """A held one is no longer waited for, but tried again when its time has come."""
        end = self._clock.monotonic() + left_s

        def again() -> None:
            # alarms are coarse and may ring early
            if (rest_s := end - self._clock.monotonic()) > 0:
                self._alarms.set(rest_s, again)
            else:
                moment = generation.next_attempt_at
                self._scope.spawn(self._try_held(generation.id, moment), f"held {generation.id}")

        self._alarms.set(left_s, again)

    async def _try_held(self, generation_id: int, moment: object) -> None:
        try:
            generation = await self.repository.get(generation_id)
        except StudioError as error:
            _log.error("generation %d cannot be read: %s", generation_id, error.message)
            self._alarms.set(_AFTER_TROUBLE_S, lambda: self._start_rereading(generation_id))
            return
        is_same = generation.state is _S.HELD and generation.next_attempt_at == moment
        if is_same:
            self.take_up(generation, is_asked_for=True)

    def _try_later(self, generation: Generation, wait_s: float) -> None:
        """It keeps its place meanwhile: what was sent may well run at the provider (I11)."""
        if not self._is_closed:
            self._troubled[generation.id] = generation
            self._alarms.set(wait_s, lambda: self._start_rereading(generation.id))

    def _start_rereading(self, generation_id: int) -> None:
        if not self._is_closed:
            self._scope.spawn(self._reread(generation_id), f"reread {generation_id}")

    async def _reread(self, generation_id: int) -> None:
        """Go on with a row whose run was stopped, from what is stored now."""
        try:
            await replay_journal(self.repository, self.journal, live=self.runs.ids)
            generation = await self.repository.get(generation_id)
        except (StudioError, OSError) as error:
            _log.error("generation %d cannot be read: %s", generation_id, error)
            self._alarms.set(_AFTER_TROUBLE_S, lambda: self._start_rereading(generation_id))
            return
        self._troubled.pop(generation_id, None)
        if generation_id in self._ending:
            return
        self.take_up(generation)
        if not self.owns(generation_id):
            self.forget(generation_id)
        self.fill()
        self.changed()

    def _on_event(self, event: GenerationEvent) -> None:
        if event.progress is not None:
            self.progress[event.generation.id] = event.progress
        if event.kind is EventKind.UPDATED:
            # beyond its deadline nobody has to wait for it
            self._settle(event.generation.id)
        if event.kind in (EventKind.STATE_CHANGED, EventKind.UPDATED):
            # a place at the provider may have become free before the run ends
            self.fill()
