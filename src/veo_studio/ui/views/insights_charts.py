"""The charts of the Insights tab; with `insights_axes.py` the only place that imports pyqtgraph.

Imported when the tab is shown for the first time, not before: with numpy it takes as long as
the rest of the window.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QGraphicsRectItem, QLabel, QWidget

from veo_studio.ui import theme
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.insights_series import Chart, Unit
from veo_studio.ui.views.insights_axes import NameAxis, ValueAxis
from veo_studio.ui.views.insights_looks import look_color

_THICKNESS = 0.72
_LINES = 13
_FEWEST = 5


class _ReadOut(QLabel):
    """The exact values of one bar, over the chart."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.dress()
        self.hide()

    def dress(self) -> None:
        colors = theme.tokens()
        self.setFont(theme.tabular(theme.secondary_text_font()))
        sheet = (
            f"background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line}; "
            f"border-radius: {theme.RADIUS_PX}px; padding: {SPACE_4}px {SPACE_8}px;"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


class ChartView(pg.PlotWidget):
    """Stacked bars, upright or lying. The mouse and the arrow keys read the exact values out."""

    def __init__(self, *, is_lying: bool, parent: QWidget | None = None) -> None:
        self._is_lying = is_lying
        self._names = NameAxis("left" if is_lying else "bottom")
        self._values = ValueAxis("bottom" if is_lying else "left")
        super().__init__(
            parent, axisItems={axis.orientation: axis for axis in (self._names, self._values)}
        )
        self._chart: Chart | None = None
        self._bars: list[tuple[str, pg.BarGraphItem]] = []
        self.current: int | None = None
        self.setAntialiasing(True)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plotItem.vb.invertY(is_lying)
        self.plotItem.setContentsMargins(0, SPACE_8, SPACE_12, 0)
        # what is read out stands on a quiet band
        self._band = QGraphicsRectItem()
        self._band.setZValue(-10)
        self._band.hide()
        self.plotItem.vb.addItem(self._band, ignoreBounds=True)
        self.readout = _ReadOut(self)
        self._dress()

    # showing

    def show_chart(self, chart: Chart) -> None:
        """Draw `chart` in place of what is there."""
        for _look, bar in self._bars:
            self.removeItem(bar)
        self._bars = []
        self._chart = chart
        self.read_out(None)
        self._values.unit = chart.unit
        self._names.show_names(chart.ticks)
        count = len(chart.titles)
        base = np.zeros(count)
        places = np.arange(count, dtype=float)
        for one in chart.series if count else ():
            lengths = np.array(one.values, dtype=float)
            start = np.zeros(count) if chart.is_layered else base
            bar = self._bar(places, start, lengths)
            self._bars.append((one.look, bar))
            self.addItem(bar)
            base = base + lengths
        self._fit_height()
        self._fit_ranges()
        self._dress()
        self.setAccessibleDescription("\n".join(self._summary(chart)))

    def _bar(self, places: np.ndarray, start: np.ndarray, lengths: np.ndarray) -> pg.BarGraphItem:
        if self._is_lying:
            return pg.BarGraphItem(y=places, x0=start, width=lengths, height=_THICKNESS)
        return pg.BarGraphItem(x=places, y0=start, height=lengths, width=_THICKNESS)

    @staticmethod
    def _summary(chart: Chart) -> list[str]:
        return [one.name for one in chart.series]

    @property
    def highest(self) -> float:
        """The end of the longest bar, in the chart's unit."""
        chart = self._chart
        if chart is None or not chart.series:
            return 0.0
        columns = zip(*(one.values for one in chart.series), strict=True)
        whole = max if chart.is_layered else sum
        return max((whole(column) for column in columns), default=0.0)

    def _fit_height(self) -> None:
        """Lying bars are as thick as a line of text each, upright ones as high as some lines."""
        line = self._names.metrics().height()
        count = len(self._chart.titles) if self._chart is not None else 0
        lines = max(_FEWEST, count) * 1.9 + 2.4 if self._is_lying else _LINES
        self.setMinimumHeight(round(lines * line))

    def _fit_ranges(self) -> None:
        chart = self._chart
        if chart is None:
            return
        # few lying bars stay as thin as many
        count = max(_FEWEST if self._is_lying else 1, len(chart.titles))
        highest = self.highest * (1.0 if chart.unit is Unit.PERCENT else 1.06) or 1.0
        along, across = ("x", "y") if self._is_lying else ("y", "x")
        vb = self.plotItem.vb
        vb.setRange(
            **{f"{along}Range": (0.0, highest), f"{across}Range": (-0.5, count - 0.5)}, padding=0
        )
        if self._is_lying:
            self._names.fit(self.width())
        else:
            self._values.fit(highest, max(1.0, self.height() - 4 * SPACE_12))

    def _dress(self) -> None:
        colors = theme.tokens()
        self.setBackground(colors.color("pane"))
        for axis in (self._names, self._values):
            axis.dress()
        grid = QColor(colors.line)
        self._values.setPen(pg.mkPen(grid))
        self._values.setGrid(120)
        for look, bar in self._bars:
            bar.setOpts(brush=look_color(look), pen=pg.mkPen(None))
        self._band.setBrush(colors.color("text", 0.07))
        self._band.setPen(QPen(Qt.PenStyle.NoPen))
        self.readout.dress()

    # reading out

    def read_out(self, number: int | None) -> None:
        """Say what the bar with this number stands for; None says nothing."""
        chart = self._chart
        if chart is None or number is None or not 0 <= number < len(chart.titles):
            self.current = None
            self.readout.hide()
            self._band.hide()
            return
        self.current = number
        words = "\n".join([chart.titles[number], *chart.words_of(number)])
        self.readout.setText(words)
        self.readout.adjustSize()
        self.setAccessibleDescription(words)
        self._show_band(number)
        self._place_readout(number)

    def _show_band(self, number: int) -> None:
        (left, right), (low, high) = self.plotItem.vb.viewRange()
        if self._is_lying:
            self._band.setRect(QRectF(left, number - 0.5, right - left, 1.0))
        else:
            self._band.setRect(QRectF(number - 0.5, low, 1.0, high - low))
        self._band.show()

    def _place_readout(self, number: int) -> None:
        at = QPointF(0.0, number) if self._is_lying else QPointF(number, 0.0)
        there = self.mapFromScene(self.plotItem.vb.mapViewToScene(at))
        box = self.readout.rect()
        if self._is_lying:
            half = self._names.metrics().height()
            y = there.y() + half
            if y + box.height() > self.height():
                y = there.y() - half - box.height()
            x = self.width() - box.width() - SPACE_12
        else:
            y = SPACE_4
            x = there.x() + SPACE_12
            if x + box.width() > self.width():
                x = there.x() - SPACE_12 - box.width()
        inside = QPoint(
            max(0, min(x, self.width() - box.width())), max(0, min(y, self.height() - box.height()))
        )
        self.readout.move(inside)
        self.readout.raise_()
        self.readout.show()

    def number_at(self, position: QPointF) -> int | None:
        """Which bar is at this place of the widget."""
        vb = self.plotItem.vb
        scene = self.mapToScene(position.toPoint())
        if not vb.sceneBoundingRect().contains(scene):
            return None
        place = vb.mapSceneToView(scene)
        number = round(place.y() if self._is_lying else place.x())
        return number if self._chart is not None and number < len(self._chart.titles) else None

    # events

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        super().mouseMoveEvent(event)
        number = self.number_at(event.position())
        if number != self.current:
            self.read_out(number)

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.read_out(None)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        # the page scrolls, the chart stays as it is
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        count = len(self._chart.titles) if self._chart is not None else 0
        key, keys = event.key(), Qt.Key
        before, after = (
            (keys.Key_Up, keys.Key_Down) if self._is_lying else (keys.Key_Left, keys.Key_Right)
        )
        current = self.current
        if key == keys.Key_Escape and current is not None:
            self.read_out(None)
        elif count and key == before:
            self.read_out(count - 1 if current is None else max(0, current - 1))
        elif count and key == after:
            self.read_out(0 if current is None else min(count - 1, current + 1))
        elif count and key == keys.Key_Home:
            self.read_out(0)
        elif count and key == keys.Key_End:
            self.read_out(count - 1)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.read_out(None)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_band"):
            self._fit_ranges()
            self.read_out(None)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is None or not hasattr(self, "readout"):
            return
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationFontChange):
            self._fit_height()
            self._dress()
            self._fit_ranges()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.tokens().color("accent"), 1))
            frame = QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
            painter.end()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def sizeHint(self) -> QSize:
        return QSize(420, self.minimumHeight())
