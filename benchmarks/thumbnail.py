"""The poster thumbnail beside starting ffmpeg for the same picture."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks import clips
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, median

_WIDTH_PX = 640


def measure(setting: Setting) -> list[Figure]:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise NotMeasured("ffmpeg is not installed")
    seconds = setting.times(8)
    clip = clips.draw(
        setting.scratch / "thumbnail.mp4", width_px=1280, height_px=720, seconds=seconds
    )
    rounds = setting.times(15, least=2)
    ours, strips, theirs = asyncio.run(_times(setting.scratch, clip, ffmpeg, seconds, rounds))
    return [
        Figure(
            "thumbnail, times faster than ffmpeg",
            theirs / ours,
            3,
            "x",
            is_at_most=False,
            detail=f"720p, {seconds} s clip, middle frame, asked for as the window asks: ours "
            f"{ours * 1000:.0f} ms, ffmpeg {theirs * 1000:.0f} ms (medians of {rounds}); "
            f"a strip of 16 frames {strips * 1000:.0f} ms",
        )
    ]


async def _times(
    scratch: Path, clip: Path, ffmpeg: str, seconds: float, rounds: int
) -> tuple[float, float, float]:
    """Medians in seconds of a poster, a strip and ffmpeg's picture, taken in turns."""
    from veo_studio.core.thumbnails import Thumbnails

    thumbnails = Thumbnails(scratch / "posters")
    ours, strips, theirs = [], [], []
    try:
        for number in range(rounds + 1):
            started = time.perf_counter()
            made = await thumbnails.ensure(f"poster-{number}", clip)
            ours.append(time.perf_counter() - started)
            if made is None:
                raise RuntimeError("no thumbnail was made")
            started = time.perf_counter()
            await thumbnails.ensure_strip(f"strip-{number}", clip)
            strips.append(time.perf_counter() - started)
            target = str(scratch / f"theirs-{number}.jpg")
            command = [ffmpeg, "-v", "error", "-y", "-ss", str(seconds / 2), "-i", str(clip)]
            command += ["-frames:v", "1", "-vf", f"scale={_WIDTH_PX}:-2", "-q:v", "4", target]
            started = time.perf_counter()
            subprocess.run(command, check=True)  # noqa: ASYNC221 - nothing else runs here
            theirs.append(time.perf_counter() - started)
    finally:
        await thumbnails.close()
    # the first round warms everything up: imports and the worker here, the page cache there
    return median(ours[1:]), median(strips[1:]), median(theirs[1:])
