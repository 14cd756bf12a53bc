"""When generations run: in order, so many at once per provider, and not before a provider wants more.

The queue owns one task per running generation. It never changes a state except to cancel; all other
moves belong to the run (`generators/run.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from veo_studio.core.catalog import Catalog
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
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    Progress,
)
from veo_studio.core.recovery import recover, replay_journal
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.wallet import Wallet

_log = logging.getLogger(__name__)
_S = GenerationState
_CLOSE_S = 1.5
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
        self._repository = self._any.repository
        self._journal = OperationJournal(self._any.client.paths.journal)
        self._providers = self._any.client.providers
        self._catalog = catalog
        self._events = events
        self._wallet = wallet
        self._limits = limits
        self._waiting: dict[int, Generation] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._runs: dict[int, GenerationRun] = {}
        self._progress: dict[int, Progress] = {}
        self._paused_until: dict[str, float] = {}
        self._settled: dict[int, asyncio.Event] = {}
        self._patience: dict[int, Patience] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        # rows whose run was stopped by a broken database or disk: theirs again after a while
        self._troubled: set[int] = set()
        self._rereading: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._guests: asyncio.Task[None] | None = None
        self._unsubscribe = events.subscribe(self._on_event)

    @property
    def running_ids(self) -> frozenset[int]:
        return frozenset(self._tasks)

    @property
    def waiting_ids(self) -> tuple[int, ...]:
        """In the order in which they will start."""
        return tuple(self._waiting)

    def progress_of(self, generation_id: int) -> Progress | None:
        return self._progress.get(generation_id)

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        """Check, charge and store all of them or none, and start what there is room for.

        Raises ValueError, NotEnoughTokens, StorageError.
        """
        new = []
        for request in requests:
            checked = check_request(self._catalog, request)
            if not (available := self._providers.availability(checked.provider)).is_ready:
                raise ValueError(available.reason)
            model = self._catalog.find(checked.model, checked.provider)
            price = self._wallet.estimate(model, checked.config)
            new.append(NewGeneration(checked, price.tokens, price.cost_usd))
        created = await self._repository.create(new)
        self._add(created)
        return created

    async def recover(self) -> None:
        """After a start; what runs here and now is left alone. See `recovery.py`."""
        await recover(self._repository, self._journal, live=frozenset(self._runs))

    async def resume(self) -> int:
        """Go on with everything that is stored as unfinished; returns how many there are.

        From now on what other processes store in this folder is taken up as well: the command line
        beside an open window only stores its work.
        """
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

    async def wait(self, generation_id: int) -> Generation:
        """Wait until it needs nobody, or only a user: completed, failed, cancelled, unknown or held."""
        while self._owns(generation_id):
            await self._settled.setdefault(generation_id, asyncio.Event()).wait()
        return await self._repository.get(generation_id)

    async def retry(self, generation_id: int) -> Generation:
        """Go on with one that waits for the user (unknown or held), without paying again."""
        generation = await self._repository.get(generation_id)
        if generation.state in ATTENTION_STATES:
            self._take_up(generation)
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
        self._waiting.pop(generation_id, None)
        self._troubled.discard(generation_id)
        await self._stop_task(generation_id)
        generation = await self._repository.get(generation_id)
        if generation.state.is_terminal or generation.state is _S.UNKNOWN:
            return generation
        if await self._is_finished_there(generation):
            self._take_up(generation)
            self._fill()
            return generation
        generation = await self._repository.move(
            generation_id, _S.CANCELLED, "cancelled by the user"
        )
        await asyncio.to_thread(discard, self._any.tools().part_of(generation))
        self._forget(generation_id)
        self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self._fill()
        return generation

    async def close(self) -> None:
        """Stop within two seconds; every row stays as it is and goes on at the next start."""
        self._is_closed = True
        self._unsubscribe()
        for timer in self._timers:
            timer.cancel()
        tasks = [*self._tasks.values(), *self._rereading]
        if self._guests is not None:
            tasks.append(self._guests)
        paying = [run.paying for run in self._runs.values() if run.paying is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait([*tasks, *paying], timeout=_CLOSE_S)
        for submit in paying:
            # one that still has no answer becomes unknown, and is stored as such
            submit.cancel()
        await asyncio.gather(*paying, *tasks, return_exceptions=True)

    # inside

    async def _serve_guests(self) -> None:
        """Look for rows of other processes, at the price of one number a second while nothing changes."""
        version: int | None = None
        while True:
            await asyncio.sleep(_GUEST_LOOK_S)
            try:
                before, version = version, await self._repository.data_version()
                if version != before:
                    self._add(await self._repository.in_states({_S.PENDING}))
            except StudioError as error:
                _log.warning("the queue of other programs cannot be read: %s", error.message)

    def _add(self, generations: Sequence[Generation]) -> None:
        """Put new rows into the line, each of them once."""
        for generation in generations:
            if generation.state is _S.PENDING and not self._owns(generation.id):
                self._events.emit(GenerationEvent(EventKind.ADDED, generation))
                self._waiting[generation.id] = generation
        self._fill()

    def _take_up(self, generation: Generation) -> None:
        if self._owns(generation.id) or generation.state.is_terminal:
            return
        if generation.state is _S.PENDING:
            self._waiting[generation.id] = generation
            if generation.next_attempt_at is not None:
                self._pause(
                    generation.provider, (generation.next_attempt_at - utc_now()).total_seconds()
                )
        else:
            self._start(generation)

    def _fill(self) -> None:
        """Start waiting generations in order, as far as limits and pauses allow."""
        if self._is_closed:
            return
        now = asyncio.get_running_loop().time()
        running = [run.generation.provider for run in self._runs.values()]
        for generation in list(self._waiting.values()):
            provider = generation.provider
            if (
                running.count(provider) >= self._limit(provider)
                or self._paused_until.get(provider, 0) > now
            ):
                continue
            del self._waiting[generation.id]
            running.append(provider)
            self._start(generation)

    def _limit(self, provider: str) -> int:
        entry = self._catalog.providers.get(provider)
        return self._limits.get(provider) or (entry.concurrency if entry else 1)

    def _start(self, generation: Generation) -> None:
        generator = self._generators.get(generation.kind, self._any)
        run = GenerationRun(
            generator.tools(),
            generation,
            lambda: self._providers.provider(generation.provider),
            self._patience.get(generation.id, Patience()),
        )
        self._runs[generation.id] = run
        task = asyncio.get_running_loop().create_task(
            self._run(run), name=f"generation {generation.id}"
        )
        self._tasks[generation.id] = task
        task.add_done_callback(lambda _task: self._ended(generation.id))

    async def _run(self, run: GenerationRun) -> None:
        """The boundary: nothing that goes wrong with one generation reaches another."""
        generation_id = run.generation.id
        try:
            generation = await run.run()
        except StudioError as error:
            _log.error("generation %d stopped: %s", generation_id, error.message)
            self._try_later(generation_id, _AFTER_TROUBLE_S)
        except Exception:
            _log.exception("generation %d stopped by a bug; its row stays as it is", generation_id)
        else:
            self._place(generation)

    def _place(self, generation: Generation) -> None:
        """Where a run that ended by itself leaves its generation."""
        wait_s = 0.0
        if generation.next_attempt_at is not None:
            wait_s = (generation.next_attempt_at - utc_now()).total_seconds()
        if generation.state is _S.PENDING:
            self._pause(generation.provider, wait_s)
            self._waiting = {generation.id: generation, **self._waiting}
        elif generation.state.is_active and generation.id not in self._patience:
            # its provider could not be used at all: the row must not be forgotten
            self._try_later(generation.id, max(1.0, wait_s))

    def _ended(self, generation_id: int) -> None:
        """Called however the task ended, even if it was cancelled before its first step."""
        self._tasks.pop(generation_id, None)
        self._runs.pop(generation_id, None)
        if self._is_closed:
            return
        if not self._owns(generation_id):
            self._forget(generation_id)
        self._fill()

    def _owns(self, generation_id: int) -> bool:
        """True while this queue will do something about it by itself."""
        return (
            generation_id in self._tasks
            or generation_id in self._waiting
            or generation_id in self._troubled
        )

    def _forget(self, generation_id: int) -> None:
        self._progress.pop(generation_id, None)
        self._patience.pop(generation_id, None)
        if (settled := self._settled.pop(generation_id, None)) is not None:
            settled.set()

    def _pause(self, provider: str, wait_s: float) -> None:
        """No submit to this provider before its time is up, whichever generation was told so."""
        if wait_s <= 0:
            return
        until = asyncio.get_running_loop().time() + wait_s
        if until > self._paused_until.get(provider, 0):
            self._paused_until[provider] = until
            self._later(wait_s, lambda: self._wake(provider))

    def _wake(self, provider: str) -> None:
        """Timers are coarse and may fire early: look at the clock, and wait again if they did."""
        left_s = self._paused_until.get(provider, 0) - asyncio.get_running_loop().time()
        if left_s > 0:
            self._later(left_s, lambda: self._wake(provider))
        else:
            self._fill()

    def _later(self, wait_s: float, call: Callable[[], None]) -> None:
        def fire() -> None:
            self._timers.discard(timer)
            call()

        # a whole day at the most: timers drift, and a stored time is read again anyway
        timer = asyncio.get_running_loop().call_later(
            min(wait_s, timedelta(days=1).total_seconds()), fire
        )
        self._timers.add(timer)

    def _try_later(self, generation_id: int, wait_s: float) -> None:
        if self._is_closed:
            return
        self._troubled.add(generation_id)
        self._later(wait_s, lambda: self._start_rereading(generation_id))

    def _start_rereading(self, generation_id: int) -> None:
        if generation_id in self._troubled and not self._is_closed:
            task = asyncio.get_running_loop().create_task(self._reread(generation_id))
            self._rereading.add(task)
            task.add_done_callback(self._rereading.discard)

    async def _reread(self, generation_id: int) -> None:
        """Go on with a row whose run was stopped, from what is stored now."""
        try:
            await replay_journal(self._repository, self._journal, live=frozenset(self._runs))
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

    async def _stop_task(self, generation_id: int) -> None:
        """End a run; a submit in flight first ends with its answer stored."""
        task, run = self._tasks.get(generation_id), self._runs.get(generation_id)
        if task is None:
            return
        if run is not None and run.paying is not None and not run.paying.done():
            await asyncio.wait([run.paying])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._waiting.pop(generation_id, None)

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

    def _on_event(self, event: GenerationEvent) -> None:
        if event.progress is not None:
            self._progress[event.generation.id] = event.progress


def _costs(generation: Generation) -> bool:
    return generation.tokens > 0 or bool(generation.price_usd)
