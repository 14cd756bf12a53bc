"""Pictures of another shape than the clip, and stills of clips."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from veo_studio.core.clean_media import clean_picture
from veo_studio.core.framing import Frame, Framing, has_other_shape, shape_words
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import reframed, take_in_bytes, take_in_frame, take_in_picture
from veo_studio.core.models import InputRole, MediaInput

_ROLE = InputRole.FIRST_FRAME


@pytest.fixture
def files(tmp_path: Path) -> InputFiles:
    return InputFiles(tmp_path / "in")


def picture_of(files: InputFiles, item: MediaInput) -> Image.Image:
    return Image.open(BytesIO(files.path(item).read_bytes()))


def halves(width: int = 400, height: int = 200) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def written(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def test_a_cut_is_made_around_its_middle_and_stays_inside() -> None:
    assert Frame("1:1", Framing.CROP).box(400, 200) == (100, 0, 300, 200)
    assert Frame("1:1", Framing.CROP, center_x=1.0).box(400, 200) == (200, 0, 400, 200)
    assert Frame("1:1", Framing.CROP, 0.0, 0.0, zoom=2).box(400, 200) == (0, 0, 100, 100)
    assert Frame("9:16", Framing.CROP).box(1, 1) == (0, 0, 1, 1)
    left, top, right, bottom = Frame("16:9", Framing.CROP, zoom=16).box(4000, 3000)
    assert (right - left) / (bottom - top) == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aspect_ratio": "auto"},
        {"aspect_ratio": "0:9"},
        {"aspect_ratio": "99999:1"},
        {"aspect_ratio": 1.5},
        {"how": "stretch"},
        {"center_x": 1.5},
        {"center_y": float("nan")},
        {"zoom": 0.5},
        {"zoom": "2"},
        {"zoom": True},
        {"zoom": float("inf")},
    ],
)
def test_what_is_no_frame_is_refused(wrong: dict[str, Any]) -> None:
    stored = Frame("16:9", Framing.CROP, 0.25, 0.75, 1.5).to_json()
    assert Frame.from_json(stored).to_json() == stored
    with pytest.raises(ValueError, match=r"."):
        Frame.from_json({**stored, **wrong})


def test_shapes_are_named_as_people_name_them() -> None:
    assert shape_words(3000, 4000) == "3:4"
    assert shape_words(1366, 768) == "16:9"
    assert shape_words(1000, 170) == "1000 × 170"
    assert not has_other_shape(854, 480, "16:9")
    assert has_other_shape(640, 480, "16:9")
    assert not has_other_shape(640, 480, "auto")


def test_another_cut_starts_from_the_whole_picture(files: InputFiles) -> None:
    content = written(halves())
    left = take_in_bytes(files, content, "a.png", _ROLE, Frame("1:1", Framing.CROP, 0.0))
    assert picture_of(files, left).convert("RGB").getcolors() == [(200 * 200, (255, 0, 0))]
    assert (left.width_px, left.height_px) == (200, 200)
    right = reframed(files, left, Frame("1:1", Framing.CROP, 1.0))
    assert picture_of(files, right).convert("RGB").getcolors() == [(200 * 200, (0, 0, 255))]
    assert left.original == right.original != right.sha256
    whole = reframed(files, right, None)
    assert (whole.sha256, whole.frame, whole.original) == (left.original, None, None)
    assert picture_of(files, whole).size == (400, 200)
    assert reframed(files, whole, left.frame) == left
    assert MediaInput.from_json(left.to_json()) == left


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_cutting_many_times_loses_nothing(files: InputFiles, form: str) -> None:
    noise = Image.effect_noise((400, 200), 60).convert("RGB")
    frame = Frame("1:1", Framing.CROP)
    first = take_in_bytes(files, written(noise, form), "a", _ROLE, frame)
    item = reframed(files, first, frame)
    again = reframed(files, reframed(files, item, Frame("16:9", Framing.PAD)), frame)
    assert again == item
    assert item.original == first.original


def test_padding_shows_all_of_the_picture_before_a_darker_copy(files: InputFiles) -> None:
    content = written(Image.new("RGB", (300, 400), (200, 120, 40)))
    item = take_in_bytes(files, content, "a.png", _ROLE, Frame("16:9", Framing.PAD))
    picture = picture_of(files, item)
    assert picture.size == (711, 400)
    assert picture.getpixel((355, 200)) == (200, 120, 40)
    assert picture.getpixel((10, 200)) == pytest.approx((100, 60, 20), abs=4)
    shining = Image.new("RGBA", (300, 400), (200, 120, 40, 0))
    item = take_in_bytes(files, written(shining), "a.png", _ROLE, Frame("16:9", Framing.PAD))
    assert picture_of(files, item).mode == "RGB"


def test_what_has_the_shape_already_is_not_written_again(files: InputFiles) -> None:
    content = written(halves(1600, 900))
    for how in (Framing.CROP, Framing.PAD):
        item = take_in_bytes(files, content, "a.png", _ROLE, Frame("16:9", how))
        assert item.original == item.sha256
        assert reframed(files, item, None).sha256 == item.sha256
    assert len(list(files.folder.iterdir())) == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("how", [Framing.CROP, Framing.PAD])
def test_what_a_camera_noted_is_in_neither_file(files: InputFiles, form: str, how: Framing) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "48.8577 N"
    content = written(halves(), form, exif=exif)
    assert b"48.8577" in content
    item = take_in_bytes(files, content, "a", _ROLE, Frame("1:1", how))
    assert all(b"48.8577" not in path.read_bytes() for path in files.folder.iterdir())
    assert len(list(files.folder.iterdir())) == 2
    # upright: red above, blue below
    upright = picture_of(files, item).convert("RGB")
    side = upright.width
    above, below = (upright.getpixel((side // 2, y)) for y in (20, side - 20))
    assert above[0] > 200 > below[0]  # type: ignore[index]


def test_a_large_photo_as_png_becomes_jpeg_where_it_is_written_anew(files: InputFiles) -> None:
    noise = Image.effect_noise((2000, 1500), 60).convert("RGB")
    frame = Frame("1:1", Framing.CROP)
    item = take_in_bytes(files, written(noise, compress_level=1), "a.png", _ROLE, frame)
    assert item.mime_type == "image/jpeg"
    assert files.picture(str(item.original)).suffix == ".png"  # type: ignore[union-attr]
    item = take_in_bytes(files, written(halves(2000, 1500)), "a.png", _ROLE, frame)
    assert item.mime_type == "image/png"


def test_a_photo_in_webp_becomes_jpeg_and_what_shines_through_stays() -> None:
    noise = Image.effect_noise((40, 30), 50).convert("RGB")
    assert clean_picture(written(noise, "WEBP", quality=80), "a").mime_type == "image/jpeg"
    assert clean_picture(written(noise, "WEBP", lossless=True), "a").mime_type == "image/webp"
    glass = Image.new("RGBA", (40, 30), (200, 0, 0, 90))
    clean = clean_picture(written(glass, "WEBP", quality=80), "a")
    assert Image.open(BytesIO(clean.content)).mode == "RGBA"


def test_a_picture_that_is_kept_no_more_is_told(files: InputFiles) -> None:
    item = take_in_bytes(files, written(halves()), "a.png", _ROLE)
    files.path(item).unlink()
    with pytest.raises(ValueError, match=r"a\.png is not kept any more; choose the file again\."):
        reframed(files, item, Frame("1:1", Framing.CROP))


def test_a_row_of_another_version_can_be_read() -> None:
    stored = {
        "role": "first_frame",
        "sha256": "ab" * 32,
        "mime_type": "image/png",
        "size_bytes": 1,
        "name": "a.png",
    }
    assert MediaInput.from_json({**stored, "colour_depth": 12}).frame is None
    for wrong in ({"original": "../me"}, {"frame": {"aspect_ratio": "16:9", "how": "bend"}}):
        with pytest.raises(ValueError, match=r"."):
            MediaInput.from_json({**stored, **wrong})


def clip(path: Path, *, count: int = 50, gop: int = 12, size: tuple[int, int] = (64, 48)) -> Path:
    """Frame n has as much blue as n * 5; 25 a second, with pictures that lean on later ones."""
    # the index comes first, so that the end can be cut off
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "2", "g": str(gop)})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(count):
            image = Image.new("RGB", size, (200, 30, number * 5))
            for packet in stream.encode(av.VideoFrame.from_image(image)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("at", "blue"), [("first", 0), ("last", 245), (1.0, 125), (0.0, 0), (1, 125), (99.0, 245)]
)
def test_a_still_is_the_very_picture_that_is_seen(files: InputFiles, tmp_path, at, blue) -> None:  # type: ignore[no-untyped-def]
    item = take_in_frame(files, clip(tmp_path / "a.mp4"), _ROLE, at=at)
    assert item.mime_type == "image/png"
    assert picture_of(files, item).getpixel((30, 20)) == pytest.approx((200, 30, blue), abs=4)


@pytest.mark.parametrize("gop", [12, 250])
def test_the_end_of_a_clip_that_was_cut_off_is_what_can_be_decoded(
    files: InputFiles, tmp_path: Path, gop: int
) -> None:
    content = clip(tmp_path / "a.mp4", gop=gop).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: content.index(b"mdat") + 1500])
    item = take_in_frame(files, tmp_path / "cut.mp4", _ROLE, at="last")
    blue = picture_of(files, item).getpixel((30, 20))[2]  # type: ignore[index]
    assert 5 <= blue < 245


@pytest.mark.parametrize("content", [b"", b"words", b"\0\0\0\x20ftypisom" + bytes(99)])
def test_what_is_no_clip_has_no_still(files: InputFiles, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.mp4 cannot be read as a clip\."):
        take_in_frame(files, tmp_path / "a.mp4", _ROLE, at="last")
    for moment in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="0 seconds or more"):
            take_in_frame(files, tmp_path / "a.mp4", _ROLE, at=moment)


def test_a_still_can_be_cut_and_is_kept_once(files: InputFiles, tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4")
    frame = Frame("1:1", Framing.CROP)
    item = take_in_frame(files, source, _ROLE, at="last", frame=frame)
    assert (item.width_px, item.height_px, item.name) == (48, 48, "a, last frame.png")
    content = files.path(item).read_bytes()
    assert hashlib.sha256(content).hexdigest() == item.sha256
    assert take_in_picture(files, files.path(item), _ROLE).sha256 == item.sha256
