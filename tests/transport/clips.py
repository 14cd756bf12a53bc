"""Real video for tests, made once per process."""

from __future__ import annotations

import functools
import io


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
