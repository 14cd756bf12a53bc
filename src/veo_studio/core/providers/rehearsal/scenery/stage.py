"""What all parts of a scenery share: measures, chance, the layers so far, and ways to tint them."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from veo_studio.core.providers.rehearsal.raster import Canvas, Rgb, to_yuv
from veo_studio.core.providers.rehearsal.theme import Theme

Array = NDArray[Any]


class Layer(Protocol):
    def draw(self, canvas: Canvas, time_s: float) -> None: ...


class Stage:
    """An empty canvas of one size with the theme's own chance; sizes are in pixels.

    Every draw from `rng` moves all that follow, so the order of the parts is part of the picture.
    """

    def __init__(self, theme: Theme, width_px: int, height_px: int, fps: int) -> None:
        self.theme = theme
        self.width = width_px
        self.height = height_px
        self.fps = fps
        self.short = min(width_px, height_px)
        self.unit = self.short / 720
        self.scale = max(1, round(self.unit))
        self.period = 4 * math.ceil(width_px * 1.5 / 4)
        """Width after which a strip repeats."""
        self.horizon = even(height_px * (0.60 if width_px >= height_px else 0.56))
        self.way = -1 if theme.camera == "left" else 1
        self.sun = (0.0, 0.0)
        """Centre of sun or moon; the sky sets it."""
        self.rng = np.random.default_rng(theme.random_seed)
        self.layers: list[Layer] = []

    def noise(
        self, shape: tuple[int, int], octaves: int, persistence: float, stretch: float = 1.0
    ) -> Array:
        """Smooth noise from 0 to 1 that repeats sideways."""
        rows, columns = shape
        total = np.zeros(shape, np.float32)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            cell = self.short * 0.42 / 2**octave
            wide = max(2, round(columns / (cell * stretch)))
            tall = max(2, math.ceil(rows / cell) + 1)
            grid = self.rng.random((tall, wide)).astype(np.float32)
            grid = np.concatenate([grid[:, -2:], grid, grid[:, :2]], axis=1)
            image = Image.fromarray(grid)
            box = (2.0, 0.0, wide + 2.0, float(tall))
            total += weight * np.asarray(
                image.resize((columns, rows), Image.Resampling.BICUBIC, box=box)
            )
            sum_of_weights += weight
            weight *= persistence
        total /= np.float32(sum_of_weights)
        return total

    def ridge(self, wavelength: float, roughness: float, peaks: bool, dunes: bool) -> Array:
        """A line that repeats after one period, about -1 to 1."""
        xs = np.arange(self.period, dtype=np.float32) * (2 * np.pi / self.period)
        base = max(1, round(self.period / (wavelength * self.short)))
        line = np.zeros(self.period, np.float32)
        total = 0.0
        for octave in range(7 if peaks else 4 if dunes else 5):
            waves = base * 2**octave
            waves = max(1, waves + int(self.rng.integers(-1, 2)) * (octave > 0))
            weight = 2.0 ** (-roughness * octave)
            angle = waves * xs + self.rng.uniform(0, 2 * np.pi)
            if peaks:
                line += weight * (1 - 2 * np.abs(np.sin(angle / 2 if waves % 2 == 0 else angle)))
            elif dunes:
                line += weight * np.sin(angle + 0.55 * np.sin(angle))
            else:
                line += weight * np.sin(angle)
            total += weight
        return line / np.float32(total * 0.8)


def even(value: float) -> int:
    """The nearest even number; chroma planes have half the size."""
    return 2 * round(value / 2)


def lerp_planes(
    start: tuple[float, float, float], end: tuple[float, float, float], share: Array
) -> tuple[Array, Array, Array]:
    """Planes that go from one YUV colour to another by `share`, 0-1."""
    planes = [
        (np.float32(a) + np.float32(b - a) * share).astype(np.float32)
        for a, b in zip(start, end, strict=True)
    ]
    return planes[0], planes[1], planes[2]


def tint(planes: list[Array], colour: Rgb, amount: Array) -> None:
    """Move planes towards a colour, in place."""
    for plane, value in zip(planes, to_yuv(colour), strict=True):
        plane += (np.float32(value) - plane) * amount
