"""Composes the layers of one animatic from its theme.

The scene is always composed on a canvas whose short side is 720 pixels (1440 for 4K), whatever the
size of the clip: the same words and seed then give the same picture and movement at every
resolution, and a large clip costs little more than a small one.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from veo_studio.core.providers.rehearsal import raster, sprites
from veo_studio.core.providers.rehearsal.raster import Canvas, Rgb, Strip, mix, to_yuv
from veo_studio.core.providers.rehearsal.theme import Theme

Array = NDArray[Any]


class Layer(Protocol):
    def draw(self, canvas: Canvas, time_s: float) -> None: ...


def even(value: float) -> int:
    return 2 * round(value / 2)


class Scene:
    """All layers from back to front; `paint` draws them for one moment."""

    def __init__(self, theme: Theme, width_px: int, height_px: int, fps: int) -> None:
        self.theme = theme
        self.width = width_px
        self.height = height_px
        self.fps = fps
        self.short = min(width_px, height_px)
        self.scale = max(1, round(self.short / 720))
        self.period = 4 * math.ceil(width_px * 1.5 / 4)
        self.rng = np.random.default_rng(theme.random_seed)
        self.layers: list[Layer] = []
        self.horizon = even(height_px * (0.60 if width_px >= height_px else 0.56))
        self.way = -1 if theme.camera == "left" else 1
        build = {
            "sea": self._sea, "city": self._city, "forest": self._forest,
            "mountains": self._mountains, "desert": self._desert, "meadow": self._meadow,
            "space": self._space, "portrait": self._portrait, "hills": self._hills,
        }[theme.setting]  # fmt: skip
        build()
        self._weather()
        self.layers.append(raster.Shade(shade_map(width_px, height_px)))

    def paint(self, canvas: Canvas, time_s: float) -> None:
        for layer in self.layers:
            layer.draw(canvas, time_s)

    # settings

    def _hills(self) -> None:
        self._sky(clouds=0.6)
        self._land(4, amplitude=0.075, wavelength=1.1, roughness=1.5)
        self._subjects(ground=0.80)

    def _meadow(self) -> None:
        self._sky(clouds=0.7)
        self._land(3, amplitude=0.06, wavelength=1.3, roughness=1.6)
        self._subjects(ground=0.82)
        self._grass(flowers="flower" in self.theme.subjects)

    def _mountains(self) -> None:
        self._sky(clouds=0.6)
        self._land(
            3, amplitude=0.21, wavelength=1.0, roughness=1.22, peaks=True,
            snow=self.theme.light != "ember", last=0.80,
        )  # fmt: skip
        self._subjects(ground=0.74)
        self._trees(1, 0.90, 0.12)

    def _desert(self) -> None:
        self._sky(clouds=0.2)
        self._land(4, amplitude=0.085, wavelength=1.25, roughness=1.9, dunes=True)
        self._subjects(ground=0.77)

    def _forest(self) -> None:
        self._sky(clouds=0.3)
        self._land(1, amplitude=0.10, wavelength=0.9, roughness=1.3)
        self._trees(3, 0.70, 0.26)
        self._subjects(ground=0.79)
        self._trees(1, 1.22, 0.40, first_share=1.3)

    def _city(self) -> None:
        self._sky(clouds=0.4)
        self._skyline(3)
        self._street()
        floats = {"boat", "ship"} & set(self.theme.subjects)
        self._subjects(ground=0.815 if floats else 0.80, afloat=bool(floats))

    def _space(self) -> None:
        self._sky(clouds=0.0, nebula=True)
        self._subjects(ground=0.5)
        self._land(
            2, amplitude=0.05, wavelength=0.8, roughness=1.2, peaks=True, first=0.90, last=0.97
        )

    def _portrait(self) -> None:
        self._sky(clouds=0.0)
        self._bokeh()
        self._subjects(ground=1.0)

    def _sea(self) -> None:
        theme = self.theme
        palette = theme.palette
        self._sky(clouds=0.55, sea=True)
        names = set(theme.subjects)
        if "mountains" in theme.also:
            self._land(
                1, amplitude=0.21, wavelength=1.0, roughness=1.22, peaks=True, snow=True, first=0.0,
                shore=True,
            )  # fmt: skip
        elif names & {"lighthouse", "house"} or self.rng.random() < 0.5:
            self._land(1, amplitude=0.05, wavelength=0.7, roughness=1.3, first=0.0, shore=True)
        self._subjects(ground=0.615, only={"lighthouse", "house", "birds", "balloon", "kite"})
        self._glitter()
        count = 5
        floats = names & {"boat", "ship", "car", "fox", "walker", "flower", "lantern"}
        for index in range(count):
            depth = (index + 0.6) / count
            crest = self.horizon + (self.height - self.horizon) * (0.06 + 0.80 * depth**1.35)
            water = mix(mix(palette.horizon, palette.near, 0.35 + 0.2 * depth), palette.near, depth)
            water = mix(water, palette.sky_mid, 0.30 * (1 - depth))
            self._wave(crest, 0.006 + 0.012 * depth, water, depth, index)
            if index == 2 and floats:
                self._subjects(ground=crest / self.height + 0.035, only=floats, afloat=True)

    # parts

    def _sky(self, clouds: float, *, sea: bool = False, nebula: bool = False) -> None:
        palette = self.theme.palette
        rows = np.arange(self.height, dtype=np.float32)
        reach = float(self.horizon)
        stops = [0.0, 0.50 * reach, 0.86 * reach, reach, float(self.height)]
        floor = mix(palette.horizon, palette.near, 0.75 if sea else 0.4)
        colours: list[Rgb] = [
            palette.sky_top, palette.sky_mid, mix(palette.sky_mid, palette.horizon, 0.8),
            palette.horizon, floor,
        ]  # fmt: skip
        if nebula:
            stops = [0.0, 0.6 * self.height, float(self.height)]
            colours = [palette.sky_top, palette.sky_mid, palette.horizon]
        columns = [np.interp(rows, stops, [colour[i] for colour in colours]) for i in range(3)]
        if sea:
            below = rows >= reach
            share = np.clip((rows - reach) / (self.height - reach), 0, 1) ** 0.6
            for i in range(3):
                start = 0.72 * palette.horizon[i] + 0.28 * palette.near[i]
                water = start + (palette.near[i] - start) * share
                columns[i] = np.where(below, water, columns[i])
        luma, blue, red = raster.rgb_to_yuv(np.stack(columns, axis=-1)[:, None, :])
        shape = (self.height, self.width)
        planes = [np.repeat(plane, self.width, axis=1) for plane in (luma, blue, red)]
        x = self.width * float(self.rng.uniform(0.58, 0.80 if self.width > self.height else 0.72))
        y = self.horizon - palette.sun_height * self.short
        y = max(y, 0.17 * self.height)
        self.sun = (x, y)
        if nebula:
            cloud = self._noise(shape, 5, 0.55)
            other = self._noise(shape, 4, 0.6)
            for colour, amount in (
                ((120, 60, 170), np.clip(cloud - 0.45, 0, 1) * 1.3),
                ((40, 130, 170), np.clip(other - 0.52, 0, 1) * 1.2),
            ):
                _tint(planes, colour, np.minimum(amount, 0.7))
        else:
            self._glow(planes, x, y)
            if sea:
                # the water keeps its own tone: the glow belongs to the sky
                for plane, value in zip(planes, (luma, blue, red), strict=True):
                    keep = 0.35
                    part = plane[self.horizon :]
                    part[...] = part * keep + value[self.horizon :] * (1 - keep)
        noise = self.rng.uniform(-0.6, 0.6, shape).astype(np.float32)
        self.layers.append(raster.Backdrop(planes[0], planes[1], planes[2], noise))
        if palette.star_amount:
            height = self.height * 0.86 if nebula else self.horizon * 0.9
            share = palette.star_amount * self.width * self.height / 920_000
            self.layers.append(raster.Stars(self.rng, self.width, int(height), share))
        if not nebula:
            self._disc(x, y)
        if clouds:
            self._clouds(clouds)

    def _glow(self, planes: list[Array], x: float, y: float) -> None:
        palette = self.theme.palette
        ys, xs = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        distance = np.hypot(xs - x, (ys - y) * 1.15) / self.short
        night = self.theme.light in ("night", "space")
        wide = np.exp(-((distance / 0.55) ** 2)) * (0.16 if night else 0.42)
        close = np.exp(-distance / 0.11) * (0.34 if night else 0.60)
        if self.theme.light == "overcast":
            wide, close = wide * 0.5, close * 0.35
        _tint(planes, mix(palette.light, palette.horizon, 0.35), wide)
        _tint(planes, palette.light, close)

    def _disc(self, x: float, y: float) -> None:
        palette = self.theme.palette
        night = self.theme.light == "night"
        radius = self.short * (0.046 if night else 0.058)
        if self.theme.light == "overcast":
            return
        size = math.ceil(radius * 2) + 6
        over = 4
        sheet = Image.new("RGBA", (size * over, size * over))
        pen = ImageDraw.Draw(sheet)
        middle = size * over / 2
        reach = radius * over
        colour = tuple(round(c) for c in mix(palette.light, (255, 255, 255), 0.45))
        pen.ellipse(
            [middle - reach, middle - reach, middle + reach, middle + reach], (*colour, 255)
        )
        if night:
            for dx, dy, size_share in ((-0.3, -0.2, 0.2), (0.25, 0.3, 0.26), (0.1, -0.45, 0.13),
                                       (-0.35, 0.4, 0.14)):  # fmt: skip
                spot = reach * size_share
                cx, cy = middle + dx * reach, middle + dy * reach
                shade = tuple(round(c * 0.9) for c in colour)
                pen.ellipse([cx - spot, cy - spot, cx + spot, cy + spot], (*shade, 255))
        disc = sheet.resize((size, size), Image.Resampling.LANCZOS)
        sink = 0.0 if night else 1.6 * self.scale
        self.layers.append(raster.Sprite(disc, lambda t: (x, y + sink * t, 0.0)))

    def _clouds(self, amount: float) -> None:
        palette = self.theme.palette
        if self.theme.light == "night":
            amount *= 0.5
        overcast = self.theme.light == "overcast"
        rows = even(self.horizon * 0.92)
        noise = self._noise((rows, self.period), 5, 0.52, stretch=2.6)
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
        planes = _lerp_planes(to_yuv(lit), to_yuv(dark), thick.astype(np.float32))
        self.layers.append(
            Strip(0, planes, alpha, step_px=0.25 * self.scale * self.way, phases=4, fps=self.fps)
        )

    def _land(
        self,
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
        palette = self.theme.palette
        for index in range(count):
            depth = index / max(1, count - 1) if count > 1 else 0.15
            if first >= 0.5:
                base = self.height * (first + (last - first) * depth)
            else:
                floor = self.horizon + first * self.height
                base = floor + (last * self.height - floor) * depth**1.15
            swing = amplitude * self.short * (1.0 - 0.35 * depth)
            line = self._ridge(wavelength * (0.8 + 0.5 * depth), roughness, peaks, dunes)
            heights = base - swing * line
            if shore:
                rise = line * 0.5 + 0.5 if peaks else line
                heights = self.horizon + 2 - np.maximum(0, rise) * swing
            colour = mix(palette.far, palette.near, 0.15 + 0.85 * depth**0.85)
            haze = mix(palette.horizon, colour, 0.35 + 0.5 * depth)
            bottom = self.horizon + 2 if shore else self.height
            self._silhouette(
                heights, colour, haze, bottom, depth,
                step=(0, 1, 2, 3)[min(3, index)] * self.scale,
                facets=0.55 if peaks else 0.35 if dunes else 0.0,
                snow=snow and index < 2,
            )  # fmt: skip

    def _ridge(self, wavelength: float, roughness: float, peaks: bool, dunes: bool) -> Array:
        """A line that repeats after one period, about -1 to 1."""
        xs = np.arange(self.period, dtype=np.float32) * (2 * np.pi / self.period)
        base = max(1, round(self.period / (wavelength * self.short)))
        line = np.zeros(self.period, np.float32)
        total = 0.0
        for octave in range(7 if peaks else 4 if dunes else 5):
            waves = base * 2**octave
            waves = max(1, waves + int(self.rng.integers(-1, 2)) * (octave > 0))
            weight = 2.0 ** (-roughness * octave)
            angle = waves * xs + self.rng.uniform(0, 2 * np.pi)
            if peaks:
                line += weight * (1 - 2 * np.abs(np.sin(angle / 2 if waves % 2 == 0 else angle)))
            elif dunes:
                line += weight * np.sin(angle + 0.55 * np.sin(angle))
            else:
                line += weight * np.sin(angle)
            total += weight
        return line / np.float32(total * 0.8)

    def _silhouette(
        self,
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
        palette = self.theme.palette
        top = max(0, 2 * int((heights.min() - 3) // 2))
        bottom = even(bottom)
        if bottom - top < 4:
            return
        ys = np.arange(top, bottom, dtype=np.float32)[:, None]
        below = ys - heights[None, :].astype(np.float32)
        alpha = np.clip(below + 0.5, 0, 1)
        fade = np.clip(below / (0.30 * self.short), 0, 1)
        rim = np.exp(-np.maximum(below, 0) / (0.012 * self.short)) * (0.34 - 0.18 * depth)
        planes = _lerp_planes(to_yuv(colour), to_yuv(haze), fade)
        if facets:
            slope = np.gradient(heights.astype(np.float32))
            width = max(3, int(0.012 * self.short))
            kernel = np.ones(width, np.float32) / width
            slope = np.convolve(np.concatenate([slope[-width:], slope, slope[:width]]), kernel)
            slope = np.clip(slope[width + width // 2 :][: heights.size], -1.2, 1.2)
            lean = 0.55 * below * (1 if self.sun[0] > self.width / 2 else -1)
            where = (np.arange(heights.size, dtype=np.int32)[None, :] + lean.astype(np.int32)) % (
                heights.size
            )
            side = slope[where] * (1 if self.sun[0] > self.width / 2 else -1)
            soft = np.exp(-np.maximum(below, 0) / (0.30 * self.short))
            lit = np.clip(side, 0, 1) * facets * soft * (1 - 0.5 * depth)
            dim = np.clip(-side, 0, 1) * facets * soft * 0.5
            _tint(list(planes), mix(colour, palette.light, 0.75), lit)
            _tint(list(planes), mix(colour, (0, 0, 0), 0.55), dim)
            if snow:
                jag = 0.022 * self.short * np.abs(self._ridge(0.10, 0.8, True, False))[None, :]
                line = heights.min() + 0.17 * self.short * (1 - 0.4 * depth)
                cap = np.clip((line + jag * 2 - ys) / (0.01 * self.short), 0, 1)
                bright = mix((246, 248, 255), palette.light, 0.35)
                shadow = mix(bright, palette.sky_top, 0.45)
                white = np.clip(0.5 + 1.4 * side, 0, 1)
                _tint(list(planes), shadow, cap * 0.85 * (1 - white))
                _tint(list(planes), bright, cap * 0.9 * white)
        _tint(list(planes), palette.light, rim)
        self.layers.append(Strip(top, planes, alpha, step_px=step * self.way, fps=self.fps))

    def _wave(self, crest: float, swing: float, colour: Rgb, depth: float, index: int) -> None:
        palette = self.theme.palette
        line = self._ridge(0.16 + 0.42 * depth, 1.5, False, False)
        line = line + 0.35 * self._ridge(0.09 + 0.2 * depth, 1.2, False, False)
        heights = crest - swing * self.short * line
        top = 2 * int((heights.min() - 3) // 2)
        ys = np.arange(top, self.height, dtype=np.float32)[:, None]
        below = ys - heights[None, :].astype(np.float32)
        alpha = np.clip(below + 0.5, 0, 1) * (0.82 + 0.18 * depth)
        planes = _lerp_planes(
            to_yuv(colour), to_yuv(mix(colour, palette.near, 0.65)),
            np.clip(below / ((0.06 + 0.12 * depth) * self.short), 0, 1),
        )  # fmt: skip
        crestness = np.clip(0.5 + 0.5 * line, 0, 1)[None, :]
        thin = np.exp(-np.maximum(below, 0) / ((0.003 + 0.006 * depth) * self.short))
        _tint(list(planes), mix(palette.light, colour, 0.25), thin * crestness * 0.55)
        step = (1, 1, 2, 2, 3)[index] * (1 if index % 2 == 0 else -1)
        self.layers.append(
            Strip(top, planes, alpha, step_px=step * self.scale * self.way, fps=self.fps)
        )

    def _glitter(self) -> None:
        rows = even(self.height - self.horizon)
        ys = np.arange(rows, dtype=np.float32)[:, None]
        xs = np.arange(self.width, dtype=np.float32)[None, :]
        spread = self.short * 0.05 + ys * 0.30
        column = np.exp(-(((xs - self.sun[0]) / spread) ** 2)) * np.clip(1.15 - ys / rows, 0, 1)
        patterns = []
        strength = {"overcast": 26, "day": 70, "night": 84}.get(self.theme.light, 92)
        for _ in range(3):
            rough = self._noise((rows, 4 * math.ceil(self.width / 4)), 4, 0.7, stretch=7.0)
            sparks = np.clip((rough[:, : self.width] - 0.54) * 6, 0, 1)
            patterns.append(sparks * column * strength)
        self.layers.append(raster.Glitter(self.horizon, patterns, self.fps))

    def _trees(
        self, count: int, last: float, size: float, *, first_share: float | None = None
    ) -> None:
        palette = self.theme.palette
        for index in range(count):
            depth = (index + 1) / (count + 1) if first_share is None else 1.0
            base = self.horizon + (last * self.height - self.horizon) * depth
            if count == 1:
                base = last * self.height
            tall = size * self.short * (0.55 + 0.55 * depth) * (first_share or 1.0)
            ground = base - 0.035 * self.short * self._ridge(1.0, 1.4, False, False)
            rows_top = 2 * int((ground.min() - tall * 1.2) // 2)
            rows_top = max(0, rows_top)
            over = 2
            rows = self.height - rows_top
            mask = Image.new("L", (self.period * over, rows * over))
            pen = ImageDraw.Draw(mask)
            edge = [(x * over, (float(ground[x % self.period]) - rows_top) * over)
                    for x in range(0, self.period + 8, 8)]  # fmt: skip
            pen.polygon([*edge, (self.period * over, rows * over), (0, rows * over)], fill=255)
            x = 0.0
            gap = tall * (0.20 if first_share is None else 0.55)
            while x < self.period:
                height = tall * float(self.rng.uniform(0.55, 1.1))
                root = float(ground[int(x) % self.period]) - rows_top + tall * 0.06
                for turn in (-self.period, 0, self.period):
                    if -tall < x + turn < self.period + tall:
                        _spruce(pen, (x + turn) * over, root * over, height * over)
                x += gap * float(self.rng.uniform(0.5, 1.7))
            alpha = np.asarray(mask.resize((self.period, rows), Image.Resampling.BOX))
            alpha = alpha.astype(np.float32) / 255
            ys = np.arange(rows_top, self.height, dtype=np.float32)[:, None]
            fade = np.clip((ys - rows_top) / (self.height - rows_top), 0, 1) ** 1.4
            fade = np.repeat(fade, self.period, axis=1)
            colour = mix(palette.far, palette.near, 0.25 + 0.75 * depth)
            if first_share:
                colour = mix(palette.near, (0, 0, 0), 0.45)
            haze = mix(palette.horizon, colour, 0.30 + 0.6 * depth)
            planes = _lerp_planes(to_yuv(colour), to_yuv(haze), fade * 0.8)
            step = round(1 + 3 * depth) if first_share is None else 4
            self.layers.append(
                Strip(rows_top, planes, alpha, step_px=step * self.scale * self.way, fps=self.fps)
            )

    def _skyline(self, count: int) -> None:
        palette = self.theme.palette
        lit = self.theme.light in ("night", "dusk", "sunset", "overcast", "ember", "space")
        ground = even(self.height * 0.76)
        for index in range(count):
            depth = index / (count - 1)
            tall = self.short * (0.46 - 0.13 * depth)
            top = max(0, even(ground - tall * 1.25))
            rows = self.height - top
            colour = mix(palette.far, palette.near, 0.15 + 0.75 * depth)
            sheet = Image.new("RGBA", (self.period, rows), (0, 0, 0, 0))
            pen = ImageDraw.Draw(sheet)
            ink = tuple(round(c) for c in colour)
            x = 0
            while x < self.period:
                width = round(
                    self.short * float(self.rng.uniform(0.05, 0.13)) * (0.8 + 0.5 * depth)
                )
                width = min(width, self.period - x)
                height = tall * float(self.rng.uniform(0.35, 1.0)) * (0.75 if depth == 1 else 1)
                roof = round(ground - top - height)
                shade = float(self.rng.uniform(0.88, 1.1))
                face = tuple(round(min(255, c * shade)) for c in ink)
                pen.rectangle([x, roof, x + width - 1, rows], (*face, 255))
                if self.rng.random() < 0.3:
                    mast = x + width // 2
                    line = max(1, self.short // 360)
                    pen.rectangle([mast, roof - height * 0.13, mast + line, roof], (*face, 255))
                elif self.rng.random() < 0.4:
                    inset = width // 5
                    cap = roof - self.short // 36
                    pen.rectangle([x + inset, cap, x + width - inset, roof], (*face, 255))
                self._windows(pen, x, roof, width, rows, face, lit, depth)
                x += width
            pixels = np.asarray(sheet)
            planes = raster.rgb_to_yuv(pixels[..., :3])
            alpha = pixels[..., 3].astype(np.float32) / 255
            ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
            _tint(list(planes), palette.horizon, np.repeat(ys**2.2 * 0.55 * (1 - 0.6 * depth),
                                                           self.period, axis=1))  # fmt: skip
            step = (0, 1, 2)[index] * self.scale * self.way
            self.layers.append(Strip(top, planes, alpha, step_px=step, fps=self.fps))

    def _windows(
        self, pen: ImageDraw.ImageDraw, x: int, roof: int, width: int, rows: int,
        face: tuple[int, ...], lit: bool, depth: float,
    ) -> None:  # fmt: skip
        pitch = max(6, round(self.short * (0.013 + 0.009 * depth)))
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
                if self.rng.random() < share:
                    base = colours[int(self.rng.integers(4))]
                    strength = 0.35 + 0.6 * depth
                    ink = tuple(
                        round(a * strength + b * (1 - strength))
                        for a, b in zip(base, face, strict=True)
                    )
                else:
                    ink = tuple(min(255, c) for c in dim)
                pen.rectangle([left, top, left + pane, top + round(pane * 1.3)], (*ink, 255))

    def _street(self) -> None:
        """A dark road that mirrors the sky and the lights."""
        palette = self.theme.palette
        top = even(self.height * 0.755)
        rows = self.height - top
        wet = bool({"rain", "snow"} & self.theme.weather) or self.theme.light in ("night", "dusk")
        ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        fade = np.repeat(ys, self.period, axis=1)
        road = mix(palette.near, (30, 30, 36), 0.5)
        planes = _lerp_planes(to_yuv(mix(road, palette.horizon, 0.18)), to_yuv(road), fade)
        if wet:
            for _ in range(int(self.period / self.short * 16)):
                centre = self.rng.uniform(0, self.period)
                xs = np.arange(self.period, dtype=np.float32)
                distance = np.abs((xs - centre + self.period / 2) % self.period - self.period / 2)
                spread = self.short * self.rng.uniform(0.004, 0.016)
                glow = np.exp(-((distance / spread) ** 2))[None, :] * (1 - ys) ** 1.2
                colour = ((255, 206, 130), (255, 150, 110), (150, 196, 255), (255, 232, 190))[
                    int(self.rng.integers(4))
                ]
                _tint(list(planes), colour, glow * float(self.rng.uniform(0.12, 0.5)))
        kerb = np.exp(-ys * 60) * 0.35
        _tint(list(planes), palette.light, np.repeat(kerb, self.period, axis=1))
        alpha = np.ones((rows, self.period), np.float32)
        self.layers.append(
            Strip(top, planes, alpha, step_px=3 * self.scale * self.way, fps=self.fps)
        )

    def _grass(self, *, flowers: bool) -> None:
        palette = self.theme.palette
        top = even(self.height * 0.80)
        rows = self.height - top
        over = 2
        dark = mix(palette.near, (0, 0, 0), 0.25)
        sheet = Image.new("RGBA", (self.period * over, rows * over))
        pen = ImageDraw.Draw(sheet)
        for _ in range(int(self.period / self.short * 520)):
            x = float(self.rng.uniform(0, self.period))
            height = self.short * float(self.rng.uniform(0.03, 0.115))
            lean = height * float(self.rng.uniform(-0.35, 0.45))
            thick = self.short * 0.004
            shade = float(self.rng.uniform(0.0, 0.5))
            colour = tuple(round(c) for c in mix(dark, palette.far, shade * 0.6))
            base = rows - self.short * 0.01 * float(self.rng.uniform(0, 6))
            for turn in (-self.period, 0, self.period):
                left = x + turn
                if -99 < left < self.period + 99:
                    pen.polygon(
                        [((left - thick) * over, rows * over), ((left + thick) * over, rows * over),
                         ((left + lean) * over, (base - height) * over)], (*colour, 255),
                    )  # fmt: skip
        small = sheet.resize((self.period, rows), Image.Resampling.BOX)
        if flowers:
            for _ in range(int(self.period / self.short * 10)):
                size = int(self.short * float(self.rng.uniform(0.09, 0.19)))
                colour_of = self.theme.subject_hue + float(self.rng.uniform(-0.03, 0.03))
                bloom = sprites.flower(size, palette.near, palette.light, sprites.hue(colour_of))
                x = int(self.rng.integers(0, self.period - bloom.width))
                small.alpha_composite(bloom, (x, max(0, rows - size + size // 5)))
        pixels = np.asarray(small)
        alpha = pixels[..., 3].astype(np.float32) / 255
        self.layers.append(
            Strip(
                top, raster.rgb_to_yuv(pixels[..., :3]), alpha,
                step_px=3 * self.scale * self.way, fps=self.fps,
            )
        )  # fmt: skip

    def _bokeh(self) -> None:
        """Lights out of focus, for faces and close-ups."""
        palette = self.theme.palette
        for size, count, step in ((0.11, 14, 0.25), (0.065, 22, 0.5)):
            sheet = Image.new("RGBA", (self.period, self.height))
            for _ in range(round(count * self.period / self.short / 1.5)):
                radius = self.short * size * float(self.rng.uniform(0.5, 1.0))
                span = int(radius * 2) + 4
                spot = Image.new("L", (span, span))
                pen = ImageDraw.Draw(spot)
                pen.ellipse([2, 2, span - 3, span - 3], fill=70, outline=120, width=2)
                spot = spot.filter(ImageFilter.GaussianBlur(1.6))
                colour = mix(palette.accent, palette.light, float(self.rng.random()))
                if self.rng.random() < 0.3:
                    colour = sprites.hue(self.theme.subject_hue, 0.6)
                dot = Image.new("RGBA", (span, span), (*(round(c) for c in colour), 0))
                dot.putalpha(spot)
                x = int(self.rng.integers(0, self.period - span))
                y = int(self.rng.integers(0, max(1, int(self.height * 0.8) - span)))
                sheet.alpha_composite(dot, (x, y))
            pixels = np.asarray(sheet)
            alpha = pixels[..., 3].astype(np.float32) / 255
            self.layers.append(
                Strip(
                    0, raster.rgb_to_yuv(pixels[..., :3]), alpha,
                    step_px=step * self.scale * self.way, phases=4, fps=self.fps,
                )
            )  # fmt: skip

    def _subjects(
        self, ground: float, *, only: set[str] | None = None, afloat: bool = False
    ) -> None:
        theme = self.theme
        names = [name for name in theme.subjects if only is None or name in only]
        if theme.setting == "portrait":
            names = ["portrait", *[name for name in names if name not in ("walker", "portrait")]]
        if theme.setting == "meadow":
            names = [name for name in names if name != "flower"]
        for order, name in enumerate(names):
            single = ("portrait", "lighthouse", "house", "rocket")
            count = theme.count if order == 0 and name not in single else 1
            if name in ("birds", "lantern"):
                count = max(count, 7 if name == "lantern" else 6)
            for number in range(count):
                self._subject(name, number, count, ground, afloat)

    def _subject(self, name: str, number: int, count: int, ground: float, afloat: bool) -> None:
        palette = self.theme.palette
        share = {
            "boat": 0.17, "ship": 0.24, "kite": 0.34, "balloon": 0.30, "birds": 0.026, "fox": 0.20,
            "walker": 0.17, "portrait": 0.86, "lighthouse": 0.36, "house": 0.13, "car": 0.12,
            "flower": 0.22, "rocket": 0.34, "lantern": 0.16, "planet": 0.36,
        }[name]  # fmt: skip
        flying = name in ("kite", "balloon", "birds", "rocket", "lantern", "planet")
        chance = self.rng.random(4)
        size = share * (1 if count == 1 else (0.62 + 0.42 * chance[0]))
        height = max(8, int(size * self.short))
        colour = sprites.hue(self.theme.subject_hue + 0.06 * (number % 3 - 1) * (count > 1))
        if name == "fox":
            words = self.theme.words
            fur = {"wolf": (112, 118, 130), "wolves": (112, 118, 130), "cat": (70, 66, 74),
                   "cats": (70, 66, 74), "dog": (176, 124, 78), "dogs": (176, 124, 78)}  # fmt: skip
            colour = next((fur[w] for w in sorted(words) if w in fur), (216, 106, 48))
        light: Rgb = mix(palette.light, (255, 255, 255), 0.25)
        dusk = {"night": 0.55, "space": 0.9, "dusk": 0.72, "ember": 0.8}.get(self.theme.light, 1.0)
        if name in ("lantern", "planet", "rocket"):
            dusk = 1.0
        light, colour = mix((0, 0, 0), light, dusk), mix((0, 0, 0), colour, dusk)
        picture = sprites.PAINTERS[name](height, palette.near, light, colour)
        slot = (number + 0.5) / count
        x = self.width * (0.40 if count == 1 else 0.14 + 0.70 * slot + 0.06 * (chance[1] - 0.5))
        if count == 1 and name in ("balloon", "kite", "lighthouse", "planet"):
            x = self.width * (0.32 if self.sun[0] > self.width / 2 else 0.66)
        if name == "portrait":
            x = self.width * (0.42 if self.width > self.height else 0.5)
        y = ground * self.height - picture.height / 2
        if name == "portrait":
            y = self.height * 1.02 - picture.height / 2
        if flying:
            reach = (0.20, 0.42) if count > 1 else (0.34, 0.36)
            y = self.height * (reach[0] + (reach[1] - reach[0]) * float(chance[2]))
        if flying and self.theme.setting == "space":
            y += 0.10 * self.height
        if name == "rocket" and "planet" in self.theme.subjects:
            x = self.width * 0.68
        if name == "house":
            x = self.width * 0.27
        sway = float(chance[3]) * 2 * math.pi
        unit = self.short / 720
        way = self.way

        def pose(t: float) -> tuple[float, float, float]:
            if afloat:
                bob = math.sin(1.5 * t + sway)
                return (x + 5 * unit * t, y + 7 * unit * bob, 3.4 * math.sin(1.5 * t + sway - 1))
            if name == "birds":
                across = (x + 34 * unit * t * (0.8 + 0.4 * float(chance[0]))) % (self.width * 1.1)
                return (across, y + 9 * unit * math.sin(2.2 * t + sway), 8 * math.sin(3 * t + sway))
            if name == "kite":
                return (
                    x + 40 * unit * math.sin(0.7 * t + sway),
                    y + 24 * unit * math.sin(1.1 * t + sway),
                    14 + 9 * math.sin(0.9 * t + sway),
                )
            if name == "rocket":
                return (x + 12 * unit * t, y + 0.16 * self.height - 26 * unit * t, 12.0)
            if name in ("balloon", "lantern"):
                rise = (6 if name == "balloon" else 10) * unit * t * (0.6 + 0.8 * float(chance[0]))
                return (
                    x + 10 * unit * math.sin(0.5 * t + sway),
                    y - rise,
                    1.6 * math.sin(t + sway),
                )
            if name == "planet":
                return (x - 3 * unit * t, y, -14.0)
            if name == "car":
                return ((x + 58 * unit * t + self.width * 0.1) % (self.width * 1.3), y, 0.0)
            if name == "portrait":
                return (x, y + 3 * unit * math.sin(1.2 * t), 0.4 * math.sin(0.6 * t))
            if name == "walker":
                return (x + 14 * unit * t, y - 2.2 * unit * abs(math.sin(5 * t)), math.sin(5 * t))
            if name == "fox":
                return (x - way * 2 * unit * t, y, 0.5 * math.sin(1.4 * t + sway))
            return (x - way * 2 * unit * t, y, 0.0)

        self.layers.append(raster.Sprite(picture, pose))

    def _weather(self) -> None:
        weather = self.theme.weather
        palette = self.theme.palette
        size = (self.width, self.height)
        unit = self.short / 720
        if "fog" in weather:
            rows = even(self.height * 0.5)
            noise = self._noise((rows, self.period), 4, 0.5, stretch=3.5)
            ys = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
            band = np.clip(np.sin(np.pi * ys), 0, 1) ** 1.3
            alpha = (np.clip(noise * 1.5 - 0.25, 0, 1) * band * 0.72).astype(np.float32)
            tone = to_yuv(mix(palette.horizon, (236, 236, 240), 0.35))
            planes = tuple(np.full(alpha.shape, value, np.float32) for value in tone)
            top = even(self.horizon - rows * 0.42)
            self.layers.append(
                Strip(top, planes, alpha, step_px=0.5 * self.scale, phases=4, fps=self.fps)  # type: ignore[arg-type]
            )
        if "rain" in weather:
            for length, bright, steps in ((0.05, 26, (2, 22)), (0.09, 40, (3, 34))):
                tile = self._streaks(length, bright, steps[0] / steps[1])
                self.layers.append(
                    raster.Falling(tile, -steps[0] * self.scale, steps[1] * self.scale, self.fps)
                )
        if "snow" in weather:
            for radius, count, step in ((1.3, 200, 2), (2.2, 110, 3), (3.6, 46, 5)):
                tile = self._flakes(radius * unit, count)
                self.layers.append(
                    raster.Falling(tile, self.scale * (step // 2), step * self.scale, self.fps)
                )
        if "embers" in weather:
            colours: list[Rgb] = [(255, 150, 50), (255, 204, 110), (255, 96, 40)]
            self._motes(size, colours, 70, (1.4, 3.6), (18, -85), 26, 0.6)
        if "fireflies" in weather:
            self._motes(size, [(255, 236, 130), (220, 255, 150)], 46, (2.0, 4.0), (4, -3), 40, 0.95)
        if "petals" in weather:
            tone = sprites.hue(self.theme.subject_hue, 0.80, 0.7)
            self._motes(
                size, [tone, mix(tone, (255, 255, 255), 0.5)], 52, (2.6, 5.2), (46, 54), 30, 0
            )

    def _motes(
        self, size: tuple[int, int], colours: list[Rgb], count: int,
        radius: tuple[float, float], drift: tuple[float, float], wander: float, blink: float,
    ) -> None:  # fmt: skip
        unit = self.short / 720
        self.layers.append(
            raster.Motes(
                self.rng, size, colours, count=count,
                radius_px=(radius[0] * unit, radius[1] * unit),
                drift_px_s=(drift[0] * unit, drift[1] * unit),
                wander_px=wander * unit, blink=blink,
            )
        )  # fmt: skip

    def _streaks(self, length: float, bright: int, slant: float) -> Array:
        over = 2
        sheet = Image.new("L", (self.width * over, self.height * over))
        pen = ImageDraw.Draw(sheet)
        reach = length * self.short
        count = int(240 * self.width * self.height / 920_000 / self.scale**2)
        for _ in range(count):
            x = float(self.rng.uniform(0, self.width))
            y = float(self.rng.uniform(0, self.height - reach))
            ink = int(bright * self.rng.uniform(0.5, 1.3))
            pen.line(
                [x * over, y * over, (x - slant * reach) * over, (y + reach) * over],
                fill=ink, width=2 * self.scale,
            )  # fmt: skip
        return np.asarray(sheet.resize((self.width, self.height), Image.Resampling.BOX))

    def _flakes(self, radius: float, count: int) -> Array:
        over = 2
        sheet = Image.new("L", (self.width * over, self.height * over))
        pen = ImageDraw.Draw(sheet)
        for _ in range(int(count * self.width * self.height / 920_000 / self.scale**2)):
            x = float(self.rng.uniform(radius * 2, self.width - radius * 2)) * over
            y = float(self.rng.uniform(radius * 2, self.height - radius * 2)) * over
            reach = radius * over * float(self.rng.uniform(0.7, 1.2))
            ink = int(self.rng.uniform(90, 170))
            pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=ink)
        blurred = sheet.filter(ImageFilter.GaussianBlur(radius * 0.7))
        return np.asarray(blurred.resize((self.width, self.height), Image.Resampling.BOX))

    def _noise(
        self, shape: tuple[int, int], octaves: int, persistence: float, stretch: float = 1.0
    ) -> Array:
        """Smooth noise from 0 to 1 that repeats sideways."""
        rows, columns = shape
        total = np.zeros(shape, np.float32)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            cell = self.short * 0.42 / 2**octave
            wide = max(2, round(columns / (cell * stretch)))
            tall = max(2, math.ceil(rows / cell) + 1)
            grid = self.rng.random((tall, wide)).astype(np.float32)
            grid = np.concatenate([grid[:, -2:], grid, grid[:, :2]], axis=1)
            image = Image.fromarray(grid)
            box = (2.0, 0.0, wide + 2.0, float(tall))
            total += weight * np.asarray(
                image.resize((columns, rows), Image.Resampling.BICUBIC, box=box)
            )
            sum_of_weights += weight
            weight *= persistence
        total /= np.float32(sum_of_weights)
        return total


class PhotoScene:
    """The user's own pictures as the scene: the first frame, melting into the last."""

    def __init__(
        self, first: Image.Image | None, last: Image.Image | None,
        width_px: int, height_px: int, duration_s: float,
    ) -> None:  # fmt: skip
        pictures = [picture for picture in (first, last) if picture is not None]
        self._frames = [_cover(picture, width_px, height_px) for picture in pictures]
        self._duration = duration_s
        self._shade = raster.Shade(shade_map(width_px, height_px))

    def paint(self, canvas: Canvas, time_s: float) -> None:
        share = 0.0
        if len(self._frames) == 2:
            progress = min(1.0, time_s / max(0.1, self._duration))
            share = min(1.0, max(0.0, (progress - 0.3) / 0.4))
            share = share * share * (3 - 2 * share)
        luma, chroma = self._frames[0]
        if share:
            other_luma, other_chroma = self._frames[1]
            weight = round(share * 256)
            luma = _melt(luma, other_luma, weight)
            chroma = _melt(chroma, other_chroma, weight)
        np.copyto(canvas.luma, luma)
        np.copyto(canvas.chroma, chroma)
        self._shade.draw(canvas, time_s)


def _melt(a: Array, b: Array, weight: int) -> Array:
    """Between two uint16 planes; `weight` is 0-256."""
    mixed: Array = np.right_shift(a * np.uint16(256 - weight) + b * np.uint16(weight), 8)
    return mixed


def _cover(picture: Image.Image, width: int, height: int) -> tuple[Array, Array]:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    luma, blue, red = raster.rgb_to_yuv(np.asarray(fitted))
    chroma = np.stack([raster.halve(blue), raster.halve(red)])
    return np.rint(luma).astype(np.uint16), np.rint(chroma).astype(np.uint16)


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


def _lerp_planes(
    start: tuple[float, float, float], end: tuple[float, float, float], share: Array
) -> tuple[Array, Array, Array]:
    planes = [
        (np.float32(a) + np.float32(b - a) * share).astype(np.float32)
        for a, b in zip(start, end, strict=True)
    ]
    return planes[0], planes[1], planes[2]


def _tint(planes: list[Array], colour: Rgb, amount: Array) -> None:
    """Move planes towards a colour, in place."""
    for plane, value in zip(planes, to_yuv(colour), strict=True):
        plane += (np.float32(value) - plane) * amount


def _spruce(pen: ImageDraw.ImageDraw, x: float, root: float, height: float) -> None:
    half = height * 0.17
    pen.rectangle([x - height * 0.015, root - height * 0.2, x + height * 0.015, root], fill=255)
    for index in range(4):
        low = root - height * (0.08 + 0.19 * index)
        high = root - height * (0.46 + 0.18 * index)
        wide = half * (1 - 0.21 * index)
        pen.polygon([(x - wide, low), (x + wide, low), (x, high)], fill=255)
