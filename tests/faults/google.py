"""A provider that does, step by step, what a test tells it; counts and keeps all that it is asked.

It speaks the Interactions protocol on 127.0.0.1, byte by byte through `raw_server`. Without steps
every submit is accepted, every first poll says "done", and every download is the whole file.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from tests.faults.clock import FastClock
from tests.transport.file_server import FileServer
from tests.transport.raw_server import RawServer, Received, Reply, running


@dataclass(frozen=True)
class Asked:
    """One request, and when it came by the test's clock."""

    received: Received
    at_s: float


@dataclass(frozen=True)
class Call:
    """What a step works with; `name` is the interaction's id, "" in a submit."""

    google: Google
    received: Received
    reply: Reply
    name: str = ""

    @property
    def link(self) -> str:
        return f"{self.google.url}/v1/files/{self.name}:download?alt=media"

    async def says(self, value: Any, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        await self.reply.json(value, status, named)


Step = Callable[[Call], Awaitable[None]]


class Google:
    def __init__(self, clip: bytes, clock: FastClock) -> None:
        self.files = FileServer(clip)
        self.submits: list[Asked] = []
        self.polls: list[Asked] = []
        self.downloads: list[Asked] = []
        self.cancels: list[Asked] = []
        # everything that no client of ours should ask
        self.strays: list[Asked] = []
        self.expects_strays = False
        # interaction id -> attempt uuid, for every submit that was accepted
        self.accepted: dict[str, str] = {}
        self.submit_steps: deque[Step] = deque()
        self.poll_steps: deque[Step] = deque()
        self.download_steps: deque[Step] = deque()
        self.submit_default: Step = accept
        self.poll_default: Step = done
        self.download_default: Step = send_file
        self.cancel_default: Step = confirm_cancel
        self.url = ""
        # else every connection ends with its answer
        self.keeps_alive = False
        # submits that are being answered, and the most that there were at once
        self.in_flight = self.most_in_flight = 0
        self._clock = clock
        self._port = 0
        self._running = AsyncExitStack()
        self._raw: list[RawServer] = []

    @property
    def requests(self) -> list[Received]:
        return [request for raw in self._raw for request in raw.requests]

    @property
    def body_bytes(self) -> int:
        """Sent as bodies of files and answers."""
        return sum(raw.body_bytes for raw in self._raw)

    async def start(self) -> None:
        """Also after `stop`, at the same address."""
        raw = await self._running.enter_async_context(
            running(self, keeps_alive=self.keeps_alive, port=self._port)
        )
        self._raw.append(raw)
        self.url = raw.url
        self._port = int(raw.url.rpartition(":")[2])

    async def stop(self) -> None:
        """Connections are refused from now on."""
        await self._running.aclose()

    async def __call__(self, received: Received, reply: Reply) -> None:
        asked = Asked(received, self._clock.monotonic())
        path = received.path.partition("?")[0]
        kind, _, rest = path.removeprefix("/v1/").partition("/")
        match received.method, kind, rest:
            case "POST", "interactions", "":
                self.submits.append(asked)
                self.in_flight += 1
                self.most_in_flight = max(self.in_flight, self.most_in_flight)
                step = _next(self.submit_steps, self.submit_default)
                try:
                    await step(Call(self, received, reply))
                finally:
                    self.in_flight -= 1
            case "POST", "interactions", name if name.endswith("/cancel"):
                self.cancels.append(asked)
                call = Call(self, received, reply, name.removesuffix("/cancel"))
                await self.cancel_default(call)
            case "GET", "interactions", name if "/" not in name:
                self.polls.append(asked)
                step = _next(self.poll_steps, self.poll_default)
                await step(Call(self, received, reply, name))
            case "GET", "files", name if name.endswith(":download"):
                self.downloads.append(asked)
                step = _next(self.download_steps, self.download_default)
                await step(Call(self, received, reply, name.removesuffix(":download")))
            case _:
                self.strays.append(asked)
                await reply.json(error_of("NOT_FOUND", "No such path."), 404)


def _next(steps: deque[Step], usual: Step) -> Step:
    return steps.popleft() if steps else usual


def error_of(code: str, message: str, **more: Any) -> dict[str, Any]:
    """An error in the shape of Google's front end."""
    return {"error": {"code": 0, "status": code, "message": message, **more}}


# submit


def take(call: Call, name: str | None = None) -> str:
    """Accept the submit; from here on it would be billed."""
    name = name or f"v1_{len(call.google.accepted) + 1}"
    label = call.received.json()["labels"]["attempt"]
    call.google.accepted[name if name not in call.google.accepted else f"{name}/again"] = label
    return name


async def accept(call: Call) -> None:
    await call.says({"id": take(call), "object": "interaction", "status": "queued"})


def accept_as(name: Any) -> Step:
    """Accepted, and answered with this id whatever it is."""

    async def step(call: Call) -> None:
        take(call)
        await call.says({"id": name, "status": "queued"})

    return step


async def accept_and_reset(call: Call) -> None:
    take(call)
    await call.reply.reset()


async def accept_and_say_nothing(call: Call) -> None:
    take(call)
    await silence(call)


def accept_and_send(
    body: bytes, kind: str = "application/json", status: int = 200, **headers: str
) -> Step:
    """Accepted, and answered with these bytes."""

    async def step(call: Call) -> None:
        take(call)
        await send(body, kind, status, **headers)(call)

    return step


# anywhere


def answer(value: Any, status: int = 200, **headers: str) -> Step:
    """This JSON, whatever was asked."""

    async def step(call: Call) -> None:
        await call.says(value, status, **headers)

    return step


def refuse(status: int, code: str, message: str = "No.", **headers: str) -> Step:
    return answer(error_of(code, message), status, **headers)


def send(body: bytes, kind: str, status: int = 200, **headers: str) -> Step:
    async def step(call: Call) -> None:
        head = {"Content-Type": kind, "Content-Length": str(len(body))}
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        await call.reply.head(status, head | named)
        await call.reply.body(body)

    return step


async def reset(call: Call) -> None:
    await call.reply.reset()


async def silence(call: Call) -> None:
    await asyncio.Event().wait()


def redirect(target: str, status: int = 302) -> Step:
    async def step(call: Call) -> None:
        await call.reply.head(status, {"Location": target, "Content-Length": "0"})

    return step


# poll


def interaction(call: Call, status: str, **more: Any) -> dict[str, Any]:
    return {"id": call.name, "object": "interaction", "status": status, **more}


def steps_with(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "thought"}, {"type": "model_output", "content": list(parts)}]


def video(uri: str | None, mime_type: Any = "video/mp4") -> dict[str, Any]:
    return {"type": "video", "mime_type": mime_type, **({} if uri is None else {"uri": uri})}


async def run_on(call: Call) -> None:
    await call.says(interaction(call, "in_progress"))


async def done(call: Call) -> None:
    await done_at()(call)


def done_at(uri: str | None = None, **more: Any) -> Step:
    """Completed, with the link to the file or another."""

    async def step(call: Call) -> None:
        parts = steps_with(video(uri or call.link))
        await call.says(interaction(call, "completed", steps=parts, **more))

    return step


def ended(status: str, **more: Any) -> Step:
    async def step(call: Call) -> None:
        await call.says(interaction(call, status, **more))

    return step


def failed(code: Any, message: str) -> Step:
    return ended("failed", errors=[{"code": code, "message": message}])


async def confirm_cancel(call: Call) -> None:
    await call.says(interaction(call, "cancelled"))


# download


async def send_file(call: Call) -> None:
    await call.google.files(call.received, call.reply)


def cut_json(value: Any) -> bytes:
    return json.dumps(value).encode()[:-4]
