"""What takes space, as tables: one look at a time, in threads, and what was done about it since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Protocol

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from veo_studio.core.errors import StorageError
from veo_studio.core.free_space import Space, Stray
from veo_studio.core.store.free_space import KnownFile
from veo_studio.ui.text import size_words, tr

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# so many single removals take longer than a new list
_MANY = 200


class Column(IntEnum):
    CLIP = 0
    SIZE = 1
    FOLDER = 2


class Looks(Protocol):
    """What is asked of the core."""

    async def look(self, tell: Callable[[int, int], None]) -> Space: ...
    async def still_strays(self, wanted: Sequence[Stray]) -> list[Stray]: ...
    async def clear_caches(self) -> int: ...
    async def remove_inputs(self, wanted: Sequence[Path]) -> int: ...


@dataclass(frozen=True)
class SpaceRow:
    """`stray` is there for a file without a row, else `generation_id`."""

    path: Path
    size_bytes: int
    words: str
    generation_id: int | None = None
    stray: Stray | None = None

    @classmethod
    def of(cls, one: KnownFile | Stray) -> SpaceRow:
        if isinstance(one, Stray):
            return cls(one.path, one.size_bytes, one.path.name, stray=one)
        words = " ".join(one.prompt.split()) or one.path.name
        return cls(one.path, one.size_bytes, words, generation_id=one.generation_id)


class SpaceTable(QAbstractTableModel):
    """Rows of one list, as they were found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SpaceRow] = []

    @property
    def size_bytes(self) -> int:
        return sum(row.size_bytes for row in self.rows)

    def put(self, rows: Sequence[SpaceRow]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def drop(self, is_gone: Callable[[SpaceRow], bool]) -> None:
        """Leave out what is not so any more; where it is little, what stays keeps its selection."""
        gone = [number for number, row in enumerate(self.rows) if is_gone(row)]
        if len(gone) > _MANY:
            self.put([row for row in self.rows if not is_gone(row)])
            return
        for number in reversed(gone):
            self.beginRemoveRows(QModelIndex(), number, number)
            del self.rows[number]
            self.endRemoveRows()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == Column.SIZE else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Clip"), tr("Size"), tr("File"))[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == Column.SIZE:
                return size_words(row.size_bytes)
            if column == Column.CLIP:
                return row.words
            # the name of one without a row stands in the first column
            return str(row.path if row.stray is None else row.path.parent)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column == Column.SIZE else _LEFT
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.CLIP:
            return f"{row.words}, {size_words(row.size_bytes)}"
        return None


class SpaceModel(QObject):
    """One per page of free space.

    Signals:
        changed(): what was found, or what is being done, is another thing.
        counted(done, count): how many rows were looked at; comes from a thread.
    """

    changed = pyqtSignal()
    counted = pyqtSignal(int, int)

    def __init__(
        self,
        looks: Looks,
        spawn: Callable[..., asyncio.Task[Any] | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._looks = looks
        self._spawn = spawn
        self.space: Space | None = None
        self.is_looking = False
        self.done, self.count = 0, 0
        self.problem = ""
        self.gone = SpaceTable(self)
        self.strays = SpaceTable(self)
        self.largest = SpaceTable(self)
        self._task: asyncio.Task[Any] | None = None
        self._removed: set[int] = set()
        self._moved: dict[int, Path | None] = {}
        self._drop_soon = QTimer(self)
        self._drop_soon.setSingleShot(True)
        self._drop_soon.setInterval(0)
        self._drop_soon.timeout.connect(self._drop)
        self.counted.connect(self._on_counted)

    def look(self) -> None:
        """Anew; what was found before stays in sight meanwhile."""
        if not self.is_looking:
            self.is_looking = True
            self.done = self.count = 0
            self.problem = ""
            self.changed.emit()
            self._task = self._spawn(self._look(), name="free space: look")

    def stop(self) -> None:
        """Nothing is told after this: the page may be gone."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self.is_looking = False
            self.changed.emit()

    async def _look(self) -> None:
        try:
            space = await self._looks.look(self.counted.emit)
            self.space = space
            self.gone.put([SpaceRow.of(one) for one in space.gone])
            self.strays.put([SpaceRow.of(one) for one in space.strays])
            self.largest.put([SpaceRow.of(one) for one in space.largest])
        except StorageError as error:
            self.problem = error.message
        finally:
            if self._task is asyncio.current_task():
                self.is_looking = False
                self._task = None
                self.changed.emit()

    def _on_counted(self, done: int, count: int) -> None:
        self.done, self.count = done, count
        if self.is_looking:
            self.changed.emit()

    def on_removed(self, generation_id: int) -> None:
        """Deleted or forgotten; thousands of them are one change."""
        self._removed.add(generation_id)
        self._drop_soon.start()

    def on_moved(self, generation_id: int, path: Path | None) -> None:
        """Its row may name another file by now."""
        self._moved[generation_id] = path
        self._drop_soon.start()

    def _drop(self) -> None:
        removed, self._removed = self._removed, set()
        moved, self._moved = self._moved, {}
        self.largest.drop(lambda row: row.generation_id in removed)
        # a file that was found again has its row by now
        found = set(moved.values())
        self.strays.drop(lambda row: row.path in found)
        self.gone.drop(
            lambda row: (
                row.generation_id in removed
                or (row.generation_id in moved and moved[row.generation_id] != row.path)
            )
        )
        self.changed.emit()

    def drop_paths(self, paths: Sequence[Path]) -> None:
        gone = set(paths)
        self.strays.drop(lambda row: row.path in gone)
        self.changed.emit()

    async def still_strays(self, rows: Sequence[SpaceRow]) -> list[SpaceRow]:
        """Of these, what still has no row: asked for directly before a file is touched."""
        wanted = [row.stray for row in rows if row.stray is not None]
        left = set(await self._looks.still_strays(wanted))
        return [row for row in rows if row.stray in left]

    async def clear_caches(self) -> int:
        return await self._looks.clear_caches()

    async def remove_inputs(self) -> int:
        assert self.space is not None, "offered once they were found"
        return await self._looks.remove_inputs(self.space.taken("inputs").removable)
