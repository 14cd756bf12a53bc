"""The words on the picture: prompt, time code, settings and the REHEARSAL tag, at full resolution."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from veo_studio.core.providers.rehearsal.raster import halve, rgb_to_yuv
from veo_studio.core.providers.rehearsal.spec import RenderSpec

Array = NDArray[Any]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont | ImageFont.TransposedFont
_MAX_LINES = 3
_PUNCTUATION = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
    "\u2026": "...", "\u00a0": " ", "\u3001": ",", "\u3002": ".", "\uff0c": ",",
}  # fmt: skip


# Scripts the built-in font lacks are drawn with a font of the system, where one of these is found.
_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "msyh.ttc", "YuGothM.ttc", "malgun.ttf",
    "PingFang.ttc", "Hiragino Sans GB.ttc", "Arial Unicode.ttf", "segoeui.ttf", "arial.ttf",
    "NotoSans-Regular.ttf", "DejaVuSans.ttf", "Nirmala.ttf", "NotoSansDevanagari-Regular.ttf",
)  # fmt: skip


@lru_cache(maxsize=64)
def font(size_px: int, name: str | None = None) -> Any:
    """The built-in font, or one of the system by its file name. Raises OSError."""
    return ImageFont.load_default(size_px) if name is None else ImageFont.truetype(name, size_px)


@lru_cache(maxsize=8192)
def _is_drawable(character: str, name: str | None = None) -> bool:
    face = font(24, name)
    missing = bytes(face.getmask("\uffff"))
    return character == " " or bytes(face.getmask(character)) not in (missing, b"")


def font_for(text: str) -> str | None:
    """Name of the font that has most of the letters; None, the built-in one, where that is enough."""
    letters = [character for character in dict.fromkeys(text) if character.isalpha()]
    best, most = None, sum(_is_drawable(letter) for letter in letters)
    for name in _SYSTEM_FONTS:
        if most == len(letters):
            break
        try:
            count = sum(_is_drawable(letter, name) for letter in letters)
        except OSError:
            continue
        if count > most:
            best, most = name, count
    return best


def legible(text: str, name: str | None = None) -> str:
    """The text in characters the font has; what it has not becomes one middle dot a run."""
    cleaned: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if "\ud800" <= character <= "\udfff":
            character = "\ufffd"
        if character.isspace():
            character = " "
        elif unicodedata.category(character) in ("Cc", "Cf", "Me", "Cs", "Co", "Cn", "Sk"):
            continue
        if not _is_drawable(character, name):
            simple = _PUNCTUATION.get(character) or unicodedata.normalize("NFKD", character)
            simple = "".join(c for c in simple if c.isascii() and c.isprintable())
            character = simple or "\u00b7"
        if character == "\u00b7" and cleaned and cleaned[-1] == "\u00b7":
            continue
        if character == " " and (not cleaned or cleaned[-1] == " "):
            continue
        cleaned.append(character)
    return "".join(cleaned).strip()


def wrap(text: str, face: Any, width_px: float, max_lines: int) -> list[str]:
    """Break at spaces, inside words only where one is wider than the line; ends in '...' if cut."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if face.getlength(joined) <= width_px:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while face.getlength(line) > width_px and len(line) > 1 and len(lines) <= max_lines:
            cut = len(line)
            while cut > 1 and face.getlength(line[:cut]) > width_px:
                cut = max(1, cut * 3 // 4 if cut > 40 else cut - 1)
            lines.append(line[:cut])
            line = line[cut:]
        if len(lines) > max_lines:
            break
    if line:
        lines.append(line)
    if len(lines) > max_lines:
        lines = lines[:max_lines]
        last = lines[-1]
        while last and face.getlength(last + "...") > width_px:
            last = last[:-1]
        lines[-1] = last.rstrip(" ,.;:") + "..."
    return lines


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
            self._glyphs[character] = Patch(_with_shadow(sheet, short), 0, top)
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
        sheet = _with_shadow(sheet, min(width, height))
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


def _with_shadow(sheet: Image.Image, short: int) -> Image.Image:
    """Soft shadow behind words, so that they read on a bright sky too."""
    alpha = sheet.getchannel("A").filter(ImageFilter.GaussianBlur(max(1.0, short / 300)))
    shadow = Image.new("RGBA", sheet.size, (0, 0, 0, 255))
    shadow.putalpha(alpha.point(lambda value: min(190, value * 2)))
    shadow.alpha_composite(sheet)
    return shadow
