"""What a user, the command line and the API ask of the queue.

It changes states only where somebody says so (cancel, edit, give up, send again); when a generation
runs is decided in `scheduler.py`, all other moves belong to the run (`generators/run.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import NoLongerWaiting, ProviderError, StorageError
from veo_studio.core.events import EventKind, EventStream, GenerationEvent
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.bringing_back import bring_back
from veo_studio.core.generators.requests import check_request
from veo_studio.core.generators.watching import Patience
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
from veo_studio.core.pauses import EVERYTHING
from veo_studio.core.recovery import recover, sweep
from veo_studio.core.scheduler import Scheduler
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.wallet import Wallet

_log = logging.getLogger(__name__)
_S = GenerationState
# how soon a queue that could not be read is tried again
_AGAIN_S = 10.0
_BY_USER = "cancelled by the user"


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
        self._scheduler = Scheduler(generators, catalog, events, limits)
        self._generators = generators
        self._repository = self._scheduler.repository
        client = generators[GenerationKind.VIDEO].client
        self._providers = client.providers
        self._outputs = client.paths.outputs
        self._catalog = catalog
        self._events = events
        self._wallet = wallet

    # what is going on

    @property
    def running_ids(self) -> frozenset[int]:
        return self._scheduler.runs.ids

    @property
    def waiting_ids(self) -> tuple[int, ...]:
        """In the order in which they will start."""
        return self._scheduler.line.ids

    @property
    def pauses(self) -> Mapping[str, Pause]:
        """By provider id; "" is the whole queue."""
        return self._scheduler.pausing.all

    def progress_of(self, generation_id: int) -> Progress | None:
        return self._scheduler.progress.get(generation_id)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be called when pauses or the order have changed; the returned call ends it."""
        return self._scheduler.subscribe(listener)

    async def wait(self, generation_id: int) -> Generation:
        """Wait until it needs nobody, or only a user: completed, failed, cancelled, unknown, held,
        or waiting behind a pause that only a user can end.
        """
        return await self._scheduler.wait(generation_id)

    # taking in and going on

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        """Check, charge and store all of them or none, and start what there is room for.

        Raises ValueError, NotEnoughTokens, BudgetExceeded, QueueFull, StorageError.
        """
        await self._scheduler.pausing.prepare()
        created = await self._repository.create([self._priced(request) for request in requests])
        self._scheduler.add(created)
        return created

    async def recover(self) -> None:
        """After a start; what runs here and now is left alone. See `recovery.py`."""
        await self._scheduler.pausing.prepare()
        await recover(self._repository, self._scheduler.journal, live=self._scheduler.runs)
        await sweep(self._repository, self._outputs)

    async def resume(self) -> int:
        """Go on with everything that is stored as unfinished; returns how many there are.

        From now on what other processes store in this folder is taken up as well: the command line
        beside an open window only stores its work.
        """
        self._scheduler.serve_guests()
        self._scheduler.is_blind = True
        try:
            for problem in await self._scheduler.stored_line.audit():
                _log.critical("the books are not sound, nothing is spent: %s", problem)
            return await self._take_up_all()
        except StorageError as error:
            # a disk that is full or locked in this moment: the first click that spends audits again
            _log.error("the queue is taken up later: %s", error.message)
            self._scheduler.later(_AGAIN_S, self._resume_again)
            return 0

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
            and not (generation.state is _S.PENDING and generation.is_priced)
        ]
        for generation in followed:
            self._scheduler.patience[generation.id] = Patience(until_deadline=True)
            self._scheduler.take_up(generation, is_asked_for=True)
        self._scheduler.fill()
        for generation in followed:
            await self.wait(generation.id)
        return [await self._repository.get(generation.id) for generation in stored]

    # the order of the line

    async def move_before(self, generation_id: int, before_id: int | None) -> None:
        """Put a waiting one before another, None for the end. Raises NoLongerWaiting."""
        for generation in await self._scheduler.stored_line.move_before(generation_id, before_id):
            if generation.id in self._scheduler.line:
                self._scheduler.line.put(generation)
        self._scheduler.changed()

    async def run_next(self, generation_id: int) -> None:
        """Put a waiting one at the head of the line. Raises NoLongerWaiting."""
        head = next((other for other in self._scheduler.line.ids if other != generation_id), None)
        if head is not None:
            await self.move_before(generation_id, head)

    async def set_priority(self, generation_id: int, priority: int) -> None:
        """Higher ones start first, whenever they were asked for. Raises NoLongerWaiting."""
        generation = await self._scheduler.stored_line.set_priority(generation_id, priority)
        if generation_id in self._scheduler.line:
            self._scheduler.line.put(generation)
        self._scheduler.changed()

    async def edit(self, generation_id: int, request: GenerationRequest) -> Generation:
        """A waiting one with other settings: a new row in its place, the old one refunded and gone.

        Raises NoLongerWaiting and what `enqueue` raises; then the old one waits on.
        """
        item = self._priced(request)
        if generation_id in self._scheduler.runs:
            raise NoLongerWaiting()  # it is about to be sent
        async with self._scheduler.ends(generation_id):
            old, new = await self._scheduler.stored_line.replace(generation_id, item)
            self._scheduler.line.remove(generation_id)
        self._scheduler.forget(generation_id)
        self._events.emit(GenerationEvent(EventKind.REMOVED, old))
        self._scheduler.add([new])
        self._scheduler.changed()
        return new

    # pauses

    async def pause(self, provider: str = EVERYTHING) -> None:
        """Send nothing more to this provider, or to any, until `unpause`; what was sent goes on."""
        await self._scheduler.pausing.pause(provider)

    async def unpause(self, provider: str = EVERYTHING) -> None:
        """End a pause, whoever began it."""
        await self._scheduler.pausing.unpause(provider)

    async def key_changed(self, provider: str) -> None:
        """There may be another key: what waits for one goes on with it."""
        await self._providers.forget(provider)
        known = self._scheduler.pausing.all.get(provider)
        if known is not None and known.kind is PauseKind.KEY:
            await self.unpause(provider)
        for generation in await self._repository.in_states({_S.HELD}):
            # refused with the key before, or not known to its account
            waits_for_key = generation.error_kind in (ErrorKind.AUTH, ErrorKind.NOT_FOUND)
            if generation.provider == provider and waits_for_key:
                self._scheduler.take_up(generation, is_asked_for=True)
        self._scheduler.fill()

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
            self._scheduler.take_up(generation, is_asked_for=True)
            self._scheduler.fill()
        return generation

    async def bring_back(self, generation_id: int) -> list[Generation]:
        """What the provider has of a failed or stopped one after all, for nothing; else empty.

        Raises StillRunning, and what asking and fetching raise; what arrived before that is stored.
        """
        generation = await self._repository.get(generation_id)
        return await bring_back(self._generators[generation.kind], generation)

    async def mark_failed(self, generation_id: int) -> Generation:
        """Give up one that needs attention; its tokens come back. Raises StorageError for others."""
        # looked at before anything is stopped, and once more in the transaction that decides
        generation = await self._repository.get(generation_id)
        if generation.state not in ATTENTION_STATES | {_S.FAILED}:
            raise StorageError(
                f"Generation {generation_id} is {generation.state.value}: it does not wait for you."
            )
        async with self._scheduler.ends(generation_id):
            await self._scheduler.stopped(generation_id)
            generation = await self._scheduler.stored_line.mark_failed(generation_id)
            await self._scheduler.dispose(generation)
        return generation

    async def send_again(self, generation_id: int) -> Generation:
        """Send an unknown one once more, which may be billed twice; only ever after a user's yes.

        Raises BudgetExceeded, LedgerDamaged, StorageError.
        """
        await self._scheduler.pausing.prepare()
        async with self._scheduler.ends(generation_id):
            await self._scheduler.stopped(generation_id)
            generation = await self._scheduler.stored_line.send_again(generation_id)
        self._events.emit(GenerationEvent(EventKind.STATE_CHANGED, generation))
        self._scheduler.line.put(generation)
        self._scheduler.fill()
        return generation

    def cancel_words(self, generation: Generation) -> str:
        """The label of Cancel, which tells what it means for the money."""
        if generation.state is _S.PENDING:
            return "Cancel: nothing is charged" if generation.is_priced else "Cancel"
        if not generation.is_priced:
            return "Cancel"
        return "Stop: it stays charged"

    async def cancel(self, generation_id: int, *, discards_result: bool = False) -> Generation:
        """Stop one; what was never sent is refunded, what was sent stays charged.

        A clip that the provider had already finished is fetched all the same, because it was paid
        for: unless `discards_result`, where the user chose to be without it.
        """
        async with self._scheduler.ends(generation_id) as ending:
            if (waited := await self._cancel_waiting(generation_id)) is not None:
                return waited
            generation = await self._scheduler.stopped(generation_id)
            if generation.state.is_terminal or generation.state is _S.UNKNOWN:
                return generation
            if generation.state is _S.SUBMITTING:
                raise StorageError("Whether this was accepted is not stored yet: try again soon.")
            if await self._is_finished_there(generation) and not discards_result:
                ending.goes_on = generation
                return generation
            generation = await self._repository.move(
                generation_id, _S.CANCELLED, _BY_USER, only_from=generation.state
            )
            await self._scheduler.dispose(generation)
        return generation

    async def give_up(self, generation_id: int, *, is_cancelled: bool = False) -> Generation:
        """The caller waits no longer: what was never accepted is ended, so that no later start sends it.

        Failed where there is a reason (a refused key), else or with `is_cancelled` cancelled; refunded
        in both cases. What was sent goes on.
        """
        async with self._scheduler.ends(generation_id) as ending:
            generation = await self._scheduler.stopped(generation_id)
            if generation.state is _S.PENDING:
                generation = await self._scheduler.stored_line.give_up(
                    generation_id, is_cancelled=is_cancelled
                )
                await self._scheduler.dispose(generation)
            else:
                ending.goes_on = generation
        return generation

    async def close(self) -> None:
        """Stop within two seconds; every row stays as it is and goes on at the next start."""
        await self._scheduler.close()

    # inside

    def _priced(self, request: GenerationRequest) -> NewGeneration:
        checked = check_request(self._catalog, request)
        if not (available := self._providers.availability(checked.provider)).is_ready:
            raise ValueError(available.reason)
        model = self._catalog.find(checked.model, checked.provider)
        price = self._wallet.estimate(model, checked.config)
        return NewGeneration(checked, price.tokens, price.cost_usd)

    async def _take_up_all(self) -> int:
        await self.recover()
        stored = await self._repository.in_states(ACTIVE_STATES | ATTENTION_STATES)
        for generation in [*stored, *await self._repository.awaiting_clips()]:
            self._scheduler.take_up(generation)
        self._scheduler.is_blind = False
        self._scheduler.fill()
        return len(stored)

    async def _resume_again(self) -> None:
        try:
            await self._take_up_all()
        except StorageError as error:
            _log.error("the queue is taken up later: %s", error.message)
            self._scheduler.later(_AGAIN_S, self._resume_again)

    async def _cancel_waiting(self, generation_id: int) -> Generation | None:
        """One that nothing works on, in one transaction; None where it is not such a one."""
        if not self._scheduler.leave_line(generation_id):
            return None
        try:
            generation = await self._scheduler.stored_line.cancel(generation_id, _BY_USER)
        except NoLongerWaiting:
            return None  # another program was faster
        await self._scheduler.dispose(generation)
        return generation

    async def _is_finished_there(self, generation: Generation) -> bool:
        """True where the provider has the clip: it was paid for, so it goes on arriving."""
        if generation.state is _S.PENDING or generation.state is _S.HELD:
            return False
        if generation.state is _S.DOWNLOADING:
            return generation.is_priced
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
