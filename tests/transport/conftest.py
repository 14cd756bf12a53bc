"""A gateway, an adapter for any address, and one real video."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.transport.cases import Case, Start
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
        return GeminiProvider(
            gateway,
            api_key=key,
            base_url=base_url,
            provider_id="rehearsal" if extensions else "gemini",
            pacing=PACING,
            allow_extensions=extensions,
        )

    return make


def request_of(**settings: object) -> GenerationRequest:
    config = VideoConfig(**settings)  # type: ignore[arg-type]
    return GenerationRequest("A paper boat", "gemini", "gemini-omni-1.2-flash", config)


@pytest.fixture(scope="session")
def clip() -> bytes:
    """A real mp4 of some 2 MB: 40 frames of noise, 320 x 180, and a tone."""
    import av
    import numpy as np

    draw = np.random.default_rng(7)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=20)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.options = {"preset": "ultrafast", "qp": "4", "g": "10", "threads": "1"}
        audio = container.add_stream("aac", rate=48000)
        for _ in range(40):
            noise = draw.integers(0, 255, (180, 320, 3), dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(video.encode())
        tone = np.zeros((2, 48000), dtype=np.float32)
        sound = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
        sound.sample_rate, sound.pts = 48000, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode())
    made = file.getvalue()
    assert len(made) > 2**20 + 100_000, len(made)
    return made


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
