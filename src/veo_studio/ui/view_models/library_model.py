"""The history as a list: newest first, read page by page, kept current by events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from PyQt6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt6.QtGui import QPixmap

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import drag_out
from veo_studio.ui.view_models.clip_pictures import ClipPictures, Spawn, ThumbnailMaker
from veo_studio.ui.view_models.history_takes import TakeGroups, TakePlace, group_rows
from veo_studio.ui.view_models.history_words import spoken_words, tool_tip

GenerationRole = Qt.ItemDataRole.UserRole + 1
ProgressRole = Qt.ItemDataRole.UserRole + 2
ThumbnailRole = Qt.ItemDataRole.UserRole + 3
ModelNameRole = Qt.ItemDataRole.UserRole + 4
TakeRole = Qt.ItemDataRole.UserRole + 5

# The first page fills a tall window and no more: it is what the first paint waits for.
_FIRST_PAGE = 40
_PAGE = 200
_SEARCH_DELAY_MS = 120
_PROGRESS_DELAY_MS = 100
_AGE_INTERVAL_MS = 60_000


class GenerationPages(Protocol):
    """What the history needs of the repository."""

    async def page(
        self, *, search: str = "", before_id: int | None = None, limit: int = 100
    ) -> list[Generation]: ...

    async def count(self, search: str = "") -> int: ...


class LibraryModel(QAbstractListModel):
    """All generations that match the search, newest first.

    Only loaded pages are in memory. Thumbnails are asked for when a view paints a row.

    Signals:
        loading_changed(bool): a page is being read, or no longer.
        total_changed(int): how many rows the search has in the whole library.
        search_changed(str): the rows of this search are in place.
    """

    loading_changed = pyqtSignal(bool)
    total_changed = pyqtSignal(int)
    search_changed = pyqtSignal(str)

    def __init__(
        self,
        generations: GenerationPages,
        thumbnails: ThumbnailMaker | None,
        spawn: Spawn,
        *,
        model_names: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope; `load` starts reading."""
        super().__init__(parent)
        self._generations = generations
        self._pictures = ClipPictures(thumbnails, spawn, self)
        self._pictures.made.connect(self._on_picture)
        self.takes = TakeGroups(lambda: self._rows, self)
        self._spawn = spawn
        self._model_names = dict(model_names or {})
        self._rows: list[Generation] = []
        # Row of an id = its number here - _first; rows put in front get smaller numbers.
        self._numbers: dict[int, int] = {}
        self._first = 0
        self._progress: dict[int, Progress] = {}
        self._search = ""
        self._wanted_search = ""
        self._epoch = 0
        self._total = 0
        self._has_more = False
        self._is_loading = False
        self._is_loaded = False
        self._dirty: set[int] = set()
        self._search_timer = self._single_shot(_SEARCH_DELAY_MS, self._on_search_rests)
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
    def search(self) -> str:
        return self._wanted_search

    @property
    def total(self) -> int:
        """How many there are in the whole library, loaded or not."""
        return self._total

    @property
    def is_loading(self) -> bool:
        return self._is_loading

    @property
    def is_loaded(self) -> bool:
        """True once the first page was read, so that "empty" can be believed."""
        return self._is_loaded

    def generation(self, index: QModelIndex) -> Generation | None:
        return self._rows[index.row()] if self._holds(index) else None

    def take_place(self, index: QModelIndex) -> TakePlace | None:
        """Where a row stands among the takes of its click; None where it stands alone."""
        return self.takes.place(index.row()) if self._holds(index) else None

    def index_of(self, generation_id: int) -> QModelIndex:
        """The loaded row of this id, or an invalid index."""
        row = self._row_of(generation_id)
        return self.index(row, 0) if row is not None else QModelIndex()

    async def find(self, generation_id: int) -> Generation | None:
        """The generation of this id, loaded or not; None where it was deleted."""
        row = self._row_of(generation_id)
        if row is not None:
            return self._rows[row]
        page = await self._generations.page(before_id=generation_id + 1, limit=1)
        return page[0] if page and page[0].id == generation_id else None

    def pixmap_of(self, generation: Generation) -> QPixmap | None:
        """The picture, if it is at hand; asks for nothing."""
        return self._pictures.at_hand(generation)

    def load(self) -> None:
        """Read the first page (again); what is shown stays until the new rows are there."""
        self._epoch += 1
        self._set_loading(True)
        self._spawn(self._load_first(self._epoch, self._wanted_search), name="history: first page")

    def set_search(self, text: str) -> None:
        """Show only what matches `text`, once the typing rests."""
        text = " ".join(text.split())
        if text != self._wanted_search:
            self._wanted_search = text
            self._search_timer.start()

    def set_model_names(self, names: Mapping[str, str]) -> None:
        """How models are called for people, by their id."""
        self._model_names = dict(names)
        self._announce_all([ModelNameRole])

    # Qt's side

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not self._holds(index):
            return None
        generation = self._rows[index.row()]
        if role == GenerationRole:
            return generation
        if role == Qt.ItemDataRole.DisplayRole:
            return generation.prompt
        if role == ProgressRole:
            return self._progress.get(generation.id)
        if role == ThumbnailRole:
            return self._pictures.wanted(generation)
        if role == TakeRole:
            return self.takes.place(index.row())
        if role == ModelNameRole:
            return self._model_names.get(generation.model, generation.model)
        if role == Qt.ItemDataRole.ToolTipRole:
            progress = self._progress.get(generation.id)
            return tool_tip(generation, progress, self._model_names.get(generation.model))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_words(generation, self._model_names.get(generation.model))
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid():
            flags |= Qt.ItemFlag.ItemNeverHasChildren
        generation = self.generation(index)
        if generation is not None and generation.has_file:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def canFetchMore(self, parent: QModelIndex) -> bool:
        return not parent.isValid() and self._has_more and not self._is_loading

    def fetchMore(self, parent: QModelIndex) -> None:
        if not self.canFetchMore(parent):
            return
        self._set_loading(True)
        self._spawn(
            self._load_more(self._epoch, self._search, self._rows[-1].id if self._rows else None),
            name="history: next page",
        )

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        found = (self.generation(index) for index in indexes)
        return drag_out.mime_of(drag_out.draggable([one for one in found if one is not None]))

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # Reading

    async def _load_first(self, epoch: int, search: str) -> None:
        try:
            page = await self._generations.page(search=search, before_id=None, limit=_FIRST_PAGE)
            if epoch == self._epoch:
                self._show_first(page, search)
                # Counting a hundred thousand matches must not delay the rows.
                total = await self._generations.count(search)
                if epoch == self._epoch:
                    self._set_total(total)
        finally:
            if epoch == self._epoch:
                self._set_loading(False)

    def _show_first(self, page: list[Generation], search: str) -> None:
        # What was added while the page was being read is newer than the page.
        newest = page[0].id if page else 0
        is_same_search = search == self._search
        added = [row for row in self._rows if row.id > newest] if is_same_search else []
        rows = added + page
        has_more = len(page) == _FIRST_PAGE
        if is_same_search and [row.id for row in rows] == [row.id for row in self._rows]:
            self._rows = rows  # the same rows with newer facts: nothing jumps
            self._announce_all([])
        else:
            self.beginResetModel()
            self._search = search
            self._rows = rows
            self._renumber()
            self.endResetModel()
        self._has_more = has_more
        self._is_loaded = True
        self.search_changed.emit(search)

    async def _load_more(self, epoch: int, search: str, before_id: int | None) -> None:
        try:
            page = await self._generations.page(search=search, before_id=before_id, limit=_PAGE)
            if epoch != self._epoch:
                return
            self._has_more = len(page) == _PAGE
            last_id = self._rows[-1].id if self._rows else None
            fresh = [row for row in page if last_id is None or row.id < last_id]
            if fresh:
                start = len(self._rows)
                self.beginInsertRows(QModelIndex(), start, start + len(fresh) - 1)
                for number, row in enumerate(fresh, self._first + start):
                    self._numbers[row.id] = number
                self._rows.extend(fresh)
                self.endInsertRows()
        except BaseException:
            # A view asks again at every paint: without this a broken disk would be asked for ever.
            self._has_more = False
            raise
        finally:
            if epoch == self._epoch:
                self._set_loading(False)

    def _on_search_rests(self) -> None:
        if self._wanted_search != self._search or not self._is_loaded:
            self.load()

    def _set_loading(self, is_loading: bool) -> None:
        if is_loading != self._is_loading:
            self._is_loading = is_loading
            self.loading_changed.emit(is_loading)

    def _set_total(self, total: int) -> None:
        if total != self._total:
            self._total = total
            self.total_changed.emit(total)

    # Events

    def on_event(self, event: GenerationEvent) -> None:
        """Take in what happened to one generation."""
        generation = event.generation
        row = self._row_of(generation.id)
        if event.kind is EventKind.REMOVED:
            self._forget(generation)
            if row is not None:
                self._remove(row)
            return
        if event.progress is not None:
            self._progress[generation.id] = event.progress
        is_waiting = generation.state is GenerationState.PENDING
        if not generation.state.is_active or (is_waiting and event.progress is None):
            # one that went back into the line is not being sent any more
            self._progress.pop(generation.id, None)
        if event.kind is EventKind.PROGRESS:
            if row is not None:
                self._rows[row] = generation
                self._dirty.add(generation.id)
                if not self._progress_timer.isActive():
                    self._progress_timer.start()
            return
        if event.kind is EventKind.UPDATED:
            self._pictures.try_again(generation)
        if row is not None:
            self._rows[row] = generation
            self._dirty.discard(generation.id)
            index = self.index(row, 0)
            self.dataChanged.emit(index, index)
        elif event.kind is EventKind.ADDED or self._belongs_in_loaded(generation):
            self._insert(generation)

    def _belongs_in_loaded(self, generation: Generation) -> bool:
        return bool(self._rows) and generation.id > self._rows[-1].id

    def _matches(self, generation: Generation) -> bool:
        """Roughly what the search of the store finds; the next reading puts it right."""
        prompt = generation.prompt.casefold()
        return all(word in prompt for word in self._search.casefold().split())

    def _insert(self, generation: Generation) -> None:
        if not self._matches(generation):
            return
        row = 0
        while row < len(self._rows) and self._rows[row].id > generation.id:
            row += 1
        if row == len(self._rows) and self._has_more:
            self._set_total(self._total + 1)
            return  # older than what is loaded: it comes with its page
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, generation)
        if row == 0:
            self._first -= 1
            self._numbers[generation.id] = self._first
        else:
            self._renumber()
        self.endInsertRows()
        self._announce_takes(row)
        self._set_total(self._total + 1)

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rows[row]
        self._renumber()
        self.endRemoveRows()
        for near in (row - 1, row):
            self._announce_takes(near)
        self._set_total(max(0, self._total - 1))

    def _forget(self, generation: Generation) -> None:
        self._progress.pop(generation.id, None)
        self._dirty.discard(generation.id)
        self._pictures.forget(generation)

    def _flush_progress(self) -> None:
        rows = sorted(row for one in self._dirty if (row := self._row_of(one)) is not None)
        self._dirty.clear()
        for row in rows:
            index = self.index(row, 0)
            self.dataChanged.emit(index, index, [ProgressRole])

    def _on_picture(self, generation_id: int) -> None:
        index = self.index_of(generation_id)
        if index.isValid():
            self.dataChanged.emit(index, index, [ThumbnailRole])

    def _on_minute(self) -> None:
        self._announce_all([Qt.ItemDataRole.DisplayRole])  # the ages in the facts

    def _announce_takes(self, row: int) -> None:
        """The others of the same click count one more or less."""
        together = group_rows(self._rows, row) if 0 <= row < len(self._rows) else None
        if together is not None:
            first, last = self.index(together.start, 0), self.index(together[-1], 0)
            self.dataChanged.emit(first, last, [TakeRole])

    def _announce_all(self, roles: list[int]) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0), roles)

    # Rows

    def _holds(self, index: QModelIndex) -> bool:
        return index.isValid() and index.model() is self and 0 <= index.row() < len(self._rows)

    def _row_of(self, generation_id: int) -> int | None:
        number = self._numbers.get(generation_id)
        return None if number is None else number - self._first

    def _renumber(self) -> None:
        self._first = 0
        self._numbers = {row.id: number for number, row in enumerate(self._rows)}
