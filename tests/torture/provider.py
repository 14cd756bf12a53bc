"""A provider in Google's place for real processes: quick, with another clip for every operation, and moody.

It speaks the Interactions protocol on 127.0.0.1 and keeps what it accepted, so that a test can tell
what was paid for. `chaos` is the share of requests that go wrong in one of the ways that it has.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import json
import random
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.faults.books import KEY
from tests.faults.google import error_of, steps_with, video
from tests.transport.raw_server import RawServer, Received, Reply, running

_JSON = "application/json"


class Hangup(ConnectionError):
    """The connection ends here; the server knows it and says nothing."""


class Provider:
    def __init__(self, seed: int, *, chaos: float = 0.0, failing: float = 0.0) -> None:
        self.chaos = chaos
        # the share of operations that end without a clip
        self.failing = failing
        # a longer stay at the provider means more of them at once
        self.longest_s = 0.3
        # operation name -> uuid of the attempt, for every submit that would be billed
        self.accepted: dict[str, str] = {}
        self.failed: set[str] = set()
        self.faults: Counter[str] = Counter()
        self.before_answer: Callable[[int], Awaitable[None]] | None = None
        self.strays: list[str] = []
        self.url = ""
        self._ready_at: dict[str, float] = {}
        self._draw = random.Random(seed)
        self._raw: RawServer | None = None

    def take_requests(self) -> Sequence[Received]:
        """What was asked since the last call."""
        assert self._raw is not None
        taken, self._raw.requests = self._raw.requests, []
        return taken

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Provider]:
        async with running(self._serve, keeps_alive=True) as self._raw:
            self.url = self._raw.url
            yield self

    def clip_of(self, name: str) -> bytes:
        """Another film for every operation: a real one, and a box that no player looks at."""
        filler = random.Random(name).randbytes(random.Random(name).randrange(10_000, 150_000))
        return tiny_clip() + struct.pack(">I4s", len(filler) + 8, b"free") + filler

    # the wire

    async def _serve(self, received: Received, reply: Reply) -> None:
        if received.headers.get("x-goog-api-key") != KEY:
            await reply.json(error_of("UNAUTHENTICATED", "API key not valid."), 401)
            return
        path = received.path.partition("?")[0]
        kind, _, rest = path.removeprefix("/v1/").partition("/")
        match received.method, kind, rest:
            case "POST", "interactions", "":
                await self._submit(received, reply)
            case "POST", "interactions", name if name.endswith("/cancel"):
                await reply.json(error_of("FAILED_PRECONDITION", "Not now."), 400)
            case "GET", "interactions", name if name in self.accepted:
                await self._poll(name, reply)
            case "GET", "files", name if name.removesuffix(":download") in self.accepted:
                await self._download(name.removesuffix(":download"), received, reply)
            case _:
                self.strays.append(f"{received.method} {received.path}")
                await reply.json(error_of("NOT_FOUND", "No such path."), 404)

    def _mood(self, faults: Sequence[str]) -> str:
        """The fault of this request, "" for none."""
        if self._draw.random() >= self.chaos:
            return ""
        fault = self._draw.choice(faults)
        self.faults[fault] += 1
        return fault

    async def _submit(self, received: Received, reply: Reply) -> None:
        mood = self._mood(_SUBMIT)
        match mood:
            case "submit: 429":
                told = {"Retry-After": str(self._draw.randrange(1, 8))}
                await reply.json(error_of("RESOURCE_EXHAUSTED", "Slow down."), 429, told)
                return
            case "submit: 503":
                await reply.json(error_of("UNAVAILABLE", "Overloaded."), 503)
                return
            case "submit: 400":
                await reply.json(error_of("INVALID_ARGUMENT", "Not like this."), 400)
                return
            case "submit: reset before accepting":
                await reply.reset()
                raise Hangup
        name = self._accept(received)
        if self.before_answer is not None:
            await self.before_answer(len(self.accepted))
        match mood:
            case "submit: 500 after accepting":
                await reply.json(error_of("INTERNAL", "Something broke."), 500)
            case "submit: reset after accepting":
                await reply.reset()
                raise Hangup
            case "submit: cut answer after accepting":
                await _send(reply, json.dumps({"id": name}).encode()[:-4], _JSON)
            case _:
                await reply.json({"id": name, "object": "interaction", "status": "queued"})

    def _accept(self, received: Received) -> str:
        name = f"v1_{len(self.accepted) + 1}"
        self.accepted[name] = received.json()["labels"]["attempt"]
        if self._draw.random() < self.failing:
            self.failed.add(name)
        self._ready_at[name] = time.monotonic() + self._draw.uniform(0, self.longest_s)
        return name

    async def _poll(self, name: str, reply: Reply) -> None:
        match self._mood(_POLL):
            case "poll: 500":
                await reply.json(error_of("INTERNAL", "Something broke."), 500)
            case "poll: 429":
                slow = error_of("RESOURCE_EXHAUSTED", "Slow down.")
                await reply.json(slow, 429, {"Retry-After": "2"})
            case "poll: reset":
                await reply.reset()
                raise Hangup
            case "poll: page of a proxy":
                await _send(reply, b"<html>Bad gateway</html>", "text/html", 502)
            case "poll: cut answer":
                await _send(reply, b'{"id": "v1_', _JSON)
            case _:
                await reply.json(self._state_of(name))

    def _state_of(self, name: str) -> dict[str, Any]:
        state: dict[str, Any] = {"id": name, "object": "interaction"}
        if time.monotonic() < self._ready_at[name]:
            return state | {"status": "in_progress"}
        if name in self.failed:
            errors = [{"code": 13, "message": "The model gave up."}]
            return state | {"status": "failed", "errors": errors}
        link = f"{self.url}/v1/files/{name}:download?alt=media"
        return state | {"status": "completed", "steps": steps_with(video(link))}

    async def _download(self, name: str, received: Received, reply: Reply) -> None:
        mood = self._mood(_DOWNLOAD)
        match mood:
            case "download: expired link":
                await reply.json(error_of("NOT_FOUND", "Expired."), 404)
                return
            case "download: 500":
                await reply.json(error_of("INTERNAL", "Something broke."), 500)
                return
            case "download: page in place of the clip":
                await _send(reply, b"<html>Sign in</html>", "video/mp4")
                return
        content = self.clip_of(name)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        start = received.range_start or 0
        if received.headers.get("if-range") != etag:
            start = 0
        if start and start >= len(content):
            await reply.head(
                416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"}
            )
            return
        head = {"Content-Type": "video/mp4", "Content-Length": str(len(content) - start)}
        if mood != "download: no ETag":
            head["ETag"] = etag
        if start:
            head["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        await reply.head(206 if start else 200, head)
        if mood == "download: damaged" and not start:
            # without a hash only broken boxes can be seen (C17): so the first one, never the filler
            content = b"\0\0\0\0" + content[4:]
        await self._body(content[start:], mood, reply)

    async def _body(self, content: bytes, mood: str, reply: Reply) -> None:
        cut = self._draw.randrange(len(content))
        if mood in ("download: cut", "download: reset"):
            await reply.body(content[:cut])
            if mood == "download: reset":
                await reply.reset()
            raise Hangup
        for start in range(0, len(content), 16_384):
            await reply.body(content[start : start + 16_384])
            # a few milliseconds, in which a process may be killed
            await asyncio.sleep(self._draw.choice((0, 0, 0.002)))


_SUBMIT = (
    "submit: 429",
    "submit: 503",
    "submit: 400",
    "submit: reset before accepting",
    "submit: 500 after accepting",
    "submit: reset after accepting",
    "submit: cut answer after accepting",
)
_POLL = ("poll: 500", "poll: 429", "poll: reset", "poll: page of a proxy", "poll: cut answer")
_DOWNLOAD = (
    "download: expired link",
    "download: 500",
    "download: page in place of the clip",
    "download: no ETag",
    "download: cut",
    "download: reset",
    "download: damaged",
)


async def _send(reply: Reply, body: bytes, kind: str, status: int = 200) -> None:
    await reply.head(status, {"Content-Type": kind, "Content-Length": str(len(body))})
    await reply.body(body)


@functools.cache
def tiny_clip() -> bytes:
    """A real mp4 of a few kilobytes."""
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.options = {"preset": "ultrafast", "threads": "1"}
        for shade in range(0, 250, 50):
            picture = np.full((36, 64, 3), shade, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()
