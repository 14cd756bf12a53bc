"""A clip as the scene: edited it is shown in the light of the words, extended it goes on into a new one.

Frames are decoded as they are needed, so memory does not grow with the length.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from veo_studio.core.providers.rehearsal.photo import melt
from veo_studio.core.providers.rehearsal.raster import Canvas, to_yuv
from veo_studio.core.providers.rehearsal.scene import Scene
from veo_studio.core.providers.rehearsal.theme import Theme

Array = NDArray[Any]
_MELT_S = 1.0
# how much of the colour is the words' own, in 256ths
_TINT = 110


def probe_clip(path: Path) -> tuple[float, int, int]:
    """Seconds, width and height; raises ValueError for what is no clip."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            if stream.duration is not None and stream.time_base is not None:
                length_s = float(stream.duration * stream.time_base)
            else:
                length_s = (container.duration or 0) / 1_000_000
            size = stream.codec_context.width, stream.codec_context.height
    except (av.FFmpegError, IndexError, OSError) as error:
        raise ValueError("it cannot be read as a clip") from error
    if length_s <= 0 or min(size) <= 0:
        raise ValueError("it has no pictures")
    return length_s, *size


class Footage:
    """The pictures of a clip, filling a canvas; asked for in the order of time."""

    def __init__(self, path: str, width_px: int, height_px: int) -> None:
        self._size = (width_px, height_px)
        self._frames = self._decoded(path)
        self._next: tuple[float, Array, Array] | None = next(self._frames, None)
        if self._next is None:
            raise ValueError("the clip has no pictures")
        self._shown = self._next

    def at(self, time_s: float) -> tuple[Array, Array]:
        """Luma and chroma at `time_s`; after the end the last picture."""
        while self._next is not None and self._next[0] <= time_s + 1e-3:
            self._shown = self._next
            self._next = next(self._frames, None)
        return self._shown[1], self._shown[2]

    def _decoded(self, path: str) -> Iterator[tuple[float, Array, Array]]:
        width, height = self._size
        with av.open(path) as container:
            for frame in container.decode(video=0):
                scale = max(width / frame.width, height / frame.height)
                wide, high = (
                    2 * math.ceil(side * scale / 2) for side in (frame.width, frame.height)
                )
                planes = frame.reformat(wide, high, "yuv420p").to_ndarray()
                left, top = (wide - width) // 4 * 2, (high - height) // 4 * 2
                luma = planes[top : top + height, left : left + width]
                chroma = planes[high:].reshape(2, high // 2, wide // 2)
                small = chroma[:, top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
                yield float(frame.time or 0), luma.astype(np.uint16), small.astype(np.uint16)


class EditedScene:
    """The clip itself, its colours drawn towards those of the words."""

    def __init__(self, footage: Footage, theme: Theme) -> None:
        self._footage = footage
        _, blue, red = to_yuv(theme.palette.accent)
        self._target = np.array([round(blue), round(red)], np.uint16).reshape(2, 1, 1)

    def paint(self, canvas: Canvas, time_s: float) -> None:
        luma, chroma = self._footage.at(time_s)
        np.copyto(canvas.luma, luma)
        np.copyto(canvas.chroma, melt(chroma, self._target, _TINT))


class ExtendedScene:
    """The clip to its end, then its last picture melting into the scene of the words."""

    def __init__(self, footage: Footage, following: Scene, source_s: float) -> None:
        self._footage = footage
        self._following = following
        self._source_s = source_s

    def paint(self, canvas: Canvas, time_s: float) -> None:
        luma, chroma = self._footage.at(min(time_s, self._source_s))
        since_s = time_s - self._source_s
        if since_s < 0:
            np.copyto(canvas.luma, luma)
            np.copyto(canvas.chroma, chroma)
            return
        self._following.paint(canvas, since_s)
        share = min(1.0, since_s / _MELT_S)
        weight = round(256 * share * share * (3 - 2 * share))
        if weight < 256:
            np.copyto(canvas.luma, melt(luma, canvas.luma, weight))
            np.copyto(canvas.chroma, melt(chroma, canvas.chroma, weight))
