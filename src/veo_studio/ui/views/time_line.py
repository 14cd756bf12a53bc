"""The line of a clip's time, with what lies between in and out marked on it."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import theme
from veo_studio.ui.views.track_slider import TrackSlider

_BAND_PX = 10
_FOOT_PX = 4


class TimeLine(TrackSlider):
    """A slider of milliseconds; `show_range` marks a part of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_ms: int | None = None
        self.out_ms: int | None = None

    def show_range(self, in_ms: int | None, out_ms: int | None) -> None:
        """None: not set."""
        self.in_ms, self.out_ms = in_ms, out_ms
        self.update()

    def marked(self) -> QRectF | None:
        """Where the range is, in pixels; None where none is marked."""
        if (self.in_ms is None and self.out_ms is None) or self.maximum() <= self.minimum():
            return None
        left = self._x_of(self.in_ms if self.in_ms is not None else self.minimum())
        right = self._x_of(self.out_ms if self.out_ms is not None else self.maximum())
        top = self.rect().height() / 2 - _BAND_PX / 2
        return QRectF(QPointF(min(left, right), top), QPointF(max(left, right), top + _BAND_PX))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        band = self.marked()
        if band is not None:
            self._paint_band(band)
        super().paintEvent(event)
        if band is not None:
            self._paint_edges(band)

    def _paint_band(self, band: QRectF) -> None:
        painter = QPainter(self)
        shade = QColor(theme.tokens().color("accent"))
        shade.setAlphaF(0.3)
        painter.fillRect(band, shade)
        painter.end()

    def _paint_edges(self, band: QRectF) -> None:
        """Brackets, so that the range is seen without its colour."""
        painter = QPainter(self)
        painter.setPen(QPen(theme.tokens().color("text"), 2, cap=Qt.PenCapStyle.FlatCap))
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        begins, ends = (self.in_ms, self.out_ms) if not is_mirrored else (self.out_ms, self.in_ms)
        for is_set, x, foot in (
            (begins is not None, band.left(), _FOOT_PX),
            (ends is not None, band.right(), -_FOOT_PX),
        ):
            if is_set:
                top, bottom = band.top() - 2, band.bottom() + 2
                painter.drawLine(QPointF(x, top), QPointF(x, bottom))
                painter.drawLine(QPointF(x, top), QPointF(x + foot, top))
                painter.drawLine(QPointF(x, bottom), QPointF(x + foot, bottom))
        painter.end()
