"""What the scripted stores have in common: a real server on 127.0.0.1, its faults, and what it was asked."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aiohttp import ClientError, web


@dataclass(frozen=True)
class Says:
    """Answer with this instead of doing it."""

    status: int
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    more: str = ""


@dataclass(frozen=True)
class Cut:
    """Reset the connection after so many bytes of the body, and do nothing."""

    after: int = 0


@dataclass(frozen=True)
class Lost:
    """Do it, and reset the connection instead of answering."""


@dataclass(frozen=True)
class Silent:
    """Never answer."""


Fault = Says | Cut | Lost | Silent | None


@dataclass(frozen=True)
class Asked:
    """`path` is unquoted; `query` holds the pairs as they were sent, unquoted."""

    what: str
    method: str
    raw_path: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Kept:
    """An object at rest."""

    content: bytes
    headers: dict[str, str]


class StoreServer:
    """`faults` are taken one per request of their kind, in order; without one it does as it is asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.buckets: dict[str, dict[str, Kept]] = {}
        self.complaints: list[str] = []
        self.reached = asyncio.Event()
        self.url = ""

    def kind_of(self, method: str, path: str, query: Mapping[str, str]) -> str:
        raise NotImplementedError

    def do(self, asked: Asked) -> web.Response:
        raise NotImplementedError

    def says(self, told: Says) -> web.Response:
        """An error in XML, as S3, Google and Azure write it."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><Error>'
            f"<Code>{told.code}</Code><Message>{told.message}</Message>{told.more}</Error>"
        )
        return web.Response(
            status=told.status,
            headers=dict(told.headers),
            text=body if told.code else "",
            content_type="application/xml",
        )

    def objects(self) -> list[Kept]:
        return [kept for bucket in self.buckets.values() for kept in bucket.values()]

    def kinds(self) -> list[str]:
        return [asked.what for asked in self.asked]

    async def handle(self, request: web.Request) -> web.Response:
        parts = urlsplit(request.raw_path)
        query = {}
        for pair in filter(None, parts.query.split("&")):
            name, _, value = pair.partition("=")
            query[unquote(name)] = unquote(value)
        path = unquote(parts.path)
        what = self.kind_of(request.method, path, query)
        fault = self.faults[what].popleft() if self.faults[what] else None
        if isinstance(fault, Cut):
            with suppress(ClientError, ConnectionError, asyncio.IncompleteReadError):
                await request.content.readexactly(fault.after)
            _reset(request)
            return web.Response()
        try:
            body = await request.read()
        except (ClientError, ConnectionError, web.HTTPException):
            # the other side died in the middle: nothing was taken
            return web.Response()
        asked = Asked(
            what, request.method, request.raw_path, path, query, request.headers.copy(), body
        )
        self.asked.append(asked)
        self.reached.set()
        if isinstance(fault, Silent):
            await asyncio.Event().wait()
        if isinstance(fault, Says):
            return self.says(fault)
        answer = self.do(asked)
        if isinstance(fault, Lost):
            _reset(request)
        return answer


def _reset(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@asynccontextmanager
async def serving(server: StoreServer) -> AsyncIterator[str]:
    """Its address, for as long as it runs."""
    application = web.Application(client_max_size=1024**3)
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server.url
    finally:
        await runner.cleanup()
