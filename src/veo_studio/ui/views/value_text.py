"""A value to be read, selected and copied: plain text that is never cut, whatever it is."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent, QTextOption
from PyQt6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from veo_studio.ui.theme import SPACE_4

# of long text; the rest is scrolled
_MOST_LINES = 10


class ValueText(QPlainTextEdit):
    """As high as its words need, a long one up to ten lines; it breaks where there is no space, too."""

    def __init__(self, *, is_long: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_long = is_long
        self.setProperty("value", True)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if not is_long:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            # short ones are copied with their button: they would be forty stops on the way
            self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        document = self.document()
        assert document is not None
        document.setDocumentMargin(0)
        self._fit()

    def show_value(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
            self._fit()

    def lines(self) -> int:
        """How many lines the words take at this width."""
        document = self.document()
        assert document is not None
        return max(1, round(document.size().height()))

    def _fit(self) -> None:
        shown = min(self.lines(), _MOST_LINES) if self._is_long else self.lines()
        height = shown * self.fontMetrics().lineSpacing() + SPACE_4
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(SPACE_4, self.minimumHeight())
