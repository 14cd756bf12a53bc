"""A ComfyUI that does what a test tells it: one queue, one history, websockets, and other people's work.

It follows providers.md section 11: what it does not know it refuses, what it should never be sent it
notes in `strays`.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

CLIENT_HEADERS = ("Authorization", "Cookie", "Origin", "x-goog-api-key", "X-Api-Key")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
# what the shipped workflows are made of, and what each of them cannot do without
NODES = {
    "UNETLoader": {"unet_name", "weight_dtype"},
    "CLIPLoader": {"clip_name", "type"},
    "VAELoader": {"vae_name"},
    "CheckpointLoaderSimple": {"ckpt_name"},
    "ModelSamplingSD3": {"model", "shift"},
    "CLIPTextEncode": {"clip", "text"},
    "EmptyHunyuanLatentVideo": {"width", "height", "length", "batch_size"},
    "EmptyLTXVLatentVideo": {"width", "height", "length", "batch_size"},
    "Wan22ImageToVideoLatent": {"vae", "width", "height", "length", "batch_size"},
    "WanFirstLastFrameToVideo": {
        "positive", "negative", "vae", "width", "height", "length", "batch_size",
    },
    "LTXVConditioning": {"positive", "negative", "frame_rate"},
    "LTXVScheduler": {"steps", "max_shift", "base_shift", "stretch", "terminal"},
    "KSamplerSelect": {"sampler_name"},
    "KSampler": {"model", "positive", "negative", "latent_image", "seed", "steps", "cfg",
                 "sampler_name", "scheduler", "denoise"},
    "KSamplerAdvanced": {"model", "positive", "negative", "latent_image", "add_noise", "noise_seed",
                         "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step",
                         "return_with_leftover_noise"},
    "SamplerCustom": {"model", "add_noise", "noise_seed", "cfg", "positive", "negative", "sampler",
                      "sigmas", "latent_image"},
    "VAEDecode": {"samples", "vae"},
    "CreateVideo": {"images", "fps"},
    "SaveVideo": {"video", "filename_prefix", "format", "codec"},
    "LoadImage": {"image"},
}  # fmt: skip

Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
Item = list[Any]


class ComfyUi:
    """`makes_at_once`: a submit is finished at its second look into the history."""

    def __init__(self, clip: bytes) -> None:
        self.clip = clip
        self.url = ""
        self.version = "0.3.75"
        self.has_jobs = True
        self.honours_ids = True
        self.missing_nodes: set[str] = set()
        self.missing_files: set[str] = set()
        self.makes_at_once = True
        # the wire
        self.submits: list[dict[str, Any]] = []
        self.interrupts: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.strays: list[str] = []
        self.uploads: dict[str, bytes] = {}
        # before a request of this path is answered; an answer of its own takes the place of ours
        self.faults: dict[str, deque[Fault]] = {}
        self.after_submit: deque[Fault] = deque()
        self.renames_uploads = False
        # the server
        self.running: list[Item] = []
        self.pending: list[Item] = []
        self.history: dict[str, dict[str, Any]] = {}
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.connected = asyncio.Event()
        self.stopped_foreign: list[str] = []
        self._number = 0
        self._looks: dict[str, int] = {}

    # life

    def app(self) -> web.Application:
        app = web.Application(client_max_size=100 * 1024 * 1024, middlewares=[self._middleware])
        app.router.add_get("/ws", self._ws)
        app.router.add_post("/prompt", self._prompt)
        app.router.add_get("/queue", self._get_queue)
        app.router.add_post("/queue", self._post_queue)
        app.router.add_post("/interrupt", self._interrupt)
        app.router.add_get("/history/{id}", self._history)
        app.router.add_get("/view", self._view)
        app.router.add_post("/upload/image", self._upload)
        app.router.add_get("/system_stats", self._stats)
        app.router.add_post("/api/jobs/{id}/cancel", self._cancel_job)
        return app

    def restart(self) -> None:
        """Everything it remembers is in memory."""
        self.running, self.pending, self.history = [], [], {}

    def at(self, path: str, *faults: Fault) -> None:
        self.faults.setdefault(path, deque()).extend(faults)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        self.strays += [name for name in CLIENT_HEADERS if name in request.headers]
        if "Origin" in request.headers:
            return web.Response(status=403)
        root = "/" + request.path.split("/")[1]
        if self.faults.get(root):
            answer = await self.faults[root].popleft()(request)
            if answer is not None:
                return answer
        return await handler(request)  # type: ignore[no-any-return]

    # work

    def put_foreign(self, *, is_running: bool, name: str = "somebody-else") -> None:
        self._number += 1
        (self.running if is_running else self.pending).append([self._number, name, {}, {}, []])

    def start(self, name: str) -> None:
        """The pending one begins."""
        item = next(item for item in self.pending if item[1] == name)
        self.pending.remove(item)
        self.running.append(item)

    def finish(self, name: str, outputs: dict[str, Any] | None = None) -> None:
        self._drop(name)
        if outputs is None:
            file = {"filename": f"{name}_00001_.mp4", "subfolder": "veo-studio", "type": "output"}
            outputs = {"14": {"images": [file], "animated": [True]}}
        self.history[name] = entry("success", [["execution_start", {}]], outputs)

    def fail(self, name: str, kind: str, **told: Any) -> None:
        self._drop(name)
        self.history[name] = entry("error", [["execution_start", {}], [kind, told]], {})

    def _drop(self, name: str) -> None:
        for queue in (self.running, self.pending):
            queue[:] = [item for item in queue if item[1] != name]

    async def say(self, kind: str, **data: Any) -> None:
        """One message to every client."""
        for socket in list(self.sockets.values()):
            await socket.send_str(json.dumps({"type": kind, "data": data}))

    # routes

    async def _ws(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client = request.query.get("clientId", "")
        self.sockets[client] = socket
        await socket.send_str(json.dumps({"type": "status", "data": {"sid": client}}))
        self.connected.set()
        try:
            async for _message in socket:
                pass
        finally:
            if self.sockets.get(client) is socket:
                del self.sockets[client]
        return socket

    async def _prompt(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.submits.append(body)
        if unknown := set(body) - {"prompt", "prompt_id", "client_id", "extra_data"}:
            self.strays.append(f"fields {unknown}")
        if body["client_id"] not in self.sockets:
            self.strays.append("submit before the websocket")
        name = body.get("prompt_id", "")
        if not UUID.match(name):
            return refusal("invalid_prompt_id", "prompt_id must be a canonical UUID")
        if (refused := self._validate(body["prompt"])) is not None:
            return refused
        if not self.honours_ids:
            name = f"theirs-{len(self.submits)}"
        self._number += 1
        item = [self._number, name, body["prompt"], {"client_id": body["client_id"]}, []]
        (self.pending if self.running else self.running).append(item)
        if self.after_submit:
            answer = await self.after_submit.popleft()(request)
            if answer is not None:
                return answer
        return web.json_response({"prompt_id": name, "number": self._number, "node_errors": {}})

    def _validate(self, graph: dict[str, Any]) -> web.Response | None:
        for key, node in graph.items():
            kind, inputs = node["class_type"], node["inputs"]
            if kind in self.missing_nodes or kind not in NODES:
                return refusal(
                    "missing_node_type", f"Node '{kind}' not found.",
                    extra={"node_id": key, "class_type": kind, "node_title": kind},
                )  # fmt: skip
            if lost := NODES[kind] - set(inputs):
                return node_refusal(key, kind, "required_input_missing", f"{sorted(lost)[0]}")
            for name, value in inputs.items():
                if isinstance(value, list) and value[0] not in graph:
                    return node_refusal(key, kind, "bad_linked_input", name)
                if isinstance(value, str) and value in self.missing_files:
                    return node_refusal(
                        key, kind, "value_not_in_list", f"{name}: '{value}' not in []",
                        input_name=name, received_value=value,
                    )  # fmt: skip
                if kind == "LoadImage" and value not in self.uploads:
                    return node_refusal(key, kind, "custom_validation_failed", f"Invalid: {value}")
        return None

    async def _get_queue(self, request: web.Request) -> web.Response:
        return web.json_response({"queue_running": self.running, "queue_pending": self.pending})

    async def _post_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        if set(body) != {"delete"}:
            self.strays.append(f"queue {sorted(body)}")
        for name in body["delete"]:
            self.pending[:] = [item for item in self.pending if item[1] != name]
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.interrupts.append(body)
        wanted = body.get("prompt_id") if self.honours_interrupts else None
        self._stop(lambda item: wanted is None or item[1] == wanted)
        return web.Response()

    @property
    def honours_interrupts(self) -> bool:
        return tuple(map(int, self.version.split("."))) >= (0, 3, 57)

    def _stop(self, is_meant: Callable[[Item], bool]) -> bool:
        stopped = [item[1] for item in self.running if is_meant(item)]
        ours = {submit.get("prompt_id") for submit in self.submits}
        for name in stopped:
            if name not in ours:
                self.stopped_foreign.append(name)
            self.fail(name, "execution_interrupted", prompt_id=name, node_id="10")
        return bool(stopped)

    async def _cancel_job(self, request: web.Request) -> web.Response:
        if not self.has_jobs:
            return web.Response(status=404, text="404: Not Found")
        name = request.match_info["id"]
        was_pending = any(item[1] == name for item in self.pending)
        self.pending[:] = [item for item in self.pending if item[1] != name]
        is_done = self._stop(lambda item: item[1] == name) or was_pending
        return web.json_response({"cancelled": is_done})

    async def _history(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        looks = self._looks[name] = self._looks.get(name, 0) + 1
        if self.makes_at_once and looks > 1 and any(item[1] == name for item in self.running):
            self.finish(name)
        found = {name: self.history[name]} if name in self.history else {}
        return web.json_response(found)

    async def _view(self, request: web.Request) -> web.Response:
        if set(request.query) != {"filename", "subfolder", "type"}:
            self.strays.append(f"view {sorted(request.query)}")
        if not request.query["filename"].endswith(".mp4"):
            return web.Response(status=404)
        return web.Response(body=self.clip, content_type="video/mp4")

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        image = form["image"]
        if not isinstance(image, web.FileField) or form["type"] != "input":
            return web.Response(status=400)
        name = f"kept {image.filename}" if self.renames_uploads else image.filename
        subfolder = str(form["subfolder"])
        self.uploads[f"{subfolder}/{name}"] = image.file.read()
        return web.json_response({"name": name, "subfolder": subfolder, "type": "input"})

    async def _stats(self, request: web.Request) -> web.Response:
        device = {"name": "cuda:0 Test Card", "type": "cuda", "vram_total": 24 * 1024**3}
        system = {"os": "posix", "comfyui_version": self.version}
        return web.json_response({"system": system, "devices": [device]})


def entry(status: str, messages: list[Any], outputs: dict[str, Any]) -> dict[str, Any]:
    told = {"status_str": status, "completed": status == "success", "messages": messages}
    return {"prompt": [], "outputs": outputs, "status": told, "meta": {}}


def refusal(kind: str, message: str, extra: dict[str, Any] | None = None) -> web.Response:
    error = {"type": kind, "message": message, "details": "", "extra_info": extra or {}}
    return web.json_response({"error": error, "node_errors": {}}, status=400)


def node_refusal(key: str, kind: str, problem: str, details: str, **extra: Any) -> web.Response:
    one = {"type": problem, "message": "Wrong", "details": details, "extra_info": extra}
    nodes = {key: {"class_type": kind, "dependent_outputs": ["14"], "errors": [one]}}
    error = {
        "type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",
        "details": "", "extra_info": {},
    }  # fmt: skip
    return web.json_response({"error": error, "node_errors": nodes}, status=400)


# faults


async def reset(request: web.Request) -> web.StreamResponse | None:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def says(status: int, text: str = "", **headers: str) -> Fault:
    async def fault(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = "application/json" if text[:1] in "{[n" and text else "text/html"
        return web.Response(status=status, text=text, content_type=kind, headers=named)

    return fault


async def silence(request: web.Request) -> web.StreamResponse | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(20):
            await asyncio.Event().wait()
    return web.Response()


@asynccontextmanager
async def serving(clip: bytes) -> AsyncIterator[ComfyUi]:
    comfy = ComfyUi(clip)
    server = TestServer(comfy.app())
    await server.start_server()
    comfy.url = str(server.make_url("")).rstrip("/")
    try:
        yield comfy
    finally:
        for socket in list(comfy.sockets.values()):
            await socket.close()
        await server.close()


@contextmanager
def serving_in_thread(clip: bytes) -> Iterator[ComfyUi]:
    """For a program in this process, which has a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="comfyui")
    thread.start()

    def done(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    manager: list[Any] = []

    async def start() -> ComfyUi:
        manager.append(serving(clip))
        return await manager[0].__aenter__()  # type: ignore[no-any-return]

    try:
        yield done(start())
    finally:
        done(manager[0].__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
