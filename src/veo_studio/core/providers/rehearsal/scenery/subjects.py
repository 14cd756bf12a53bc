"""Subjects: which of the theme's are on the stage, how large, where, and how they move."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from veo_studio.core.providers.rehearsal import sprites
from veo_studio.core.providers.rehearsal.raster import Pose, Rgb, Sprite, mix
from veo_studio.core.providers.rehearsal.scenery.stage import Stage

Array = NDArray[Any]

# height, in short sides
_SIZES = {
    "boat": 0.17, "ship": 0.24, "kite": 0.34, "balloon": 0.30, "birds": 0.026, "fox": 0.20,
    "walker": 0.17, "portrait": 0.86, "lighthouse": 0.36, "house": 0.13, "car": 0.12,
    "flower": 0.22, "rocket": 0.34, "lantern": 0.16, "planet": 0.36,
}  # fmt: skip
_FLYING = frozenset({"kite", "balloon", "birds", "rocket", "lantern", "planet"})
_SINGLE = frozenset({"portrait", "lighthouse", "house", "rocket"})
_SHINING = frozenset({"lantern", "planet", "rocket"})
_FUR: dict[str, Rgb] = {
    "wolf": (112, 118, 130), "wolves": (112, 118, 130), "cat": (70, 66, 74), "cats": (70, 66, 74),
    "dog": (176, 124, 78), "dogs": (176, 124, 78),
}  # fmt: skip


def add_subjects(
    stage: Stage, ground: float, *, only: set[str] | None = None, is_afloat: bool = False
) -> None:
    """Those of the theme that are in `only`; they stand at `ground`, a fraction of the height."""
    theme = stage.theme
    names = [name for name in theme.subjects if only is None or name in only]
    if theme.setting == "portrait":
        names = ["portrait", *[name for name in names if name not in ("walker", "portrait")]]
    if theme.setting == "meadow":
        names = [name for name in names if name != "flower"]
    for order, name in enumerate(names):
        count = theme.count if order == 0 and name not in _SINGLE else 1
        if name in ("birds", "lantern"):
            count = max(count, 7 if name == "lantern" else 6)
        for number in range(count):
            _add_subject(stage, name, number, count, ground, is_afloat)


def _add_subject(
    stage: Stage, name: str, number: int, count: int, ground: float, is_afloat: bool
) -> None:
    chance = stage.rng.random(4)
    size = _SIZES[name] * (1 if count == 1 else (0.62 + 0.42 * chance[0]))
    light, colour = _colours(stage, name, number, count)
    picture = sprites.PAINTERS[name](
        max(8, int(size * stage.short)), stage.theme.palette.near, light, colour
    )
    x = _across(stage, name, number, count, chance)
    y = _down(stage, name, count, ground, picture.height, chance)
    sway = float(chance[3]) * 2 * math.pi
    if is_afloat:
        pose = _floating(stage, x, y, sway)
    elif name in _FLYING:
        pose = _flight(stage, name, x, y, sway, float(chance[0]))
    else:
        pose = _standing(stage, name, x, y, sway)
    stage.layers.append(Sprite(picture, pose))


def _colours(stage: Stage, name: str, number: int, count: int) -> tuple[Rgb, Rgb]:
    """Light on a subject and its own colour, as dark as the hour makes them."""
    theme = stage.theme
    colour = sprites.hue(theme.subject_hue + 0.06 * (number % 3 - 1) * (count > 1))
    if name == "fox":
        colour = next((_FUR[word] for word in sorted(theme.words) if word in _FUR), (216, 106, 48))
    light: Rgb = mix(theme.palette.light, (255, 255, 255), 0.25)
    dusk = {"night": 0.55, "space": 0.9, "dusk": 0.72, "ember": 0.8}.get(theme.light, 1.0)
    if name in _SHINING:
        dusk = 1.0
    return mix((0, 0, 0), light, dusk), mix((0, 0, 0), colour, dusk)


def _across(stage: Stage, name: str, number: int, count: int, chance: Array) -> float:
    if name == "house":
        return stage.width * 0.27
    if name == "rocket" and "planet" in stage.theme.subjects:
        return stage.width * 0.68
    if name == "portrait":
        return stage.width * (0.42 if stage.width > stage.height else 0.5)
    if count == 1 and name in ("balloon", "kite", "lighthouse", "planet"):
        return stage.width * (0.32 if stage.sun[0] > stage.width / 2 else 0.66)
    if count == 1:
        return stage.width * 0.40
    slot = (number + 0.5) / count
    return stage.width * (0.14 + 0.70 * slot + 0.06 * float(chance[1] - 0.5))


def _down(
    stage: Stage, name: str, count: int, ground: float, height_px: int, chance: Array
) -> float:
    if name in _FLYING:
        high, low = (0.20, 0.42) if count > 1 else (0.34, 0.36)
        y = stage.height * (high + (low - high) * float(chance[2]))
        return y + 0.10 * stage.height if stage.theme.setting == "space" else y
    if name == "portrait":
        ground = 1.02
    return ground * stage.height - height_px / 2


def _floating(stage: Stage, x: float, y: float, sway: float) -> Pose:
    unit = stage.unit

    def pose(t: float) -> tuple[float, float, float]:
        bob = math.sin(1.5 * t + sway)
        return (x + 5 * unit * t, y + 7 * unit * bob, 3.4 * math.sin(1.5 * t + sway - 1))

    return pose


def _flight(stage: Stage, name: str, x: float, y: float, sway: float, pace: float) -> Pose:
    unit, width, height = stage.unit, stage.width, stage.height

    def pose(t: float) -> tuple[float, float, float]:
        if name == "birds":
            across = (x + 34 * unit * t * (0.8 + 0.4 * pace)) % (width * 1.1)
            return (across, y + 9 * unit * math.sin(2.2 * t + sway), 8 * math.sin(3 * t + sway))
        if name == "kite":
            return (
                x + 40 * unit * math.sin(0.7 * t + sway),
                y + 24 * unit * math.sin(1.1 * t + sway),
                14 + 9 * math.sin(0.9 * t + sway),
            )
        if name == "rocket":
            return (x + 12 * unit * t, y + 0.16 * height - 26 * unit * t, 12.0)
        if name == "planet":
            return (x - 3 * unit * t, y, -14.0)
        rise = (6 if name == "balloon" else 10) * unit * t * (0.6 + 0.8 * pace)
        return (x + 10 * unit * math.sin(0.5 * t + sway), y - rise, 1.6 * math.sin(t + sway))

    return pose


def _standing(stage: Stage, name: str, x: float, y: float, sway: float) -> Pose:
    unit, width, way = stage.unit, stage.width, stage.way

    def pose(t: float) -> tuple[float, float, float]:
        if name == "car":
            return ((x + 58 * unit * t + width * 0.1) % (width * 1.3), y, 0.0)
        if name == "portrait":
            return (x, y + 3 * unit * math.sin(1.2 * t), 0.4 * math.sin(0.6 * t))
        if name == "walker":
            return (x + 14 * unit * t, y - 2.2 * unit * abs(math.sin(5 * t)), math.sin(5 * t))
        if name == "fox":
            return (x - way * 2 * unit * t, y, 0.5 * math.sin(1.4 * t + sway))
        return (x - way * 2 * unit * t, y, 0.0)

    return pose
