"""An adapter at a scripted ComfyUI: what the tests of bodies, submits, polls and cancels share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.fakes.tools import adapter_tools
from tests.providers.servers.comfyui import ComfyUi, serving
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    VideoConfig,
)
from veo_studio.core.providers.comfyui import ComfyUiProvider
from veo_studio.core.providers.http import HttpGateway

CONFIG = VideoConfig("16:9", 5, "480p", "", 7)


class Quick(ComfyUiProvider):
    absence_s = 0.05
    stop_look_s = 0.02


@dataclass
class Bench:
    comfy: ComfyUi
    adapter: Quick

    def body(self, model: str = "wan-2.2-text", config: VideoConfig = CONFIG, *uploads: str) -> Any:
        request = GenerationRequest("A paper boat", "comfyui", model, config)
        return self.adapter.build_body(request, uploads)

    async def submit(self) -> Operation:
        await self.adapter.prepare()
        return await self.adapter.submit(self.body(), attempt_uuid=str(uuid.uuid4()))

    async def running(self) -> Operation:
        """Accepted, and made until a test says otherwise."""
        self.comfy.makes_at_once = False
        return await self.submit()

    async def pending(self) -> Operation:
        self.comfy.makes_at_once = False
        self.comfy.put_foreign(is_running=True)
        return await self.submit()


@asynccontextmanager
async def at_a_bench(folder: Path) -> AsyncIterator[Bench]:
    """Nobody else's work may have been stopped, and nothing else been asked."""
    gateway = HttpGateway(submit_timeout_s=2.0)
    async with serving(b"a clip") as comfy:
        adapter = Quick(adapter_tools("comfyui", gateway, comfy.url, key=None, files=folder))
        try:
            yield Bench(comfy, adapter)
            assert not comfy.strays
            assert not comfy.stopped_foreign
        finally:
            await adapter.close()
            await gateway.close()


def picture(folder: Path, role: InputRole, name: str = "boat.png") -> MediaInput:
    source = folder / name
    Image.new("RGB", (64, 48), "red").save(source)
    return take_in_picture(InputFiles(folder), source, role)
