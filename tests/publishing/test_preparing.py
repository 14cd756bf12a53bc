"""What a publisher gets: the very clip, its pictures, a copy that is small enough; and what no file becomes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import pytest
from PIL import Image

from tests.exporting.clips import write_clip
from tests.fakes.generations import a_generation
from tests.publishing.scripted import eventually
from tests.transport.clips import coloured, noise_clip, padded
from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DiskFull
from veo_studio.core.exporting.exporter import Exporter, ExportResult
from veo_studio.core.models import Generation, GenerationKind, GenerationState
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    Link,
    Origin,
    Parcel,
    TargetKind,
    Way,
)
from veo_studio.core.publishing.preparing import Preparer
from veo_studio.core.thumbnails import Thumbnails

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass
class Bench:
    preparer: Preparer
    exporter: Exporter
    folder: Path
    limit: int | None = None

    async def parcel(
        self, generation: Generation, one: Delivery, link: Link | None = None
    ) -> Parcel:
        async def link_of(_one: Delivery) -> Link:
            assert link is not None, "no link was to be made"
            return link

        publisher = publisher_for(TargetKind.FOLDER, {"folder": str(self.folder)}, {})
        return await self.preparer.parcel(one, generation, publisher, link_of)

    def left(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    exporter = Exporter(tmp_path / "notes")
    folder = tmp_path / "deliveries"
    made = Bench(Preparer(folder, thumbnails, exporter, lambda _kind: made.limit), exporter, folder)
    yield made
    await made.preparer.close()
    await thumbnails.close()


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of noise: no encoder makes them small by itself."""
    path = tmp_path_factory.mktemp("noise") / "20261122_040000_Noise.mp4"
    path.write_bytes(noise_clip())
    return path


def a_delivery(way: Way = Way.AS_IS) -> Delivery:
    return Delivery(
        1, str(uuid4()), 1, 1, "My folder", TargetKind.FOLDER, way, DeliveryState.SENDING,
        Origin.USER, NOW, NOW,
    )  # fmt: skip


def a_clip(file: Path, **fields: Any) -> Generation:
    content = file.read_bytes()
    return replace(
        a_generation(),
        state=GenerationState.COMPLETED,
        video_path=file,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        caption="A boat",
        tags=("boat", "sea"),
        **fields,
    )


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


# smaller copies


def facts(file: Path) -> tuple[float, bool]:
    with av.open(str(file)) as container:
        return container.duration / 1_000_000, bool(container.streams.audio)


@pytest.mark.parametrize("limit", [600_000, 150_000])
async def test_a_smaller_copy_is_whole_and_below_the_limit(bench, noise, limit):
    bench.limit = limit
    clip = a_clip(noise)
    assert clip.size_bytes > limit
    parcel = await bench.parcel(clip, a_delivery(Way.SMALLER))
    assert parcel.file != noise
    assert parcel.size_bytes == parcel.file.stat().st_size <= limit
    assert parcel.sha256 == hashlib.sha256(parcel.file.read_bytes()).hexdigest()
    assert parcel.name == noise.name
    length_s, has_sound = facts(parcel.file)
    assert length_s == pytest.approx(2.0, abs=0.2)
    assert has_sound
    assert parcel.width_px <= 320
    # the original is as it was
    assert hashlib.sha256(noise.read_bytes()).hexdigest() == clip.sha256


async def test_a_copy_that_was_made_before_is_used_again(bench, noise):
    bench.limit = 400_000
    one = a_delivery(Way.SMALLER)
    first = await bench.parcel(a_clip(noise), one)
    made_at = first.file.stat().st_mtime_ns
    second = await bench.parcel(a_clip(noise), one)
    assert second.file == first.file
    assert second.sha256 == first.sha256
    assert second.file.stat().st_mtime_ns == made_at


async def test_what_fits_already_goes_as_it_is(bench, noise):
    bench.limit = 50_000_000
    parcel = await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
    assert parcel.file == noise


async def test_without_a_limit_the_copy_is_just_smaller(bench, noise):
    parcel = await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
    assert parcel.size_bytes < noise.stat().st_size


async def test_a_clip_that_is_too_long_for_the_limit_is_said(bench, noise):
    bench.limit = 40_000
    with pytest.raises(NotTaken, match="too long for a copy below") as refused:
        await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
    assert "link" in str(refused.value.action)


async def test_a_copy_of_another_form_becomes_mp4(bench, tmp_path):
    clip = write_clip(tmp_path / "clip.mov", seconds=1.0)
    clip.write_bytes(padded(clip.read_bytes(), 400_000))
    bench.limit = 300_000
    parcel = await bench.parcel(a_clip(clip), a_delivery(Way.SMALLER))
    assert parcel.name == "clip.mp4"
    assert parcel.media_type == "video/mp4"
    assert parcel.size_bytes <= bench.limit


async def test_a_picture_becomes_a_smaller_jpeg(bench, tmp_path):
    file = tmp_path / "picture.png"
    Image.effect_noise((800, 600), 80).convert("RGB").save(file)
    bench.limit = 300_000
    picture = a_clip(file, kind=GenerationKind.IMAGE)
    assert picture.size_bytes > bench.limit
    parcel = await bench.parcel(picture, a_delivery(Way.SMALLER))
    assert parcel.name == "picture.jpg"
    assert parcel.media_type == "image/jpeg"
    assert parcel.size_bytes <= bench.limit
    with Image.open(parcel.file) as made:
        assert made.size == (800, 600)


async def test_a_damaged_clip_has_no_smaller_copy(bench, tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(bytes(5000))
    bench.limit = 1000
    with pytest.raises(NotTaken, match="No smaller copy can be made"):
        await bench.parcel(a_clip(file), a_delivery(Way.SMALLER))


class Heavy(Exporter):
    """Makes the first copies heavier than they are to be, as an encoder may that misses its rate."""

    def __init__(self, notes: Path, heavy: int) -> None:
        super().__init__(notes)
        self.heavy = heavy
        self.rates: list[int | None] = []

    async def run(self, jobs: Any, *told: Any) -> list[ExportResult]:
        (job,) = jobs
        self.rates.append(job.most_bits_s)
        results = await super().run(jobs, *told)
        if len(self.rates) > self.heavy:
            return results
        (result,) = results
        assert result.path is not None
        assert result.made is not None
        with result.path.open("ab") as file:
            file.write(bytes(500_000))
        made = replace(result.made, size_bytes=result.path.stat().st_size)
        return [replace(result, made=made)]


@pytest.mark.parametrize("heavy", [1, 2])
async def test_a_copy_that_is_too_large_is_made_once_more_with_less(tmp_path, noise, heavy):
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    exporter = Heavy(tmp_path / "notes", heavy)
    preparer = Preparer(tmp_path / "deliveries", thumbnails, exporter, lambda _kind: 450_000)
    bench = Bench(preparer, exporter, tmp_path / "deliveries")
    try:
        if heavy == 1:
            parcel = await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
            assert parcel.size_bytes <= 450_000
        else:
            with pytest.raises(NotTaken, match="too long for a copy"):
                await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
            assert not [name for name in bench.left() if "smaller" in name]
    finally:
        await preparer.close()
        await thumbnails.close()
    first, second = exporter.rates
    assert first is not None
    assert second == pytest.approx(first * 0.6, rel=0.01)


class Full(Exporter):
    async def run(self, jobs: Any, *told: Any) -> list[ExportResult]:
        return [ExportResult(job, error=DiskFull("The disk is full.")) for job in jobs]


async def test_a_full_disk_is_tried_again(tmp_path, noise):
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    exporter = Full(tmp_path / "notes")
    preparer = Preparer(tmp_path / "deliveries", thumbnails, exporter, lambda _kind: 450_000)
    bench = Bench(preparer, exporter, tmp_path / "deliveries")
    with pytest.raises(TryAgain, match="no room") as refused:
        await bench.parcel(a_clip(noise), a_delivery(Way.SMALLER))
    assert refused.value.kind is ErrorKind.STORAGE
    await preparer.close()
    await thumbnails.close()


async def test_a_copy_that_is_cancelled_leaves_nothing(bench, noise):
    bench.limit = 400_000
    one = a_delivery(Way.SMALLER)
    preparing = asyncio.create_task(bench.parcel(a_clip(noise), one))
    await eventually(lambda: bench.exporter.worker_pid is not None or preparing.done())
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    assert bench.left() == [one.uuid]


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
