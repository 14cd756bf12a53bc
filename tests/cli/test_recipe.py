"""Recipes from the command line: left beside a clip, used for the next one, exported inside a copy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.cli.conftest import here, here_json, program  # noqa: F401
from veo_studio.core.placing import sha256_of

SMALL = ("--resolution", "480p", "--provider", "rehearsal", "--duration", "2")


@pytest.fixture
def made(here_json):  # noqa: F811
    return here_json(
        "generate", "A paper boat", *SMALL, "--seed", "42", "--aspect", "9:16", "--negative", "rain"
    )


def beside(made):
    return Path(made["video_path"]).with_suffix(".json")


def test_a_clip_is_made_again_from_its_recipe_with_other_words_and_size(here_json, made):  # noqa: F811
    recipe = json.loads(beside(made).read_text())
    assert recipe["file"]["sha256"] == made["sha256"] == sha256_of(Path(made["video_path"]))
    again = here_json("generate", "--recipe", str(beside(made)))
    assert (again["prompt"], again["config"]) == (made["prompt"], made["config"])
    assert (again["provider"], again["model"]) == (made["provider"], made["model"])
    assert again["sha256"] == made["sha256"]
    # a clip is as good as its recipe, and one that lies elsewhere is known by its content
    moved = shutil.copy(made["video_path"], Path(made["video_path"]).parents[2] / "moved.mp4")
    for clip in (made["video_path"], str(moved)):
        other = here_json("generate", "A red kite", "--recipe", clip, "--seed", "7")
        assert other["prompt"] == "A red kite"
        assert other["config"] == {**made["config"], "seed": 7}


def test_pictures_of_a_recipe_are_taken_from_where_they_are_kept(
    here, here_json, program, tmp_path  # noqa: F811
):  # fmt: skip
    Image.new("RGB", (300, 400), "red").save(tmp_path / "boat.png")
    options = ("--image", str(tmp_path / "boat.png"), "--fit", "crop")
    made = here_json("generate", "A paper boat", *SMALL, *options)
    [item] = made["config"]["inputs"]
    (tmp_path / "boat.png").rename(tmp_path / "other.png")
    again = here_json("generate", "--recipe", str(beside(made)))
    assert again["config"]["inputs"] == [item]
    for path in program.home.rglob(f"{item['sha256']}.*"):
        path.unlink()
    done = here("generate", "--recipe", str(beside(made)), code=2)
    assert "boat.png of this recipe is not kept here." in done.stderr
    own = ("--image", str(tmp_path / "other.png"))
    other = here_json("generate", "--recipe", str(beside(made)), *own)
    assert other["config"]["inputs"][0]["name"] == "other.png"
    assert other["config"]["duration"] == 2


def test_a_changed_clip_says_so(here, made):  # noqa: F811
    clip = Path(made["video_path"])
    clip.write_bytes(clip.read_bytes() + b"more")
    done = here("generate", "--recipe", str(clip))
    assert "was changed after it was made; this is how it was made." in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"my notes", "is no recipe of Veo Studio: it is not readable."),
        (b"[" * 50_000, "is no recipe of Veo Studio: it is not readable."),
        (b"{}", "is no recipe of Veo Studio."),
        (b'{"format": "veo-studio recipe", "version": 9}', "was written by a newer Veo Studio."),
        (b'{"format": "veo-studio recipe", "version": 1}', "is damaged as a recipe: "),
        (b" " * 300_000, "is too large for a recipe."),
    ],
)
def test_what_is_no_recipe_is_bad_input(here, here_json, tmp_path, content, words):  # noqa: F811
    (tmp_path / "a.json").write_bytes(content)
    done = here("generate", "--recipe", str(tmp_path / "a.json"), code=2)
    assert f"a.json {words}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    (tmp_path / "a.mp4").write_bytes(content)
    assert (
        "a.mp4 has no recipe"
        in here("generate", "--recipe", str(tmp_path / "a.mp4"), code=2).stderr
    )
    assert here_json("history") == []
    assert "There is no file" in here("generate", "--recipe", "nowhere.json", code=2).stderr


def test_no_recipe_is_left_where_none_is_wanted(here_json, program):  # noqa: F811
    settings = program.home / "config" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"writes_recipes": False}))
    made = here_json("generate", "A paper boat", *SMALL)
    assert [path.name for path in Path(made["video_path"]).parent.iterdir()] == [
        Path(made["video_path"]).name
    ]


def test_a_copy_with_its_recipe_inside(here, here_json, made, tmp_path):  # noqa: F811
    target = tmp_path / "copy.mp4"
    before = Path(made["video_path"]).read_bytes()
    assert here("export", str(made["id"]), str(target)).stdout.strip() == str(target)
    with av.open(str(target)) as copy:
        assert copy.metadata["comment"] == "A paper boat"
    assert Path(made["video_path"]).read_bytes() == before
    again = here_json("generate", "--recipe", str(target))
    assert again["config"] == made["config"]
    (tmp_path / "folder").mkdir()
    copied = here_json("export", str(made["id"]), str(tmp_path / "folder"))
    assert Path(copied["path"]).name == Path(made["video_path"]).name
    for where, words in (
        (target, "There is a file"),
        (tmp_path / "none" / "a.mp4", "There is no folder"),
        (tmp_path / "a.mov", "has to end in .mp4"),
    ):
        assert words in here("export", str(made["id"]), str(where), code=2).stderr
    assert "no generation 99" in here("export", "99", str(tmp_path / "b.mp4"), code=2).stderr
