"""The user's own pictures as the scene."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from veo_studio.core.providers.rehearsal.raster import Canvas, Shade, halve, rgb_to_yuv, shade_map

Array = NDArray[Any]


class PhotoScene:
    """The first frame, melting into the last."""

    def __init__(
        self, first: Image.Image | None, last: Image.Image | None,
        width_px: int, height_px: int, duration_s: float,
    ) -> None:  # fmt: skip
        pictures = [picture for picture in (first, last) if picture is not None]
        self._frames = [_cover(picture, width_px, height_px) for picture in pictures]
        self._duration = duration_s
        self._shade = Shade(shade_map(width_px, height_px))

    def paint(self, canvas: Canvas, time_s: float) -> None:
        share = 0.0
        if len(self._frames) == 2:
            progress = min(1.0, time_s / max(0.1, self._duration))
            share = min(1.0, max(0.0, (progress - 0.3) / 0.4))
            share = share * share * (3 - 2 * share)
        luma, chroma = self._frames[0]
        if share:
            other_luma, other_chroma = self._frames[1]
            weight = round(share * 256)
            luma = melt(luma, other_luma, weight)
            chroma = melt(chroma, other_chroma, weight)
        np.copyto(canvas.luma, luma)
        np.copyto(canvas.chroma, chroma)
        self._shade.draw(canvas, time_s)


def melt(a: Array, b: Array, weight: int) -> Array:
    """Between two uint16 planes; `weight` is 0-256."""
    mixed: Array = np.right_shift(a * np.uint16(256 - weight) + b * np.uint16(weight), 8)
    return mixed


def _cover(picture: Image.Image, width: int, height: int) -> tuple[Array, Array]:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    luma, blue, red = rgb_to_yuv(np.asarray(fitted))
    chroma = np.stack([halve(blue), halve(red)])
    return np.rint(luma).astype(np.uint16), np.rint(chroma).astype(np.uint16)
