"""A scripted video service on loopback that speaks Google's Interactions protocol, in its own process.

The prompt is the script: "... done after 2.5 s as FILE" finishes then and links to /files/FILE of the
folder; any other prompt stays in progress for ever. Run as `python -m benchmarks.service FOLDER`; the
first line on stdout is the port. Moments are seconds of CLOCK_MONOTONIC, which all processes share.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.setting import child, environment

_SCRIPT = re.compile(r"done after ([\d.]+) s as ([\w.-]+)")


class Service:
    """The server's side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._accepted: dict[str, tuple[float, float | None, str]] = {}
        self._told_done: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._polls = 0

    async def run(self) -> None:
        from aiohttp import web

        app = web.Application()
        app.add_routes(
            [
                web.post("/v1/interactions", self._submit),
                web.get("/v1/interactions/{id}", self._poll),
                web.get("/seen", self._seen),
                web.get("/files/{name}", self._file),
            ]
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
        await site.start()
        port = runner.addresses[0][1]
        self._base = f"http://127.0.0.1:{port}"
        print(port, flush=True)
        # ends with whoever started it
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()

    async def _submit(self, request: Any) -> Any:
        from aiohttp import web

        body = await request.json()
        name = f"bench-{next(self._numbers)}"
        match = _SCRIPT.search(body["input"])
        after_s = float(match[1]) if match else None
        self._accepted[name] = (time.monotonic(), after_s, match[2] if match else "")
        return web.json_response({"id": name, "status": "queued", "model": body["model"]})

    async def _poll(self, request: Any) -> Any:
        from aiohttp import web

        self._polls += 1
        name = request.match_info["id"]
        if name not in self._accepted:
            return web.json_response({"error": {"code": 404, "status": "NOT_FOUND"}}, status=404)
        since, after_s, file = self._accepted[name]
        now = time.monotonic()
        if after_s is None or now - since < after_s:
            return web.json_response({"id": name, "status": "in_progress"})
        self._told_done.setdefault(name, now)
        part = {"type": "video", "mime_type": "video/mp4", "uri": f"{self._base}/files/{file}"}
        step = {"type": "model_output", "content": [part]}
        return web.json_response({"id": name, "status": "completed", "steps": [step]})

    async def _seen(self, _request: Any) -> Any:
        from aiohttp import web

        return web.json_response({"polls": self._polls, "told_done": self._told_done})

    async def _file(self, request: Any) -> Any:
        from aiohttp import web

        # sent with sendfile: as fast as a loopback line gets from Python
        return web.FileResponse(self._folder / request.match_info["name"], chunk_size=1 << 20)


@dataclass(frozen=True)
class Seen:
    """What the service saw: polls so far, and when it first said "completed" (by operation id)."""

    polls: int
    told_done: dict[str, float]


@dataclass(frozen=True)
class RunningService:
    base_url: str

    def seen(self) -> Seen:
        with urllib.request.urlopen(f"{self.base_url}/seen") as answer:
            return Seen(**json.load(answer))

    def file_url(self, name: str) -> str:
        return f"{self.base_url}/files/{name}"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[RunningService]:
    """The service in a process of its own; files are those of `folder`."""
    with child("benchmarks.service", str(folder), env=environment(folder)) as process:
        assert process.stdout is not None
        yield RunningService(f"http://127.0.0.1:{int(process.stdout.readline())}")


if __name__ == "__main__":
    asyncio.run(Service(Path(sys.argv[1])).run())
