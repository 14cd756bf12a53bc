"""The two colour schemes, and what is worked out from their colours."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields

from PyQt6.QtGui import QColor, QPalette

BLACK = "#000000"


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
        # a row of a list asks for ten, a page for hundreds
        return QColor(_made(getattr(self, name), alpha))


@functools.lru_cache(maxsize=256)
def _made(value: str, alpha: float) -> QColor:
    color = QColor(value)
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


@functools.lru_cache(maxsize=64)
def mixed(first: str, second: str, share: float) -> QColor:
    """`first` with `share` (0.0-1.0) of `second` laid over it."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    )


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
    made.setColor(role.Shadow, mixed(colors.window, BLACK, 0.4))
    disabled = mixed(colors.pane, colors.dim, 0.65)
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, target, disabled)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colors.color("line"))
    return made
