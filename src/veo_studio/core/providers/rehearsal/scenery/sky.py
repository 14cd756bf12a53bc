"""Sky: the gradient behind everything, its glow, stars, sun or moon, and clouds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from veo_studio.core.providers.rehearsal import raster
from veo_studio.core.providers.rehearsal.raster import Rgb, Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even, lerp_planes, tint

Array = NDArray[Any]


def add_sky(stage: Stage, clouds: float, *, sea: bool = False, nebula: bool = False) -> None:
    palette = stage.theme.palette
    rows = np.arange(stage.height, dtype=np.float32)
    reach = float(stage.horizon)
    stops = [0.0, 0.50 * reach, 0.86 * reach, reach, float(stage.height)]
    floor = mix(palette.horizon, palette.near, 0.75 if sea else 0.4)
    colours: list[Rgb] = [
        palette.sky_top, palette.sky_mid, mix(palette.sky_mid, palette.horizon, 0.8),
        palette.horizon, floor,
    ]  # fmt: skip
    if nebula:
        stops = [0.0, 0.6 * stage.height, float(stage.height)]
        colours = [palette.sky_top, palette.sky_mid, palette.horizon]
    columns = [np.interp(rows, stops, [colour[i] for colour in colours]) for i in range(3)]
    if sea:
        below = rows >= reach
        share = np.clip((rows - reach) / (stage.height - reach), 0, 1) ** 0.6
        for i in range(3):
            start = 0.72 * palette.horizon[i] + 0.28 * palette.near[i]
            water = start + (palette.near[i] - start) * share
            columns[i] = np.where(below, water, columns[i])
    luma, blue, red = raster.rgb_to_yuv(np.stack(columns, axis=-1)[:, None, :])
    shape = (stage.height, stage.width)
    planes = [np.repeat(plane, stage.width, axis=1) for plane in (luma, blue, red)]
    x = stage.width * float(stage.rng.uniform(0.58, 0.80 if stage.width > stage.height else 0.72))
    y = stage.horizon - palette.sun_height * stage.short
    y = max(y, 0.17 * stage.height)
    stage.sun = (x, y)
    if nebula:
        cloud = stage.noise(shape, 5, 0.55)
        other = stage.noise(shape, 4, 0.6)
        for colour, amount in (
            ((120, 60, 170), np.clip(cloud - 0.45, 0, 1) * 1.3),
            ((40, 130, 170), np.clip(other - 0.52, 0, 1) * 1.2),
        ):
            tint(planes, colour, np.minimum(amount, 0.7))
    else:
        _glow(stage, planes, x, y)
        if sea:
            # the water keeps its own tone: the glow belongs to the sky
            for plane, value in zip(planes, (luma, blue, red), strict=True):
                keep = 0.35
                part = plane[stage.horizon :]
                part[...] = part * keep + value[stage.horizon :] * (1 - keep)
    noise = stage.rng.uniform(-0.6, 0.6, shape).astype(np.float32)
    stage.layers.append(raster.Backdrop(planes[0], planes[1], planes[2], noise))
    if palette.star_amount:
        height = stage.height * 0.86 if nebula else stage.horizon * 0.9
        share = palette.star_amount * stage.width * stage.height / 920_000
        stage.layers.append(raster.Stars(stage.rng, stage.width, int(height), share))
    if not nebula:
        _add_disc(stage, x, y)
    if clouds:
        _add_clouds(stage, clouds)


def _glow(stage: Stage, planes: list[Array], x: float, y: float) -> None:
    palette = stage.theme.palette
    ys, xs = np.mgrid[0 : stage.height, 0 : stage.width].astype(np.float32)
    distance = np.hypot(xs - x, (ys - y) * 1.15) / stage.short
    night = stage.theme.light in ("night", "space")
    wide = np.exp(-((distance / 0.55) ** 2)) * (0.16 if night else 0.42)
    close = np.exp(-distance / 0.11) * (0.34 if night else 0.60)
    if stage.theme.light == "overcast":
        wide, close = wide * 0.5, close * 0.35
    tint(planes, mix(palette.light, palette.horizon, 0.35), wide)
    tint(planes, palette.light, close)


def _add_disc(stage: Stage, x: float, y: float) -> None:
    palette = stage.theme.palette
    night = stage.theme.light == "night"
    radius = stage.short * (0.046 if night else 0.058)
    if stage.theme.light == "overcast":
        return
    size = math.ceil(radius * 2) + 6
    over = 4
    sheet = Image.new("RGBA", (size * over, size * over))
    pen = ImageDraw.Draw(sheet)
    middle = size * over / 2
    reach = radius * over
    colour = tuple(round(c) for c in mix(palette.light, (255, 255, 255), 0.45))
    pen.ellipse([middle - reach, middle - reach, middle + reach, middle + reach], (*colour, 255))
    if night:
        for dx, dy, size_share in ((-0.3, -0.2, 0.2), (0.25, 0.3, 0.26), (0.1, -0.45, 0.13),
                                   (-0.35, 0.4, 0.14)):  # fmt: skip
            spot = reach * size_share
            cx, cy = middle + dx * reach, middle + dy * reach
            shade = tuple(round(c * 0.9) for c in colour)
            pen.ellipse([cx - spot, cy - spot, cx + spot, cy + spot], (*shade, 255))
    disc = sheet.resize((size, size), Image.Resampling.LANCZOS)
    sink = 0.0 if night else 1.6 * stage.scale
    stage.layers.append(raster.Sprite(disc, lambda t: (x, y + sink * t, 0.0)))


def _add_clouds(stage: Stage, amount: float) -> None:
    palette = stage.theme.palette
    if stage.theme.light == "night":
        amount *= 0.5
    overcast = stage.theme.light == "overcast"
    rows = even(stage.horizon * 0.92)
    noise = stage.noise((rows, stage.period), 5, 0.52, stretch=2.6)
    cover = 0.40 if overcast else 0.56
    ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    band = np.clip(ys * 5, 0, 1) * np.clip((1 - ys) * 4, 0, 1)
    alpha = np.clip((noise - cover) * 3.2, 0, 1) * band * amount
    alpha = (alpha * alpha * (3 - 2 * alpha)).astype(np.float32)
    thick = np.clip((np.roll(noise, -even(rows * 0.05), axis=0) - cover) * 2.2, 0, 1)
    lit = mix(palette.light, palette.horizon, 0.35)
    dark = mix(palette.sky_mid, palette.sky_top, 0.4)
    if overcast:
        lit, dark = mix(palette.horizon, (255, 255, 255), 0.2), palette.sky_top
    planes = lerp_planes(to_yuv(lit), to_yuv(dark), thick.astype(np.float32))
    stage.layers.append(
        Strip(0, planes, alpha, step_px=0.25 * stage.scale * stage.way, phases=4, fps=stage.fps)
    )
