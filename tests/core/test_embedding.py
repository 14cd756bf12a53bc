"""Copies with their recipe inside: the same picture and sound, and nothing that is nobody's business."""

from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.core.test_recipe import _CONFIG, _INPUT, made
from veo_studio.core import embedding
from veo_studio.core import recipe as recipes
from veo_studio.core.embedding import embedded_recipe, export_copy
from veo_studio.core.file_names import NameTaken
from veo_studio.core.log import register_secret
from veo_studio.core.recipe import Recipe


def test_an_exported_copy_holds_no_key(tmp_path: Path) -> None:
    key = "sk-not-a-real-key-654321"
    register_secret(key)
    names = replace(_INPUT, name=f"{key}.png")
    recipe = recipes.of_generation(
        made(tmp_path, prompt=f"A kite {key} ", config=replace(_CONFIG, inputs=(names,)))
    )
    long = replace(recipe, request=replace(recipe.request, prompt="a" * 110 + f" {key}"))
    for end in ("png", "jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / f"a.{end}")
    for one in (recipe, long):
        for source in ("a.png", "a.jpg", "boat.mp4"):
            target = (tmp_path / source).with_stem("copy")
            export_copy(tmp_path / source, target, one)
            assert b"not-a-real" not in target.read_bytes()
            assert b"sk-not-a" not in target.read_bytes()


def test_a_recipe_that_a_picture_cannot_hold_says_so(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg")
    recipe = recipes.of_generation(made(tmp_path, prompt="紙" * 12_000))
    with pytest.raises(ValueError, match="too long for a JPEG picture"):
        export_copy(tmp_path / "a.jpg", tmp_path / "b.jpg", recipe)


def test_an_exported_copy_has_the_same_picture_and_sound(tmp_path: Path) -> None:
    generation = made(tmp_path)
    clip, before = tmp_path / "boat.mp4", (tmp_path / "boat.mp4").read_bytes()
    copy = export_copy(clip, tmp_path / "copy.mp4", recipes.of_generation(generation))
    assert clip.read_bytes() == before
    with av.open(str(clip)) as one, av.open(str(copy)) as other:
        assert other.metadata["title"] == "A paper boat, 紙の船"
        assert other.metadata["comment"] == "A paper boat, 紙の船"
        for stream in ("video", "audio"):
            first = [(packet.pts, bytes(packet)) for packet in one.demux(**{stream: 0})]
            second = [(packet.pts, bytes(packet)) for packet in other.demux(**{stream: 0})]
            assert first == second
            one.seek(0)
            other.seek(0)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_an_exported_picture_has_the_same_pixels(tmp_path: Path, form: str) -> None:
    source = tmp_path / ("a.png" if form == "PNG" else "a.jpg")
    Image.effect_noise((64, 36), 50).convert("RGB").save(source, form)
    recipe = recipes.of_generation(made(tmp_path))
    copy = export_copy(source, source.with_stem("copy"), recipe)
    one, other = Image.open(BytesIO(source.read_bytes())), Image.open(BytesIO(copy.read_bytes()))
    assert one.tobytes() == other.tobytes()
    found = embedded_recipe(copy)
    assert found is not None
    assert found.prompt == recipe.prompt
    assert embedded_recipe(source) is None


def test_a_copy_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    recipe = recipes.of_generation(made(tmp_path))
    clip = tmp_path / "boat.mp4"
    (tmp_path / "folder.mp4").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "a.webp")
    names = {path.name for path in tmp_path.iterdir()}
    for source, target, words in (
        (clip, clip, "another name"),
        (clip, tmp_path / "copy.mov", r"end in \.mp4"),
        (clip, tmp_path / "folder.mp4", "is a folder"),
        (tmp_path / "none.mp4", tmp_path / "copy.mp4", "no file"),
        (tmp_path / "a.webp", tmp_path / "b.webp", "Only mp4 clips and PNG and JPEG pictures"),
    ):
        with pytest.raises(ValueError, match=words):
            export_copy(source, target, recipe)
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_file_that_came_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipes.of_generation(made(tmp_path))
    target = tmp_path / "copy.mp4"
    real = embedding.recipe_metadata

    def slow(recipe: Recipe) -> dict[str, str]:
        target.write_text("somebody else's")
        return real(recipe)

    with monkeypatch.context() as patch:
        patch.setattr(embedding, "recipe_metadata", slow)
        with pytest.raises(NameTaken):
            export_copy(tmp_path / "boat.mp4", target, recipe)
    assert target.read_text() == "somebody else's"
    # one that is there from the start was agreed to
    export_copy(tmp_path / "boat.mp4", target, recipe)
    assert embedded_recipe(target) is not None
    assert {path.name for path in tmp_path.iterdir()} == {"boat.mp4", "copy.mp4"}


def test_what_a_killed_export_left_goes_with_the_next_one(tmp_path: Path) -> None:
    recipe = recipes.of_generation(made(tmp_path))
    old, young, other = (
        tmp_path / name for name in (".veo-studio-1.part", ".veo-studio-2.part", ".mine.part")
    )
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (0, 0))
    export_copy(tmp_path / "boat.mp4", tmp_path / "copy.mp4", recipe)
    assert [path.exists() for path in (old, young, other)] == [False, True, True]
