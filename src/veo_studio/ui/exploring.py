"""The Explore tab: what is published; made when it is first shown, bound to the core in `open`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.window_pages import DRAFTS, EXPLORE, LIBRARY, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.library_tools import LibraryTools
    from veo_studio.ui.view_models.library_model import LibraryModel
    from veo_studio.ui.views.feed import FeedView

PANE = "explore"
# how it was looked at, in the settings: "1" or "0", absent as long as the user has chosen nothing
_PLAYS = "feed_plays"


class Exploring(QObject):
    """One per window; the tab is made when it is shown for the first time."""

    def __init__(
        self,
        window: QObject,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        *,
        requests: ClipRequests,
        tools: LibraryTools,
        new_list: Callable[[], LibraryModel],
        edit_caption: Callable[[list[Generation]], object],
        on_changed: Callable[[], object],
    ) -> None:
        """`new_list` gives a list over the library that is this tab's own.

        `edit_caption` asks for other words of what is published, and tells them to galleries.
        `on_changed`: something that is remembered between two starts is another one.
        """
        super().__init__(window)
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._requests = requests
        self._tools = tools
        self._new_list = new_list
        self._edit_caption = edit_caption
        self._on_changed = on_changed
        self._view: FeedView | None = None
        pages.offer(EXPLORE, self._make_view)
        tools.add_pages({EXPLORE: lambda: self.view})
        # before whoever moves or deletes: their work begins in a turn of its own
        requests.files_leaving.connect(self._let_go)
        requests.delete_requested.connect(self._let_go)
        requests.unpublish_requested.connect(self._let_go)

    @property
    def view(self) -> FeedView:
        """The tab, made if need be."""
        page: FeedView = self._pages.page(EXPLORE)  # type: ignore[assignment]
        return page

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips; a feed that nobody looked at yet reads it all when it is shown."""
        if self._view is None:
            return
        if event.kind is EventKind.REMOVED:
            self._let_go([event.generation])
        elif event.kind is EventKind.UPDATED:
            self._view.autoplay.has_changed(event.generation.id)
        self._view.model.on_event(event)

    def close(self) -> None:
        """The program ends."""
        if self._view is not None:
            self._view.autoplay.close()
            self._view.model.stop()

    def _let_go(self, generations: list[Generation]) -> None:
        if self._view is not None:
            self._view.let_go(generations)

    # the tab

    def _make_view(self) -> QWidget:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.views.feed import FeedView

        model = self._new_list()
        model.set_query(LibraryQuery(published=True, sort=Sort.PUBLISHED))
        view = self._view = FeedView(model, self._requests)
        # it goes after the view, and not before
        model.setParent(self)
        self._telling.add_page(view, view.notices)
        self._tools.control.with_selected.serve(view, view.list)
        view.plays_chosen.connect(self._on_plays)
        view.caption_requested.connect(self._on_caption)
        view.library_requested.connect(self._on_library)
        view.drafts_requested.connect(lambda: self._pages.show(DRAFTS))
        chosen = self._settings.window_state.get(_PLAYS)
        if chosen is not None:
            view.set_plays(chosen == "1")
        else:
            self._telling.run(self._ask_system(view), PANE)
        return view

    async def _ask_system(self, view: FeedView) -> None:
        """As long as the user has chosen nothing, the system's wish for less motion counts."""
        from veo_studio.ui.motion import is_reduced

        if await is_reduced() and _PLAYS not in self._settings.window_state:
            view.set_plays(False)

    def _on_plays(self, plays: bool) -> None:
        self._settings.window_state[_PLAYS] = "1" if plays else "0"
        self._on_changed()

    # what is done with a clip

    def _on_library(self, generation: Generation) -> None:
        self._telling.run(self._show_in_library(generation), PANE)

    async def _show_in_library(self, generation: Generation) -> None:
        """Select it there, without the filters that would hide it."""
        self._pages.show(LIBRARY)
        view = self._tools.view
        model = view.model
        if model.is_loaded and not model.is_loading and model.row_of(generation.id) is not None:
            view.select(generation.id)
            return
        query = LibraryQuery(sort=model.query.sort)
        model.set_query(query)
        await _read(model)
        view.select(generation.id)

    def _on_caption(self, generation: Generation) -> None:
        self._edit_caption([generation])


async def _read(model: LibraryModel) -> None:
    """Until the list that is wanted is there."""
    read: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(is_loading: bool) -> None:
        if not is_loading and not read.done():
            read.set_result(None)

    model.loading_changed.connect(look)
    try:
        look(model.is_loading)
        await read
    finally:
        model.loading_changed.disconnect(look)
