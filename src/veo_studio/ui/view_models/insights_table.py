"""A table of the insights as an item model, so that every number of a chart can be read as text."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from veo_studio.core.insight_tables import Table, Value
from veo_studio.ui.view_models.insights_series import Name
from veo_studio.ui.view_models.insights_words import cell_words, column_words

_WORDS = ("day", "provider", "model", "kind")


class InsightsTable(QAbstractTableModel):
    """Shows one `Table` at a time, with names and units instead of ids and plain numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = Table("", (), ())
        self._name_of: Name = lambda provider, model: model or provider

    def show_table(self, table: Table, name_of: Name) -> None:
        self.beginResetModel()
        self.table, self._name_of = table, name_of
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.table.columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.table.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(index.row(), column, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return column_words(self.table.columns[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.table.columns[section])
        return None

    def _words(self, row: int, column: str, number: int) -> str:
        value = self.table.rows[row][number]
        if column == "provider" and value:
            return self._name_of(str(value), "")
        if column == "model" and value:
            return self._name_of(str(self._provider(row)), str(value))
        return cell_words(column, value)

    def _provider(self, row: int) -> Value:
        return self.table.rows[row][self.table.columns.index("provider")]


def _alignment(column: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column in _WORDS else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
