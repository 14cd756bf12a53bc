"""The picture of the player, in its pane or on the whole screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.drag_out import drag_files, has_moved_enough
from veo_studio.ui.views.ring import paint_ring

if TYPE_CHECKING:
    from veo_studio.ui.views.player import PlayerView


class Picture(QWidget):
    """Paints the picture, letterboxed; can be clicked and dragged."""

    clicked = pyqtSignal()
    double_clicked = pyqtSignal()

    def __init__(
        self, owner: PlayerView, parent: QWidget | None = None, *, is_full: bool = False
    ) -> None:
        """`is_full`: nothing but black around it."""
        super().__init__(parent)
        self._owner = owner
        self._is_full = is_full
        self._turned = 0
        self._pressed_at: QPoint | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)

    def picture_rect(self, image: QImage | None) -> QRect:
        """Where the picture is, as large as fits, never stretched."""
        if image is None or image.isNull():
            return QRect()
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRect(QPoint(0, 0), size)
        rect.moveCenter(self.rect().center())
        return rect

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        black = QColor(Qt.GlobalColor.black)
        painter.fillRect(self.rect(), black if self._is_full else theme.tokens().color("window"))
        image = self._owner.picture()
        if image is not None:
            target = self.picture_rect(image)
            painter.fillRect(target, black)
            # Scaling smoothly costs a few milliseconds: worth it for a still, not for each of many.
            is_smooth = not self._owner.is_playing or image.width() <= 1280
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            painter.drawImage(target, image)
        if self._owner.is_ringed and not self._is_full:
            paint_ring(painter, self)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if not self._is_full:
            self._owner.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        pressed_at = self._pressed_at
        if pressed_at is None or not has_moved_enough(pressed_at, event.position().toPoint()):
            return
        self._pressed_at = None
        path = self._owner.path
        if path is not None and path.is_file():
            image = self._owner.picture()
            small = None
            if image is not None:
                small = QPixmap.fromImage(
                    image.scaled(256, 144, Qt.AspectRatioMode.KeepAspectRatio)
                )
            drag_files(self, [path], small)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._pressed_at is not None:
            self._pressed_at = None
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Louder and quieter; a notch of a wheel is 120, a touchpad sends less."""
        assert event is not None
        self._turned += event.angleDelta().y()
        notches = int(self._turned / 120)
        self._turned -= notches * 120
        if notches:
            self._owner.change_volume(notches)
        event.accept()
