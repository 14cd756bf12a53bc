"""What text services are told before the user's words, to be read, changed and restored."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.prompt_edit import PromptEdit

_LINES = 7
_MOST_LINES = 20


class InstructionsBox(QWidget):
    """What is typed holds once the field was left.

    Signals:
        saved(str): other instructions.
        restored(): the usual ones again.
        refused(str): they are not taken, and this is why.
    """

    saved = pyqtSignal(str)
    restored = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = ""
        self._is_refused = False
        self.edit = PromptEdit(_LINES, _MOST_LINES)
        self.edit.setObjectName("enhancerInstructions")
        self.edit.setAccessibleName(tr("Instructions for text services"))
        self.note = SmallLabel(parent=self)
        self.restore = QPushButton(tr("Restore &default"))
        self.restore.setObjectName("restoreInstructions")
        self.restore.setAutoDefault(False)
        self.restore.setToolTip(tr("Back to the instructions that come with the program"))
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_8)
        foot.addWidget(self.note, 1)
        foot.addStretch(0)
        foot.addWidget(self.restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(field_label(tr("&Instructions for text services"), self.edit))
        column.addWidget(self.edit)
        column.addLayout(foot)
        self.restore.clicked.connect(self.restored)
        self.edit.textChanged.connect(self._on_typed)
        self.edit.installEventFilter(self)

    def show_words(self, words: str, *, is_own: bool) -> None:
        """What holds; what is being typed, or was refused, is left alone."""
        is_typed = words == self._held and self.edit.toPlainText() != words
        if is_typed and (self.edit.hasFocus() or self._is_refused):
            return
        self._held = words
        self._is_refused = False
        self._put(words)
        self.restore.setEnabled(is_own)
        self._say(
            tr("Your own. They come before every prompt; the built-in rules do not read them.")
            if is_own
            else tr("They come before every prompt; the built-in rules do not read them."),
            "dim",
        )

    def confirm(self) -> None:
        """Keep what was typed."""
        words = self.edit.toPlainText()
        if words != self._held and not self._is_refused:
            self.saved.emit(words)

    def revert(self) -> None:
        self._is_refused = False
        self._put(self._held)

    def refuse(self, sentence: str) -> None:
        """Say why they are not taken; they stay to be mended."""
        self._is_refused = True
        self._say(sentence, "bad")
        self.refused.emit(sentence)

    def _put(self, words: str) -> None:
        if self.edit.toPlainText() != words:
            self.edit.setPlainText(words)

    def _on_typed(self) -> None:
        self._is_refused = False
        if self.edit.toPlainText() != self._held:
            # a default that is about to be changed can be had back
            self.restore.setEnabled(True)

    def _say(self, words: str, token: str) -> None:
        self.note.set_token(token)
        self.note.show_words(words)
        self.edit.setAccessibleDescription(words)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.FocusOut:
            self.confirm()
        return False
