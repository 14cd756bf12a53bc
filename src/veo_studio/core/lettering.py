"""Words drawn on pictures: a font that has the letters, lines that fit, a shadow that keeps them legible."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from PIL import Image, ImageFilter, ImageFont

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


def with_shadow(sheet: Image.Image, short: int) -> Image.Image:
    """Soft shadow behind words, so that they read on a bright sky too."""
    alpha = sheet.getchannel("A").filter(ImageFilter.GaussianBlur(max(1.0, short / 300)))
    shadow = Image.new("RGBA", sheet.size, (0, 0, 0, 255))
    shadow.putalpha(alpha.point(lambda value: min(190, value * 2)))
    shadow.alpha_composite(sheet)
    return shadow
