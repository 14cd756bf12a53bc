"""The rows of the wallet: one line per entry, columns as wide as their usual words."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTreeView, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_24
from veo_studio.ui.view_models.wallet_entries import Column

# the widest that is usual in each column but the one that stretches
_SAMPLES = {
    Column.WHEN: "2026-11-21 12:00",
    Column.TOKENS: "+1,000,000",
    Column.MONEY: "\u2212$1,000.00",
    Column.BALANCE: "1,000,000",
}


class EntriesList(QTreeView):
    """The rows; Enter or a double click asks for the clip of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("walletEntries")
        self.setAccessibleName(tr("Entries of the wallet"))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._set_fonts()

    def fit(self) -> None:
        """Give every column the room of its usual words."""
        header = self.header()
        assert header is not None
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        metrics, head = QFontMetrics(self.font()), QFontMetrics(header.font())
        for column in Column:
            if column is Column.WHAT:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            else:
                title = self.model().headerData(column, Qt.Orientation.Horizontal)
                words_px = metrics.horizontalAdvance(_SAMPLES[column])
                width = max(words_px, head.horizontalAdvance(title)) + SPACE_24
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
                header.resizeSection(column, width)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self._set_fonts()
            self.fit()

    def _set_fonts(self) -> None:
        self.setFont(theme.tabular(QApplication.font()))
        header = self.header()
        assert header is not None
        header.setFont(theme.secondary_text_font())
