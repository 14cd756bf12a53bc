"""Tiny real clips with everything that goes wrong in conversions: odd sizes, uneven times, turns, ranges."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE_HZ = 48_000


def write_clip(
    path: Path,
    *,
    seconds: float = 2.0,
    fps: int = 10,
    size: tuple[int, int] = (96, 64),
    key_every: int = 5,
    codec: str = "libx264",
    has_sound: bool = True,
    moments: list[int] | None = None,
    is_full_range: bool = False,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Every picture is of one grey that tells its number; a tone of 440 Hz. `moments` in milliseconds."""
    form = {".mov": "mov", ".webm": "webm"}.get(path.suffix, "mp4")
    with av.open(str(path), "w", format=form) as made:
        made.metadata.update(metadata or {})
        video = made.add_stream(codec, rate=fps)
        video.width, video.height = size
        video.pix_fmt = "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"
        context = video.codec_context
        video.time_base = context.time_base = Fraction(1, 1000)
        context.gop_size = key_every
        context.thread_count = 1
        context.color_range = 2 if is_full_range else 1
        context.colorspace = context.color_primaries = context.color_trc = 1
        if codec == "libx264":
            video.options = {
                "preset": "ultrafast",
                "qp": "6",
                "sc_threshold": "0",
                "keyint_min": "1",
            }
        sound = (
            made.add_stream("libopus" if form == "webm" else "aac", rate=RATE_HZ, layout="stereo")
            if has_sound
            else None
        )
        times = moments or [round(number * 1000 / fps) for number in range(round(seconds * fps))]
        for number, at_ms in enumerate(times):
            made.mux(video.encode(_grey(number, size, video.pix_fmt, at_ms, is_full_range)))
        made.mux(video.encode(None))
        if sound is not None:
            whole = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
            tone = np.tile(np.sin(2 * np.pi * 440 * whole) * 0.4, (2, 1)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
            made.mux(sound.encode(frame))
            made.mux(sound.encode(None))
    return path


def level_of(number: int, is_full_range: bool = False) -> int:
    """The luma of picture `number`."""
    if is_full_range:
        return (0, 255, 128)[number % 3]
    return 40 + number * 8 % 180


def _grey(
    number: int, size: tuple[int, int], form: str, at_ms: int, is_full: bool
) -> av.VideoFrame:
    frame = av.VideoFrame(size[0], size[1], form)
    for index, plane in enumerate(frame.planes):
        level = level_of(number, is_full) if index == 0 else 128
        plane.update(bytes([level]) * plane.buffer_size)
    frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
    return frame


def levels(path: Path) -> list[int]:
    """The middle luma of every picture, as it is stored."""
    with av.open(str(path)) as container:
        return [int(np.median(_luma(frame))) for frame in container.decode(video=0)]


def _luma(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    is_deep = "10" in frame.format.name
    values = np.frombuffer(plane, np.uint16 if is_deep else np.uint8)
    row = plane.line_size // (2 if is_deep else 1)
    values = values.reshape(plane.height, row)[:, : plane.width]
    return values // 4 if is_deep else values


def times_ms(path: Path) -> list[int]:
    """When every picture is seen."""
    with av.open(str(path)) as container:
        return [round((frame.time or 0) * 1000) for frame in container.decode(video=0)]


def sound_s(path: Path) -> float:
    """How much sound there is."""
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def turned(path: Path, degrees: int) -> Path:
    """Say in the file that players turn it clockwise, as phones do."""
    content = bytearray(path.read_bytes())
    matrix = {
        90: (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000),
        180: (-0x10000, 0, 0, 0, -0x10000, 0, 0, 0, 0x40000000),
    }[degrees]
    packed = b"".join((value & 0xFFFFFFFF).to_bytes(4, "big") for value in matrix)
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 36] = packed
    path.write_bytes(content)
    return path
