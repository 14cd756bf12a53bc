"""ComfyUI from the terminal: a clip with one address, and the user's own workflows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.providers.servers.comfyui import serving_in_thread
from tests.transport.clips import noise_clip
from veo_studio.core.workflows import SHIPPED_FOLDER


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


@pytest.fixture
def exported(tmp_path):
    """What ComfyUI's Export (API) writes."""
    graph = json.loads((SHIPPED_FOLDER / "wan-2.2-text.json").read_text())["workflow"]
    file = tmp_path / "my wan.json"
    file.write_text(json.dumps(graph))
    return file


def test_an_exported_workflow_becomes_a_model_and_can_be_removed(here, exported):
    done = here("workflows", "import", str(exported))
    assert done.stdout == "my-wan\n"
    assert "prompt: Prompt (7), text" in done.stderr
    assert "5 s → 5.06 s (81 frames)" in done.stderr
    listed = json.loads(here("workflows", "--json").stdout)
    assert listed["problems"] == []
    (mine,) = [item for item in listed["workflows"] if item["is_own"]]
    assert mine["id"] == "my-wan"
    assert mine["lengths_s"] == [2.062, 3.062, 4.062, 5.062]
    assert "my-wan" in here("models").stdout
    here("workflows", "import", str(exported), code=2)
    here("workflows", "remove", "my-wan")
    assert "my-wan" not in here("workflows").stdout


def test_places_can_be_said_and_taken_away(here, exported):
    done = here(
        "workflows", "import", str(exported), "--name", "Swapped", "--prompt", "8.text",
        "--negative", "none", "--longest", "8", "--frame-rule", "8n+1", "--json",
    )  # fmt: skip
    made = json.loads(done.stdout)
    assert made["id"] == "swapped"
    assert made["fields"]["prompt"][0]["node"] == "8"
    assert "negative" not in made["fields"]
    assert made["durations_s"][-1] == 8
    assert made["frame_rule"] == "8n+1"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--prompt", "text"), "NODE.input"),
        (("--prompt", "99.text"), "no input 99.text"),
        (("--prompt", "8.text"), "cannot hold both"),
        (("--frame-rule", "x"), "no rule for frames"),
        (("--name", "…"), "needs a name"),
    ],
)
def test_what_does_not_fit_is_bad_input(here, exported, options, words):
    done = here("workflows", "import", str(exported), *options, "--json", code=2)
    assert words in json.loads(done.stdout)["error"]


def test_an_ordinary_saved_workflow_gets_the_hint(here, tmp_path):
    file = tmp_path / "saved.json"
    file.write_text('{"nodes": [], "links": []}')
    assert "Export (API)" in here("workflows", "import", str(file), code=2).stderr
    assert "cannot be read" in here("workflows", "import", str(tmp_path / "no"), code=2).stderr


def test_the_doctor_names_a_workflow_that_is_left_out(here, studio_home, exported):
    here("workflows", "import", str(exported))
    (studio_home / "config" / "workflows" / "my-wan.json").write_text("{")
    assert "is left out" in here("workflows").stderr
    assert "my-wan.json is left out" in here("doctor", "--json", code=None).stdout
