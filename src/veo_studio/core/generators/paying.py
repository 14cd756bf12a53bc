"""The one place that spends money: a paid request is written down, sent once, and its answer stored.

At most once: a request whose answer was lost becomes `unknown` and is never sent again by itself
(reliability: section 1).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import (
    AuthError,
    GenerationTimeoutError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    StorageError,
)
from veo_studio.core.generators.progress import ProgressTracker
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import Attempt, ErrorKind, Generation, GenerationState, Operation
from veo_studio.core.providers.base import Provider
from veo_studio.core.store.journal import JournalLine
from veo_studio.core.store.moves import failure_fields

_log = logging.getLogger(__name__)
_S = GenerationState
# how soon an operation id that neither database nor journal took is offered to them again
_STORE_AGAIN_S = 2.0
# the longest wait before a provider that could not be reached is tried again
_LINE_IS_BACK_S = 8.0


class PaidSubmit:
    """Takes one generation from `pending` to `processing`, `pending` again, `unknown` or `failed`."""

    def __init__(self, tools: RunTools, provider: Provider, progress: ProgressTracker) -> None:
        self._tools = tools
        self._repository = tools.repository
        self._provider = provider
        self._progress = progress

    async def send(self, generation: Generation, uploads: Sequence[str] = ()) -> Generation:
        """Run to its end even if the caller is cancelled; raises StorageError where nothing can be stored.

        `uploads` name the pictures and clips at the provider, in their order.
        """
        try:
            body = self._provider.build_body(generation.to_request(), uploads)
        except ValueError as error:
            return self._tools.announce(
                await self._repository.move(
                    generation.id,
                    _S.FAILED,
                    "refused before sending",
                    error=str(error),
                    error_kind=ErrorKind.INVALID_REQUEST.value,
                )
            )
        if not self._tools.may_send(self._provider.id):
            return generation  # paused since it was started: it goes back into the line
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        accounts = self._tools.accounts
        account = None if accounts is None else accounts.of_now(generation.provider)
        attempt = await self._repository.begin_attempt(generation.id, body, digest, account)
        crash_point("K04")
        self._tools.announce(await self._repository.get(generation.id), self._progress.submitting())
        if (left_s := self._tools.gate.left_s(self._provider.id)) > 0:
            # another generation was told meanwhile when to come back: that holds for this one (I11)
            told = RateLimited("The provider asks for fewer requests.", retry_after_s=left_s)
            return await self._not_accepted(attempt, told)
        try:
            operation = await self._provider.submit(body, attempt_uuid=attempt.uuid)
        except (RateLimited, NotSent) as error:
            return await self._not_accepted(attempt, error)
        except AuthError as error:
            # not this request is refused but the key: the queue keeps it until there is another
            return await self._ended(
                attempt, _S.PENDING, "the key was refused", error,
                next_attempt_at=self._tools.clock.now(),
            )  # fmt: skip
        except (OutcomeUnknown, GenerationTimeoutError, ProtocolError) as error:
            return await self._ended(attempt, _S.UNKNOWN, "the answer was lost", error)
        except ProviderUnavailable as error:
            # the provider's own "overloaded" in its own words: nothing was accepted
            return await self._not_accepted(attempt, error)
        except ProviderError as error:
            return await self._ended(attempt, _S.FAILED, "refused by the provider", error)
        except BaseException:
            # a bug of ours, or the end of the program, after the request may have left
            await self._repository.end_attempt(
                attempt,
                _S.UNKNOWN,
                "the program stopped while sending",
                error_kind=ErrorKind.SUBMIT_UNKNOWN.value,
            )
            raise
        crash_point("K07")
        accepted = await self._store(generation, attempt, operation)
        crash_point("K09")
        return accepted

    async def _store(
        self, generation: Generation, attempt: Attempt, operation: Operation
    ) -> Generation:
        """The id goes to the database, else to the journal; while neither takes it, again and again."""
        line = JournalLine(generation.uuid, attempt.uuid, operation.operation_id)
        told: dict[str, Any] = (
            {} if operation.cost_usd is None else {"cost_usd": operation.cost_usd}
        )
        while True:
            try:
                accepted = await self._repository.end_attempt(
                    attempt,
                    _S.PROCESSING,
                    "accepted by the provider",
                    operation_id=operation.operation_id,
                    error=None,
                    error_kind=None,
                    **told,
                )
            except OutcomeUnknown as error:
                # a provider that gives one name twice: which of the two it made, nobody can say
                return await self._ended(attempt, _S.UNKNOWN, "the answer names another", error)
            except asyncio.CancelledError:
                # the program ends while the database still works on it: one line more does no harm
                try:
                    self._tools.journal.append(line)
                except OSError as error:
                    _log.error("generation %d is not in the journal: %s", generation.id, error)
                raise
            except StorageError:
                try:
                    await asyncio.to_thread(self._tools.journal.append, line)
                except OSError:
                    _log.critical("an operation of generation %d is stored nowhere", generation.id)
                    await self._tools.clock.sleep(_STORE_AGAIN_S)
                    continue
                crash_point("K08")
                _log.error("the operation of generation %d went to the journal", generation.id)
                raise
            return self._tools.announce(accepted, self._progress.accepted())

    async def _not_accepted(
        self, attempt: Attempt, error: RateLimited | ProviderUnavailable
    ) -> Generation:
        self._tools.gate.hold(self._provider.id, error.retry_after_s, error.message)
        tries = len(await self._repository.attempts(attempt.generation_id))
        wait_s = self._tools.backoff.wait_s(tries, error.retry_after_s)
        if isinstance(error, NotSent):
            # looking whether the line is back costs nothing, and nobody should wait for it (C18)
            wait_s = min(wait_s, _LINE_IS_BACK_S)
        at = self._tools.clock.now() + timedelta(seconds=wait_s)
        return await self._ended(attempt, _S.PENDING, "not accepted yet", error, next_attempt_at=at)

    async def _ended(
        self,
        attempt: Attempt,
        to: GenerationState,
        cause: str,
        error: ProviderError,
        next_attempt_at: datetime | None = None,
    ) -> Generation:
        return self._tools.announce(
            await self._repository.end_attempt(
                attempt,
                to,
                cause,
                http_status=error.status,
                next_attempt_at=next_attempt_at,
                **failure_fields(error),
            )
        )
