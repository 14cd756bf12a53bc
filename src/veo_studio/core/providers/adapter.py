"""What all adapters share: one way to ask, one way to say no, one way to fetch a finished file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from veo_studio.core.capabilities import ModelInfo, ProviderInfo
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    DownloadError,
    GenerationFailedError,
    InsufficientCredits,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.input_files import InputFiles
from veo_studio.core.log import register_secret
from veo_studio.core.models import (
    ErrorKind,
    MediaInput,
    Operation,
    PollPacing,
    ResultRef,
)
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.providers.base import Body
from veo_studio.core.providers.connection import Connection
from veo_studio.core.providers.http import MAX_JSON_BYTES, HttpGateway, JsonAnswer, StreamAnswer
from veo_studio.core.providers.ranges import body_of, range_headers, range_refused

# Refusals of which a service says itself that nothing was accepted.
REFUSED_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 414, 415, 422, 431, 451})
_REFUSALS: Mapping[ErrorKind, type[ProviderError]] = {
    ErrorKind.AUTH: AuthError,
    ErrorKind.INSUFFICIENT_CREDITS: InsufficientCredits,
    ErrorKind.QUOTA_EXCEEDED: QuotaExceeded,
    ErrorKind.CONTENT_FILTERED: ContentRefused,
    ErrorKind.NOT_FOUND: NotFoundError,
    ErrorKind.GENERATION_FAILED: GenerationFailedError,
}


@dataclass(frozen=True)
class AdapterTools:
    """What an adapter is made with; `model` finds an entry of the catalogue by its id."""

    gateway: HttpGateway
    connection: Connection
    info: ProviderInfo
    model: Callable[[str], ModelInfo | None]
    files: InputFiles


class Adapter:
    """Base of the adapters; a subclass translates, and says how it authenticates (`credentials`).

    Raises InvalidRequest for a base address that is neither https nor on this machine, unless the user
    allowed it.
    """

    can_find = False

    def __init__(self, tools: AdapterTools) -> None:
        self.tools = tools
        self.id = tools.connection.provider_id
        self.pacing: PollPacing = tools.info.pacing
        self.base_url = tools.connection.base_url
        problem = base_problem(self.base_url)
        if problem and not tools.connection.allows_plain_http:
            raise InvalidRequest(f"The base address cannot be used: {problem}.", provider=self.id)
        self.origin = parse_address(self.base_url).origin
        self._key: str | None = None
        self.use_key(tools.connection.key)

    def use_key(self, key: str | None) -> None:
        """See `Provider.use_key`."""
        self._key = key.strip() if key else None
        if self._key is not None:
            # servers repeat what they were sent: no message of ours may
            register_secret(self._key)

    def bearer(self) -> dict[str, str]:
        """The usual credential; raises AuthError where there is no key."""
        if self._key is None:
            raise AuthError(self.tools.info.key_help, provider=self.id)
        return {"Authorization": f"Bearer {self._key}"}

    def makes_pictures(self, operation: Operation) -> bool:
        """Whether a picture was asked for; a model may have left the user's own list meanwhile."""
        model = self.tools.model(operation.model)
        if model is not None:
            return model.makes_pictures
        return operation.config is not None and operation.config.duration_s == 0

    async def credentials(self) -> Mapping[str, str]:
        """Headers for the base address; raises AuthError."""
        return self.bearer()

    async def upload(self, item: MediaInput, path: Path) -> str:
        """See `Provider.upload`."""
        raise ValueError("This service takes no pictures or clips.")

    async def prepare(self) -> None:
        """See `Provider.prepare`."""

    async def find(self, attempt_uuid: str) -> Operation | None:
        """See `Provider.find`."""
        raise NotImplementedError("this service cannot look up a submit")

    async def close(self) -> None:
        """See `Provider.close`."""

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_paid: bool = False,
        base: str | None = None,
        max_bytes: int = MAX_JSON_BYTES,
    ) -> JsonAnswer:
        """One exchange with the base address; raises what the gateway raises, in our name."""
        try:
            return await self.tools.gateway.request_json(
                method,
                (base or self.base_url) + path,
                headers=await self.credentials(),
                body=body,
                is_paid=is_paid,
                max_bytes=max_bytes,
            )
        except ProviderError as error:
            error.provider = self.id
            raise

    def refused(
        self,
        kind: ErrorKind,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after_s: float | None = None,
        action: str | None = None,
    ) -> ProviderError:
        """The exception for an answer that is a clear no: nothing was accepted."""
        return refusal_of(
            self.id,
            kind,
            message,
            status=status,
            code=code,
            retry_after_s=retry_after_s,
            action=action,
        )

    def unknown(self, answer: JsonAnswer, reason: str) -> OutcomeUnknown:
        """The exception for a submit of which nobody can say whether it was accepted."""
        return OutcomeUnknown(
            f"{reason} The request may have been accepted and may be billed.",
            provider=self.id,
            status=answer.status,
        )

    def open_result(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AbstractAsyncContextManager[Body]:
        """See `Provider.open_result`. Credentials go to the base address only, and only if needed."""
        return self._opened(result, offset, validator)

    async def credentials_for(self, result: ResultRef) -> tuple[Mapping[str, str], frozenset[str]]:
        """Headers for a finished file and the origins that get them; hosted files need none."""
        return {}, frozenset({self.origin})

    @asynccontextmanager
    async def _opened(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AsyncIterator[Body]:
        # Compressed bytes could neither be resumed nor checked against a length.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        headers |= range_headers(offset, validator)
        credentials, origins = await self.credentials_for(result)
        async with self.tools.gateway.open_stream(
            parse_address(result.uri).url,
            headers=headers,
            credentials=credentials,
            allowed_origins=origins,
        ) as answer:
            if answer.status not in (200, 206):
                await self._raise_for_result(answer)
            yield body_of(answer, offset if "Range" in headers else 0)

    async def _raise_for_result(self, answer: StreamAnswer) -> NoReturn:
        self._raise_for_result_status(answer)

    def _raise_for_result_status(
        self, answer: StreamAnswer, words: str = "", retry_after_s: float | None = None
    ) -> NoReturn:
        """What an answer that is no file says; `words` are the provider's own."""
        status = answer.status
        if status == 416:
            raise range_refused(answer)
        if status in (401, 403, 404, 410):
            raise LinkExpired("The link to the result no longer works.")
        if status == 429 or status == 408 or status >= 500:
            kind = ErrorKind.RATE_LIMITED if status == 429 else ErrorKind.SERVER_ERROR
            message = words or f"The result cannot be fetched now (HTTP {status})."
            raise self.refused(kind, message, status=status, retry_after_s=retry_after_s)
        raise DownloadError(f"The result cannot be fetched (HTTP {status}): {words}".rstrip(": "))


def refusal_of(
    provider: str,
    kind: ErrorKind,
    message: str,
    *,
    status: int | None = None,
    code: str | None = None,
    retry_after_s: float | None = None,
    action: str | None = None,
) -> ProviderError:
    """The exception of `kind` for a clear no of this provider."""
    if kind is ErrorKind.RATE_LIMITED:
        return RateLimited(message, retry_after_s=retry_after_s, provider=provider, status=status)
    if kind in (ErrorKind.SERVER_ERROR, ErrorKind.TIMEOUT, ErrorKind.NETWORK):
        return ProviderUnavailable(
            message, retry_after_s=retry_after_s, provider=provider, status=status
        )
    refusal = _REFUSALS.get(kind, InvalidRequest)
    return refusal(message, provider=provider, status=status, code=code, action=action)
