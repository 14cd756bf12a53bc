"""The official client, unmodified, against the engine."""

from __future__ import annotations

import asyncio
import re
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import SMALL, Open, picture

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    genai = pytest.importorskip("google.genai")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def run_client(base_url: str, folder: Path) -> bytes:
    client: Any = genai.Client(api_key="k", http_options={"base_url": base_url})
    try:
        image = folder / "red.png"
        image.write_bytes(picture("red"))
        uploaded = client.files.upload(file=str(image))
        while client.files.get(name=uploaded.name).state.name != "ACTIVE":
            pass
        created = client.interactions.create(
            model="gemini-omni-1.2-flash",
            input="A paper boat on a calm sea",
            background=True,
            response_format=SMALL,
            generation_config={"seed": 7},
        )
        assert created.status == "queued"
        interaction = created
        while interaction.status in ("queued", "in_progress"):
            time.sleep(0.2)
            interaction = client.interactions.get(created.id)
        assert interaction.status == "completed"
        assert interaction.usage.total_tokens > 0
        uri = interaction.output_video.uri
        match = re.search(r"files/([a-z0-9]+)", uri)
        assert match is not None
        content = client.files.download(file=f"files/{match[1]}")
        other = client.interactions.create(
            model="gemini-omni-1.2-flash",
            input=[
                {"type": "image", "uri": uploaded.uri, "mime_type": "image/png"},
                {"type": "text", "text": "<FIRST_FRAME> a slow push in"},
            ],
            background=True,
            response_format={**SMALL, "duration": "60s"},
        )
        assert client.interactions.cancel(other.id).status == "cancelled"
        client.interactions.delete(other.id)
        with pytest.raises(Exception, match="not found"):
            client.interactions.get(other.id)
        return bytes(content)
    finally:
        client.close()


async def test_the_official_client_makes_and_fetches_a_clip(
    open_engine: Open, tmp_path: Path, rendered: Any
) -> None:
    client = await open_engine()
    content = await asyncio.to_thread(run_client, client.server.base_url, tmp_path)
    assert content == rendered.content
