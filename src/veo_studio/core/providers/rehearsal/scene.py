"""Composes the layers of one animatic from its theme.

The scene is always composed on a canvas whose short side is 720 pixels (1440 for 4K), whatever the
size of the clip: the same words and seed then give the same picture and movement at every
resolution, and a large clip costs little more than a small one.
"""

from __future__ import annotations

from collections.abc import Callable

from veo_studio.core.providers.rehearsal.raster import Canvas, Shade, mix, shade_map
from veo_studio.core.providers.rehearsal.scenery.city import add_skyline, add_street
from veo_studio.core.providers.rehearsal.scenery.land import add_land
from veo_studio.core.providers.rehearsal.scenery.lights import add_bokeh
from veo_studio.core.providers.rehearsal.scenery.plants import add_grass, add_trees
from veo_studio.core.providers.rehearsal.scenery.sky import add_sky
from veo_studio.core.providers.rehearsal.scenery.stage import Stage
from veo_studio.core.providers.rehearsal.scenery.subjects import add_subjects
from veo_studio.core.providers.rehearsal.scenery.water import add_glitter, add_wave
from veo_studio.core.providers.rehearsal.scenery.weather import add_weather
from veo_studio.core.providers.rehearsal.theme import Theme


class Scene:
    """All layers from back to front; `paint` draws them for one moment."""

    def __init__(self, theme: Theme, width_px: int, height_px: int, fps: int) -> None:
        stage = Stage(theme, width_px, height_px, fps)
        _SETTINGS[theme.setting](stage)
        add_weather(stage)
        stage.layers.append(Shade(shade_map(width_px, height_px)))
        self._layers = stage.layers

    def paint(self, canvas: Canvas, time_s: float) -> None:
        for layer in self._layers:
            layer.draw(canvas, time_s)


def _hills(stage: Stage) -> None:
    add_sky(stage, clouds=0.6)
    add_land(stage, 4, amplitude=0.075, wavelength=1.1, roughness=1.5)
    add_subjects(stage, ground=0.80)


def _meadow(stage: Stage) -> None:
    add_sky(stage, clouds=0.7)
    add_land(stage, 3, amplitude=0.06, wavelength=1.3, roughness=1.6)
    add_subjects(stage, ground=0.82)
    add_grass(stage, has_flowers="flower" in stage.theme.subjects)


def _mountains(stage: Stage) -> None:
    add_sky(stage, clouds=0.6)
    add_land(
        stage, 3, amplitude=0.21, wavelength=1.0, roughness=1.22, peaks=True,
        snow=stage.theme.light != "ember", last=0.80,
    )  # fmt: skip
    add_subjects(stage, ground=0.74)
    add_trees(stage, 1, 0.90, 0.12)


def _desert(stage: Stage) -> None:
    add_sky(stage, clouds=0.2)
    add_land(stage, 4, amplitude=0.085, wavelength=1.25, roughness=1.9, dunes=True)
    add_subjects(stage, ground=0.77)


def _forest(stage: Stage) -> None:
    add_sky(stage, clouds=0.3)
    add_land(stage, 1, amplitude=0.10, wavelength=0.9, roughness=1.3)
    add_trees(stage, 3, 0.70, 0.26)
    add_subjects(stage, ground=0.79)
    add_trees(stage, 1, 1.22, 0.40, first_share=1.3)


def _city(stage: Stage) -> None:
    add_sky(stage, clouds=0.4)
    add_skyline(stage, 3)
    add_street(stage)
    floats = {"boat", "ship"} & set(stage.theme.subjects)
    add_subjects(stage, ground=0.815 if floats else 0.80, is_afloat=bool(floats))


def _space(stage: Stage) -> None:
    add_sky(stage, clouds=0.0, nebula=True)
    add_subjects(stage, ground=0.5)
    add_land(
        stage, 2, amplitude=0.05, wavelength=0.8, roughness=1.2, peaks=True, first=0.90, last=0.97
    )


def _portrait(stage: Stage) -> None:
    add_sky(stage, clouds=0.0)
    add_bokeh(stage)
    add_subjects(stage, ground=1.0)


def _sea(stage: Stage) -> None:
    theme = stage.theme
    palette = theme.palette
    add_sky(stage, clouds=0.55, sea=True)
    names = set(theme.subjects)
    if "mountains" in theme.also:
        add_land(
            stage, 1, amplitude=0.21, wavelength=1.0, roughness=1.22, peaks=True, snow=True,
            first=0.0, shore=True,
        )  # fmt: skip
    elif names & {"lighthouse", "house"} or stage.rng.random() < 0.5:
        add_land(stage, 1, amplitude=0.05, wavelength=0.7, roughness=1.3, first=0.0, shore=True)
    add_subjects(stage, ground=0.615, only={"lighthouse", "house", "birds", "balloon", "kite"})
    add_glitter(stage)
    count = 5
    floats = names & {"boat", "ship", "car", "fox", "walker", "flower", "lantern"}
    for index in range(count):
        depth = (index + 0.6) / count
        crest = stage.horizon + (stage.height - stage.horizon) * (0.06 + 0.80 * depth**1.35)
        water = mix(mix(palette.horizon, palette.near, 0.35 + 0.2 * depth), palette.near, depth)
        water = mix(water, palette.sky_mid, 0.30 * (1 - depth))
        add_wave(stage, crest, 0.006 + 0.012 * depth, water, depth, index)
        if index == 2 and floats:
            add_subjects(stage, ground=crest / stage.height + 0.035, only=floats, is_afloat=True)


_SETTINGS: dict[str, Callable[[Stage], None]] = {
    "sea": _sea, "city": _city, "forest": _forest, "mountains": _mountains, "desert": _desert,
    "meadow": _meadow, "space": _space, "portrait": _portrait, "hills": _hills,
}  # fmt: skip
