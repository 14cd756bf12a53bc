"""The Library and Insights tabs with everything that works on their clips.

Each tool is a controller of its own: made here in one line, bound to the core in `open`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMainWindow, QWidget

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.ui.comparing import Comparing
from veo_studio.ui.exporting import Exporting
from veo_studio.ui.freeing import Freeing
from veo_studio.ui.grabbing import Grabbing
from veo_studio.ui.insights import InsightsControl
from veo_studio.ui.library_control import LibraryControl
from veo_studio.ui.locating import Locating
from veo_studio.ui.shelf import Shelf
from veo_studio.ui.showing_details import ShowDetails
from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.text_to_video import TextToVideoView
from veo_studio.ui.window_pages import INSIGHTS, LIBRARY, WITH_PLAYER, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.clip_page import ClipPage, PageWithPlayer
    from veo_studio.ui.views.library import LibraryView


class LibraryTools(QObject):
    """One per window; the two tabs are made when they are shown for the first time."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        panes: TextToVideoView,
        *,
        model: LibraryModel,
        history: HistoryView,
        player: PlayerView,
        requests: ClipRequests,
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        self.model = model
        self._window = window
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._panes = panes
        self._history = history
        self._player = player
        self._requests = requests
        self._on_changed = on_changed
        self._is_open = False
        self._model_names: dict[str, str] = {}
        self._studio: Studio | None = None
        # other pages with clips of their own, by name
        self._clip_pages: dict[str, Callable[[], ClipPage]] = {LIBRARY: lambda: self.view}
        # the page that has the player now
        self._player_page = ""
        pages.offer(LIBRARY, self._make_view)
        pages.offer(INSIGHTS, self._make_insights)
        pages.changed.connect(self._on_page)
        pages.player_asked.connect(self._on_player_asked)
        self.control = LibraryControl(
            window,
            telling,
            settings,
            model=model,
            requests=requests,
            player=player,
            on_changed=on_changed,
        )
        self.control.places.changed.connect(self._show_words)
        self.control.with_selected.serve(history, history.list)
        # here every owner makes the controller of its part
        self.exporting = Exporting(
            window,
            telling,
            requests=requests,
            player=player,
            chosen=lambda: self.clips_view.selected(),
        )
        self.freeing = Freeing(window, telling, requests=requests)
        self.shelf = Shelf(window, telling, settings, requests, on_changed)
        self.locating = Locating(window, telling, requests, player)
        self.insights = InsightsControl(window, telling)
        self.insights.write_requested.connect(history.write_requested)
        self.details = ShowDetails(
            window,
            telling,
            settings,
            requests,
            view_in_sight=lambda: self.clips_view,
            on_changed=on_changed,
        )
        self.comparing = Comparing(window, telling, player=player, requests=requests)
        self.grabbing = Grabbing(window, telling, player=player, requests=requests)

    def open(self, studio: Studio) -> None:
        """The core is there; here every controller is bound to it."""
        self._studio = studio
        self._is_open = True
        self._model_names = {one.id: one.name for one in studio.catalog.models}
        self.control.open(studio)
        self.exporting.open(studio.paths)
        self.freeing.open(studio)
        self.shelf.open(studio)
        # imported late, with the core
        from veo_studio.core.locating import Locator

        self.locating.open(
            Locator(
                studio.library,
                studio.generations,
                studio.thumbnails,
                studio.events.emit,
                apart=(studio.paths.data, studio.paths.cache, studio.paths.inputs),
            )
        )
        self._requests.problem_of = lambda one: studio.thumbnails.problem(one.uuid)
        self.insights.open(studio)
        self._telling.news.open(studio.thumbnails.ensure)
        self.details.open(studio)
        names = {one.id: one.name for one in studio.catalog.models}
        self.comparing.open(studio.library, studio.events.emit, names)
        if self._pages.made(LIBRARY) is not None and not self.model.is_loading:
            self.model.load()

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips; a library that nobody looked at yet reads it all when it is shown."""
        self.insights.model.on_event(event)
        self.details.on_event(event)
        self.comparing.on_event(event)
        self.freeing.on_event(event)
        self.shelf.on_event(event)
        if self._pages.made(LIBRARY) is not None:
            self.model.on_event(event)
            if event.kind is not EventKind.PROGRESS:
                self.control.on_event()

    @property
    def view(self) -> LibraryView:
        """The Library tab, made if need be."""
        page: LibraryView = self._pages.page(LIBRARY)  # type: ignore[assignment]
        return page

    def add_pages(self, pages: Mapping[str, Callable[[], ClipPage]]) -> None:
        """Others with clips of their own, which are what counts while such a page is shown."""
        self._clip_pages.update(pages)

    @property
    def clips_view(self) -> ClipPage:
        """The list of clips on the page that is shown."""
        view_of = self._clip_pages.get(self._pages.current)
        return self._history if view_of is None else view_of()

    def show_details(self) -> None:
        """Beside the library, else in a window of its own."""
        is_library = self._pages.current == LIBRARY
        self.details.show(self.view.show_side if is_library else None)

    def _show_words(self) -> None:
        self._history.set_has_pictures(self.control.places.places.pictures > 0)

    def export(self) -> None:
        """All that is selected in sight, or else what the player shows."""
        view = self.clips_view
        if len(view.chosen_ids()) > len(view.selected()):
            view.used.emit("export")
        else:
            self.exporting.export_chosen()

    def clip_actions(self) -> Sequence[QAction | None]:
        """What can be done with the clips that are selected in sight."""
        view = self.clips_view
        return view.actions_for(view.selected())

    # the tabs

    def _make_view(self) -> QWidget:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.views.library import LibraryView

        view = LibraryView(
            self.model,
            self._requests,
            self.control.places,
            model_name=lambda model: self._model_names.get(model, model),
        )
        view.set_details(self.details.make_pane())
        self._telling.add_page(view, view.notices)
        self.control.bind(view)
        if self._is_open and not self.model.is_loading:
            self.model.load()
        return view

    def _make_insights(self) -> QWidget:
        view = self.insights.make()
        self._telling.add_page(view, view.notices)
        return view

    def _on_page(self, page: str) -> None:
        if self._player_page:
            self._side_of(self._player_page).let_player_go()
        self._player_page = page if page in WITH_PLAYER else ""
        if self._player_page:
            self._side_of(page).take_player(self._panes.lend_player())
        else:
            self._panes.take_player_back()
        self._requests.source = self.clips_view
        self.clips_view.tell_selection()

    def _on_player_asked(self) -> None:
        self._side_of(self._player_page).show_side()

    def _side_of(self, page: str) -> PageWithPlayer:
        return cast("PageWithPlayer", self._clip_pages[page]())
