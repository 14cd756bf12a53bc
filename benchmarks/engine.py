"""The whole core without a window, connected to the scripted service."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.service import RunningService
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.studio import Studio

MODEL = "gemini-omni-1.2-flash"
KEY = "benchmark-key"


class OneKey(Secrets):
    """A key for the scripted service, and no keyring."""

    def __init__(self) -> None:
        pass

    def key(self, provider_id: str) -> str | None:
        return KEY if provider_id == "gemini" else None


@contextlib.asynccontextmanager
async def opened(
    home: Path, service: RunningService, *, concurrency: int, poll_interval_s: float
) -> AsyncIterator[Studio]:
    """A studio on an own folder with enough tokens; the environment is put back afterwards."""
    changes = {
        "VEO_STUDIO_GEMINI_URL": service.base_url,
        "VEO_STUDIO_POLL_INTERVAL": str(poll_interval_s),
    }
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        settings = Settings(concurrency={"gemini": concurrency})
        studio = await Studio.open(Paths.below(home), settings, OneKey())
        try:
            await studio.wallet.grant(100_000, "benchmark")
            yield studio
        finally:
            await studio.close()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def request(prompt: str) -> GenerationRequest:
    return GenerationRequest(prompt, "gemini", MODEL, VideoConfig(duration_s=4))
