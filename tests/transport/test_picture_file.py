"""What counts as a whole picture, while it arrives and afterwards."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.transport.pictures import FORMATS, noise_picture, written
from veo_studio.core import posters
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.models import GenerationKind
from veo_studio.core.mp4 import CutShort
from veo_studio.core.picture_file import check_picture, extension_of_picture, picture_size
from veo_studio.core.result_files import PICTURE, VIDEO, check_kind, kind_of

EVERY_FORMAT = pytest.mark.parametrize("extension", FORMATS)


def in_file(folder: Path, content: bytes, extension: str = "png") -> Path:
    path = folder / f"a.{extension}"
    path.write_bytes(content)
    return path


@EVERY_FORMAT
def test_a_real_picture_is_whole_and_says_its_size(tmp_path: Path, extension: str) -> None:
    content = noise_picture(extension)
    path = in_file(tmp_path, content, extension)
    check_picture(path)
    assert picture_size(path) == (320, 180)
    assert extension_of_picture(content[:12]) == extension


@pytest.mark.parametrize(
    ("extension", "how"),
    [("jpg", {"progressive": True}), ("jpg", {"restart_marker_blocks": 1}), ("webp", {"lossless": True})],
)  # fmt: skip
def test_the_other_ways_to_write_one_are_whole_too(
    tmp_path: Path, extension: str, how: dict[str, object]
) -> None:
    image = Image.effect_noise((200, 100), 90).convert("RGB")
    content = written(image, extension, **how)
    check_picture(in_file(tmp_path, content, extension))
    for part in (0.3, 0.6, 0.9, 0.99):
        with pytest.raises(DownloadError):
            check_picture(in_file(tmp_path, content[: int(len(content) * part)], extension))


@EVERY_FORMAT
def test_what_follows_the_end_of_a_picture_is_no_damage(tmp_path: Path, extension: str) -> None:
    check_picture(in_file(tmp_path, noise_picture(extension) + b"more views", extension))


@EVERY_FORMAT
def test_c03_every_shorter_picture_is_found_to_be_short(tmp_path: Path, extension: str) -> None:
    content = noise_picture(extension, 16, 8)
    for length in range(len(content)):
        with pytest.raises(DownloadError):
            check_picture(in_file(tmp_path, content[:length], extension))


@EVERY_FORMAT
@pytest.mark.parametrize("missing", [1, 2, 100, 5000])
def test_c03_the_rest_of_a_picture_that_was_cut_may_still_come(
    tmp_path: Path, extension: str, missing: int
) -> None:
    with pytest.raises(CutShort):
        check_picture(in_file(tmp_path, noise_picture(extension)[:-missing], extension))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>nothing here, sorry</html>",
        b"\xff\xd8\xff\xe0\x00\x04ab\x00\x00\x00\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"RIFF\x04\x00\x00\x00WEBP",
        b"GIF89a" + bytes(60),
    ],
)
def test_c05_what_is_no_whole_picture_is_seen(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DownloadError):
        check_picture(in_file(tmp_path, content))


def test_c17_one_wrong_bit_of_a_png_is_found(tmp_path: Path) -> None:
    content = noise_picture("png")
    for seed in range(40):
        damaged = bytearray(content)
        damaged[random.Random(seed).randrange(len(content))] ^= 4
        with pytest.raises(DownloadError):
            check_picture(in_file(tmp_path, bytes(damaged)))


@pytest.mark.parametrize("side", [9000, 12_000, 100_000])
def test_a_picture_that_claims_too_many_pixels_is_not_decoded(tmp_path: Path, side: int) -> None:
    content = bytearray(noise_picture("png"))
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path = in_file(tmp_path, bytes(content))
    for call in (check_picture, picture_size):
        with pytest.raises(DownloadError, match="80 million pixels"):
            call(path)


def test_a_missing_picture_is_a_storage_error(tmp_path: Path) -> None:
    for call in (check_picture, picture_size):
        with pytest.raises(StorageError):
            call(tmp_path / "missing.png")


def test_the_kind_is_told_by_the_type_and_proved_by_the_bytes() -> None:
    assert kind_of("image/webp") is PICTURE
    assert kind_of("video/mp4") is VIDEO
    picture, video = noise_picture("png")[:12], b"\0\0\0\x18ftypisom"
    with pytest.raises(DownloadError, match="sent a picture in place of a video"):
        VIDEO.refuse_other(picture)
    with pytest.raises(DownloadError, match="sent a video in place of a picture"):
        PICTURE.refuse_other(video)
    with pytest.raises(DownloadError, match="not a picture"):
        PICTURE.refuse_other(b"<html><body>")
    PICTURE.refuse_other(picture)
    VIDEO.refuse_other(video)
    check_kind(GenerationKind.IMAGE, "image/png")
    with pytest.raises(DownloadError, match="made a video in place of a picture"):
        check_kind(GenerationKind.IMAGE, "video/mp4")


@EVERY_FORMAT
def test_a_picture_has_a_thumbnail_in_its_own_shape(tmp_path: Path, extension: str) -> None:
    path = in_file(tmp_path, noise_picture(extension, 1280, 320), extension)
    posters.make_thumbnail(path, tmp_path / "small.jpg")
    with Image.open(tmp_path / "small.jpg") as small:
        assert (small.size, small.mode) == ((640, 160), "RGB")


def test_what_is_transparent_is_seen_on_grey(tmp_path: Path) -> None:
    path = in_file(tmp_path, written(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "png"))
    posters.make_thumbnail(path, tmp_path / "small.jpg")
    with Image.open(tmp_path / "small.jpg") as small:
        assert small.getpixel((5, 5)) == (128, 128, 128)


def test_a_damaged_picture_only_lacks_a_thumbnail(tmp_path: Path) -> None:
    path = in_file(tmp_path, noise_picture("png")[:900])
    with pytest.raises(DownloadError):
        posters.make_thumbnail(path, tmp_path / "small.jpg")
    assert not (tmp_path / "small.jpg").exists()
