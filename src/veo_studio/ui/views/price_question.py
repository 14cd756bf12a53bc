"""What every question about a price looks like: what would be made, its words, and two buttons."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, SPACE_16, SPACE_24, accent_button, heading_font
from veo_studio.ui.views.labels import SmallLabel

_WIDTH_PX = 420


class PriceQuestion(QDialog):
    """Opened with `run_dialog`; accepted is yes. `deed` is what the button does, "Make 3 clips"."""

    def __init__(
        self, title: str, deed: str, words: str, notes: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        heading = QLabel(tr("{deed}?", deed=deed))
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        heading_font(heading)
        self.words = QLabel(words)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.notes = SmallLabel()
        self.notes.show_words(notes)
        box = QDialogButtonBox()
        self.yes = box.addButton(deed, QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert self.yes is not None and no is not None  # noqa: PT018
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        layout.setSpacing(SPACE_12)
        for part in (heading, self.words, self.notes):
            layout.addWidget(part)
        layout.addWidget(box)
        self.setMinimumWidth(_WIDTH_PX)
        self.yes.setFocus()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        layout = self.layout()
        if layout is not None:
            # a window does not ask by itself what its words need, once it has a width of its own
            self.setMinimumWidth(max(_WIDTH_PX, layout.totalMinimumSize().width()))
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))
