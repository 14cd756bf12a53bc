"""The subjects a scene may hold, drawn with Pillow at three times their size.

Every function takes a height in pixels, the palette's near and light colours and a main colour,
and returns an RGBA picture.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

Rgb = tuple[float, float, float]
Painter = Callable[[int, Rgb, Rgb, Rgb], Image.Image]
_OVER = 3


def hue(value: float, lightness: float = 0.55, saturation: float = 0.7) -> Rgb:
    red, green, blue = colorsys.hls_to_rgb(value % 1, lightness, saturation)
    return (red * 255, green * 255, blue * 255)


def _ink(colour: Rgb, factor: float = 1.0, alpha: int = 255) -> tuple[int, int, int, int]:
    red, green, blue = (max(0, min(255, round(channel * factor))) for channel in colour)
    return (red, green, blue, alpha)


class _Sheet:
    """A drawing surface whose coordinates are fractions of its height."""

    def __init__(self, height_px: int, aspect: float) -> None:
        self.unit = height_px * _OVER
        self.image = Image.new("RGBA", (round(self.unit * aspect), self.unit))
        self.pen = ImageDraw.Draw(self.image)

    def points(self, *pairs: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * self.unit, y * self.unit) for x, y in pairs]

    def polygon(self, ink: tuple[int, int, int, int], *pairs: tuple[float, float]) -> None:
        self.pen.polygon(self.points(*pairs), fill=ink)

    def line(
        self, ink: tuple[int, int, int, int], width: float, *pairs: tuple[float, float]
    ) -> None:
        thickness = max(1, round(width * self.unit))
        self.pen.line(self.points(*pairs), fill=ink, width=thickness, joint="curve")

    def ellipse(
        self, ink: tuple[int, int, int, int], x: float, y: float, rx: float, ry: float
    ) -> None:
        box = [(x - rx) * self.unit, (y - ry) * self.unit]
        self.pen.ellipse([*box, (x + rx) * self.unit, (y + ry) * self.unit], fill=ink)

    def box(
        self, ink: tuple[int, int, int, int], x0: float, y0: float, x1: float, y1: float,
        radius: float = 0.0,
    ) -> None:  # fmt: skip
        edges = [x0 * self.unit, y0 * self.unit, x1 * self.unit, y1 * self.unit]
        self.pen.rounded_rectangle(edges, radius * self.unit, fill=ink)

    def done(self) -> Image.Image:
        size = (max(1, self.image.width // _OVER), max(1, self.image.height // _OVER))
        return self.image.resize(size, Image.Resampling.LANCZOS)


def boat(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A folded paper boat."""
    s = _Sheet(height, 1.7)
    paper: Rgb = tuple(0.62 * 250 + 0.38 * channel for channel in light)  # type: ignore[assignment]
    s.polygon(_ink(paper, 0.80), (0.52, 0.60), (0.85, 0.06), (0.85, 0.66))
    s.polygon(_ink(paper, 0.98), (0.85, 0.06), (1.18, 0.60), (0.85, 0.66))
    s.polygon(_ink(paper, 0.66), (0.05, 0.46), (0.85, 0.66), (1.65, 0.46), (1.3, 0.72), (0.4, 0.72))
    s.polygon(_ink(paper, 0.90), (0.05, 0.46), (0.85, 0.66), (0.85, 0.97), (0.42, 0.97))
    s.polygon(_ink(paper, 1.02), (1.65, 0.46), (0.85, 0.66), (0.85, 0.97), (1.28, 0.97))
    s.polygon(_ink(main, 0.95), (0.155, 0.585), (0.85, 0.775), (0.85, 0.84), (0.20, 0.655))
    s.polygon(_ink(main, 1.1), (1.545, 0.585), (0.85, 0.775), (0.85, 0.84), (1.50, 0.655))
    return s.done()


def ship(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A small yacht with two sails."""
    s = _Sheet(height, 0.95)
    s.line(_ink(near, 1.3), 0.012, (0.46, 0.02), (0.46, 0.82))
    s.polygon(_ink(light, 0.97), (0.48, 0.03), (0.84, 0.70), (0.48, 0.74))
    s.polygon(_ink(main, 1.0), (0.44, 0.10), (0.44, 0.72), (0.13, 0.70))
    hull = [(0.06, 0.80)]
    hull += [(0.5 + 0.4 * math.sin(a), 0.80 + 0.17 * math.cos(a) ** 0.8) for a in _arc(-1.4, 1.4)]
    hull += [(0.92, 0.79)]
    s.polygon(_ink(near, 1.1), *hull)
    s.polygon(_ink(light, 0.8), (0.06, 0.80), (0.92, 0.79), (0.91, 0.825), (0.08, 0.835))
    return s.done()


def kite(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 0.8)
    top, left, right, low, heart = (0.4, 0.02), (0.1, 0.24), (0.7, 0.24), (0.4, 0.62), (0.4, 0.24)
    s.polygon(_ink(main, 1.12), top, left, heart)
    s.polygon(_ink(main, 0.92), top, right, heart)
    s.polygon(_ink(main, 0.8), left, low, heart)
    s.polygon(_ink(main, 0.66), right, low, heart)
    tail = [(0.4 + 0.05 * math.sin(9 * t), 0.62 + 0.36 * t) for t in _arc(0, 1)]
    s.line(_ink(light, 0.95), 0.008, *tail)
    for t in (0.25, 0.5, 0.75, 0.98):
        x, y = 0.4 + 0.05 * math.sin(9 * t), 0.62 + 0.36 * t
        s.polygon(_ink(main, 1.05), (x, y), (x - 0.04, y - 0.018), (x - 0.04, y + 0.018))
        s.polygon(_ink(light, 0.95), (x, y), (x + 0.04, y - 0.018), (x + 0.04, y + 0.018))
    return s.done()


def balloon(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A hot-air balloon with seven gores."""
    s = _Sheet(height, 0.74)
    centre, radius = (0.37, 0.36), 0.34
    for index in range(7):
        edges = [math.sin(math.pi * (index / 7 - 0.5)), math.sin(math.pi * ((index + 1) / 7 - 0.5))]
        shade = 1.12 - 0.07 * index
        outline = []
        for edge, turns in ((edges[0], _arc(0, 1)), (edges[1], _arc(1, 0))):
            for t in turns:
                angle = math.pi * (t * 0.86)
                swell = math.sin(angle) if t < 0.6 else math.sin(angle) * (1 - (t - 0.6) * 0.35)
                outline.append((centre[0] + edge * radius * swell, centre[1] - radius * _fall(t)))
        base = main if index % 2 == 0 else light
        s.polygon(_ink(base, shade * (1.0 if index % 2 == 0 else 0.92)), *outline)
    s.line(_ink(near, 1.2), 0.006, (0.29, 0.76), (0.32, 0.88))
    s.line(_ink(near, 1.2), 0.006, (0.45, 0.76), (0.42, 0.88))
    s.box(_ink((128, 84, 52), 0.9), 0.315, 0.88, 0.425, 0.975, 0.015)
    s.box(_ink((150, 104, 66), 1.0), 0.31, 0.875, 0.43, 0.9, 0.01)
    return s.done()


def _fall(t: float) -> float:
    return 1 - 2.2 * t if t > 0.5 else math.cos(math.pi * t) * (1 - 0.2 * t)


def bird(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 2.4)
    ink = _ink(near, 0.9)
    left = [(1.2 - 1.1 * t, 0.6 - 0.42 * math.sin(math.pi * (t * 0.85)) + 0.1 * t) for t in _arc()]
    under = [(1.2 - 1.1 * t, 0.74 - 0.36 * math.sin(math.pi * (t * 0.85)) - 0.03 * t)
             for t in _arc(1, 0)]  # fmt: skip
    wing = left + under
    s.polygon(ink, *wing)
    s.polygon(ink, *[(2.4 - x, y) for x, y in wing])
    s.ellipse(ink, 1.2, 0.68, 0.16, 0.12)
    return s.done()


def fox(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A sitting fox (or cat, or dog) seen from the side."""
    s = _Sheet(height, 1.15)
    fur, dark, pale = _ink(main), _ink(main, 0.62), _ink(light, 0.98)
    tail = [(0.62, 0.95), (0.80, 0.97), (0.98, 0.90), (1.08, 0.74), (1.06, 0.60), (1.02, 0.54)]
    tail += [(0.98, 0.66), (0.90, 0.76), (0.78, 0.82), (0.64, 0.84)]
    s.polygon(_ink(main, 0.9), *tail)
    s.polygon(pale, (1.02, 0.54), (1.08, 0.68), (1.0, 0.74), (0.985, 0.64))
    body = [(0.38, 0.40), (0.52, 0.46), (0.64, 0.60), (0.72, 0.80), (0.70, 0.96), (0.34, 0.97)]
    body += [(0.32, 0.70)]
    s.polygon(fur, *body)
    s.ellipse(_ink(main, 0.92), 0.58, 0.82, 0.15, 0.145)
    s.polygon(fur, (0.33, 0.60), (0.45, 0.60), (0.43, 0.96), (0.35, 0.96))
    s.box(dark, 0.33, 0.92, 0.45, 0.975, 0.02)
    s.polygon(pale, (0.33, 0.44), (0.40, 0.46), (0.42, 0.62), (0.37, 0.74), (0.325, 0.62))
    s.polygon(fur, (0.30, 0.20), (0.50, 0.22), (0.53, 0.38), (0.40, 0.47), (0.28, 0.42))
    s.polygon(fur, (0.31, 0.24), (0.09, 0.385), (0.12, 0.42), (0.32, 0.45))
    s.polygon(pale, (0.30, 0.395), (0.10, 0.395), (0.13, 0.425), (0.32, 0.46))
    s.ellipse(_ink(near, 0.7), 0.105, 0.39, 0.022, 0.02)
    s.polygon(dark, (0.30, 0.23), (0.31, 0.03), (0.41, 0.20))
    s.polygon(fur, (0.38, 0.24), (0.45, 0.04), (0.51, 0.26))
    s.ellipse(_ink(near, 0.6), 0.275, 0.315, 0.017, 0.02)
    return s.done()


def walker(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A wanderer with a coat and a scarf."""
    s = _Sheet(height, 0.62)
    dark = _ink(near, 0.75)
    s.polygon(dark, (0.22, 0.62), (0.33, 0.62), (0.27, 0.99), (0.18, 0.99))
    s.polygon(dark, (0.30, 0.62), (0.41, 0.62), (0.46, 0.99), (0.37, 0.99))
    s.polygon(_ink(near, 1.15), (0.22, 0.24), (0.40, 0.24), (0.47, 0.70), (0.15, 0.70))
    s.ellipse(_ink(near, 0.9), 0.31, 0.13, 0.085, 0.10)
    s.box(_ink(main), 0.215, 0.205, 0.405, 0.265, 0.025)
    s.polygon(_ink(main, 0.9), (0.38, 0.22), (0.60, 0.27), (0.585, 0.33), (0.38, 0.26))
    return s.done()


def portrait(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """Head and shoulders, three-quarter, with the light behind."""
    s = _Sheet(height, 1.2)
    hair = [(0.60 + 0.205 * math.cos(a), 0.335 - 0.235 * math.sin(a)) for a in _arc(0.0, math.pi)]
    hair += [(0.388, 0.50), (0.40, 0.60), (0.46, 0.64), (0.74, 0.64), (0.80, 0.60), (0.812, 0.50)]
    shoulders = [
        (0.60 + 0.52 * math.copysign(abs(math.cos(a)) ** 0.75, math.cos(a)),
         1.02 - 0.33 * math.sin(a) ** 0.8)
        for a in _arc(0, math.pi)
    ]  # fmt: skip
    coat, skin = _ink(main, 0.50), _ink((188, 132, 104), 0.78)
    s.polygon(_ink(light, 0.95), *[(x, y - 0.010) for x, y in shoulders])
    s.polygon(_ink(light, 0.95), *[(0.60 + (x - 0.60) * 1.045, y - 0.011) for x, y in hair])
    s.polygon(_ink(near, 0.9), *hair)
    s.polygon(_ink((188, 132, 104), 0.62), (0.53, 0.50), (0.67, 0.50), (0.695, 0.74), (0.60, 0.80),
              (0.505, 0.74))  # fmt: skip
    s.polygon(coat, *shoulders)
    s.polygon(_ink((188, 132, 104), 0.62), (0.53, 0.64), (0.67, 0.64), (0.69, 0.72), (0.60, 0.83),
              (0.51, 0.72))  # fmt: skip
    s.polygon(_ink(main, 0.72), (0.50, 0.70), (0.60, 0.85), (0.52, 0.93), (0.41, 0.735))
    s.polygon(_ink(main, 0.62), (0.70, 0.70), (0.60, 0.85), (0.68, 0.93), (0.79, 0.735))
    face = [(0.60 + 0.145 * math.cos(a), 0.40 + 0.195 * math.sin(a)) for a in _arc(0, math.tau)]
    s.polygon(skin, *face)
    s.polygon(_ink((188, 132, 104), 0.92), *[(x, y) for x, y in face if x > 0.64])
    fringe = [(0.60 + 0.16 * math.cos(a), 0.345 - 0.17 * math.sin(a)) for a in _arc(0, math.pi)]
    fringe += [(0.455, 0.42), (0.50, 0.33), (0.60, 0.285), (0.71, 0.335), (0.748, 0.42)]
    s.polygon(_ink(near, 1.05), *fringe)
    for x in (0.545, 0.655):
        s.line(_ink(near, 0.8), 0.007, (x - 0.024, 0.405), (x, 0.411), (x + 0.024, 0.405))
    s.line(_ink((150, 84, 72), 0.8), 0.008, (0.572, 0.515), (0.60, 0.521), (0.628, 0.515))
    return s.done()


def lighthouse(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 0.62)
    s.polygon(_ink(near, 0.8), (0.0, 1.0), (0.08, 0.91), (0.3, 0.87), (0.52, 0.90), (0.62, 1.0))
    for index in range(5):
        y0, y1 = 0.28 + 0.126 * index, 0.28 + 0.126 * (index + 1)
        w0, w1 = 0.075 + 0.013 * index, 0.075 + 0.013 * (index + 1)
        base = light if index % 2 else main
        s.polygon(_ink(base, 0.95), (0.31 - w0, y0), (0.31, y0), (0.31, y1), (0.31 - w1, y1))
        s.polygon(_ink(base, 0.72), (0.31, y0), (0.31 + w0, y0), (0.31 + w1, y1), (0.31, y1))
    s.box(_ink(near, 0.9), 0.20, 0.262, 0.42, 0.285)
    s.box(_ink((255, 236, 170)), 0.25, 0.17, 0.37, 0.265)
    s.line(_ink(near, 0.9), 0.01, (0.31, 0.17), (0.31, 0.265))
    s.polygon(_ink(main, 0.7), (0.23, 0.175), (0.31, 0.09), (0.39, 0.175))
    return s.done()


def house(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 1.3)
    s.box(_ink(near, 1.0), 0.84, 0.12, 0.94, 0.45)
    s.polygon(_ink(near, 1.35), (0.18, 0.5), (1.12, 0.5), (1.12, 1.0), (0.18, 1.0))
    s.polygon(_ink(near, 1.1), (0.65, 0.5), (1.12, 0.5), (1.12, 1.0), (0.65, 1.0))
    s.polygon(_ink(near, 0.75), (0.06, 0.54), (0.40, 0.14), (0.96, 0.14), (1.24, 0.54))
    for x in (0.28, 0.47):
        s.box(_ink((255, 214, 130)), x, 0.62, x + 0.11, 0.76)
    s.box(_ink((255, 204, 116)), 0.88, 0.62, 1.0, 0.76)
    s.box(_ink(near, 0.6), 0.70, 0.68, 0.81, 1.0)
    return s.done()


def car(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 2.5)
    body = [(0.08, 0.52), (0.52, 0.46), (0.82, 0.14), (1.66, 0.13), (1.98, 0.46), (2.36, 0.54)]
    body += [(2.44, 0.74), (2.38, 0.84), (0.08, 0.84)]
    s.polygon(_ink(main), *body)
    s.polygon(_ink(main, 0.8), (0.08, 0.66), (2.43, 0.70), (2.38, 0.84), (0.08, 0.84))
    s.polygon(_ink(light, 0.72), (0.66, 0.45), (0.88, 0.20), (1.20, 0.20), (1.20, 0.45))
    s.polygon(_ink(light, 0.60), (1.27, 0.45), (1.27, 0.20), (1.62, 0.20), (1.84, 0.45))
    for x in (0.56, 1.92):
        s.ellipse(_ink(near, 0.4), x, 0.82, 0.19, 0.175)
        s.ellipse(_ink(light, 0.6), x, 0.82, 0.09, 0.085)
    s.ellipse(_ink((255, 240, 190)), 2.36, 0.62, 0.05, 0.045)
    s.box(_ink((226, 60, 48)), 0.07, 0.56, 0.12, 0.66, 0.01)
    return s.done()


def flower(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 0.6)
    stem = [(0.30 + 0.04 * math.sin(3 * t), 0.3 + 0.7 * t) for t in _arc()]
    s.line(_ink((62, 112, 66)), 0.02, *stem)
    s.polygon(_ink((74, 128, 72)), (0.31, 0.75), (0.45, 0.60), (0.52, 0.56), (0.46, 0.68))
    for ring, scale in ((0, 1.0), (1, 0.72)):
        for index in range(8):
            angle = math.tau * (index + ring / 2) / 8
            x = 0.30 + 0.135 * scale * math.cos(angle)
            y = 0.24 + 0.135 * scale * math.sin(angle)
            s.ellipse(_ink(main, 0.82 + 0.2 * ring + 0.08 * math.sin(angle)), x, y, 0.075, 0.075)
    s.ellipse(_ink((250, 206, 92)), 0.30, 0.24, 0.062, 0.062)
    return s.done()


def rocket(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    s = _Sheet(height, 0.5)
    flame = [(0.19, 0.74), (0.25, 0.99), (0.31, 0.74)]
    s.polygon(_ink((255, 150, 60), 1, 230), *flame)
    s.polygon(_ink((255, 232, 150)), (0.215, 0.74), (0.25, 0.90), (0.285, 0.74))
    s.polygon(_ink(main, 0.8), (0.15, 0.48), (0.05, 0.72), (0.17, 0.70))
    s.polygon(_ink(main, 0.7), (0.35, 0.48), (0.45, 0.72), (0.33, 0.70))
    hull = [(0.25 + 0.115 * math.sin(math.pi * (0.08 + 0.62 * t)) * w, 0.03 + 0.71 * t)
            for w, turns in ((-1, _arc()), (1, _arc(1, 0))) for t in turns]  # fmt: skip
    s.polygon(_ink(light, 0.92), *hull)
    s.polygon(_ink(main), (0.25, 0.02), (0.19, 0.13), (0.31, 0.13))
    s.ellipse(_ink(near, 1.4), 0.25, 0.32, 0.058, 0.058)
    s.ellipse(_ink((150, 214, 240)), 0.25, 0.32, 0.042, 0.042)
    return s.done()


def lantern(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A glowing sky lantern with its halo."""
    s = _Sheet(height, 1.0)
    s.ellipse(_ink((255, 190, 96), 1, 120), 0.5, 0.5, 0.30, 0.32)
    glow = s.image.filter(ImageFilter.GaussianBlur(0.10 * s.unit))
    s.image = glow
    s.pen = ImageDraw.Draw(glow)
    s.polygon(_ink((255, 176, 84)), (0.38, 0.34), (0.62, 0.34), (0.66, 0.60), (0.34, 0.60))
    s.polygon(_ink((255, 222, 150)), (0.42, 0.44), (0.58, 0.44), (0.62, 0.63), (0.38, 0.63))
    s.ellipse(_ink((255, 186, 96)), 0.5, 0.345, 0.12, 0.035)
    s.box(_ink((150, 80, 40)), 0.36, 0.62, 0.64, 0.65, 0.01)
    return s.done()


def planet(height: int, near: Rgb, light: Rgb, main: Rgb) -> Image.Image:
    """A banded planet with a ring, lit from the upper left."""
    s = _Sheet(height, 1.9)
    x, y, radius = 0.95, 0.5, 0.40
    ring = Image.new("L", s.image.size)
    pen = ImageDraw.Draw(ring)
    for inner, outer, value in ((0.62, 0.90, 150), (0.70, 0.74, 60), (0.84, 0.86, 70)):
        for reach, ink in ((outer, value), (inner, 0 if inner == 0.62 else 150)):
            pen.ellipse(
                [(x - reach) * s.unit, (y - reach * 0.24) * s.unit,
                 (x + reach) * s.unit, (y + reach * 0.24) * s.unit], fill=ink,
            )  # fmt: skip
    band = Image.new("RGBA", s.image.size, _ink(light, 0.9))
    band.putalpha(ring)
    s.ellipse(_ink(main, 0.9), x, y, radius, radius)
    globe = s.image.getchannel("A")
    for index, shade in enumerate((1.05, 0.78, 0.98, 0.7, 0.9, 1.06, 0.8)):
        top = y - radius + index * radius * 2 / 7
        s.box(_ink(main, shade), x - radius, top, x + radius, top + radius * 2 / 7)
    dark = Image.new("L", s.image.size, 0)
    ImageDraw.Draw(dark).ellipse(
        [(x - radius * 1.35) * s.unit, (y - radius * 1.4) * s.unit,
         (x + radius * 0.62) * s.unit, (y + radius * 0.62) * s.unit], fill=255,
    )  # fmt: skip
    dark = dark.filter(ImageFilter.GaussianBlur(0.11 * s.unit))
    shadow = Image.new("RGBA", s.image.size, (4, 4, 14, 255))
    s.image = Image.composite(s.image, shadow, dark.point(lambda value: 50 + value * 205 // 255))
    s.image.putalpha(globe)
    back, front = band.copy(), band
    hide = Image.new("L", s.image.size, 0)
    front_half = hide.copy()
    front_half.paste(ring.crop((0, s.unit // 2, ring.width, s.unit)), (0, s.unit // 2))
    front.putalpha(front_half)
    back.alpha_composite(s.image)
    back.alpha_composite(front)
    s.image = back
    return s.done()


def _arc(start: float = 0.0, end: float = 1.0, steps: int = 40) -> list[float]:
    return [start + (end - start) * index / steps for index in range(steps + 1)]


PAINTERS: dict[str, Painter] = {
    "boat": boat, "ship": ship, "kite": kite, "balloon": balloon, "birds": bird, "fox": fox,
    "walker": walker, "portrait": portrait, "lighthouse": lighthouse, "house": house, "car": car,
    "flower": flower, "rocket": rocket, "lantern": lantern, "planet": planet,
}  # fmt: skip
