"""What the two lists of the queue pane share: rows of generations, found by id, with words and a button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from veo_studio.core.models import ATTENTION_STATES, Generation, Progress
from veo_studio.ui.text import charge_meaning, plain_tool_tip


class QueueRole(IntEnum):
    """What the delegate asks for."""

    GENERATION = Qt.ItemDataRole.UserRole + 1
    PROGRESS = Qt.ItemDataRole.UserRole + 2
    WORDS = Qt.ItemDataRole.UserRole + 3
    DETAIL = Qt.ItemDataRole.UserRole + 4
    BUTTON = Qt.ItemDataRole.UserRole + 5
    NEEDS_ATTENTION = Qt.ItemDataRole.UserRole + 6


MOVING_ROLES = [int(role) for role in QueueRole] + [
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.AccessibleTextRole),
    int(Qt.ItemDataRole.ToolTipRole),
]


@dataclass
class Row:
    generation: Generation
    progress: Progress | None = None
    # what is being done to it at the user's wish; "" while it goes its own way
    busy: str = ""


class GenerationRows(QAbstractListModel):
    """A list of generations; what is said about each is up to the class that inherits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._numbers: dict[int, int] = {}

    def words(self, row: Row) -> str:
        raise NotImplementedError

    def detail(self, row: Row) -> str:
        raise NotImplementedError

    def button(self, row: Row) -> str:
        raise NotImplementedError

    # Qt's interface

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.generation.prompt
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join([*self._parts(row), *_charge(row)])
            case Qt.ItemDataRole.ToolTipRole:
                # a prompt is only ever text, whatever it looks like
                return plain_tool_tip("\n".join([*self._parts(row), *_charge(row)]))
            case QueueRole.GENERATION:
                return row.generation
            case QueueRole.PROGRESS:
                return row.progress
            case QueueRole.WORDS:
                return self.words(row)
            case QueueRole.DETAIL:
                return self.detail(row)
            case QueueRole.BUTTON:
                return self.button(row)
            case QueueRole.NEEDS_ATTENTION:
                return row.generation.state in ATTENTION_STATES
        return None

    def _parts(self, row: Row) -> list[str]:
        parts = (row.generation.prompt, self.words(row), self.detail(row))
        return [part for part in parts if part]

    # rows

    @property
    def generations(self) -> list[Generation]:
        return [row.generation for row in self._rows]

    def generation_at(self, index: QModelIndex) -> Generation | None:
        return self._rows[index.row()].generation if index.isValid() else None

    def index_of(self, generation_id: int) -> QModelIndex:
        number = self._numbers.get(generation_id)
        return QModelIndex() if number is None else self.index(number)

    def set_busy(self, generation_id: int, words: str) -> None:
        """Say at once what is being done to it; "" when that has ended."""
        number = self._numbers.get(generation_id)
        if number is not None and self._rows[number].busy != words:
            self._rows[number].busy = words
            self._announce(number, number)

    def _set_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._number()
        self.endResetModel()

    def _number(self, first: int = 0) -> None:
        for number in range(first, len(self._rows)):
            self._numbers[self._rows[number].generation.id] = number

    def _insert(self, number: int, row: Row) -> None:
        self.beginInsertRows(QModelIndex(), number, number)
        self._rows.insert(number, row)
        self._number(number)
        self.endInsertRows()

    def _remove(self, number: int) -> Row:
        self.beginRemoveRows(QModelIndex(), number, number)
        row = self._rows.pop(number)
        del self._numbers[row.generation.id]
        self._number(number)
        self.endRemoveRows()
        return row

    def _announce(self, first: int, last: int) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first), self.index(last), MOVING_ROLES)


def _charge(row: Row) -> list[str]:
    """What the badge of a row means; a row without one says nothing."""
    generation = row.generation
    is_badged = generation.state in ATTENTION_STATES
    return [charge_meaning(generation.charge)] if is_badged else []
