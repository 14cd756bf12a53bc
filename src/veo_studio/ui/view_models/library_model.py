"""The library as a list: every row of a search has its place, those around what is looked at are loaded."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Protocol

from PyQt6.QtCore import QModelIndex, QObject, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.library_query import DayCount, LibraryQuery
from veo_studio.core.models import Generation
from veo_studio.ui.view_models.clip_pictures import Spawn, ThumbnailMaker
from veo_studio.ui.view_models.library_days import DayCounts
from veo_studio.ui.view_models.library_list import (
    DayRole,
    GenerationRole,
    LibraryList,
    ModelNameRole,
    ProblemRole,
    ProgressRole,
    StripRole,
    TakeRole,
    ThumbnailRole,
    local_day,
)
from veo_studio.ui.view_models.row_window import changes, place_after

__all__ = [
    "DayRole",
    "GenerationRole",
    "LibraryModel",
    "LibraryRows",
    "ModelNameRole",
    "ProblemRole",
    "ProgressRole",
    "StripRole",
    "TakeRole",
    "ThumbnailRole",
]

# The first rows fill a tall window and no more: they are what the first paint waits for.
FIRST_ROWS = 40
_SEARCH_DELAY_MS = 120
# what happens at once is told at once: a batch of a thousand is one insertion
_NEWS_DELAY_MS = 30
_REREAD_DELAY_MS = 250


class LibraryRows(Protocol):
    """What the list needs of the store."""

    async def first(self, query: LibraryQuery, limit: int) -> list[Generation]: ...
    async def listed(self, query: LibraryQuery) -> tuple[array[int], list[DayCount]]: ...
    async def by_ids(self, ids: Sequence[int]) -> list[Generation]: ...
    async def matching(self, query: LibraryQuery, ids: Sequence[int]) -> set[int]: ...


class LibraryModel(LibraryList):
    """Reads the rows of a query and keeps them right while things happen.

    Signals:
        loading_changed(bool): the list is being read, or no longer.
        search_changed(str): the first rows of the wanted query are in place; its text.
        query_changed(LibraryQuery): another one is wanted.
    """

    loading_changed = pyqtSignal(bool)
    search_changed = pyqtSignal(str)
    query_changed = pyqtSignal(object)

    def __init__(
        self,
        library: LibraryRows,
        thumbnails: ThumbnailMaker | None,
        spawn: Spawn,
        *,
        model_names: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope; `load` starts reading."""
        super().__init__(library.by_ids, thumbnails, spawn, model_names, parent)
        self._library = library
        self._spawn = spawn
        self._wanted = self._query
        self._is_plain = True
        # grows with every reading of the list: an answer to an older one is dropped
        self._epoch = 0
        self._is_loading = False
        self._is_loaded = False
        # what was told since the list began to be read; None: removed
        self._heard: dict[int, Generation | None] | None = None
        # what was read before they were deleted does not bring them back
        self._removed: set[int] = set()
        self._news: dict[int, Generation] = {}
        self._moved: set[int] = set()
        self._search_timer = self._single_shot(_SEARCH_DELAY_MS, self._on_search_rests)
        self._news_timer = self._single_shot(_NEWS_DELAY_MS, self.take_in)
        self._reread_timer = self._single_shot(_REREAD_DELAY_MS, self._on_order_rests)

    def another(self, query: LibraryQuery) -> LibraryModel:
        """Another list over the same library, which the caller owns; `load` starts reading."""
        found = LibraryModel(
            self._library,
            self._pictures.maker,
            self._spawn,
            model_names=self._model_names,
        )
        found._wanted = query
        return found

    # What is shown

    @property
    def query(self) -> LibraryQuery:
        """The wanted one; `search_changed` tells when its rows are there."""
        return self._wanted

    @property
    def search(self) -> str:
        return self._wanted.text

    @property
    def is_loading(self) -> bool:
        return self._is_loading

    @property
    def is_loaded(self) -> bool:
        """True once the first rows were read, so that "empty" can be believed."""
        return self._is_loaded

    def set_query(self, query: LibraryQuery) -> None:
        """Show what matches `query`, now."""
        if query != self._wanted:
            self._want(query)
            self.load()

    def set_search(self, text: str) -> None:
        """The same filters with another text, once the typing rests."""
        text = " ".join(text.split())
        if text != self._wanted.text:
            self._want(replace(self._wanted, text=text))
            self._search_timer.start()

    def _want(self, query: LibraryQuery) -> None:
        self._search_timer.stop()
        self._wanted = query
        self.query_changed.emit(query)

    def index_of(self, generation_id: int) -> QModelIndex:
        if generation_id in self._news:
            self.take_in()  # whoever asks for it wants to show it
        return super().index_of(generation_id)

    # Reading

    def load(self) -> None:
        """Read the list (again); what is shown stays until the new rows are there."""
        self._epoch += 1
        self._heard = {}
        self._reader.begin_anew()
        self._set_loading(True)
        self._spawn(self._load(self._epoch, self._wanted), name="library: list")

    def show_early(self, rows: list[Generation]) -> None:
        """Show the newest rows of a library that is not open yet; `load` keeps those that it finds there.

        Without an effect where something else is wanted, or was read already.
        """
        if rows and not self._epoch and self._wanted == LibraryQuery():
            self._is_counted = False
            self._show_first(self._wanted, rows)

    def stop(self, *_: object) -> None:
        """For a list that goes away before the library does: answers on their way are dropped."""
        self._epoch += 1
        self._is_loaded = False
        for timer in (self._search_timer, self._news_timer, self._reread_timer):
            timer.stop()
        self._reader.stop()
        self._pictures.stop()

    async def _load(self, epoch: int, query: LibraryQuery) -> None:
        try:
            if query != self._query or not self._is_loaded:
                rows = await self._library.first(query, FIRST_ROWS)
                if epoch != self._epoch:
                    return
                self._show_first(query, rows)
            else:
                # the same rows with newer facts: nothing jumps
                shown = [one.id for one in self._window.loaded()]
                rows = await self._library.by_ids(shown)
                if epoch != self._epoch:
                    return
                self._window.put(one for one in rows if self._window.get(one.id) is not None)
                self._announce_all([])
            ids, days = await self._library.listed(query)
            if epoch == self._epoch:
                self._take_list(ids, days)
                self.search_changed.emit(query.text)
        finally:
            if epoch == self._epoch:
                self._heard = None
                self._set_loading(False)

    def _show_first(self, query: LibraryQuery, rows: list[Generation]) -> None:
        removed = {one for one, heard in (self._heard or {}).items() if heard is None}
        rows = [one for one in rows if one.id not in removed]
        counts = DayCounts((day, len(list(same))) for day, same in groupby(rows, key=local_day))
        self._is_loaded = True
        self._is_plain = query.is_plain
        self._reset(query, array("q", [one.id for one in rows]), rows, counts)
        self.search_changed.emit(query.text)

    def _take_list(
        self, ids: array[int], days: list[DayCount], touched: frozenset[int] = frozenset()
    ) -> None:
        """The whole order as the store had it; what was heard since then holds on top of it."""
        heard = self._heard or {}
        counts = DayCounts((one.day, one.count) for one in days)
        for one, generation in heard.items():
            self._add_heard(ids, counts, one, generation)
        plan = changes(self._window.ids, ids, touched)
        if plan is None:
            kept = [one for one in self._window.loaded()]
            known = set(ids)
            self._reset(self._query, ids, [one for one in kept if one.id in known], counts)
        else:
            self._days = counts
            for change in plan:
                self._apply(change)
            self.days_changed.emit()
        self._is_counted = True
        self._tell_total()
        self._reader.read()
        for generation in heard.values():
            if generation is not None:
                self._hear(generation)

    def _add_heard(
        self, ids: array[int], counts: DayCounts, one: int, generation: Generation | None
    ) -> None:
        """The store was read while this happened: what is shown of it already stays."""
        row = self._window.row_of(one)
        if generation is not None and row is not None:
            if one not in ids:
                place = place_after(ids, self._window.ids[row - 1] if row else None)
                ids.insert(place or 0, one)
                counts.insert(place or 0, local_day(generation))
        elif generation is None and one in ids:
            place = ids.index(one)
            del ids[place]
            counts.remove(place, place)

    def _on_search_rests(self) -> None:
        if self._wanted != self._query or not self._is_loaded:
            self.load()

    def _set_loading(self, is_loading: bool) -> None:
        if is_loading != self._is_loading:
            self._is_loading = is_loading
            self.loading_changed.emit(is_loading)

    # Events

    def on_event(self, event: GenerationEvent) -> None:
        """Take in what happened to one generation."""
        generation = event.generation
        is_held = self._window.get(generation.id) is not None
        if event.kind is EventKind.REMOVED:
            self._on_removed(generation)
            return
        if event.kind is EventKind.ADDED:
            self._removed.discard(generation.id)
        elif generation.id in self._removed and not is_held:
            return
        self._note_progress(generation, event.progress)
        if event.kind is EventKind.PROGRESS:
            if is_held:
                self._window.put((generation,))
                self._announce_progress(generation.id)
            return
        if event.kind is EventKind.UPDATED:
            self._pictures.try_again(generation)
        if is_held:
            self._window.put((generation,))
            self._dirty.discard(generation.id)
            index = self.index_of(generation.id)
            self.dataChanged.emit(index, index)
        if self._heard is not None:
            self._heard[generation.id] = generation
        if self._is_loaded:
            self._hear(generation)

    def _on_removed(self, generation: Generation) -> None:
        self._forget(generation)
        self._removed.add(generation.id)
        self._news.pop(generation.id, None)
        if self._heard is not None:
            self._heard[generation.id] = None
        row = self.row_of(generation.id)
        if row is not None:
            self._take_out(row, row)

    def _hear(self, generation: Generation) -> None:
        """Its place may be another one: looked at together with what else happens now."""
        is_held = self._window.get(generation.id) is not None
        if is_held and self._is_plain and self._is_by_time():
            return  # nothing moves it
        self._news[generation.id] = generation
        if not self._news_timer.isActive():
            self._news_timer.start()

    def take_in(self) -> None:
        """Give what was heard its place now."""
        self._news_timer.stop()
        news, self._news = list(self._news.values()), {}
        if not news or not self._is_loaded:
            return
        if not self._is_by_time():
            self._moved.update(one.id for one in news)
            self._reread_timer.start()
        elif self._is_plain:
            self._give_places(news)
        else:
            self._spawn(self._ask(self._epoch, news), name="library: what matches")

    async def _ask(self, epoch: int, news: list[Generation]) -> None:
        """Whether these belong into the list: only the store can tell."""
        matched = await self._library.matching(self._query, [one.id for one in news])
        if epoch != self._epoch:
            return
        gone = self.rows_of_ids([one.id for one in news if one.id not in matched])
        for row in reversed(gone):
            self._take_out(row, row)
        matched -= self._removed
        self._give_places([one for one in news if one.id in matched])

    def _give_places(self, generations: list[Generation]) -> None:
        """In as few insertions as there are gaps that they go into, the lowest first."""
        is_newest_first = self._is_newest_first()
        absent = self._window.absent([one.id for one in generations])
        if not absent:
            return
        fresh = [one for one in generations if one.id in absent]
        fresh.sort(key=lambda one: (one.created_at, one.id), reverse=is_newest_first)
        found: dict[int, list[Generation]] = {}
        places = self._window.places_for(fresh, is_newest_first=is_newest_first)
        for one, place in zip(fresh, places, strict=True):
            if place is None:
                self._reread_timer.start()  # among rows that are not loaded: the store knows
            else:
                found.setdefault(place, []).append(one)
        for place in sorted(found, reverse=True):
            rows = found[place]
            self._put_in(place, array("q", [one.id for one in rows]), rows)

    def _on_order_rests(self) -> None:
        """Another order than by time: the store sorts again, and only the difference is told."""
        if self._heard is not None:
            self._reread_timer.start()  # one reading at a time: the next one when it is over
            return
        touched, self._moved = frozenset(self._moved), set()
        self._heard = {}
        self._spawn(self._reread(self._epoch, touched), name="library: order")

    async def _reread(self, epoch: int, touched: frozenset[int]) -> None:
        try:
            ids, days = await self._library.listed(self._query)
            if epoch == self._epoch:
                self._take_list(ids, days, touched)
        finally:
            if epoch == self._epoch:
                self._heard = None
