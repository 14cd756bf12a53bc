"""The field of a prompt: plain text that grows with the room, within bounds."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QMimeData, QSize, pyqtSignal
from PyQt6.QtGui import QTextCursor
from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from veo_studio.ui.given import given_in, recipe_in
from veo_studio.ui.theme import SPACE_4, SPACE_16


class PromptEdit(QPlainTextEdit):
    """Plain text in which Tab leaves the field, as in every form.

    It is at least `lines` high, and at most `most_lines` where the form has room.

    Signals:
        pictures_pasted(QMimeData): a picture was pasted or dropped, which is no text.
    """

    pictures_pasted = pyqtSignal(object)

    def __init__(self, lines: int, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._most_lines = most_lines
        self.setTabChangesFocus(True)
        self._fit()

    def replace_all(self, words: str) -> None:
        """Put `words` in the place of everything; undo brings the old ones back."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(words)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.End)

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        if recipe_in(source) is not None:
            # the window takes it: nobody means the address of a clip as a prompt
            return False
        is_picture = given_in(source, into_text=True) is not None
        return is_picture or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        if given_in(source, into_text=True) is not None:
            self.pictures_pasted.emit(source)
        else:
            super().insertFromMimeData(source)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def sizeHint(self) -> QSize:
        # Qt's own wish is 192 px whatever the font; the form lets the prompt grow to its most
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _fit(self) -> None:
        line_px, frame_px = self.fontMetrics().lineSpacing(), SPACE_16 + SPACE_4
        self.setMinimumHeight(line_px * self._lines + frame_px)
        self.setMaximumHeight(line_px * self._most_lines + frame_px)
