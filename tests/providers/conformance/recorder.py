"""A scripted loopback server that writes down what it is sent, and a comparison of two such records.

It runs on a thread of its own, so that a blocking official client and an adapter can both talk to it.
A deliberate difference is data: the name of a fact ("body.store", "header user-agent") and its reason.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from fnmatch import fnmatchcase
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# how bytes travel, not what is asked for; everything else counts as part of the request
_TRANSPORT = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept", "accept-encoding"}
)


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived; the names of `headers` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def body(self) -> Any:
        """The body as values: JSON, the parts of a form, or the digest of bytes; None for none."""
        if not self.raw:
            return None
        if self.media_type == "multipart/form-data":
            return _form(self.headers["content-type"], self.raw)
        if self.media_type.endswith("json"):
            # clients have been seen to call every upload JSON
            with suppress(ValueError):
                return json.loads(self.raw)
        return {"size_bytes": len(self.raw), "sha256": sha256(self.raw).hexdigest()}


@dataclass(frozen=True)
class Reply:
    """One answer: `value` as JSON, or `raw` where it is given."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


Script = Callable[[Recorded], Reply]


class Recorder:
    """`with Recorder(script) as recorder:` answers at `recorder.url` and fills `recorder.requests`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Recorded] = []
        self._lock = threading.Lock()
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                recorder._answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:
                """Silent: what arrived is in `requests`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self) -> list[Recorded]:
        """Everything since the last call."""
        with self._lock:
            taken, self.requests = self.requests, []
            return taken

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = _read(handler)
        parts = urlsplit(handler.path)
        request = Recorded(
            handler.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in handler.headers.items()},
            raw,
        )
        with self._lock:
            self.requests.append(request)
        reply = self.script(request)
        body = json.dumps(reply.value).encode() if reply.raw is None else reply.raw
        handler.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _read(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = []
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        parts.append(handler.rfile.read(size))
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass
    return b"".join(parts)


def _form(content_type: str, raw: bytes) -> dict[str, Any]:
    """Fields by their text, files by name, type and digest."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    form: dict[str, Any] = {}
    for part in message.get_payload():
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        file_name = part.get_filename()
        form[name] = (
            content.decode()
            if file_name is None
            else {
                "file_name": file_name,
                "type": part.get_content_type(),
                "sha256": sha256(content).hexdigest(),
            }
        )
    return form


def facts(request: Recorded) -> dict[str, Any]:
    """Everything that a request says, each under a name of its own."""
    told: dict[str, Any] = {"method": request.method, "path": request.path}
    told |= {f"query {name}": value for name, value in request.query.items()}
    for name, value in request.headers.items():
        if name not in _TRANSPORT:
            told[f"header {name}"] = request.media_type if name == "content-type" else value
    return told | dict(_leaves("body", request.body))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}.{index}", inner)
    else:
        yield name, value


def differences(
    ours: Sequence[Recorded], theirs: Sequence[Recorded], deliberate: Mapping[str, str]
) -> list[str]:
    """What differs and is not in `deliberate` (a pattern for a fact's name: the reason), in words."""
    found = []
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} requests in place of {len(theirs)}")
    for number, (own, other) in enumerate(zip(ours, theirs, strict=False), 1):
        mine, told = facts(own), facts(other)
        for name in sorted(mine.keys() | told.keys()):
            if mine.get(name, _MISSING) == told.get(name, _MISSING) or any(
                fnmatchcase(name, pattern) for pattern in deliberate
            ):
                continue
            found.append(
                f"request {number}, {name}: ours {mine.get(name, 'missing')!r}, "
                f"theirs {told.get(name, 'missing')!r}"
            )
    return found


def unused(
    ours: Sequence[Recorded], theirs: Sequence[Recorded], deliberate: Mapping[str, str]
) -> list[str]:
    """Deliberate differences that no request shows any more: their reason is gone."""
    shown = set()
    for own, other in zip(ours, theirs, strict=False):
        mine, told = facts(own), facts(other)
        names = {
            name
            for name in mine.keys() | told.keys()
            if mine.get(name, _MISSING) != told.get(name, _MISSING)
        }
        shown |= {
            pattern for pattern in deliberate if any(fnmatchcase(name, pattern) for name in names)
        }
    return sorted(set(deliberate) - shown)


_MISSING = object()
