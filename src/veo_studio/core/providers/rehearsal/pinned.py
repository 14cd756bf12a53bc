"""Reference pictures: pinned small to the corner, so that everybody sees that they arrived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PIL import Image, ImageOps

from veo_studio.core.providers.rehearsal.overlay import Patch

Array = NDArray[Any]


class Pinned:
    """A row of pictures with a white edge, at the right under the time code."""

    def __init__(self, pictures: Sequence[Image.Image], width_px: int, height_px: int) -> None:
        short = min(width_px, height_px)
        margin = round(short * 0.055)
        side = max(24, round(short * 0.17))
        gap = max(2, side // 10)
        room = (width_px - 2 * margin) // (side + gap)
        self._patches = []
        for index, picture in enumerate(pictures[:room]):
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            small = ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS)
            edged = ImageOps.expand(small, max(1, side // 40), "white").convert("RGBA")
            left = width_px - margin - (len(pictures[:room]) - index) * (side + gap) + gap
            self._patches.append(Patch(edged, left, margin + round(short * 0.07)))

    def draw(self, luma: Array, chroma: tuple[Array, Array]) -> None:
        for patch in self._patches:
            patch.draw(luma, chroma)
