"""The poster thumbnail beside starting ffmpeg for the same picture."""

from __future__ import annotations

import shutil
import subprocess
import time

from benchmarks import clips
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, median

_WIDTH_PX = 640


def measure(setting: Setting) -> list[Figure]:
    from veo_studio.core import media

    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise NotMeasured("ffmpeg is not installed")
    seconds = setting.times(8)
    clip = clips.draw(
        setting.scratch / "thumbnail.mp4", width_px=1280, height_px=720, seconds=seconds
    )
    ours, theirs = [], []
    for number in range(setting.times(15, least=2) + 1):
        started = time.perf_counter()
        media.make_thumbnail(clip, setting.scratch / f"ours-{number}.jpg", width_px=_WIDTH_PX)
        ours.append(time.perf_counter() - started)
        target = str(setting.scratch / f"theirs-{number}.jpg")
        command = [ffmpeg, "-v", "error", "-y", "-ss", str(seconds / 2), "-i", str(clip)]
        command += ["-frames:v", "1", "-vf", f"scale={_WIDTH_PX}:-2", "-q:v", "4", target]
        started = time.perf_counter()
        subprocess.run(command, check=True)
        theirs.append(time.perf_counter() - started)
    # the first round warms both up: imports here, the page cache there
    ours_s, theirs_s = median(ours[1:]), median(theirs[1:])
    return [
        Figure(
            "thumbnail, times faster than ffmpeg",
            theirs_s / ours_s,
            3,
            "x",
            is_at_most=False,
            detail=f"720p, {seconds} s clip, middle frame: ours {ours_s * 1000:.0f} ms, "
            f"ffmpeg {theirs_s * 1000:.0f} ms (medians of {len(ours) - 1})",
        )
    ]
