"""Real mp4 files of a wanted size, made without the program."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import av
import numpy as np


def draw(path: Path, *, width_px: int, height_px: int, seconds: int, fps: int = 24) -> Path:
    """A moving pattern with some noise, H.264 as services deliver it."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.options = {"preset": "superfast", "crf": "23", "g": str(fps * 2)}
        rows, columns = np.mgrid[0:height_px, 0:width_px]
        noise = np.random.default_rng(1).integers(0, 24, (height_px, width_px))
        for number in range(seconds * fps):
            image = np.empty((height_px, width_px, 3), np.uint8)
            image[..., 0] = (columns + number * 7 + noise) % 256
            image[..., 1] = (rows + number * 3) % 256
            image[..., 2] = (rows // 2 + columns // 2 + number) % 256
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def padded(clip: Path, path: Path, size_bytes: int) -> Path:
    """`clip` as a file of exactly `size_bytes`: still a whole, playable mp4."""
    body = clip.read_bytes()
    rest = size_bytes - len(body)
    if rest < 8:
        raise ValueError(f"{size_bytes} bytes are too few for a clip of {len(body)}")
    # noise, not zeros: nothing on the way may find them easier than a real file
    block = random.Random(1).randbytes(1 << 20)
    with path.open("wb") as file:
        file.write(body)
        file.write(struct.pack(">I4s", rest, b"free"))
        left = rest - 8
        while left > 0:
            left -= file.write(block[:left])
    return path
