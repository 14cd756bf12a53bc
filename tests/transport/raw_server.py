"""A server that says exactly what a test wants it to say, byte by byte, on 127.0.0.1."""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import json
import socket
import struct
import termios
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def range_start(self) -> int | None:
        value = self.headers.get("range")
        return int(value.removeprefix("bytes=").rstrip("-")) if value else None

    def json(self) -> Any:
        return json.loads(self.body)


class Reply:
    """The server's end of one exchange."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.body_bytes = 0

    async def head(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} Word"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def body(self, data: bytes) -> None:
        self.body_bytes += len(data)
        await self.raw(data)

    async def json(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        data = json.dumps(value).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        await self.head(status, {**head, **(headers or {})})
        await self.body(data)

    async def reset(self) -> None:
        """An RST, after everything written has been taken by the other side."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        waiting = array.array("i", [1])
        while waiting[0]:
            fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, waiting)
            await asyncio.sleep(0.001)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Received, Reply], Awaitable[None]]


@dataclass
class RawServer:
    """`script` answers every request; the connection ends with it unless `keeps_alive`."""

    script: Script
    keeps_alive: bool = False
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    body_bytes: int = 0

    @property
    def origin(self) -> str:
        return self.url

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                method, path, _ = first.split(" ", 2)
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                received = Received(method, path, headers, body, number)
                self.requests.append(received)
                reply = Reply(writer)
                try:
                    await self.script(received, reply)
                finally:
                    self.body_bytes += reply.body_bytes
                if not self.keeps_alive:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, or never was one
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def running(
    script: Script, *, keeps_alive: bool = False, port: int = 0
) -> AsyncIterator[RawServer]:
    """`port` 0 is any free one; the url names it."""
    raw = RawServer(script, keeps_alive)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(raw.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    port = server.sockets[0].getsockname()[1]
    raw.url = f"http://127.0.0.1:{port}"
    try:
        yield raw
    finally:
        server.close()
        for task in list(tasks):
            # Whoever waits for a client that has just gone may see that first.
            if not await _ends(task):
                task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _ends(task: asyncio.Task[None]) -> bool:
    done, _ = await asyncio.wait({task}, timeout=0.02)
    return bool(done)


async def for_ever(received: Received, reply: Reply) -> None:
    """Says nothing more."""
    await asyncio.Event().wait()
