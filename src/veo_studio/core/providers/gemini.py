"""Google's video models over the Interactions API; the rehearsal engine speaks the same protocol.

Source: Gemini API, "Interactions" and "Files", read 2026-11-20. Stateless: retry, time and storage
are the generator's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    DownloadError,
    InsufficientCredits,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.log import register_secret
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    ErrorKind,
    GenerationRequest,
    Operation,
    PollPacing,
    PollResult,
    ResultRef,
    Running,
)
from veo_studio.core.providers import gemini_wire as wire
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.providers.base import Body
from veo_studio.core.providers.http import HttpGateway, JsonAnswer, StreamAnswer
from veo_studio.core.providers.ranges import body_of, range_headers, range_refused

_VERSION = re.compile(r"/v\d+(alpha|beta)?\d*\Z")
_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
_ATTEMPT = re.compile(r"[A-Za-z0-9-]{1,63}\Z")
# Refusals of which the service says itself that nothing was accepted.
_REFUSED_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 414, 415, 422, 431, 451})


class GeminiProvider:
    """The `Provider` for Interactions; `allow_extensions` is for the rehearsal engine only.

    Raises InvalidRequest for a `base_url` that is neither https nor on this machine.
    """

    def __init__(
        self,
        gateway: HttpGateway,
        *,
        api_key: str | None,
        base_url: str,
        provider_id: str = "gemini",
        pacing: PollPacing,
        allow_extensions: bool = False,
    ) -> None:
        self.id = provider_id
        self.pacing = pacing
        self.can_find = allow_extensions
        self._gateway = gateway
        self._api_key: str | None = None
        self.use_key(api_key)
        if problem := base_problem(base_url):
            raise InvalidRequest(
                f"The base address cannot be used: {problem}.", provider=provider_id
            )
        base = base_url.rstrip("/")
        self._root = _VERSION.sub("", base)
        self._base = base if base != self._root else f"{base}/v1"
        self._origin = parse_address(self._base).origin

    def use_key(self, key: str | None) -> None:
        self._api_key = key.strip() if key else None
        if self._api_key is not None:
            # servers repeat what they were sent: no message of ours may
            register_secret(self._api_key)

    def build_body(self, request: GenerationRequest) -> dict[str, Any]:
        return wire.build_body(request, has_extensions=self.can_find)

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once, labelled with `attempt_uuid`; see `Provider.submit`."""
        answer = await self._request(
            "POST", "/interactions", {**body, "labels": {"attempt": attempt_uuid}}, is_paid=True
        )
        if 200 <= answer.status < 300:
            if (name := wire.interaction_id(answer.json)) is not None:
                model = str(body.get("model", ""))
                return Operation(self.id, name, model, datetime.now(UTC))
            raise self._unknown(answer, "The provider answered without a usable name.")
        error = wire.read_error(answer.status, answer.headers, answer.json)
        if answer.status == 503 and error.is_own:
            raise ProviderUnavailable(
                error.message,
                retry_after_s=error.retry_after_s,
                provider=self.id,
                status=answer.status,
            )
        if answer.status == 429 or answer.status in _REFUSED_STATUSES:
            self._raise_refusal(answer, error, is_submit=True)
        raise self._unknown(answer, error.message)

    async def poll(self, operation: Operation) -> PollResult:
        answer = await self._request("GET", self._path(operation))
        self._raise_for_status(answer)
        try:
            if wire.interaction_id(answer.json) not in (None, operation.operation_id):
                raise ProtocolError("The provider answered for another interaction.")
            return wire.read_interaction(answer.json)
        except ProtocolError as error:
            error.provider, error.status = self.id, answer.status
            raise

    async def cancel(self, operation: Operation) -> CancelOutcome:
        answer = await self._request("POST", f"{self._path(operation)}/cancel")
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
        answer = await self._request("GET", f"/rehearsal/attempts/{attempt_uuid}", base=self._root)
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
        if address.origin == self._origin and "alt" not in dict(parse_qsl(urlsplit(url).query)):
            url += ("&" if urlsplit(url).query else "?") + "alt=media"
        # Compressed bytes could neither be resumed nor checked against a length.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        headers |= range_headers(offset, validator)
        async with self._gateway.open_stream(
            url,
            headers=headers,
            credentials=self._credentials(),
            allowed_origins=frozenset({self._origin}),
        ) as answer:
            if answer.status not in (200, 206):
                await self._raise_for_result(answer)
            yield body_of(answer, offset if "Range" in headers else 0)

    def open_result(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AbstractAsyncContextManager[Body]:
        """See `Provider.open_result`. The key goes to the base address only, never to another host."""
        return self._opened(result, offset, validator)

    async def _raise_for_result(self, answer: StreamAnswer) -> NoReturn:
        status = answer.status
        if status == 416:
            raise range_refused(answer)
        error = wire.read_error(status, answer.headers, await answer.json())
        is_ours = answer.origin == self._origin
        if is_ours and (status == 401 or (status == 400 and error.kind is ErrorKind.AUTH)):
            raise AuthError(error.message, provider=self.id, status=status)
        if status in (401, 403, 404, 410):
            raise LinkExpired("The link to the result no longer works.")
        if status == 429:
            raise RateLimited(
                error.message, retry_after_s=error.retry_after_s, provider=self.id, status=status
            )
        if status >= 500 or status == 408:
            raise ProviderUnavailable(
                error.message, retry_after_s=error.retry_after_s, provider=self.id, status=status
            )
        raise DownloadError(f"The result cannot be fetched (HTTP {status}): {error.message}")

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_paid: bool = False,
        base: str | None = None,
    ) -> JsonAnswer:
        try:
            return await self._gateway.request_json(
                method,
                (base or self._base) + path,
                headers=self._credentials(),
                body=body,
                is_paid=is_paid,
            )
        except ProviderError as error:
            error.provider = self.id
            raise

    def _credentials(self) -> dict[str, str]:
        """Exactly one credential: with two the service answers 400."""
        if self._api_key is None:
            return {}
        if not _KEY.match(self._api_key):
            raise AuthError("The key holds characters that no key has.", provider=self.id)
        return {"x-goog-api-key": self._api_key}

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
            self._raise_refusal(answer, error, is_submit=False)
        raise ProtocolError(error.message, provider=self.id, status=answer.status, code=error.code)

    def _raise_refusal(
        self, answer: JsonAnswer, error: wire.WireError, *, is_submit: bool
    ) -> NoReturn:
        if error.kind is ErrorKind.RATE_LIMITED:
            raise RateLimited(
                error.message,
                retry_after_s=error.retry_after_s,
                provider=self.id,
                status=answer.status,
            )
        refusal: type[ProviderError] = InvalidRequest
        action = None
        match error.kind:
            case ErrorKind.AUTH:
                refusal = AuthError
            case ErrorKind.INSUFFICIENT_CREDITS:
                refusal = InsufficientCredits
            case ErrorKind.QUOTA_EXCEEDED:
                refusal = QuotaExceeded
            case ErrorKind.CONTENT_FILTERED:
                refusal = ContentRefused
            case ErrorKind.NOT_FOUND:
                refusal = NotFoundError
                if is_submit:
                    action = "The model may be retired: choose another one."
        raise refusal(
            error.message, provider=self.id, status=answer.status, code=error.code, action=action
        )

    def _unknown(self, answer: JsonAnswer, reason: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{reason} The request may have been accepted and may be billed.",
            provider=self.id,
            status=answer.status,
        )
