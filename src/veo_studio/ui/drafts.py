"""The Drafts tab: what is made and not published yet; made when it is first shown, bound in `open`."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMainWindow, QWidget

from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationState
from veo_studio.ui.being_made import MakingStatus
from veo_studio.ui.long_work import LongWork
from veo_studio.ui.publishing import Publishing
from veo_studio.ui.telling import Telling
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.window_pages import DRAFTS, WindowPages
from veo_studio.ui.zipping import Zipping

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.library_tools import LibraryTools
    from veo_studio.ui.view_models.drafts_model import DraftsModel
    from veo_studio.ui.view_models.form_model import FormModel
    from veo_studio.ui.view_models.library_model import LibraryModel
    from veo_studio.ui.view_models.queue_model import QueueModel
    from veo_studio.ui.views.drafts import DraftsView
    from veo_studio.ui.views.form import FormView
    from veo_studio.ui.views.player import PlayerView

PANE = "drafts"
# in `Settings.window_state`
_SIDE = "drafts.side"
# so many are read at a time, and what is done with them can be stopped
_CHUNK = 1000
_AGAIN = ATTENTION_STATES | {GenerationState.FAILED}


class Drafts(QObject):
    """One per window; the tab is made when it is shown for the first time."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        *,
        requests: ClipRequests,
        library: LibraryTools,
        player: PlayerView,
        form: FormView,
        form_model: FormModel,
        queue: QueueModel,
        new_list: Callable[[], LibraryModel],
        retry: Callable[[list[Generation]], object],
        publishing: Publishing,
        on_changed: Callable[[], object],
    ) -> None:
        """`new_list` gives a list over the library that is this tab's own.

        `on_changed`: something that is remembered between two starts is another one.
        """
        super().__init__(window)
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._requests = requests
        self._library = library
        self._player = player
        self._new_list = new_list
        self._retry = retry
        self._publishing = publishing
        self._on_changed = on_changed
        self._studio: Studio | None = None
        self.model: DraftsModel | None = None
        self.zipping = Zipping(window, telling)
        self.status = MakingStatus(
            window,
            telling,
            settings,
            form=form,
            model=form_model,
            queue=queue,
            show_drafts=self.show,
            on_changed=on_changed,
        )
        pages.offer(DRAFTS, self._make_view)
        library.add_pages({DRAFTS: lambda: self.page})

    @property
    def page(self) -> DraftsView:
        """The tab, made if need be."""
        page: DraftsView = self._pages.page(DRAFTS)  # type: ignore[assignment]
        return page

    def show(self) -> None:
        self._pages.show(DRAFTS)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio
        if self.model is not None:
            self._bind(self.model, studio)

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips; drafts that nobody looked at yet are read when they are shown."""
        self.status.on_event(event)
        if self.model is not None:
            self.model.on_event(event)

    def close(self) -> None:
        """The program ends."""
        self.zipping.cancel()
        if self.model is not None:
            self.model.close()

    # the tab

    def _make_view(self) -> QWidget:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.view_models.drafts_model import DraftsModel
        from veo_studio.ui.views.drafts import DraftsView

        clips = self._new_list()
        clips.setParent(self)
        self.model = DraftsModel(clips, self._telling.scope.spawn, self)
        view = DraftsView(self.model, self._requests)
        view.room.restore(self._settings.window_state.get(_SIDE) != "hidden")
        view.room.changed.connect(self._on_room)
        self._telling.add_page(view, view.notices)
        self._library.control.with_selected.serve(view, view.grid)
        view.asked.connect(self._on_asked)
        view.looked_at.connect(self._look)
        view.deliveries_asked.connect(self._on_deliveries)
        self._publishing.counts_changed.connect(self._show_deliveries)
        self._show_deliveries_of(view)
        if self._studio is not None:
            self._bind(self.model, self._studio)
        return view

    def _on_deliveries(self) -> None:
        self._publishing.show_deliveries()

    def _show_deliveries(self) -> None:
        self._show_deliveries_of(self.page)

    def _show_deliveries_of(self, view: DraftsView) -> None:
        view.bar.show_deliveries(self._publishing.attention, self._publishing.on_their_way)

    def _bind(self, model: DraftsModel, studio: Studio) -> None:
        from veo_studio.core.store.drafts import DraftReader

        model.open(DraftReader(studio.database), studio.publishing)

    def _look(self, generation: Generation) -> None:
        """The player follows the selection, without starting anything."""
        shown = self._player.generation
        if generation.has_file and (shown is None or shown.id != generation.id):
            self._player.show_generation(generation, autoplay=self._player.is_playing)

    def _on_room(self) -> None:
        is_wanted = self.page.room.is_side_wanted
        self._settings.window_state[_SIDE] = "" if is_wanted else "hidden"
        self._on_changed()

    # what is asked for

    def _on_asked(self, command: str) -> None:
        ids = self.page.chosen_ids()
        if ids:
            self._telling.run(self._use(command, ids), PANE)

    async def _use(self, command: str, ids: array[int]) -> None:
        chosen = await self._read(ids)
        if command == "retry":
            if failed := [one for one in chosen if one.state in _AGAIN]:
                self._retry(failed)
        elif files := [one for one in chosen if one.has_file]:
            if command == "zip":
                self.zipping.ask(files)
            else:
                self._requests.publish_requested.emit(files)

    async def _read(self, ids: array[int]) -> list[Generation]:
        """These, told where they are many; none where the user stopped it."""
        assert self.model is not None
        found: list[Generation] = []
        work = LongWork(self._telling, PANE, "Reading the drafts: {n} of {total}.", len(ids))
        try:
            for start in range(0, len(ids), _CHUNK):
                if len(ids) > _CHUNK and not work.step(start):
                    return []
                found += await self.model.clips.generations(ids[start : start + _CHUNK])
        finally:
            work.end()
        return found
