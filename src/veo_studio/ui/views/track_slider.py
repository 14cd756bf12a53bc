"""A horizontal slider that goes where it is clicked and can show its stops."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QSlider, QWidget

from veo_studio.ui import theme

_HANDLE_PX = 14
_GROOVE_PX = 4


class TrackSlider(QSlider):
    """QSlider with click-to-jump; `are_stops_shown` draws a dot at every step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.are_stops_shown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(120, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 28)

    def _track(self) -> QRectF:
        """Where the middle of the handle can be."""
        half = _HANDLE_PX / 2 + 1
        return QRectF(self.rect()).adjusted(half, 0, -half, 0)

    def _x_of(self, value: float) -> float:
        track = self._track()
        span = self.maximum() - self.minimum()
        share = (value - self.minimum()) / span if span > 0 else 0.0
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1.0 - share
        return track.left() + share * track.width()

    def value_at(self, x: float) -> int:
        """The value under the pointer at `x` pixels."""
        track = self._track()
        share = (x - track.left()) / track.width() if track.width() > 0 else 0.0
        share = min(1.0, max(0.0, share))
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1.0 - share
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self.setSliderDown(True)
        self.setSliderPosition(self.value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self.value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = self._track()
        middle = self.rect().height() / 2
        x = self._x_of(self.sliderPosition())
        can_move = self.isEnabled() and self.maximum() > self.minimum()
        full = QRectF(track.left(), middle - _GROOVE_PX / 2, track.width(), _GROOVE_PX)
        painter.setBrush(colors.color("line"))
        painter.drawRoundedRect(full, 2, 2)
        if can_move:
            filled = QRectF(full)
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                filled.setLeft(x)
            else:
                filled.setRight(x)
            painter.setBrush(colors.color("accent"))
            painter.drawRoundedRect(filled, 2, 2)
        if self.are_stops_shown:
            self._paint_stops(painter, middle, x, can_move)
        # While nothing can be moved there is no handle to reach for.
        if can_move:
            radius = _HANDLE_PX / 2
            is_lively = self.underMouse() or self.isSliderDown()
            painter.setBrush(colors.color("accent" if is_lively else "text"))
            painter.drawEllipse(QPointF(x, middle), radius - 1, radius - 1)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colors.color("accent"), 2))
                painter.drawEllipse(QPointF(x, middle), radius + 1, radius + 1)
        painter.end()

    def _paint_stops(self, painter: QPainter, middle: float, x: float, can_move: bool) -> None:
        count = self.maximum() - self.minimum() + 1
        if not 2 <= count <= 13 or self._track().width() / (count - 1) < 10:
            return  # that many dots would be a second groove
        colors = theme.tokens()
        for value in range(self.minimum(), self.maximum() + 1):
            at = self._x_of(value)
            is_passed = can_move and at <= x
            painter.setBrush(colors.color("accent" if is_passed else "dim"))
            painter.drawEllipse(QPointF(at, middle), 2.5, 2.5)
