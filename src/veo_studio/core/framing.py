"""How a picture of one shape becomes one of another: cut, or whole in front of a blurred copy of itself."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MAX_ZOOM = 16.0
# shapes that are nearer to each other than this look the same
_TOLERANCE = 0.02
_RATIO = re.compile(r"([1-9]\d{0,4}):([1-9]\d{0,4})\Z")
_MOST_UNEVEN = 20.0
# as large as any model makes its clips
_MOST_PADDED_PIXELS = 3840 * 2160
_BLURRED_PX = 96
_BLUR_RADIUS_PX = 5
_BRIGHTNESS = 0.5
_COMMON = ("16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "1:1", "21:9", "5:4", "4:5", "2:1", "1:2")


class Framing(Enum):
    """What is done with a picture whose shape is not that of the clip."""

    KEEP = "keep"
    CROP = "crop"
    PAD = "pad"


@dataclass(frozen=True)
class Frame:
    """The shape a picture is brought to. ValueError for what is none.

    `center_x` and `center_y` are the middle of what is cut out, as fractions of the picture; the cut
    stays inside the picture. `zoom` 1 cuts out as much as fits, 2 half of that width. Padding shows
    the whole picture and uses neither.
    """

    aspect_ratio: str
    how: Framing
    center_x: float = 0.5
    center_y: float = 0.5
    zoom: float = 1.0

    def __post_init__(self) -> None:
        ratio_of(self.aspect_ratio)
        for fraction in (self.center_x, self.center_y):
            if not (_is_number(fraction) and 0 <= fraction <= 1):
                raise ValueError("the middle of a cut is given in fractions from 0 to 1")
        if not (_is_number(self.zoom) and 1 <= self.zoom <= MAX_ZOOM):
            raise ValueError(f"a zoom has to be from 1 to {MAX_ZOOM:g}")

    @property
    def ratio(self) -> float:
        """Width by height."""
        return ratio_of(self.aspect_ratio)

    def box(self, width_px: int, height_px: int) -> tuple[int, int, int, int]:
        """What a cut leaves of a picture of that size: left, top, right, bottom."""
        wide = min(width_px, height_px * self.ratio) / self.zoom
        width = max(1, min(width_px, round(wide)))
        height = max(1, min(height_px, round(wide / self.ratio)))
        left = min(max(0, round(self.center_x * width_px - width / 2)), width_px - width)
        top = min(max(0, round(self.center_y * height_px - height / 2)), height_px - height)
        return left, top, left + width, top + height

    def padded_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Of the picture with its borders: as large as the picture needs, within 4K."""
        width, height = max(width_px, height_px * self.ratio), max(height_px, width_px / self.ratio)
        scale = min(1.0, math.sqrt(_MOST_PADDED_PIXELS / (width * height)))
        return max(1, round(width * scale)), max(1, round(height * scale))

    def to_json(self) -> dict[str, Any]:
        return {
            "aspect_ratio": self.aspect_ratio,
            "how": self.how.value,
            "center_x": self.center_x,
            "center_y": self.center_y,
            "zoom": self.zoom,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Frame:
        """Raises KeyError, TypeError or ValueError."""
        return cls(
            aspect_ratio=stored["aspect_ratio"],
            how=Framing(stored["how"]),
            center_x=stored.get("center_x", 0.5),
            center_y=stored.get("center_y", 0.5),
            zoom=stored.get("zoom", 1.0),
        )


def ratio_of(aspect_ratio: str) -> float:
    """Width by height of "16:9". ValueError for what names no shape, such as "auto"."""
    match = _RATIO.match(aspect_ratio) if isinstance(aspect_ratio, str) else None
    if match is None:
        raise ValueError(f"{aspect_ratio!r} is no shape such as 16:9")
    ratio = int(match[1]) / int(match[2])
    if not 1 / _MOST_UNEVEN <= ratio <= _MOST_UNEVEN:
        raise ValueError(f"{aspect_ratio} is too narrow for a picture")
    return ratio


def has_other_shape(width_px: int, height_px: int, aspect_ratio: str) -> bool:
    """Whether a picture of that size has to be cut or padded for a clip of this shape."""
    try:
        ratio = ratio_of(aspect_ratio)
    except ValueError:
        # a model that takes the shape of the picture
        return False
    return abs(width_px / height_px / ratio - 1) > _TOLERANCE


def shape_words(width_px: int, height_px: int) -> str:
    """ "3:4" where that is what it looks like, else its pixels."""
    near = (name for name in _COMMON if not has_other_shape(width_px, height_px, name))
    return next(near, f"{width_px} × {height_px}")


def framed(image: Image.Image, frame: Frame) -> Image.Image:
    """The picture in the shape of `frame`; the same one where there is nothing to do. Blocks."""
    if frame.how is Framing.CROP:
        box = frame.box(*image.size)
        return image if box == (0, 0, *image.size) else image.crop(box)
    if frame.how is Framing.PAD and has_other_shape(*image.size, frame.aspect_ratio):
        return _padded(image, frame)
    return image


def _padded(image: Image.Image, frame: Frame) -> Image.Image:
    from PIL import Image

    size = frame.padded_size(*image.size)
    canvas = _blurred(image, frame).resize(size, Image.Resampling.BICUBIC)
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (
        max(1, min(size[0], round(image.width * scale))),
        max(1, min(size[1], round(image.height * scale))),
    )
    if inner != image.size:
        image = image.resize(inner, Image.Resampling.HAMMING)
    place = ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)
    canvas.paste(image, place, image if image.mode == "RGBA" else None)
    return canvas


def _blurred(image: Image.Image, frame: Frame) -> Image.Image:
    """The picture as a dark, blurred backdrop of the shape that is wanted, few pixels wide."""
    from PIL import Image, ImageFilter

    cut = Frame(frame.aspect_ratio, Framing.CROP).box(*image.size)
    scale = _BLURRED_PX / max(cut[2] - cut[0], cut[3] - cut[1])
    size = (
        max(2, round((cut[2] - cut[0]) * scale)),
        max(2, round((cut[3] - cut[1]) * scale)),
    )
    small = image.resize(size, Image.Resampling.BOX, box=cut, reducing_gap=2.0)
    if small.mode == "RGBA":
        # what shines through is black
        backdrop = Image.new("RGB", size)
        backdrop.paste(small, mask=small)
        small = backdrop
    blurred = small.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS_PX))
    return blurred.point(lambda value: value * _BRIGHTNESS)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
