"""What a publisher gets: the very clip and its pictures; and what no file becomes."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.generations import a_generation
from tests.publishing.prepared import NOW, Bench, a_clip, a_delivery
from tests.transport.clips import coloured, noise_clip
from veo_studio.core.answers import ErrorKind
from veo_studio.core.exporting.exporter import Exporter
from veo_studio.core.publishing.base import NotTaken
from veo_studio.core.publishing.models import (
    Link,
    Way,
)
from veo_studio.core.publishing.preparing import Preparer
from veo_studio.core.thumbnails import Thumbnails


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    exporter = Exporter(tmp_path / "notes")
    folder = tmp_path / "deliveries"
    made = Bench(Preparer(folder, thumbnails, exporter), exporter, folder)
    yield made
    await made.preparer.close()
    await thumbnails.close()


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of noise: no encoder makes them small by itself."""
    path = tmp_path_factory.mktemp("noise") / "20261122_040000_Noise.mp4"
    path.write_bytes(noise_clip())
    return path


async def test_a_clip_goes_as_it_is_with_its_pictures(bench, noise):
    clip = a_clip(noise, width_px=320, height_px=180, length_s=2.0, has_audio=True)
    one = a_delivery()
    parcel = await bench.parcel(clip, one)
    assert parcel.file == noise
    assert parcel.name == noise.name
    assert parcel.media_type == "video/mp4"
    assert (parcel.size_bytes, parcel.sha256) == (clip.size_bytes, clip.sha256)
    assert (parcel.caption, parcel.tags) == ("A boat", ("boat", "sea"))
    assert (parcel.delivery_uuid, parcel.generation_uuid) == (one.uuid, clip.uuid)
    assert (parcel.width_px, parcel.height_px, parcel.length_s) == (320, 180, 2.0)
    with Image.open(parcel.poster) as poster:
        assert poster.format == "JPEG"
        assert max(poster.size) <= 640
    with Image.open(parcel.thumbnail) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert max(thumbnail.size) <= 320
    assert parcel.thumbnail.stat().st_size < 200_000
    if os.name == "posix":
        assert stat.S_IMODE(parcel.poster.parent.stat().st_mode) == 0o700


async def test_the_poster_is_the_cover_that_was_chosen(bench, tmp_path):
    # its first half is red, its second half is blue
    clip = coloured(tmp_path / "clip.mp4", 320, 180)
    colours = []
    for cover_at_s in (0.2, 2.8):
        parcel = await bench.parcel(a_clip(clip, cover_at_s=cover_at_s), a_delivery())
        for file in (parcel.poster, parcel.thumbnail):
            with Image.open(file) as picture:
                red, _green, blue = picture.convert("RGB").getpixel((5, 5))
                colours.append("red" if red > blue else "blue")
    assert colours == ["red", "red", "blue", "blue"]


async def test_names_that_other_systems_do_not_know_become_plain(bench, noise, tmp_path):
    strange = tmp_path / 'a "b"\n: c\u202e.mp4'
    strange.write_bytes(noise.read_bytes())
    clip = a_clip(strange, finished_at=NOW)
    parcel = await bench.parcel(clip, a_delivery())
    assert parcel.file == strange
    assert parcel.name.isascii()
    assert parcel.name.endswith(".mp4")
    assert not set(parcel.name) & set('"\n:/\\ ')


# files that are not what they were


async def gone(file: Path) -> None:
    file.unlink()


async def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


async def emptied(file: Path) -> None:
    file.write_bytes(b"")


async def cut(file: Path) -> None:
    os.truncate(file, 1000)


async def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "words", "kind"),
    [
        (gone, "is not where it was", ErrorKind.NOT_FOUND),
        (a_folder, "is no file", ErrorKind.NOT_FOUND),
        (emptied, "is empty", ErrorKind.STORAGE),
        (cut, "is not the one that was made", ErrorKind.STORAGE),
        (flipped, "is not the one that was made", ErrorKind.STORAGE),
    ],
)
@pytest.mark.parametrize("way", [Way.AS_IS, Way.SMALLER])
async def test_a_file_that_is_not_the_clip_is_not_sent(
    bench, noise, tmp_path, harm, words, kind, way
):
    file = tmp_path / "clip.mp4"
    file.write_bytes(noise.read_bytes())
    clip = a_clip(file)
    await harm(file)
    with pytest.raises(NotTaken, match=words) as refused:
        await bench.parcel(clip, a_delivery(way))
    assert refused.value.kind is kind
    assert "Locate" in str(refused.value.action)


async def test_a_clip_without_a_file_is_not_finished(bench):
    with pytest.raises(NotTaken, match="not finished"):
        await bench.parcel(replace(a_generation(), video_path=None), a_delivery())


async def test_a_clip_that_nobody_can_show_goes_without_pictures(bench, tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(bytes(5000))
    parcel = await bench.parcel(a_clip(file), a_delivery())
    assert parcel.poster is None
    assert parcel.thumbnail is None
    assert parcel.size_bytes == 5000


async def test_a_link_goes_without_the_file(bench, noise, tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(noise.read_bytes())
    clip = a_clip(file)
    file.unlink()
    link = Link("https://store.example/a.mp4?sig=abc", NOW)
    parcel = await bench.parcel(clip, a_delivery(Way.LINK), link)
    assert parcel.link == link
    assert parcel.size_bytes == clip.size_bytes
    assert "abc" not in repr(parcel)


# what is left behind


async def test_a_closed_delivery_leaves_nothing(bench, noise):
    first, second = a_delivery(), a_delivery()
    await bench.parcel(a_clip(noise), first)
    await bench.parcel(a_clip(noise), second)
    await bench.preparer.release(first.uuid)
    assert {name.partition("/")[0] for name in bench.left()} == {second.uuid}
    # names that are none of its own lead nowhere
    await bench.preparer.release("../thumbnails")
    assert (bench.folder.parent / "thumbnails").is_dir()


async def test_at_the_start_only_open_deliveries_keep_theirs(bench, noise):
    first, second = a_delivery(), a_delivery()
    await bench.parcel(a_clip(noise), first)
    await bench.parcel(a_clip(noise), second)
    (bench.folder / "not mine").mkdir()
    await bench.preparer.sweep([second.uuid])
    assert {name.partition("/")[0] for name in bench.left()} == {second.uuid, "not mine"}


async def test_a_sweep_where_nothing_was_ever_made(bench):
    await bench.preparer.sweep([])
    assert not bench.folder.exists()
