"""An engine on a temporary folder, a client for it, and one finished clip to copy."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer

SMALL = {"type": "video", "duration": "2s", "resolution": "360p", "aspect_ratio": "16:9"}


def submit_body(**changes: Any) -> dict[str, Any]:
    return {
        "model": "rehearsal",
        "background": True,
        "input": "A paper boat on a calm sea",
        "generation_config": {"seed": 7},
        "response_format": SMALL,
        **changes,
    }


@dataclass
class Client:
    """What a client of the protocol does, with the raw answers in sight."""

    session: aiohttp.ClientSession
    server: RehearsalServer

    def url(self, path: str) -> str:
        return path if path.startswith("http") else self.server.base_url + path

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.get(self.url(path), **options) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.post(self.url(path), **options) as answer:
            return answer.status, await answer.json()

    async def submit(self, **changes: Any) -> tuple[int, Any]:
        return await self.post("/v1/interactions", json=submit_body(**changes))

    async def accepted(self, **changes: Any) -> str:
        status, answer = await self.submit(**changes)
        assert status == 200, answer
        return str(answer["id"])

    async def poll(self, interaction: str) -> tuple[int, Any]:
        return await self.get(f"/v1/interactions/{interaction}?stream=false")

    async def done(self, interaction: str, timeout_s: float = 120) -> Any:
        async with asyncio.timeout(timeout_s):
            while True:
                status, answer = await self.poll(interaction)
                assert status == 200, answer
                if answer["status"] not in ("queued", "in_progress"):
                    return answer
                await asyncio.sleep(0.05)

    async def link(self, interaction: str) -> str:
        return video_of(await self.done(interaction))["uri"]

    async def download(self, link: str) -> bytes:
        async with self.session.get(link) as answer:
            assert answer.status == 200
            return await answer.read()


async def until(condition: Callable[[], Any], timeout_s: float = 60) -> Any:
    """What `condition` says once it is true; for things outside the event loop, such as processes."""
    async with asyncio.timeout(timeout_s):
        while not (result := condition()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return result


def video_of(answer: Any) -> Any:
    return answer["steps"][-1]["content"][-1]


def picture(colour: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "PNG")
    return stream.getvalue()


@dataclass(frozen=True)
class Finished:
    """A folder with one finished interaction."""

    folder: Path
    interaction: str
    content: bytes


Open = Callable[..., Any]


@pytest.fixture
async def open_engine(tmp_path: Path) -> AsyncIterator[Open]:
    """Starts engines as often as a test likes; all are closed afterwards."""
    closers: list[Any] = []

    async def start(folder: Path | None = None, faults: str = "", **options: Any) -> Client:
        server = RehearsalServer(
            folder or tmp_path / "engine", faults=parse_faults(faults), **options
        )
        await server.start()
        session = aiohttp.ClientSession()
        closers.extend([session.close, server.close])
        return Client(session, server)

    yield start
    for close in closers:
        await close()


@pytest.fixture
async def client(open_engine: Open) -> Client:
    return await open_engine()


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Rendered once for the whole run."""
    folder = tmp_path_factory.mktemp("rendered") / "engine"

    async def render() -> Finished:
        async with RehearsalServer(folder) as server, aiohttp.ClientSession() as session:
            client = Client(session, server)
            interaction = await client.accepted()
            content = await client.download(await client.link(interaction))
            return Finished(folder, interaction, content)

    return asyncio.run(render())


@pytest.fixture
def finished(rendered: Finished, tmp_path: Path) -> Finished:
    """A copy of the finished clip, for one test to use up."""
    folder = tmp_path / "finished"
    shutil.copytree(rendered.folder, folder)
    return Finished(folder, rendered.interaction, rendered.content)
