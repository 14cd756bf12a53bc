"""What Runway's tests share: an adapter for a scripted server, and requests for it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.fakes.tools import adapter_tools
from tests.providers.servers.runway import KEY, RunwayServer
from veo_studio.core.models import GenerationRequest, InputRole, MediaInput, Operation, VideoConfig
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.runway import RunwayProvider

SHORT = VideoConfig("16:9", 4, "720p")


def adapter(
    server: RunwayServer | str, gateway: HttpGateway, *, key: str | None = KEY, **more: Any
) -> RunwayProvider:
    url = server if isinstance(server, str) else server.url
    return RunwayProvider(adapter_tools("runway", gateway, url, key=key, **more))


def request_of(
    model: str = "veo3.1", config: VideoConfig = SHORT, **fields: Any
) -> GenerationRequest:
    return GenerationRequest("A paper boat", "runway", model, config, **fields)


def operation_of(name: str) -> Operation:
    return Operation("runway", name, "veo3.1")


async def submitted(provider: RunwayProvider) -> Operation:
    body = provider.build_body(request_of())
    return await provider.submit(body, attempt_uuid="attempt-1")


def picture(folder: Path, name: str = "kite.png") -> Path:
    """A real PNG of more than 512 bytes."""
    from PIL import Image

    path = folder / name
    Image.effect_noise((64, 64), 80).convert("RGB").save(path)
    return path


def item_of(path: Path) -> MediaInput:
    content = path.read_bytes()
    return MediaInput(
        InputRole.FIRST_FRAME,
        hashlib.sha256(content).hexdigest(),
        "image/png",
        len(content),
        "My holiday.png",
    )
