"""A gateway, an adapter for any address, and one real video."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.fakes.tools import adapter_tools
from tests.transport.cases import Case, Start
from tests.transport.clips import noise_clip
from tests.transport.file_server import FileServer
from tests.transport.raw_server import running
from veo_studio.core.models import GenerationRequest, PollPacing, VideoConfig
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.http import HttpGateway

KEY = "AIzaTestKeyTestKeyTestKeyTestKey0123456"
PACING = PollPacing(first_s=1, interval_s=1, deadline_s=60, retention_h=48)

MakeProvider = Callable[..., GeminiProvider]


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpGateway]:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = HttpGateway(submit_timeout_s=10, connect_timeout_s=5, stall_timeout_s=10)
    yield made
    await made.close()


@pytest.fixture
def make_provider(gateway: HttpGateway) -> MakeProvider:
    def make(base_url: str, *, key: str | None = KEY, extensions: bool = False) -> GeminiProvider:
        name = "rehearsal" if extensions else "gemini"
        tools = adapter_tools(name, gateway, base_url, key=key, pacing=PACING)
        return GeminiProvider(tools, allow_extensions=extensions)

    return make


def request_of(**settings: object) -> GenerationRequest:
    config = VideoConfig(**settings)  # type: ignore[arg-type]
    return GenerationRequest("A paper boat", "gemini", "gemini-omni-1.2-flash", config)


@pytest.fixture(scope="session")
def clip() -> bytes:
    return noise_clip()


@pytest.fixture
def video_file(clip: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip)
    return path


@pytest.fixture
def start(make_provider: MakeProvider, tmp_path: Path) -> Start:
    folder = tmp_path / "outputs"
    folder.mkdir()

    @contextlib.asynccontextmanager
    async def started(files: FileServer) -> AsyncIterator[Case]:
        async with running(files) as raw:
            yield Case(raw, files, make_provider(raw.url), folder)

    return started
