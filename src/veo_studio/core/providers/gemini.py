"""Google's video models over the Interactions API; the rehearsal engine speaks the same protocol.

Source: Gemini API, "Interactions" and "Files", read 2026-11-20. Stateless: retry, time and storage
are the generator's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from veo_studio.core.errors import AuthError, ProtocolError, ProviderError, ProviderUnavailable
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    ErrorKind,
    GenerationRequest,
    Operation,
    PollResult,
    ResultRef,
    Running,
)
from veo_studio.core.providers import gemini_wire as wire
from veo_studio.core.providers.adapter import REFUSED_STATUSES, Adapter, AdapterTools
from veo_studio.core.providers.addresses import parse_address
from veo_studio.core.providers.base import Body, ConnectionReport
from veo_studio.core.providers.http import JsonAnswer, StreamAnswer

_VERSION = re.compile(r"/v\d+(alpha|beta)?\d*\Z")
_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
_ATTEMPT = re.compile(r"[A-Za-z0-9-]{1,63}\Z")


class GeminiProvider(Adapter):
    """The `Provider` for Interactions; `allow_extensions` is for the rehearsal engine only.

    Raises InvalidRequest for a base address that cannot be used.
    """

    def __init__(self, tools: AdapterTools, *, allow_extensions: bool = False) -> None:
        super().__init__(tools)
        self.can_find = allow_extensions
        base = self.base_url
        self._root = _VERSION.sub("", base)
        self.base_url = base if base != self._root else f"{base}/v1"

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return wire.build_body(request, uploads, has_extensions=self.can_find)

    async def check_connection(self) -> ConnectionReport:
        """List the models, which is free; whether the key may make videos, only a paid one tells."""
        answer = await self.ask("GET", "/models?pageSize=50")
        self._raise_for_status(answer)
        return ConnectionReport(
            "Google accepted the key. Whether its tier includes video is not told."
        )

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once, labelled with `attempt_uuid`; see `Provider.submit`."""
        answer = await self.ask(
            "POST", "/interactions", {**body, "labels": {"attempt": attempt_uuid}}, is_paid=True
        )
        if 200 <= answer.status < 300:
            if (name := wire.interaction_id(answer.json)) is not None:
                model = str(body.get("model", ""))
                return Operation(self.id, name, model, datetime.now(UTC))
            raise self.unknown(answer, "The provider answered without a usable name.")
        error = wire.read_error(answer.status, answer.headers, answer.json)
        if answer.status == 503 and error.is_own:
            raise ProviderUnavailable(
                error.message,
                retry_after_s=error.retry_after_s,
                provider=self.id,
                status=answer.status,
            )
        if answer.status == 429 or answer.status in REFUSED_STATUSES:
            raise self._refusal(answer, error, is_submit=True)
        raise self.unknown(answer, error.message)

    async def poll(self, operation: Operation) -> PollResult:
        answer = await self.ask("GET", self._path(operation))
        self._raise_for_status(answer)
        try:
            if wire.interaction_id(answer.json) not in (None, operation.operation_id):
                raise ProtocolError("The provider answered for another interaction.")
            return wire.read_interaction(answer.json)
        except ProtocolError as error:
            error.provider, error.status = self.id, answer.status
            raise

    async def cancel(self, operation: Operation) -> CancelOutcome:
        answer = await self.ask("POST", f"{self._path(operation)}/cancel")
        if answer.status in (405, 501):
            return CancelOutcome.UNSUPPORTED
        if answer.status in (400, 409):
            error = wire.read_error(answer.status, answer.headers, answer.json)
            if error.kind is ErrorKind.INVALID_REQUEST or error.code == "FAILED_PRECONDITION":
                return CancelOutcome.TOO_LATE
        self._raise_for_status(answer)
        match wire.read_interaction(answer.json):
            case CancelledByProvider():
                return CancelOutcome.CONFIRMED
            case Running():
                return CancelOutcome.UNSUPPORTED
        return CancelOutcome.TOO_LATE

    async def find(self, attempt_uuid: str) -> Operation | None:
        """The interaction that carries this label; Google has no such call, the rehearsal engine has."""
        if not self.can_find or not _ATTEMPT.match(attempt_uuid):
            raise NotImplementedError("this service cannot look up a submit")
        answer = await self.ask("GET", f"/rehearsal/attempts/{attempt_uuid}", base=self._root)
        # Only the engine's own words count as "never arrived": None means that it is sent again.
        if answer.status == 404 and answer.is_json:
            return None
        self._raise_for_status(answer)
        name = wire.interaction_id(answer.json)
        if name is None:
            raise ProtocolError("The answer is no interaction.", provider=self.id)
        return Operation(self.id, name, str(answer.json.get("model", "")))

    @asynccontextmanager
    async def _opened(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AsyncIterator[Body]:
        address = parse_address(result.uri)
        url = address.url
        if address.origin == self.origin and "alt" not in dict(parse_qsl(urlsplit(url).query)):
            url += ("&" if urlsplit(url).query else "?") + "alt=media"
        async with super()._opened(replace(result, uri=url), offset, validator) as body:
            yield body

    async def credentials_for(self, result: ResultRef) -> tuple[Mapping[str, str], frozenset[str]]:
        return await self.credentials(), frozenset({self.origin})

    async def _raise_for_result(self, answer: StreamAnswer) -> NoReturn:
        error = wire.read_error(answer.status, answer.headers, await answer.json())
        is_key = answer.status == 401 or (answer.status == 400 and error.kind is ErrorKind.AUTH)
        if answer.origin == self.origin and is_key:
            raise AuthError(error.message, provider=self.id, status=answer.status)
        self._raise_for_result_status(answer, error.message, error.retry_after_s)

    async def credentials(self) -> Mapping[str, str]:
        """Exactly one credential: with two the service answers 400."""
        if self._key is None:
            return {}
        if not _KEY.match(self._key):
            raise AuthError("The key holds characters that no key has.", provider=self.id)
        return {"x-goog-api-key": self._key}

    def _path(self, operation: Operation) -> str:
        if wire.interaction_id({"id": operation.operation_id}) is None:
            raise ProtocolError("The stored operation has no usable name.", provider=self.id)
        return f"/interactions/{operation.operation_id}"

    def _raise_for_status(self, answer: JsonAnswer) -> None:
        """For everything after the submit: what is no clear answer says nothing about the generation."""
        if 200 <= answer.status < 300:
            return
        error = wire.read_error(answer.status, answer.headers, answer.json)
        if answer.status >= 500 or answer.status == 408:
            raise ProviderUnavailable(
                error.message,
                retry_after_s=error.retry_after_s,
                provider=self.id,
                status=answer.status,
            )
        if answer.status in (401, 402, 403, 404, 410, 429) or error.kind in (
            ErrorKind.AUTH,
            ErrorKind.NOT_FOUND,
        ):
            raise self._refusal(answer, error, is_submit=False)
        raise ProtocolError(error.message, provider=self.id, status=answer.status, code=error.code)

    def _refusal(
        self, answer: JsonAnswer, error: wire.WireError, *, is_submit: bool
    ) -> ProviderError:
        is_gone = is_submit and error.kind is ErrorKind.NOT_FOUND
        return self.refused(
            error.kind,
            error.message,
            status=answer.status,
            code=error.code,
            retry_after_s=error.retry_after_s,
            action="The model may be retired: choose another one." if is_gone else None,
        )
