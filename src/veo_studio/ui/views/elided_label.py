"""One line of text that gives way."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip


class ElidedLabel(QWidget):
    """One line of text that ends in an ellipsis, with the whole in its tooltip."""

    def __init__(self, parent: QWidget | None = None, *, token: str = "text") -> None:
        super().__init__(parent)
        self.text = ""
        self._token = token
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.setToolTip(plain_tool_tip(text) if text else "")
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self.text), metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, QFontMetrics(self.font()).height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(theme.tokens().color(self._token))
        shown = painter.fontMetrics().elidedText(
            self.text, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                         shown)  # fmt: skip
        painter.end()
