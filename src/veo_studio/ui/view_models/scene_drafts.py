"""Proposed scenes as a table in which they are corrected before they become scenes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal

from veo_studio.core.plain import plain
from veo_studio.core.storyboard.limits import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.storyboard.drafts import SceneDraft

NUMBER, PICTURE, MOTION, SECONDS, SUBTITLE, NOTES = range(6)
_FIELDS = {
    PICTURE: "image_prompt",
    MOTION: "visual_prompt",
    SECONDS: "duration_s",
    SUBTITLE: "subtitle",
    NOTES: "notes",
}


class SceneDrafts(QAbstractTableModel):
    """Columns: number, picture, motion, seconds, subtitle, notes.

    Signals:
        edited(): a cell, or which rows there are.
    """

    edited = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SceneDraft] = []

    @property
    def rows(self) -> Sequence[SceneDraft]:
        return self._rows

    @property
    def duration_s(self) -> int:
        return sum(row.duration_s for row in self._rows)

    def show_rows(self, rows: Sequence[SceneDraft]) -> None:
        """Other rows in the place of all."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()
        self.edited.emit()

    def remove(self, places: Collection[int]) -> None:
        """Leave these rows out."""
        for place in sorted(set(places), reverse=True):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._rows[place]
            self.endRemoveRows()
        if places:
            self._renumber()

    def move(self, place: int, by: int) -> bool:
        """One row up (-1) or down (1); False at the ends."""
        to = place + by
        if not (0 <= place < len(self._rows) and 0 <= to < len(self._rows)):
            return False
        before = to + 1 if by > 0 else to
        self.beginMoveRows(QModelIndex(), place, place, QModelIndex(), before)
        self._rows.insert(to, self._rows.pop(place))
        self.endMoveRows()
        self._renumber()
        return True

    def _renumber(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, NUMBER), self.index(len(self._rows) - 1, NUMBER))
        self.edited.emit()

    # what a view asks

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else NOTES + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            NUMBER: tr("Scene"),
            PICTURE: tr("Picture"),
            MOTION: tr("Motion"),
            SECONDS: tr("Seconds"),
            SUBTITLE: tr("Subtitle"),
            NOTES: tr("Notes"),
        }.get(section)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in _FIELDS else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if column == NUMBER:
            value: object = f"{index.row() + 1:,}"
        else:
            value = getattr(row, _FIELDS[column])
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return tr("{n} s", n=value) if column == SECONDS else str(value)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headerData(column, Qt.Orientation.Horizontal)}: {value}"
        return None

    def setData(
        self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """A length outside of what a clip can have is brought to the nearest one."""
        field = _FIELDS.get(index.column())
        if role != Qt.ItemDataRole.EditRole or field is None or not index.isValid():
            return False
        if field == "duration_s":
            words = str(value).strip()
            if not (words.isascii() and words.isdigit()):
                return False
            value = max(MIN_DURATION_S, min(MAX_DURATION_S, int(words)))
        else:
            value = plain(str(value)).strip()
        before = self._rows[index.row()]
        if getattr(before, field) == value:
            return False
        self._rows[index.row()] = replace(before, **{field: value})  # type: ignore[arg-type]
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True
