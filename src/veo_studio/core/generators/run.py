"""The durable run of one generation, from whatever state its row is in.

submit → poll → download → verify → finish, every arrow committed before the next step. A restart,
`collect` and "try again" all come here; there is no second code path for recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from veo_studio.core import download
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import (
    AuthError,
    DownloadError,
    InvalidRequest,
    LinkExpired,
    NotSent,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    StorageError,
    StudioError,
)
from veo_studio.core.events import EventKind
from veo_studio.core.generators.arriving import facts_of, finished_before_crash, put_in_place
from veo_studio.core.generators.fetching import ByteReport, fetch_until_whole
from veo_studio.core.generators.paying import PaidSubmit
from veo_studio.core.generators.run_row import RunRow
from veo_studio.core.generators.sampling import Samples
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.generators.watching import (
    EXPIRED,
    Decision,
    Lost,
    Patience,
    Watch,
)
from veo_studio.core.models import (
    ATTENTION_STATES,
    CancelledByProvider,
    Done,
    ErrorKind,
    Generation,
    GenerationState,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers.base import Provider
from veo_studio.core.result_files import check_kind
from veo_studio.core.retry import Backoff, PollSchedule
from veo_studio.core.store.moves import failure_fields

_log = logging.getLogger(__name__)
_S = GenerationState

_LINK_RENEWALS = 3
# that its file is no longer kept is believed after so many: minutes, with the waits between them
_RENEWALS_TO_BELIEVE = 8
# how soon a provider that cannot be used at all (its key was removed) is tried again
_NO_PROVIDER_WAIT_S = 60.0
# how soon an upload that the line or the provider broke off is tried again, the first time
_LONGEST_LOOK_UP_WAIT_S = 30.0
_UPLOAD_WAIT_S = 10.0


class GenerationRun(RunRow):
    """One run of one generation; `run` returns when the row needs nobody, a user, or a later time."""

    def __init__(
        self,
        tools: RunTools,
        generation: Generation,
        provider: Callable[[], Awaitable[Provider]],
        patience: Patience,
    ) -> None:
        super().__init__(tools, generation, provider)
        # still running at the provider although its deadline has passed
        self.is_overdue = False
        self._patience = patience
        self._is_resumed = True
        self._renewals = 0
        self._is_rescued = False
        self._has_fresh_links = False
        # The submit and the storing of its answer go on when the run is cancelled.
        self.paying: asyncio.Task[Generation] | None = None

    async def run(self) -> Generation:
        """Bring the generation as far as it goes now; returns it as stored.

        Comes back with `pending` where the provider surely accepted nothing and said to come later
        (`next_attempt_at`), with `processing` where `Patience` ran out. Raises StorageError where
        the database itself fails.
        """
        steps: dict[GenerationState, Callable[[], Awaitable[Generation]]] = {
            _S.PENDING: self._submit,
            _S.SUBMITTING: self._resolve_lost_answer,
            _S.UNKNOWN: self._resolve_unknown,
            _S.PROCESSING: self._watch,
            _S.DOWNLOADING: self._collect,
            _S.HELD: self._ask_again,
            _S.COMPLETED: self._fetch_more,
        }
        try:
            self._provider = await self._get_provider()
        except StudioError as error:
            # no key, no engine: nothing was sent, so nothing is decided either
            if self.generation.state in ATTENTION_STATES | {_S.COMPLETED}:
                return self.generation  # the reason why it waits is worth more than this one
            return await self._keep_error(error, _NO_PROVIDER_WAIT_S)
        await self._learn_typical_times()
        while (step := steps.get(self.generation.state)) is not None:
            before = self.generation.state
            self.generation = await step()
            if self.generation.state in (before, _S.HELD, _S.PENDING):
                break
            self._is_resumed = False
        return self.generation

    # submit

    async def _submit(self) -> Generation:
        """Everything that is free first, and with the adapter that pays: another key is another account."""
        self._report(self._progress.starting())
        is_ready = False
        while not is_ready:
            try:
                uploads = await self._upload()
                await self._ready_provider().prepare()
            except (RateLimited, ProviderUnavailable, ProtocolError) as error:
                return await self._keep_error(error, self._wait_to_be_ready_s(error))
            except AuthError as error:
                return await self._keep_error(error, 0.0)
            except (StudioError, ValueError) as error:
                words = error if isinstance(error, StudioError) else InvalidRequest(str(error))
                cause = "refused before anything was paid for"
                return await self._move(_S.FAILED, cause, **failure_fields(words))
            try:
                is_ready = not await self._is_replaced()
            except StudioError as error:
                return await self._keep_error(error, _NO_PROVIDER_WAIT_S)
        submit = PaidSubmit(self._tools, self._ready_provider(), self._progress)
        self.paying = asyncio.create_task(submit.send(self.generation, uploads))
        return await asyncio.shield(self.paying)

    def _wait_to_be_ready_s(self, error: ProviderError) -> float:
        """Longer after every time that it broke off, as far as nobody told how long."""
        told_s: float | None = getattr(error, "retry_after_s", None)
        self._tools.gate.hold(self.generation.provider, told_s, error.message)
        uploads = self._tools.uploads
        times = 1 if uploads is None else uploads.count_break(self.generation.id)
        wait_s = Backoff(_UPLOAD_WAIT_S).wait_s(times, told_s)
        if isinstance(error, NotSent):
            # looking whether the line is back costs nothing (C18)
            wait_s = min(wait_s, max(_UPLOAD_WAIT_S, told_s or 0.0))
        return wait_s

    async def _upload(self) -> list[str]:
        """Bring what the clip is made from; free, and given up at once when the run is cancelled."""
        request = self.generation.to_request()
        if not request.config.inputs:
            return []
        assert self._tools.uploads is not None, "a generator that takes pictures brings them"
        self._report(self._progress.uploading())
        return await self._tools.uploads.bring(self._ready_provider(), request)

    async def _resolve_lost_answer(self) -> Generation:
        return await self._move(
            _S.UNKNOWN,
            "the program ended while sending",
            error="The program ended while this was being sent: it may have been accepted and billed.",
            error_kind=ErrorKind.SUBMIT_UNKNOWN.value,
        )

    async def _resolve_unknown(self) -> Generation:
        """Ask a provider that can tell whether the request arrived; others stay unknown."""
        provider = self._ready_provider()
        if not provider.can_find:
            return self.generation
        attempts = await self._repository.attempts(self.generation.id)
        while (left_s := self._tools.gate.left_s(self.generation.provider)) > 0:
            # another generation was told when to come back: that holds for a look-up as well (I11)
            if left_s > _LONGEST_LOOK_UP_WAIT_S:
                return self.generation  # it is looked up again later, or when the user says so
            await self._clock.sleep(left_s)
        try:
            operation = await provider.find(attempts[-1].uuid) if attempts else None
        except ProviderError as error:
            return await self._keep_error(error)
        if operation is None and await self._is_of_another_account():
            return self.generation  # that one cannot know it
        if operation is None:
            # back into the line, where limits and pauses hold for it as for all others
            wait_s = self._tools.backoff.wait_s(len(attempts)) if len(attempts) > 1 else 0.0
            at = self._clock.now() + timedelta(seconds=wait_s)
            return await self._move(_S.PENDING, "the request never arrived", next_attempt_at=at)
        return await self._move(
            _S.PROCESSING,
            "found at the provider",
            operation_id=operation.operation_id,
            submitted_at=attempts[-1].started_at,
            error=None,
            error_kind=None,
        )

    # poll

    async def _watch(self) -> Generation:
        """Ask until the provider has decided; a key that it refuses leaves the result there."""
        watch = Watch(
            self._tools, self._ready_provider(), self.generation, self._patience,
            self._age_s, self._report_waiting, self._note_overdue,
            is_foreign=await self._is_of_another_account(),
        )  # fmt: skip
        try:
            answer = await watch.until_decided()
        except AuthError as error:
            if await self._has_new_key():
                return await self._watch()
            if await self._is_of_another_account():
                return await self._hold_for_account()
            return await self._hold(error, "the provider refused the key")
        if answer is None:
            return self.generation
        is_missing = isinstance(answer, Lost) and answer is not EXPIRED
        if is_missing and await self._is_of_another_account():
            return await self._hold_for_account()
        return await self._decided(answer)

    def _report_waiting(self, running: Running | None, note: str | None) -> None:
        self._report(self._progress.processing(self._age_s(), running, note))

    def _note_overdue(self) -> None:
        if not self.is_overdue:
            self.is_overdue = True
            self._tools.announce(self.generation, kind=EventKind.UPDATED)

    async def _decided(self, answer: Decision) -> Generation:
        crash_point("K10")
        if not isinstance(answer, Done) and await self._is_all_here():
            return await self._move(_S.DOWNLOADING, "everything had arrived")
        match answer:
            case Done():
                self._has_fresh_links = True
                result = replace(answer.result, note=answer.note) if answer.note else answer.result
                fields: dict[str, object] = {
                    "result": result.to_json(),
                    "error": None,
                    "error_kind": None,
                }
                if answer.cost_usd is not None:
                    fields["cost_usd"] = Decimal(answer.cost_usd)
                return await self._move(_S.DOWNLOADING, "done at the provider", **fields)
            case Refused():
                told = {} if answer.cost_usd is None else {"cost_usd": answer.cost_usd}
                return await self._move(
                    _S.FAILED,
                    "ended by the provider",
                    may_be_billed=answer.may_be_billed and not told,
                    error=answer.reason,
                    error_kind=answer.kind.value,
                    **told,
                )
            case CancelledByProvider():
                return await self._move(_S.CANCELLED, "cancelled at the provider")
            case Lost():
                return await self._move(
                    _S.FAILED, answer.cause, may_be_billed=True,
                    error=answer.reason, error_kind=answer.kind.value,
                )  # fmt: skip

    async def _is_all_here(self) -> bool:
        """True where the clip arrived earlier and had only no place: the provider is not needed. Once."""
        if self._is_rescued or self.generation.result is None:
            return False
        part = self._tools.part_of(self.generation)
        self._is_rescued = await asyncio.to_thread(download.is_whole, part)
        return self._is_rescued

    async def _ask_again(self) -> Generation:
        return await self._move(
            _S.PROCESSING, "asking the provider again",
            next_attempt_at=None, error=None, error_kind=None,
        )  # fmt: skip

    # download

    async def _collect(self) -> Generation:
        """Fetch, verify, and put the file in its place."""
        generation = self.generation
        try:
            folder = await asyncio.to_thread(
                download.prepare_folder, self._tools.folder_of(generation)
            )
            part = self._tools.part_of(generation)
            if (there := await finished_before_crash(self._tools, generation, part)) is not None:
                return await self._complete(there)
            if self._is_resumed and not await asyncio.to_thread(download.is_whole, part):
                # links expire, and the rehearsal engine has a new port: a fresh one costs one free poll
                return await self._move(_S.PROCESSING, "asking for a fresh link")
            if generation.result is None:
                raise DownloadError("The provider named no result.")
            check_kind(generation.kind, generation.result.mime_type)
            fetched = await self._fetch(generation.result, part)
            target = await put_in_place(self._tools, generation, folder, fetched)
        except LinkExpired as error:
            return await self._renew_link(error)
        except (DownloadError, StorageError, ProviderError) as error:
            if isinstance(error, DownloadError):
                await self._fetch_siblings()
            return await self._hold(error, "the result cannot be stored now")
        return await self._complete(target)

    async def _renew_link(self, error: LinkExpired) -> Generation:
        """A clock alone decides nothing: fresh links without a file have to say so again and again."""
        self._renewals += 1
        if self._renewals > _LINK_RENEWALS:
            if self._renewals == _LINK_RENEWALS + 1:
                await self._fetch_siblings()
            if not self._is_past_retention():
                return await self._hold(error, "the link stays expired")
            if self._renewals > _RENEWALS_TO_BELIEVE:
                return await self._decided(EXPIRED)
        if self._renewals > 1:
            await self._clock.sleep(self._tools.backoff.wait_s(self._renewals))
        return await self._move(_S.PROCESSING, "asking for a fresh link")

    def _is_past_retention(self) -> bool:
        return PollSchedule(self._ready_provider().pacing).is_past_retention(self._age_s())

    async def _fetch_siblings(self) -> None:
        """A first clip that cannot be had does not keep the others from arriving."""
        if self.generation.result is not None and self.generation.result.more:
            samples = Samples(
                self._tools, self._ready_provider(), self.generation, self._fetch_quietly
            )
            await samples.bring(needs_links=False)

    async def _fetch_more(self) -> Generation:
        """The further clips; the first one is complete whatever becomes of them."""
        first = self.generation
        if first.result is None or not first.awaits_clips:
            return first
        samples = Samples(self._tools, self._ready_provider(), first, self._fetch_quietly)
        trouble = await samples.bring(needs_links=not self._has_fresh_links)
        if isinstance(trouble, AuthError) and await self._has_new_key():
            return await self._fetch_more()
        fields: dict[str, object] = {"error": await samples.note(trouble)}
        if trouble is None or self._is_past_retention():
            fields["result"] = replace(first.result, more=()).to_json()
            await samples.discard_parts()
        self.generation = await self._repository.update(first.id, **fields)
        return self._tools.announce(self.generation, kind=EventKind.UPDATED)

    async def _fetch_quietly(self, result: ResultRef, part: Path) -> download.Fetched:
        return await self._fetch(result, part, lambda *_: None)

    async def _fetch(
        self, result: ResultRef, part: Path, report: ByteReport | None = None
    ) -> download.Fetched:
        return await fetch_until_whole(
            self._ready_provider(),
            result,
            part,
            report or self._report_bytes,
            self._tools.backoff,
            self._tools.stall_timeout_s,
            self._clock,
        )

    def _report_bytes(self, done: int, total: int | None, bytes_per_s: float | None) -> None:
        self._report(self._progress.downloading(done, total, bytes_per_s))

    async def _complete(self, target: Path) -> Generation:
        crash_point("K18")
        # while nobody can delete the clip, and before an end after which nothing would look again
        stored = await self._repository.get(self.generation.id)
        await self._tools.leave_recipe(replace(stored, video_path=target))
        note = self.generation.result.note if self.generation.result else ""
        await self._move(
            _S.COMPLETED, "file in its place",
            video_path=str(target), error=note or None, error_kind=None,
        )  # fmt: skip
        crash_point("K19")
        facts = await asyncio.to_thread(facts_of, target)
        if damage := facts.get("error"):
            _log.warning("generation %d: %s", self.generation.id, damage)
            facts["error"] = f"{note} {damage}".strip()
        self.generation = await self._repository.update(self.generation.id, **facts)
        self._tools.announce(self.generation, self._progress.complete(), EventKind.UPDATED)
        return self.generation
