"""The recipe of a clip: what is written, what is believed of a file from anywhere, and where it is found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.fakes.generations import a_generation
from tests.transport.clips import noise_clip
from veo_studio.core import recipe as recipes
from veo_studio.core import recipe_files
from veo_studio.core.embedding import export_copy
from veo_studio.core.errors import StorageError
from veo_studio.core.file_names import NameTaken
from veo_studio.core.framing import Frame, Framing
from veo_studio.core.log import register_secret
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    GenerationState,
    InputRole,
    MediaInput,
    Quality,
    VideoConfig,
)
from veo_studio.core.placing import sha256_of
from veo_studio.core.recipe_files import of_clip, own_recipe, recipe_path, write_beside

_INPUT = MediaInput(
    InputRole.FIRST_FRAME, "ab" * 32, "image/png", 100, "boat.png", 64, 36,
    generation_id=3, operation_id="op-3", provider="gemini",
    frame=Frame("16:9", Framing.CROP, 0.25, 0.5, 2.0), original="cd" * 32,
)  # fmt: skip
_CONFIG = VideoConfig(
    "9:16", 5, "1080p", "no people", 42, False, (_INPUT,),
    samples=2, final=Quality(8, "4k", True), original_prompt="boat",
)  # fmt: skip


def made(folder: Path, **changes: Any) -> Generation:
    """A completed generation whose clip is in `folder`."""
    clip = folder / "boat.mp4"
    clip.write_bytes(noise_clip())
    fields: dict[str, Any] = {
        "id": 7,
        "prompt": "A paper boat, 紙の船",
        "config": _CONFIG,
        "state": GenerationState.COMPLETED,
        "video_path": clip,
        "output_dir": folder,
        "sha256": sha256_of(clip),
        "size_bytes": clip.stat().st_size,
        "price_usd": Decimal("0.56"),
        "created_at": datetime(2026, 1, 5, 14, 30, tzinfo=UTC),
        "take_group": "a group",
        **changes,
    }
    return replace(a_generation(), **fields)


async def nobody(_digest: str) -> Generation | None:
    return None


def document(**changes: Any) -> dict[str, Any]:
    whole = recipes.to_json(recipes.of_generation(replace(a_generation(), config=_CONFIG)))
    return {**whole, **changes}


def test_a_recipe_has_everything_and_nothing_of_this_computer(tmp_path: Path) -> None:
    generation = made(tmp_path)
    path = write_beside(generation)
    assert path == tmp_path / "boat.json"
    stored = json.loads(path.read_text())
    assert (stored["format"], stored["version"]) == ("veo-studio recipe", 1)
    assert stored["created_at"] == "2026-01-05T14:30:00.000Z"
    assert (stored["prompt"], stored["original_prompt"]) == ("A paper boat, 紙の船", "boat")
    assert (stored["price_usd"], stored["tokens"]) == ("0.56", generation.tokens)
    assert stored["file"] == {"sha256": generation.sha256, "size_bytes": generation.size_bytes}
    assert stored["config"]["seed"] == 42
    [item] = stored["config"]["inputs"]
    assert (item["sha256"], item["role"], item["name"]) == ("ab" * 32, "first_frame", "boat.png")
    assert not {"operation_id", "generation_id", "provider"} & set(item)
    assert str(tmp_path) not in path.read_text()
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["boat.json", "boat.mp4"]


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    generation = made(tmp_path)
    found = recipes.read(write_beside(generation))
    local = replace(_INPUT, generation_id=None, operation_id=None, provider=None)
    assert found.config == replace(_CONFIG, inputs=(local,))
    assert replace(found, request=replace(found.request, config=_CONFIG)) == (
        recipes.of_generation(generation)
    )
    picture = made(tmp_path, kind=GenerationKind.IMAGE, config=VideoConfig(duration_s=0))
    again = recipes.from_text(recipes.to_text(recipes.of_generation(picture)), "a")
    assert (again.request.kind, again.config.duration_s) == (GenerationKind.IMAGE, 0)


def test_a_key_in_the_prompt_is_not_written(tmp_path: Path) -> None:
    register_secret("sk-not-a-real-key-123456")
    path = write_beside(made(tmp_path, prompt="A kite sk-not-a-real-key-123456"))
    assert "not-a-real-key" not in path.read_text()


def test_half_a_character_of_a_prompt_can_be_written(tmp_path: Path) -> None:
    generation = made(tmp_path, prompt="A kite \ud83d")
    assert recipes.read(write_beside(generation)).prompt == "A kite \ud83d"
    export_copy(tmp_path / "boat.mp4", tmp_path / "copy.mp4", recipes.of_generation(generation))


def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path) -> None:
    generation = made(tmp_path)
    other = write_beside(replace(generation, uuid="0" * 8)).read_text()
    (tmp_path / "boat.mp4.json").write_text("more notes")
    for content in ("{}", "my notes", other):
        recipe_path(tmp_path / "boat.mp4").write_text(content)
        with pytest.raises(NameTaken):
            write_beside(generation)
        assert (tmp_path / "boat.json").read_text() == content
        assert own_recipe(generation) is None
    (tmp_path / "boat.json").unlink()
    (tmp_path / "boat.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(NameTaken):
        write_beside(generation)
    assert not (tmp_path / "elsewhere.json").exists()
    assert (tmp_path / "boat.mp4.json").read_text() == "more notes"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


async def test_a_clip_and_a_picture_of_one_name_have_a_recipe_each(tmp_path: Path) -> None:
    clip = made(tmp_path)
    picture_file = tmp_path / "boat.png"
    Image.new("RGB", (8, 8)).save(picture_file)
    picture = replace(
        made(tmp_path, kind=GenerationKind.IMAGE, config=VideoConfig(duration_s=0)),
        uuid="1" * 8, video_path=picture_file, sha256=sha256_of(picture_file),
    )  # fmt: skip
    write_beside(clip)
    with pytest.raises(ValueError, match=r"boat\.png has no recipe"):
        await of_clip(picture_file, nobody)
    assert write_beside(picture) == tmp_path / "boat.png.json"
    assert write_beside(picture) == own_recipe(picture) == tmp_path / "boat.png.json"
    assert own_recipe(clip) == tmp_path / "boat.json"
    for path, generation in ((clip.video_path, clip), (picture_file, picture)):
        assert path is not None
        assert (await of_clip(path, nobody)).generation == generation.uuid
        path.write_bytes(path.read_bytes() + b"more")
        found = await of_clip(path, nobody)
        assert (found.generation, found.is_changed) == (generation.uuid, True)


def test_a_clip_that_is_gone_gets_no_recipe(tmp_path: Path) -> None:
    generation = made(tmp_path)
    (tmp_path / "boat.mp4").unlink()
    with pytest.raises(StorageError, match=r"boat\.mp4 is gone"):
        write_beside(generation)
    assert list(tmp_path.iterdir()) == []


def test_a_clip_that_goes_while_its_recipe_is_written_takes_it_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = made(tmp_path)
    real = recipe_files.finish

    def placed(part: Path, target: Path) -> Path:
        (tmp_path / "boat.mp4").unlink()
        return real(part, target)

    monkeypatch.setattr(recipe_files, "finish", placed)
    with pytest.raises(StorageError, match=r"boat\.mp4 is gone"):
        write_beside(generation)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("price", ["0.56", "0.0000001", "0E-8", "123456.789", "0"])
def test_an_amount_is_written_as_it_is_read(tmp_path: Path, price: str) -> None:
    recipe = recipes.of_generation(made(tmp_path, price_usd=Decimal(price)))
    assert recipes.from_text(recipes.to_text(recipe), "a").price_usd == Decimal(price)


def test_our_own_recipe_is_written_anew(tmp_path: Path) -> None:
    generation = made(tmp_path)
    write_beside(generation)
    path = write_beside(replace(generation, cost_usd=Decimal("0.41")))
    assert recipes.read(path).cost_usd == Decimal("0.41")
    assert own_recipe(generation) == path


async def test_a_clip_is_known_by_its_recipe_by_the_library_and_by_what_is_in_it(
    tmp_path: Path,
) -> None:
    generation = made(tmp_path)
    clip = tmp_path / "boat.mp4"

    async def library(digest: str) -> Generation | None:
        return generation if digest == generation.sha256 else None

    with pytest.raises(ValueError, match=r"boat\.mp4 has no recipe"):
        await of_clip(clip, nobody)
    assert (await of_clip(clip, library)).generation == generation.uuid
    write_beside(generation)
    assert (await of_clip(clip, nobody)).prompt == generation.prompt
    copy = export_copy(clip, tmp_path / "copy.mp4", recipes.of_generation(generation))
    assert (await of_clip(copy, nobody)).config.seed == 42


async def test_a_clip_that_was_changed_says_so(tmp_path: Path) -> None:
    write_beside(made(tmp_path))
    clip = tmp_path / "boat.mp4"
    assert not (await of_clip(clip, nobody)).is_changed
    clip.write_bytes(clip.read_bytes() + b"more")
    assert (await of_clip(clip, nobody)).is_changed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not readable"),
        (b"my notes", "not readable"),
        (b"\xff\xfe{\0}\0", "not readable"),
        (b"[" * 100_000, "not readable"),
        (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "not readable"),
        (b'{"format": NaN}', "not readable"),
        (b'{"seed": ' + b"9" * 10_000 + b"}", "not readable"),
        (b" " * (recipes.MAX_BYTES + 1), "too large"),
        (b"[1]", "no recipe of Veo Studio"),
        (b'{"format": "something else"}', "no recipe of Veo Studio"),
    ],
)
def test_what_is_no_recipe_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.json .*{words}"):
        recipes.read(tmp_path / "a.json")


def test_a_length_without_an_end_is_refused() -> None:
    item = {**document()["config"]["inputs"][0], "length_s": 5}
    text = json.dumps(document(config={**document()["config"], "inputs": [item]}))
    assert recipes.from_text(text, "a").config.inputs[0].length_s == 5.0
    with pytest.raises(ValueError, match="length_s is not between"):
        recipes.from_text(text.replace('"length_s": 5', '"length_s": 1e999'), "a")


def test_a_file_of_any_size_is_refused_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(ValueError, match="too large"):
        recipes.read(tmp_path / "a.json")
    with pytest.raises(ValueError, match="no file"):
        recipes.read(tmp_path)


def test_a_recipe_of_a_newer_version_says_so() -> None:
    with pytest.raises(ValueError, match=r"a\.json was written by a newer Veo Studio"):
        recipes.from_text(json.dumps(document(version=2)), "a.json")


def test_a_mark_at_the_beginning_and_unknown_fields_do_no_harm() -> None:
    known = document(colour="red", config={**document()["config"], "output_dir": "/etc"})
    found = recipes.from_text(b"\xef\xbb\xbf" + json.dumps(known).encode(), "a.json")
    assert found.config.seed == 42
    assert found.request.output_dir is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1"},
        {"version": True},
        {"version": 0},
        {"prompt": None},
        {"prompt": 7},
        {"prompt": "a" * 20_001},
        {"kind": "sound"},
        {"provider": "../../etc"+"\0"},
        {"model": ["a"]},
        {"model": "a" * 300},
        {"config": None},
        {"config": []},
        {"file": "a"},
        {"file": {"sha256": "../me"}},
        {"tokens": -1},
        {"tokens": 1.5},
        {"tokens": True},
        {"price_usd": 0.5},
        {"price_usd": "NaN"},
        {"price_usd": "-1"},
        {"price_usd": "9E+999999"},
        {"price_usd": "1_0"},
        {"cost_usd": "1" * 12},
        {"created_at": "yesterday"},
        {"created_at": "2026-01-05T14:30:00"},
        {"generation": "../../x"},
    ],
)  # fmt: skip
def test_wrong_types_are_refused(wrong: dict[str, Any]) -> None:
    assert recipes.from_text(json.dumps(document()), "a.json").prompt
    with pytest.raises(ValueError, match=r"a\.json is damaged as a recipe: .+\.\Z"):
        recipes.from_text(json.dumps(document(**wrong)), "a.json")


@pytest.mark.parametrize(
    "wrong",
    [
        {"aspect_ratio": "wide"},
        {"aspect_ratio": None},
        {"duration": "8"},
        {"duration": 0},
        {"duration": 10**30},
        {"resolution": "../720p"},
        {"seed": -1},
        {"seed": 1e3},
        {"seed": 2**70},
        {"enable_audio": "yes"},
        {"negative_prompt": 5},
        {"inputs": {}},
        {"inputs": [1]},
        {"inputs": [{"role": "first_frame"}]},
        {"inputs": [document()["config"]["inputs"][0]] * 33},
        {"inputs": [{**document()["config"]["inputs"][0], "sha256": "/etc/passwd"}]},
        {"inputs": [{**document()["config"]["inputs"][0], "size_bytes": True}]},
        {"inputs": [{**document()["config"]["inputs"][0], "frame": "crop"}]},
        {"inputs": [{**document()["config"]["inputs"][0], "name": None}]},
        {"inputs": [{**document()["config"]["inputs"][0], "length_s": 1e308}]},
        {"inputs": [{**document()["config"]["inputs"][0], "length_s": "5"}]},
        {"task": "delete"},
        {"samples": 99},
        {"final": 1},
        {"final": {"duration": 5}},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    config = {**document()["config"], **wrong}
    with pytest.raises(ValueError, match=r"a\.json is damaged as a recipe"):
        recipes.from_text(json.dumps(document(config=config)), "a.json")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../me/boat.png", "boat.png"),
        ("C:\\Users\\me\\boat.png", "boat.png"),
        ("/", "?"),
        ("boat\x1b[31m\n.png", "boat .png"),
    ],
)
def test_a_name_is_never_a_path(name: str, told: str) -> None:
    item = {**document()["config"]["inputs"][0], "name": name}
    config = {**document()["config"], "inputs": [item]}
    [found] = recipes.from_text(json.dumps(document(config=config)), "a").config.inputs
    assert found.name == told
