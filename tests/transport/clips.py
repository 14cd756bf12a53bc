"""Real video for tests, made once per process."""

from __future__ import annotations

import functools
import io
from pathlib import Path


@functools.cache
def noise_clip() -> bytes:
    """A real mp4 of some 2 MB: 40 frames of noise, 320 x 180, and a tone."""
    import av
    import numpy as np

    draw = np.random.default_rng(7)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=20)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.options = {"preset": "ultrafast", "qp": "4", "g": "10", "threads": "1"}
        audio = container.add_stream("aac", rate=48000)
        for _ in range(40):
            noise = draw.integers(0, 255, (180, 320, 3), dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(video.encode())
        tone = np.zeros((2, 48000), dtype=np.float32)
        sound = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
        sound.sample_rate, sound.pts = 48000, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode())
    made = file.getvalue()
    assert len(made) > 2**20 + 100_000, len(made)
    return made


def padded(clip: bytes, size_bytes: int) -> bytes:
    """The same video with so much room behind it that the file is `size_bytes` long."""
    rest = size_bytes - len(clip)
    return clip + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


def coloured(
    path: Path, width: int, height: int, codec: str = "libx264", frames: int = 30, gop: int = 1000
) -> Path:
    """A clip whose first half is red and whose second half is blue, with one keyframe."""
    import av
    from PIL import Image

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "g": str(gop), "threads": "1"}
        for number in range(frames):
            colour = (255, 0, 0) if number < frames // 2 else (0, 0, 255)
            image = Image.new("RGB", (width, height), colour)
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())
    return path


def rising(
    path: Path, *, frames: int = 96, gop: int = 1000, b_frames: int = 0, codec: str = "libx264"
) -> Path:
    """A clip that goes from black to white evenly, 64 x 48 at 24 frames a second."""
    import av
    from PIL import Image

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.gop_size = gop
        if codec == "libx264":
            stream.options = {
                "preset": "fast", "g": str(gop), "bf": str(b_frames), "threads": "1",
                "sc_threshold": "0",
            }  # fmt: skip
        for number in range(frames):
            shade = round(255 * number / (frames - 1))
            image = Image.new("RGB", (64, 48), (shade, shade, shade))
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode())
    return path
