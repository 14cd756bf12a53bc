"""City: rows of buildings with lit windows, and the street that mirrors them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from veo_studio.core.providers.rehearsal import raster
from veo_studio.core.providers.rehearsal.raster import Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even, lerp_planes, tint

Array = NDArray[Any]


def add_skyline(stage: Stage, count: int) -> None:
    palette = stage.theme.palette
    lit = stage.theme.light in ("night", "dusk", "sunset", "overcast", "ember", "space")
    ground = even(stage.height * 0.76)
    for index in range(count):
        depth = index / (count - 1)
        tall = stage.short * (0.46 - 0.13 * depth)
        top = max(0, even(ground - tall * 1.25))
        rows = stage.height - top
        colour = mix(palette.far, palette.near, 0.15 + 0.75 * depth)
        sheet = Image.new("RGBA", (stage.period, rows), (0, 0, 0, 0))
        pen = ImageDraw.Draw(sheet)
        ink = tuple(round(c) for c in colour)
        x = 0
        while x < stage.period:
            width = round(stage.short * float(stage.rng.uniform(0.05, 0.13)) * (0.8 + 0.5 * depth))
            width = min(width, stage.period - x)
            height = tall * float(stage.rng.uniform(0.35, 1.0)) * (0.75 if depth == 1 else 1)
            roof = round(ground - top - height)
            shade = float(stage.rng.uniform(0.88, 1.1))
            face = tuple(round(min(255, c * shade)) for c in ink)
            pen.rectangle([x, roof, x + width - 1, rows], (*face, 255))
            if stage.rng.random() < 0.3:
                mast = x + width // 2
                line = max(1, stage.short // 360)
                pen.rectangle([mast, roof - height * 0.13, mast + line, roof], (*face, 255))
            elif stage.rng.random() < 0.4:
                inset = width // 5
                cap = roof - stage.short // 36
                pen.rectangle([x + inset, cap, x + width - inset, roof], (*face, 255))
            _draw_windows(stage, pen, x, roof, width, rows, face, lit, depth)
            x += width
        pixels = np.asarray(sheet)
        planes = raster.rgb_to_yuv(pixels[..., :3])
        alpha = pixels[..., 3].astype(np.float32) / 255
        ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        tint(list(planes), palette.horizon, np.repeat(ys**2.2 * 0.55 * (1 - 0.6 * depth),
                                                       stage.period, axis=1))  # fmt: skip
        step = (0, 1, 2)[index] * stage.scale * stage.way
        stage.layers.append(Strip(top, planes, alpha, step_px=step, fps=stage.fps))


def _draw_windows(
    stage: Stage, pen: ImageDraw.ImageDraw, x: int, roof: int, width: int, rows: int,
    face: tuple[int, ...], lit: bool, depth: float,
) -> None:  # fmt: skip
    pitch = max(6, round(stage.short * (0.013 + 0.009 * depth)))
    pane = max(2, round(pitch * 0.45))
    columns = (width - pitch) // pitch
    margin = (width - columns * pitch + pitch - pane) // 2
    share = 0.34 if lit else 0.0
    colours = [(255, 214, 138), (255, 232, 184), (255, 190, 110), (196, 222, 255)]
    dim = tuple(round(c * (0.86 if lit else 1.14)) for c in face)
    for row in range((rows - roof) // pitch - 1):
        for column in range(columns):
            left = x + margin + column * pitch
            top = roof + pitch // 2 + row * pitch
            if stage.rng.random() < share:
                base = colours[int(stage.rng.integers(4))]
                strength = 0.35 + 0.6 * depth
                ink = tuple(
                    round(a * strength + b * (1 - strength))
                    for a, b in zip(base, face, strict=True)
                )
            else:
                ink = tuple(min(255, c) for c in dim)
            pen.rectangle([left, top, left + pane, top + round(pane * 1.3)], (*ink, 255))


def add_street(stage: Stage) -> None:
    """A dark road that mirrors the sky and the lights."""
    palette = stage.theme.palette
    top = even(stage.height * 0.755)
    rows = stage.height - top
    wet = bool({"rain", "snow"} & stage.theme.weather) or stage.theme.light in ("night", "dusk")
    ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    fade = np.repeat(ys, stage.period, axis=1)
    road = mix(palette.near, (30, 30, 36), 0.5)
    planes = lerp_planes(to_yuv(mix(road, palette.horizon, 0.18)), to_yuv(road), fade)
    if wet:
        for _ in range(int(stage.period / stage.short * 16)):
            centre = stage.rng.uniform(0, stage.period)
            xs = np.arange(stage.period, dtype=np.float32)
            distance = np.abs((xs - centre + stage.period / 2) % stage.period - stage.period / 2)
            spread = stage.short * stage.rng.uniform(0.004, 0.016)
            glow = np.exp(-((distance / spread) ** 2))[None, :] * (1 - ys) ** 1.2
            colour = ((255, 206, 130), (255, 150, 110), (150, 196, 255), (255, 232, 190))[
                int(stage.rng.integers(4))
            ]
            tint(list(planes), colour, glow * float(stage.rng.uniform(0.12, 0.5)))
    kerb = np.exp(-ys * 60) * 0.35
    tint(list(planes), palette.light, np.repeat(kerb, stage.period, axis=1))
    alpha = np.ones((rows, stage.period), np.float32)
    stage.layers.append(
        Strip(top, planes, alpha, step_px=3 * stage.scale * stage.way, fps=stage.fps)
    )
