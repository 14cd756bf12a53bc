"""`generate` from pictures and clips: the rehearsal engine takes what the real services take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import here, here_json, program, scripted_google  # noqa: F401

SMALL = ("--resolution", "480p", "--provider", "rehearsal")


@pytest.fixture
def pictures(tmp_path):
    """Three pictures by name, and what is none."""
    for name, colour in (("first", "red"), ("last", "blue"), ("third", "green")):
        Image.new("RGB", (64, 36), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "words.png").write_text("no picture")
    return {path.stem: str(path) for path in tmp_path.glob("*.png")}


def roles(made):
    return [item["role"] for item in made["config"]["inputs"]]


def test_frames_and_references_reach_the_engine(here_json, pictures):  # noqa: F811
    first, last = ("--image", pictures["first"]), ("--last-frame", pictures["last"])
    made = here_json("generate", "A kite", *SMALL, "--duration", "2", *first, *last)
    assert made["status"] == "completed"
    assert roles(made) == ["first_frame", "last_frame"]
    assert made["config"]["inputs"][0]["name"] == "first.png"
    references = ("--reference", pictures["first"], "--reference", pictures["third"])
    made = here_json("generate", "A kite", *SMALL, "--duration", "2", *references)
    assert roles(made) == ["reference", "reference"]
    assert Path(made["video_path"]).is_file()


def test_a_clip_of_the_library_is_edited_and_extended(here, here_json):  # noqa: F811
    made = here_json("generate", "A kite", *SMALL, "--duration", "3", "--aspect", "9:16")
    clip = str(made["id"])
    edited = here_json("generate", "Make it night", "--edit", clip, "--provider", "rehearsal")
    config = edited["config"]
    assert (config["task"], roles(edited)) == ("edit", ["source"])
    # those of the clip, as nothing else was said
    assert (config["duration"], config["aspect_ratio"], config["resolution"]) == (3, "9:16", "480p")
    assert config["inputs"][0]["generation_id"] == made["id"]
    extended = here_json("generate", "It flies on", "--extend", clip, "--duration", "2", *SMALL)
    assert (extended["config"]["task"], extended["config"]["duration"]) == ("extend", 2)
    words = ("generate", "Make it night", "--edit", clip, "--provider", "rehearsal")
    assert "leave --duration out" in here(*words, "--duration", "5", code=2).stderr
    assert "leave --aspect out" in here(*words, "--aspect", "16:9", code=2).stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--image", "words"), "words.png is no PNG, JPEG or WebP picture"),
        (("--edit", "7"), "no generation 7"),
        (("--upscale", "7"), "no generation 7"),
        (("--reference", "first", "--reference", "last", "--reference", "third",
          "--reference", "first"), "at most 3 reference pictures"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_in_is_bad_input(here, here_json, pictures, options, words):  # noqa: F811
    arguments = [pictures.get(option, option) for option in options]
    done = here("generate", "A kite", *arguments, "--provider", "rehearsal", code=2)
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert here_json("history") == []


def test_a_generation_without_a_clip_is_no_source(here, here_json, monkeypatch):  # noqa: F811
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "fail")
    failed = json.loads(here("generate", "A kite", *SMALL, "--json", code=3).stdout)
    done = here("generate", "Make it night", "--edit", str(failed["id"]), code=2)
    assert done.stderr == f"Generation {failed['id']} is failed: it has no clip.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        # a name that several sell is that of a connected one
        (("--model", "veo-3.1", "--image", "first"), "at Runway. Add --yes"),
        (("--model", "gen4_turbo"), "Gen-4 Turbo does not make a clip from words alone: it takes a"
                                    " first frame. Choose gemini-omni-1.2-flash"),
        (("--model", "gen4.5", "--reference", "first"), "Gen-4.5 does not take reference pictures."),
        (("--provider", "comfyui", "--reference", "first"), "does not take reference pictures."),
        (("--upscale", "1"), "No connected service makes a clip sharper. Connect KIE.AI"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_is_named_with_those_that_can(
    here, here_json, pictures, monkeypatch, arguments, words  # noqa: F811
):  # fmt: skip
    here("generate", "A kite", *SMALL, "--duration", "2")
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_not-a-real-one")
    monkeypatch.setenv("GEMINI_API_KEY", "not-a-real-key-0123456789")
    monkeypatch.setenv("COMFYUI_URL", "http://127.0.0.1:9")
    told = [pictures.get(argument, argument) for argument in arguments]
    done = here("generate", "A kite", *told, code=2)
    assert words in done.stderr
    assert len(here_json("history")) == 1


def test_the_default_model_is_one_that_can(here, here_json, pictures, monkeypatch):  # noqa: F811
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_not-a-real-one")
    image = ("--image", pictures["first"])
    assert "Runway. Add --yes" in here("generate", "A kite", *image, code=2).stderr
    # extending is what only the rehearsal engine of the connected ones can do
    made = here_json("generate", "A kite", *SMALL, "--duration", "2")
    extended = here_json("generate", "On and on", "--extend", str(made["id"]), "--duration", "2")
    assert extended["provider"] == "rehearsal"
