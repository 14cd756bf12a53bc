"""The row under everything while something is written: what, how far, how long, and Cancel."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.labels import SmallLabel

_STEPS = 1000


class WorkBar(QWidget):
    """Hidden while there is no work.

    Signals:
        cancel_requested(): nothing more is to be made.
    """

    cancel_requested = pyqtSignal()

    def __init__(self, name: str, how_far: str, cancel: str, parent: QWidget | None = None) -> None:
        """`name` and `how_far` are for screen readers, `cancel` stands on the button."""
        super().__init__(parent)
        self._cancel_words = cancel
        self.setAccessibleName(name)
        self.words = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(120)
        self.bar.setAccessibleName(how_far)
        self.facts = SmallLabel()
        self.facts.setWordWrap(False)
        self.cancel = QPushButton(cancel)
        self.cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_12, SPACE_4, SPACE_12, SPACE_4)
        row.setSpacing(SPACE_12)
        middle = Qt.AlignmentFlag.AlignVCenter
        row.addWidget(self.words, 2, middle)
        row.addWidget(self.bar, 2, middle)
        row.addWidget(self.facts, 0, middle)
        row.addSpacing(SPACE_8)
        row.addWidget(self.cancel, 0, middle)
        self.hide()

    def begin_with(self, words: str, facts: str = "") -> None:
        """From the start again."""
        self.cancel.setEnabled(True)
        self.cancel.setText(self._cancel_words)
        self.bar.setValue(0)
        self.words.set_text(words)
        self.facts.show_words(facts)
        self.show()

    def show_fraction(self, words: str, fraction: float, facts: str) -> None:
        """`fraction` is 0.0-1.0."""
        self.words.set_text(words)
        self.bar.setValue(round(fraction * _STEPS))
        self.facts.show_words(facts)

    def _on_cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText(tr("Cancelling\u2026"))
        self.cancel_requested.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = theme.tokens()
        painter.fillRect(self.rect(), colors.color("pane"))
        painter.fillRect(0, 0, self.width(), 1, colors.color("line"))
        painter.end()
