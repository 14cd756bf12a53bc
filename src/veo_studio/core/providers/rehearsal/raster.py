"""Layers and their compositing, in planar YUV so that a frame costs a few cheap passes.

A canvas holds luma (rows, columns) and two chroma planes at half size as uint16. Every layer is
prepared once, with its colour already multiplied by its alpha; drawing it is one multiplication
and one addition per visible pixel. Layers repeat sideways, so a camera can pan for a minute.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
Rgb = tuple[float, float, float]
Pose = Callable[[float], tuple[float, float, float]]
"""From a time in seconds to centre x, centre y (pixels) and a turn in degrees."""


def to_yuv(colour: Rgb) -> tuple[float, float, float]:
    """BT.709, limited range, from 0-255 sRGB."""
    red, green, blue = (channel / 255 for channel in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        16 + 219 * luma,
        128 + 224 * (blue - luma) / 1.8556,
        128 + 224 * (red - luma) / 1.5748,
    )


def rgb_to_yuv(pixels: Array) -> tuple[Array, Array, Array]:
    """Planes of an (rows, columns, 3) array of 0-255 values."""
    scaled = pixels.astype(np.float32) / 255
    red, green, blue = scaled[..., 0], scaled[..., 1], scaled[..., 2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        16 + 219 * luma,
        128 + (224 / 1.8556) * (blue - luma),
        128 + (224 / 1.5748) * (red - luma),
    )


def mix(a: Rgb, b: Rgb, amount: float) -> Rgb:
    return (
        a[0] + (b[0] - a[0]) * amount,
        a[1] + (b[1] - a[1]) * amount,
        a[2] + (b[2] - a[2]) * amount,
    )


def halve(plane: Array) -> Array:
    """Mean of each 2x2 block."""
    return (
        plane[0::2, 0::2] + plane[1::2, 0::2] + plane[0::2, 1::2] + plane[1::2, 1::2]
    ) * np.float32(0.25)


def blend(target: Array, colour: Array, inverse: Array) -> None:
    np.multiply(target, inverse, out=target)
    np.right_shift(target, 8, out=target)
    np.add(target, colour, out=target)


def prepare(colour: Array, alpha: Array) -> tuple[Array, Array]:
    """Premultiplied colour and inverse alpha (0-256), rounded so that stacking does not darken."""
    inverse = np.rint((1 - alpha) * 256)
    partial = (inverse > 0) & (inverse < 256)
    shade = colour * alpha + 0.5
    shade[partial] += 0.5
    shade[inverse == 256] = 0
    return shade.astype(np.uint16), inverse.astype(np.uint16)


class Canvas:
    """What one frame is painted on."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.luma: Array = np.zeros((height_px, width_px), np.uint16)
        self.chroma: Array = np.zeros((2, height_px // 2, width_px // 2), np.uint16)


class Backdrop:
    """The opaque bottom of a scene."""

    def __init__(self, luma: Array, blue: Array, red: Array, noise: Array) -> None:
        self._luma = np.clip(luma + noise, 16, 235).astype(np.uint16)
        self._chroma = np.stack([halve(blue), halve(red)])
        self._chroma = np.clip(self._chroma + halve(noise), 16, 240).astype(np.uint16)

    def draw(self, canvas: Canvas, time_s: float) -> None:
        np.copyto(canvas.luma, self._luma)
        np.copyto(canvas.chroma, self._chroma)


class Strip:
    """A layer of some rows that repeats sideways and slides at a constant speed.

    `step_px` is the way per frame; `phases` are the positions kept between two pixels, so a soft
    layer may move slower than one pixel per frame without jerking.
    """

    def __init__(
        self,
        top: int,
        planes: tuple[Array, Array, Array],
        alpha: Array,
        *,
        step_px: float = 0.0,
        phases: int = 1,
        fps: int = 24,
    ) -> None:
        if top % 2 or alpha.shape[0] % 2 or alpha.shape[1] % 4:
            raise ValueError("a strip starts on an even row and has even sides")
        self._top = top
        self._rows, self._period = alpha.shape
        self._step = step_px
        self._phases = phases
        self._fps = fps
        self._luma: list[tuple[Array, Array]] = []
        self._chroma: list[tuple[Array, Array]] = []
        luma, blue, red = planes
        for phase in range(phases):
            share = phase / phases
            shifted_alpha = _slide(alpha, share)
            self._luma.append(prepare(_slide(luma, share), shifted_alpha))
        for phase in range(2 * phases if step_px else 1):
            share = phase / phases
            small = halve(_slide(alpha, share))
            tints = [prepare(halve(_slide(plane, share)), small) for plane in (blue, red)]
            self._chroma.append((np.stack([tint for tint, _ in tints]), tints[0][1]))

    def draw(self, canvas: Canvas, time_s: float) -> None:
        ticks = round(time_s * self._fps * self._step * self._phases)
        offset, phase = divmod(ticks, self._phases)
        offset %= self._period
        half, odd = divmod(offset, 2)
        rows = slice(self._top, self._top + self._rows)
        colour, inverse = self._luma[phase]
        for target, source in _wrap(offset, canvas.width_px, self._period):
            blend(canvas.luma[rows, target], colour[:, source], inverse[:, source])
        colour, inverse = self._chroma[phase + self._phases * odd if self._step else 0]
        rows = slice(self._top // 2, (self._top + self._rows) // 2)
        for target, source in _wrap(half, canvas.width_px // 2, self._period // 2):
            blend(canvas.chroma[:, rows, target], colour[:, :, source], inverse[:, source])


def _slide(plane: Array, share: float) -> Array:
    whole = int(share)
    rest = np.float32(share - whole)
    moved = np.roll(plane, -whole, axis=1) if whole else plane
    return moved if not rest else moved * (1 - rest) + np.roll(moved, -1, axis=1) * rest


def _wrap(offset: int, width: int, period: int) -> list[tuple[slice, slice]]:
    pieces = []
    done = 0
    while done < width:
        start = (offset + done) % period
        length = min(width - done, period - start)
        pieces.append((slice(done, done + length), slice(start, start + length)))
        done += length
    return pieces


class Sprite:
    """A small picture that moves freely and turns, placed between pixels by resampling."""

    def __init__(self, picture: Image.Image, pose: Pose, *, opacity: float = 1.0) -> None:
        pixels = np.asarray(picture.convert("RGBA"))
        alpha = pixels[..., 3:].astype(np.float32) / 255 * opacity
        planes = np.stack(rgb_to_yuv(pixels[..., :3]), axis=-1) * alpha
        packed = np.concatenate([planes, alpha * 255], axis=-1)
        margin = 2 + int(0.06 * max(packed.shape[:2]))
        packed = np.pad(packed, ((margin, margin), (margin, margin), (0, 0)))
        # four plain channels: Pillow would multiply the alpha of an RGBA picture once more
        self._picture = Image.frombytes(
            "CMYK", (packed.shape[1], packed.shape[0]), np.rint(packed).astype(np.uint8).tobytes()
        )
        self._pose = pose

    def draw(self, canvas: Canvas, time_s: float) -> None:
        x, y, turn = self._pose(time_s)
        width, height = self._picture.size
        span = math.ceil(math.hypot(width, height)) if turn else max(width, height) + 4
        box_w = span if turn else width + 4
        box_h = span if turn else height + 4
        left = math.floor((x - box_w / 2) / 2) * 2
        top = math.floor((y - box_h / 2) / 2) * 2
        right = min(left + box_w + 2, canvas.width_px) & ~1
        bottom = min(top + box_h + 2, canvas.height_px) & ~1
        left, top = max(0, left), max(0, top)
        if right - left < 2 or bottom - top < 2:
            return
        cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        dx, dy = left - x, top - y
        matrix = (
            cosine, sine, cosine * dx + sine * dy + width / 2,
            -sine, cosine, -sine * dx + cosine * dy + height / 2,
        )  # fmt: skip
        placed = self._picture.transform(
            (right - left, bottom - top),
            Image.Transform.AFFINE,
            matrix,
            resample=Image.Resampling.BILINEAR,
        )
        packed = np.asarray(placed).astype(np.uint16)
        inverse = 256 - (packed[..., 3] * 257 >> 8)
        blend(canvas.luma[top:bottom, left:right], packed[..., 0], inverse)
        small = (
            packed[0::2, 0::2] + packed[1::2, 0::2] + packed[0::2, 1::2] + packed[1::2, 1::2] + 2
        ) >> 2
        inverse = 256 - (small[..., 3] * 257 >> 8)
        area = canvas.chroma[:, top // 2 : bottom // 2, left // 2 : right // 2]
        blend(area[0], small[..., 1], inverse)
        blend(area[1], small[..., 2], inverse)


class Falling:
    """Rain or snow: a tile of light that repeats in both directions and moves in whole pixels."""

    def __init__(self, tile: Array, step_x_px: int, step_y_px: int, fps: int) -> None:
        self._rows, self._columns = tile.shape
        self._tile = np.concatenate([tile, tile])
        self._tile = np.concatenate([self._tile, self._tile], axis=1).astype(np.uint16)
        self._step = (step_x_px, step_y_px)
        self._fps = fps

    def draw(self, canvas: Canvas, time_s: float) -> None:
        frame = round(time_s * self._fps)
        x = -frame * self._step[0] % self._columns
        y = -frame * self._step[1] % self._rows
        part = self._tile[y : y + canvas.height_px, x : x + canvas.width_px]
        np.add(canvas.luma, part, out=canvas.luma)


class Stars:
    """Points of light in the sky that twinkle each in its own time."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, amount: float) -> None:
        count = int(260 * amount)
        self._x = rng.integers(2, width - 3, count)
        self._y = (rng.random(count) ** 1.3 * (height - 6)).astype(int) + 2
        self._peak = 30 + 150 * rng.random(count) ** 4
        self._pace = rng.uniform(0.8, 3.0, count)
        self._start = rng.uniform(0, 2 * np.pi, count)
        self._big = self._peak > 90

    def draw(self, canvas: Canvas, time_s: float) -> None:
        glow = self._peak * (0.72 + 0.28 * np.sin(self._start + time_s * self._pace))
        bright = glow.astype(np.uint16)
        canvas.luma[self._y, self._x] += bright
        halo = (glow[self._big] * 0.42).astype(np.uint16)
        x, y = self._x[self._big], self._y[self._big]
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            canvas.luma[y + dy, x + dx] += halo


class Motes:
    """Embers, fireflies, petals: small soft dots on wandering paths."""

    def __init__(
        self,
        rng: np.random.Generator,
        canvas_px: tuple[int, int],
        colours: list[Rgb],
        *,
        count: int,
        radius_px: tuple[float, float],
        drift_px_s: tuple[float, float],
        wander_px: float,
        blink: float,
    ) -> None:
        self._size = canvas_px
        self._drift = drift_px_s
        self._wander = wander_px
        self._blink = blink
        self._motes = []
        for _ in range(count):
            radius = rng.uniform(*radius_px)
            reach = 2 * math.ceil(radius / 2 + 0.5) + 2
            axis = np.arange(-reach, reach) + 0.5
            distance = np.hypot(axis[:, None], axis[None, :]) / radius
            alpha = (np.clip(1.3 - distance, 0, 1) * 0.95).astype(np.float32)
            colour = to_yuv(colours[int(rng.integers(len(colours)))])
            self._motes.append((alpha, halve(alpha), reach, colour, rng.random(6)))

    def draw(self, canvas: Canvas, time_s: float) -> None:
        width, height = self._size
        for alpha, small, reach, colour, chance in self._motes:
            pace = 0.6 + 0.8 * chance[2]
            x = chance[0] * width + self._drift[0] * pace * time_s
            x += self._wander * math.sin(chance[3] * 6.3 + time_s * pace)
            y = chance[1] * height + self._drift[1] * pace * time_s
            y += 0.6 * self._wander * math.sin(chance[4] * 6.3 + 0.8 * time_s * pace)
            left = 2 * int(x % (width + 4 * reach) / 2) - 3 * reach
            top = 2 * int(y % (height + 4 * reach) / 2) - 3 * reach
            if not (0 <= left < width - 2 * reach and 0 <= top < height - 2 * reach):
                continue
            shine = 1 - self._blink * (0.5 + 0.5 * math.sin(chance[5] * 6.3 + 2.1 * time_s * pace))
            luma = canvas.luma[top : top + 2 * reach, left : left + 2 * reach]
            luma += (
                ((colour[0] - luma.astype(np.float32)) * (alpha * shine))
                .astype(np.int32)
                .astype(np.uint16)
            )
            rows = slice(top // 2, top // 2 + reach)
            columns = slice(left // 2, left // 2 + reach)
            for plane, value in ((0, colour[1]), (1, colour[2])):
                area = canvas.chroma[plane, rows, columns]
                area += (
                    ((value - area.astype(np.float32)) * (small * shine))
                    .astype(np.int32)
                    .astype(np.uint16)
                )


class Glitter:
    """Light on water: two patterns that fade into one another as they slide."""

    def __init__(self, top: int, patterns: list[Array], fps: int) -> None:
        self._top = top
        self._patterns = [pattern.astype(np.uint16) for pattern in patterns]
        self._fps = fps

    def draw(self, canvas: Canvas, time_s: float) -> None:
        count = len(self._patterns)
        rows = self._patterns[0].shape[0]
        area = canvas.luma[self._top : self._top + rows]
        for index, pattern in enumerate(self._patterns):
            share = 0.5 + 0.5 * math.sin(2 * math.pi * (time_s * 0.55 + index / count))
            area += pattern * np.uint16(round(255 * share)) >> 8


class Shade:
    """Darkens towards the edges and behind the words; drawn last, never moves."""

    def __init__(self, inverse: Array) -> None:
        self._keep = np.rint(np.clip(inverse, 0, 1) * 256).astype(np.uint16)
        small = halve(np.clip(inverse, 0, 1).astype(np.float32))
        self._keep_small = np.rint(small * 256).astype(np.uint16)
        self._grey = (128 * (256 - self._keep_small)).astype(np.uint16)

    def draw(self, canvas: Canvas, time_s: float) -> None:
        np.minimum(canvas.luma, 235, out=canvas.luma)
        np.multiply(canvas.luma, self._keep, out=canvas.luma)
        np.right_shift(canvas.luma, 8, out=canvas.luma)
        np.multiply(canvas.chroma, self._keep_small, out=canvas.chroma)
        np.add(canvas.chroma, self._grey, out=canvas.chroma)
        np.right_shift(canvas.chroma, 8, out=canvas.chroma)


def shade_map(width: int, height: int) -> Array:
    """A gentle vignette, and a darker lower third so that words stay legible."""
    xs = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    ys = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    corner = np.clip((xs**2 + ys**2) / 2, 0, 1) ** 1.5
    keep = 1 - 0.30 * corner
    low = np.clip((ys - 0.30) / 0.70, 0, 1)
    keep = keep * (1 - 0.42 * (low * low * (3 - 2 * low)))
    high = np.clip((-0.78 - ys) / 0.22, 0, 1)
    shades: Array = (keep * (1 - 0.22 * high)).astype(np.float32)
    return shades
