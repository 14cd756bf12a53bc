"""Choosing what is cut out of a picture that has another shape than the clip."""

from __future__ import annotations

import math
from dataclasses import replace

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.framing import Frame, Framing
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import SmallLabel, field_label

_MOST_ZOOM = 8.0
_STEPS = 100
_KEY_STEP = 0.01
_WHEEL_NOTCH = 120
_SHADE_ALPHA = 150
_MARGIN_PX = 12


class CropView(QWidget):
    """The whole picture, with what is left of it bright. Drag or arrows move, wheel or +/- zoom.

    Signals:
        changed(): another frame, by the user or by `set_frame`.
    """

    changed = pyqtSignal()

    def __init__(self, image: QImage, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        self._frame = frame
        self._grabbed: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(tr("What is cut out"))
        self.setAccessibleDescription(tr("Arrow keys move the frame, plus and minus zoom"))

    def sizeHint(self) -> QSize:
        return QSize(640, 440)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)

    @property
    def frame(self) -> Frame:
        return self._frame

    def set_frame(self, frame: Frame) -> None:
        """As near as the picture allows: the cut stays inside."""
        width, height = self._image.width(), self._image.height()
        cut_px = min(width, height * frame.ratio) / frame.zoom
        half_x, half_y = cut_px / width / 2, cut_px / frame.ratio / height / 2
        kept = replace(
            frame,
            center_x=min(max(frame.center_x, half_x), 1 - half_x),
            center_y=min(max(frame.center_y, half_y), 1 - half_y),
        )
        if kept != self._frame:
            self._frame = kept
            self.update()
            self.changed.emit()

    def move(self, by_x: float, by_y: float) -> None:  # type: ignore[override]
        """By fractions of the picture."""
        at_x = min(1.0, max(0.0, self._frame.center_x + by_x))
        at_y = min(1.0, max(0.0, self._frame.center_y + by_y))
        self.set_frame(replace(self._frame, center_x=at_x, center_y=at_y))

    def zoom(self, factor: float) -> None:
        self.set_frame(replace(self._frame, zoom=_within(self._frame.zoom * factor)))

    # where things are

    def picture_rect(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        size = self._image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        return place

    def cut_rect(self) -> QRectF:
        """What is cut out, on the screen."""
        place = self.picture_rect()
        scale = place.width() / max(1, self._image.width())
        left, top, right, bottom = self._frame.box(self._image.width(), self._image.height())
        return QRectF(
            place.x() + left * scale,
            place.y() + top * scale,
            (right - left) * scale,
            (bottom - top) * scale,
        )

    # what the user does

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._grabbed is None:
            return
        place = self.picture_rect()
        step = event.position() - self._grabbed
        self._grabbed = event.position()
        self.move(step.x() / place.width(), step.y() / place.height())

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self.zoom(1.1 ** (event.angleDelta().y() / _WHEEL_NOTCH))
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = _KEY_STEP * (5 if is_far else 1)
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.move(*moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.1)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.1)
        else:
            super().keyPressEvent(event)

    # painting

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colors.color("window"))
        place, cut = self.picture_rect(), self.cut_rect()
        painter.drawImage(place, self._image)
        shade = QPainterPath()
        shade.addRect(place)
        hole = QPainterPath()
        hole.addRect(cut)
        black = QColor(Qt.GlobalColor.black)
        black.setAlpha(_SHADE_ALPHA)
        painter.fillPath(shade.subtracted(hole), black)
        self._paint_thirds(painter, cut)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color("accent"), 3 if self.hasFocus() else 2))
        painter.drawRect(cut)
        painter.end()

    @staticmethod
    def _paint_thirds(painter: QPainter, cut: QRectF) -> None:
        white = QColor(Qt.GlobalColor.white)
        white.setAlpha(90)
        painter.setPen(QPen(white, 1))
        for third in (1 / 3, 2 / 3):
            across, down = cut.x() + cut.width() * third, cut.y() + cut.height() * third
            painter.drawLine(QPointF(across, cut.top()), QPointF(across, cut.bottom()))
            painter.drawLine(QPointF(cut.left(), down), QPointF(cut.right(), down))


class CropDialog(QDialog):
    """Opened with `run_dialog`; `frame` is the answer."""

    def __init__(
        self, image: QImage, aspect_ratio: str, before: Frame, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Crop to {aspect}", aspect=aspect_ratio))
        self._start = Frame(aspect_ratio, Framing.CROP)
        frame = replace(before, aspect_ratio=aspect_ratio, how=Framing.CROP)
        self.view = CropView(image, frame)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setAccessibleName(tr("Zoom"))
        self.hint = SmallLabel()
        self.hint.show_words(tr("Drag to move, scroll to zoom; arrow keys and + − do the same."))
        zoom = QHBoxLayout()
        zoom.setSpacing(theme.SPACE_12)
        zoom.addWidget(field_label(tr("&Zoom"), self.slider))
        zoom.addWidget(self.slider, 1)
        self.size_words = QLabel()
        theme.dim_text(self.size_words)
        zoom.addWidget(self.size_words)
        standard = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(standard.Ok | standard.Cancel | standard.Reset)
        self.ok, self.reset = box.button(standard.Ok), box.button(standard.Reset)
        assert self.ok is not None
        assert self.reset is not None
        self.ok.setText(tr("Crop"))
        theme.accent_button(self.ok)
        self.reset.clicked.connect(lambda: self.view.set_frame(self._start))
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_16] * 4)
        column.setSpacing(theme.SPACE_12)
        column.addWidget(self.view, 1)
        column.addLayout(zoom)
        column.addWidget(self.hint)
        column.addWidget(box)
        self.slider.valueChanged.connect(self._on_slider)
        self.view.changed.connect(self._show_frame)
        self._show_frame()
        self.view.setFocus()

    def frame(self) -> Frame:
        return self.view.frame

    def _on_slider(self, value: int) -> None:
        zoom = _MOST_ZOOM ** (value / _STEPS)
        if round(_steps(self.view.frame.zoom)) != value:
            self.view.set_frame(replace(self.view.frame, zoom=_within(zoom)))

    def _show_frame(self) -> None:
        self.slider.setValue(round(_steps(self.view.frame.zoom)))
        self.size_words.setText(tr("{zoom:.1f} ×", zoom=self.view.frame.zoom))


def _within(zoom: float) -> float:
    return min(_MOST_ZOOM, max(1.0, zoom))


def _steps(zoom: float) -> float:
    """On the slider, where every step is as much larger than the one before."""
    return math.log(_within(zoom)) / math.log(_MOST_ZOOM) * _STEPS
