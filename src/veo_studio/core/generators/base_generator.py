"""The public generator: one call runs one generation from validation to a file on the disk.

The work itself is the durable run in `run.py`; the queue uses the same run without this caller's
limits. A caller's time limit never ends a generation: it goes on at the provider and any later
start, `collect` or window fetches it.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import suppress
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.client import Client, poll_interval_override
from veo_studio.core.clock import SYSTEM_CLOCK, Clock
from veo_studio.core.errors import (
    GenerationFailedError,
    GenerationTimeoutError,
    NotFoundError,
    StorageError,
)
from veo_studio.core.events import EventStream, GenerationEvent
from veo_studio.core.generators.requests import check_prompt, check_request
from veo_studio.core.generators.run import GenerationRun
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.generators.uploading import Uploads
from veo_studio.core.generators.watching import Patience
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    Refused,
    Running,
    VideoConfig,
    error_type_of,
)
from veo_studio.core.retry import Backoff, RetryGate
from veo_studio.core.store import pauses
from veo_studio.core.store.accounts import Accounts
from veo_studio.core.store.database import Database
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.wallet import Wallet

ProgressCallback = Callable[[int, str], Awaitable[None]]
_S = GenerationState


class GenerationResult(TypedDict):
    """What `generate_video` and `generate_image` return.

    `duration` is the seconds that the generation took, `video_path` the file, also of a picture.
    """

    status: str
    generation_id: int
    video_path: str | None
    operation_id: str | None
    duration: float
    charge: str
    error: NotRequired[str]
    error_type: NotRequired[str]
    error_kind: NotRequired[str]


class OperationStatus(TypedDict):
    """What `check_operation_status` returns; `status` is completed, processing or failed."""

    status: str
    video_url: str | None
    metadata: dict[str, Any]


class BaseGenerator(ABC):
    """Attributes that may be set, in seconds unless said otherwise:

    poll_interval (a provider's own minimum wins), max_poll_attempts (a number), timeout,
    max_retries (a number), retry_delay, download_timeout (without progress, not in total).
    """

    kind: GenerationKind

    def __init__(
        self,
        client: Client,
        database: Database,
        *,
        events: EventStream | None = None,
        clock: Clock = SYSTEM_CLOCK,
        beside: BaseGenerator | None = None,
    ) -> None:
        """`beside` is one for the same providers: what they said, and hold, is known to both."""
        self.client = client
        self.database = database
        self.events = events or EventStream()
        self.clock = clock
        self.gate: RetryGate = beside.gate if beside else RetryGate(clock)
        self.uploads: Uploads = beside.uploads if beside else Uploads(client.files, clock)
        self.accounts: Accounts = beside.accounts if beside else Accounts(database, client.account)
        self.repository = GenerationRepository(database, clock.now)
        self.poll_interval = 2.0
        self.max_poll_attempts = 150
        self.timeout = 300.0
        self.max_retries = 3
        self.retry_delay = 2.0
        self.download_timeout = 60.0

    @abstractmethod
    def config_of(self, config: Mapping[str, Any] | None) -> VideoConfig:
        """The caller's dictionary, checked, its pictures taken in; blocks for those. ValueError, StorageError."""

    def build_request(
        self,
        prompt: str,
        model: str | None,
        config: Mapping[str, Any] | None,
        *,
        ready: Set[str],
        output_dir: Path | None = None,
    ) -> GenerationRequest:
        """Validate and build; raises ValueError before anything is stored. Blocks for pictures."""
        words = check_prompt(prompt)
        entry = self._model_of_kind(model, ready)
        request = GenerationRequest(
            prompt=words,
            provider=entry.provider,
            model=entry.id,
            config=self.config_of(config),
            kind=self.kind,
            output_dir=output_dir,
        )
        return check_request(self.client.catalog, request)

    async def _generate(
        self,
        prompt: str,
        model: str | None,
        config: Mapping[str, Any] | None,
        progress_callback: ProgressCallback | None,
    ) -> GenerationResult:
        async with self.client:
            # reading pictures takes a while
            request = await asyncio.to_thread(
                self.build_request, prompt, model, config, ready=self.client.providers.ready()
            )
            available = self.client.providers.availability(request.provider)
            if not available.is_ready:
                raise ValueError(available.reason)
            entry = self.client.catalog.find(request.model, request.provider)
            price = Wallet.estimate(entry, request.config)
            await self.database.read(lambda c: pauses.refuse(c, request.provider))
            self.database.acquire_scheduler()
            try:
                (generation,) = await self.repository.create(
                    [NewGeneration(request, price.tokens, price.cost_usd)]
                )
                return await self._run_for_caller(generation, progress_callback)
            finally:
                self.database.release_scheduler()

    def _model_of_kind(self, model: str | None, ready: Set[str]) -> ModelInfo:
        """The entry called `model`; ValueError where there is none, or where it makes something else."""
        if not isinstance(model, str) or not model.strip():
            raise ValueError("Model is required")
        entry = self.client.catalog.find(model, ready=ready)
        if entry.kind is not self.kind:
            made, call = ("clips", "generate_video")
            if entry.makes_pictures:
                made, call = ("pictures", "generate_image")
            raise ValueError(f"{entry.name} makes {made}: use {call}")
        return entry

    async def _run_for_caller(
        self, generation: Generation, progress_callback: ProgressCallback | None
    ) -> GenerationResult:
        started = time.monotonic()
        timed_out = False
        async with _Callbacks(self.events, generation.id, progress_callback):
            try:
                async with asyncio.timeout(self.timeout):
                    generation = await self._run_with_retries(generation)
            except TimeoutError:
                timed_out = True
                generation = await self._give_up_unsent(generation.id)
            except asyncio.CancelledError:
                await asyncio.shield(self._give_up_unsent(generation.id))
                raise
        return self._result(generation, time.monotonic() - started, timed_out)

    async def _run_with_retries(self, generation: Generation) -> Generation:
        """Run, and while the provider surely accepts nothing, again: `max_retries` tries in all, at least one."""
        for retries_left in range(max(1, self.max_retries) - 1, -1, -1):
            generation = await self.run(generation, Patience(polls=self.max_poll_attempts))
            if generation.state is not _S.PENDING:
                return generation
            if generation.error_kind is ErrorKind.AUTH:
                break  # the same key is refused again
            if retries_left and generation.next_attempt_at is not None:
                left_s = (generation.next_attempt_at - self.clock.now()).total_seconds()
                await self.clock.sleep(max(0.0, left_s))
        # The caller is told that this failed, so no later start may send it after all.
        return await self.repository.move(
            generation.id,
            _S.FAILED,
            "given up after retries",
            error=generation.error,
            error_kind=generation.error_kind.value if generation.error_kind else None,
        )

    async def _give_up_unsent(self, generation_id: int) -> Generation:
        """The caller is gone: what was never accepted must not be sent by some later start."""
        generation = await self.repository.get(generation_id)
        if generation.state is not _S.PENDING:
            return generation
        return await self.repository.move(
            generation_id,
            _S.FAILED,
            "the caller stopped waiting",
            error=generation.error or "The provider accepted nothing in time.",
            error_kind=(generation.error_kind or ErrorKind.TIMEOUT).value,
        )

    async def run(self, generation: Generation, patience: Patience | None = None) -> Generation:
        """Bring a stored generation as far as it goes, from whatever state it is in."""
        run = GenerationRun(
            self.tools(),
            generation,
            lambda: self.client.providers.provider(generation.provider),
            patience or Patience(),
        )
        try:
            return await run.run()
        except asyncio.CancelledError:
            # a submit in flight ends with its answer stored; only then is the caller let go
            if run.paying is not None and not run.paying.done():
                with suppress(StorageError):
                    await asyncio.shield(run.paying)
            raise

    def tools(self) -> RunTools:
        paths = self.client.paths
        return RunTools(
            repository=self.repository,
            journal=OperationJournal(paths.journal),
            events=self.events,
            outputs=paths.outputs,
            backoff=Backoff(first_s=self.retry_delay),
            poll_interval_s=poll_interval_override(),
            min_poll_interval_s=self.poll_interval,
            stall_timeout_s=self.download_timeout,
            clock=self.clock,
            gate=self.gate,
            uploads=self.uploads,
            accounts=self.accounts,
            writes_recipes=lambda: self.client.settings.writes_recipes,
        )

    async def check_operation_status(
        self, operation_id: str, progress_callback: ProgressCallback | None = None
    ) -> OperationStatus:
        """Ask the provider once. Raises NotFoundError for an operation that is not ours."""
        async with self.client:
            generation = await self._by_operation(operation_id)
            provider = await self.client.providers.provider(generation.provider)
            answer = await provider.poll(generation.to_operation())
            status = self.parse_result(answer)
            if progress_callback is not None:
                percent = {"completed": 100, "processing": 20}.get(status["status"], 0)
                await progress_callback(percent, status["status"])
            return status

    async def cancel_generation(self, operation_id: str) -> bool:
        """Ask the provider to stop; True where it confirmed. What it cost stays charged."""
        async with self.client:
            generation = await self._by_operation(operation_id)
            provider = await self.client.providers.provider(generation.provider)
            outcome = await provider.cancel(generation.to_operation())
            if outcome is not CancelOutcome.CONFIRMED:
                return False
            await self.repository.move(generation.id, _S.CANCELLED, "cancelled by the user")
            return True

    def parse_result(self, response: object) -> OperationStatus:
        """A provider's answer in the public form; raises GenerationFailedError for anything else."""
        match response:
            case Running():
                return {
                    "status": "processing",
                    "video_url": None,
                    "metadata": {"fraction": response.fraction, "provider_status": response.status},
                }
            case Done():
                return {
                    "status": "completed",
                    "video_url": response.result.uri,
                    "metadata": dict(response.usage),
                }
            case Refused():
                metadata = {
                    "error": response.reason,
                    "error_kind": response.kind.value,
                    "code": response.code,
                }
                return {"status": "failed", "video_url": None, "metadata": metadata}
            case CancelledByProvider():
                return {
                    "status": "failed",
                    "video_url": None,
                    "metadata": {"error": "Cancelled at the provider."},
                }
        raise GenerationFailedError(f"This is not a provider's answer: {type(response).__name__}.")

    async def _by_operation(self, operation_id: str) -> Generation:
        generation = await self.repository.by_operation(operation_id)
        if generation is None:
            raise NotFoundError(f"No generation here has the operation {operation_id[:200]!r}.")
        return generation

    def _result(
        self, generation: Generation, duration_s: float, timed_out: bool
    ) -> GenerationResult:
        result: GenerationResult = {
            "status": "success" if generation.state is _S.COMPLETED else "error",
            "generation_id": generation.id,
            "video_path": str(generation.video_path) if generation.video_path else None,
            "operation_id": generation.operation_id,
            "duration": round(duration_s, 3),
            "charge": generation.charge.value,
        }
        if generation.state is _S.COMPLETED:
            return result
        kind = generation.error_kind or ErrorKind.GENERATION_FAILED
        message = generation.error or f"The generation ended as {generation.state.value}."
        is_waiting = generation.state in (_S.PROCESSING, _S.DOWNLOADING, _S.SUBMITTING)
        if timed_out and generation.state is _S.FAILED:
            kind = ErrorKind.TIMEOUT
        elif is_waiting:
            kind = ErrorKind.TIMEOUT
            message = str(
                GenerationTimeoutError(
                    f"Not finished after {duration_s:.0f} seconds. It goes on at the provider; collect it later."
                )
            )
        result["error"] = message
        result["error_kind"] = kind.value
        result["error_type"] = error_type_of(kind).value
        return result


class _Callbacks:
    """Feeds an async callback from the synchronous event stream, in order; its errors reach the caller."""

    def __init__(
        self, events: EventStream, generation_id: int, callback: ProgressCallback | None
    ) -> None:
        self._events = events
        self._generation_id = generation_id
        self._callback = callback
        self._pending: asyncio.Queue[tuple[int, str] | None] = asyncio.Queue()

    async def __aenter__(self) -> None:
        self._unsubscribe = self._events.subscribe(self._on_event)
        self._pump = asyncio.create_task(self._deliver())

    async def __aexit__(self, *exception: object) -> None:
        self._unsubscribe()
        self._pending.put_nowait(None)
        await self._pump

    def _on_event(self, event: GenerationEvent) -> None:
        if event.generation.id == self._generation_id and event.progress is not None:
            self._pending.put_nowait((event.progress.percent, event.progress.status))

    async def _deliver(self) -> None:
        last: tuple[int, str] | None = None
        while (news := await self._pending.get()) is not None:
            if self._callback is not None and news != last:
                await self._callback(*news)
            last = news
