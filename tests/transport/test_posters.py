from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.transport.clips import coloured, rising
from veo_studio.core import posters
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.posters import STRIP_FRAMES


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (640, 360)), ((360, 640), (360, 640)), ((320, 180), (320, 180))],
)
def test_a_thumbnail_keeps_the_shape_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    video = coloured(tmp_path / "a.mp4", *size, frames=4)
    posters.make_thumbnail(video, tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.format == "JPEG"
        assert image.size == expected
    assert (tmp_path / "a.jpg").stat().st_mode & 0o777 == 0o600


def test_a_thumbnail_shows_the_middle_and_not_the_keyframe_before_it(tmp_path: Path) -> None:
    posters.make_thumbnail(coloured(tmp_path / "a.mp4", 64, 48), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        red, _, blue = image.getpixel((32, 24))  # type: ignore[misc]
    assert blue > 200 > 50 > red


def test_c17_a_damaged_file_leaves_no_half_picture(clip: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clip[: len(clip) // 2])
    with pytest.raises(DownloadError):
        posters.make_thumbnail(path, tmp_path / "a.jpg")
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix != ".mp4"] == []


def test_a_folder_that_cannot_be_written_is_a_storage_error(
    video_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        posters.make_thumbnail(video_file, tmp_path / "missing" / "a.jpg")


@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize("gop", [1, 7, 48, 1000])
def test_the_poster_is_the_frame_of_the_middle(tmp_path: Path, gop: int, b_frames: int) -> None:
    video = rising(tmp_path / "a.mp4", gop=gop, b_frames=b_frames)
    posters.make_thumbnail(video, tmp_path / "a.jpg")
    assert shade(tmp_path / "a.jpg") == pytest.approx(127, abs=6)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.webm", "libvpx-vp9"), ("a.mkv", "libx264"), ("a.ts", "libx264"), ("a.mov", "mpeg4")],
)
def test_other_containers_and_codecs_have_pictures_too(
    tmp_path: Path, name: str, codec: str
) -> None:
    video = rising(tmp_path / name, codec=codec, gop=24, b_frames=2)
    posters.make_thumbnail(video, tmp_path / "a.jpg")
    assert shade(tmp_path / "a.jpg") == pytest.approx(127, abs=12)
    posters.make_strip(video, tmp_path / "strip.jpg")
    shades = strip_shades(tmp_path / "strip.jpg")
    assert shades[-1] - shades[0] > 150


@pytest.mark.parametrize(("gop", "b_frames"), [(1, 0), (6, 0), (24, 2), (1000, 0), (1000, 3)])
def test_a_strip_shows_the_whole_clip_in_order(tmp_path: Path, gop: int, b_frames: int) -> None:
    posters.make_strip(
        rising(tmp_path / "a.mp4", gop=gop, b_frames=b_frames), tmp_path / "strip.jpg"
    )
    shades = strip_shades(tmp_path / "strip.jpg")
    expected = [255 * (n + 0.5) / STRIP_FRAMES for n in range(STRIP_FRAMES)]
    assert shades == sorted(shades)
    assert shades == [pytest.approx(one, abs=18) for one in expected]


def test_a_strip_of_a_large_clip_is_small(tmp_path: Path) -> None:
    posters.make_strip(coloured(tmp_path / "a.mp4", 360, 640), tmp_path / "strip.jpg")
    with Image.open(tmp_path / "strip.jpg") as strip:
        assert strip.size == (160 * STRIP_FRAMES, 284)
    assert (tmp_path / "strip.jpg").stat().st_mode & 0o777 == 0o600


def test_a_strip_without_time_takes_what_the_keyframes_give(tmp_path: Path) -> None:
    """However slow the machine is, there is a whole strip, each cell no later than its moment."""
    video = rising(tmp_path / "a.mp4", gop=24)
    posters.make_strip(video, tmp_path / "strip.jpg", limit_s=0.0)
    shades = strip_shades(tmp_path / "strip.jpg")
    assert len(shades) == STRIP_FRAMES
    assert shades == sorted(shades)


def test_a_clip_cut_in_the_middle_still_has_what_is_there(tmp_path: Path) -> None:
    video = rising(tmp_path / "a.ts", gop=12)
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) * 2 // 3])
    posters.make_thumbnail(video, tmp_path / "a.jpg")
    posters.make_strip(video, tmp_path / "strip.jpg")
    assert shade(tmp_path / "a.jpg") > 20


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    for make in (posters.make_thumbnail, posters.make_strip):
        with pytest.raises(FileNotFoundError):
            make(tmp_path / "missing.mp4", tmp_path / "a.jpg")


def shade(picture: Path) -> int:
    with Image.open(picture) as image:
        value: int = image.convert("L").getpixel((32, 24))  # type: ignore[assignment]
    return value


def strip_shades(picture: Path) -> list[int]:
    with Image.open(picture) as strip:
        grey = strip.convert("L")
        cell = strip.width // STRIP_FRAMES
        return [
            int(grey.getpixel((number * cell + cell // 2, strip.height // 2)))  # type: ignore[arg-type]
            for number in range(STRIP_FRAMES)
        ]
