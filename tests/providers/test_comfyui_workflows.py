"""Workflow templates: what is read, what is guessed, and what is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode
from veo_studio.core.workflow_draft import draft_of, lengths_in_words
from veo_studio.core.workflow_fields import candidates, guess_fields
from veo_studio.core.workflow_folder import remove_workflow, save_workflow
from veo_studio.core.workflows import (
    SHIPPED_FOLDER,
    Graph,
    Slot,
    Workflow,
    frame_rule,
    graph_from,
    id_from,
    load_workflows,
    parse_json,
    read_workflow,
    workflow_from,
)

SHIPPED = sorted(SHIPPED_FOLDER.glob("*.json"))


def shipped(name: str = "wan-2.2-text") -> Workflow:
    return read_workflow(SHIPPED_FOLDER / f"{name}.json")


def graph_of(name: str = "wan-2.2-text") -> dict[str, Any]:
    return copy.deepcopy(dict(shipped(name).graph))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_template_says_what_a_guess_would_find(path: Path) -> None:
    workflow = read_workflow(path)
    assert workflow.id == path.stem
    assert guess_fields(workflow.graph).fields == workflow.fields
    assert workflow_from(workflow.to_json()).to_json() == workflow.to_json()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_template_offers_sizes_that_its_model_can_make(path: Path) -> None:
    workflow = read_workflow(path)
    grain = 32 if path.stem in ("ltx-video", "wan-2.2-5b") else 16
    for (shape, _), (width, height) in workflow.rules.sizes.items():
        across, down = map(int, shape.split(":"))
        assert width % grain == height % grain == 0
        assert width / height == pytest.approx(across / down, rel=0.07)


def test_every_template_is_a_model_of_the_catalogue_and_free() -> None:
    catalog = Catalog.load()
    models = [model for model in catalog.models if model.provider == "comfyui"]
    assert {model.id for model in models} == {path.stem for path in SHIPPED}
    for model in models:
        assert model.prices.estimate(model.default_config()) == 0
        assert model.tokens == 0
        if InputMode.TEXT in model.capabilities.modes:
            catalog.check(model, model.default_config())


def test_the_users_templates_join_and_a_broken_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    save_workflow(draft_of(graph_of(), "Mine").build(), folder)
    (folder / "broken.json").write_text("{")
    catalog = Catalog.load(tmp_path / "models.toml")
    mine = catalog.find("mine", "comfyui")
    assert mine.recipe.path == folder / "mine.json"
    (problem,) = catalog.problems
    assert "broken.json is left out: The file is no JSON." in problem


def test_an_imported_workflow_is_a_model_at_once() -> None:
    catalog = Catalog.load()
    catalog.add(draft_of(graph_of(), "Mine").build().model())
    assert catalog.find("mine", "comfyui") is catalog.get("comfyui", "mine")


# what is refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"nodes": [], "links": []}', r"Export \(API\)"),
        (b"{}", r"Export \(API\)"),
        (b"[]", r"Export \(API\)"),
        (b'{"1": {"inputs": {}}}', r"Export \(API\)"),
        (b'{"1": {"class_type": "A", "inputs": []}}', r"Export \(API\)"),
        (b"not json", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"a": NaN}', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b" " * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
    ],
)
def test_a_file_that_is_no_exported_workflow_says_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        graph_from(parse_json(content))


def test_a_graph_inside_a_request_is_taken_too() -> None:
    graph = graph_of()
    assert graph_from({"prompt": graph, "client_id": "x"}) == graph


def changed(**parts: Any) -> dict[str, Any]:
    document = copy.deepcopy(shipped().to_json())
    for name, value in parts.items():
        if isinstance(value, dict):
            document[name] |= value
        else:
            document[name] = value
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (changed(format=2), "format"),
        (changed(fields={"prompt": ["99", "text"]}), "does not have"),
        (changed(fields={"mood": ["7", "text"]}), "no field 'mood'"),
        (changed(fields={"prompt": [[7, "text"]]}), "a node and one of its inputs"),
        (changed(fields={"prompt": 7}), "does not fit"),
        (changed(catalogue={"id": "../x"}), "its id"),
        (changed(catalogue={"audio": "switchable"}), "sound"),
        (changed(catalogue={"max_samples": 2}), "one clip"),
        (changed(catalogue={"modes": {"first_frame": {}}}), "no place"),
        (changed(catalogue={"modes": {"edit": {}}}), "no place"),
        (changed(catalogue={"modes": {}}), "offers no"),
        (changed(catalogue={"durations_s": []}), "offers no"),
        (changed(catalogue={"aspect_ratios": ["21:9"]}), "no size in pixels for 21:9 480p"),
        (changed(rules={"frames": "n*n"}), "no rule"),
        (changed(rules={"fps": 0}), "frames per second"),
        (changed(rules={"sizes": {"16:9": [1, 2]}}), "named like"),
        (changed(rules={"sizes": {"16:9 480p": [1, 99999]}}), "no size of a picture"),
        (changed(workflow={"1": {}}), r"Export \(API\)"),
        ([], "does not fit"),
        (None, "does not fit"),
    ],
)
def test_a_template_that_promises_what_it_cannot_keep_is_refused(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        workflow_from(document)


def test_names_are_taken_once_and_shipped_ones_stay(tmp_path: Path) -> None:
    mine = draft_of(graph_of(), "Mine").build()
    path = save_workflow(mine, tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    assert [item.name for item in tmp_path.iterdir()] == ["mine.json"]
    with pytest.raises(ValueError, match="'mine' already"):
        save_workflow(mine, tmp_path)
    with pytest.raises(ValueError, match=r"'wan-2\.2-text' already"):
        save_workflow(draft_of(graph_of(), "wan-2.2-text").build(), tmp_path)
    with pytest.raises(ValueError, match="comes with Veo Studio"):
        remove_workflow("wan-2.2-text", tmp_path)
    for name in ("../mine", "other", ""):
        with pytest.raises(ValueError, match="no workflow of yours"):
            remove_workflow(name, tmp_path)
    remove_workflow("mine", tmp_path)
    assert load_workflows(tmp_path) == load_workflows(None)


@pytest.mark.parametrize(
    ("name", "found"),
    [("My Wan!", "my-wan"), ("  ../../etc ", "etc"), ("wan 2.2", "wan-2.2"), ("A" * 200, "a" * 60)],
)
def test_an_id_is_made_of_a_name(name: str, found: str) -> None:
    assert id_from(name) == found


@pytest.mark.parametrize("name", ["", "  ", "…", "../.."])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        id_from(name)


@pytest.mark.parametrize(
    ("text", "found"), [("n", (1, 0)), ("4n+1", (4, 1)), ("8n + 1", (8, 1)), ("2n", (2, 0))]
)
def test_rules_for_frames(text: str, found: tuple[int, int]) -> None:
    assert frame_rule(text) == found


@pytest.mark.parametrize("text", ["", "0n", "4", "n-1", "4x+1"])
def test_a_rule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no rule for frames"):
        frame_rule(text)


# what is guessed


def test_the_sampler_tells_which_words_are_the_negative_ones() -> None:
    graph = graph_of()
    for sampler in ("10", "11"):
        inputs = graph[sampler]["inputs"]
        inputs["positive"], inputs["negative"] = inputs["negative"], inputs["positive"]
    found = guess_fields(graph).fields
    assert found["prompt"] == (Slot("8", "text"),)
    assert found["negative"] == (Slot("7", "text"),)


def test_words_and_numbers_of_other_nodes_are_found_behind_their_links() -> None:
    graph = graph_of()
    graph["7"]["inputs"]["text"] = ["50", 0]
    graph["50"] = {"class_type": "PrimitiveString", "inputs": {"value": "words"}}
    graph["9"]["inputs"]["length"] = ["51", 0]
    graph["51"] = {"class_type": "PrimitiveInt", "inputs": {"value": 81}}
    graph["10"]["inputs"]["noise_seed"] = ["52", 0]
    graph["52"] = {"class_type": "Seed", "inputs": {"seed": 3}}
    guess = guess_fields(graph)
    assert guess.fields["prompt"] == (Slot("50", "value"),)
    assert guess.fields["frames"] == (Slot("51", "value"),)
    assert guess.fields["seed"] == (Slot("52", "seed"),)
    assert guess.frames == 81


def test_one_text_for_both_sides_is_a_prompt_without_a_negative_one() -> None:
    graph = graph_of()
    for sampler in ("10", "11"):
        graph[sampler]["inputs"]["negative"] = ["40", 0]
    graph["40"] = {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["7", 0]}}
    assert "negative" not in guess_fields(graph).fields


def test_a_guider_without_a_negative_side_gives_its_prompt() -> None:
    graph: Graph = {
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "x", "clip": ["9", 0]}},
        "2": {"class_type": "BasicGuider", "inputs": {"conditioning": ["1", 0], "model": ["9", 0]}},
        "9": {"class_type": "Loader", "inputs": {"name": "m"}},
    }
    assert guess_fields(graph).fields == {"prompt": (Slot("1", "text"),)}


def test_links_in_circles_and_into_nowhere_end() -> None:
    graph: Graph = {
        "1": {
            "class_type": "A",
            "inputs": {"positive": ["2", 0], "image": ["2", 0], "seed": ["1", 0]},
        },
        "2": {
            "class_type": "B",
            "inputs": {"positive": ["1", 0], "image": ["1", 0], "text": ["1", 0]},
        },
        "3": {"class_type": "C", "inputs": {"positive": ["77", 0], "fps": ["77", 0]}},
    }
    assert guess_fields(graph).fields == {}


def test_candidates_are_values_of_the_right_kind() -> None:
    graph = graph_of("wan-2.2-image")
    assert Slot("7", "text") in candidates(graph, "prompt")
    assert Slot("9", "length") in candidates(graph, "frames")
    assert Slot("9", "start_image") not in candidates(graph, "first_image")
    assert candidates(graph, "first_image") == [Slot("15", "image"), Slot("16", "image")]
    assert Slot("5", "shift") in candidates(graph, "fps")


# drafts


def test_a_draft_offers_what_the_graph_can_be_told() -> None:
    draft = draft_of(graph_of(), "Mine")
    assert draft.durations_s == [2, 3, 4, 5]
    assert draft.sizes == {"16:9": (832, 480), "9:16": (480, 832), "1:1": (640, 640)}
    assert draft.resolution == "480p"
    assert draft.frame_rule == "4n+1"
    assert lengths_in_words(draft).startswith("2 s → 2.06 s (33 frames)")
    without = draft.with_field("frames").with_field("width")
    assert without.durations_s == [5]
    assert draft.with_field("frames").build().model().capabilities.durations_s == (5,)
    assert draft_of({"1": graph_of()["7"]}, "x").sizes == {"16:9": (1280, 720)}


def test_what_a_draft_takes_depends_on_its_pictures() -> None:
    draft = draft_of(graph_of("wan-2.2-image"), "Mine")
    assert draft.modes == ["frames"]
    assert replace(draft, are_pictures_optional=True).modes == ["text", "first_frame", "frames"]
    one = draft.with_field("last_image")
    assert one.modes == ["first_frame"]
    assert one.build().model().capabilities.max_images(InputMode.FIRST_FRAME) == 1
    assert draft.with_field("last_image").with_field("first_image").modes == ["text"]


@pytest.mark.parametrize(
    ("name", "slots", "words"),
    [
        ("prompt", (), "where the prompt goes"),
        ("prompt", (Slot("99", "text"),), "no input 99.text for the prompt"),
        ("prompt", (Slot("7", "clip"),), "linked to another node"),
        ("prompt", (Slot("8", "text"),), "cannot hold both"),
        ("last_image", (Slot("4", "vae_name"),), "needs a place for the first frame"),
    ],
)
def test_a_draft_says_what_is_wrong(name: str, slots: tuple[Slot, ...], words: str) -> None:
    draft = draft_of(graph_of(), "Mine").with_field(name, *slots)
    with pytest.raises(ValueError, match=words):
        draft.build()


def test_a_stored_template_is_what_was_built(tmp_path: Path) -> None:
    built = draft_of(graph_of(), "Mine, all mine").build()
    path = save_workflow(built, tmp_path)
    assert path.name == "mine-all-mine.json"
    assert read_workflow(path).to_json() == built.to_json()
    assert json.loads(path.read_text())["catalogue"]["name"] == "Mine, all mine"
