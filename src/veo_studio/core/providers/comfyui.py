"""The user's own ComfyUI server: workflow templates in, clips out, other people's work left alone.

Source: ComfyUI's server.py as of September 2026, read 2026-11-21 (providers: section 11). Work has an
id of our choosing, so a submit whose answer was lost can always be looked up; and it is free.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from veo_studio.core.errors import DownloadError, InvalidRequest, ProtocolError, ProviderError
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    MediaInput,
    Operation,
    PollResult,
    Refused,
    Running,
)
from veo_studio.core.providers import comfyui_wire as wire
from veo_studio.core.providers.adapter import REFUSED_STATUSES, Adapter, AdapterTools
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.core.providers.comfyui_errors import WireError, read_error
from veo_studio.core.providers.comfyui_progress import ProgressSocket
from veo_studio.core.providers.http import JsonAnswer
from veo_studio.core.providers.upload_body import FormBody
from veo_studio.core.providers.words import retry_after_s
from veo_studio.core.workflows import Workflow

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
# queue and history repeat whole graphs, also other people's
_MAX_LIST_BYTES = 32 * 1024 * 1024
_SOCKET_WAIT_S = 5.0
# every upload of ours lies in a folder of its own in ComfyUI's input folder
_FOLDER = "veo-studio"


class ComfyUiProvider(Adapter):
    """The `Provider` for ComfyUI. `absence_s` apart it has to be absent twice to be gone."""

    can_find = True
    absence_s = 5.0
    # how often within how many seconds a cancel looks whether the work has stopped
    stop_looks, stop_look_s = 6, 0.5

    def __init__(self, tools: AdapterTools) -> None:
        super().__init__(tools)
        self._client_id = f"veo-studio-{uuid.uuid4()}"
        self._socket = ProgressSocket(
            tools.gateway, f"{self.base_url}/ws?clientId={self._client_id}"
        )
        # since when the server does not know an operation any more, by the monotonic clock
        self._absent_since: dict[str, float] = {}

    async def credentials(self) -> Mapping[str, str]:
        """None: ComfyUI has no keys, and the keys of others are not for it."""
        return {}

    async def close(self) -> None:
        await self._socket.close()

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        model = self.tools.model(request.model)
        if model is None or not isinstance(model.recipe, Workflow):
            raise ValueError(f"The workflow '{request.model}' is no longer there; import it again.")
        return {"prompt": wire.build_graph(model.recipe, request, uploads)}

    async def check_connection(self) -> ConnectionReport:
        answer = await self.ask("GET", "/system_stats")
        self._raise_for_status(answer)
        return ConnectionReport(self._read(wire.describe, answer.json))

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Put a picture into ComfyUI's input folder, under the digest of its content."""
        if not item.mime_type.startswith("image/"):
            raise ValueError("A ComfyUI workflow of this program takes pictures, no clips.")
        body = FormBody(
            path, item.mime_type, f"{item.sha256[:32]}{path.suffix}", part="image",
            fields={"overwrite": "true", "type": "input", "subfolder": _FOLDER},
        )  # fmt: skip
        try:
            answer = await self.tools.gateway.send_file(
                f"{self.base_url}/upload/image", body, own_origins={self.origin}
            )
        except DownloadError as error:
            raise InvalidRequest(error.message, provider=self.id) from error
        except ProviderError as error:
            error.provider = self.id
            raise
        if answer.status in (400, 404, 405, 413, 415, 422):
            words = read_error(answer.status, answer.json).message
            raise InvalidRequest(
                f"ComfyUI did not take the picture {item.name}: {words}",
                provider=self.id, status=answer.status,
            )  # fmt: skip
        self._raise_for_status(answer)
        name = wire.uploaded_name(answer.json)
        if name is None:
            raise ProtocolError("ComfyUI named no usable file.", provider=self.id)
        return name

    async def prepare(self) -> None:
        """Open the line on which the server tells how far it is: it tells nothing twice."""
        await self._socket.open(_SOCKET_WAIT_S)

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the graph once, under our own id; see `Provider.submit`."""
        self._socket.expect(attempt_uuid, body["prompt"])
        answer = await self.ask(
            "POST",
            "/prompt",
            {**body, "prompt_id": attempt_uuid, "client_id": self._client_id},
            is_paid=True,
        )
        if 200 <= answer.status < 300:
            # a server of before 2025 chooses its own id
            if (name := wire.prompt_id(answer.json)) is not None:
                self._socket.rename(attempt_uuid, name)
                return Operation(self.id, name, "", datetime.now(UTC))
            raise self.unknown(answer, "ComfyUI answered without a usable id.")
        error = read_error(answer.status, answer.json)
        if answer.status == 429 or answer.status in REFUSED_STATUSES:
            self._socket.forget(attempt_uuid)
            raise self._refusal(answer, error)
        raise self.unknown(answer, error.message)

    async def poll(self, operation: Operation) -> PollResult:
        """What history and queue say; the socket adds how far a running one is."""
        name = self._name(operation)
        found = await self._look(name)
        if found is None:
            return self._absent(name)
        self._absent_since.pop(name, None)
        if not isinstance(found, Running):
            self._socket.forget(name)
        return found

    async def find(self, attempt_uuid: str) -> Operation | None:
        """Look for our own id, twice: a request may still be on its way inside the server.

        Also raises ProtocolError where the server is too old to keep it: there absence proves nothing.
        """
        if not wire.is_uuid(attempt_uuid):
            raise NotImplementedError("this submit had no id of ours")
        for is_last in (False, True):
            if await self._look(attempt_uuid) is not None:
                return Operation(self.id, attempt_uuid, "")
            if not is_last:
                await asyncio.sleep(self.absence_s)
        answer = await self.ask("GET", "/system_stats")
        self._raise_for_status(answer)
        if not wire.keeps_ids(answer.json):
            raise ProtocolError(
                "This ComfyUI is too old to tell whether the work arrived: look into its queue, and "
                "send it again if it is not there.",
                provider=self.id,
            )
        return None

    async def cancel(self, operation: Operation) -> CancelOutcome:
        """Stop this one. Nothing is asked of the server that could stop another one, also by chance."""
        name = self._name(operation)
        found = await self._look(name)
        if found is None:
            return CancelOutcome.CONFIRMED
        if not isinstance(found, Running):
            return _outcome(found)
        answer = await self.ask("POST", f"/api/jobs/{name}/cancel")
        is_known = 200 <= answer.status < 300 and isinstance(answer.json, dict)
        if is_known and "cancelled" in answer.json:
            return await self._stopped(name, is_asked=answer.json["cancelled"] is True)
        # an older server, or a proxy that lets this path not through
        await self._send("/queue", {"delete": [name]})
        is_asked = await self._interrupt(name)
        return await self._stopped(name, is_asked=is_asked)

    async def _interrupt(self, name: str) -> bool:
        """Stop it where it is the one that runs; False where that might stop another one."""
        place = await self._place(name)
        if place is None or not place.is_running:
            return place is None
        answer = await self.ask("GET", "/system_stats")
        if not wire.stops_only_named(answer.json if answer.status == 200 else None):
            _log.info("this ComfyUI cannot stop one named prompt, so it is not asked to")
            return False
        await self._send("/interrupt", {"prompt_id": name})
        return True

    async def _stopped(self, name: str, *, is_asked: bool) -> CancelOutcome:
        """Wait a moment for what became of it: a stop takes effect at the next step of a node."""
        for look in range(self.stop_looks):
            found = await self._look(name)
            if found is None:
                self._socket.forget(name)
                return CancelOutcome.CONFIRMED
            if not isinstance(found, Running):
                return _outcome(found)
            if not is_asked:
                return CancelOutcome.UNSUPPORTED
            if look + 1 < self.stop_looks:
                await asyncio.sleep(self.stop_look_s)
        # the server has said yes, and no step of a node ends sooner
        return CancelOutcome.CONFIRMED

    async def _look(self, name: str) -> PollResult | None:
        """What became of it; None where the server knows nothing of it.

        It leaves the queue and enters the history in one move, so the history is asked again after
        the queue: in between it may have ended.
        """
        if (ended := await self._history(name)) is not None:
            return ended
        if (place := await self._place(name)) is not None:
            return wire.running_of(place, self._socket.fraction(name))
        return await self._history(name)

    async def _history(self, name: str) -> PollResult | None:
        answer = await self.ask("GET", f"/history/{name}", max_bytes=_MAX_LIST_BYTES)
        self._raise_for_status(answer)
        found = self._read(lambda value: wire.read_history(value, name, self.base_url), answer.json)
        if isinstance(found, Refused) and (trace := wire.traceback_of(answer.json, name)):
            _log.warning("ComfyUI's own account of %s: %s", name, trace)
        return found

    async def _place(self, name: str) -> wire.Place | None:
        answer = await self.ask("GET", "/queue", max_bytes=_MAX_LIST_BYTES)
        self._raise_for_status(answer)
        return self._read(lambda value: wire.place_of(value, name), answer.json)

    def _absent(self, name: str) -> PollResult:
        """Not known to the server: believed when it is so again a while later."""
        now = time.monotonic()
        since = self._absent_since.setdefault(name, now)
        if now - since < self.absence_s:
            return Running(status="not seen")
        del self._absent_since[name]
        self._socket.forget(name)
        return Refused(
            ErrorKind.NOT_FOUND,
            "ComfyUI no longer knows this work: it was removed there, or the server was restarted. "
            "Making it again costs nothing.",
        )

    async def _send(self, path: str, body: Mapping[str, Any]) -> None:
        """A request whose answer has no body."""
        self._raise_for_status(await self.ask("POST", path, body))

    def _read(self, reader: Callable[[Any], _T], value: Any) -> _T:
        """Translate, in our name."""
        try:
            return reader(value)
        except ProtocolError as error:
            error.provider = self.id
            raise

    def _name(self, operation: Operation) -> str:
        if not wire.is_usable_id(operation.operation_id):
            raise ProtocolError("The stored operation has no usable name.", provider=self.id)
        return operation.operation_id

    def _raise_for_status(self, answer: JsonAnswer) -> None:
        """For everything that is free: what is no clear answer says nothing about the generation."""
        if 200 <= answer.status < 300:
            return
        error = read_error(answer.status, answer.json)
        if answer.status in (401, 403, 429) or answer.status >= 500:
            raise self._refusal(answer, error)
        raise ProtocolError(error.message, provider=self.id, status=answer.status, code=error.code)

    def _refusal(self, answer: JsonAnswer, error: WireError) -> ProviderError:
        return self.refused(
            error.kind,
            error.message,
            status=answer.status,
            code=error.code,
            retry_after_s=retry_after_s(answer.headers.get("Retry-After")),
        )


def _outcome(ended: PollResult) -> CancelOutcome:
    """Of a cancel that found it ended: only a clip that is there makes it too late."""
    if isinstance(ended, Done):
        return CancelOutcome.TOO_LATE
    assert isinstance(ended, Refused | CancelledByProvider)
    return CancelOutcome.CONFIRMED
