"""A picture as it will be sent, large; or the place where one is dropped."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.icons import icon, paint_icon
from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import SmallLabel

_ICON_PX = 28


class PicturePreview(QWidget):
    """Letterboxed, never stretched. Signals: activated(): double click."""

    activated = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 68)

    @property
    def shape(self) -> float | None:
        """Width by height of what is shown; None while there is nothing."""
        image = self._image
        return None if image is None or image.isNull() else image.width() / image.height()

    def show_picture(self, image: QImage | None, words: str = "") -> None:
        """None while it is being read; `words` stand in its place, or over it."""
        if image is None and words:
            # the one of before stays until the new one is there: nothing jumps
            image = self._image
        if image is not self._image or words != self._words:
            self._image, self._words = image, words
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        frame = QPainterPath()
        frame.addRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.fillPath(frame, colors.color("window"))
        image = self._image
        if image is not None and not image.isNull():
            painter.setClipPath(frame)
            keep = Qt.AspectRatioMode.KeepAspectRatio
            size = image.size().scaled(self.size(), keep)
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), image)
            painter.setClipping(False)
        painter.setPen(QPen(colors.color("line"), 1))
        painter.drawPath(frame)
        if self._words:
            self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        colors = theme.tokens()
        painter.setFont(theme.secondary_text_font())
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(self._words) + 2 * theme.SPACE_8
        height = metrics.height() + theme.SPACE_8
        box = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("pane"))
        painter.drawRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.setPen(colors.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._words)


class PictureDrop(QWidget):
    """The empty place. Signals: choose_requested(), library_requested()."""

    choose_requested = pyqtSignal()
    library_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_over = False
        self.words = QLabel(tr("Drop a photo here, paste it, or choose one"))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint = SmallLabel()
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.choose = QPushButton(tr("Choose…"))
        self.choose.setIcon(icon("folder", "text", 16))
        self.choose.setAccessibleName(tr("Choose a picture"))
        self.library = QPushButton(tr("From library…"))
        self.library.setAccessibleName(tr("Choose a picture from the library"))
        self.choose.clicked.connect(self.choose_requested)
        self.library.clicked.connect(self.library_requested)
        column = QVBoxLayout(self)
        sides = theme.SPACE_12
        column.setContentsMargins(sides, theme.SPACE_16 + _ICON_PX + theme.SPACE_8, sides, sides)
        column.setSpacing(theme.SPACE_8)
        column.addWidget(self.words)
        column.addWidget(self.hint)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_8)
        row.addStretch(1)
        row.addWidget(self.choose)
        row.addWidget(self.library)
        row.addStretch(1)
        column.addSpacing(theme.SPACE_4)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_over(self, is_over: bool) -> None:
        """A picture hangs over the form, ready to be let go."""
        if is_over != self._is_over:
            self._is_over = is_over
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colors.color("accent" if self._is_over else "line"), 1.5)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colors.color("window"))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        left = (self.width() - _ICON_PX) / 2
        place = QRectF(left, theme.SPACE_16, _ICON_PX, _ICON_PX)
        paint_icon(painter, "image", place, colors.color("accent" if self._is_over else "dim"))
        painter.end()
