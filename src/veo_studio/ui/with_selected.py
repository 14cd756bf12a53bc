"""What keys, menus and buttons do with all that is selected in a list of clips, loaded or not."""

from __future__ import annotations

from array import array
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from veo_studio.core.models import Generation
from veo_studio.ui.long_work import LongWork
from veo_studio.ui.picking import Picking
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_marks import LibraryMarks
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.library_places import LibraryPlaces
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.history_menu import DELETABLE
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.ui.views.clip_view import ClipView
    from veo_studio.ui.views.drafts import DraftsView
    from veo_studio.ui.views.feed import FeedView
    from veo_studio.ui.views.history import HistoryView
    from veo_studio.ui.views.library import LibraryView

# so many clips are read before what is done with them can be stopped
_CHUNK = 1000


class WithSelected(QObject):
    """One per window: marks take ids, everything else is given the clips once they are read."""

    def __init__(
        self,
        telling: Telling,
        requests: ClipRequests,
        player: PlayerView,
        *,
        marks: LibraryMarks,
        places: LibraryPlaces,
        picking: Picking,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._telling = telling
        self._requests = requests
        self._player = player
        self._marks = marks
        self._places = places
        self._picking = picking

    def serve(
        self, view: HistoryView | LibraryView | DraftsView | FeedView, clips: ClipView
    ) -> None:
        """Do what is asked for in this list."""
        view.used.connect(lambda command: self._use(view, command))
        view.rated.connect(
            lambda stars: self._run(self._marks.set_rating(view.chosen_ids(), stars))
        )
        clips.part_dragged.connect(self._tell_part)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(work, "history")

    def _use(self, view: HistoryView | LibraryView | DraftsView | FeedView, command: str) -> None:
        ids = view.chosen_ids()
        if not ids:
            return
        if command == "play":
            self._play(view.current())
        elif command == "favourite":
            self._run(self._marks.turn_favourite(ids))
        elif command == "reject":
            self._run(self._marks.turn_rejected(ids))
        elif command == "tags":
            self._picking.pick_tags(ids)
        elif command == "collection":
            self._picking.pick_collections(ids)
        elif command == "take_out":
            if (shown := view.model.query.collection_id) is not None:
                self._run(self._places.remove_from_collection(shown, ids))
        else:
            self._run(self._use_rows(command, view.model, ids))

    def _play(self, current: Generation | None) -> None:
        """Space and Enter; once more stops what they began."""
        player = self._player
        if current is None or not current.has_file:
            return
        shown = player.generation
        if shown is not None and shown.id == current.id and player.is_playing:
            player.pause()
        else:
            self._requests.play_requested.emit(current)

    async def _use_rows(self, command: str, model: LibraryModel, ids: array[int]) -> None:
        """What needs the clips themselves: also those that are not loaded."""
        requests = self._requests
        if command == "compare" and len(ids) > _CHUNK:
            requests.compare_requested.emit([])  # which says how many can be
            return
        chosen = await self._read(model, ids)
        files = [one for one in chosen if one.has_file]
        if command == "delete":
            if doomed := [one for one in chosen if one.state in DELETABLE]:
                requests.delete_requested.emit(doomed)
        elif command == "compare":
            requests.compare_requested.emit(chosen)
        elif files and command == "copy":
            requests.copy_path_requested.emit(files)
        elif files and command == "export":
            requests.export_files_requested.emit(chosen)
        elif files and command == "shelf":
            requests.shelf_requested.emit(files)

    async def _read(self, model: LibraryModel, ids: array[int]) -> list[Generation]:
        """These, told where they are many; none where the user stopped it."""
        found: list[Generation] = []
        work = LongWork(self._telling, "history", "Reading the clips: {n} of {total}.", len(ids))
        try:
            for start in range(0, len(ids), _CHUNK):
                if len(ids) > _CHUNK and not work.step(start):
                    return []
                found += await model.generations(ids[start : start + _CHUNK])
        finally:
            work.end()
        return found

    def _tell_part(self, count: int, total: int) -> None:
        words = tr(
            "{n} of {total} clips were dragged. Export takes all of them.", n=count, total=total
        )
        self._telling.notices_of("history").show_notice(words, level="info", key="dragged")
