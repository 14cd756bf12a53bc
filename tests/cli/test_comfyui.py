"""ComfyUI from the terminal: a clip with one address, and the user's own workflows."""

from __future__ import annotations

import json
from pathlib import Path

from tests.providers.servers.comfyui import serving_in_thread
from tests.transport.clips import noise_clip


def test_a_clip_is_made_with_one_address(here, monkeypatch):
    with serving_in_thread(noise_clip()) as comfy:
        monkeypatch.setenv("COMFYUI_URL", comfy.url)
        listed = json.loads(here("models", "--json").stdout)
        (wan,) = [model for model in listed if model["id"] == "wan-2.2-text"]
        assert wan["is_ready"]
        done = here(
            "generate", "A paper boat", "--provider", "comfyui", "--model", "wan-2.2-text",
            "--duration", "5", "--resolution", "480p", "--seed", "7", "--json", "--yes",
        )  # fmt: skip
        made = json.loads(done.stdout)
        assert made["status"] == "completed"
        assert float(made["price_usd"]) == 0
        assert Path(made["video_path"]).read_bytes() == comfy.clip
        assert not comfy.strays


def test_without_an_address_it_is_locked_with_a_sentence(here):
    done = here("generate", "A paper boat", "--provider", "comfyui", "--json", "--yes", code=2)
    assert "Start ComfyUI and set its address" in done.stdout
