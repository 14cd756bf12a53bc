"""Veo on Google Cloud (Vertex AI): long-running predictions, results in a bucket or inside the answer.

Source: Vertex AI, "Veo on Vertex AI API"; Cloud Storage JSON API, "Objects: get", read 2026-11-20.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    StudioError,
)
from veo_studio.core.models import (
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    PollResult,
    ResultRef,
)
from veo_studio.core.providers import vertex_wire as wire
from veo_studio.core.providers.adapter import REFUSED_STATUSES, Adapter, AdapterTools
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.providers.base import Body, ConnectionReport
from veo_studio.core.providers.gemini_wire import WireError, read_error
from veo_studio.core.providers.google_sign_in import GoogleSignIn, missing_part
from veo_studio.core.providers.http import JsonAnswer, StreamAnswer
from veo_studio.core.providers.inline_results import MAX_CLIPS_BYTES, VERTEX_FIELD
from veo_studio.core.providers.receiving import Receiving, is_received

_log = logging.getLogger(__name__)

_VERSION = re.compile(r"/v\d+(alpha|beta)?\d*\Z")
_LOCATION = "us-central1"
_STORAGE = "https://storage.googleapis.com"
_PICTURES = ("image/png", "image/jpeg")
# asked for by a test of the connection: no operation has this name
_NO_OPERATION = "00000000-0000-0000-0000-000000000000"


class VertexProvider(Adapter):
    """The `Provider` for Veo on Vertex AI.

    Raises InvalidRequest for a project, location, bucket or address that cannot be used, AuthError where
    Google's library is not installed.
    """

    def __init__(self, tools: AdapterTools) -> None:
        super().__init__(tools)
        if words := missing_part():
            raise AuthError(words, provider=self.id)
        options = tools.connection.options
        self._project = self._option("project", wire.PROJECT)
        self._location = self._option("location", wire.LOCATION) or _LOCATION
        bucket = self._option("bucket", wire.BUCKET)
        self._bucket = f"{bucket.rstrip('/')}/" if bucket else ""
        self._sign_in = GoogleSignIn(options.get("credentials_file", ""), self.id)
        # every location has a host of its own, unless somebody named one
        self._is_told = self.base_url != tools.info.base_url
        self._storage = options.get("storage_url", _STORAGE).rstrip("/")
        if problem := base_problem(self._storage):
            raise InvalidRequest(
                f"The storage address cannot be used: {problem}.", provider=self.id
            )
        folder = tools.files.folder / "received"
        self._received = Receiving(tools.gateway, folder, VERTEX_FIELD, MAX_CLIPS_BYTES)

    def _option(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.tools.connection.options.get(name, "")
        if value and not pattern.match(value):
            raise InvalidRequest(
                f"The {name} of {self.tools.info.name} cannot be used: {value[:60]!r}.",
                provider=self.id,
            )
        return value

    async def credentials(self) -> Mapping[str, str]:
        return await self._sign_in.headers()

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Nothing is sent yet: bytes go with the submit, and a clip in the bucket stays there."""
        if item.role is InputRole.SOURCE and (found := await self._in_bucket(item, path)):
            return found
        if item.role is not InputRole.SOURCE and item.mime_type not in _PICTURES:
            raise InvalidRequest(
                f"{item.name}: Veo takes PNG and JPEG pictures. Save it as one of these.",
                provider=self.id,
            )
        limit_mb = self.tools.info.upload_mb
        if item.size_bytes > limit_mb * 1_000_000:
            words = f"{item.name} is larger than the {limit_mb} MB that Veo takes."
            if item.role is InputRole.SOURCE:
                words += " A clip that was made into a bucket is extended there, whatever its size."
            raise InvalidRequest(words, provider=self.id)
        return wire.INLINE + item.sha256

    async def prepare(self) -> None:
        """Sign in."""
        await self._sign_in.headers()

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return wire.build_body(request, uploads, self._bucket)

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once; there is no field for the attempt's name."""
        model = str(body.get("model", ""))
        if not wire.MODEL.match(model):
            raise InvalidRequest(f"Google has no model {model[:60]!r}.", provider=self.id)
        sent = {name: value for name, value in body.items() if name != "model"}
        try:
            sent["instances"] = await asyncio.to_thread(self._with_bytes, sent["instances"])
        except OSError as error:
            raise InvalidRequest(
                "A picture of this generation is no longer in the library's folder.",
                provider=self.id,
            ) from error
        path = (
            f"projects/{self._project}/locations/{self._location}/publishers/google/models/{model}"
        )
        headers = await self.credentials()
        path, base = f"/{path}:predictLongRunning", self._base(self._location)
        answer = await self.ask("POST", path, sent, is_paid=True, base=base)
        if answer.status != 401:
            self._sign_in.accept()
        elif await self._sign_in.renew(headers):
            words = "Google ended the sign-in early; it is sent again with a new one."
            raise self.refused(ErrorKind.SERVER_ERROR, words, status=answer.status)
        if 200 <= answer.status < 300:
            if (name := wire.operation_name(answer.json)) is not None:
                return Operation(self.id, name, model, datetime.now(UTC))
            raise self.unknown(answer, "The provider answered without a usable name.")
        told = read_error(answer.status, answer.headers, answer.json)
        if answer.status == 503 and told.is_own:
            raise self._unavailable(503, told)
        if answer.status == 429 or answer.status in REFUSED_STATUSES:
            raise self._submit_refused(model, answer, told)
        raise self.unknown(answer, told.message)

    def _submit_refused(self, model: str, answer: JsonAnswer, error: WireError) -> ProviderError:
        if error.kind is ErrorKind.NOT_FOUND:
            entry = self.tools.model(model)
            name = entry.name if entry else model
            instead = "Use Omni 1.2 Flash of Google Gemini instead"
            if self._location != _LOCATION:
                instead += f", or try the location {_LOCATION}"
            return self.refused(
                error.kind,
                f"Google does not offer {name} at {self._location} (any more). {instead}. "
                f"{error.message}",
                status=answer.status,
                code=error.code,
                action="The model may be retired: choose another one.",
            )
        if wire.support_codes(error.message):
            error = replace(
                error,
                kind=ErrorKind.CONTENT_FILTERED,
                message=wire.with_categories(error.message),
            )
        return self._refusal(answer.status, error)

    async def poll(self, operation: Operation) -> PollResult:
        name = operation.operation_id
        location = wire.location_of(name)
        received = await self._received.remembered(name)
        if received is not None:
            return self._priced(wire.read_operation(received), operation)
        status, headers, value = await self._operation(name, location)
        self._raise_for_status(status, headers, value)
        try:
            if isinstance(value, dict) and wire.operation_name(value) not in (None, name):
                raise ProtocolError("The provider answered for another operation.")
            result = wire.read_operation(value)
        except ProtocolError as error:
            error.provider, error.status = self.id, status
            raise
        if isinstance(result, Done) and is_received(result.result.uri):
            with self._in_our_name():
                await self._received.remember(name, value)
        return self._priced(result, operation)

    def _priced(self, result: PollResult, operation: Operation) -> PollResult:
        """Clips that were kept back are not billed, and the estimate was for all of them."""
        config, model = operation.config, self.tools.model(operation.model)
        if not isinstance(result, Done) or "filtered" not in result.usage or not config:
            return result
        if (price := model.prices.estimate(config) if model else None) is None:
            return result
        delivered = min(1 + len(result.result.more), config.samples)
        return replace(result, cost_usd=price * delivered / config.samples)

    async def _operation(self, name: str, location: str) -> tuple[int, Mapping[str, str], Any]:
        """Ask about an operation; once more where the token was taken back before its time."""
        sent = await self.credentials()
        told = await self._fetch_operation(name, location, sent)
        if told[0] == 401 and await self._sign_in.renew(sent):
            told = await self._fetch_operation(name, location, await self.credentials())
        if told[0] != 401:
            self._sign_in.accept()
        return told

    async def _fetch_operation(
        self, name: str, location: str, credentials: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], Any]:
        """Ask about an operation; clips inside the answer go to files while it arrives."""
        url = f"{self._base(location)}/{name.partition('/operations/')[0]}:fetchPredictOperation"
        asked = {"operationName": name}
        with self._in_our_name():
            answer = await self._received.ask("POST", url, name, asked, headers=credentials)
        return answer.status, answer.headers, answer.json

    @contextmanager
    def _in_our_name(self) -> Iterator[None]:
        try:
            yield
        except ProviderError as error:
            error.provider = self.id
            raise

    async def cancel(self, operation: Operation) -> CancelOutcome:
        """None is documented for these operations."""
        return CancelOutcome.UNSUPPORTED

    async def check_connection(self) -> ConnectionReport:
        """Sign in, and ask for an operation that does not exist; whether Veo is still sold, only a paid one tells."""
        path = (
            f"projects/{self._project}/locations/{self._location}/publishers/google/models/"
            f"veo-3.1-generate-001"
        )
        status, headers, value = await self._operation(
            f"{path}/operations/{_NO_OPERATION}", self._location
        )
        error = read_error(status, headers, value)
        is_known = error.is_own and error.kind in (ErrorKind.NOT_FOUND, ErrorKind.INVALID_REQUEST)
        if not is_known:
            self._raise_for_status(status, headers, value)
        return ConnectionReport(
            f"Google accepted the sign-in and answers for the project {self._project} at "
            f"{self._location}. Whether it still sells Veo there, only a paid request tells."
        )

    async def _in_bucket(self, item: MediaInput, path: Path) -> str:
        """Where Google itself still has a clip of ours, byte for byte; "" where it has not."""
        if not self._bucket or item.provider != self.id or item.operation_id is None:
            return ""
        try:
            answer = await self.poll(Operation(self.id, item.operation_id, ""))
            links = (answer.result.uri, *answer.result.more) if isinstance(answer, Done) else ()
            for link in links:
                if not is_received(link) and await self._is_same(link, item, path):
                    return link
        except StudioError as error:
            _log.info("a clip is sent again, for it is not found in the bucket: %s", error.message)
        return ""

    async def _is_same(self, link: str, item: MediaInput, path: Path) -> bool:
        """The clip here may have been cut since it came from there."""
        async with self.open_result(ResultRef(link), 0, None) as body:
            if body.total_bytes != item.size_bytes or "md5" not in body.digests:
                return False
            return body.digests["md5"] == await asyncio.to_thread(_md5_of, path)

    def _with_bytes(self, value: Any) -> Any:
        """The same JSON with pictures and clips in the place of their digests. Blocks."""
        if isinstance(value, list):
            return [self._with_bytes(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if "sha256" not in value:
            return {name: self._with_bytes(entry) for name, entry in value.items()}
        kind = str(value["mimeType"])
        stored = MediaInput(InputRole.SOURCE, str(value["sha256"]), kind, 0, "")
        content = self.tools.files.path(stored).read_bytes()
        return {"bytesBase64Encoded": base64.b64encode(content).decode("ascii"), "mimeType": kind}

    # results

    @asynccontextmanager
    async def _opened(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AsyncIterator[Body]:
        if is_received(result.uri):
            async with self._received.open(result.uri, offset, validator) as body:
                yield body
            return
        url = self._storage + wire.object_path(result.uri)
        stored = replace(result, uri=url)
        async with AsyncExitStack() as stack:
            try:
                body = await stack.enter_async_context(super()._opened(stored, offset, validator))
            except AuthError as error:
                if error.status != 401:
                    raise
                # taken back before its time: once more with another one
                body = await stack.enter_async_context(super()._opened(stored, offset, validator))
            yield body

    async def credentials_for(self, result: ResultRef) -> tuple[Mapping[str, str], frozenset[str]]:
        return await self.credentials(), frozenset({parse_address(self._storage).origin})

    async def _raise_for_result(self, answer: StreamAnswer) -> NoReturn:
        error = read_error(answer.status, answer.headers, await answer.json())
        is_own = answer.origin == parse_address(self._storage).origin
        if is_own and answer.status in (401, 403):
            self._sign_in.forget()
            raise AuthError(
                f"The account may not read the clip in the bucket: {error.message}",
                provider=self.id,
                status=answer.status,
            )
        self._raise_for_result_status(answer, error.message, error.retry_after_s)

    # shared

    def _base(self, location: str) -> str:
        base = self.base_url
        if not self._is_told:
            host = "aiplatform.googleapis.com"
            base = f"https://{host}" if location == "global" else f"https://{location}-{host}"
        return base if _VERSION.search(base) else f"{base}/v1"

    def _raise_for_status(self, status: int, headers: Mapping[str, str], value: Any) -> None:
        """For everything after the submit: what is no clear answer says nothing about the generation."""
        if 200 <= status < 300:
            return
        error = read_error(status, headers, value)
        if status >= 500 or status == 408:
            raise self._unavailable(status, error)
        if status in (401, 402, 403, 404, 410, 429):
            raise self._refusal(status, error)
        raise ProtocolError(error.message, provider=self.id, status=status, code=error.code)

    def _refusal(self, status: int, error: WireError) -> ProviderError:
        if status == 401:
            # it may have been taken back before its time; the next request signs in anew
            self._sign_in.forget()
        return self.refused(
            error.kind,
            error.message,
            status=status,
            code=error.code,
            retry_after_s=error.retry_after_s,
        )

    def _unavailable(self, status: int, error: WireError) -> ProviderUnavailable:
        return ProviderUnavailable(
            error.message, retry_after_s=error.retry_after_s, provider=self.id, status=status
        )


def _md5_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
