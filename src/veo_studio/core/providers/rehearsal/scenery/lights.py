"""Lights out of focus, for faces and close-ups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from veo_studio.core.providers.rehearsal import raster, sprites
from veo_studio.core.providers.rehearsal.raster import Strip, mix
from veo_studio.core.providers.rehearsal.scenery.stage import Stage

Array = NDArray[Any]


def add_bokeh(stage: Stage) -> None:
    """Lights out of focus, for faces and close-ups."""
    palette = stage.theme.palette
    for size, count, step in ((0.11, 14, 0.25), (0.065, 22, 0.5)):
        sheet = Image.new("RGBA", (stage.period, stage.height))
        for _ in range(round(count * stage.period / stage.short / 1.5)):
            radius = stage.short * size * float(stage.rng.uniform(0.5, 1.0))
            span = int(radius * 2) + 4
            spot = Image.new("L", (span, span))
            pen = ImageDraw.Draw(spot)
            pen.ellipse([2, 2, span - 3, span - 3], fill=70, outline=120, width=2)
            spot = spot.filter(ImageFilter.GaussianBlur(1.6))
            colour = mix(palette.accent, palette.light, float(stage.rng.random()))
            if stage.rng.random() < 0.3:
                colour = sprites.hue(stage.theme.subject_hue, 0.6)
            dot = Image.new("RGBA", (span, span), (*(round(c) for c in colour), 0))
            dot.putalpha(spot)
            x = int(stage.rng.integers(0, stage.period - span))
            y = int(stage.rng.integers(0, max(1, int(stage.height * 0.8) - span)))
            sheet.alpha_composite(dot, (x, y))
        pixels = np.asarray(sheet)
        alpha = pixels[..., 3].astype(np.float32) / 255
        stage.layers.append(
            Strip(
                0, raster.rgb_to_yuv(pixels[..., :3]), alpha,
                step_px=step * stage.scale * stage.way, phases=4, fps=stage.fps,
            )
        )  # fmt: skip
