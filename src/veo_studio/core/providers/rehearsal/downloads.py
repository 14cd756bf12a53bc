"""Downloads of finished clips and pictures: ranges, validators, and the ways in which a download goes wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from veo_studio.core.providers.rehearsal import faults as practice
from veo_studio.core.providers.rehearsal.answers import PAGE, internal_error, no_file
from veo_studio.core.providers.rehearsal.connection import drained, reset
from veo_studio.core.providers.rehearsal.faults import Fault, FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.interactions import Interactions
from veo_studio.core.providers.rehearsal.links import Links
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.vault import Record, Vault
from veo_studio.core.providers.rehearsal.wire import WireError

_CHUNK_BYTES = 1 << 20
_SLOW_BYTES_PER_S = 1000


@dataclass(frozen=True)
class _Part:
    """The bytes of a file that were asked for, `start` to before `end`."""

    start: int
    end: int
    size_bytes: int
    is_range: bool

    @property
    def content_range(self) -> str:
        if self.start >= self.end:
            return f"bytes */{self.size_bytes}"
        return f"bytes {self.start}-{self.end - 1}/{self.size_bytes}"


class Downloads:
    """Sends the bytes, from the interface or from the storage it may redirect to."""

    def __init__(
        self,
        interactions: Interactions,
        vault: Vault,
        plan: FaultPlan,
        threads: Threads,
        links: Links,
    ) -> None:
        self._interactions = interactions
        self._vault = vault
        self._plan = plan
        self._threads = threads
        self._links = links

    async def download(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        live = self._interactions.with_file(name)
        fault = None
        if request.method == hdrs.METH_GET:
            fault = self._plan.take(practice.DOWNLOAD_KINDS)
        kind = None if fault is None else fault.kind
        if kind is FaultKind.EXPIRED_FOREVER:
            raise no_file(name)
        if kind is FaultKind.EXPIRED:
            await self._interactions.renew_file_id(live)
            raise no_file(name)
        if kind is FaultKind.DOWNLOAD_500:
            raise internal_error()
        if kind is FaultKind.HTML:
            return web.Response(body=PAGE.encode(), content_type=live.record.mime_type)
        if kind is FaultKind.REDIRECT:
            raise web.HTTPFound(self._links.stored(name, live.record.suffix))
        return await self._send(request, live.record, fault)

    async def stored(self, request: web.Request) -> web.StreamResponse:
        """The storage's own download, which has no faults."""
        live = self._interactions.with_file(request.match_info["file"])
        return await self._send(request, live.record, None)

    async def _send(
        self, request: web.Request, record: Record, fault: Fault | None
    ) -> web.StreamResponse:
        etag = f'"sha256-{record.sha256}"'
        part = _part(request, etag, record.size_bytes)
        headers = {
            hdrs.ACCEPT_RANGES: "bytes",
            hdrs.ETAG: etag,
            hdrs.CACHE_CONTROL: "private, max-age=0",
        }
        if part.is_range:
            headers[hdrs.CONTENT_RANGE] = part.content_range
            if part.start >= part.end:
                error = WireError(416, "OUT_OF_RANGE", "The requested range cannot be satisfied.")
                return web.json_response(error.body(), status=416, headers=headers)
        headers[hdrs.CONTENT_TYPE] = record.mime_type
        response = web.StreamResponse(status=206 if part.is_range else 200, headers=headers)
        if fault is not None and fault.kind is FaultKind.SHORT:
            response.enable_chunked_encoding()
        else:
            response.content_length = part.end - part.start
        try:
            stream = await self._threads.run(open, self._vault.file_path(record), "rb")
        except OSError as error:
            raise no_file(record.file_id) from error
        try:
            return await self._stream(request, response, stream, part, fault)
        except (ConnectionError, OSError):
            # the client left, or the file was forgotten meanwhile: it will see a short body
            if request.transport is not None:
                request.transport.abort()
        finally:
            await self._threads.run(stream.close)
        return response

    async def _stream(
        self,
        request: web.Request,
        response: web.StreamResponse,
        stream: Any,
        part: _Part,
        fault: Fault | None,
    ) -> web.StreamResponse:
        kind = None if fault is None else fault.kind
        argument = None if fault is None else fault.argument
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return response
        end = part.end
        if kind in (FaultKind.CUT, FaultKind.SHORT):
            end = part.start + practice.part_of(argument, part.end - part.start)
        rate = int(argument or _SLOW_BYTES_PER_S) if kind is FaultKind.SLOW else None
        async for chunk in self._chunks(stream, part.start, end, rate):
            await response.write(chunk)
        if kind is FaultKind.CUT:
            await drained(request)
            return reset(request, response)
        await response.write_eof()
        return response

    async def _chunks(
        self, stream: Any, start: int, end: int, rate: int | None
    ) -> AsyncIterator[bytes]:
        """The bytes in pieces; `rate` is in bytes a second."""
        await self._threads.run(stream.seek, start)
        left = end - start
        while left > 0:
            step = _CHUNK_BYTES if rate is None else max(1, rate // 10)
            chunk = await self._threads.run(stream.read, min(step, left))
            if not chunk:
                raise OSError("the file ended early")
            left -= len(chunk)
            yield chunk
            if rate is not None:
                await asyncio.sleep(len(chunk) / rate)


def _part(request: web.Request, etag: str, size: int) -> _Part:
    """The one range that is asked for; the whole file when there is none that counts."""
    whole = _Part(0, size, size, is_range=False)
    header = request.headers.get(hdrs.RANGE)
    condition = request.headers.get(hdrs.IF_RANGE)
    if header is None or (condition is not None and condition.strip() != etag):
        return whole
    match = re.fullmatch(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", header)
    if match is None or not (match[1] or match[2]):
        return whole
    if not match[1]:
        length = int(match[2])
        return _Part(max(0, size - length), size if length else 0, size, is_range=True)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return whole
    end = min(size, int(match[2]) + 1) if match[2] else size
    return _Part(start, end, size, is_range=True)
