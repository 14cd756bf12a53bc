"""Runway's video and picture models: one task for each clip or picture, behind four addresses.

Source: Runway API reference (version 2024-11-06) and runwayml 5.24.0, read 2026-11-20. Stateless apart
from the ids that it deleted itself: retry, time and storage are the generator's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from veo_studio.core.errors import (
    AuthError,
    DownloadError,
    InvalidRequest,
    NotFoundError,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    ErrorKind,
    GenerationRequest,
    MediaInput,
    Operation,
    PollResult,
    Running,
)
from veo_studio.core.providers import runway_wire as wire
from veo_studio.core.providers.adapter import REFUSED_STATUSES, Adapter, AdapterTools
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.core.providers.http import JsonAnswer
from veo_studio.core.providers.upload_body import FormBody

_log = logging.getLogger(__name__)

API_VERSION = "2024-11-06"
_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
# Runway's own "overloaded" may be answered again, slowly (providers: section 8.4)
_OVERLOADED_WAIT_S = 10.0
_MIN_UPLOAD_BYTES = 512


class RunwayProvider(Adapter):
    """The `Provider` for Runway. Raises InvalidRequest for a base address that cannot be used."""

    def __init__(self, tools: AdapterTools) -> None:
        super().__init__(tools)
        self.base_url = self.base_url.removesuffix("/v1")
        # a deleted task answers 404 ever after: only these mean "cancelled"
        self._deleted: set[str] = set()

    async def credentials(self) -> Mapping[str, str]:
        if self._key is not None and not _KEY.match(self._key):
            raise AuthError("The key holds characters that no key has.", provider=self.id)
        return {**self.bearer(), "X-Runway-Version": API_VERSION}

    async def check_connection(self) -> ConnectionReport:
        """Ask for the balance, which is free."""
        answer = await self.ask("GET", "/v1/organization")
        self._raise_for_status(answer)
        balance = wire.balance_words(answer.json)
        if not balance:
            raise ProtocolError("Runway's answer tells no balance.", provider=self.id)
        return ConnectionReport("Runway accepted the key and told the balance.", balance)

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Ask for a place, then bring the file there: another host, which never sees the key."""
        most_mb = self.tools.info.upload_mb
        if not _MIN_UPLOAD_BYTES <= item.size_bytes <= most_mb * 1_000_000:
            raise InvalidRequest(
                f"{item.name} has not the size that Runway takes"
                f" ({_MIN_UPLOAD_BYTES} bytes to {most_mb} MB).",
                provider=self.id,
            )
        # the user's own name for the file is nobody's business
        name = f"{item.role.value}{path.suffix}"
        answer = await self.ask("POST", "/v1/uploads", {"filename": name, "type": "ephemeral"})
        self._raise_for_status(answer)
        try:
            place = wire.read_upload(answer.json)
            stored = await self.tools.gateway.send_file(
                place.url,
                FormBody(path, item.mime_type, name, "file", place.fields),
                own_origins=frozenset({self.origin}),
            )
        except DownloadError as error:
            raise ProtocolError(
                "Runway named a place for the file that is not opened.", provider=self.id
            ) from error
        except ProviderError as error:
            error.provider = self.id
            raise
        if 200 <= stored.status < 300:
            return place.uri
        message = f"The file could not be brought to Runway (HTTP {stored.status})."
        if stored.status in (400, 411, 413, 415, 422):
            raise InvalidRequest(message, provider=self.id, status=stored.status)
        raise ProviderUnavailable(message, provider=self.id, status=stored.status)

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        model = self.tools.model(request.model)
        if model is None:
            raise ValueError(f"The model list no longer has {request.model}.")
        return wire.build_body(request, uploads, model)

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once; Runway takes no label of ours. See `Provider.submit`."""
        answer = await self.ask("POST", wire.path_of(body), body, is_paid=True)
        if 200 <= answer.status < 300:
            if (name := wire.task_id(answer.json)) is not None:
                return Operation(
                    self.id,
                    name,
                    str(body.get("model", "")),
                    datetime.now(UTC),
                    cost_usd=wire.cost_usd(answer.json, "estimatedCost"),
                )
            raise self.unknown(answer, "Runway answered without a usable task.")
        error = wire.read_error(answer.status, answer.headers, answer.json)
        if answer.status == 503 and error.is_own:
            raise self.refused(
                ErrorKind.SERVER_ERROR,
                error.message,
                status=answer.status,
                retry_after_s=max(error.retry_after_s or 0.0, _OVERLOADED_WAIT_S),
            )
        if answer.status == 429 or answer.status in REFUSED_STATUSES:
            raise self.refused(
                error.kind,
                error.message,
                status=answer.status,
                retry_after_s=error.retry_after_s,
                action=_ACTIONS.get(error.kind),
            )
        raise self.unknown(answer, error.message)

    async def poll(self, operation: Operation) -> PollResult:
        try:
            return await self._task(operation)
        except NotFoundError:
            if operation.operation_id in self._deleted:
                return CancelledByProvider()
            raise

    async def cancel(self, operation: Operation) -> CancelOutcome:
        """DELETE, but never a finished task: that would destroy a clip that was paid for."""
        try:
            before = await self._task(operation)
        except NotFoundError:
            if operation.operation_id in self._deleted:
                return CancelOutcome.CONFIRMED
            raise
        if not isinstance(before, Running):
            return _outcome_of(before)
        self._deleted.add(operation.operation_id)
        answer = await self.ask("DELETE", self._path(operation))
        if 200 <= answer.status < 300 or answer.status in (404, 410):
            return CancelOutcome.CONFIRMED
        self._deleted.discard(operation.operation_id)
        # it may have ended while we asked
        after = await self._task(operation)
        if not isinstance(after, Running):
            return _outcome_of(after)
        self._raise_for_status(answer)
        return CancelOutcome.UNSUPPORTED

    async def _task(self, operation: Operation) -> PollResult:
        answer = await self.ask("GET", self._path(operation))
        self._raise_for_status(answer)
        try:
            if wire.task_id(answer.json) not in (None, operation.operation_id):
                raise ProtocolError("Runway answered for another task.")
            is_picture = self.makes_pictures(operation)
            return wire.read_task(answer.json, "image/png" if is_picture else "video/mp4")
        except ProtocolError as error:
            error.provider, error.status = self.id, answer.status
            raise

    def _path(self, operation: Operation) -> str:
        if wire.task_id({"id": operation.operation_id}) is None:
            raise ProtocolError("The stored operation has no usable name.", provider=self.id)
        return f"/v1/tasks/{operation.operation_id}"

    def _raise_for_status(self, answer: JsonAnswer) -> None:
        """For everything but the submit: what is no clear answer says nothing about the generation."""
        status = answer.status
        if 200 <= status < 300:
            return
        error = wire.read_error(status, answer.headers, answer.json)
        kind = error.kind
        if status == 429:
            kind = ErrorKind.RATE_LIMITED
        elif status in (408, 409) or status >= 500:
            kind = ErrorKind.SERVER_ERROR
        elif not error.is_own and status not in (401, 404, 410):
            # a page of a proxy, which knows nothing of tasks; "no such task" is not believed at once
            raise ProtocolError(error.message, provider=self.id, status=status)
        elif kind not in (ErrorKind.AUTH, ErrorKind.NOT_FOUND):
            raise ProtocolError(error.message, provider=self.id, status=status)
        raise self.refused(kind, error.message, status=status, retry_after_s=error.retry_after_s)


_ACTIONS = {
    ErrorKind.NOT_FOUND: "The model may be retired: choose another one.",
    ErrorKind.INSUFFICIENT_CREDITS: "Add credits in Runway's developer portal, then generate again.",
    ErrorKind.QUOTA_EXCEEDED: "Runway's limit counts the last 24 hours: generate again later.",
}


def _outcome_of(ended: PollResult) -> CancelOutcome:
    is_cancelled = isinstance(ended, CancelledByProvider)
    return CancelOutcome.CONFIRMED if is_cancelled else CancelOutcome.TOO_LATE
