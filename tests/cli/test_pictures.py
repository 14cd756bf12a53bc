"""Pictures on the command line: asked for by a switch or by their model, and never taken for clips."""

import os

import pytest
from PIL import Image


def test_a_picture_arrives_as_a_file_of_its_own_kind(here, here_json):
    made = here_json("generate", "A red kite over the sea", "--picture", "--seed", "7")
    assert (made["kind"], made["status"]) == ("image", "completed")
    assert (made["model"], made["tokens"]) == ("rehearsal-picture", 0)
    assert made["config"]["duration"] == 0
    path = made["video_path"]
    assert path.endswith("_A_red_kite_over.png")
    assert os.path.getsize(path) == made["size_bytes"]
    with Image.open(path) as image:
        size = image.size
    (row,) = here_json("history")
    assert (row["kind"], row["video_path"]) == ("image", path)
    assert f"{size[0]} x {size[1]}" in here("history").stdout


def test_a_model_of_pictures_needs_no_switch_and_takes_are_files(here):
    done = here(
        "generate", "A red kite", "--model", "rehearsal-picture", "--aspect", "1:1", "--count", "2"
    )
    paths = done.stdout.splitlines()
    assert len(set(paths)) == 2
    for path in paths:
        with Image.open(path) as image:
            assert image.size == (1024, 1024)
    assert "Rendering video" not in done.stderr


def test_a_picture_can_go_by_another(here_json, tmp_path):
    Image.new("RGB", (64, 36), "teal").save(tmp_path / "boat.png")
    made = here_json(
        "generate", "The boat at night", "--picture", "--reference", str(tmp_path / "boat.png")
    )
    (item,) = made["config"]["inputs"]
    assert (item["role"], item["name"]) == ("reference", "boat.png")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--duration", "5"), "--duration is for clips: leave it out for a picture."),
        (("--audio",), "--audio is for clips"),
        (("--no-audio",), "--no-audio is for clips"),
        (("--image", "a.png"), "A picture to go by is given with --reference FILE."),
        (("--image", "a.png", "--last-frame", "b.png"), "--image and --last-frame are for clips"),
        (("--edit", "1"), "--edit is for clips"),
        (("--resolution", "720p"), "accepts the resolutions 1k, 2k and 4k, not 720p"),
        (("--aspect", "5:1"), "accepts the aspect ratios"),
        (("--negative", "rain"), "no negative prompt"),
        (("--model", "rehearsal-1"), "makes clips: leave --picture out"),
        (("--provider", "kie"), "KIE.AI makes no pictures. Choose rehearsal-picture"),
    ],
)
def test_what_a_picture_cannot_be_is_refused_with_a_sentence(here, here_json, arguments, words):
    done = here("generate", "A red kite", "--picture", *arguments, code=2)
    assert words in done.stderr
    assert done.stdout == ""
    assert here_json("history") == []


def test_settings_of_clips_are_refused_for_a_model_of_pictures(here):
    done = here("generate", "A kite", "--model", "rehearsal-picture", "--duration", "5", code=2)
    assert "--duration is for clips" in done.stderr


def test_a_clip_is_never_made_of_a_model_of_pictures(here, here_json, tmp_path):
    """References are taken by both kinds: without the switch a clip is meant."""
    Image.new("RGB", (64, 36), "teal").save(tmp_path / "boat.png")
    made = here_json(
        "generate", "The boat at night", "--reference", str(tmp_path / "boat.png"),
        "--duration", "2", "--resolution", "480p",
    )  # fmt: skip
    assert (made["kind"], made["model"]) == ("video", "rehearsal-1")
    done = here("generate", "More", "--picture", code=0)
    assert done.stdout.strip().endswith(".png")


def test_a_picture_is_no_clip_to_work_on(here, here_json):
    number = str(here_json("generate", "A red kite", "--picture")["id"])
    done = here("generate", "At night", "--edit", number, code=2)
    assert f"Generation {number} is a picture: --edit needs a clip." in done.stderr


def test_models_name_the_kind_of_each(here, here_json):
    kinds = {model["id"]: model["kind"] for model in here_json("models")}
    assert kinds["rehearsal-1"] == "video"
    assert kinds["rehearsal-picture"] == "image"
    line = next(row for row in here("models").stdout.splitlines() if "rehearsal-picture" in row)
    assert "picture" in line.split()[1]
