"""The rows of the wallet: one line per entry, columns as wide as their usual words."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QModelIndex, QRect, Qt
from PyQt6.QtGui import QFocusEvent, QFontMetrics, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

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


class _Entry(QStyledItemDelegate):
    """A chosen row is raised and has an edge, as in the other lists, in place of a focus frame."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        assert option is not None
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        super().paint(painter, option, index)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if painter is not None and is_chosen and index.column() == 0:
            row = option.rect
            edge = QRect(row.left(), row.top(), 2, row.height())
            painter.fillRect(edge, theme.tokens().color("accent"))


class EntriesList(QTreeView):
    """The rows; Enter or a double click asks for the clip of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("walletEntries")
        self.setAccessibleName(tr("Entries of the wallet"))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(_Entry(self))
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

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        # who comes by keyboard sees where; a click chooses its own row
        is_click = event is not None and event.reason() is Qt.FocusReason.MouseFocusReason
        if not is_click and not self.selectedIndexes():
            index = self.currentIndex()
            self.setCurrentIndex(QModelIndex())
            self.setCurrentIndex(index if index.isValid() else self.model().index(0, 0))

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
