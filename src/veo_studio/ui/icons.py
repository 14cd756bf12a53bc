"""Icons by name, in the colours of the theme, and the application's own icon.

The line icons are the Phosphor set (MIT) from the QtAwesome package. Only its font file is used:
importing the package and making a first icon costs about 230 ms because it loads every font it
ships; opening one font and drawing outlines costs a few.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import logging
from pathlib import Path

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPixmap,
    QPixmapCache,
    QRawFont,
    QTransform,
)

from veo_studio.ui.theme import mixed, resource_path, tokens

_log = logging.getLogger(__name__)

# Our names and Phosphor's.
NAMES: dict[str, str] = {
    "play": "play",
    "pause": "pause",
    "stop": "stop",
    "loop": "repeat",
    "sound": "speaker-high",
    "mute": "speaker-slash",
    "dice": "dice-five",
    "lock": "lock-simple",
    "unlock": "lock-simple-open",
    "trash": "trash",
    "folder": "folder-open",
    "copy": "copy",
    "retry": "arrow-clockwise",
    "close": "x",
    "search": "magnifying-glass",
    "gear": "gear-six",
    "wallet": "wallet",
    "plus": "plus",
    "film": "film-strip",
    "image": "image-square",
    "warning": "warning",
    "check": "check",
    "cross": "x",
    "dash": "minus",
    "clock": "clock",
    "download": "download-simple",
    "sparkle": "sparkle",
    "info": "info",
    "fullscreen": "corners-out",
    "frame-back": "skip-back",
    "frame-forward": "skip-forward",
    "drag": "dots-six-vertical",
    "external": "arrow-square-out",
    "eye": "eye",
    "list": "list",
    "queue": "queue",
    "speed": "gauge",
    "caret-down": "caret-down",
    "caret-right": "caret-right",
    "edit": "pencil-simple",
    "collect": "cloud-arrow-down",
    "similar": "copy-simple",
    "key": "key",
    "undo": "arrow-counter-clockwise",
    "more": "dots-three-vertical",
    "up": "arrow-up",
    "down": "arrow-down",
    "next": "arrow-line-up",
    "clear": "prohibit",
    "crop": "crop",
    "swap": "arrows-left-right",
    "filter": "funnel",
    "grid": "squares-four",
    "rows": "rows",
    "calendar": "calendar-blank",
    "star": "star",
    "tag": "tag",
    "sidebar": "folders",
    "side": "monitor-play",
    "bookmark": "bookmark-simple",
    "collection": "folder-simple",
    "add-to": "folder-plus",
    "library": "squares-four",
    "heart": "heart",
    "columns": "columns",
    "shelf": "tray",
    "missing": "file-dotted",
    "damaged": "file-x",
    "keep": "thumbs-up",
    "reject": "thumbs-down",
    "zoom": "magnifying-glass-plus",
    "pending": "circle",
    "running": "circle-half",
    "publish": "paper-plane-tilt",
    "archive": "archive",
}

_EM = 256.0


@functools.cache
def _font() -> tuple[QRawFont, dict[str, str]] | None:
    """The icon font and its names; None (told once) where the package lacks it."""
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        _log.warning("icons are missing: QtAwesome is not installed")
        return None
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    fonts = sorted(folder.glob("phosphor-[0-9]*.ttf"))
    charmaps = sorted(folder.glob("phosphor-charmap-*.json"))
    if not fonts or not charmaps:
        _log.warning("icons are missing: QtAwesome has no Phosphor font in %s", folder)
        return None
    # Without hinting: these are outlines for any size, not text.
    font = QRawFont(str(fonts[-1]), _EM, QFont.HintingPreference.PreferNoHinting)
    if not font.isValid():
        _log.warning("icons are missing: %s cannot be read", fonts[-1].name)
        return None
    names: dict[str, str] = json.loads(charmaps[-1].read_text(encoding="ascii"))
    return font, names


@functools.cache
def outline(name: str) -> QPainterPath:
    """The shape of our icon `name` in a square of 1 x 1. KeyError for a name that is not ours."""
    foreign = NAMES[name]
    loaded = _font()
    if loaded is None:
        return QPainterPath()
    font, names = loaded
    glyphs = font.glyphIndexesForString(chr(int(names[foreign], 16)))
    path = font.pathForGlyph(glyphs[0])
    # The set is drawn in a square of one em; the glyph's origin is on the base line.
    height = font.ascent() + font.descent()
    scale = 1.0 / height
    return QTransform(scale, 0, 0, scale, 0, font.ascent() * scale).map(path)


def paint_icon(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    """Draw icon `name` into the square `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width(), rect.height())
    painter.fillPath(outline(name), color)
    painter.restore()


def pixmap(
    name: str, color_token: str = "text", size: int = 20, *, ratio: float | None = None
) -> QPixmap:
    """Icon `name` as a picture of `size` logical pixels in the colours in force now."""
    if ratio is None:
        ratio = QGuiApplication.instance().devicePixelRatio()  # type: ignore[union-attr]
    return _rendered(name, tokens().color(color_token), size, ratio)


def _rendered(name: str, color: QColor, size: int, ratio: float) -> QPixmap:
    key = f"veo:{name}:{color.rgba():x}:{size}:{ratio:.3f}"
    found = QPixmapCache.find(key)
    if found is not None and not found.isNull():
        return found
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_icon(painter, name, QRectF(QPointF(0, 0), QRectF(0, 0, size, size).size()), color)
    painter.end()
    QPixmapCache.insert(key, picture)
    return picture


class _TokenIconEngine(QIconEngine):
    """Paints with the colours in force when it paints, so a change of theme needs no new icons."""

    def __init__(self, off: tuple[str, str], on: tuple[str, str]) -> None:
        super().__init__()
        self._off, self._on = off, on

    def _color(self, mode: QIcon.Mode, token: str) -> QColor:
        colors = tokens()
        if mode is QIcon.Mode.Disabled:
            return mixed(colors.pane, colors.dim, 0.55)
        if mode is QIcon.Mode.Selected:
            return colors.color("on_accent")
        return colors.color(token)

    def paint(
        self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State
    ) -> None:
        assert painter is not None
        name, token = self._on if state is QIcon.State.On else self._off
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        paint_icon(painter, name, square, self._color(mode, token))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        name, token = self._on if state is QIcon.State.On else self._off
        return _rendered(name, self._color(mode, token), min(size.width(), size.height()), 1.0)

    def clone(self) -> QIconEngine:
        return _TokenIconEngine(self._off, self._on)


def icon(
    name: str,
    color_token: str = "text",
    size: int = 20,
    *,
    on_name: str | None = None,
    on_token: str | None = None,
) -> QIcon:
    """Icon `name` in a colour token, following the theme; `on_...` is how it looks when checked.

    `size` is what `QIcon.availableSizes` cannot know: the size it is meant for; Qt may ask for
    others. KeyError for a name that is not ours.
    """
    for used in (name, on_name or name):
        if used not in NAMES:
            raise KeyError(used)
    tokens().color(color_token)
    on = (on_name or name, on_token or color_token)
    return QIcon(_TokenIconEngine((name, color_token), on))


@functools.cache
def app_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        file = resource_path(f"app_icon_{side}.png")
        if file.exists():
            made.addFile(str(file), QSize(side, side))
    if made.isNull():
        made.addFile(str(resource_path("app_icon.svg")))
    return made
