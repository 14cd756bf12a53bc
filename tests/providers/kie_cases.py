"""What KIE's tests share: an adapter for a scripted server, requests and pictures for it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.fakes.tools import adapter_tools
from tests.providers.servers.kie import KEY, KieServer
from veo_studio.core.models import (
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.kie import KieProvider

OMNI = "google/gemini-omni-flash-1-1"
SEEDANCE = "bytedance/seedance-2-5"
WAN = "wan/2-5-text-to-video"
SHORT = VideoConfig("16:9", 4, "720p")


def adapter(
    server: KieServer | str, gateway: HttpGateway, *, key: str | None = KEY, **options: str
) -> KieProvider:
    if isinstance(server, KieServer):
        options = {"upload_url": server.upload_host.url, **options}
        server = server.url
    return KieProvider(adapter_tools("kie", gateway, server, key=key, **options))


def request_of(
    model: str = "veo3_fast", config: VideoConfig = SHORT, prompt: str = "A paper boat"
) -> GenerationRequest:
    return GenerationRequest(prompt, "kie", model, config)


def operation_of(name: str, model: str = "veo3_fast", **fields: Any) -> Operation:
    return Operation("kie", name, model, **fields)


async def submitted(
    provider: KieProvider, request: GenerationRequest | None = None, *uploads: str
) -> Operation:
    body = provider.build_body(request or request_of(), uploads)
    await provider.prepare()
    return await provider.submit(body, attempt_uuid="1b4e28ba-2fa1-11d2-883f-0016d3cca427")


def item_of(role: InputRole, path: Path | None = None, **fields: Any) -> MediaInput:
    content = path.read_bytes() if path else b"a picture"
    known = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "mime_type": "video/mp4" if role is InputRole.SOURCE else "image/png",
        "size_bytes": len(content),
        "name": "my secret holiday.png",
    }
    return MediaInput(role, **{**known, **fields})  # type: ignore[arg-type]


def made_at_kie(operation_id: str = "veo_task_0001") -> MediaInput:
    return item_of(InputRole.SOURCE, operation_id=operation_id, provider="kie", generation_id=1)


def sharper(resolution: str, source: MediaInput | None = None) -> GenerationRequest:
    config = VideoConfig(
        "16:9", 4, resolution, task=Task.UPSCALE, inputs=(source or made_at_kie(),)
    )
    return GenerationRequest("A paper boat", "kie", "veo3-upgrade", config)
