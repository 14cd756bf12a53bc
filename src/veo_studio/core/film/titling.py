"""Titles and subtitles as they are drawn into pictures. Blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from veo_studio.core.film.fitting import Look, copy_of, planes_of
from veo_studio.core.film.models import Cue, PlacedClip
from veo_studio.core.lettering import font, font_for, legible, with_shadow, wrap

Plane = NDArray[Any]
TITLE_S = 3.0
_FADE_S = 0.4
_TITLE_SHARE, _SUBTITLE_SHARE = 0.085, 0.05
_MARGIN_SHARE = 0.07
_MOST_TITLE_LINES, _MOST_SUBTITLE_LINES = 3, 4
_LEADING = 1.25
_WHITE = (255, 255, 255, 250)
_BLACK = (0, 0, 0, 235)
# luma of red, green and blue, by ITU-T H.273: what is not here is BT.709
_WEIGHTS = {5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
_BT709 = (0.2126, 0.0722)


@dataclass(frozen=True)
class Shown:
    """Words in the picture from `start_s` to `end_s` of the film; titles come and go softly."""

    text: str
    start_s: float
    end_s: float
    is_title: bool

    def opacity(self, at_s: float) -> float:
        """0.0-1.0."""
        if not self.start_s <= at_s < self.end_s:
            return 0.0
        if not self.is_title:
            return 1.0
        fade_s = min(_FADE_S, (self.end_s - self.start_s) / 4)
        return min(1.0, (at_s - self.start_s) / fade_s, (self.end_s - at_s) / fade_s)


def titles_of(placed: Sequence[PlacedClip]) -> tuple[Shown, ...]:
    """Each over the start of its clip, for three seconds at most, gone before the next one comes."""
    found = []
    for index, one in enumerate(placed):
        if one.clip.title.strip():
            next_s = placed[index + 1].start_s if index + 1 < len(placed) else one.end_s
            start_s = one.start_s + one.fade_s / 2
            end_s = min(start_s + TITLE_S, max(next_s, start_s + 0.1))
            found.append(Shown(one.clip.title, start_s, end_s, is_title=True))
    return tuple(found)


class Titler:
    """Draws what is to be seen at a moment; the words of one moment are kept until others come."""

    def __init__(
        self, look: Look, rate: Fraction, titles: Sequence[Shown], cues: Sequence[Cue]
    ) -> None:
        subtitles = [Shown(cue.text, cue.start_s, cue.end_s, is_title=False) for cue in cues]
        self._look, self._rate = look, rate
        self._shown = sorted((*titles, *subtitles), key=lambda one: one.start_s)
        self._words: dict[Shown, _Words] = {}

    def titled(self, frame: Any, number: int) -> Any:
        """The frame, or one like it with the words of picture `number` of the film."""
        at_s = float(number / self._rate)
        seen = [(one, one.opacity(at_s)) for one in self._shown if one.start_s <= at_s]
        seen = [(one, opacity) for one, opacity in seen if opacity > 0]
        self._shown = [one for one in self._shown if one.end_s > at_s]
        if not seen:
            self._words.clear()
            return frame
        drawn = copy_of(frame)
        planes = planes_of(drawn)
        for one, opacity in seen:
            words = self._words.get(one)
            if words is None:
                words = self._words[one] = _Words(one, self._look)
            words.draw(planes, opacity)
        self._words = {one: self._words[one] for one, _ in seen}
        return drawn


class _Words:
    """One text as planes of an encoder's picture, with how much each hides."""

    def __init__(self, shown: Shown, look: Look) -> None:
        sheet, top = _sheet(shown, look)
        # whole picture elements of the planes with less colour
        left = (look.width_px - sheet.width) // 4 * 2
        top = max(0, top) // 2 * 2
        even = Image.new("RGBA", (sheet.width + sheet.width % 2, sheet.height + sheet.height % 2))
        even.paste(sheet, (0, 0))
        pixels = np.asarray(even).astype(np.float32)
        alpha = pixels[..., 3] / 255
        is_deep = "10" in look.pix_fmt
        across, down = 2, 1 if "422" in look.pix_fmt else 2
        self._parts: list[tuple[slice, slice, Plane, Plane]] = []
        for index, values in enumerate(_yuv(pixels[..., :3], look.space)):
            x, y = (across, down) if index else (1, 1)
            hides = _smaller(alpha, x, y)
            # what is seen through counts for the colour of a block as much as it hides
            value = _smaller(values * alpha, x, y) / np.maximum(hides, 1e-6)
            scaled = value * (4 if is_deep else 1)
            rows = slice(top // y, top // y + hides.shape[0])
            columns = slice(left // x, left // x + hides.shape[1])
            self._parts.append((rows, columns, scaled, hides))

    def draw(self, planes: Sequence[Plane], opacity: float) -> None:
        for plane, (rows, columns, value, hides) in zip(planes, self._parts, strict=True):
            area = plane[rows, columns]
            height, width = area.shape
            part = hides[:height, :width] * np.float32(opacity)
            area[...] = np.rint(area + (value[:height, :width] - area) * part)


def _sheet(shown: Shown, look: Look) -> tuple[Image.Image, int]:
    """The words with their shadow, and where its top stands."""
    short = min(look.width_px, look.height_px)
    share = _TITLE_SHARE if shown.is_title else _SUBTITLE_SHARE
    size_px = max(8, round(short * share))
    margin = round(look.width_px * _MARGIN_SHARE)
    most = _MOST_TITLE_LINES if shown.is_title else _MOST_SUBTITLE_LINES
    name = font_for(shown.text)
    face = font(size_px, name)
    lines: list[str] = []
    for line in shown.text.splitlines():
        if words := legible(line, name):
            lines += wrap(words, face, look.width_px - 2 * margin, most)
    lines = lines[:most]
    leading = round(size_px * _LEADING)
    pad = max(4, size_px // 3)
    outline = max(1, round(size_px * 0.06))
    width = min(
        look.width_px, max([round(face.getlength(line)) for line in lines] or [2]) + 2 * pad
    )
    height = min(look.height_px, leading * max(1, len(lines)) + 2 * pad)
    sheet = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(sheet)
    for index, line in enumerate(lines):
        spot = (width / 2, pad + leading * (index + 0.5))
        pen.text(
            spot, line, font=face, fill=_WHITE, anchor="mm", stroke_width=outline, stroke_fill=_BLACK
        )  # fmt: skip
    if shown.is_title:
        return with_shadow(sheet, short), (look.height_px - height) // 2
    return with_shadow(sheet, short), look.height_px - height - round(look.height_px * 0.05)


def _yuv(pixels: Plane, space: int) -> tuple[Plane, Plane, Plane]:
    """Limited range, of (rows, columns, 3) values of 0-255."""
    red_share, blue_share = _WEIGHTS.get(space, _BT709)
    red, green, blue = (pixels[..., index] / 255 for index in range(3))
    luma = red_share * red + (1 - red_share - blue_share) * green + blue_share * blue
    return (
        16 + 219 * luma,
        128 + 112 / (1 - blue_share) * (blue - luma),
        128 + 112 / (1 - red_share) * (red - luma),
    )


def _smaller(plane: Plane, across: int, down: int) -> Plane:
    """The mean of each block."""
    height, width = plane.shape
    blocks = plane.reshape(height // down, down, width // across, across)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)
