"""Plants: rows of spruces, and the grass and flowers of a meadow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from veo_studio.core.providers.rehearsal import raster, sprites
from veo_studio.core.providers.rehearsal.raster import Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even, lerp_planes

Array = NDArray[Any]


def add_trees(
    stage: Stage, count: int, last: float, size: float, *, first_share: float | None = None
) -> None:
    palette = stage.theme.palette
    for index in range(count):
        depth = (index + 1) / (count + 1) if first_share is None else 1.0
        base = stage.horizon + (last * stage.height - stage.horizon) * depth
        if count == 1:
            base = last * stage.height
        tall = size * stage.short * (0.55 + 0.55 * depth) * (first_share or 1.0)
        ground = base - 0.035 * stage.short * stage.ridge(1.0, 1.4, False, False)
        rows_top = 2 * int((ground.min() - tall * 1.2) // 2)
        rows_top = max(0, rows_top)
        over = 2
        rows = stage.height - rows_top
        mask = Image.new("L", (stage.period * over, rows * over))
        pen = ImageDraw.Draw(mask)
        edge = [(x * over, (float(ground[x % stage.period]) - rows_top) * over)
                for x in range(0, stage.period + 8, 8)]  # fmt: skip
        pen.polygon([*edge, (stage.period * over, rows * over), (0, rows * over)], fill=255)
        x = 0.0
        gap = tall * (0.20 if first_share is None else 0.55)
        while x < stage.period:
            height = tall * float(stage.rng.uniform(0.55, 1.1))
            root = float(ground[int(x) % stage.period]) - rows_top + tall * 0.06
            for turn in (-stage.period, 0, stage.period):
                if -tall < x + turn < stage.period + tall:
                    _spruce(pen, (x + turn) * over, root * over, height * over)
            x += gap * float(stage.rng.uniform(0.5, 1.7))
        alpha = np.asarray(mask.resize((stage.period, rows), Image.Resampling.BOX))
        alpha = alpha.astype(np.float32) / 255
        ys = np.arange(rows_top, stage.height, dtype=np.float32)[:, None]
        fade = np.clip((ys - rows_top) / (stage.height - rows_top), 0, 1) ** 1.4
        fade = np.repeat(fade, stage.period, axis=1)
        colour = mix(palette.far, palette.near, 0.25 + 0.75 * depth)
        if first_share:
            colour = mix(palette.near, (0, 0, 0), 0.45)
        haze = mix(palette.horizon, colour, 0.30 + 0.6 * depth)
        planes = lerp_planes(to_yuv(colour), to_yuv(haze), fade * 0.8)
        step = round(1 + 3 * depth) if first_share is None else 4
        stage.layers.append(
            Strip(rows_top, planes, alpha, step_px=step * stage.scale * stage.way, fps=stage.fps)
        )


def add_grass(stage: Stage, *, has_flowers: bool) -> None:
    palette = stage.theme.palette
    top = even(stage.height * 0.80)
    rows = stage.height - top
    over = 2
    dark = mix(palette.near, (0, 0, 0), 0.25)
    sheet = Image.new("RGBA", (stage.period * over, rows * over))
    pen = ImageDraw.Draw(sheet)
    for _ in range(int(stage.period / stage.short * 520)):
        x = float(stage.rng.uniform(0, stage.period))
        height = stage.short * float(stage.rng.uniform(0.03, 0.115))
        lean = height * float(stage.rng.uniform(-0.35, 0.45))
        thick = stage.short * 0.004
        shade = float(stage.rng.uniform(0.0, 0.5))
        colour = tuple(round(c) for c in mix(dark, palette.far, shade * 0.6))
        base = rows - stage.short * 0.01 * float(stage.rng.uniform(0, 6))
        for turn in (-stage.period, 0, stage.period):
            left = x + turn
            if -99 < left < stage.period + 99:
                pen.polygon(
                    [((left - thick) * over, rows * over), ((left + thick) * over, rows * over),
                     ((left + lean) * over, (base - height) * over)], (*colour, 255),
                )  # fmt: skip
    small = sheet.resize((stage.period, rows), Image.Resampling.BOX)
    if has_flowers:
        for _ in range(int(stage.period / stage.short * 10)):
            size = int(stage.short * float(stage.rng.uniform(0.09, 0.19)))
            colour_of = stage.theme.subject_hue + float(stage.rng.uniform(-0.03, 0.03))
            bloom = sprites.flower(size, palette.near, palette.light, sprites.hue(colour_of))
            x = int(stage.rng.integers(0, stage.period - bloom.width))
            small.alpha_composite(bloom, (x, max(0, rows - size + size // 5)))
    pixels = np.asarray(small)
    alpha = pixels[..., 3].astype(np.float32) / 255
    stage.layers.append(
        Strip(
            top, raster.rgb_to_yuv(pixels[..., :3]), alpha,
            step_px=3 * stage.scale * stage.way, fps=stage.fps,
        )
    )  # fmt: skip


def _spruce(pen: ImageDraw.ImageDraw, x: float, root: float, height: float) -> None:
    half = height * 0.17
    pen.rectangle([x - height * 0.015, root - height * 0.2, x + height * 0.015, root], fill=255)
    for index in range(4):
        low = root - height * (0.08 + 0.19 * index)
        high = root - height * (0.46 + 0.18 * index)
        wide = half * (1 - 0.21 * index)
        pen.polygon([(x - wide, low), (x + wide, low), (x, high)], fill=255)
