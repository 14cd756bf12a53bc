"""Sketched pictures are known again, so that a clip that begins with one shows its words once.

The mark is in the lowest bits of a few pixels: nobody sees it, and it is lost where a picture is packed
with losses, which only means that its words are seen below those of the clip.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
# no plain area has these in its lowest bits
_MARK = np.array([int(bit) for bit in f"{0xB52A7:020b}"], np.uint8)
_COUNT_BITS = 4
# limited-range black, a little lifted
_DARK, _GREY = 22, 128
# how far the camera may push what is on the picture towards its middle
_REACH = 1.06


def sign(pixels: Array, lines: int) -> Array:
    """`pixels` are (rows, columns, 3) of 8 bits; a copy that says how many lines are written on it."""
    signed = pixels.copy()
    bits = np.concatenate([_MARK, [lines >> shift & 1 for shift in range(_COUNT_BITS)]])
    spot = signed[-1, : len(bits), 2]
    spot[...] = (spot & 0xFE) | bits
    return signed


def lines_on(picture: Image.Image | None) -> int:
    """How many lines of words a sketched picture has; 0 for every other picture."""
    size = len(_MARK) + _COUNT_BITS
    if picture is None or picture.width < size:
        return 0
    row = picture.crop((0, picture.height - 1, size, picture.height)).convert("RGB")
    bits = np.asarray(row)[0, :, 2] & 1
    if not np.array_equal(bits[: len(_MARK)], _MARK):
        return 0
    return sum(int(bit) << shift for shift, bit in enumerate(bits[len(_MARK) :]))


class Bars:
    """Above and below the picture, over the words that it brings, for those of the clip."""

    def __init__(self, width_px: int, height_px: int, lines: int) -> None:
        short = min(width_px, height_px)
        # as `Overlay` measures what it writes
        below = 0.055 + 0.0512 * lines + 0.055
        self._bottom = 2 * round(short * below * _REACH / 2)
        self._top = 2 * round(short * 0.055)

    def draw(self, luma: Array, chroma: tuple[Array, Array]) -> None:
        for plane, value, part in ((luma, _DARK, 1), *((one, _GREY, 2) for one in chroma)):
            plane[: self._top // part] = value
            plane[plane.shape[0] - self._bottom // part :] = value
