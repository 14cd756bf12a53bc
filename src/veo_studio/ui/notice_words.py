"""The sentence of a notice: it wraps, and a word wider than the pane gives way in its middle."""

from __future__ import annotations

import re

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from veo_studio.ui.text import plain_tool_tip


class NoticeWords(QLabel):
    """`words` is all of it; where something was left out, the tool tip has the whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        # Never rich text: provider's words are shown as they came.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Else it asks for its text in one line, and the bar grows with its sentence.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_words(self, words: str) -> None:
        self.words = words
        self._fit()

    def _fit(self) -> None:
        shown = self.words
        if self.isVisible():
            shown = fitting(self.words, self.fontMetrics(), self.contentsRect().width())
        if shown != self.text():
            self.setText(shown)
        self.setToolTip("" if shown == self.words else plain_tool_tip(self.words))

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit()


def fitting(words: str, metrics: QFontMetrics, room_px: int) -> str:
    """`words`, of which none is wider than the room: the ends of a file's name say which one it is."""
    middle = Qt.TextElideMode.ElideMiddle
    return re.sub(r"\S+", lambda found: metrics.elidedText(found[0], middle, room_px), words)
