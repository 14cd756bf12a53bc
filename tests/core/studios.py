"""A whole core on this test's own folders, and the rehearsal engine in Google's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.clock import FastClock
from tests.faults.google import Call, Google, accept, refuse
from tests.transport.clips import noise_clip
from veo_studio.core.models import Generation, GenerationRequest, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.studio import Studio

KEY = "AIzaSy-test-key-that-must-not-leak-0123"
SHORT = VideoConfig("16:9", 3, "360p", "", 7)


@asynccontextmanager
async def open_studio(settings: Settings | None = None) -> AsyncIterator[Studio]:
    studio = await Studio.open(Paths.default(), settings or Settings(), Secrets())
    try:
        yield studio
    finally:
        await studio.close()


@asynccontextmanager
async def google(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    faults: str = "",
    delay_s: float | None = None,
    key: str = KEY,
) -> AsyncIterator[RehearsalServer]:
    """Tokens are real, the wire is real; only `key` is accepted, and it is the user's."""
    server = RehearsalServer(
        folder, faults=parse_faults(faults), delay_s=delay_s, required_api_key=key
    )
    async with server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.base_url)
        monkeypatch.setenv("GEMINI_API_KEY", key)
        monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
        yield server


@asynccontextmanager
async def scripted_google(monkeypatch: pytest.MonkeyPatch, key: str = KEY) -> AsyncIterator[Google]:
    """As `google`, where what the clips show does not matter: nothing is drawn."""

    async def accept_this_key(call: Call) -> None:
        is_known = call.received.headers["x-goog-api-key"] == key
        await (accept if is_known else refuse(401, "UNAUTHENTICATED", "Not this key."))(call)

    server = Google(noise_clip(), FastClock(speed=1))
    server.submit_default = accept_this_key
    await server.start()
    try:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", key)
        monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
        yield server
    finally:
        await server.stop()


def omni(
    prompt: str = "A paper boat on a rainy street", config: VideoConfig = SHORT
) -> GenerationRequest:
    return GenerationRequest(prompt, "gemini", "gemini-omni-1.2-flash", config)


def sketch(prompt: str = "A paper boat", seed: int = 7) -> GenerationRequest:
    return GenerationRequest(
        prompt, "rehearsal", "rehearsal-1", VideoConfig("16:9", 2, "480p", "", seed)
    )


async def settled(studio: Studio, request: GenerationRequest) -> Generation:
    (generation,) = await studio.queue.enqueue([request])
    async with asyncio.timeout(60):
        return await studio.queue.wait(generation.id)


async def until(condition: Callable[[], Awaitable[bool]], studio: Studio) -> None:
    """Wait for a condition that an event or a change of the queue will make true."""
    changed = asyncio.Event()
    ends = [
        studio.events.subscribe(lambda _event: changed.set()),
        studio.queue.subscribe(changed.set),
    ]
    try:
        async with asyncio.timeout(30):
            while not await condition():
                changed.clear()
                await changed.wait()
    finally:
        for end in ends:
            end()
