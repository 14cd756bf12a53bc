"""Runway on 127.0.0.1, and the foreign host that keeps its files: strict, counting, faulty when told.

It takes what the official client's request types allow and nothing else, wants key and version with
every call, and shows a deleted task to nobody. Steps take over answer by answer.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from tests.providers.servers.runway_types import problems
from tests.transport.file_server import FileServer
from tests.transport.raw_server import RawServer, Received, Reply, running

KEY = "key_0123456789abcdef-not-a-real-one"
VERSION = "2024-11-06"
_SUBMITS = ("/v1/text_to_image", "/v1/text_to_video", "/v1/image_to_video", "/v1/video_to_video")
_CREATED = "2026-11-20T20:00:00.000Z"


@dataclass(frozen=True)
class Call:
    server: RunwayServer
    received: Received
    reply: Reply
    task_id: str = ""

    async def says(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        await self.reply.json(value, status, headers)


Step = Callable[[Call], Awaitable[None]]


@dataclass
class Task:
    """`states` are shown one by one; the last one stays."""

    body: Mapping[str, Any]
    states: deque[dict[str, Any]]
    is_deleted: bool = False


@dataclass
class RunwayServer:
    clip: bytes
    key: str = KEY
    # POSTs that would be billed, whether they were answered or not
    paid: list[Received] = field(default_factory=list)
    # those that were refused for what they say
    refused: list[str] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    uploads: list[Received] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    submit_steps: deque[Step] = field(default_factory=deque)
    poll_steps: deque[Step] = field(default_factory=deque)
    delete_steps: deque[Step] = field(default_factory=deque)
    upload_steps: deque[Step] = field(default_factory=deque)
    credits_left: int = 1250
    # what a new task goes through
    states: list[dict[str, Any]] = field(default_factory=list)
    raw: RawServer = field(init=False)
    storage: RawServer = field(init=False)

    def __post_init__(self) -> None:
        self.files = FileServer(self.clip)
        self.stored: list[Received] = []
        self.storage_status = 204
        self.states = self.states or [running_state(0.42), succeeded()]

    @property
    def url(self) -> str:
        return self.raw.url

    @property
    def last_body(self) -> Any:
        return self.paid[-1].json()

    async def api(self, received: Received, reply: Reply) -> None:
        call = Call(self, received, reply)
        path = received.path
        is_paid = received.method == "POST" and path in _SUBMITS
        if is_paid:
            self.paid.append(received)
        if received.headers.get("authorization") != f"Bearer {self.key}":
            await call.says({"error": "Unauthorized"}, 401)
        elif received.headers.get("x-runway-version") != VERSION:
            await call.says({"error": "Missing or unknown X-Runway-Version"}, 400)
        elif is_paid:
            await _next(self.submit_steps, accept)(call)
        elif received.method == "POST" and path == "/v1/uploads":
            self.uploads.append(received)
            await _next(self.upload_steps, give_place)(call)
        elif received.method == "GET" and path == "/v1/organization":
            await call.says({"creditBalance": self.credits_left, "tier": {}, "usage": {}})
        elif path.startswith("/v1/tasks/") and received.method in ("GET", "DELETE"):
            name = path.removeprefix("/v1/tasks/")
            is_poll = received.method == "GET"
            (self.polls if is_poll else self.deleted).append(name)
            steps = self.poll_steps if is_poll else self.delete_steps
            await _next(steps, show if is_poll else delete)(Call(self, received, reply, name))
        else:
            await call.says({"error": "Not found"}, 404)

    async def foreign(self, received: Received, reply: Reply) -> None:
        """The host of files: presigned places and finished clips; a credential here is an error."""
        assert "authorization" not in received.headers, "the key went to a foreign host"
        assert "x-runway-version" not in received.headers
        if received.method == "POST":
            self.stored.append(received)
            await reply.head(self.storage_status, {"Content-Length": "0"})
        else:
            await self.files(received, reply)


def _next(steps: deque[Step], usual: Step) -> Step:
    return steps.popleft() if steps else usual


# states of a task


def pending(status: str = "PENDING") -> dict[str, Any]:
    return {"status": status, "estimatedCost": {"credits": 60}}


def running_state(progress: float | None) -> dict[str, Any]:
    told = {} if progress is None else {"progress": progress}
    return {"status": "RUNNING", "estimatedCost": {"credits": 60}, **told}


def succeeded(credits_used: float = 60, **more: Any) -> dict[str, Any]:
    return {"status": "SUCCEEDED", "cost": {"credits": credits_used}, **more}


def failed(code: str | None, words: str = "It failed.", credits_used: int = 0) -> dict[str, Any]:
    told = {} if code is None else {"failureCode": code}
    return {"status": "FAILED", "failure": words, "cost": {"credits": credits_used}, **told}


# usual steps


def take(call: Call) -> str:
    """Accept the submit; from here on it would be billed."""
    name = str(uuid.uuid4())
    call.server.tasks[name] = Task(call.received.json(), deque(call.server.states))
    return name


async def accept(call: Call) -> None:
    wrong = problems(call.received.path, call.received.json())
    if wrong:
        call.server.refused.append("; ".join(wrong))
        issues = [{"message": words} for words in wrong]
        await call.says({"error": "Validation of body failed", "issues": issues}, 400)
        return
    await call.says({"id": take(call), "estimatedCost": {"credits": 60}})


async def show(call: Call) -> None:
    task = call.server.tasks.get(call.task_id)
    if task is None or task.is_deleted:
        await call.says({"error": "No such task"}, 404)
        return
    state = task.states.popleft() if len(task.states) > 1 else task.states[0]
    told = {"id": call.task_id, "createdAt": _CREATED, **state}
    if state["status"] == "SUCCEEDED" and "output" not in state:
        count = len(call.server.polls)
        link = f"{call.server.storage.url}/out/{call.task_id}.mp4?_jwt=signed-{count}"
        told["output"] = [link]
    await call.says(told)


async def delete(call: Call) -> None:
    task = call.server.tasks.get(call.task_id)
    if task is None or task.is_deleted:
        await call.says({"error": "No such task"}, 404)
        return
    task.is_deleted = True
    await call.reply.head(204, {"Content-Length": "0"})


async def give_place(call: Call) -> None:
    assert call.received.json().keys() == {"filename", "type"}
    assert call.received.json()["type"] == "ephemeral"
    await call.says(
        {
            "uploadUrl": f"{call.server.storage.url}/bucket",
            "fields": {"key": "uploads/1", "policy": "a-policy", "x-amz-signature": "a-signature"},
            "runwayUri": f"runway://upload-{len(call.server.uploads)}",
        }
    )


# steps for faults


def answer(value: Any, status: int = 200, **headers: str) -> Step:
    async def step(call: Call) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        await call.says(value, status, named)

    return step


def page(status: int) -> Step:
    """What a proxy answers."""

    async def step(call: Call) -> None:
        text = b"<html>Bad gateway</html>"
        headers = {"Content-Type": "text/html", "Content-Length": str(len(text))}
        await call.reply.head(status, headers)
        await call.reply.body(text)

    return step


async def accept_and_reset(call: Call) -> None:
    take(call)
    await call.reply.reset()


async def accept_and_say_nothing(call: Call) -> None:
    take(call)
    await asyncio.Event().wait()


async def accept_unreadably(call: Call) -> None:
    take(call)
    await page(200)(call)


def form_parts(received: Received) -> list[tuple[str, str | None, bytes]]:
    """The parts of a form in their order: name, file name, content."""
    head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
    parts = []
    for part in message_from_bytes(head + received.body).get_payload():
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        parts.append((str(name), part.get_filename(), content))  # type: ignore[union-attr]
    return parts  # type: ignore[return-value]


@asynccontextmanager
async def runway(clip: bytes, **fields: Any) -> AsyncIterator[RunwayServer]:
    server = RunwayServer(clip, **fields)
    async with running(server.api) as api, running(server.foreign) as storage:
        server.raw, server.storage = api, storage
        yield server


@contextmanager
def runway_in_thread(clip: bytes) -> Iterator[RunwayServer]:
    """For programs that have a loop of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="runway")
    thread.start()

    def done(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    serving = runway(clip)
    try:
        server = done(serving.__aenter__())
        try:
            yield server
        finally:
            done(serving.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
