"""A place that somebody else fills."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget


class Place(QWidget):
    """Hidden while nothing was put into it. Signals: filled(): something was."""

    filled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    @property
    def is_filled(self) -> bool:
        return self._column.count() > 0

    def put(self, part: QWidget, stretch: int = 0) -> None:
        """Below what is there already."""
        self._column.addWidget(part, stretch)
        self.show()
        self.filled.emit()
