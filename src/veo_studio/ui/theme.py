"""Colours, spacing and text sizes as widgets ask for them; the values are in `colors.py`.

Qt has one palette and one style sheet per process, so there is one set of current tokens too:
`tokens()` answers it at paint time, `Theme.apply` sets it. Widgets read it while painting and get a
`QEvent.Type.PaletteChange` when it changes; nothing needs to hold a reference to the theme.
"""

from __future__ import annotations

from typing import Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontInfo, QFontMetrics
from PyQt6.QtWidgets import QApplication, QWidget

from veo_studio.ui.colors import COLOR_NAMES as COLOR_NAMES
from veo_studio.ui.colors import DARK as DARK
from veo_studio.ui.colors import LIGHT as LIGHT
from veo_studio.ui.colors import Tokens as Tokens
from veo_studio.ui.colors import contrast as contrast
from veo_studio.ui.colors import mixed as mixed
from veo_studio.ui.colors import palette as palette
from veo_studio.ui.style_sheet import CONTROL_HEIGHT_PX as CONTROL_HEIGHT_PX
from veo_studio.ui.style_sheet import RADIUS_PX as RADIUS_PX
from veo_studio.ui.style_sheet import resource_path as resource_path
from veo_studio.ui.style_sheet import style_sheet as style_sheet

SPACE_4 = 4
SPACE_8 = 8
SPACE_12 = 12
SPACE_16 = 16
SPACE_24 = 24

ROW_HEIGHT_PX = 72

# Text sizes as ratios of the system's own body size, so that a larger system font enlarges all.
SECONDARY_RATIO = 11 / 13
HEADING_RATIO = 16 / 13

Mode = Literal["system", "light", "dark"]


_current = DARK


def tokens() -> Tokens:
    """The colours in force now."""
    return _current


def body_px() -> int:
    """Height of the body text in pixels, for sizes that follow the font."""
    return QFontInfo(QApplication.font()).pixelSize()


def scaled(base: QFont, ratio: float) -> QFont:
    """`base` at `ratio` of its size, whichever unit it was given in."""
    font = QFont(base)
    if base.pixelSize() > 0:
        font.setPixelSize(max(1, round(base.pixelSize() * ratio)))
    else:
        font.setPointSizeF(base.pointSizeF() * ratio)
    return font


def tabular(base: QFont) -> QFont:
    """`base` with figures of one width, where the font has them."""
    font = QFont(base)
    tag = QFont.Tag.fromString("tnum")
    if tag is not None:
        font.setFeature(tag, 1)
    return font


def secondary_text_font() -> QFont:
    return scaled(QApplication.font(), SECONDARY_RATIO)


def heading_text_font() -> QFont:
    font = scaled(QApplication.font(), HEADING_RATIO)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def secondary_font(widget: QWidget) -> None:
    """Give `widget` the small text size."""
    widget.setFont(secondary_text_font())


def heading_font(widget: QWidget) -> None:
    """Give `widget` the heading size and weight."""
    widget.setFont(heading_text_font())


def dim_text(widget: QWidget) -> None:
    """Give `widget` the colour of secondary text, now and after a change of theme."""
    widget.setProperty("dim", True)


def accent_button(widget: QWidget) -> None:
    """Make `widget` the one filled button of its view."""
    widget.setProperty("accent", True)
    style = widget.style()
    if style is not None:
        # a button that a box has made was dressed already
        style.unpolish(widget)
        style.polish(widget)


class Theme(QObject):
    """The look of the application.

    Signals:
        changed(): the tokens are other ones now; the palette has been set already.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app: QApplication | None = None
        self._mode: Mode = "system"

    @property
    def tokens(self) -> Tokens:
        return tokens()

    @property
    def mode(self) -> Mode:
        return self._mode

    def apply(self, app: QApplication, mode: Mode) -> None:
        """Set style, palette and style sheet; with "system" follow the system from now on."""
        self._mode = mode
        hints = app.styleHints()
        if self._app is None:
            self._app = app
            app.setStyle("Fusion")
            hints.colorSchemeChanged.connect(self._on_color_scheme_changed)
        # Tells the platform as well: title bars and system dialogs follow.
        wanted = {
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
            "system": Qt.ColorScheme.Unknown,
        }[mode]
        hints.setColorScheme(wanted)
        self._set(self._chosen())

    def _chosen(self) -> Tokens:
        if self._mode == "dark":
            return DARK
        if self._mode == "light":
            return LIGHT
        assert self._app is not None
        return LIGHT if self._app.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK

    def _on_color_scheme_changed(self) -> None:
        if self._app is not None and self._mode == "system":
            self._set(self._chosen())

    def _set(self, chosen: Tokens) -> None:
        global _current
        assert self._app is not None
        sheet = style_sheet(chosen, QFontMetrics(self._app.font()).height())
        is_same = chosen is _current and sheet == self._app.styleSheet()
        _current = chosen
        if is_same:
            return
        self._app.setPalette(palette(chosen))
        self._app.setStyleSheet(sheet)
        self.changed.emit()
