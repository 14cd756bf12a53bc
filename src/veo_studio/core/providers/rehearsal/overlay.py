"""The words on the picture: prompt, time code, settings and the REHEARSAL tag, at full resolution."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from veo_studio.core.lettering import font, font_for, legible, with_shadow, wrap
from veo_studio.core.providers.rehearsal.raster import halve, rgb_to_yuv
from veo_studio.core.providers.rehearsal.spec import RenderSpec

Array = NDArray[Any]
_MAX_LINES = 3


class Patch:
    """A still picture with alpha, ready to be laid on 8-bit planes."""

    def __init__(self, picture: Image.Image, left: int, top: int) -> None:
        left, top = left & ~1, top & ~1
        width, height = (picture.width + 1) & ~1, (picture.height + 1) & ~1
        sheet = Image.new("RGBA", (width, height))
        sheet.paste(picture, (0, 0))
        pixels = np.asarray(sheet)
        alpha = pixels[..., 3].astype(np.float32) / 255
        luma, blue, red = (plane * alpha for plane in rgb_to_yuv(pixels[..., :3]))
        self._luma = np.rint(luma).astype(np.uint16)
        self._chroma = np.rint(np.stack([halve(blue), halve(red)])).astype(np.uint16)
        self._inverse = np.rint((1 - alpha) * 256).astype(np.uint16)
        self._inverse_small = np.rint((1 - halve(alpha)) * 256).astype(np.uint16)
        self._left, self._top = left, top
        self._width, self._height = width, height

    def draw(self, luma: Array, chroma: tuple[Array, Array], left: int | None = None) -> None:
        x = self._left if left is None else left & ~1
        rows = slice(self._top, self._top + self._height)
        columns = slice(x, x + self._width)
        area = luma[rows, columns]
        area[...] = (area * self._inverse + 128 >> 8) + self._luma
        rows = slice(self._top // 2, (self._top + self._height) // 2)
        columns = slice(x // 2, (x + self._width) // 2)
        for index, plane in enumerate(chroma):
            area = plane[rows, columns]
            area[...] = (area * self._inverse_small + 128 >> 8) + self._chroma[index]


class Overlay:
    """Everything that is written on a picture or the frames of one clip."""

    def __init__(self, spec: RenderSpec, accent: tuple[float, float, float]) -> None:
        self._fps = spec.fps
        self._is_still = spec.is_still
        self.lines = 0
        width, height = spec.width_px, spec.height_px
        short = min(width, height)
        margin = round(short * 0.055)
        text_px = max(13, round(short * 0.040))
        small_px = max(10, round(short * 0.0245))
        self._patches = [
            self._lower_third(spec, accent, text_px, small_px, margin),
            self._tag(small_px, margin),
        ]
        digit_px = max(10, round(short * 0.027))
        face = font(digit_px)
        self._cell = (max(round(face.getlength(c)) for c in "0123456789") + 2) & ~1
        top = margin
        self._glyphs: dict[str, Patch] = {}
        for character in "0123456789:":
            sheet = Image.new("RGBA", (self._cell + 4, digit_px + 8))
            pen = ImageDraw.Draw(sheet)
            x = 2 + (self._cell - face.getlength(character)) / 2
            pen.text((x, 3), character, font=face, fill=(255, 255, 255, 235))
            self._glyphs[character] = Patch(with_shadow(sheet, short), 0, top)
        self._code_left = (width - margin - 8 * self._cell) & ~1

    def draw(self, luma: Array, chroma: tuple[Array, Array], frame: int) -> None:
        for patch in self._patches:
            patch.draw(luma, chroma)
        if self._is_still:
            return
        seconds, rest = divmod(frame, self._fps)
        code = f"{seconds // 60:02d}:{seconds % 60:02d}:{rest:02d}"
        for index, character in enumerate(code):
            self._glyphs[character].draw(luma, chroma, self._code_left + index * self._cell)

    def _lower_third(
        self, spec: RenderSpec, accent: tuple[float, float, float],
        text_px: int, small_px: int, margin: int,
    ) -> Patch:  # fmt: skip
        width, height = spec.width_px, spec.height_px
        bar = max(2, round(text_px * 0.12))
        indent = bar + round(text_px * 0.55)
        room = (width - 2 * margin - indent) * (0.80 if width > height else 1.0)
        name = font_for(spec.prompt)
        face, small = font(text_px, name), font(small_px)
        text = legible(spec.prompt, name) or "\u00b7"
        lines = wrap(text, face, room, _MAX_LINES if width >= height else _MAX_LINES + 1)
        self.lines = len(lines)
        leading = round(text_px * 1.28)
        gap = round(small_px * 0.7)
        tall = leading * len(lines) + gap + round(small_px * 1.3)
        wide = width - 2 * margin
        pad = 6
        sheet = Image.new("RGBA", (wide + 2 * pad, tall + 2 * pad))
        pen = ImageDraw.Draw(sheet)
        if spec.source is not None:
            # a sketch that is worked on has words of its own in this place
            pen.rounded_rectangle([0, 0, wide + pad, tall + pad], pad, fill=(8, 10, 16, 235))
        for index, line in enumerate(lines):
            spot = (pad + indent, pad + index * leading)
            pen.text(spot, line, font=face, fill=(255, 255, 255, 250))
        seconds = "" if spec.is_still else f"{spec.duration_s:g} s   "
        caption = f"{seconds}{width} x {height}   seed {spec.seed}"
        spot = (pad + indent, pad + leading * len(lines) + gap)
        pen.text(spot, caption, font=small, fill=(255, 255, 255, 178))
        sheet = with_shadow(sheet, min(width, height))
        colour = tuple(round(min(255, 0.7 * c + 0.3 * 255)) for c in accent)
        pen = ImageDraw.Draw(sheet)
        pen.rounded_rectangle(
            [pad, pad + round(text_px * 0.12), pad + bar, pad + tall - round(small_px * 0.15)],
            bar / 2, fill=(*colour, 255),
        )  # fmt: skip
        return Patch(sheet, margin - pad, height - margin - tall - pad)

    def _tag(self, small_px: int, margin: int) -> Patch:
        face = font(small_px)
        spacing = small_px * 0.16
        pad_x, pad_y = round(small_px * 0.75), round(small_px * 0.45)
        width = sum(face.getlength(c) + spacing for c in "REHEARSAL") - spacing
        over = 3
        size = (round(width) + 2 * pad_x + 2, round(small_px * 1.0) + 2 * pad_y + 2)
        pill = Image.new("RGBA", (size[0] * over, size[1] * over))
        pen = ImageDraw.Draw(pill)
        pen.rounded_rectangle(
            [over, over, pill.width - over - 1, pill.height - over - 1],
            pill.height / 2, fill=(10, 12, 20, 96), outline=(255, 255, 255, 190),
            width=max(over, round(small_px * 0.075 * over)),
        )  # fmt: skip
        sheet = pill.resize(size, Image.Resampling.LANCZOS)
        pen = ImageDraw.Draw(sheet)
        x = 1.0 + pad_x
        for character in "REHEARSAL":
            pen.text((x, size[1] / 2), character, font=face, fill=(255, 255, 255, 240), anchor="lm")
            x += face.getlength(character) + spacing
        return Patch(sheet, margin, margin - pad_y)
