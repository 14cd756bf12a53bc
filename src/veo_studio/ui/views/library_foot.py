"""Under the clips of the library: how many there are, or what several selected ones are together."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QStackedLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import total_words
from veo_studio.ui.views.library_selection import LibrarySelectionBar


class LibraryFoot(QWidget):
    """One height for both, so that nothing moves when a second clip is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.total = QLabel(self)
        self.total.setTextFormat(Qt.TextFormat.PlainText)
        self.total.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, 0)
        theme.secondary_font(self.total)
        theme.dim_text(self.total)
        self.selection = LibrarySelectionBar(self)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.total)
        self._pages.addWidget(self.selection)

    def show_total(self, total: int, *, has_pictures: bool) -> None:
        self.total.setText(total_words(total, has_pictures=has_pictures) if total else "")

    def show_selected(self, count: int) -> None:
        self.selection.show_count(count)
        self._pages.setCurrentWidget(self.selection if count > 1 else self.total)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._set_height()

    def _set_height(self) -> None:
        self.setFixedHeight(self.selection.height_for(self.width()))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            theme.secondary_font(self.total)
            self._set_height()
