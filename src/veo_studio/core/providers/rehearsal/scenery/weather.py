"""Weather: fog, rain, snow, and small things that drift through the air."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from veo_studio.core.providers.rehearsal import raster, sprites
from veo_studio.core.providers.rehearsal.raster import Rgb, Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even

Array = NDArray[Any]


def add_weather(stage: Stage) -> None:
    """All that the theme's weather names, from the ground up."""
    weather = stage.theme.weather
    if "fog" in weather:
        _add_fog(stage)
    if "rain" in weather:
        for length, bright, steps in ((0.05, 26, (2, 22)), (0.09, 40, (3, 34))):
            tile = _streaks(stage, length, bright, steps[0] / steps[1])
            stage.layers.append(
                raster.Falling(tile, -steps[0] * stage.scale, steps[1] * stage.scale, stage.fps)
            )
    if "snow" in weather:
        for radius, count, step in ((1.3, 200, 2), (2.2, 110, 3), (3.6, 46, 5)):
            tile = _flakes(stage, radius * stage.unit, count)
            stage.layers.append(
                raster.Falling(tile, stage.scale * (step // 2), step * stage.scale, stage.fps)
            )
    if "embers" in weather:
        glow: list[Rgb] = [(255, 150, 50), (255, 204, 110), (255, 96, 40)]
        _add_motes(stage, glow, 70, (1.4, 3.6), (18, -85), 26, 0.6)
    if "fireflies" in weather:
        _add_motes(stage, [(255, 236, 130), (220, 255, 150)], 46, (2.0, 4.0), (4, -3), 40, 0.95)
    if "petals" in weather:
        tone = sprites.hue(stage.theme.subject_hue, 0.80, 0.7)
        tones = [tone, mix(tone, (255, 255, 255), 0.5)]
        _add_motes(stage, tones, 52, (2.6, 5.2), (46, 54), 30, 0)


def _add_fog(stage: Stage) -> None:
    rows = even(stage.height * 0.5)
    noise = stage.noise((rows, stage.period), 4, 0.5, stretch=3.5)
    ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    band = np.clip(np.sin(np.pi * ys), 0, 1) ** 1.3
    alpha = (np.clip(noise * 1.5 - 0.25, 0, 1) * band * 0.72).astype(np.float32)
    luma, blue, red = to_yuv(mix(stage.theme.palette.horizon, (236, 236, 240), 0.35))
    planes = (
        np.full(alpha.shape, luma, np.float32),
        np.full(alpha.shape, blue, np.float32),
        np.full(alpha.shape, red, np.float32),
    )
    top = even(stage.horizon - rows * 0.42)
    stage.layers.append(
        Strip(top, planes, alpha, step_px=0.5 * stage.scale, phases=4, fps=stage.fps)
    )


def _add_motes(
    stage: Stage, colours: list[Rgb], count: int,
    radius: tuple[float, float], drift: tuple[float, float], wander: float, blink: float,
) -> None:  # fmt: skip
    unit = stage.unit
    stage.layers.append(
        raster.Motes(
            stage.rng, (stage.width, stage.height), colours, count=count,
            radius_px=(radius[0] * unit, radius[1] * unit),
            drift_px_s=(drift[0] * unit, drift[1] * unit),
            wander_px=wander * unit, blink=blink,
        )
    )  # fmt: skip


def _streaks(stage: Stage, length: float, bright: int, slant: float) -> Array:
    over = 2
    sheet = Image.new("L", (stage.width * over, stage.height * over))
    pen = ImageDraw.Draw(sheet)
    reach = length * stage.short
    count = int(240 * stage.width * stage.height / 920_000 / stage.scale**2)
    for _ in range(count):
        x = float(stage.rng.uniform(0, stage.width))
        y = float(stage.rng.uniform(0, stage.height - reach))
        ink = int(bright * stage.rng.uniform(0.5, 1.3))
        pen.line(
            [x * over, y * over, (x - slant * reach) * over, (y + reach) * over],
            fill=ink, width=2 * stage.scale,
        )  # fmt: skip
    return np.asarray(sheet.resize((stage.width, stage.height), Image.Resampling.BOX))


def _flakes(stage: Stage, radius: float, count: int) -> Array:
    over = 2
    sheet = Image.new("L", (stage.width * over, stage.height * over))
    pen = ImageDraw.Draw(sheet)
    for _ in range(int(count * stage.width * stage.height / 920_000 / stage.scale**2)):
        x = float(stage.rng.uniform(radius * 2, stage.width - radius * 2)) * over
        y = float(stage.rng.uniform(radius * 2, stage.height - radius * 2)) * over
        reach = radius * over * float(stage.rng.uniform(0.7, 1.2))
        ink = int(stage.rng.uniform(90, 170))
        pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=ink)
    blurred = sheet.filter(ImageFilter.GaussianBlur(radius * 0.7))
    return np.asarray(blurred.resize((stage.width, stage.height), Image.Resampling.BOX))
