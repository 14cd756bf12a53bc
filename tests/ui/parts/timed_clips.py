"""Clips whose brightness tells the moment: 20 at the start, one more for every 10 ms."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PyQt6.QtGui import QImage

BLACK_LEVEL, MS_PER_LEVEL = 20, 10


def timed_clip(
    path: Path,
    *,
    length_s: float = 2.0,
    fps: int = 25,
    size: tuple[int, int] = (160, 90),
    codec: str = "libx264",
    has_sound: bool = True,
    keyframe_every: int | None = None,
) -> Path:
    """Write a real clip with a tone beside it."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast" if codec == "libx264" else "12"}
        if keyframe_every is not None:
            stream.gop_size = keyframe_every
        sound = container.add_stream("aac", rate=48_000) if has_sound else None
        if sound is not None:
            sound.layout = "mono"
        for number in range(round(length_s * fps)):
            level = BLACK_LEVEL + round(number / fps * 1000 / MS_PER_LEVEL)
            picture = np.full((height, width, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        if sound is not None:
            moments = np.arange(round(length_s * 48_000)) / 48_000
            tone = (np.sin(moments * 2 * np.pi * 440) * 8000).astype(np.int16)
            block = av.AudioFrame.from_ndarray(tone[np.newaxis, :], format="s16", layout="mono")
            block.sample_rate = 48_000
            container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path


def moment_ms(image: QImage | None) -> float:
    """The moment that a picture of such a clip tells; below 0 where there is no picture."""
    if image is None:
        return -1000.0
    level = image.pixelColor(image.rect().center()).red()
    return float((level - BLACK_LEVEL) * MS_PER_LEVEL)


def is_shown(image: QImage | None) -> bool:
    """There is a picture, whatever moment it tells: colours are a little off."""
    return moment_ms(image) > -100


def files_held() -> set[Path]:
    """What this process has open; empty where the system does not tell."""
    folder = Path("/proc/self/fd")
    held = set()
    for entry in folder.iterdir() if folder.exists() else ():
        try:
            held.add(entry.readlink())
        except OSError:
            continue
    return held
