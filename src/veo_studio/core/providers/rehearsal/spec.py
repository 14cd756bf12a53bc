"""What one render needs to know; cheap to import and to send to the worker process."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

FPS = 24
MIN_DURATION_S = 2
MAX_DURATION_S = 60

ASPECT_RATIOS: dict[str, Fraction] = {
    "16:9": Fraction(16, 9),
    "9:16": Fraction(9, 16),
    "1:1": Fraction(1),
    "4:3": Fraction(4, 3),
    "3:4": Fraction(3, 4),
    "21:9": Fraction(21, 9),
}

SHORT_SIDES_PX: dict[str, int] = {
    "360p": 360,
    "480p": 480,
    "720p": 720,
    "1080p": 1080,
    "4k": 2160,
}

# a picture has as many pixels as a square with this side
PICTURE_SIDES_PX: dict[str, int] = {"1K": 1024, "2K": 2048, "4K": 4096}


@dataclass(frozen=True)
class RenderSpec:
    """One animatic or still; equal specs give equal bytes on the same machine."""

    prompt: str
    seed: int
    width_px: int
    height_px: int
    duration_s: float
    negative_prompt: str = ""
    has_audio: bool = True
    fps: int = FPS
    first_frame: str | None = None
    """Path of an image that opens the clip."""
    last_frame: str | None = None
    """Path of an image that ends the clip."""
    references: tuple[str, ...] = ()
    """Paths of images that are shown small."""
    source: str | None = None
    """Path of a clip that is edited, or extended if `source_s` is shorter than the whole."""
    source_s: float = 0.0
    is_still: bool = False
    """A PNG of the opening moment; `duration_s` is 0."""

    @property
    def is_edit(self) -> bool:
        return self.source is not None and self.source_s >= self.duration_s

    @property
    def frame_count(self) -> int:
        return max(1, round(self.duration_s * self.fps))


def frame_size(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels, both even; the short side is the resolution's."""
    ratio = ASPECT_RATIOS[aspect_ratio]
    short = SHORT_SIDES_PX[resolution]
    long = 2 * round(short * max(ratio, 1 / ratio) / 2)
    return (long, short) if ratio >= 1 else (short, long)


def picture_size(aspect_ratio: str, image_size: str) -> tuple[int, int]:
    """Width and height in pixels, multiples of 8; all shapes of a size have about as many."""
    side, root = PICTURE_SIDES_PX[image_size], math.sqrt(ASPECT_RATIOS[aspect_ratio])
    return 8 * round(side * root / 8), 8 * round(side / root / 8)
