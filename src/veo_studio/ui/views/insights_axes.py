"""The axes of the insights' charts: names that fit, and values in their unit at round places."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8
from veo_studio.ui.view_models.insights_series import Unit

_SECONDS = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000,
)  # fmt: skip
_BARS = (1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 21, 28, 35, 42, 49, 56)


class _Axis(pg.AxisItem):
    """Looks like the window around it, and takes its font and colours from the theme."""

    def dress(self) -> None:
        font = theme.tabular(theme.secondary_text_font())
        colors = theme.tokens()
        self.setStyle(
            tickFont=font, tickLength=0, tickTextOffset=SPACE_8, hideOverlappingLabels=False
        )
        self.setPen(pg.mkPen(colors.line))
        self.setTextPen(pg.mkPen(colors.dim))
        # the grid lies behind the bars
        self.setZValue(-20)
        self.picture = None
        self.update()

    def metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.tabular(theme.secondary_text_font()))


class NameAxis(_Axis):
    """What each bar stands for; as many names as fit without touching."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._names: Sequence[str] = ()

    def show_names(self, names: Sequence[str]) -> None:
        self._names = names
        self.picture = None
        self.update()

    def fit(self, room_px: float) -> None:
        """At the side: as wide as the names, and half of `room_px` at the most."""
        widest = max(map(self.metrics().horizontalAdvance, self._names), default=0)
        self.setWidth(min(widest + SPACE_8, room_px * 0.42) + 2 * SPACE_8)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        count = len(self._names)
        if not count:
            return []
        step = 1
        if self.orientation == "bottom":
            widest = max(map(self.metrics().horizontalAdvance, self._names)) + 2 * SPACE_8
            wanted = math.ceil(widest / max(1.0, size / count))
            step = next((one for one in _BARS if one >= wanted), wanted)
        return [(float(step), [float(number) for number in range(0, count, step)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        found = [self._names[round(value)] for value in values]
        if self.orientation == "bottom":
            return found
        room = int(self.width()) - 2 * SPACE_8
        metrics = self.metrics()
        return [metrics.elidedText(one, Qt.TextElideMode.ElideRight, room) for one in found]


class ValueAxis(_Axis):
    """Numbers with their unit."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.unit = Unit.COUNT

    def fit(self, highest: float, size_px: float) -> None:
        """At the side: as wide as the widest number."""
        words = self.tickStrings(self._places(highest, size_px), 1.0, 1.0)
        widest = max(map(self.metrics().horizontalAdvance, words), default=0)
        self.setWidth(widest + 2 * SPACE_8)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        places = self._places(maxVal, size)
        return [(places[1] if len(places) > 1 else 1.0, places)]

    def _places(self, highest: float, size_px: float) -> list[float]:
        """Round values from 0 up, far enough apart to be read."""
        metrics = self.metrics()
        apart_px = metrics.height() * 2.4
        if self.orientation == "bottom":
            apart_px = metrics.horizontalAdvance(self._say(highest)) + 4 * SPACE_8
        step = self._step(highest * apart_px / max(size_px, apart_px))
        count = math.floor(highest / step + 1e-9) if step > 0 else 0
        return [step * number for number in range(count + 1)]

    def _step(self, least: float) -> float:
        if self.unit is Unit.SECONDS and least <= _SECONDS[-1]:
            return float(next(one for one in _SECONDS if one >= least))
        if self.unit in (Unit.COUNT, Unit.TOKENS):
            least = max(1.0, least)
        power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
        return next(power * one for one in (1, 2, 5, 10) if power * one >= least * (1 - 1e-9))

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self._say(value) for value in values]

    def _say(self, value: float) -> str:
        if self.unit is Unit.PERCENT:
            return tr("{n} %", n=f"{value:.0f}")
        if self.unit is Unit.SECONDS:
            return _short_seconds(value)
        words = _short_number(value, with_cents=self.unit is Unit.DOLLARS)
        return f"${words}" if self.unit is Unit.DOLLARS else words


def _short_seconds(value: float) -> str:
    if value >= 3600:
        return tr("{n} h", n=f"{value / 3600:.1f}".removesuffix(".0"))
    if value >= 120 or value == 60:
        return tr("{n} min", n=f"{value / 60:.1f}".removesuffix(".0"))
    return tr("{n} s", n=f"{value:.1f}".removesuffix(".0"))


def _short_number(value: float, *, with_cents: bool) -> str:
    if value >= 10_000:
        return tr("{n}k", n=f"{value / 1000:,.1f}".removesuffix(".0"))
    if with_cents and value != round(value):
        return f"{value:,.2f}" if value >= 0.01 else f"{value:.4f}"
    return f"{value:,.0f}"
