from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from veo_studio.core import media
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.media import Thumbnails
from veo_studio.core.mp4 import CutShort, check_mp4


@pytest.fixture
async def thumbnails(tmp_path: Path) -> AsyncIterator[Thumbnails]:
    made = Thumbnails(tmp_path / "thumbnails")
    yield made
    await made.close()


def coloured(path: Path, width: int, height: int, codec: str = "libx264", frames: int = 30) -> Path:
    """A clip whose first half is red and whose second half is blue, with one keyframe."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "g": "1000", "threads": "1"}
        for number in range(frames):
            colour = (255, 0, 0) if number < frames // 2 else (0, 0, 255)
            image = Image.new("RGB", (width, height), colour)
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())
    return path


# the box walk


def test_a_real_video_is_whole(video_file: Path) -> None:
    check_mp4(video_file)


def box(kind: bytes, payload: bytes = b"", size: int | None = None) -> bytes:
    return (8 + len(payload) if size is None else size).to_bytes(4, "big") + kind + payload


FTYP = box(b"ftyp", b"isom\0\0\0\0")
WHOLE = FTYP + box(b"moov", b"m" * 20) + box(b"mdat", b"d" * 20)
LARGE = FTYP + box(b"moov") + box(b"mdat", (16 + 3).to_bytes(8, "big") + b"abc", size=1)
OPEN_END = FTYP + box(b"moov") + box(b"mdat", b"d" * 20, size=0)


@pytest.mark.parametrize("content", [WHOLE, LARGE, OPEN_END, WHOLE + box(b"free")])
def test_boxes_that_end_with_the_file_are_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    check_mp4(tmp_path / "a.mp4")


@pytest.mark.parametrize("length", range(1, len(WHOLE)))
def test_c03_every_shorter_file_is_cut_short(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.mp4").write_bytes(WHOLE[:length])
    with pytest.raises(CutShort):
        check_mp4(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>nothing here</html>",
        box(b"moov") + FTYP + box(b"mdat"),
        FTYP + box(b"moov", size=7) + box(b"mdat"),
        FTYP + box(b"\0\1\2\3") + box(b"moov") + box(b"mdat"),
        FTYP + box(b"mdat", (15).to_bytes(8, "big"), size=1) + box(b"moov"),
        FTYP + box(b"moov") + box(b"mdat", (2**64 - 1).to_bytes(8, "big"), size=1),
        WHOLE + b"\0",
        FTYP + box(b"moov"),
    ],
)
def test_c05_what_is_no_whole_video_is_seen(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(DownloadError):
        check_mp4(tmp_path / "a.mp4")


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    for call in (check_mp4, media.probe):
        with pytest.raises(StorageError):
            call(tmp_path / "missing.mp4")


# facts


def test_a_file_says_what_is_in_it(video_file: Path) -> None:
    facts = media.probe(video_file)
    assert (facts.width_px, facts.height_px) == (320, 180)
    assert facts.duration_s == pytest.approx(2.0, abs=0.1)
    assert facts.fps == pytest.approx(20)
    assert (facts.video_codec, facts.audio_codec, facts.has_audio) == ("h264", "aac", True)


def test_a_silent_file_says_so(tmp_path: Path) -> None:
    facts = media.probe(coloured(tmp_path / "a.mp4", 64, 48))
    assert facts.has_audio is False
    assert facts.audio_codec is None


def test_c17_a_damaged_file_never_does_more_than_lack_facts(clip: bytes, tmp_path: Path) -> None:
    """Flips in the moov, where all of the structure is; some files stay readable."""
    moov = clip.rindex(b"moov")
    path = tmp_path / "a.mp4"
    for seed in range(150):
        draw = random.Random(seed)
        damaged = bytearray(clip)
        for _ in range(1 + seed % 20):
            damaged[draw.randrange(moov, len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        try:
            facts = media.probe(path)
        except DownloadError:
            continue
        assert facts.width_px > 0


# thumbnails


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (640, 360)), ((360, 640), (360, 640)), ((320, 180), (320, 180))],
)
def test_a_thumbnail_keeps_the_shape_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    video = coloured(tmp_path / "a.mp4", *size, frames=4)
    media.make_thumbnail(video, tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.format == "JPEG"
        assert image.size == expected
    assert (tmp_path / "a.jpg").stat().st_mode & 0o777 == 0o600


def test_a_thumbnail_shows_the_middle_and_not_the_keyframe_before_it(tmp_path: Path) -> None:
    media.make_thumbnail(coloured(tmp_path / "a.mp4", 64, 48), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        red, _, blue = image.getpixel((32, 24))  # type: ignore[misc]
    assert blue > 200 > 50 > red


def test_c17_a_damaged_file_leaves_no_half_picture(clip: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clip[: len(clip) // 2])
    with pytest.raises(DownloadError):
        media.make_thumbnail(path, tmp_path / "a.jpg")
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix != ".mp4"] == []


def test_a_folder_that_cannot_be_written_is_a_storage_error(
    video_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        media.make_thumbnail(video_file, tmp_path / "missing" / "a.jpg")


async def test_thumbnails_are_made_once(thumbnails: Thumbnails, video_file: Path) -> None:
    first, second = await asyncio.gather(
        thumbnails.ensure("one", video_file), thumbnails.ensure("one", video_file)
    )
    assert first == second == thumbnails.path_for("one")
    made_at = first.stat().st_mtime_ns
    assert await thumbnails.ensure("one", video_file) == first
    assert first.stat().st_mtime_ns == made_at


async def test_c17_a_damaged_file_is_asked_about_once(
    thumbnails: Thumbnails, video_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    assert await thumbnails.ensure("broken", broken) is None
    broken.write_bytes(video_file.read_bytes())
    assert await thumbnails.ensure("broken", broken) is None
    assert await thumbnails.ensure("whole", video_file) is not None


async def test_a_worker_that_is_killed_is_replaced(
    thumbnails: Thumbnails, video_file: Path, tmp_path: Path
) -> None:
    """What a decoder can do to a process: it is gone in the middle of a wish."""
    assert await thumbnails.ensure("one", video_file) is not None
    pid = worker_pid(thumbnails)
    os.kill(pid, signal.SIGSTOP)
    wish = asyncio.create_task(thumbnails.ensure("two", video_file))
    other = asyncio.create_task(thumbnails.ensure("three", video_file))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    results = await asyncio.gather(wish, other)
    # whichever was with the worker has no picture now; the next one gets a new worker
    assert None in results or worker_pid(thumbnails) != pid
    assert await thumbnails.ensure("four", video_file) is not None
    assert worker_pid(thumbnails) != pid


async def test_a_worker_that_hangs_is_given_up(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails", timeout_s=0.3)
    try:
        # a pipe that nobody writes to: opening it never returns
        os.mkfifo(tmp_path / "pipe.mp4")
        assert await thumbnails.ensure("one", tmp_path / "pipe.mp4") is None
    finally:
        await thumbnails.close()


async def test_an_idle_worker_ends_and_comes_back(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails", idle_s=0.05)
    try:
        assert await thumbnails.ensure("one", video_file) is not None
        assert thumbnails._pump is not None
        await thumbnails._pump
        assert thumbnails._worker is None
        assert await thumbnails.ensure("two", video_file) is not None
    finally:
        await thumbnails.close()


async def test_the_newest_wish_comes_first(thumbnails: Thumbnails, video_file: Path) -> None:
    order: list[str] = []

    async def ensure(uuid: str) -> None:
        await thumbnails.ensure(uuid, video_file)
        order.append(uuid)

    await asyncio.gather(ensure("first"), ensure("second"), ensure("third"))
    assert order == ["third", "second", "first"]


async def test_closing_ends_every_wish(tmp_path: Path, video_file: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    wishes = [asyncio.create_task(thumbnails.ensure(str(n), video_file)) for n in range(3)]
    await asyncio.sleep(0)
    await thumbnails.close()
    assert await asyncio.gather(*wishes) == [None, None, None]
    await thumbnails.close()


def test_the_worker_dies_with_its_parent(tmp_path: Path, video_file: Path) -> None:
    import subprocess
    import sys

    code = f"""
import asyncio, os, signal
from pathlib import Path
from veo_studio.core.media import Thumbnails

async def main():
    thumbnails = Thumbnails(Path({str(tmp_path)!r}) / "thumbnails")
    assert await thumbnails.ensure("one", Path({str(video_file)!r}))
    print(thumbnails._worker._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""
    script = tmp_path / "parent.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        # the pipe to us ends when the last process that inherited it does
        parent.stdout.read()
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.wait_procs([psutil.Process(pid)], timeout=0.5)
    # killed children of nobody stay listed until somebody asks for them
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def worker_pid(thumbnails: Thumbnails) -> int:
    assert thumbnails._worker is not None
    pid = thumbnails._worker._process.pid
    assert pid is not None
    return pid
