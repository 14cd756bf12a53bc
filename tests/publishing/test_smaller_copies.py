"""A copy that is small enough, whole, and made once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tests.exporting.clips import write_clip
from tests.publishing.prepared import Bench, a_clip, a_delivery
from tests.publishing.scripted import eventually
from tests.transport.clips import noise_clip, padded
from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DiskFull
from veo_studio.core.exporting.exporter import Exporter, ExportResult
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.kinds import info_of, publisher_for
from veo_studio.core.publishing.models import Delivery, Link, TargetKind, Way
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


@pytest.mark.parametrize(
    ("kind", "options", "secrets", "limit"),
    [
        (
            TargetKind.SUPABASE,
            {"url": "https://abcdefghijklmnopqrst.supabase.co", "max_mb": "1"},
            {"key": f"sb_secret_{'a' * 30}"},
            1024 * 1024,
        ),
        (
            TargetKind.TELEGRAM,
            {"chat": "@films", "server": "https://bots.example"},
            {"token": f"4711:{'a' * 35}"},
            2_000_000_000,
        ),
    ],
)
async def test_the_limit_is_that_of_the_target(bench, noise, kind, options, secrets, limit):
    own = publisher_for(kind, options, secrets)
    assert info_of(kind).max_bytes != own.max_bytes == limit
    clip = a_clip(noise)
    parcel = await bench.preparer.parcel(a_delivery(Way.SMALLER), clip, own, no_link)
    assert parcel.size_bytes <= limit
    assert own.refusal(parcel) is None
    # what fits is not made worse
    assert (parcel.file == noise) is (clip.size_bytes <= limit)
    await own.close()


async def no_link(_one: Delivery) -> Link:
    raise AssertionError("no link was to be made")


async def test_a_form_that_a_page_does_not_show_is_made_another(bench, tmp_path):
    clip = write_clip(tmp_path / "clip.mov", seconds=1.0)
    other = clip.rename(tmp_path / "clip.mkv")
    page = publisher_for(TargetKind.GALLERY, {"folder": str(tmp_path)}, {})
    parcel = await bench.preparer.parcel(a_delivery(Way.SMALLER), a_clip(other), page, no_link)
    assert parcel.name == "clip.mp4"
    assert page.refusal(parcel) is None
    await page.close()


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
    preparer = Preparer(tmp_path / "deliveries", thumbnails, exporter)
    bench = Bench(preparer, exporter, tmp_path / "deliveries", 450_000)
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
    preparer = Preparer(tmp_path / "deliveries", thumbnails, exporter)
    bench = Bench(preparer, exporter, tmp_path / "deliveries", 450_000)
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
