"""A line under the player's controls: what is not as it should be, and what can be done about it."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from veo_studio.ui import theme
from veo_studio.ui.views.elided_label import ElidedLabel


class PlayerNote(QWidget):
    """Hidden while there is nothing to say.

    Signals:
        action_requested(): its button was used.
    """

    action_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(token="warn")
        self.button = QPushButton(self)
        self.button.setProperty("link", True)
        self.button.clicked.connect(self.action_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_8, theme.SPACE_4)
        row.setSpacing(theme.SPACE_8)
        row.addWidget(self.label, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._apply_fonts()
        self.hide()

    def show_words(self, words: str, action_text: str | None = None) -> None:
        """ "" for nothing to say."""
        self.label.set_text(words)
        self.setAccessibleName(words)
        self.button.setText(action_text or "")
        self.button.setVisible(action_text is not None)
        self.setVisible(bool(words))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "button"):
            self._apply_fonts()

    def _apply_fonts(self) -> None:
        theme.secondary_font(self.label)
