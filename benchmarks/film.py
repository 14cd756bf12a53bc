"""Films: of twelve clips that are taken as they are, of three that are cross-faded, beside ffmpeg doing the same."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks import clips
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, median
from veo_studio.core.film.maker import FilmMaker
from veo_studio.core.film.models import Film, FilmClip, FilmFormat, FilmMade

_CLIPS, _KEPT_CLIPS = 3, 12
_FADE_S = 1.0


def measure(setting: Setting) -> list[Figure]:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise NotMeasured("ffmpeg is not installed")
    seconds = setting.times(4, least=2)
    height_px = 720 if setting.scale >= 0.5 else 180
    clip = clips.draw(
        setting.scratch / "clip.mp4",
        width_px=height_px * 16 // 9,
        height_px=height_px,
        seconds=seconds,
    )
    rounds = setting.times(2)
    return asyncio.run(_measure(setting.scratch, clip, seconds, rounds, ffmpeg))


async def _measure(
    scratch: Path, clip: Path, seconds: int, rounds: int, ffmpeg: str
) -> list[Figure]:
    kept, encoded, theirs = [], [], []
    maker = FilmMaker(scratch / "notes")
    try:
        for number in range(rounds):
            made_s, made = await _timed(maker, clip, scratch / f"kept-{number}.mp4", 0.0)
            kept.append(made.duration_s / made_s)
            made_s, made = await _timed(maker, clip, scratch / f"faded-{number}.mp4", _FADE_S)
            encoded.append(made.duration_s / made_s)
            target = scratch / f"theirs-{number}.mp4"
            began = time.perf_counter()
            await asyncio.to_thread(_by_ffmpeg, ffmpeg, clip, seconds, target)
            theirs.append(made.duration_s / (time.perf_counter() - began))
    finally:
        await maker.close()
    size = f"clips of {seconds} s, 720p; medians of {rounds}, the worker's start with them"
    return [
        Figure(
            "film without encoding, times playing",
            median(kept),
            10,
            "x",
            is_at_most=False,
            detail=f"{_KEPT_CLIPS} {size}",
        ),
        Figure(
            "film with cross-fades, beside ffmpeg",
            median(encoded) / median(theirs),
            0.8,
            "x",
            is_at_most=False,
            detail=f"{_CLIPS} {size}: ours {median(encoded):.2f} times playing, ffmpeg {median(theirs):.2f}",
        ),
    ]


async def _timed(
    maker: FilmMaker, clip: Path, target: Path, fade_s: float
) -> tuple[float, FilmMade]:
    count = _CLIPS if fade_s else _KEPT_CLIPS
    scenes = (FilmClip(clip, f"Scene {n}", fade_s=fade_s if n else 0) for n in range(count))
    film = Film("A film", tuple(scenes))
    began = time.perf_counter()
    made = await maker.make(film, target, FilmFormat())
    return time.perf_counter() - began, made


def _by_ffmpeg(ffmpeg: str, clip: Path, seconds: int, target: Path) -> None:
    """The same encoder with the same quality, niced as our worker is."""
    chain, before = [], "0:v"
    for number in range(1, _CLIPS):
        offset_s = number * (seconds - _FADE_S)
        name = f"v{number}"
        chain.append(f"[{before}][{number}:v]xfade=duration={_FADE_S}:offset={offset_s}[{name}]")
        before = name
    command = ["nice", "-n", "5", ffmpeg, "-v", "error", "-y"]
    for _ in range(_CLIPS):
        command += ["-i", str(clip)]
    command += ["-filter_complex", ";".join(chain), "-map", f"[{before}]"]
    command += ["-c:v", "libx264", "-preset", "medium", "-crf", "21", "-pix_fmt", "yuv420p"]
    command += ["-g", "48", "-movflags", "faststart", str(target)]
    subprocess.run(command, check=True, capture_output=True)
