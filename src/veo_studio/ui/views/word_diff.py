"""What changes from one text to another: gone words struck through, new ones underlined on a ground of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QColor, QTextCharFormat, QTextCursor
from PyQt6.QtWidgets import QTextEdit, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_16

if TYPE_CHECKING:
    from veo_studio.core.word_diff import Piece

_MOST_SPOKEN = 300
_GROUND = 0.28


class WordDiffView(QTextEdit):
    """To be read and copied, not to be changed; `lines` is its least height."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._pieces: tuple[Piece, ...] = ()
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._fit()

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        shown = tuple(pieces)
        if shown != self._pieces:
            self._pieces = shown
            self._write()

    def spoken(self) -> str:
        """The change for those who do not see it."""
        gone = [piece.text.strip() for piece in self._pieces if piece.kind == "removed"]
        new = [piece.text.strip() for piece in self._pieces if piece.kind == "added"]
        parts = []
        if any(gone):
            parts.append(tr("Removed: {words}.", words="; ".join(filter(None, gone))))
        if any(new):
            parts.append(tr("Added: {words}.", words="; ".join(filter(None, new))))
        words = " ".join(parts) or tr("Nothing changes.")
        return words if len(words) <= _MOST_SPOKEN else words[: _MOST_SPOKEN - 1] + "\u2026"

    def _write(self) -> None:
        bar = self.verticalScrollBar()
        assert bar is not None
        was_at = bar.value()
        formats = {"same": _same(), "removed": _removed(), "added": _added()}
        self.clear()
        cursor = QTextCursor(self.document())
        for piece in self._pieces:
            # a line through or under the space behind a word says nothing
            words = piece.text.rstrip()
            cursor.insertText(words, formats[piece.kind])
            cursor.insertText(piece.text[len(words) :], formats["same"])
        bar.setValue(was_at)
        self.setAccessibleDescription(self.spoken())

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is None:
            return
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._pieces:
            self._write()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _fit(self) -> None:
        line_px, frame_px = self.fontMetrics().lineSpacing(), SPACE_16 + SPACE_4
        self.setMinimumHeight(line_px * self._lines + frame_px)


def ground() -> QColor:
    """What stands behind new words; text on it stays readable."""
    colors = theme.tokens()
    return theme.mixed(colors.raised, colors.accent, _GROUND)


def _same() -> QTextCharFormat:
    look = QTextCharFormat()
    look.setForeground(theme.tokens().color("text"))
    return look


def _removed() -> QTextCharFormat:
    look = QTextCharFormat()
    look.setForeground(theme.tokens().color("dim"))
    look.setFontStrikeOut(True)
    return look


def _added() -> QTextCharFormat:
    look = QTextCharFormat()
    look.setForeground(theme.tokens().color("text"))
    look.setBackground(ground())
    look.setFontUnderline(True)
    return look
