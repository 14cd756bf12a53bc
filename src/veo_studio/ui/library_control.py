"""What the Library tab asks for: marks, collections, saved searches, and what it remembers."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QDialog, QWidget

from veo_studio.core.library_query import Collection, LibraryQuery, SavedSearch
from veo_studio.core.models import Generation
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.drag_out import ClipMime
from veo_studio.ui.long_work import LongWork
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_filters import chips
from veo_studio.ui.view_models.library_marks import LibraryMarks
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.library_places import LibraryPlaces
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.library import LibraryView
    from veo_studio.ui.views.library_lines import Place

_KEY = "library"
_FACTS_MS = 120
# a way back stands until the next change, or so long
_UNDO_MS = 60_000
_TOLD_MS = 15_000
_SUGGESTED_CHARS = 40
Undo = Callable[[], Coroutine[Any, Any, None]]


class LibraryControl(QObject):
    """One per window; serves the marks of every list, and the Library tab when it is made."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        settings: Settings,
        *,
        model: LibraryModel,
        requests: ClipRequests,
        player: PlayerView,
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        from veo_studio.ui.picking import Picking
        from veo_studio.ui.with_selected import WithSelected

        self._window = window
        self._telling = telling
        self._settings = settings
        self._model = model
        self._requests = requests
        self._player = player
        self._on_changed = on_changed
        self.view: LibraryView | None = None
        self._is_open = False
        self._wanted: LibraryQuery | None = None
        self.marks = LibraryMarks(
            self, work_of=lambda words, total: LongWork(telling, "history", words, total)
        )
        self.places = LibraryPlaces(telling.scope.spawn, self)
        self.picking = Picking(window, telling, self.marks, self.places)
        self.with_selected = WithSelected(
            telling,
            requests,
            player,
            marks=self.marks,
            places=self.places,
            picking=self.picking,
            parent=self,
        )
        self._facts_timer = QTimer(self)
        self._facts_timer.setSingleShot(True)
        self._facts_timer.setInterval(_FACTS_MS)
        self._facts_timer.timeout.connect(self._on_facts)
        self.marks.changed.connect(self._offer_undo)
        self.marks.tags_changed.connect(self.places.read_soon)
        self.places.done.connect(self._offer_undo)
        self.places.members_changed.connect(self._on_members)
        requests.favourite_requested.connect(
            lambda chosen, on: self._run(self.marks.set_favourite(_ids(chosen), on))
        )
        requests.reject_requested.connect(
            lambda chosen, on: self._run(self.marks.set_rejected(_ids(chosen), on))
        )
        requests.rating_requested.connect(
            lambda chosen, stars: self._run(self.marks.set_rating(_ids(chosen), stars))
        )
        requests.tags_requested.connect(lambda chosen: self.picking.pick_tags(_ids(chosen)))
        requests.collection_requested.connect(
            lambda chosen: self.picking.pick_collections(_ids(chosen))
        )

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(work, "history")

    def open(self, studio: Studio) -> None:
        """The core is there."""
        from veo_studio.core.store.chosen import ChosenClips

        self.marks.open(studio.library, ChosenClips(studio.library.database), studio.events.emit)
        self.places.open(studio.library)
        self._is_open = True
        if self._wanted is not None:
            self._model.set_query(self._wanted)
            self._wanted = None

    # the tab

    def bind(self, view: LibraryView) -> None:
        """The tab was made."""
        self.view = view
        self._restore(view)
        self.with_selected.serve(view, view.grid)
        view.looked_at.connect(self._look)
        view.chosen_changed.connect(self._on_chosen)
        view.state_changed.connect(self._on_changed)
        bar, sidebar = view.bar, view.sidebar
        bar.save_clicked.connect(self._save_search)
        bar.days_asked.connect(lambda: self._run(self._ask_days()))
        bar.length_asked.connect(lambda: self._run(self._ask_length()))
        sidebar.ids_of = self._dragged_ids
        sidebar.new_collection_clicked.connect(self._new_collection)
        sidebar.new_search_clicked.connect(self._save_search)
        sidebar.rename_requested.connect(self._rename)
        sidebar.delete_requested.connect(self._delete_place)
        sidebar.update_requested.connect(self._update_search)
        sidebar.clips_dropped.connect(self._on_dropped)
        self.places.changed.connect(self._on_places)
        self.places.want()

    def _look(self, generation: Generation) -> None:
        """The player follows the selection; what plays goes on with the next clip."""
        shown = self._player.generation
        if generation.has_file and (shown is None or shown.id != generation.id):
            self._player.show_generation(generation, autoplay=self._player.is_playing)

    # what is selected together

    def _on_chosen(self) -> None:
        if self.view is not None and self.view.grid.chosen_count() > 1:
            self._facts_timer.start()

    def _on_facts(self) -> None:
        if self.view is not None and len(ids := self.view.chosen_ids()) > 1:
            self._run(self._show_facts(ids))

    async def _show_facts(self, ids: array[int]) -> None:
        facts = await self.marks.facts(ids)
        view = self.view
        if view is not None and view.chosen_ids() == ids:
            view.foot.selection.show_facts(facts)

    def on_event(self) -> None:
        """A clip is another one: counts and sums follow."""
        self.places.read_soon()
        self._on_chosen()

    # undo

    def _offer_undo(self, words: str, undo: Undo | None) -> None:
        bar = self._telling.notices_of("history")
        if undo is None:
            # what was done before can still be undone
            bar.dismiss("done")
            bar.show_notice(words, level="info", key="done", timeout_ms=_TOLD_MS)
            return
        bar.dismiss("marked")
        bar.show_notice(
            words,
            level="info",
            key="marked",
            action_text=tr("Undo"),
            on_action=lambda: self._run(undo()),
            timeout_ms=_UNDO_MS,
        )

    # collections

    def _on_places(self) -> None:
        """A collection that is gone is shown no longer."""
        shown = self._model.query.collection_id
        if shown is not None and self.places.collection(shown) is None:
            self._model.set_query(replace(self._model.query, collection_id=None))

    def _on_members(self, collection_id: int) -> None:
        if self._model.query.collection_id == collection_id:
            self._model.load()

    def _dragged_ids(self, event: QDropEvent) -> list[int]:
        """The clips of ours that are dragged: all that are selected, or those of another list."""
        mime = event.mimeData()
        if self.view is not None and event.source() is self.view.grid:
            return list(self.view.chosen_ids())
        return _ids(mime.generations) if isinstance(mime, ClipMime) else []

    def _on_dropped(self, collection: Collection | None, ids: list[int]) -> None:
        if self.view is not None:
            self.view.grid.note_all_taken()
        if collection is not None:
            self._run(self.places.add_to_collection(collection.id, ids))
        else:
            self._new_collection(ids)

    def _new_collection(self, ids: Sequence[int] = ()) -> None:
        async def create(name: str) -> None:
            made = await self.places.create_collection(name, ids)
            if not ids:
                self._model.set_query(LibraryQuery(collection_id=made.id))

        self._ask_name(tr("New collection"), "", tr("&Create"), create)

    def _rename(self, place: Place) -> None:
        if (collection := place.collection) is not None:
            self._ask_name(
                tr("Rename the collection"),
                collection.name,
                tr("&Rename"),
                lambda name: self.places.rename_collection(collection.id, name),
            )
        elif (search := place.search) is not None:
            self._ask_name(
                tr("Rename the search"),
                search.name,
                tr("&Rename"),
                lambda name: self.places.rename_search(search.id, name),
            )

    def _delete_place(self, place: Place) -> None:
        if place.collection is not None:
            self._run(self.places.delete_collection(place.collection.id))
        elif place.search is not None:
            self._run(self.places.delete_search(place.search.id))

    def _ask_name(
        self,
        title: str,
        name: str,
        accept: str,
        do_it: Callable[[str], Coroutine[Any, Any, object]],
    ) -> None:
        self._run(self._named(title, name, accept, do_it))

    async def _named(
        self,
        title: str,
        name: str,
        accept: str,
        do_it: Callable[[str], Coroutine[Any, Any, object]],
    ) -> None:
        # imported late: the window is up before anybody gives a name
        from veo_studio.ui.views.name_dialog import NameDialog

        dialog = NameDialog(title, name, accept, do_it, self._run, self._window)
        await run_dialog(dialog)
        dialog.deleteLater()

    # saved searches

    def _save_search(self) -> None:
        query = self._model.query
        if query.is_plain:
            bar = self._telling.notices_of("history")
            words = tr("Search or filter first, then save what is found.")
            bar.show_notice(words, key="nothing to save")
            return
        self._ask_name(
            tr("Save this search"),
            self._suggested(query),
            tr("&Save"),
            lambda name: self.places.save_search(name, query),
        )

    def _suggested(self, query: LibraryQuery) -> str:
        from datetime import date

        provider_name = self._requests.provider_name_of
        parts = [one.words for one in chips(query, str, provider_name, date.today())]
        words = ", ".join(filter(None, (query.text, *parts)))
        return words if len(words) <= _SUGGESTED_CHARS else words[:_SUGGESTED_CHARS].rstrip(" ,")

    def _update_search(self, search: SavedSearch) -> None:
        self._run(self.places.update_search(search.id, self._model.query))

    # ranges

    async def _ask_days(self) -> None:
        from veo_studio.ui.views.name_dialog import DaysDialog

        query = self._model.query
        dialog = DaysDialog(query.since, query.until, self._window)
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            since, until = dialog.days()
            self._model.set_query(replace(self._model.query, since=since, until=until))
        dialog.deleteLater()

    async def _ask_length(self) -> None:
        from veo_studio.ui.views.name_dialog import LengthDialog

        query = self._model.query
        dialog = LengthDialog(query.least_s, query.most_s, self._window)
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            least, most = dialog.lengths()
            self._model.set_query(replace(self._model.query, least_s=least, most_s=most))
        dialog.deleteLater()

    # between two starts

    def collect(self) -> None:
        """Put how the library is looked at into the settings."""
        if (view := self.view) is None:
            return
        self._settings.window_state[_KEY] = json.dumps(
            {
                "query": (self._wanted or self._model.query).to_json(),
                "grid": view.grid.is_grid,
                "days": view.has_days,
                "cell": view.cell_px,
                **view.room.save(),
            }
        )

    def _restore(self, view: LibraryView) -> None:
        """What cannot be read is left as it is."""
        try:
            stored = json.loads(self._settings.window_state.get(_KEY, "{}"))
        except ValueError:
            return
        if not isinstance(stored, dict):
            return
        with suppress(ValueError):
            query = LibraryQuery.from_json(stored.get("query"))
            if self._is_open:
                self._model.set_query(query)
            else:
                # nothing can be read yet
                self._wanted = query
        view.set_grid(stored.get("grid", True) is not False)
        view.set_days(stored.get("days", True) is not False)
        cell = stored.get("cell")
        if isinstance(cell, int) and not isinstance(cell, bool):
            view.set_cell(cell)
        view.room.restore(stored)


def _ids(chosen: Sequence[Generation]) -> list[int]:
    return [one.id for one in chosen]
