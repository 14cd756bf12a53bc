"""Colours, spacing and text sizes: the only place that knows a colour.

Qt has one palette and one style sheet per process, so there is one set of current tokens too:
`tokens()` answers it at paint time, `Theme.apply` sets it. Widgets read it while painting and get a
`QEvent.Type.PaletteChange` when it changes; nothing needs to hold a reference to the theme.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontInfo, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

SPACE_4 = 4
SPACE_8 = 8
SPACE_12 = 12
SPACE_16 = 16
SPACE_24 = 24

RADIUS_PX = 6
CONTROL_HEIGHT_PX = 30
ROW_HEIGHT_PX = 72

# Text sizes as ratios of the system's own body size, so that a larger system font enlarges all.
SECONDARY_RATIO = 11 / 13
HEADING_RATIO = 16 / 13

Mode = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Tokens:
    """One colour scheme, as `#rrggbb`."""

    is_dark: bool
    window: str
    pane: str
    raised: str
    line: str
    text: str
    dim: str
    accent: str
    on_accent: str
    ok: str
    warn: str
    bad: str

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """The token `name` as a QColor; `alpha` 0.0-1.0. ValueError for an unknown name."""
        if name not in COLOR_NAMES:
            raise ValueError(f"There is no colour token {name!r}.")
        color = QColor(getattr(self, name))
        if alpha < 1.0:
            color.setAlphaF(alpha)
        return color


COLOR_NAMES = tuple(field.name for field in fields(Tokens) if field.name != "is_dark")

DARK = Tokens(
    is_dark=True,
    window="#16181d",
    pane="#1d2027",
    raised="#262a33",
    line="#363b47",
    text="#e8eaf0",
    dim="#a3a9b8",
    accent="#5b9dff",
    on_accent="#0b1220",
    ok="#4cc38a",
    warn="#e5b04a",
    bad="#ff7b72",
)

LIGHT = Tokens(
    is_dark=False,
    window="#f4f5f7",
    pane="#ffffff",
    raised="#eceef2",
    line="#d3d7df",
    text="#1b1f27",
    dim="#5a6272",
    accent="#1f63d6",
    on_accent="#ffffff",
    # 4.5:1 on raised as well: a selected history row shows "ready" on it.
    ok="#18784a",
    warn="#8a5a00",
    bad="#c0362c",
)

_current = DARK


def tokens() -> Tokens:
    """The colours in force now."""
    return _current


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1.0-21.0. Source: WCAG 2.2, "contrast ratio"."""

    def luminance(name: str) -> float:
        def linear(part: float) -> float:
            return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

        color = QColor(name)
        return (
            0.2126 * linear(color.redF())
            + 0.7152 * linear(color.greenF())
            + 0.0722 * linear(color.blueF())
        )

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(first: str, second: str, share: float) -> QColor:
    """`first` with `share` (0.0-1.0) of `second` laid over it."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    )


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
        is_same = chosen is _current and bool(self._app.styleSheet())
        _current = chosen
        if is_same:
            return
        self._app.setPalette(palette(chosen))
        self._app.setStyleSheet(style_sheet(chosen))
        self.changed.emit()


def palette(colors: Tokens) -> QPalette:
    """The tokens as Qt's roles."""
    made = QPalette()
    role = QPalette.ColorRole
    for target, name in (
        (role.Window, "window"),
        (role.WindowText, "text"),
        (role.Base, "pane"),
        (role.AlternateBase, "raised"),
        (role.Text, "text"),
        (role.Button, "raised"),
        (role.ButtonText, "text"),
        (role.BrightText, "bad"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "dim"),
        (role.Accent, "accent"),
        (role.Mid, "line"),
        (role.Midlight, "line"),
        (role.Light, "raised"),
    ):
        made.setColor(target, colors.color(name))
    made.setColor(role.Dark, colors.color("line"))
    made.setColor(role.Shadow, mixed(colors.window, "#000000", 0.4))
    disabled = mixed(colors.pane, colors.dim, 0.65)
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, target, disabled)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colors.color("line"))
    return made


def resource_path(name: str) -> Path:
    """A file of `veo_studio/resources`."""
    return Path(str(resources.files("veo_studio") / "resources" / name))


def style_sheet(colors: Tokens) -> str:
    """What a palette cannot say: rounded fields and buttons, thin separators, quiet scroll bars."""
    scheme = "dark" if colors.is_dark else "light"

    def mark(name: str) -> str:
        return resource_path(f"marks/{name}-{scheme}.svg").as_posix()

    hover = mixed(colors.raised, colors.text, 0.07).name()
    pressed = mixed(colors.raised, colors.text, 0.14).name()
    accent_hover = mixed(colors.accent, colors.text if colors.is_dark else "#000000", 0.14).name()
    accent_pressed = mixed(colors.accent, colors.window, 0.18).name()
    disabled = mixed(colors.pane, colors.dim, 0.65).name()
    field_height = CONTROL_HEIGHT_PX - 2 - 2 * 3
    return f"""
QToolTip {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  padding: 4px 8px;
}}
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  border-radius: {RADIUS_PX}px; padding: 3px 8px; min-height: {field_height}px;
  selection-background-color: {colors.accent}; selection-color: {colors.on_accent};
}}
QLineEdit {{ lineedit-clear-button-icon: url({mark("clear")}); }}
QPlainTextEdit, QTextEdit {{ padding: 4px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus,
QComboBox:on {{ border-color: {colors.accent}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled,
QComboBox:disabled {{ color: {disabled}; background: {colors.pane}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({mark("caret-down")}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
  background: {colors.raised}; border: 1px solid {colors.line}; outline: none; padding: 4px;
  selection-background-color: {colors.accent}; selection-color: {colors.on_accent};
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
  border: none; background: transparent; width: 20px; subcontrol-origin: border;
}}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin: 2px 2px 0 0; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin: 0 2px 2px 0; }}
QAbstractSpinBox::up-arrow {{ image: url({mark("caret-up")}); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url({mark("caret-down")}); width: 10px; height: 10px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  border-radius: {RADIUS_PX}px; padding: 3px 12px; min-height: {field_height}px;
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {pressed}; }}
QPushButton:focus {{ border-color: {colors.accent}; }}
QPushButton:disabled {{ color: {disabled}; background: {colors.pane}; }}
QPushButton[accent="true"] {{
  background: {colors.accent}; color: {colors.on_accent}; border-color: {colors.accent};
  font-weight: 600; min-height: {field_height + 4}px;
}}
QPushButton[accent="true"]:hover {{ background: {accent_hover}; }}
QPushButton[accent="true"]:pressed {{ background: {accent_pressed}; }}
QPushButton[accent="true"]:focus {{ border-color: {colors.text}; }}
QPushButton[accent="true"]:disabled {{
  background: {colors.raised}; color: {disabled}; border-color: {colors.line};
}}
QPushButton[link="true"] {{
  background: transparent; border: 1px solid transparent; color: {colors.accent}; padding: 3px 0;
}}
QPushButton[link="true"]:hover {{ text-decoration: underline; }}
QPushButton[link="true"]:focus {{ border-color: {colors.accent}; }}
QToolButton {{
  background: transparent; border: 1px solid transparent; border-radius: {RADIUS_PX}px;
  padding: 3px; min-width: 22px; min-height: 22px; color: {colors.text};
}}
QToolButton:hover {{ background: {colors.raised}; }}
QToolButton:pressed {{ background: {pressed}; }}
QToolButton:focus {{ border-color: {colors.accent}; }}
QToolButton:checked {{ background: {colors.raised}; border-color: {colors.line}; }}
QToolButton:checked:focus {{ border-color: {colors.accent}; }}
QToolButton:disabled {{ color: {disabled}; }}
QToolButton[tile="true"] {{ border: 1px solid {colors.line}; background: {colors.raised}; padding: 4px;
  min-width: 82px; max-width: 82px; min-height: 66px; max-height: 66px; }}
QToolButton[edge="true"] {{ border: 1px solid {colors.line}; padding: 3px 8px; }}
QToolButton[tile="true"]:hover, QToolButton[edge="true"]:hover {{ border-color: {colors.dim}; }}
QToolButton[tile="true"]:focus, QToolButton[edge="true"]:focus {{ border-color: {colors.accent}; }}
QToolButton[overlay="true"] {{
  background: {colors.pane}; border: 1px solid {colors.line}; border-radius: 10px; padding: 0;
  min-width: 18px; min-height: 18px;
}}
QToolButton::menu-indicator {{ image: none; }}
QLineEdit QToolButton {{ padding: 0; border: none; min-width: 0; min-height: 0; }}
QLabel {{ background: transparent; }}
*[dim="true"] {{ color: {colors.dim}; }}
*[dim="true"]:disabled {{ color: {disabled}; }}
QCheckBox {{ spacing: 8px; min-height: 28px; background: transparent; }}
QCheckBox::indicator {{
  width: 16px; height: 16px; border: 1px solid {colors.dim}; border-radius: 4px;
  background: {colors.raised};
}}
QCheckBox::indicator:checked {{
  background: {colors.accent}; border-color: {colors.accent}; image: url({mark("check")});
}}
QCheckBox::indicator:focus {{ border: 2px solid {colors.accent}; width: 14px; height: 14px; }}
QCheckBox::indicator:checked:focus {{ border-color: {colors.text}; }}
QCheckBox::indicator:disabled {{ border-color: {colors.line}; }}
QCheckBox::indicator:checked:disabled {{ background: {disabled}; border-color: {disabled}; }}
QSlider {{ min-height: 28px; background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {colors.line}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {colors.accent}; }}
QSlider::sub-page:horizontal:disabled {{ background: {colors.line}; }}
QSlider::handle:horizontal {{
  width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {colors.text};
}}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{
  background: {colors.accent};
}}
QSlider::handle:horizontal:focus {{
  border: 2px solid {colors.text}; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
}}
QSlider::handle:horizontal:disabled {{ background: {disabled}; }}
QListView, QTreeView, QTableView {{ background: {colors.pane}; border: none; outline: none; }}
QTreeView {{
  selection-background-color: {colors.raised}; selection-color: {colors.text};
  show-decoration-selected: 1;
}}
QTreeView::item {{ padding: 5px 8px; border: none; }}
QTreeView::item:hover {{ background: {mixed(colors.pane, colors.raised, 0.55).name()}; }}
QTreeView::item:selected {{ background: {colors.raised}; color: {colors.text}; }}
QHeaderView {{ background: {colors.pane}; border: none; }}
QHeaderView::section {{
  background: {colors.pane}; color: {colors.dim}; border: none;
  border-bottom: 1px solid {colors.line}; padding: 5px 11px;
}}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {colors.line}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {colors.dim}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QSplitter::handle {{ background: {colors.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {colors.accent}; }}
QMenu {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line}; padding: 4px;
}}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::item:selected {{ background: {colors.accent}; color: {colors.on_accent}; }}
QMenu::item:disabled {{ color: {disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {colors.line}; margin: 4px 8px; }}
QMenuBar {{ background: {colors.window}; color: {colors.text}; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {colors.raised}; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{
  background: transparent; color: {colors.dim}; padding: 6px 12px; margin: 4px 2px;
  border: 1px solid transparent; border-radius: {RADIUS_PX}px;
}}
QTabBar::tab:hover {{ color: {colors.text}; }}
QTabBar::tab:selected {{ background: {colors.raised}; color: {colors.text}; }}
QTabBar::tab:focus {{ border-color: {colors.accent}; }}
QProgressBar {{
  background: {colors.line}; border: none; border-radius: 2px; max-height: 4px;
  color: transparent;
}}
QProgressBar::chunk {{ background: {colors.accent}; border-radius: 2px; }}
QStatusBar {{ background: {colors.window}; color: {colors.dim}; }}
QStatusBar::item {{ border: none; }}
"""
