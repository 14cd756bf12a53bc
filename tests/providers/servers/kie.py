"""KIE on 127.0.0.1, its host for files and the host of finished clips: strict, counting, faulty when told.

Errors come inside of HTTP 200, as the service does it. It takes the fields that are documented and
nothing else, wants the key at the two hosts that are KIE's and must not see it at the third.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.transport.file_server import FileServer
from tests.transport.raw_server import RawServer, Received, Reply, running

KEY = "0123456789abcdef0123456789abcdef"
_ADDRESS = "address"
_VEO = {
    "prompt": str, "model": ("veo3", "veo3_fast", "veo3_lite"), "aspect_ratio": ("16:9", "9:16", "Auto"),
    "resolution": ("720p", "1080p", "4k"), "duration": (4, 6, 8), "enableTranslation": bool,
    "generationType": ("TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"),
    "imageUrls": list,
}  # fmt: skip
_JOBS: Mapping[str, Mapping[str, Any]] = {
    "google/gemini-omni-flash-1-1": {
        "prompt": str, "duration": ("4", "6", "8", "10"), "aspect_ratio": ("16:9", "9:16"),
        "resolution": ("360p", "720p", "1080p", "4k"), "seed": int, "image_urls": list,
        "first_frame_url": _ADDRESS, "last_frame_url": _ADDRESS,
    },
    "bytedance/seedance-2-5": {
        "prompt": str, "duration": int, "aspect_ratio": str, "resolution": str,
        "generate_audio": bool, "first_frame_url": _ADDRESS, "last_frame_url": _ADDRESS,
        "reference_image_urls": list,
    },
    "wan/2-5-text-to-video": {
        "prompt": str, "negative_prompt": str, "aspect_ratio": ("16:9", "9:16", "1:1"),
        "resolution": ("720p", "1080p"), "seed": int, "enable_prompt_expansion": bool,
    },
}  # fmt: skip
_COSTS = {("veo3", "720p"): 250, ("veo3_fast", "720p"): 60, ("veo3_lite", "720p"): 30}


@dataclass(frozen=True)
class Call:
    server: KieServer
    received: Received
    reply: Reply
    task: str = ""

    async def says(self, value: Any, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        await self.reply.json(value, status, named)

    async def fine(self, data: Any) -> None:
        await self.says({"code": 200, "msg": "success", "data": data})

    async def refuses(self, code: int, message: str) -> None:
        await self.says({"code": code, "msg": message, "data": None})


Step = Callable[[Call], Awaitable[None]]


@dataclass
class KieServer:
    clip: bytes
    key: str = KEY
    # POSTs that would be billed, whether they were answered or not
    paid: list[Received] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    upgrade_polls: list[str] = field(default_factory=list)
    uploads: list[Received] = field(default_factory=list)
    strays: list[Received] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    balance_reads: int = 0
    # task -> what was asked for
    tasks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    submit_steps: deque[Step] = field(default_factory=deque)
    poll_steps: deque[Step] = field(default_factory=deque)
    upload_steps: deque[Step] = field(default_factory=deque)
    balance_steps: deque[Step] = field(default_factory=deque)
    upgrade_steps: deque[Step] = field(default_factory=deque)
    link_steps: deque[Step] = field(default_factory=deque)
    credits_left: float = 1234.5
    raw: RawServer = field(init=False)
    upload_host: RawServer = field(init=False)
    cdn: RawServer = field(init=False)

    def __post_init__(self) -> None:
        self.files = FileServer(self.clip)

    @property
    def url(self) -> str:
        return self.raw.url

    @property
    def last_body(self) -> Any:
        return self.paid[-1].json()

    def link(self, task: str, name: str = "clip") -> str:
        return f"{self.cdn.url}/{name}/{task}.mp4"

    async def api(self, received: Received, reply: Reply) -> None:
        parts = urlsplit(received.path)
        query = parse_qs(parts.query)
        task = query.get("taskId", [""])[0]
        call = Call(self, received, reply, task)
        is_paid = (received.method, parts.path) in _PAID
        if is_paid:
            self.paid.append(received)
        if received.headers.get("authorization") != f"Bearer {self.key}":
            await call.refuses(401, "You do not have access permissions")
            return
        match received.method, parts.path.removeprefix("/api/v1/"):
            case _ if is_paid:
                await _next(self.submit_steps, accept)(call)
            case "GET", "veo/record-info" | "jobs/recordInfo":
                self.polls.append(received.path)
                usual = show_veo if "/veo/" in parts.path else show_job
                await _next(self.poll_steps, usual)(call)
            case "GET", "veo/get-1080p-video" if query.get("index") == ["0"]:
                self.upgrade_polls.append(task)
                await _next(self.upgrade_steps, give_1080p)(call)
            case "GET", "chat/credit":
                self.balance_reads += 1
                await _next(self.balance_steps, tell_balance)(call)
            case "POST", "common/download-url":
                self.renewed.append(received.json()["url"])
                await _next(self.link_steps, no_new_link)(call)
            case _:
                self.strays.append(received)
                await call.says({"error": "Not Found"}, 404)

    async def take_upload(self, received: Received, reply: Reply) -> None:
        """KIE's host for files: another one, and the same key."""
        call = Call(self, received, reply)
        if (received.method, received.path) != ("POST", "/api/file-stream-upload"):
            self.strays.append(received)
            await call.says({"error": "Not Found"}, 404)
        elif received.headers.get("authorization") != f"Bearer {self.key}":
            await call.says({"success": False, "code": 401, "msg": "Unauthorized"}, 401)
        else:
            self.uploads.append(received)
            await _next(self.upload_steps, keep_file)(call)

    async def serve_clip(self, received: Received, reply: Reply) -> None:
        assert "authorization" not in received.headers, "the key went to a foreign host"
        await self.files(received, reply)


_PAID = {
    ("POST", "/api/v1/veo/generate"),
    ("POST", "/api/v1/veo/get-4k-video"),
    ("POST", "/api/v1/jobs/createTask"),
}


def _next(steps: deque[Step], usual: Step) -> Step:
    return steps.popleft() if steps else usual


# what is accepted


def problem(path: str, body: Mapping[str, Any]) -> str:
    """Why a body is none that KIE documents, "" for one that is."""
    if path.endswith("/get-4k-video"):
        return "" if body.keys() == {"taskId", "index"} else "unknown fields"
    if path.endswith("/veo/generate"):
        return _wrong(_VEO, body)
    if body.keys() != {"model", "input"}:
        return "unknown fields"
    fields = _JOBS.get(body["model"])
    return "The model is not supported" if fields is None else _wrong(fields, body["input"])


def _wrong(fields: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    for name, value in body.items():
        allowed = fields.get(name)
        if allowed is None:
            return f"{name} is not a field"
        if isinstance(allowed, tuple):
            is_fine = value in allowed
        elif allowed in (_ADDRESS, list):
            links = value if allowed is list else [value]
            is_fine = isinstance(links, list) and all(link.startswith("http") for link in links)
        else:
            is_fine = type(value) is allowed
        if not is_fine:
            return f"{name} is invalid"
    return "" if body.get("prompt") else "prompt is required"


def take(call: Call) -> str:
    """Accept the submit; from here on it is billed."""
    name = f"veo_task_{len(call.server.tasks) + 1:04}"
    body = call.received.json()
    call.server.tasks[name] = body
    costs = _COSTS.get((body.get("model"), body.get("resolution")), 63)
    call.server.credits_left -= 120 if "taskId" in body else costs
    return name


async def accept(call: Call) -> None:
    wrong = problem(urlsplit(call.received.path).path, call.received.json())
    if wrong:
        call.server.refused.append(wrong)
        await call.refuses(422, wrong)
        return
    await call.fine({"taskId": take(call)})


async def keep_file(call: Call) -> None:
    number = len(call.server.uploads)
    link = f"{call.server.cdn.url}/uploaded/{number}.png"
    data = {"fileName": f"{number}.png", "downloadUrl": link, "mimeType": "image/png"}
    await call.says({"success": True, "code": 200, "msg": "File uploaded", "data": data})


async def tell_balance(call: Call) -> None:
    await call.fine(call.server.credits_left)


async def no_new_link(call: Call) -> None:
    await call.refuses(422, "The url is expired")


# polls


async def show_veo(call: Call) -> None:
    if call.task not in call.server.tasks:
        await call.refuses(422, "record is null")
        return
    await veo(1)(call)


def veo(flag: Any, resolution: str = "720p", **more: Any) -> Step:
    async def step(call: Call) -> None:
        done = {"resultUrls": [call.server.link(call.task)], "resolution": resolution}
        told = {"errorCode": None, "errorMessage": None, "response": done if flag == 1 else None}
        await call.fine({"taskId": call.task, "successFlag": flag, **told, **more})

    return step


async def show_job(call: Call) -> None:
    if call.task not in call.server.tasks:
        await call.refuses(422, "recordInfo is null")
        return
    await job("success")(call)


def job(state: str, **more: Any) -> Step:
    async def step(call: Call) -> None:
        text = json.dumps({"resultUrls": [call.server.link(call.task)]})
        told = {"resultJson": text if state == "success" else "", "failCode": None, "failMsg": None}
        await call.fine({"taskId": call.task, "model": "m", "state": state, **told, **more})

    return step


async def give_1080p(call: Call) -> None:
    await call.fine({"resultUrl": call.server.link(call.task, "sharp")})


# steps for faults


def refuse(code: int, message: str = "No.") -> Step:
    async def step(call: Call) -> None:
        await call.refuses(code, message)

    return step


def answer(value: Any, status: int = 200, **headers: str) -> Step:
    async def step(call: Call) -> None:
        await call.says(value, status, **headers)

    return step


def page(status: int, text: bytes = b"<html>Bad gateway</html>") -> Step:
    """What a proxy answers."""

    async def step(call: Call) -> None:
        headers = {"Content-Type": "text/html", "Content-Length": str(len(text))}
        await call.reply.head(status, headers)
        await call.reply.body(text)

    return step


def accept_and(then: Step) -> Step:
    """Accepted and billed, and answered with something else."""

    async def step(call: Call) -> None:
        take(call)
        await then(call)

    return step


async def reset(call: Call) -> None:
    await call.reply.reset()


async def silence(call: Call) -> None:
    await asyncio.Event().wait()


def form_parts(received: Received) -> dict[str, tuple[str | None, bytes]]:
    """The parts of a form by name: file name and content."""
    head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
    parts: dict[str, tuple[str | None, bytes]] = {}
    for part in message_from_bytes(head + received.body).get_payload():
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        parts[name] = (part.get_filename(), content)  # type: ignore[union-attr, assignment]
    return parts


@asynccontextmanager
async def kie(clip: bytes, **fields: Any) -> AsyncIterator[KieServer]:
    server = KieServer(clip, **fields)
    async with (
        running(server.api) as api,
        running(server.take_upload) as uploads,
        running(server.serve_clip) as cdn,
    ):
        server.raw, server.upload_host, server.cdn = api, uploads, cdn
        yield server


@contextmanager
def kie_in_thread(clip: bytes) -> Iterator[KieServer]:
    """For programs that have a loop of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="kie")
    thread.start()

    def done(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    serving = kie(clip)
    try:
        yield done(serving.__aenter__())
        done(serving.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
