"""Google Cloud as far as Veo needs it, on 127.0.0.1: sign-in, predictions and a bucket.

It follows providers.md, section 5: unknown fields are refused, a paid POST is counted before it is
answered, and every request but the sign-in needs a token that was handed out here.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.tools import adapter_tools
from tests.transport.file_server import FileServer
from tests.transport.raw_server import RawServer, Received, Reply, running
from veo_studio.core.models import PollPacing
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.vertex import VertexProvider

PROJECT = "my-films-123"
LOCATION = "us-central1"
ACCOUNT = f"studio@{PROJECT}.iam.gserviceaccount.com"
PACING = PollPacing(first_s=1, interval_s=1, deadline_s=60, retention_h=48)
MODELS = ("veo-3.1-generate-001", "veo-3.1-fast-generate-001", "veo-3.1-lite-generate-001")
_MODEL = re.compile(
    r"/v1/(projects/([^/]+)/locations/([^/]+)/publishers/google/models/([^/:]+)):(\w+)\Z"
)
_OBJECT = re.compile(r"/download/storage/v1/b/([^/]+)/o/([^/?]+)\?alt=media\Z")
_MEDIA = {"gcsUri", "bytesBase64Encoded", "mimeType"}
_INSTANCE = {"prompt", "image", "lastFrame", "video", "referenceImages"}
_PARAMETERS: dict[str, Callable[[Any], bool]] = {
    "durationSeconds": lambda told: told in (4, 6, 8),
    "aspectRatio": lambda told: told in ("16:9", "9:16"),
    "resolution": lambda told: told in ("720p", "1080p", "4k"),
    "sampleCount": lambda told: type(told) is int and 1 <= told <= 4,
    "seed": lambda told: type(told) is int and 0 <= told < 2**32,
    "negativePrompt": lambda told: isinstance(told, str),
    "generateAudio": lambda told: isinstance(told, bool),
    "storageUri": lambda told: re.match(r"gs://[a-z0-9._-]+/", str(told)) is not None,
}


@functools.cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Call:
    """What a step works with; `name` is the operation's, "" in a sign-in."""

    vertex: Vertex
    received: Received
    reply: Reply
    name: str = ""

    async def says(self, value: Any, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        await self.reply.json(value, status, named)


Step = Callable[[Call], Awaitable[None]]


class Vertex:
    """Without steps: every sign-in and submit is accepted, every poll says done, every file is whole."""

    def __init__(self, clip: bytes) -> None:
        self.files = FileServer(clip)
        self.token_steps: deque[Step] = deque()
        self.submit_steps: deque[Step] = deque()
        self.poll_steps: deque[Step] = deque()
        self.download_steps: deque[Step] = deque()
        self.poll_default: Step = done_in_bucket
        self.expires_in_s = 3600
        self.location = LOCATION
        self.tokens: list[str] = []
        # tokens that no longer count
        self.revoked: set[str] = set()
        self.submits: list[Received] = []
        self.polls: list[Received] = []
        self.downloads: list[Received] = []
        self.accepted: list[str] = []
        # what no client of ours should ask
        self.strays: list[str] = []
        self.url = ""
        self._running = AsyncExitStack()
        self._raw: RawServer | None = None

    @property
    def requests(self) -> list[Received]:
        assert self._raw is not None
        return self._raw.requests

    async def start(self) -> None:
        self._raw = await self._running.enter_async_context(running(self))
        self.url = self._raw.url

    async def stop(self) -> None:
        await self._running.aclose()

    async def __call__(self, received: Received, reply: Reply) -> None:
        call = Call(self, received, reply)
        if received.path == "/token" and received.method == "POST":
            await _next(self.token_steps, sign_in)(call)
            return
        bearer = received.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer not in self.tokens or bearer in self.revoked:
            await refuse(401, "UNAUTHENTICATED", "The token is not valid.")(call)
            return
        if "x-goog-api-key" in received.headers or "key=" in received.path:
            self.strays.append(f"a second credential at {received.path}")
        if (found := _MODEL.match(received.path)) and received.method == "POST":
            await self._predict(call, found)
        elif (found := _OBJECT.match(received.path)) and received.method == "GET":
            self.downloads.append(received)
            await _next(self.download_steps, send_file)(call)
        else:
            self.strays.append(received.path)
            await refuse(404, "NOT_FOUND", "No such path.")(call)

    async def _predict(self, call: Call, found: re.Match[str]) -> None:
        base, project, location, model, verb = found.groups()
        body = call.received.json()
        if verb == "predictLongRunning":
            self.submits.append(call.received)
            named = Call(
                self, call.received, call.reply, f"{base}/operations/op-{len(self.submits)}"
            )
            if (project, location) != (PROJECT, self.location):
                await refuse(403, "PERMISSION_DENIED", f"No access to {project}.")(named)
            elif model not in MODELS:
                await refuse(404, "NOT_FOUND", f"Publisher model {model} was not found.")(named)
            elif words := _unknown_in(body):
                await refuse(400, "INVALID_ARGUMENT", words)(named)
            else:
                await _next(self.submit_steps, accept)(named)
        elif verb == "fetchPredictOperation" and set(body) == {"operationName"}:
            self.polls.append(call.received)
            name = body["operationName"]
            if not self.poll_steps and name not in self.accepted:
                await refuse(404, "NOT_FOUND", "The operation does not exist.")(call)
                return
            step = _next(self.poll_steps, self.poll_default)
            await step(Call(self, call.received, call.reply, name))
        else:
            self.strays.append(call.received.path)
            await refuse(404, "NOT_FOUND", "No such method.")(call)


def _next(steps: deque[Step], usual: Step) -> Step:
    return steps.popleft() if steps else usual


def _unknown_in(body: dict[str, Any]) -> str:
    """What the service would complain about; "" for a body that it takes."""
    if set(body) != {"instances", "parameters", "labels"} or len(body["instances"]) != 1:
        return f"Unknown name in {sorted(body)}."
    (instance,) = body["instances"]
    if not set(instance) <= _INSTANCE or not instance.get("prompt"):
        return f"Unknown name in {sorted(instance)}."
    media = [instance[name] for name in ("image", "lastFrame", "video") if name in instance]
    for reference in instance.get("referenceImages", []):
        if set(reference) != {"image", "referenceType"} or reference["referenceType"] != "ASSET":
            return "Unknown reference."
        media.append(reference["image"])
    for item in media:
        if not set(item) <= _MEDIA or len(item) != 2 or "mimeType" not in item:
            return f"Unknown media {sorted(item)}."
        base64.b64decode(item.get("bytesBase64Encoded", ""), validate=True)
    for name, told in body["parameters"].items():
        if name not in _PARAMETERS or not _PARAMETERS[name](told):
            return f"Unknown parameter {name}."
    return ""


# steps


def error_of(code: int, status: str, message: str, *details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


def refuse(http_status: int, status: str, message: str = "No.", **headers: str) -> Step:
    async def step(call: Call) -> None:
        await call.says(error_of(http_status, status, message), http_status, **headers)

    return step


def answer(value: Any, status: int = 200, **headers: str) -> Step:
    async def step(call: Call) -> None:
        await call.says(value, status, **headers)

    return step


def send(body: bytes, kind: str, status: int = 200) -> Step:
    async def step(call: Call) -> None:
        await call.reply.head(status, {"Content-Type": kind, "Content-Length": str(len(body))})
        await call.reply.body(body)

    return step


async def reset(call: Call) -> None:
    await call.reply.reset()


async def sign_in(call: Call) -> None:
    """The exchange of a signed assertion for a token, checked as Google checks it."""
    form = parse_qs(call.received.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, signature = form["assertion"][0].split(".")
    private_key().public_key().verify(
        _unpadded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    told = json.loads(_unpadded(claims))
    assert (told["iss"], told["aud"]) == (ACCOUNT, "https://oauth2.googleapis.com/token")
    assert told["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    token = f"ya29.a-token-for-tests-{len(call.vertex.tokens) + 1}-0123456789"
    call.vertex.tokens.append(token)
    expires_in = call.vertex.expires_in_s
    await call.says({"access_token": token, "expires_in": expires_in, "token_type": "Bearer"})


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def take(call: Call) -> str:
    """Accept the submit; from here on it would be billed."""
    call.vertex.accepted.append(call.name)
    return call.name


async def accept(call: Call) -> None:
    await call.says({"name": take(call)})


def accept_and(step: Step) -> Step:
    """Accepted, and answered otherwise."""

    async def taken(call: Call) -> None:
        take(call)
        await step(call)

    return taken


async def run_on(call: Call) -> None:
    await call.says({"name": call.name})


async def done_in_bucket(call: Call) -> None:
    """As many clips as were asked for, where the submit said."""
    parameters = call.vertex.submits[-1].json()["parameters"]
    if "storageUri" not in parameters:
        await done_inline(call)
        return
    folder = f"{parameters['storageUri']}{call.name.rpartition('/')[2]}"
    links = [f"{folder}/sample_{number}.mp4" for number in range(parameters["sampleCount"])]
    await done_with([{"gcsUri": link, "mimeType": "video/mp4"} for link in links])(call)


async def done_inline(call: Call) -> None:
    count = call.vertex.submits[-1].json()["parameters"]["sampleCount"]
    encoded = base64.b64encode(call.vertex.files.content).decode()
    await done_with([{"bytesBase64Encoded": encoded, "mimeType": "video/mp4"}] * count)(call)


def done_with(videos: list[Any], **more: Any) -> Step:
    async def step(call: Call) -> None:
        kind = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
        response = {"@type": kind, "raiMediaFilteredCount": 0, "videos": videos, **more}
        await call.says({"name": call.name, "done": True, "response": response})

    return step


def failed(code: int, message: str) -> Step:
    async def step(call: Call) -> None:
        error = {"code": code, "message": message}
        await call.says({"name": call.name, "done": True, "error": error})

    return step


async def send_file(call: Call) -> None:
    found = _OBJECT.match(call.received.path)
    assert found is not None
    assert unquote(found[2]).endswith(".mp4")
    await call.vertex.files(call.received, call.reply)


# the client's side


def credentials_file(folder: Path, url: str, **changes: Any) -> Path:
    """A service account's key, as the console hands it out; its sign-in is at `url`."""
    pem = private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    told = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "0123456789abcdef",
        "private_key": pem.decode(),
        "client_email": ACCOUNT,
        "client_id": "1234567890",
        "token_uri": f"{url}/token",
        **changes,
    }
    path = folder / "service-account.json"
    path.write_text(json.dumps(told))
    return path


@dataclass
class Case:
    """A server, and an adapter that is connected to it."""

    vertex: Vertex
    provider: VertexProvider
    gateway: HttpGateway
    folder: Path

    def another(self, **options: str) -> VertexProvider:
        """Another adapter, as after a restart or with other settings."""
        told = {
            "project": PROJECT,
            "credentials_file": str(self.folder / "service-account.json"),
            "storage_url": self.vertex.url,
            **options,
        }
        kept = {name: value for name, value in told.items() if value}
        files = self.folder / "inputs"
        tools = adapter_tools(
            "vertex", self.gateway, self.vertex.url, key=None, pacing=PACING, files=files, **kept
        )
        return VertexProvider(tools)


@asynccontextmanager
async def connected(folder: Path, clip: bytes = b"", **options: str) -> AsyncIterator[Case]:
    vertex = Vertex(clip)
    await vertex.start()
    gateway = HttpGateway(submit_timeout_s=10, connect_timeout_s=5, stall_timeout_s=10)
    try:
        credentials_file(folder, vertex.url)
        case = Case(vertex, None, gateway, folder)  # type: ignore[arg-type]
        case.provider = case.another(**options)
        yield case
        assert vertex.strays == []
    finally:
        await gateway.close()
        await vertex.stop()
