"""Google's video and picture models over the Interactions API; the rehearsal engine speaks the same protocol.

Source: Gemini API, "Interactions" and "Files", read 2026-11-20. Stateless: retry, time and storage
are the generator's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from veo_studio.core.errors import (
    AuthError,
    DownloadError,
    InvalidRequest,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    Operation,
    PollResult,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers import gemini_request as outgoing
from veo_studio.core.providers import gemini_wire as wire
from veo_studio.core.providers.adapter import REFUSED_STATUSES, Adapter, AdapterTools
from veo_studio.core.providers.addresses import parse_address
from veo_studio.core.providers.base import Body, ConnectionReport
from veo_studio.core.providers.http import MAX_JSON_BYTES, JsonAnswer, StreamAnswer
from veo_studio.core.providers.receiving import Receiving, is_received
from veo_studio.core.providers.upload_body import FileBody

_VERSION = re.compile(r"/v\d+(alpha|beta)?\d*\Z")
_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
_ATTEMPT = re.compile(r"[A-Za-z0-9-]{1,63}\Z")
# a long clip is looked at for about half a minute before it can be used
_FILE_LOOKS = 60
_INSTEAD = ("gemini-omni-1.2-flash", "gemini-omni-1.1-flash", "rehearsal-1")
_PICTURES_INSTEAD = ("gemini-3.1-flash-image", "gemini-3-pro-image", "rehearsal-picture")
# the largest picture takes about 20 MB
_MAX_PICTURE_BYTES = 200 * 1024**2
# nothing says that a submit is never answered with the picture itself
_MAX_SUBMIT_ANSWER_BYTES = 64 * 1024**2
_NO_EDIT_HERE = (
    "Google edits no uploaded clips in the EEA, Switzerland, the United Kingdom and some US states."
)


class GeminiProvider(Adapter):
    """The `Provider` for Interactions; `allow_extensions` is for the rehearsal engine only.

    Raises InvalidRequest for a base address that cannot be used.
    """

    # seconds between two looks at a file that the service still prepares
    file_wait_s = 2.0

    def __init__(self, tools: AdapterTools, *, allow_extensions: bool = False) -> None:
        super().__init__(tools)
        self.can_find = allow_extensions
        base = self.base_url
        self._root = _VERSION.sub("", base)
        self.base_url = base if base != self._root else f"{base}/v1"
        folder = tools.files.folder / "received"
        self._received = Receiving(tools.gateway, folder, "data", _MAX_PICTURE_BYTES)

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Its address there; for a clip that the service made and still has, the interaction's name."""
        if await self._is_kept(item):
            assert item.operation_id is not None
            return outgoing.kept_marker(item.operation_id)
        with self._in_our_name():
            file = outgoing.read_file(await self._send(item, path))
            for look in range(_FILE_LOOKS):
                if file.state == "ACTIVE":
                    return file.uri
                if file.state == "FAILED":
                    raise InvalidRequest(f"Google cannot use the file {item.name}.")
                if look:
                    await asyncio.sleep(self.file_wait_s)
                answer = await self.ask("GET", f"/{file.name}")
                self._raise_for_status(answer)
                file = outgoing.read_file(answer.json)
        raise ProviderUnavailable(f"Google still prepares the file {item.name}.", provider=self.id)

    async def _is_kept(self, item: MediaInput) -> bool:
        """True for a clip of ours that this account still has; asked for free, because nobody knows."""
        if item.role is not InputRole.SOURCE or item.provider != self.id:
            return False
        if wire.interaction_id({"id": item.operation_id}) is None:
            return False
        answer = await self.ask("GET", f"/interactions/{item.operation_id}")
        if answer.status == 429 or answer.status >= 500:
            self._raise_for_status(answer)
        # where it is refused for another reason, the upload is refused, too, and says so
        is_there = 200 <= answer.status < 300
        return is_there and isinstance(wire.read_interaction(answer.json), Done)

    async def _send(self, item: MediaInput, path: Path) -> Any:
        headers, described = outgoing.start_upload(item)
        version = self.base_url.removeprefix(self._root)
        started = await self.tools.gateway.request_json(
            "POST",
            f"{self._root}/upload{version}/files",
            headers={**await self.credentials(), **headers},
            body=described,
        )
        self._raise_for_file(started, item)
        link = started.headers.get("X-Goog-Upload-URL")
        if not link:
            raise ProtocolError("The provider named no address for the upload.")
        # the link itself is the permission: the key stays here
        sent = await self.tools.gateway.send_file(
            link,
            FileBody(path, item.mime_type),
            headers=outgoing.WHOLE_UPLOAD,
            own_origins={self.origin},
        )
        self._raise_for_file(sent, item)
        return sent.json

    def _raise_for_file(self, answer: JsonAnswer, item: MediaInput) -> None:
        error = wire.read_error(answer.status, answer.headers, answer.json)
        if answer.status in (400, 413, 415, 422) and error.kind is ErrorKind.INVALID_REQUEST:
            raise InvalidRequest(
                f"Google does not take the file {item.name}: {error.message}",
                status=answer.status,
                code=error.code,
            )
        self._raise_for_status(answer)

    @contextmanager
    def _in_our_name(self) -> Iterator[None]:
        try:
            yield
        except ProviderError as error:
            error.provider = self.id
            raise
        except DownloadError:
            raise ProtocolError(
                "The provider named an address that is not opened.", provider=self.id
            ) from None

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return outgoing.build_body(request, uploads, has_extensions=self.can_find)

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
            "POST",
            "/interactions",
            {**body, "labels": {"attempt": attempt_uuid}},
            is_paid=True,
            max_bytes=_MAX_SUBMIT_ANSWER_BYTES if outgoing.is_of_picture(body) else MAX_JSON_BYTES,
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
            if error.kind is ErrorKind.NOT_FOUND:
                raise self._gone(answer, error, body)
            raise self._refusal(answer, error)
        raise self.unknown(answer, error.message)

    async def poll(self, operation: Operation) -> PollResult:
        answer = await self._interaction(operation, "GET")
        self._raise_for_status(answer)
        try:
            if wire.interaction_id(answer.json) not in (None, operation.operation_id):
                raise ProtocolError("The provider answered for another interaction.")
            result = wire.read_interaction(answer.json)
        except ProtocolError as error:
            error.provider, error.status = self.id, answer.status
            raise
        if isinstance(result, Done) and is_received(result.result.uri):
            with self._in_our_name():
                await self._received.remember(self._owner(operation), answer.json)
        return self._priced(result, answer.json, operation)

    async def _interaction(self, operation: Operation, method: str, action: str = "") -> JsonAnswer:
        """What the service says of it; a picture may come inside the answer, and then comes once."""
        path = self._path(operation) + action
        if not self.makes_pictures(operation):
            return await self.ask(method, path)
        owner = self._owner(operation)
        kept = None if action else await self._received.remembered(owner)
        if kept is not None:
            return JsonAnswer(200, {}, kept, True)
        with self._in_our_name():
            return await self._received.ask(
                method, self.base_url + path, owner, headers=await self.credentials()
            )

    def _owner(self, operation: Operation) -> str:
        return f"{self.id} {operation.operation_id}"

    def _priced(self, result: PollResult, value: object, operation: Operation) -> PollResult:
        """With what the counted tokens cost, and with the one reason that Google keeps to itself."""
        if not isinstance(result, Done | Refused):
            return result
        model = self.tools.model(operation.model)
        if model is not None:
            result = replace(result, cost_usd=wire.cost_usd(value, model.prices.per_million))
        is_edit = operation.config is not None and operation.config.mode is InputMode.EDIT
        if isinstance(result, Refused) and is_edit and result.reason == wire.NO_REASON:
            return replace(result, reason=f"{result.reason} {_NO_EDIT_HERE}")
        return result

    async def cancel(self, operation: Operation) -> CancelOutcome:
        answer = await self._interaction(operation, "POST", "/cancel")
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
        if is_received(result.uri):
            async with self._received.open(result.uri, offset, validator) as body:
                yield body
            return
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
            raise self._refusal(answer, error)
        raise ProtocolError(error.message, provider=self.id, status=answer.status, code=error.code)

    def _refusal(self, answer: JsonAnswer, error: wire.WireError) -> ProviderError:
        return self.refused(
            error.kind,
            error.message,
            status=answer.status,
            code=error.code,
            retry_after_s=error.retry_after_s,
        )

    def _gone(
        self, answer: JsonAnswer, error: wire.WireError, body: Mapping[str, Any]
    ) -> ProviderError:
        """A submit that is answered with 404 names something that is there no longer."""
        name = str(body.get("model", ""))
        message = f"The model {name} is no longer offered: {error.message}"
        instead = _PICTURES_INSTEAD if outgoing.is_of_picture(body) else _INSTEAD
        others = [other for other in instead if other != name and self.tools.model(other)]
        action = f"Use {others[0]} instead." if others else "Choose another model."
        if "previous_interaction_id" in body:
            message = f"The clip or the model is no longer there: {error.message}"
            action = f"Choose the clip's file, or another model. {action}"
        return self.refused(
            error.kind, message, status=answer.status, code=error.code, action=action
        )
