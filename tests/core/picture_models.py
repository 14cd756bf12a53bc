"""A model that makes pictures at a service of the tests' own making."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from tests.core.studios import open_studio
from tests.core.test_inputs_and_samples import Scripted
from tests.fakes.tools import adapter_tools
from tests.transport.file_server import Fault, FileServer
from tests.transport.pictures import noise_picture
from tests.transport.raw_server import running
from veo_studio.core.capabilities import (
    AudioSupport,
    Capabilities,
    ModeLimits,
    ModelInfo,
    Prices,
)
from veo_studio.core.models import (
    Done,
    GenerationKind,
    GenerationRequest,
    InputMode,
    PollPacing,
    ResultRef,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.studio import Studio

PICTURE_MODEL = ModelInfo(
    id="test-picture",
    provider="gemini",
    name="Test picture",
    capabilities=Capabilities(
        durations_s=(),
        aspect_ratios=("1:1", "16:9"),
        resolutions=("1k", "2k"),
        has_negative_prompt=False,
        has_seed=True,
        audio=AudioSupport.NEVER,
        default_duration_s=0,
        default_aspect_ratio="1:1",
        default_resolution="1k",
        modes={InputMode.TEXT: ModeLimits(), InputMode.REFERENCES: ModeLimits(max_images=3)},
    ),
    tokens=1,
    prices=Prices(per_clip={"1k": Decimal("0.04"), "2k": Decimal("0.12")}),
    price_date=date(2026, 11, 20),
    kind=GenerationKind.IMAGE,
)


def picture_request(prompt: str = "A red kite", **settings: Any) -> GenerationRequest:
    config = VideoConfig("1:1", 0, "1k", **settings)
    model = PICTURE_MODEL
    return GenerationRequest(prompt, model.provider, model.id, config, model.kind)


@asynccontextmanager
async def opened(
    content: bytes | None = None, *faults: Fault, mime_type: str = "image/png"
) -> AsyncIterator[tuple[Studio, Scripted, FileServer]]:
    """A studio whose service makes this picture, and the server that hands it out."""
    gateway = HttpGateway()
    pacing = PollPacing(0, 0.02, 60, 48)
    files = FileServer(noise_picture() if content is None else content, faults=list(faults))
    async with running(files) as server, open_studio() as studio:
        provider = Scripted(adapter_tools("gemini", gateway, server.url, pacing=pacing))
        provider.answer = Done(ResultRef(f"{server.url}/picture", mime_type))
        studio.providers._providers["gemini"] = provider
        studio.catalog.add(PICTURE_MODEL)
        yield studio, provider, files
    await gateway.close()
