"""When generations run: in order, so many at once per provider, and not before a provider wants more.

The queue decides and changes states only where the user says so (cancel, edit, give up, send again);
all other moves belong to the run (`generators/run.py`), the tasks of the runs to `runs.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import Alarms
from veo_studio.core.download import discard
from veo_studio.core.errors import ProviderError, StudioError
from veo_studio.core.events import EventKind, EventStream, GenerationEvent
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.run import GenerationRun, Patience
from veo_studio.core.generators.text_to_video import check_request
from veo_studio.core.models import (
    ACTIVE_STATES,
    ATTENTION_STATES,
    CancelOutcome,
    Choice,
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    Pause,
    PauseKind,
    Progress,
)
from veo_studio.core.pauses import EVERYTHING, Pauses
from veo_studio.core.recovery import recover, replay_journal
from veo_studio.core.runs import Runs
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.line import LineRepository
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.waiting import WaitingLine
from veo_studio.core.wallet import Wallet

_log = logging.getLogger(__name__)
_S = GenerationState
# how soon a run that the database itself stopped is tried again
_AFTER_TROUBLE_S = 10.0
# how soon work that another process stored is noticed
_GUEST_LOOK_S = 1.0


class GenerationQueue:
    """`limits` replaces the catalogue's concurrency per provider id."""

    def __init__(
        self,
        generators: Mapping[GenerationKind, BaseGenerator],
        catalog: Catalog,
        events: EventStream,
        wallet: Wallet,
        limits: Mapping[str, int],
    ) -> None:
        self._generators = generators
        self._any = generators[GenerationKind.VIDEO]
        self._clock = self._any.clock
        self._repository = self._any.repository
        self._stored_line = LineRepository(self._any.database, self._clock.now)
        self._journal = OperationJournal(self._any.client.paths.journal)
        self._providers = self._any.client.providers
        self._catalog = catalog
        self._events = events
        self._wallet = wallet
        self._limits = limits
        self._line = WaitingLine()
        self._pauses = Pauses(self._clock)
        self._runs = Runs(self._on_rest, self._on_trouble, self._on_end)
        self._alarms = Alarms(self._clock)
        self._progress: dict[int, Progress] = {}
        self._settled: dict[int, asyncio.Event] = {}
        self._patience: dict[int, Patience] = {}
        # rows whose run was stopped by a broken database or disk: theirs again after a while
        self._troubled: set[int] = set()
        # rows that a user is ending now: nobody may take them up meanwhile
        self._ending: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[], None]] = []
        self._is_prepared = False
        self._is_closed = False
        self._guests: asyncio.Task[None] | None = None
        self._unsubscribe = events.subscribe(self._on_event)

    # what is going on

    @property
    def running_ids(self) -> frozenset[int]:
        return self._runs.ids

    @property
    def waiting_ids(self) -> tuple[int, ...]:
        """In the order in which they will start."""
        return self._line.ids

    @property
    def pauses(self) -> Mapping[str, Pause]:
        """By provider id; "" is the whole queue."""
        return self._pauses.all

    def progress_of(self, generation_id: int) -> Progress | None:
        return self._progress.get(generation_id)

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
        while self._owns(generation_id) and not self._waits_for_user(generation_id):
            await self._settled.setdefault(generation_id, asyncio.Event()).wait()
        return await self._repository.get(generation_id)

    # taking in and going on

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        """Check, charge and store all of them or none, and start what there is room for.

        Raises ValueError, NotEnoughTokens, BudgetExceeded, QueueFull, StorageError.
        """
        await self._prepare()
        created = await self._repository.create([self._priced(request) for request in requests])
        self._add(created)
        return created

    async def recover(self) -> None:
        """After a start; what runs here and now is left alone. See `recovery.py`."""
        await self._prepare()
        await recover(self._repository, self._journal, live=self._runs.ids)

    async def resume(self) -> int:
        """Go on with everything that is stored as unfinished; returns how many there are.

        From now on what other processes store in this folder is taken up as well: the command line
        beside an open window only stores its work.
        """
        for problem in await self._stored_line.audit():
            _log.critical("the books are not sound, nothing is spent: %s", problem)
        await self.recover()
        stored = await self._repository.in_states(ACTIVE_STATES | ATTENTION_STATES)
        for generation in stored:
            self._take_up(generation)
        self._fill()
        if self._guests is None:
            self._guests = asyncio.get_running_loop().create_task(self._serve_guests())
        return len(stored)

    async def collect(self, ids: Collection[int] | None = None) -> list[Generation]:
        """Fetch what the providers have, following what is still running up to its deadline.

        Submits nothing that costs anything: a generation that was never sent waits, except where
        sending it is free (rehearsal). Raises LookupError for an id that does not exist.
        """
        await self.recover()
        if ids is None:
            stored = await self._repository.in_states(ACTIVE_STATES | ATTENTION_STATES)
        else:
            stored = [await self._repository.get(generation_id) for generation_id in ids]
        followed = [
            generation
            for generation in stored
            if not generation.state.is_terminal
            and not (generation.state is _S.PENDING and _costs(generation))
        ]
        for generation in followed:
            self._patience[generation.id] = Patience(until_deadline=True)
            self._take_up(generation)
        self._fill()
        for generation in followed:
            await self.wait(generation.id)
        return [await self._repository.get(generation.id) for generation in stored]

    # the order of the line

    async def move_before(self, generation_id: int, before_id: int | None) -> None:
        """Put a waiting one before another, None for the end. Raises NoLongerWaiting."""
        for generation in await self._stored_line.move_before(generation_id, before_id):
            if generation.id in self._line:
                self._line.put(generation)
        self._changed()

    async def run_next(self, generation_id: int) -> None:
        """Put a waiting one at the head of the line. Raises NoLongerWaiting."""
        head = next((other for other in self._line.ids if other != generation_id), None)
        if head is not None:
            await self.move_before(generation_id, head)

    async def set_priority(self, generation_id: int, priority: int) -> None:
        """Higher ones start first, whenever they were asked for. Raises NoLongerWaiting."""
        await self._stored_line.set_priority(generation_id, priority)
        if generation_id in self._line:
            self._line.put(await self._repository.get(generation_id))
        self._changed()

    async def edit(self, generation_id: int, request: GenerationRequest) -> Generation:
        """A waiting one with other settings: a new row in its place, the old one refunded and gone.

        Raises NoLongerWaiting and what `enqueue` raises; then the old one waits on.
        """
        item = self._priced(request)
        with self._ends(generation_id):
            old, new = await self._stored_line.replace(generation_id, item)
        self._line.remove(generation_id)
        self._forget(generation_id)
        self._events.emit(GenerationEvent(EventKind.REMOVED, old))
        self._add([new])
        self._changed()
        return new

    # pauses

    async def pause(self, provider: str = EVERYTHING) -> None:
        """Send nothing more to this provider, or to any, until `unpause`; what was sent goes on."""
        await self._stored_line.store_pause(self._pauses.by_user(provider))
        self._pauses_changed()

    async def unpause(self, provider: str = EVERYTHING) -> None:
        """End a pause, whoever began it."""
        self._pauses.lift(provider)
        await self._stored_line.remove_pause(provider)
        self._pauses_changed()

    async def key_changed(self, provider: str) -> None:
        """There may be another key: what waits for one goes on with it."""
        await self._providers.forget(provider)
        known = self._pauses.all.get(provider)
        if known is not None and known.kind is PauseKind.KEY:
            await self.unpause(provider)
        for generation in await self._repository.in_states({_S.HELD}):
            if generation.provider == provider and generation.error_kind is ErrorKind.AUTH:
                self._take_up(generation)
        self._fill()

    # what only the user decides

    def choices(self, generation: Generation) -> tuple[Choice, ...]:
        """What can be done about one that needs attention; none for all others."""
        if generation.state is _S.HELD:
            return (Choice.COLLECT, Choice.MARK_FAILED)
        if generation.state is not _S.UNKNOWN:
            return ()
        entry = self._catalog.providers.get(generation.provider)
        look: tuple[Choice, ...] = ()
        if entry is not None and entry.can_find:
            look = (Choice.CHECK,)
        elif entry is not None and entry.usage_page:
            look = (Choice.OPEN_PROVIDER,)
        return (*look, Choice.MARK_FAILED, Choice.SEND_AGAIN)

    async def retry(self, generation_id: int) -> Generation:
        """Check or fetch one that waits for the user (unknown or held), without paying again."""
        generation = await self._repository.get(generation_id)
        if generation.state in ATTENTION_STATES:
            self._take_up(generation)
            self._fill()
        return generation

    async def mark_failed(self, generation_id: int) -> Generation:
        """Give up one that needs attention; its tokens come back. Raises StorageError for others."""
        with self._ends(generation_id):
            await self._runs.stop(generation_id)
            generation = await self._repository.move(
                generation_id, _S.FAILED, "given up by the user"
            )
            await self._dispose(generation)
        return generation

    async def send_again(self, generation_id: int) -> Generation:
        """Send an unknown one once more, which may be billed twice; only ever after a user's yes.

        Raises BudgetExceeded, LedgerDamaged, StorageError.
        """
        await self._prepare()
        await self._runs.stop(generation_id)
        generation = await self._stored_line.send_again(generation_id)
        self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self._line.put(generation)
        self._fill()
        return generation

    def cancel_words(self, generation: Generation) -> str:
        """The label of Cancel, which tells what it means for the money."""
        if generation.state is _S.PENDING:
            return "Cancel: nothing is charged" if _costs(generation) else "Cancel"
        if not _costs(generation):
            return "Cancel"
        if generation.state is _S.DOWNLOADING:
            return "It is paid for and arriving"
        return "Stop: it stays charged"

    async def cancel(self, generation_id: int) -> Generation:
        """Stop one; what was never sent is refunded, what was sent stays charged.

        A clip that the provider had already finished is fetched all the same: it was paid for.
        """
        with self._ends(generation_id):
            generation = await self._stopped(generation_id)
            if generation.state.is_terminal or generation.state is _S.UNKNOWN:
                return generation
            if not await self._is_finished_there(generation):
                generation = await self._repository.move(
                    generation_id, _S.CANCELLED, "cancelled by the user"
                )
                await self._dispose(generation)
                return generation
        self._take_up(generation)
        self._fill()
        return generation

    async def give_up(self, generation_id: int) -> Generation:
        """The caller waits no longer: what was never accepted is ended, so that no later start sends it.

        Failed where there is a reason (a refused key), cancelled else; refunded in both cases.
        """
        with self._ends(generation_id):
            generation = await self._stopped(generation_id)
            if generation.state is _S.PENDING:
                to = _S.FAILED if generation.error else _S.CANCELLED
                generation = await self._repository.move(
                    generation_id, to, "the caller stopped waiting"
                )
                await self._dispose(generation)
        return generation

    async def close(self) -> None:
        """Stop within two seconds; every row stays as it is and goes on at the next start."""
        self._is_closed = True
        self._unsubscribe()
        tasks = list(self._tasks) + ([self._guests] if self._guests is not None else [])
        for task in tasks:
            task.cancel()
        await self._alarms.close()
        await self._runs.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def _ends(self, generation_id: int) -> Iterator[None]:
        self._ending.add(generation_id)
        try:
            yield
        finally:
            self._ending.discard(generation_id)

    async def _stopped(self, generation_id: int) -> Generation:
        """As it is stored once nothing works on it any more."""
        self._troubled.discard(generation_id)
        await self._runs.stop(generation_id)
        self._line.remove(generation_id)
        return await self._repository.get(generation_id)

    # inside: coming in

    async def _prepare(self) -> None:
        """Take over the pauses of the last start, but not its refused keys: there may be new ones."""
        if self._is_prepared:
            return
        self._is_prepared = True
        stored = await self._stored_line.pauses()
        for provider, pause in list(stored.items()):
            if pause.kind is PauseKind.KEY:
                del stored[provider]
                await self._stored_line.remove_pause(provider)
        self._pauses.restore(stored)
        for provider in stored:
            self._wake(provider)

    def _priced(self, request: GenerationRequest) -> NewGeneration:
        checked = check_request(self._catalog, request)
        if not (available := self._providers.availability(checked.provider)).is_ready:
            raise ValueError(available.reason)
        model = self._catalog.find(checked.model, checked.provider)
        price = self._wallet.estimate(model, checked.config)
        return NewGeneration(checked, price.tokens, price.cost_usd)

    async def _serve_guests(self) -> None:
        """Look for rows of other processes, at the price of one number a second while nothing changes."""
        version: int | None = None
        while True:
            await self._clock.sleep(_GUEST_LOOK_S)
            try:
                before, version = version, await self._repository.data_version()
                if version != before:
                    await self._read_line()
            except StudioError as error:
                _log.warning("the queue of other programs cannot be read: %s", error.message)

    async def _read_line(self) -> None:
        """What others stored comes into the line, what they cancelled leaves it."""
        waiting_before = self._line.ids
        stored = await self._repository.in_states({_S.PENDING})
        known = {generation.id for generation in stored}
        for generation_id in waiting_before:
            if generation_id in known or generation_id not in self._line:
                continue
            self._line.remove(generation_id)
            generation = await self._repository.get(generation_id)
            self._forget(generation_id)
            self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self._add(stored)

    def _add(self, generations: Sequence[Generation]) -> None:
        """Put new rows into the line, each of them once."""
        for generation in generations:
            is_new = not self._owns(generation.id) and generation.id not in self._ending
            if generation.state is _S.PENDING and is_new:
                self._events.emit(GenerationEvent(EventKind.ADDED, generation))
                self._line.put(generation)
        self._fill()

    def _take_up(self, generation: Generation) -> None:
        if self._owns(generation.id) or generation.state.is_terminal:
            return
        left_s = self._left_s(generation)
        if generation.state is _S.PENDING:
            self._line.put(generation)
            if generation.error_kind is not ErrorKind.AUTH:
                self._told(generation, left_s)
        elif generation.state is _S.HELD and left_s > 0 and generation.id not in self._patience:
            self._hold_until(generation, left_s)
        else:
            self._start(generation)

    # inside: starting

    def _fill(self) -> None:
        """Start waiting generations in order, as far as limits and pauses allow."""
        if self._is_closed or not len(self._line):
            return
        self._pauses.lift_ended()
        in_flight = self._runs.in_flight()
        full = {""} if self._pauses.holds(EVERYTHING) else set[str]()
        for generation in list(self._line):
            provider = generation.provider
            if "" in full:
                return
            if provider in full or generation.id in self._ending:
                continue
            if in_flight.count(provider) >= self._limit(provider) or self._is_held_back(provider):
                full.add(provider)
                continue
            self._line.remove(generation.id)
            in_flight.append(provider)
            self._start(generation)

    def _is_held_back(self, provider: str) -> bool:
        if self._pauses.holds(provider):
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
        self._runs.start(
            GenerationRun(
                generator.tools(),
                generation,
                lambda: self._providers.provider(generation.provider),
                self._patience.get(generation.id, Patience()),
            )
        )

    # inside: ending

    def _on_rest(self, generation: Generation) -> None:
        """Where a run that ended by itself leaves its generation."""
        left_s = self._left_s(generation)
        if generation.state is _S.PENDING:
            self._line.put(generation)
            if generation.error_kind is ErrorKind.AUTH:
                self._pause_for_key(generation)
            else:
                self._told(generation, left_s)
        elif generation.state is _S.HELD and generation.next_attempt_at is not None:
            self._hold_until(generation, max(1.0, left_s))
        elif generation.state.is_active and generation.id not in self._patience:
            # its provider could not be used at all: the row must not be forgotten
            self._try_later(generation.id, max(1.0, left_s))

    def _on_trouble(self, generation_id: int) -> None:
        self._try_later(generation_id, _AFTER_TROUBLE_S)

    def _on_end(self, generation_id: int) -> None:
        if not self._owns(generation_id):
            self._forget(generation_id)
        elif self._waits_for_user(generation_id):
            self._settle(generation_id)
        self._fill()

    def _owns(self, generation_id: int) -> bool:
        """True while this queue will do something about it by itself, soon."""
        return (
            generation_id in self._runs
            or generation_id in self._line
            or generation_id in self._troubled
        )

    def _waits_for_user(self, generation_id: int) -> bool:
        for generation in self._line:
            if generation.id == generation_id:
                return self._pauses.needs_user(generation.provider) is not None
        return False

    def _forget(self, generation_id: int) -> None:
        self._progress.pop(generation_id, None)
        self._patience.pop(generation_id, None)
        self._settle(generation_id)

    def _settle(self, generation_id: int) -> None:
        """Whoever waits for this one looks again."""
        if (settled := self._settled.pop(generation_id, None)) is not None:
            settled.set()

    async def _dispose(self, generation: Generation) -> None:
        """Of one that the user ended: its partial file, and its place here."""
        await asyncio.to_thread(discard, self._any.tools().part_of(generation))
        self._forget(generation.id)
        self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self._fill()

    # inside: later

    def _left_s(self, generation: Generation) -> float:
        if generation.next_attempt_at is None:
            return 0.0
        return (generation.next_attempt_at - self._clock.now()).total_seconds()

    def _told(self, generation: Generation, left_s: float) -> None:
        """One answer "later" holds for all generations of that provider."""
        if left_s > 0:
            self._pause_as_told(generation.provider, left_s, generation.error or "")

    def _pause_as_told(self, provider: str, left_s: float, reason: str) -> None:
        if (pause := self._pauses.told(provider, left_s, reason)) is not None:
            self._store_pause(pause)
            self._wake(provider)

    def _pause_for_key(self, generation: Generation) -> None:
        reason = generation.error or "The key was refused."
        if (pause := self._pauses.by_refused_key(generation.provider, reason)) is not None:
            self._store_pause(pause)

    def _store_pause(self, pause: Pause) -> None:
        self._spawn(self._stored_line.store_pause(pause), f"pause {pause.provider}")
        self._pauses_changed()

    def _wake(self, provider: str) -> None:
        """Alarms are coarse and may ring early: look at the clock, and wait again if they did."""
        left_s = self._pauses.left_s(provider)
        if left_s == float("inf"):
            return
        if left_s > 0:
            self._alarms.set(left_s, lambda: self._wake(provider))
        else:
            self._pauses.lift_ended()
            self._spawn(self._stored_line.remove_pause(provider), f"end of pause {provider}")
            self._pauses_changed()

    def _hold_until(self, generation: Generation, left_s: float) -> None:
        """A held one is no longer waited for, but tried again when its time has come."""
        moment = generation.next_attempt_at

        def again() -> None:
            self._spawn(self._try_held(generation.id, moment), f"held {generation.id}")

        self._alarms.set(left_s, again)

    async def _try_held(self, generation_id: int, moment: object) -> None:
        generation = await self._repository.get(generation_id)
        if generation.state is not _S.HELD or generation.next_attempt_at != moment:
            return
        if (left_s := self._left_s(generation)) > 0:
            self._hold_until(generation, left_s)
        elif not self._owns(generation_id):
            self._start(generation)

    def _try_later(self, generation_id: int, wait_s: float) -> None:
        if not self._is_closed:
            self._troubled.add(generation_id)
            self._alarms.set(wait_s, lambda: self._start_rereading(generation_id))

    def _start_rereading(self, generation_id: int) -> None:
        if generation_id in self._troubled and not self._is_closed:
            self._spawn(self._reread(generation_id), f"reread {generation_id}")

    async def _reread(self, generation_id: int) -> None:
        """Go on with a row whose run was stopped, from what is stored now."""
        try:
            await replay_journal(self._repository, self._journal, live=self._runs.ids)
            generation = await self._repository.get(generation_id)
        except (StudioError, OSError) as error:
            _log.error("generation %d cannot be read: %s", generation_id, error)
            self._try_later(generation_id, _AFTER_TROUBLE_S)
            return
        if generation_id in self._troubled:
            self._troubled.discard(generation_id)
            self._take_up(generation)
            if not self._owns(generation_id):
                self._forget(generation_id)
            self._fill()

    # inside: the provider's side of a cancel

    async def _is_finished_there(self, generation: Generation) -> bool:
        """True where the provider has the clip: it was paid for, so it goes on arriving."""
        if generation.state is _S.PENDING or generation.state is _S.HELD:
            return False
        if generation.state is _S.DOWNLOADING:
            return _costs(generation)
        return await self._cancel_at_provider(generation) is CancelOutcome.TOO_LATE

    async def _cancel_at_provider(self, generation: Generation) -> CancelOutcome:
        if generation.operation_id is None:
            return CancelOutcome.UNSUPPORTED
        try:
            provider = await self._providers.provider(generation.provider)
            return await provider.cancel(generation.to_operation())
        except ProviderError as error:
            _log.warning("cancel of generation %d: %s", generation.id, error.message)
            return CancelOutcome.UNSUPPORTED

    # inside: telling

    def _on_event(self, event: GenerationEvent) -> None:
        if event.progress is not None:
            self._progress[event.generation.id] = event.progress
        if event.kind in (EventKind.STATE_CHANGED, EventKind.UPDATED):
            # a place at the provider may have become free before the run ends
            self._fill()

    def _pauses_changed(self) -> None:
        """Whoever waits looks again: behind this pause nothing may come by itself."""
        for settled in self._settled.values():
            settled.set()
        self._settled.clear()
        self._changed()
        self._fill()

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                _log.exception("a listener of the queue failed")

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


def _costs(generation: Generation) -> bool:
    return generation.tokens > 0 or bool(generation.price_usd)
