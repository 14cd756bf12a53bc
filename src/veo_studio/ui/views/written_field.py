"""A field of plain text whose undo is that of the storyboard."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.views.prompt_edit import PromptEdit

# what only the page can do, though a field of text would take the keys
_OF_PAGE = ("scenes.undo", "scenes.redo")


class WrittenField(PromptEdit):
    """Signals:
    written(str): the user wrote; the whole of it.
    command_requested(str): undo or redo, by its id.
    left(): the focus went elsewhere.
    """

    written = pyqtSignal(str)
    command_requested = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self, lines: int, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(lines, most_lines, parent)
        # what it would undo by itself is a step of the storyboard already
        self.setUndoRedoEnabled(False)
        self._is_showing = False
        self.textChanged.connect(self._on_text)

    def show_text(self, words: str, *, is_other: bool = False) -> None:
        """Put `words` in where they are others; the cursor stays as near as it can.

        What belongs to something else than before (`is_other`) is shown from its start.
        """
        before = self.toPlainText()
        if words == before and not is_other:
            return
        self._is_showing = True
        try:
            self.setPlainText(words)
        finally:
            self._is_showing = False
        cursor = self.textCursor()
        cursor.setPosition(0 if is_other else _place_after(before, words))
        self.setTextCursor(cursor)

    def _on_text(self) -> None:
        if not self._is_showing:
            self.written.emit(self.toPlainText())

    def replace_all(self, words: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(words)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        for command in _OF_PAGE:
            if shortcuts.matches(event, command):
                self.command_requested.emit(command)
                return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.left.emit()


def _place_after(before: str, after: str) -> int:
    """Where a change of `before` into `after` ends, in the units of a text cursor."""
    most = min(len(before), len(after))
    tail = next((n for n in range(most) if before[-1 - n] != after[-1 - n]), most)
    return len(after[: len(after) - tail].encode("utf-16-le")) // 2
