"""From the one resolution of a storyboard to what models make: clips of it, and pictures for the clips.

All of it is data. Where a model names other sizes, the nearest one of the same shape is taken, and a
sentence says so. Sizes are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.fitting import LINES
from veo_studio.core.framing import ratio_of, shape_words
from veo_studio.core.models import InputMode
from veo_studio.core.providers.rehearsal import spec
from veo_studio.core.providers.runway_models import form_of
from veo_studio.core.storyboard.models import FALLBACK_RESOLUTION

# resolution of the clips -> that of the pictures they begin with
PICTURE_OF_CLIP: Mapping[str, str] = {
    "1280:720": "1920:1080",
    "720:1280": "1080:1920",
    "1104:832": "1168:880",
    "832:1104": "1080:1440",
    "960:960": "1024:1024",
    "1584:672": "1920:1080",
    "1280:768": "1920:1080",
    "768:1280": "1080:1920",
}
# in the order in which they are offered
RESOLUTIONS = tuple(PICTURE_OF_CLIP)

_AUTO = "auto"
# 1104:832 is meant as 4:3, and 1280:768 lies between two shapes: what is nearer than this is the same
_SAME_SHAPE = 0.075
# pictures have as many pixels as a square of so many lines, where the service names a number and K
_SQUARES = {"1k": 1024, "2k": 2048, "4k": 4096}


@dataclass(frozen=True)
class Size:
    """How one model is asked for a size. Pixels are None where the picture decides.

    `sentence` says what differs from what is wanted, "" where nothing does.
    """

    aspect_ratio: str
    resolution: str
    width_px: int | None = None
    height_px: int | None = None
    sentence: str = ""

    @property
    def words(self) -> str:
        if self.width_px is None or self.height_px is None:
            return "the shape of the picture"
        return f"{self.width_px} × {self.height_px}"


def resolution_of(resolution: str) -> tuple[str, str]:
    """The one that counts, and a sentence where it is not what was chosen."""
    if resolution:
        return resolution, ""
    width, height = pixels(FALLBACK_RESOLUTION)
    return (
        FALLBACK_RESOLUTION,
        f"No resolution is chosen: the clips are made in {width} × {height}, upright.",
    )


def pixels(resolution: str) -> tuple[int, int]:
    """Width and height. ValueError with a sentence for what is no resolution."""
    width, _, height = resolution.partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise ValueError(f"{resolution!r} is no resolution such as 1280:720.")
    return int(width), int(height)


def picture_resolution(resolution: str) -> str:
    """That of the pictures for clips of this one: by the table, else that of the nearest in shape."""
    if resolution in PICTURE_OF_CLIP:
        return PICTURE_OF_CLIP[resolution]
    width, height = pixels(resolution)
    nearest = min(
        RESOLUTIONS, key=lambda known: _apart(width / height, pixels(known)[0] / pixels(known)[1])
    )
    return PICTURE_OF_CLIP[nearest]


def clip_settings(
    resolution: str, model: ModelInfo, mode: InputMode = InputMode.FIRST_FRAME
) -> Size:
    """How `model` is asked for clips of a resolution that was checked."""
    if mode not in model.capabilities.modes:
        mode = next(iter(model.capabilities.modes))
    return _nearest(model, mode, pixels(resolution), "clips")


def picture_settings(resolution: str, model: ModelInfo, mode: InputMode = InputMode.TEXT) -> Size:
    """How `model` is asked for the pictures of clips of `resolution`."""
    if mode not in model.capabilities.modes:
        mode = next(iter(model.capabilities.modes))
    return _nearest(model, mode, pixels(picture_resolution(resolution)), "pictures")


def _nearest(model: ModelInfo, mode: InputMode, wanted: tuple[int, int], things: str) -> Size:
    """Shape first, then size; of two that are as near, the one that the model makes usually."""
    able = model.capabilities.in_mode(mode)
    shape = wanted[0] / wanted[1]
    offers = list(_offers(model, mode))
    if not offers:
        # the model takes the shape of the picture: its own usual words for that
        return Size(able.default_aspect_ratio, able.default_resolution)
    closest = min(_apart(shape, width / height) for _, _, width, height in offers)

    def distance(offer: tuple[str, str, int, int]) -> tuple[float, float, bool]:
        ratio, resolution, width, height = offer
        beyond = _apart(shape, width / height) - closest
        # roundings of one shape are one shape
        return (
            beyond if beyond > 0.03 else 0.0,
            round(abs(math.log(width * height / (wanted[0] * wanted[1]))), 3),
            (ratio, resolution) != (able.default_aspect_ratio, able.default_resolution),
        )

    ratio, resolution, width, height = min(offers, key=distance)
    return Size(ratio, resolution, width, height, _sentence(model, wanted, (width, height), things))


def _offers(model: ModelInfo, mode: InputMode) -> Iterator[tuple[str, str, int, int]]:
    """Aspect ratio, resolution, width and height of everything that the model makes in this mode."""
    able = model.capabilities.in_mode(mode)
    for ratio in able.aspect_ratios:
        for resolution in able.resolutions:
            size = pixel_size(model, mode, ratio, resolution)
            if size is not None:
                yield ratio, resolution, *size


def pixel_size(
    model: ModelInfo, mode: InputMode, ratio: str, resolution: str
) -> tuple[int, int] | None:
    """What comes of it, as far as it is known; None where the picture decides or it is not made."""
    if ratio == _AUTO:
        return None
    if model.provider == "runway":
        fields = form_of(model).size(mode, resolution, ratio)
        if fields is None:
            return None
        told = fields.get("ratio", "")
        width, _, height = told.partition(":")
        if width.isdecimal() and height.isdecimal() and int(width) > 100:
            return int(width), int(height)
    if model.provider == "rehearsal" and ratio in spec.ASPECT_RATIOS:
        if model.makes_pictures:
            return spec.picture_size(ratio, resolution.upper())
        if resolution in spec.SHORT_SIDES_PX:
            return spec.frame_size(ratio, resolution)
    return _usual_size(model, ratio, resolution)


def _usual_size(model: ModelInfo, ratio: str, resolution: str) -> tuple[int, int] | None:
    try:
        shape = ratio_of(ratio)
    except ValueError:
        return None
    if model.makes_pictures and resolution in _SQUARES:
        side = _SQUARES[resolution]
        return 8 * round(side * math.sqrt(shape) / 8), 8 * round(side / math.sqrt(shape) / 8)
    short = LINES.get(resolution)
    if short is None:
        return None
    long = 2 * round(short * max(shape, 1 / shape) / 2)
    return (long, short) if shape >= 1 else (short, long)


def _apart(shape: float, other: float) -> float:
    return abs(math.log(shape / other))


def _sentence(model: ModelInfo, wanted: tuple[int, int], got: tuple[int, int], things: str) -> str:
    if wanted == got:
        return ""
    asked, made = f"{wanted[0]} × {wanted[1]}", f"{got[0]} × {got[1]}"
    if _apart(wanted[0] / wanted[1], got[0] / got[1]) <= _SAME_SHAPE:
        return f"{model.name} makes {things} of {made}, the nearest to {asked}."
    return (
        f"{model.name} makes no {things} of the shape {shape_words(*wanted)}: "
        f"they are made in {made} instead of {asked}."
    )
