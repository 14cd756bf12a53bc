"""The one scheduler of a data folder: takes generations from the line, and what becomes of their runs.

It starts what limits and pauses allow, puts back what has to wait, and looks again when a time has
come. What a user asks for is in `queue.py`, the order in `waiting.py`, the tasks in `runs.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import Alarms
from veo_studio.core.download import discard
from veo_studio.core.errors import LedgerDamaged, StudioError
from veo_studio.core.events import EventKind, EventStream, GenerationEvent
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.run import GenerationRun
from veo_studio.core.generators.watching import Patience
from veo_studio.core.models import (
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationState,
    Pause,
    PauseKind,
    Progress,
)
from veo_studio.core.pauses import EVERYTHING, Pauses
from veo_studio.core.recovery import replay_journal
from veo_studio.core.runs import Runs, occupied
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.line import LineRepository
from veo_studio.core.waiting import WaitingLine

_log = logging.getLogger(__name__)
_S = GenerationState
# how soon a run that the database itself stopped is tried again
_AFTER_TROUBLE_S = 10.0
# how soon work that another process stored is noticed
_GUEST_LOOK_S = 1.0


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
        self._events = events
        self._limits = limits
        self.line = WaitingLine()
        self.pauses = Pauses(self._clock)
        self.runs = Runs(self._on_rest, self._on_trouble, self._on_end)
        self.progress: dict[int, Progress] = {}
        self.patience: dict[int, Patience] = {}
        self._alarms = Alarms(self._clock)
        self._settled: dict[int, asyncio.Event] = {}
        # rows whose run was stopped by a broken database or disk: theirs again after a while
        self._troubled: dict[int, Generation] = {}
        # rows that a user is ending now: nobody may take them up meanwhile
        self._ending: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[], None]] = []
        self._preparing = asyncio.Lock()
        self._is_prepared = False
        self._is_closed = False
        self._guests: asyncio.Task[None] | None = None
        self._unsubscribe = events.subscribe(self._on_event)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be called when pauses or the order have changed; the returned call ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def wait(self, generation_id: int) -> Generation:
        """Wait until it needs nobody, or only a user: completed, failed, cancelled, unknown, held,
        or waiting behind a pause that only a user can end.
        """
        while self.owns(generation_id) and not self._waits_for_user(generation_id):
            await self._settled.setdefault(generation_id, asyncio.Event()).wait()
        return await self.repository.get(generation_id)

    async def prepare(self) -> None:
        """Take over the pauses of the last start, but not its troubles: they may be over."""
        async with self._preparing:
            if self._is_prepared:
                return
            stored = await self.stored_line.pauses()
            for provider, pause in list(stored.items()):
                if pause.kind in (PauseKind.KEY, PauseKind.BOOKS):
                    del stored[provider]
                    await self.stored_line.remove_pause(provider)
            self.pauses.restore(stored)
            self._is_prepared = True
        for provider in stored:
            self._wake(provider)

    def add(self, generations: Sequence[Generation]) -> None:
        """Put new rows into the line, each of them once."""
        for generation in generations:
            is_new = not self.owns(generation.id) and generation.id not in self._ending
            if generation.state is _S.PENDING and is_new:
                self._events.emit(GenerationEvent(EventKind.ADDED, generation))
                self.line.put(generation)
        self.fill()

    def take_up(self, generation: Generation, *, is_asked_for: bool = False) -> None:
        """Go on with one from where it stands; a held one when its time has come, or is asked for."""
        if self.owns(generation.id) or generation.state.is_terminal:
            return
        left_s = self._left_s(generation)
        if generation.state is _S.PENDING:
            self.line.put(generation)
            if generation.error_kind is not ErrorKind.AUTH:
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
        if self._is_closed or not len(self.line):
            return
        self.pauses.lift_ended()
        in_flight = self.runs.in_flight() + occupied(self._troubled.values())
        full = {""} if self.pauses.holds(EVERYTHING) else set[str]()
        for generation in list(self.line):
            provider = generation.provider
            if "" in full:
                return
            if provider in full or generation.id in self._ending:
                continue
            if in_flight.count(provider) >= self._limit(provider) or self._is_held_back(provider):
                full.add(provider)
                continue
            self.line.remove(generation.id)
            in_flight.append(provider)
            self._start(generation)

    @contextmanager
    def ends(self, generation_id: int) -> Iterator[None]:
        """While a user ends or changes a row, nothing starts it."""
        self._ending.add(generation_id)
        try:
            yield
        finally:
            self._ending.discard(generation_id)
            self.fill()

    async def stopped(self, generation_id: int) -> Generation:
        """As it is stored once nothing works on it any more."""
        self._troubled.pop(generation_id, None)
        await self.runs.stop(generation_id)
        self.line.remove(generation_id)
        return await self.repository.get(generation_id)

    def forget(self, generation_id: int) -> None:
        self.progress.pop(generation_id, None)
        self.patience.pop(generation_id, None)
        self._settle(generation_id)

    async def dispose(self, generation: Generation) -> None:
        """Of one that the user ended: its partial file, and its place here."""
        await asyncio.to_thread(discard, self._any.tools().part_of(generation))
        self.forget(generation.id)
        self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self.fill()

    def pauses_changed(self) -> None:
        """Whoever waits looks again: behind this pause nothing may come by itself."""
        for settled in self._settled.values():
            settled.set()
        self._settled.clear()
        self.changed()
        self.fill()

    def serve_guests(self) -> None:
        """Take up what other processes store from now on."""
        if self._guests is None:
            self._guests = asyncio.get_running_loop().create_task(self._serve_guests())

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
        tasks = list(self._tasks) + ([self._guests] if self._guests is not None else [])
        for task in tasks:
            task.cancel()
        await self._alarms.close()
        await self.runs.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    # inside

    def _is_held_back(self, provider: str) -> bool:
        if self.pauses.holds(provider):
            return True
        left_s = self._any.gate.left_s(provider)
        if left_s > 0:
            self._pause_as_told(provider, left_s, "The provider asks for fewer requests.")
        return left_s > 0

    def _limit(self, provider: str) -> int:
        entry = self._catalog.providers.get(provider)
        return self._limits.get(provider) or (entry.concurrency if entry else 1)

    def _start(self, generation: Generation) -> None:
        generator = self._generators.get(generation.kind, self._any)
        self.runs.start(
            GenerationRun(
                generator.tools(),
                generation,
                lambda: self._providers.provider(generation.provider),
                self.patience.get(generation.id, Patience()),
            )
        )

    def _on_rest(self, generation: Generation) -> None:
        """Where a run that ended by itself leaves its generation."""
        left_s = self._left_s(generation)
        is_refused_key = generation.error_kind is ErrorKind.AUTH
        if is_refused_key and not generation.state.is_terminal:
            reason = generation.error or "The key was refused."
            self._pause_for(generation.provider, PauseKind.KEY, reason)
        if generation.state is _S.PENDING:
            self.line.put(generation)
            if not is_refused_key:
                self._told(generation, left_s)
        elif generation.state is _S.HELD and generation.next_attempt_at is not None:
            self._hold_until(generation, max(1.0, left_s))
        elif generation.state.is_active and generation.id not in self.patience:
            # its provider could not be used at all: the row must not be forgotten
            self._try_later(generation, max(1.0, left_s))

    def _on_trouble(self, generation: Generation, error: StudioError) -> None:
        if isinstance(error, LedgerDamaged):
            self._pause_for(generation.provider, PauseKind.BOOKS, error.message)
            if generation.state is _S.PENDING:
                self.line.put(generation)
                return
        self._try_later(generation, _AFTER_TROUBLE_S)

    def _on_end(self, generation_id: int) -> None:
        if not self.owns(generation_id):
            self.forget(generation_id)
        elif self._waits_for_user(generation_id):
            self._settle(generation_id)
        self.fill()

    def _waits_for_user(self, generation_id: int) -> bool:
        for generation in self.line:
            if generation.id == generation_id:
                return self.pauses.needs_user(generation.provider) is not None
        return False

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
            self._pause_as_told(generation.provider, left_s, generation.error or "")

    def _pause_as_told(self, provider: str, left_s: float, reason: str) -> None:
        if (pause := self.pauses.told(provider, left_s, reason)) is not None:
            self._store_pause(pause)
            self._wake(provider)

    def _pause_for(self, provider: str, kind: PauseKind, reason: str) -> None:
        if (pause := self.pauses.by_trouble(provider, kind, reason)) is not None:
            self._store_pause(pause)

    def _store_pause(self, pause: Pause) -> None:
        self._spawn(self.stored_line.store_pause(pause), f"pause {pause.provider}")
        self.pauses_changed()

    def _wake(self, provider: str) -> None:
        """Alarms are coarse and may ring early: look at the clock, and wait again if they did."""
        left_s = self.pauses.left_s(provider)
        if left_s == float("inf"):
            return
        if left_s > 0:
            self._alarms.set(left_s, lambda: self._wake(provider))
        else:
            self.pauses.lift_ended()
            self._spawn(self.stored_line.remove_pause(provider), f"end of pause {provider}")
            self.pauses_changed()

    def _hold_until(self, generation: Generation, left_s: float) -> None:
        """A held one is no longer waited for, but tried again when its time has come."""
        end = self._clock.monotonic() + left_s

        def again() -> None:
            # alarms are coarse and may ring early
            if (rest_s := end - self._clock.monotonic()) > 0:
                self._alarms.set(rest_s, again)
            else:
                moment = generation.next_attempt_at
                self._spawn(self._try_held(generation.id, moment), f"held {generation.id}")

        self._alarms.set(left_s, again)

    async def _try_held(self, generation_id: int, moment: object) -> None:
        generation = await self.repository.get(generation_id)
        is_same = generation.state is _S.HELD and generation.next_attempt_at == moment
        if is_same and not self.owns(generation_id):
            self._start(generation)

    def _try_later(self, generation: Generation, wait_s: float) -> None:
        """It keeps its place meanwhile: what was sent may well run at the provider (I11)."""
        if not self._is_closed:
            self._troubled[generation.id] = generation
            self._alarms.set(wait_s, lambda: self._start_rereading(generation.id))

    def _start_rereading(self, generation_id: int) -> None:
        if generation_id in self._troubled and not self._is_closed:
            self._spawn(self._reread(generation_id), f"reread {generation_id}")

    async def _reread(self, generation_id: int) -> None:
        """Go on with a row whose run was stopped, from what is stored now."""
        try:
            await replay_journal(self.repository, self.journal, live=self.runs.ids)
            generation = await self.repository.get(generation_id)
        except (StudioError, OSError) as error:
            _log.error("generation %d cannot be read: %s", generation_id, error)
            if (troubled := self._troubled.get(generation_id)) is not None:
                self._try_later(troubled, _AFTER_TROUBLE_S)
            return
        if self._troubled.pop(generation_id, None) is not None:
            self.take_up(generation)
            if not self.owns(generation_id):
                self.forget(generation_id)
            self.fill()

    async def _serve_guests(self) -> None:
        """Look for rows of other processes, at the price of one number a second while nothing changes."""
        version: int | None = None
        while True:
            await self._clock.sleep(_GUEST_LOOK_S)
            try:
                before, version = version, await self.repository.data_version()
                if version != before:
                    await self._read_line()
            except StudioError as error:
                _log.warning("the queue of other programs cannot be read: %s", error.message)

    async def _read_line(self) -> None:
        """What others stored comes into the line, what they cancelled leaves it; pauses likewise."""
        if self.pauses.follow(await self.stored_line.pauses()):
            self.pauses_changed()
        waiting_before = self.line.ids
        stored = await self.repository.in_states({_S.PENDING})
        known = {generation.id for generation in stored}
        for generation_id in waiting_before:
            if generation_id in known or generation_id not in self.line:
                continue
            self.line.remove(generation_id)
            generation = await self.repository.get(generation_id)
            self.forget(generation_id)
            self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self.add(stored)

    def _on_event(self, event: GenerationEvent) -> None:
        if event.progress is not None:
            self.progress[event.generation.id] = event.progress
        if event.kind in (EventKind.STATE_CHANGED, EventKind.UPDATED):
            # a place at the provider may have become free before the run ends
            self.fill()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        if self._is_closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._spawned_ended)

    def _spawned_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s: %s", task.get_name(), error, exc_info=error)
