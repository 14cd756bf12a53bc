"""Land: ridges, peaks and dunes that go back into the haze."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from veo_studio.core.providers.rehearsal.raster import Rgb, Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.scenery.stage import Stage, even, lerp_planes, tint

Array = NDArray[Any]


def add_land(
    stage: Stage,
    count: int,
    *,
    amplitude: float,
    wavelength: float,
    roughness: float,
    peaks: bool = False,
    snow: bool = False,
    dunes: bool = False,
    first: float = 0.02,
    last: float = 0.86,
    shore: bool = False,
) -> None:
    palette = stage.theme.palette
    for index in range(count):
        depth = index / max(1, count - 1) if count > 1 else 0.15
        if first >= 0.5:
            base = stage.height * (first + (last - first) * depth)
        else:
            floor = stage.horizon + first * stage.height
            base = floor + (last * stage.height - floor) * depth**1.15
        swing = amplitude * stage.short * (1.0 - 0.35 * depth)
        line = stage.ridge(wavelength * (0.8 + 0.5 * depth), roughness, peaks, dunes)
        heights = base - swing * line
        if shore:
            rise = line * 0.5 + 0.5 if peaks else line
            heights = stage.horizon + 2 - np.maximum(0, rise) * swing
        colour = mix(palette.far, palette.near, 0.15 + 0.85 * depth**0.85)
        haze = mix(palette.horizon, colour, 0.35 + 0.5 * depth)
        bottom = stage.horizon + 2 if shore else stage.height
        _add_silhouette(
    stage,
            heights, colour, haze, bottom, depth,
            step=(0, 1, 2, 3)[min(3, index)] * stage.scale,
            facets=0.55 if peaks else 0.35 if dunes else 0.0,
            snow=snow and index < 2,
        )  # fmt: skip


def _add_silhouette(
    stage: Stage,
    heights: Array,
    colour: Rgb,
    haze: Rgb,
    bottom: int,
    depth: float,
    *,
    step: int,
    facets: float = 0.0,
    snow: bool = False,
) -> None:
    palette = stage.theme.palette
    top = max(0, 2 * int((heights.min() - 3) // 2))
    bottom = even(bottom)
    if bottom - top < 4:
        return
    ys = np.arange(top, bottom, dtype=np.float32)[:, None]
    below = ys - heights[None, :].astype(np.float32)
    alpha = np.clip(below + 0.5, 0, 1)
    fade = np.clip(below / (0.30 * stage.short), 0, 1)
    rim = np.exp(-np.maximum(below, 0) / (0.012 * stage.short)) * (0.34 - 0.18 * depth)
    planes = lerp_planes(to_yuv(colour), to_yuv(haze), fade)
    if facets:
        slope = np.gradient(heights.astype(np.float32))
        width = max(3, int(0.012 * stage.short))
        kernel = np.ones(width, np.float32) / width
        slope = np.convolve(np.concatenate([slope[-width:], slope, slope[:width]]), kernel)
        slope = np.clip(slope[width + width // 2 :][: heights.size], -1.2, 1.2)
        lean = 0.55 * below * (1 if stage.sun[0] > stage.width / 2 else -1)
        where = (np.arange(heights.size, dtype=np.int32)[None, :] + lean.astype(np.int32)) % (
            heights.size
        )
        side = slope[where] * (1 if stage.sun[0] > stage.width / 2 else -1)
        soft = np.exp(-np.maximum(below, 0) / (0.30 * stage.short))
        lit = np.clip(side, 0, 1) * facets * soft * (1 - 0.5 * depth)
        dim = np.clip(-side, 0, 1) * facets * soft * 0.5
        tint(list(planes), mix(colour, palette.light, 0.75), lit)
        tint(list(planes), mix(colour, (0, 0, 0), 0.55), dim)
        if snow:
            jag = 0.022 * stage.short * np.abs(stage.ridge(0.10, 0.8, True, False))[None, :]
            line = heights.min() + 0.17 * stage.short * (1 - 0.4 * depth)
            cap = np.clip((line + jag * 2 - ys) / (0.01 * stage.short), 0, 1)
            bright = mix((246, 248, 255), palette.light, 0.35)
            shadow = mix(bright, palette.sky_top, 0.45)
            white = np.clip(0.5 + 1.4 * side, 0, 1)
            tint(list(planes), shadow, cap * 0.85 * (1 - white))
            tint(list(planes), bright, cap * 0.9 * white)
    tint(list(planes), palette.light, rim)
    stage.layers.append(Strip(top, planes, alpha, step_px=step * stage.way, fps=stage.fps))
