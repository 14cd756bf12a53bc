"""Water: waves that come towards the viewer, and the sun's glitter on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veo_studio.core.providers.rehearsal import raster
from veo_studio.core.providers.rehearsal.raster import Rgb, Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even, lerp_planes, tint

Array = NDArray[Any]


def add_wave(
    stage: Stage, crest: float, swing: float, colour: Rgb, depth: float, index: int
) -> None:
    palette = stage.theme.palette
    line = stage.ridge(0.16 + 0.42 * depth, 1.5, False, False)
    line = line + 0.35 * stage.ridge(0.09 + 0.2 * depth, 1.2, False, False)
    heights = crest - swing * stage.short * line
    top = 2 * int((heights.min() - 3) // 2)
    ys = np.arange(top, stage.height, dtype=np.float32)[:, None]
    below = ys - heights[None, :].astype(np.float32)
    alpha = np.clip(below + 0.5, 0, 1) * (0.82 + 0.18 * depth)
    planes = lerp_planes(
        to_yuv(colour), to_yuv(mix(colour, palette.near, 0.65)),
        np.clip(below / ((0.06 + 0.12 * depth) * stage.short), 0, 1),
    )  # fmt: skip
    crestness = np.clip(0.5 + 0.5 * line, 0, 1)[None, :]
    thin = np.exp(-np.maximum(below, 0) / ((0.003 + 0.006 * depth) * stage.short))
    tint(list(planes), mix(palette.light, colour, 0.25), thin * crestness * 0.55)
    step = (1, 1, 2, 2, 3)[index] * (1 if index % 2 == 0 else -1)
    stage.layers.append(
        Strip(top, planes, alpha, step_px=step * stage.scale * stage.way, fps=stage.fps)
    )


def add_glitter(stage: Stage) -> None:
    rows = even(stage.height - stage.horizon)
    ys = np.arange(rows, dtype=np.float32)[:, None]
    xs = np.arange(stage.width, dtype=np.float32)[None, :]
    spread = stage.short * 0.05 + ys * 0.30
    column = np.exp(-(((xs - stage.sun[0]) / spread) ** 2)) * np.clip(1.15 - ys / rows, 0, 1)
    patterns = []
    strength = {"overcast": 26, "day": 70, "night": 84}.get(stage.theme.light, 92)
    for _ in range(3):
        rough = stage.noise((rows, 4 * math.ceil(stage.width / 4)), 4, 0.7, stretch=7.0)
        sparks = np.clip((rough[:, : stage.width] - 0.54) * 6, 0, 1)
        patterns.append(sparks * column * strength)
    stage.layers.append(raster.Glitter(stage.horizon, patterns, stage.fps))
