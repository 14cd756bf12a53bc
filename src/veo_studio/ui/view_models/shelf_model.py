"""The clips on the shelf, in the order in which they were put there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QPixmap

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui import drag_out
from veo_studio.ui.text import extent_words, size_words, tr
from veo_studio.ui.view_models.clip_pictures import ClipPictures, ThumbnailMaker
from veo_studio.ui.view_models.history_words import spoken_words, tool_tip

GenerationRole = Qt.ItemDataRole.UserRole + 1
ThumbnailRole = Qt.ItemDataRole.UserRole + 2
FactsRole = Qt.ItemDataRole.UserRole + 3
ProblemRole = Qt.ItemDataRole.UserRole + 4

# as many as one drag takes
MOST = drag_out.MOST_FILES


class ShelfModel(QAbstractListModel):
    """Finished clips only, each of them once.

    Signals:
        changed(): other clips are on it.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        thumbnails: ThumbnailMaker | None,
        spawn: Callable[..., object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows: list[Generation] = []
        # deleted ones and their places: an undo brings them back
        self._gone: dict[int, int] = {}
        self.pictures = ClipPictures(thumbnails, spawn, self)
        self.pictures.made.connect(self._on_made)

    # Qt's interface

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.generation(index)
        if one is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return one.prompt
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_words(one, None)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(one, None, None)
        if role == GenerationRole:
            return one
        if role == ThumbnailRole:
            return self.pictures.wanted(one)
        if role == ProblemRole:
            return self.pictures.problem(one)
        if role == FactsRole:
            return self._facts(one)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        found = [self.generation(index) for index in indexes]
        return drag_out.mime_of(drag_out.draggable([one for one in found if one is not None]))

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # what is on it

    @property
    def generations(self) -> list[Generation]:
        return list(self._rows)

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self._rows]

    def generation(self, index: QModelIndex) -> Generation | None:
        is_row = index.isValid() and index.row() < len(self._rows)
        return self._rows[index.row()] if is_row else None

    def pixmap_of(self, generation: Generation) -> QPixmap | None:
        return self.pictures.at_hand(generation)

    def add(self, generations: Sequence[Generation]) -> int:
        """Put finished clips behind the others; how many are on it now that were not."""
        known = set(self.ids)
        new = {one.id: one for one in generations if one.has_file and one.id not in known}
        fresh = list(new.values())[: max(0, MOST - len(self._rows))]
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()
            self.changed.emit()
        return len(fresh)

    def remove(self, ids: Collection[int]) -> None:
        for row in reversed(range(len(self._rows))):
            if self._rows[row].id in ids:
                self._take_out(row)
        self.changed.emit()

    def clear(self) -> None:
        if self._rows:
            self.beginResetModel()
            self._rows.clear()
            self.endResetModel()
            self.changed.emit()

    def on_event(self, event: GenerationEvent) -> None:
        """What is deleted leaves the shelf, and comes back with an undo."""
        one = event.generation
        row = next((row for row, other in enumerate(self._rows) if other.id == one.id), None)
        if event.kind is EventKind.ADDED and one.id in self._gone:
            place = min(self._gone.pop(one.id), len(self._rows))
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, one)
            self.endInsertRows()
            self.changed.emit()
        elif row is None:
            return
        elif event.kind is EventKind.REMOVED:
            self._gone[one.id] = row
            self.pictures.forget(one)
            self._take_out(row)
            self.changed.emit()
        elif self._rows[row] != one:
            if self._rows[row].video_path != one.video_path:
                self.pictures.forget(one)
            self._rows[row] = one
            self.dataChanged.emit(self.index(row), self.index(row))

    def _take_out(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rows[row]
        self.endRemoveRows()

    def _facts(self, one: Generation) -> str:
        match self.pictures.problem(one):
            case "missing":
                return tr("Its file is missing")
            case "damaged":
                return tr("Its file is damaged")
        size = [size_words(one.size_bytes)] if one.size_bytes else []
        return " \u00b7 ".join([extent_words(one), *size])

    def _on_made(self, generation_id: int) -> None:
        for row, one in enumerate(self._rows):
            if one.id == generation_id:
                self.dataChanged.emit(self.index(row), self.index(row))
