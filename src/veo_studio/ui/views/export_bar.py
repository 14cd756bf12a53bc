"""The row under everything while files are exported: which one, how far, how long, and Cancel."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from veo_studio.core.exporting.exporter import ExportProgress
from veo_studio.ui import theme
from veo_studio.ui.text import estimate_words, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.labels import SmallLabel

_STEPS = 1000


class ExportBar(QWidget):
    """Hidden while nothing is exported.

    Signals:
        cancel_requested(): nothing more is to be made.
    """

    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exportBar")
        self.setAccessibleName(tr("Export"))
        self.words = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(120)
        self.bar.setAccessibleName(tr("How far the export is"))
        self.facts = SmallLabel()
        self.facts.setWordWrap(False)
        self.cancel = QPushButton(tr("Cancel export"))
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

    def begin(self, waiting: int) -> None:
        """One more export; `waiting` come after it."""
        self.cancel.setEnabled(True)
        self.cancel.setText(tr("Cancel export"))
        self.bar.setValue(0)
        self.words.set_text(tr("Exporting\u2026"))
        self.facts.show_words(tr("{n} more waiting", n=waiting) if waiting else "")
        self.show()

    def show_progress(self, progress: ExportProgress, name: str) -> None:
        if progress.count == 1:
            self.words.set_text(tr("Exporting {name}", name=name))
        else:
            self.words.set_text(
                tr(
                    "Exporting {number} of {count}: {name}",
                    number=progress.index + 1,
                    count=progress.count,
                    name=name,
                )
            )
        self.bar.setValue(round(progress.whole_fraction * _STEPS))
        parts = [f"{round(progress.fraction * 100)} %"]
        if progress.speed is not None:
            parts.append(tr("{speed}\u00d7", speed=f"{progress.speed:.1f}"))
        if progress.remaining_s is not None:
            parts.append(estimate_words(progress.remaining_s))
        self.facts.show_words(" \u00b7 ".join(parts))

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
