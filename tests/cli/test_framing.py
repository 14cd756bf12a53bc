"""`generate --fit` and `--continue`: pictures of another shape, and the end of one clip as the next one's begin."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import here, here_json, program  # noqa: F401

SMALL = ("--resolution", "480p", "--provider", "rehearsal", "--duration", "2")


@pytest.fixture
def pictures(tmp_path):
    for name, size in (("portrait", (300, 400)), ("wide", (320, 180)), ("square", (200, 200))):
        Image.new("RGB", size, "red").save(tmp_path / f"{name}.png")
    return {path.stem: str(path) for path in tmp_path.glob("*.png")}


def kept(program, item):  # noqa: F811
    found = list((program.home).rglob(f"{item['sha256']}.*"))
    return Image.open(BytesIO(found[0].read_bytes()))


def test_a_picture_of_another_shape_is_told_and_left_as_it_is(here, here_json, pictures):  # noqa: F811
    done = here("generate", "A kite", *SMALL, "--image", pictures["portrait"])
    told = [line for line in done.stderr.splitlines() if "portrait.png" in line]
    assert told == [
        "portrait.png is 3:4, the clip 16:9: add --fit crop or --fit pad, "
        "or the service decides what is seen."
    ]
    [made] = here_json("history")
    assert "frame" not in made["config"]["inputs"][0]
    for options in (
        ("--image", pictures["wide"]),
        ("--image", pictures["portrait"], "--fit", "keep"),
    ):
        assert "--fit" not in here("generate", "A kite", *SMALL, *options).stderr


@pytest.mark.parametrize(("fit", "size"), [("crop", (300, 169)), ("PAD", (711, 400))])
def test_a_picture_is_brought_to_the_shape_of_the_clip(
    here, here_json, program, pictures, fit, size  # noqa: F811
):  # fmt: skip
    options = ("--image", pictures["portrait"], "--last-frame", pictures["wide"], "--fit", fit)
    made = here_json("generate", "A kite", *SMALL, *options)
    first, last = made["config"]["inputs"]
    assert first["frame"]["how"] == fit.lower()
    assert kept(program, first).size == size
    assert kept(program, {"sha256": first["original"]}).size == (300, 400)
    # its shape is that of the clip already
    assert last["original"] == last["sha256"]
    assert "--fit" not in here("generate", "A kite", *SMALL, *options).stderr


def test_the_next_clip_begins_where_one_ends(here_json, program, pictures):  # noqa: F811
    made = here_json("generate", "A kite", *SMALL)
    following = here_json("generate", "It lands", *SMALL, "--continue", str(made["id"]))
    [item] = following["config"]["inputs"]
    assert (item["role"], item["mime_type"]) == ("first_frame", "image/png")
    assert item["name"] == f"{Path(made['video_path']).stem}, last frame.png"
    assert item["generation_id"] == made["id"]
    assert kept(program, item).size == (854, 480)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--image", "square", "--fit", "stretch"), "--fit is keep, crop or pad, not 'stretch'."),
        (("--fit", "crop"), "--fit is for the frames of a clip: add --image FILE."),
        (("--reference", "square", "--fit", "crop"), "--fit is for the frames of a clip"),
        (("--continue", "7"), "no generation 7"),
        (("--continue", "7", "--image", "square"), "Choose one."),
        (("--continue", "7", "--edit", "7"), "leave the pictures out"),
        (("--continue", "0"), "--continue"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_before_anything_is_stored(
    here, here_json, pictures, options, words  # noqa: F811
):  # fmt: skip
    told = [pictures.get(option, option) for option in options]
    done = here("generate", "A kite", "--provider", "rehearsal", *told, code=2)
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert here_json("history") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"BM" + bytes(60), "is a BMP picture: save it as PNG or JPEG"),
        (b"GIF89a" + bytes(60), "is a GIF picture: save it as PNG or JPEG"),
        (b"II*\0" + bytes(60), "is a TIFF picture: save it as PNG or JPEG"),
        (b"\0\0\0\x20ftypheic" + bytes(60), "is a HEIC picture: save it as PNG or JPEG"),
        (b"\0\0\0\x20ftypavif" + bytes(60), "is an AVIF picture: save it as PNG or JPEG"),
        (b"\0\0\0\x20ftypisom" + bytes(60), "is a clip; choose a picture."),
        (b"", "is empty."),
        (b"nothing that begins like a picture" * 3, "is no PNG, JPEG or WebP picture."),
    ],
    ids=["BMP", "GIF", "TIFF", "HEIC", "AVIF", "clip", "empty", "other"],
)  # fmt: skip
def test_other_kinds_of_pictures_are_told_what_to_do(here, tmp_path, content, words):  # noqa: F811
    (tmp_path / "boat.jpg").write_bytes(content)
    image = ("--image", str(tmp_path / "boat.jpg"), "--fit", "crop")
    done = here("generate", "A kite", *SMALL, *image, code=2)
    assert f"boat.jpg {words}" in done.stderr
