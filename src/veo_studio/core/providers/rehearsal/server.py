"""The rehearsal engine: Google's Interactions protocol on loopback, answered with animatics.

An accepted interaction is on the disk before its answer leaves, so the program may be killed at any
moment: the next start renders what is unfinished again, to the same bytes. Links are made when they
are asked for, because the port changes with every start.

Extensions that Google lacks: `generation_config.rehearsal`, and `GET /rehearsal/attempts/{uuid}`,
which tells a client that lost the answer to a submit whether its request arrived.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import os
import re
import secrets
import socket
import struct
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from veo_studio.core.providers.rehearsal import faults as practice
from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.faults import Fault, FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.spec import RenderSpec, frame_size
from veo_studio.core.providers.rehearsal.vault import KEEP_S, Record, Upload, Vault
from veo_studio.core.providers.rehearsal.wire import WireError
from veo_studio.core.providers.rehearsal.worker import RenderError, RenderProcess

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MAX_BODY_BYTES = 256 * 1024**2
_CHUNK_BYTES = 1 << 20
_SLOW_BYTES_PER_S = 1000
_MAX_REQUESTS = 10_000
_INLINE_LIMIT_BYTES = 4_000_000
_PAGE = "<!doctype html><title>Sign in</title><h1>Please sign in to the network</h1>"
_REFUSAL = "I can't create this video, because the request conflicts with the usage guidelines."
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_VERSION = "/{version:v1(?:beta|alpha)?}"


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived; of the key only its presence is kept."""

    method: str
    path: str
    time: datetime
    query: str = ""
    has_key: bool = False
    origin: str = "api"
    """"api", or "storage" for the address that redirected downloads go to."""
    range_header: str | None = None


@dataclass
class _Live:
    """An interaction in memory: its record and what is going on with it."""

    record: Record
    ready_at: float = 0.0
    """On the monotonic clock; not done before."""
    fault: Fault | None = None
    fraction: float | None = None
    is_started: bool = False
    process: RenderProcess | None = None
    task: asyncio.Task[None] | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class RehearsalServer:
    """One engine over one folder; also an async context manager.

    `faults` strike as `faults.FAULT_HELP` says. `delay_s` is the least time from accepting to done.
    Without `required_api_key` any key and no key are good.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Sequence[Fault] = (),
        delay_s: float | None = None,
        required_api_key: str | None = None,
    ) -> None:
        self.base_url = ""
        self.requests: deque[RecordedRequest] = deque(maxlen=_MAX_REQUESTS)
        self.accepted_count = 0
        self._vault = Vault(folder)
        self._host = host
        self._port = port
        self._plan = FaultPlan(faults)
        self._delay_s = delay_s or 0.0
        self._required_key = required_api_key
        self._live: dict[str, _Live] = {}
        self._by_file: dict[str, _Live] = {}
        self._by_attempt: dict[str, _Live] = {}
        self._expired: set[str] = set()
        self._uploads: dict[str, Upload] = {}
        self._runners: list[web.AppRunner] = []
        self._storage_url = ""

    async def start(self) -> None:
        """Bind, read the folder and go on with what is unfinished. Raises OSError."""
        self._closing = asyncio.Event()
        at_once = max(1, (os.cpu_count() or 2) - 1)
        self._slots = asyncio.Semaphore(at_once)
        self._io = ThreadPoolExecutor(4, "rehearsal-io")
        self._renders = ThreadPoolExecutor(at_once, "rehearsal-render")
        try:
            records = await self._blocking(self._vault.open)
            self.base_url = await self._listen(self._api(), self._port)
            if self._plan.has(FaultKind.REDIRECT):
                self._storage_url = await self._listen(self._storage(), 0)
        except BaseException:
            await self.close()
            raise
        for record in records:
            live = self._adopt(record)
            if record.is_finished and record.status == "completed" and not record.refusal:
                has_video = await self._blocking(self._vault.has_video, record)
                if not has_video:
                    record.status = "queued"
            if record.is_finished:
                live.finished.set()
            else:
                live.fault = self._plan.take(frozenset({FaultKind.NEVER}))
                self._launch(live, max(0.0, record.created_s + self._delay_s - time.time()))

    async def close(self) -> None:
        """Stop at once; what is unfinished goes on at the next start."""
        if not hasattr(self, "_closing") or self._closing.is_set():
            return
        self._closing.set()
        tasks = [live.task for live in self._live.values() if live.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        # killed renders end within milliseconds; their threads must be gone before the loop is
        ended = asyncio.get_running_loop().run_in_executor(self._io, self._renders.shutdown, True)
        await asyncio.wait({ended}, timeout=2)
        self._io.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def fraction(self, interaction_id: str) -> float | None:
        """How much of a render is done, 0-1; the wire has no such field."""
        live = self._live.get(interaction_id)
        return None if live is None else live.fraction

    # listening

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, self._host, port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{bound}"

    def _api(self) -> web.Application:
        app = web.Application(middlewares=[self._door], client_max_size=_MAX_BODY_BYTES)
        one = _VERSION + "/interactions/{id:[A-Za-z0-9_-]+}"
        file = _VERSION + "/files/{file:[a-z0-9]+}"
        app.add_routes(
            [
                web.post(_VERSION + "/interactions", self._submit),
                web.get(one, self._poll),
                web.post(one + "/cancel", self._cancel),
                web.delete(one, self._forget),
                web.get(file, self._file),
                web.get(file + ":download", self._download),
                web.get(_VERSION + "/models", self._models),
                web.get(_VERSION + "/models/{model}", self._model),
                web.post("/upload" + _VERSION + "/files", self._upload),
                web.get("/rehearsal/attempts/{attempt}", self._attempt),
            ]
        )
        return app

    def _storage(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/storage/{file:[a-z0-9]+}.mp4", self._stored)])
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Records the request, keeps web pages out, checks the key, words errors as Google does."""
        self._record(request, "api")
        try:
            self._check_caller(request)
            return await handler(request)
        except WireError as error:
            return _error_response(error)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            status = "NOT_FOUND" if error.status == 404 else "INVALID_ARGUMENT"
            return _error_response(WireError(error.status, status, error.reason))

    def _record(self, request: web.Request, origin: str) -> None:
        self.requests.append(
            RecordedRequest(
                method=request.method,
                path=request.path,
                time=datetime.now(UTC),
                query=request.query_string,
                has_key="x-goog-api-key" in request.headers or "key" in request.query,
                origin=origin,
                range_header=request.headers.get(hdrs.RANGE),
            )
        )

    def _check_caller(self, request: web.Request) -> None:
        if self._host in _LOOPBACK_NAMES:
            # a web page in the user's browser can reach this port, but not without these traces
            name = urlsplit(f"//{request.host}").hostname
            if hdrs.ORIGIN in request.headers or name not in _LOOPBACK_NAMES:
                raise wire.key_refused(403)
        fault = self._plan.take(frozenset({FaultKind.AUTH}))
        if fault is not None:
            raise wire.key_refused(int(fault.argument or 401))
        given = request.headers.get("x-goog-api-key")
        others = [request.headers.get(hdrs.AUTHORIZATION), request.query.get("key")]
        if given is not None and any(others):
            raise wire.invalid("Multiple authentication credentials received.")
        if self._required_key is None:
            return
        given = given or request.query.get("key")
        if given is None:
            raise WireError(
                403, "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers. Please use API Key.",
            )  # fmt: skip
        if not secrets.compare_digest(given.encode(), self._required_key.encode()):
            raise wire.key_refused()

    # interactions

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except ValueError as error:
            raise wire.invalid(f"Invalid JSON payload received. {error}") from error
        submit = wire.read_submit(body)
        if submit.previous_id is not None and submit.previous_id not in self._live:
            raise wire.not_found("previous_interaction_id: interaction not found.")
        fault = self._plan.take(practice.SUBMIT_KINDS)
        kind = None if fault is None else fault.kind
        argument = None if fault is None else fault.argument
        if kind is FaultKind.RATE_LIMIT:
            return _busy_response(argument or "1")
        if kind is FaultKind.UNAVAILABLE:
            raise WireError(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        if kind is FaultKind.QUOTA:
            raise wire.quota_used_up()
        if kind is FaultKind.CREDITS:
            raise wire.credits_used_up()
        if kind is FaultKind.DROP:
            return _reset(request)
        if kind is FaultKind.SERVER_ERROR and argument is None:
            raise _internal_error()
        live = await self._accept(submit)
        if kind is FaultKind.SERVER_ERROR:
            raise _internal_error()
        if kind is FaultKind.RESET:
            return _reset(request)
        if kind is FaultKind.GARBAGE:
            return web.Response(text=_PAGE, content_type="text/html")
        if kind is FaultKind.SILENT:
            await self._hold(request)
            return _reset(request)
        if not submit.is_background:
            await self._until_closing(live.finished.wait())
        return web.json_response(await self._interaction(live))

    async def _accept(self, submit: wire.Submit) -> _Live:
        names = [await self._take_image(image) for image in submit.images[:2]]
        first = names[0] if names else None
        last = None
        if submit.has_last_frame and names:
            last = names[-1]
            first = names[0] if len(names) > 1 else None
        now = time.time()
        record = Record(
            id=f"v1_{secrets.token_hex(16)}",
            file_id=secrets.token_hex(16),
            model=submit.model,
            prompt=submit.prompt,
            aspect_ratio=submit.aspect_ratio,
            resolution=submit.resolution,
            duration_s=submit.duration_s,
            seed=secrets.randbelow(2**31) if submit.seed is None else submit.seed,
            has_audio=submit.has_audio,
            negative_prompt=submit.negative_prompt,
            delivery=submit.delivery,
            created_s=now,
            updated_s=now,
            labels=submit.labels,
            first_frame=first,
            last_frame=last,
        )
        await self._blocking(self._vault.save, record)
        self.accepted_count += 1
        live = self._adopt(record)
        live.fault = self._plan.take(practice.INTERACTION_KINDS)
        self._launch(live, self._delay_s)
        return live

    async def _take_image(self, image: dict[str, str]) -> str:
        """Name of the stored input; raises WireError for a link to a file that is not here."""
        if "data" in image:
            name = secrets.token_hex(16)
            content = base64.b64decode(image["data"])
            await self._blocking(self._vault.save_input, name, content)
            return name
        match = re.search(r"files/([a-z0-9]+)", image["uri"])
        if match is None or not await self._blocking(self._vault.input_path(match[1]).is_file):
            raise wire.invalid("input.image.uri: the file does not exist or is not ACTIVE.")
        return match[1]

    def _adopt(self, record: Record) -> _Live:
        live = _Live(record)
        self._live[record.id] = live
        self._by_file[record.file_id] = live
        if attempt := record.labels.get("attempt"):
            self._by_attempt[attempt] = live
        return live

    def _launch(self, live: _Live, wait_s: float) -> None:
        live.ready_at = time.monotonic() + wait_s
        live.task = asyncio.get_running_loop().create_task(
            self._run(live), name=f"rehearsal {live.record.id}"
        )
        live.task.add_done_callback(_raise_bug)

    async def _run(self, live: _Live) -> None:
        """From accepted to finished; every ending is stored before it can be seen."""
        record, fault = live.record, live.fault
        if fault is not None and fault.kind is FaultKind.SLOW_QUEUE:
            await asyncio.sleep(float(fault.argument or 30))
        if fault is not None and fault.kind is FaultKind.NEVER:
            live.is_started = True
            await asyncio.Event().wait()
        if fault is not None and fault.kind in (FaultKind.FAIL, FaultKind.REFUSE):
            live.is_started = True
            await self._until_ready(live)
            if fault.kind is FaultKind.REFUSE:
                await self._finish(live, "completed", refusal=_REFUSAL)
            else:
                text = fault.argument or "The generation failed for an internal reason."
                await self._finish(live, "failed", error_code="internal", error_text=text)
            return
        async with self._slots:
            live.is_started = True
            live.process = RenderProcess(
                self._spec(record), self._vault.video_path(record), _progress_into(live)
            )
            loop = asyncio.get_running_loop()
            try:
                rendered = await loop.run_in_executor(self._renders, live.process.run)
            except RenderError as error:
                await self._finish(live, "failed", error_code="internal", error_text=str(error))
                return
            finally:
                live.process.cancel()
        await self._until_ready(live)
        if rendered is None:
            return
        record.size_bytes, record.sha256 = rendered.size_bytes, rendered.sha256
        await self._finish(live, "completed")
        for dropped in await self._blocking(self._vault.trim, self._records()):
            self._drop(dropped)

    def _spec(self, record: Record) -> RenderSpec:
        width, height = frame_size(record.aspect_ratio, record.resolution)
        first, last = (
            None if name is None else str(self._vault.input_path(name))
            for name in (record.first_frame, record.last_frame)
        )
        return RenderSpec(
            prompt=record.prompt,
            seed=record.seed,
            width_px=width,
            height_px=height,
            duration_s=record.duration_s,
            negative_prompt=record.negative_prompt,
            has_audio=record.has_audio,
            first_frame=first,
            last_frame=last,
        )

    def _records(self) -> list[Record]:
        return [live.record for live in self._live.values()]

    async def _until_ready(self, live: _Live) -> None:
        await asyncio.sleep(max(0.0, live.ready_at - time.monotonic()))

    async def _finish(
        self,
        live: _Live,
        status: str,
        *,
        refusal: str = "",
        error_code: str = "",
        error_text: str = "",
    ) -> None:
        record = live.record
        ended = Record(**{**vars(record), "status": status, "updated_s": time.time()})
        ended.refusal, ended.error_code, ended.error_text = refusal, error_code, error_text
        await self._blocking(self._vault.save, ended)
        if record.id in self._live:
            live.record = ended
            live.finished.set()

    async def _stop(self, live: _Live) -> None:
        if live.task is not None and not live.task.done():
            live.task.cancel()
            await asyncio.gather(live.task, return_exceptions=True)

    def _drop(self, record: Record) -> None:
        self._live.pop(record.id, None)
        self._by_file.pop(record.file_id, None)
        self._by_attempt.pop(record.labels.get("attempt", ""), None)

    def _find(self, request: web.Request) -> _Live:
        live = self._live.get(request.match_info["id"])
        if live is None:
            raise wire.not_found("Requested entity was not found.")
        return live

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        live = self._find(request)
        fault = self._plan.take(practice.POLL_KINDS)
        if fault is None:
            return web.json_response(await self._interaction(live))
        if fault.kind is FaultKind.POLL_500:
            raise _internal_error()
        if fault.kind is FaultKind.POLL_429:
            return _busy_response(fault.argument or "1")
        if fault.kind is FaultKind.POLL_HTML:
            return web.Response(text=_PAGE, content_type="text/html")
        if fault.kind is FaultKind.POLL_RESET:
            return _reset(request)
        raise wire.not_found("Requested entity was not found.")

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        live = self._find(request)
        if not live.record.is_finished:
            await self._stop(live)
            if not live.record.is_finished:
                await self._finish(live, "cancelled")
        return web.json_response(await self._interaction(live))

    async def _forget(self, request: web.Request) -> web.StreamResponse:
        live = self._find(request)
        await self._stop(live)
        self._drop(live.record)
        live.finished.set()
        await self._blocking(self._vault.delete, live.record)
        return web.json_response({})

    async def _attempt(self, request: web.Request) -> web.StreamResponse:
        live = self._by_attempt.get(request.match_info["attempt"])
        if live is None:
            raise wire.not_found("No interaction with this attempt was accepted.")
        return web.json_response(await self._interaction(live))

    async def _interaction(self, live: _Live) -> dict[str, Any]:
        """The interaction object; links are made now, for the port of today."""
        record = live.record
        status = record.status
        if not record.is_finished:
            status = "in_progress" if live.is_started else "queued"
        answer: dict[str, Any] = {
            "id": record.id,
            "object": "interaction",
            "model": record.model,
            "status": status,
            "created": _stamp(record.created_s),
            "updated": _stamp(record.updated_s),
        }
        if record.labels:
            answer["labels"] = record.labels
        if status == "failed":
            answer["errors"] = [{"code": record.error_code, "message": record.error_text}]
        if status == "completed":
            content: dict[str, Any]
            if record.refusal:
                content = {"type": "text", "text": record.refusal}
            else:
                content = {"type": "video", "mime_type": "video/mp4"}
                if record.delivery == "inline" and record.size_bytes < _INLINE_LIMIT_BYTES:
                    path = self._vault.video_path(record)
                    raw = await self._blocking(path.read_bytes)
                    content["data"] = base64.b64encode(raw).decode()
                else:
                    content["uri"] = self._link(record)
            answer["steps"] = [
                {"type": "thought"},
                {"type": "model_output", "content": [content]},
            ]
            answer["usage"] = wire.usage(
                record.prompt, record.duration_s, record.resolution, is_refused=bool(record.refusal)
            )
        return answer

    def _link(self, record: Record) -> str:
        return f"{self.base_url}/v1beta/files/{record.file_id}:download?alt=media"

    # files

    def _video(self, file_id: str) -> _Live:
        live = self._by_file.get(file_id)
        if file_id in self._expired or live is None or not live.record.size_bytes:
            raise _no_file(file_id)
        return live

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if upload := self._uploads.get(name):
            return web.json_response(self._upload_object(upload))
        record = self._video(name).record
        return web.json_response(
            {
                "name": f"files/{name}",
                "mimeType": "video/mp4",
                "sizeBytes": str(record.size_bytes),
                "createTime": _stamp(record.updated_s),
                "updateTime": _stamp(record.updated_s),
                "expirationTime": _stamp(record.updated_s + KEEP_S),
                "sha256Hash": base64.b64encode(bytes.fromhex(record.sha256)).decode(),
                "uri": f"{self.base_url}/v1beta/files/{name}",
                "downloadUri": self._link(record),
                "state": "ACTIVE",
                "source": "GENERATED",
            }
        )

    async def _download(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        live = self._video(name)
        fault = None
        if request.method == hdrs.METH_GET:
            fault = self._plan.take(practice.DOWNLOAD_KINDS)
        kind = None if fault is None else fault.kind
        if kind is FaultKind.EXPIRED_FOREVER:
            raise _no_file(name)
        if kind is FaultKind.EXPIRED:
            await self._renew_link(live)
            raise _no_file(name)
        if kind is FaultKind.DOWNLOAD_500:
            raise _internal_error()
        if kind is FaultKind.HTML:
            return web.Response(body=_PAGE.encode(), content_type="video/mp4")
        if kind is FaultKind.REDIRECT:
            raise web.HTTPFound(f"{self._storage_url}/storage/{name}.mp4")
        return await self._send(request, live.record, fault)

    async def _stored(self, request: web.Request) -> web.StreamResponse:
        self._record(request, "storage")
        try:
            return await self._send(request, self._video(request.match_info["file"]).record, None)
        except WireError as error:
            return _error_response(error)

    async def _renew_link(self, live: _Live) -> None:
        self._expired.add(live.record.file_id)
        live.record.file_id = secrets.token_hex(16)
        self._by_file[live.record.file_id] = live
        await self._blocking(self._vault.save, live.record)

    async def _send(
        self, request: web.Request, record: Record, fault: Fault | None
    ) -> web.StreamResponse:
        """The bytes, or the part of them that was asked for."""
        size = record.size_bytes
        etag = f'"sha256-{record.sha256}"'
        headers = {
            hdrs.ACCEPT_RANGES: "bytes",
            hdrs.ETAG: etag,
            hdrs.CONTENT_TYPE: "video/mp4",
            hdrs.CACHE_CONTROL: "private, max-age=0",
        }
        start, end, status = 0, size, 200
        wanted = _byte_range(request, etag, size)
        if wanted is not None:
            start, end = wanted
            status = 206
            if start >= end:
                headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
                error = WireError(416, "OUT_OF_RANGE", "The requested range cannot be satisfied.")
                del headers[hdrs.CONTENT_TYPE]
                return web.json_response(error.body(), status=416, headers=headers)
            headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{size}"
        kind = None if fault is None else fault.kind
        argument = None if fault is None else fault.argument
        response = web.StreamResponse(status=status, headers=headers)
        if kind is FaultKind.SHORT:
            response.enable_chunked_encoding()
        else:
            response.content_length = end - start
        try:
            stream = await self._blocking(open, self._vault.video_path(record), "rb")
        except OSError as error:
            raise _no_file(record.file_id) from error
        try:
            await response.prepare(request)
            if request.method == hdrs.METH_HEAD:
                return response
            if kind in (FaultKind.CUT, FaultKind.SHORT):
                end = start + practice.part_of(argument, end - start)
            rate = int(argument or _SLOW_BYTES_PER_S) if kind is FaultKind.SLOW else None
            async for chunk in self._chunks(stream, start, end, rate):
                await response.write(chunk)
            if kind is FaultKind.CUT:
                await _drained(request)
                return _reset(request, response)
            await response.write_eof()
        except (ConnectionError, OSError):
            # the client left, or the file was forgotten meanwhile: it will see a short body
            if request.transport is not None:
                request.transport.abort()
        finally:
            await self._blocking(stream.close)
        return response

    async def _chunks(
        self, stream: Any, start: int, end: int, rate: int | None
    ) -> AsyncIterator[bytes]:
        await self._blocking(stream.seek, start)
        left = end - start
        while left > 0:
            step = _CHUNK_BYTES if rate is None else max(1, rate // 10)
            chunk = await self._blocking(stream.read, min(step, left))
            if not chunk:
                raise OSError("the file ended early")
            left -= len(chunk)
            yield chunk
            if rate is not None:
                await asyncio.sleep(len(chunk) / rate)

    # uploads

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """The resumable protocol: `start`, then `upload` in one or more parts, then `finalize`."""
        commands = request.headers.get("X-Goog-Upload-Command", "").replace(" ", "").split(",")
        if "start" in commands:
            return await self._start_upload(request)
        upload = self._uploads.get(request.query.get("upload_id", ""))
        if upload is None:
            raise wire.not_found("The upload does not exist.")
        path = self._vault.input_path(upload.id)
        offset = request.headers.get("X-Goog-Upload-Offset", "0")
        content = await request.read()
        held = (await self._blocking(path.stat)).st_size
        if not offset.isdigit() or int(offset) != held:
            raise wire.invalid(f"X-Goog-Upload-Offset: {held} is expected.")
        with await self._blocking(open, path, "ab") as stream:
            await self._blocking(stream.write, content)
        upload.size_bytes = held + len(content)
        if "finalize" not in commands:
            return web.Response(
                headers={
                    "X-Goog-Upload-Status": "active",
                    "X-Goog-Upload-Size-Received": str(upload.size_bytes),
                }
            )
        upload.is_complete = True
        return web.json_response(
            {"file": self._upload_object(upload)}, headers={"X-Goog-Upload-Status": "final"}
        )

    async def _start_upload(self, request: web.Request) -> web.StreamResponse:
        try:
            described = json.loads(await request.read() or b"{}").get("file", {})
            display_name = str(described.get("display_name") or described.get("displayName") or "")
            mime_type = described.get("mime_type") or described.get("mimeType")
        except (ValueError, AttributeError) as error:
            raise wire.invalid("Invalid JSON payload received.") from error
        upload = Upload(
            id=secrets.token_hex(16),
            mime_type=str(
                mime_type
                or request.headers.get("X-Goog-Upload-Header-Content-Type")
                or "application/octet-stream"
            ),
            display_name=display_name,
            size_bytes=0,
            created_s=time.time(),
        )
        await self._blocking(self._vault.save_input, upload.id, b"")
        self._uploads[upload.id] = upload
        version = request.match_info["version"]
        link = f"{self.base_url}/upload/{version}/files?upload_id={upload.id}"
        return web.json_response(
            {}, headers={"X-Goog-Upload-URL": link, "X-Goog-Upload-Status": "active"}
        )

    def _upload_object(self, upload: Upload) -> dict[str, Any]:
        # the answer to an upload says that it is still processed, as at the real service
        is_active = upload.is_complete and upload.has_been_seen
        upload.has_been_seen = upload.has_been_seen or upload.is_complete
        return {
            "name": f"files/{upload.id}",
            "displayName": upload.display_name,
            "mimeType": upload.mime_type,
            "sizeBytes": str(upload.size_bytes),
            "createTime": _stamp(upload.created_s),
            "expirationTime": _stamp(upload.created_s + KEEP_S),
            "uri": f"{self.base_url}/v1beta/files/{upload.id}",
            "state": "ACTIVE" if is_active else "PROCESSING",
            "source": "UPLOADED",
        }

    # models

    async def _models(self, request: web.Request) -> web.StreamResponse:
        size = request.query.get("pageSize", "50")
        if not size.isdigit():
            raise wire.invalid("pageSize: a number is expected.")
        names = list(wire.MODELS)[: max(1, int(size))]
        return web.json_response({"models": [_model(name) for name in names]})

    async def _model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        if name not in wire.MODELS:
            raise wire.not_found(f"models/{name} is not found for API version v1.")
        return web.json_response(_model(name))

    # waiting

    async def _blocking(self, function: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._io, function, *arguments)

    async def _until_closing(self, event: Awaitable[Any]) -> None:
        waits = [asyncio.ensure_future(event), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _hold(self, request: web.Request) -> None:
        """Say nothing until the client leaves or the engine closes."""
        while request.transport is not None and not request.transport.is_closing():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), 0.25)
                return


def _model(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "displayName": wire.MODELS[name],
        "supportedGenerationMethods": ["createInteraction"],
    }


def _progress_into(live: _Live) -> Callable[[float], None]:
    def tell(fraction: float) -> None:
        live.fraction = fraction

    return tell


def _raise_bug(task: asyncio.Task[None]) -> None:
    """Hand a bug in a render's task to the loop's handler now, not at garbage collection."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler(
            {"message": "A rehearsal ended with a bug", "exception": error, "task": task}
        )


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _internal_error() -> WireError:
    return WireError(500, "INTERNAL", "An internal error has occurred.")


def _no_file(name: str) -> WireError:
    return WireError(
        403, "PERMISSION_DENIED",
        f"You do not have permission to access the File {name} or it may not exist.",
    )  # fmt: skip


def _error_response(error: WireError) -> web.Response:
    return web.json_response(error.body(), status=error.code)


def _busy_response(retry_after: str) -> web.Response:
    error = wire.rate_limited(retry_after)
    return web.json_response(
        error.body(), status=429, headers={hdrs.RETRY_AFTER: str(math.ceil(float(retry_after)))}
    )


def _byte_range(request: web.Request, etag: str, size: int) -> tuple[int, int] | None:
    """Start and end of the one range that is asked for; None for the whole file."""
    header = request.headers.get(hdrs.RANGE)
    condition = request.headers.get(hdrs.IF_RANGE)
    if header is None or (condition is not None and condition.strip() != etag):
        return None
    match = re.fullmatch(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", header)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size if int(match[2]) else 0
    start = int(match[1])
    end = min(size, int(match[2]) + 1) if match[2] else size
    if match[2] and int(match[2]) < start:
        return None
    return start, end


async def _drained(request: web.Request) -> None:
    """Let the bytes that were written reach the client before the connection breaks."""
    for _ in range(200):
        transport = request.transport
        if transport is None or transport.is_closing():
            return
        if isinstance(transport, asyncio.WriteTransport) and not transport.get_write_buffer_size():
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


def _reset(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Break the connection the hard way; what is returned never reaches the client."""
    transport = request.transport
    if isinstance(transport, asyncio.WriteTransport):
        raw = transport.get_extra_info("socket")
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return response or web.Response(status=500)
