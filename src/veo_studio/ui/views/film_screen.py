"""The picture of the film: what plays now, with its title and subtitle as they will be seen."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.film_sequence import FilmSequence

# of the height of the picture
_TITLE_SHARE = 0.075
_SUBTITLE_SHARE = 0.05
_LEAST_LETTERS_PX = 11
_SMOOTH_PX = 1280
_MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_WRAP = Qt.TextFlag.TextWordWrap


class FilmScreen(QWidget):
    """Letterboxed; a click plays or pauses.

    Signals:
        clicked(): with the left button.
    """

    clicked = pyqtSignal()

    def __init__(self, sequence: FilmSequence | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sequence = sequence
        self.title = ""
        self.subtitle = ""
        self.problem = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(560, 315)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)

    def show_words(self, title: str, subtitle: str) -> None:
        """Over the picture and under it; "" for none."""
        if (title, subtitle) != (self.title, self.subtitle):
            self.title, self.subtitle = title, subtitle
            self.update()

    def show_problem(self, words: str) -> None:
        """In the place of the picture."""
        if words != self.problem:
            self.problem = words
            self.update()

    def picture_rect(self, image: QImage) -> QRect:
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRect(QPoint(0, 0), size)
        rect.moveCenter(self.rect().center())
        return rect

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = theme.tokens()
        painter.fillRect(self.rect(), colors.color("window"))
        pictures = [] if self.sequence is None else self.sequence.pictures()
        if self.problem:
            painter.setPen(colors.color("dim"))
            painter.drawText(self.rect(), int(_MIDDLE | _WRAP), self.problem)
        elif pictures:
            frame = self.picture_rect(pictures[0][0])
            painter.fillRect(frame, QColor(Qt.GlobalColor.black))
            # smooth scaling costs a few milliseconds: worth it for a still, not for each of many
            is_playing = self.sequence is not None and self.sequence.is_playing
            is_smooth = not is_playing or pictures[0][0].width() <= _SMOOTH_PX
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            for image, share in pictures:
                painter.setOpacity(share)
                painter.drawImage(self.picture_rect(image), image)
            painter.setOpacity(1.0)
            self._paint_words(painter, QRectF(frame))
        painter.end()

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        margin = frame.width() * 0.06
        inside = frame.adjusted(margin, margin / 2, -margin, -margin / 2)
        for words, share, place in (
            (self.title, _TITLE_SHARE, Qt.AlignmentFlag.AlignVCenter),
            (self.subtitle, _SUBTITLE_SHARE, Qt.AlignmentFlag.AlignBottom),
        ):
            if words:
                font = theme.heading_text_font()
                font.setPixelSize(max(_LEAST_LETTERS_PX, round(frame.height() * share)))
                painter.setFont(font)
                self._paint_text(painter, inside, words, place, QFontMetrics(font))

    def _paint_text(
        self,
        painter: QPainter,
        inside: QRectF,
        words: str,
        place: Qt.AlignmentFlag,
        metrics: QFontMetrics,
    ) -> None:
        """White with a dark edge: it has to be read over any picture."""
        flags = int(Qt.AlignmentFlag.AlignHCenter | place | _WRAP)
        edge = max(1.0, metrics.height() / 18)
        painter.setPen(QColor(0, 0, 0, 200))
        for x, y in ((-edge, 0), (edge, 0), (0, -edge), (0, edge)):
            painter.drawText(inside.translated(x, y), flags, words)
        painter.setPen(QColor(Qt.GlobalColor.white))
        painter.drawText(inside, flags, words)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.clicked.emit()
