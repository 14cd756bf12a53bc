"""What is taken in is a picture or a clip and nothing else: no places, no names, no words of other programs."""

from __future__ import annotations

import hashlib
import random
import time
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.fakes.generations import a_generation
from tests.transport.clips import noise_clip
from veo_studio.core.catalog import Catalog
from veo_studio.core.clean_media import clean_picture
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import take_in_clip, take_in_picture
from veo_studio.core.models import InputRole, MediaInput
from veo_studio.ui.view_models.form_memory import stored_config

_SECRET = b"SECRETPLACE"


def written(image: Image.Image, form: str, **how: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content


def on_its_side() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = _SECRET.decode(), 6
    return exif


def told() -> PngImagePlugin.PngInfo:
    words = PngImagePlugin.PngInfo()
    words.add_text("workflow", _SECRET.decode())
    return words


_RED = Image.new("RGB", (64, 48), "red")
_JPEG = written(_RED, "JPEG")
_NOTED = {
    "jpeg iptc": _JPEG[:2] + segment(0xED, b"Photoshop 3.0\0" + _SECRET) + _JPEG[2:],
    "jpeg comment": _JPEG[:2] + segment(0xFE, _SECRET) + _JPEG[2:],
    "jpeg xmp": _JPEG[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _SECRET) + _JPEG[2:],
    "jpeg app5": _JPEG[:2] + segment(0xE5, _SECRET) + _JPEG[2:],
    "jpeg and more": _JPEG + b"....ftypmp42" + _SECRET,
    "png text": written(_RED, "PNG", pnginfo=told()),
    "png and more": written(_RED, "PNG") + _SECRET,
    "webp xmp": written(_RED, "WEBP", xmp=_SECRET),
    "webp and more": written(_RED, "WEBP") + _SECRET,
}


def cleaned(content: bytes, name: str) -> tuple[bytes, str, tuple[int, int]]:
    picture = clean_picture(content, name)
    return picture.content, picture.mime_type, picture.image.size


@pytest.mark.parametrize("content", _NOTED.values(), ids=_NOTED)
def test_nothing_but_the_picture_is_kept(content: bytes) -> None:
    assert _SECRET in content
    clean, mime_type, size = cleaned(content, "a")
    assert _SECRET not in clean
    assert size == (64, 48)
    assert mime_type == f"image/{Image.open(BytesIO(clean)).format}".lower()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "L", "LA", "CMYK", "I;16"])
def test_every_kind_of_picture_becomes_an_upright_one_of_three_colours(
    form: str, mode: str
) -> None:
    source = _RED.convert("L").convert(mode) if mode == "I;16" else _RED.convert(mode)
    try:
        content = written(source, form, exif=on_its_side())
    except OSError:
        return  # there is no such file
    clean, _mime_type, size = cleaned(content, "a")
    picture = Image.open(BytesIO(clean))
    assert (size, picture.size) == ((48, 64), (48, 64))
    assert picture.mode in ("RGB", "RGBA")
    assert _SECRET not in clean
    assert not picture.getexif()


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    grey = Image.new("I;16", (8, 8), 128 * 256)
    clean, _mime_type, _size = cleaned(written(grey, "PNG"), "a")
    assert Image.open(BytesIO(clean)).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_stays(form: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clean, _mime_type, _size = cleaned(written(_RED, form, icc_profile=profile), "a")
    assert Image.open(BytesIO(clean)).info["icc_profile"] == profile


def test_what_was_without_loss_stays_so() -> None:
    noise = Image.effect_noise((40, 30), 50).convert("RGBA")
    for content in (written(noise, "PNG"), written(noise, "WEBP", lossless=True)):
        clean, _mime_type, _size = cleaned(content, "a")
        before, after = (Image.open(BytesIO(one)).convert("RGBA") for one in (content, clean))
        assert before.tobytes() == after.tobytes()


def test_a_phones_picture_of_several_views_is_its_first_one() -> None:
    content = written(_RED, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    clean, mime_type, _size = cleaned(content, "a.jpg")
    assert mime_type == "image/jpeg"
    picture = Image.open(BytesIO(clean))
    assert picture.format == "JPEG"
    red, _green, _blue = picture.getpixel((9, 9))
    assert red > 250


def test_a_damaged_picture_is_refused_in_words_whatever_is_wrong_with_it() -> None:
    draw = random.Random(3)
    noise = Image.effect_noise((40, 30), 50).convert("RGB")
    whole = [written(noise, form, exif=on_its_side()) for form in ("JPEG", "PNG", "WEBP")]
    whole.append(written(noise.quantize(16), "PNG"))
    told = set()
    with warnings.catch_warnings():
        # Pillow warns of what it then raises about
        warnings.simplefilter("ignore")
        for _ in range(600):
            content = bytearray(draw.choice(whole))
            for _ in range(draw.choice([1, 1, 2, 5, 20])):
                place = draw.randrange(min(len(content), draw.choice([200, 9999])))
                content[place] = draw.randrange(256)
            cut = draw.randrange(len(content)) if draw.random() < 0.2 else len(content)
            try:
                clean_picture(bytes(content[:cut]), "boat.png")
            except ValueError as error:
                told.add(str(error))
    assert "boat.png is damaged: it cannot be read as a picture." in told
    assert all(words.startswith("boat.png ") for words in told)


def test_a_large_picture_is_taken_in_without_a_wait(tmp_path: Path) -> None:
    # 12 megapixels take a tenth of that on a quiet machine
    source = tmp_path / "large.jpg"
    Image.effect_noise((4000, 3000), 20).convert("RGB").save(source)
    started_s = time.process_time()
    item = take_in_picture(InputFiles(tmp_path / "in"), source, InputRole.FIRST_FRAME)
    assert time.process_time() - started_s < 2
    assert (item.width_px, item.height_px) == (4000, 3000)


def clip_with_notes(target: Path) -> None:
    import av

    with (
        av.open(BytesIO(noise_clip())) as old,
        av.open(str(target), "w", options={"movflags": "use_metadata_tags"}) as new,
    ):
        new.metadata.update(location="+48.8577+002.295/", comment=_SECRET.decode())
        kept = {s.index: new.add_stream_from_template(s) for s in old.streams}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = kept[packet.stream.index]
                new.mux(packet)


def test_a_clip_loses_where_it_was_made_and_nothing_else(tmp_path: Path) -> None:
    import av

    source, files = tmp_path / "holiday.mp4", InputFiles(tmp_path / "in")
    clip_with_notes(source)
    assert b"+48.8577" in source.read_bytes()
    item = take_in_clip(files, source, InputRole.SOURCE)
    kept = files.path(item).read_bytes()
    assert b"+48.8577" not in kept
    assert _SECRET not in kept
    assert item.length_s == pytest.approx(2, abs=0.1)
    with av.open(BytesIO(kept)) as clip, av.open(BytesIO(noise_clip())) as first:
        for stream in ("video", "audio"):
            packets = [bytes(packet) for packet in clip.demux(**{stream: 0})]
            assert packets == [bytes(packet) for packet in first.demux(**{stream: 0})]
            clip.seek(0)
            first.seek(0)
    assert take_in_clip(files, source, InputRole.SOURCE).sha256 == item.sha256


def test_only_the_very_clip_that_we_made_is_known_to_its_provider(tmp_path: Path) -> None:
    source, files = tmp_path / "ours.mp4", InputFiles(tmp_path / "in")
    source.write_bytes(noise_clip())
    digest = hashlib.sha256(noise_clip()).hexdigest()
    made = a_generation(id=5, operation_id="op-5", provider="gemini", sha256=digest)
    item = take_in_clip(files, source, InputRole.SOURCE, made)
    assert (item.generation_id, item.operation_id, item.provider) == (5, "op-5", "gemini")
    assert files.path(item).read_bytes() == noise_clip()
    clip_with_notes(source)
    item = take_in_clip(files, source, InputRole.SOURCE, made)
    assert (item.generation_id, item.operation_id, item.provider) == (None, None, None)


def test_a_picture_in_a_clips_clothes_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(b"\0\0\0\x20ftypavif" + bytes(60))
    with pytest.raises(ValueError, match=r"a\.mp4 is no mp4 clip\."):
        take_in_clip(InputFiles(tmp_path), source, InputRole.SOURCE)
    _RED.save(source, "AVIF")
    content = source.read_bytes()
    source.write_bytes(content[:8] + b"isom" + content[12:])
    with pytest.raises(ValueError, match="no length"):
        take_in_clip(InputFiles(tmp_path), source, InputRole.SOURCE)


_STORED = {
    "role": "first_frame",
    "sha256": "ab" * 32,
    "mime_type": "image/png",
    "size_bytes": 1,
    "name": "a.png",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "/etc/ssl/private/x"},
        {"sha256": "../../../photos/me"},
        {"sha256": "AB" * 32},
        {"sha256": "ab" * 32 + "\n"},
        {"sha256": 7},
        {"sha256": ["ab" * 32]},
        {"mime_type": "text/plain"},
        {"mime_type": ["image/png"]},
        {"width_px": "wide"},
        {"size_bytes": 1.5},
        {"length_s": "long"},
    ],
)
def test_what_was_stored_leads_to_no_file_outside_the_folder(wrong: dict[str, Any]) -> None:
    assert MediaInput.from_json(_STORED).sha256 == "ab" * 32
    with pytest.raises(ValueError, match=r"."):
        MediaInput.from_json({**_STORED, **wrong})
    model = Catalog.load().models[0]
    assert stored_config(model, {"inputs": [_STORED]}) is not None
    assert stored_config(model, {"inputs": [{**_STORED, **wrong}]}) is None


def test_a_picture_is_looked_for_in_the_folder_only(tmp_path: Path) -> None:
    item = MediaInput(InputRole.FIRST_FRAME, "../../../photos/me", "image/jpeg", 1, "a")
    with pytest.raises(ValueError, match="digest"):
        InputFiles(tmp_path).path(item)
