"""What a drop would do, over the whole window while something is dragged onto it."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import theme

_SHADE = 0.9
_LINE_PX = 2
_ROUND_PX = 6


class DropHint(QWidget):
    """Lies over its parent and lets everything through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = ""
        theme.heading_font(self)
        self.hide()

    def show_words(self, words: str) -> None:
        parent = self.parentWidget()
        assert parent is not None
        self.words = words
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = self.palette().color(QPalette.ColorRole.Window)
        shade.setAlphaF(_SHADE)
        painter.fillRect(self.rect(), shade)
        inside = QRectF(self.rect()).adjusted(
            theme.SPACE_4, theme.SPACE_4, -theme.SPACE_4, -theme.SPACE_4
        )
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, _LINE_PX))
        painter.drawRoundedRect(inside, _ROUND_PX, _ROUND_PX)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, self.words)
