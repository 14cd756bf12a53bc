"""What views ask of the list of clips: rows by place or id, roles, days, pictures."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from PyQt6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QSize,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt6.QtGui import QPixmap

from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import drag_out
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.clip_pictures import ClipPictures, Spawn, ThumbnailMaker
from veo_studio.ui.view_models.history_takes import TakeGroups, TakePlace
from veo_studio.ui.view_models.history_words import spoken_words, tool_tip
from veo_studio.ui.view_models.library_days import DayCounts
from veo_studio.ui.view_models.library_reading import BlockReader
from veo_studio.ui.view_models.row_runs import runs_of
from veo_studio.ui.view_models.row_window import Change, Inserted, Moved, RowWindow

GenerationRole = Qt.ItemDataRole.UserRole + 1
ProgressRole = Qt.ItemDataRole.UserRole + 2
ThumbnailRole = Qt.ItemDataRole.UserRole + 3
ModelNameRole = Qt.ItemDataRole.UserRole + 4
TakeRole = Qt.ItemDataRole.UserRole + 5
# one picture of some frames side by side; None until it is made
StripRole = Qt.ItemDataRole.UserRole + 6
# the local day that a row belongs to, where the list is in the order of days
DayRole = Qt.ItemDataRole.UserRole + 7
# "" | "missing" | "damaged": why there is no picture
ProblemRole = Qt.ItemDataRole.UserRole + 8

_PROGRESS_DELAY_MS = 100
_AGE_INTERVAL_MS = 60_000
# so many are looked for one by one, more of them in one walk over all
_FEW = 100
_BY_TIME = frozenset({Sort.NEWEST, Sort.OLDEST})


class LibraryList(QAbstractListModel):
    """All rows of one query. A row that is not loaded has its id and its day, and nothing else.

    Views tell what they look at (`see`, `hold`, `look_away`, with a number of their own), and rows
    around that are loaded. Thumbnails are asked for when a view paints a row.

    Signals:
        total_changed(int): how many rows there are.
        days_changed(): the days or their rows, by something else than rows put in or taken out.
    """

    total_changed = pyqtSignal(int)
    days_changed = pyqtSignal()

    def __init__(
        self,
        by_ids: Callable[[Sequence[int]], Awaitable[list[Generation]]],
        thumbnails: ThumbnailMaker | None,
        spawn: Spawn,
        model_names: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._by_ids = by_ids
        self._window = RowWindow()
        self._query = LibraryQuery()
        self._days = DayCounts()
        # False while differences to a newer reading are told: its days are known already
        self._is_counting = True
        self._total = 0
        # False while the rows are the first ones of a list whose length nobody knows yet
        self._is_counted = True
        self._pictures = ClipPictures(thumbnails, spawn, self)
        self._pictures.made.connect(self._on_picture)
        self._reader = BlockReader(self._window, by_ids, spawn, self)
        self._reader.arrived.connect(self._on_arrived)
        self.takes = TakeGroups(self._window, self._is_newest_first, self)
        self._model_names = dict(model_names or {})
        self._plans: Mapping[int, datetime] = {}
        self._progress: dict[int, Progress] = {}
        self._dirty: set[int] = set()
        self._progress_timer = self._single_shot(_PROGRESS_DELAY_MS, self._flush_progress)
        self._age_timer = QTimer(self)
        self._age_timer.setInterval(_AGE_INTERVAL_MS)
        self._age_timer.timeout.connect(self._on_minute)
        self._age_timer.start()

    def _single_shot(self, delay_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay_ms)
        timer.timeout.connect(slot)
        return timer

    # What views ask

    @property
    def total(self) -> int:
        """How many rows match in the whole library."""
        return self._total

    def generation(self, index: QModelIndex) -> Generation | None:
        """None for a row that is not loaded, too."""
        return self._window.at(index.row()) if self._holds(index) else None

    def id_at(self, row: int) -> int:
        """IndexError where there is no such row."""
        return self._window.ids[row]

    def ids_between(self, first: int, last: int) -> array[int]:
        """The ids of these rows, both ends counting."""
        return self._window.ids[first : last + 1]

    def row_of(self, generation_id: int) -> int | None:
        return self._window.row_of(generation_id)

    def index_of(self, generation_id: int) -> QModelIndex:
        """The row of this id, loaded or not, or an invalid index."""
        row = self.row_of(generation_id)
        return self.index(row, 0) if row is not None else QModelIndex()

    @property
    def shown_query(self) -> LibraryQuery:
        """The one whose rows these are."""
        return self._query

    def loaded_of(self, ids: Iterable[int]) -> list[Generation]:
        """Those of these that are loaded, in this order."""
        return [row for one in ids if (row := self._window.get(one)) is not None]

    def rows_of_ids(self, ids: Collection[int]) -> list[int]:
        """Where these are, in order; what is not here is left out."""
        if len(ids) <= _FEW:
            return sorted(row for one in ids if (row := self.row_of(one)) is not None)
        wanted = set(ids)
        return [row for row, one in enumerate(self._window.ids) if one in wanted]

    def take_place(self, index: QModelIndex) -> TakePlace | None:
        """Where a row stands among the takes of its click; None where it stands alone."""
        return self.takes.place(index.row()) if self._holds(index) else None

    def days(self) -> list[tuple[date, int]]:
        """The days from top to bottom with their numbers of rows; empty in other orders than by time."""
        return self._days.items() if self._query.sort in _BY_TIME else []

    async def find(self, generation_id: int) -> Generation | None:
        """The generation of this id, loaded or not, matching or not; None where it was deleted."""
        found = await self.generations([generation_id])
        return found[0] if found else None

    async def generations(self, ids: Iterable[int]) -> list[Generation]:
        """These in this order, loaded or not; what was deleted is left out."""
        wanted = list(ids)
        known = {one: row for one in wanted if (row := self._window.get(one)) is not None}
        missing = [one for one in wanted if one not in known]
        if missing:
            known.update((row.id, row) for row in await self._by_ids(missing))
        return [known[one] for one in wanted if one in known]

    def see(self, viewer: int, first: int, last: int) -> None:
        """A view shows these rows now."""
        self._reader.see(viewer, (first, last))

    def hold(self, viewer: int, ids: Collection[int]) -> None:
        """A view has these rows selected: they stay loaded wherever it scrolls to, unless they are many."""
        self._reader.hold(viewer, ids)

    def look_away(self, viewer: int) -> None:
        """A view is hidden or gone."""
        self._reader.see(viewer, None)

    def pixmap_of(self, generation: Generation) -> QPixmap | None:
        """The picture, if it is at hand; asks for nothing."""
        return self._pictures.at_hand(generation)

    def set_picture_size(self, box: QSize) -> None:
        """How large views show thumbnails, in logical pixels."""
        self._pictures.set_size(box)

    def model_names_of(self, count: int) -> dict[str, str]:
        """How the models of the first `count` rows are called, by their id; by that where nobody knows."""
        rows = (self._window.at(row) for row in range(min(count, len(self._window))))
        return {one.model: self._model_names.get(one.model, one.model) for one in rows if one}

    def set_model_names(self, names: Mapping[str, str]) -> None:
        """How models are called for people, by their id."""
        self._model_names = dict(names)
        self._announce_all([ModelNameRole])

    def set_plans(self, plans: Mapping[int, datetime]) -> None:
        """When rows are published by themselves, by their id; that is told in words."""
        self._plans = plans
        self._announce_all([Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole])

    # Qt's side

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._window)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not self._holds(index):
            return None
        row = index.row()
        if role == DayRole:
            return self._days.day_of(row) if self._query.sort in _BY_TIME else None
        generation = self._window.at(row)
        if role == GenerationRole:
            return generation
        if generation is None:
            is_spoken = role == Qt.ItemDataRole.AccessibleTextRole
            return tr("A clip that is being read") if is_spoken else None
        if role == Qt.ItemDataRole.DisplayRole:
            return generation.prompt
        if role == ProgressRole:
            return self._progress.get(generation.id)
        if role == ThumbnailRole:
            return self._pictures.wanted(generation)
        if role == StripRole:
            return self._pictures.strip(generation)
        if role == ProblemRole:
            return self._pictures.problem(generation)
        if role == TakeRole:
            return self.takes.place(row)
        if role == ModelNameRole:
            return self._model_names.get(generation.model, generation.model)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(generation, self._progress.get(generation.id), *self._facts(generation))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_words(generation, *self._facts(generation))
        return None

    def _facts(self, one: Generation) -> tuple[str | None, datetime | None]:
        return self._model_names.get(one.model), self._plans.get(one.id)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid():
            flags |= Qt.ItemFlag.ItemNeverHasChildren
        if (generation := self.generation(index)) is not None and generation.has_file:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        found = (self.generation(index) for index in indexes)
        return drag_out.mime_of(drag_out.draggable([one for one in found if one is not None]))

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # Rows

    def _is_newest_first(self) -> bool:
        return self._query.sort is Sort.NEWEST

    def _is_by_time(self) -> bool:
        return self._query.sort in _BY_TIME

    def _holds(self, index: QModelIndex) -> bool:
        return index.isValid() and index.model() is self and index.row() < len(self._window)

    def _reset(
        self, query: LibraryQuery, ids: array[int], rows: Iterable[Generation], days: DayCounts
    ) -> None:
        self.beginResetModel()
        self._query = query
        self._window.reset(ids, rows)
        self._days = days
        self._reader.begin_anew()
        self.takes.refresh(self.takes.folded)
        self.endResetModel()
        self._tell_total()

    def _put_in(self, row: int, ids: array[int], rows: Sequence[Generation] = ()) -> None:
        """`rows` are those of `ids`, or none of them where they are not loaded."""
        self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
        self._window.insert(row, ids)
        self._window.put(rows)
        if self._is_counting:
            place = row
            for day, same in groupby(rows, key=local_day):
                count = len(list(same))
                self._days.insert(place, day, count)
                place += count
        self.endInsertRows()
        self._look_at_takes(row, row + len(ids) - 1)
        self._tell_total()

    def _take_out(self, first: int, last: int) -> None:
        groups = self.takes.groups_in(first, last)
        self.beginRemoveRows(QModelIndex(), first, last)
        self._window.remove(first, last)
        if self._is_counting:
            self._days.remove(first, last)
        self.endRemoveRows()
        self.takes.refresh(groups)
        self._look_at_takes(first - 1, first)
        self._tell_total()

    def _apply(self, change: Change) -> None:
        """One difference to a newer reading; its days are in place already."""
        self._is_counting = False
        try:
            if isinstance(change, Inserted):
                self._put_in(change.row, change.ids)
            elif isinstance(change, Moved):
                parent = QModelIndex()
                if self.beginMoveRows(parent, change.row, change.row, parent, change.before):
                    self._window.move(change.row, change.before)
                    self.endMoveRows()
            else:
                self._take_out(change.first, change.last)
        finally:
            self._is_counting = True

    def _tell_total(self) -> None:
        if self._is_counted and len(self._window) != self._total:
            self._total = len(self._window)
            self.total_changed.emit(self._total)

    def _look_at_takes(self, first: int, last: int) -> None:
        """The others of the same clicks count more or fewer, and may be folded away."""
        if not self._is_newest_first():
            return
        self.takes.refresh(self.takes.groups_in(first - 1, last + 1))
        for row in {first, last}:
            together = self.takes.rows_around(row)
            if together is not None:
                ends = self.index(together.start, 0), self.index(together[-1], 0)
                self.dataChanged.emit(*ends, [TakeRole])

    def _on_arrived(self, rows: list[Generation]) -> None:
        """Rows are loaded."""
        self._announce((one.id for one in rows), [])
        if self.takes.folded:
            self.takes.refresh({one.take_group for one in rows if one.take_group is not None})

    # What changes in a row

    def _note_progress(self, generation: Generation, progress: Progress | None) -> None:
        if progress is not None:
            self._progress[generation.id] = progress
        is_waiting = generation.state is GenerationState.PENDING
        if not generation.state.is_active or (is_waiting and progress is None):
            # one that went back into the line is not being sent any more
            self._progress.pop(generation.id, None)

    def _announce_progress(self, generation_id: int) -> None:
        self._dirty.add(generation_id)
        if not self._progress_timer.isActive():
            self._progress_timer.start()

    def _flush_progress(self) -> None:
        dirty, self._dirty = self._dirty, set()
        self._announce(dirty, [ProgressRole])

    def _announce(self, ids: Iterable[int], roles: list[int]) -> None:
        rows = (row for one in ids if (row := self._window.row_of(one)) is not None)
        for run in runs_of(rows):
            self.dataChanged.emit(self.index(run.start, 0), self.index(run[-1], 0), roles)

    def _forget(self, generation: Generation) -> None:
        self._progress.pop(generation.id, None)
        self._dirty.discard(generation.id)
        self._pictures.forget(generation)

    def _on_picture(self, generation_id: int) -> None:
        if self._window.get(generation_id) is not None:
            index = self.index_of(generation_id)
            self.dataChanged.emit(index, index, [ThumbnailRole, StripRole, ProblemRole])

    def _on_minute(self) -> None:
        self._announce_all([Qt.ItemDataRole.DisplayRole])  # the ages in the facts

    def _announce_all(self, roles: list[int]) -> None:
        if len(self._window):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._window) - 1, 0), roles)


def local_day(generation: Generation) -> date:
    """The day that it was asked for, where the user is."""
    return generation.created_at.astimezone().date()
