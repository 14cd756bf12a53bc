"""A server of one file that honours Range and If-Range, and fails as told, answer by answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.transport.raw_server import Received, Reply

# takes over instead of the usual answer; the start is where the answer's bytes begin
Fault = Callable[["FileServer", Received, Reply, int], Awaitable[None]]


@dataclass
class FileServer:
    """Called as a script of `raw_server.running`; every answer uses up one fault."""

    content: bytes
    etag: str | None = '"one"'
    faults: list[Fault | None] = field(default_factory=list)
    is_always_faulty: bool = False
    answers: int = 0

    async def __call__(self, received: Received, reply: Reply) -> None:
        self.answers += 1
        fault = self.faults[0] if self.faults else None
        if self.faults and not self.is_always_faulty:
            self.faults.pop(0)
        start = self.start(received)
        if fault is not None:
            await fault(self, received, reply, start)
        elif start >= len(self.content) and start:
            await reply.head(416, {"Content-Range": f"bytes */{len(self.content)}"})
        else:
            await self.head(reply, start)
            await reply.body(self.content[start:])

    def start(self, received: Received) -> int:
        if received.range_start is None or received.headers.get("if-range") != self.etag:
            return 0
        return received.range_start

    async def head(self, reply: Reply, start: int, **changes: str | None) -> None:
        size = len(self.content)
        headers = {
            "Content-Type": "video/mp4",
            "Content-Length": str(size - start),
            "ETag": self.etag,
            "Content-Range": f"bytes {start}-{size - 1}/{size}" if start else None,
        }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        kept = {name: value for name, value in headers.items() if value is not None}
        await reply.head(206 if start else 200, kept)


def cut_after(count: int, *, resets: bool = False) -> Fault:
    """The right head, `count` bytes of the body, and the end of the connection."""

    async def fault(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start)
        await reply.body(server.content[start : start + count])
        if resets:
            await reply.reset()

    return fault


def chunked(count: int, *, is_ended: bool = True) -> Fault:
    """`count` bytes without an announced length; cleanly ended or not."""

    async def fault(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start, Content_Length=None, Transfer_Encoding="chunked")
        data = server.content[start : start + count]
        for at in range(0, len(data), 65536):
            piece = data[at : at + 65536]
            await reply.raw(f"{len(piece):x}\r\n".encode())
            await reply.body(piece)
            await reply.raw(b"\r\n")
        if is_ended:
            await reply.raw(b"0\r\n\r\n")

    return fault


def instead(
    body: bytes,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
    etag: str | None = '"x"',
) -> Fault:
    """Another answer altogether."""

    async def fault(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        head = {"Content-Length": str(len(body)), "Content-Type": "video/mp4"}
        if etag is not None:
            head["ETag"] = etag
        await reply.head(status, head | dict(headers))
        await reply.body(body)

    return fault


def headers(**changes: str | None) -> Fault:
    """The right bytes under other headers."""

    async def fault(server: FileServer, received: Received, reply: Reply, start: int) -> None:
        await server.head(reply, start, **changes)
        await reply.body(server.content[start:])

    return fault
