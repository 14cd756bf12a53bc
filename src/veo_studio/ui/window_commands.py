"""What the window's actions do that belong to no pane alone."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from veo_studio.core.errors import StudioError
from veo_studio.ui.drafts import Drafts
from veo_studio.ui.library_tools import LibraryTools
from veo_studio.ui.publishing import Publishing
from veo_studio.ui.queue_control import QueueControls
from veo_studio.ui.storyboarding import Storyboarding
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormState
from veo_studio.ui.view_models.form_requests import Order
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.queue import QueueView
from veo_studio.ui.views.text_to_video import FORM, HISTORY, QUEUE, TextToVideoView
from veo_studio.ui.window_pages import DRAFTS, EXPLORE, FORMS, LIBRARY, STORYBOARD, WindowPages

if TYPE_CHECKING:
    from veo_studio.ui.views.feed import FeedView


class WindowCommands(QObject):
    """One per window."""

    def __init__(
        self,
        window: QObject,
        telling: Telling,
        panes: TextToVideoView,
        pages: WindowPages,
        *,
        form: FormView,
        model: FormModel,
        editing: FormEditing,
        queue: QueueView,
        queue_controls: QueueControls,
        history: HistoryView,
        library: LibraryTools,
        storyboarding: Storyboarding,
        drafts: Drafts,
        publishing: Publishing,
    ) -> None:
        super().__init__(window)
        self._telling = telling
        self._panes = panes
        self._pages = pages
        self._form = form
        self._model = model
        self._editing = editing
        self._queue = queue
        self._queue_controls = queue_controls
        self._history = history
        self._library = library
        self._storyboarding = storyboarding
        self._drafts = drafts
        self._publishing = publishing

    def generate(self) -> None:
        if self._pages.current != FORMS or not self._panes.is_shown(FORM):
            self.focus_prompt()  # nothing is bought unseen: the price stands there
        elif self._editing.is_on:
            self._queue_controls.save_edit()
        elif (order := self._model.take_order()) is not None:
            # taken at the press: what is typed from here on belongs to the next one
            self._telling.run(self._place(order, self._model.state()), "form")
        elif (blocked := self._model.blocked()) is not None:
            bar = self._telling.notices_of("form")
            bar.show_notice(blocked.reason, level="warn", key="blocked")

    async def _place(self, order: Order, state: FormState) -> None:
        """What is refused comes back with a click, where the form says something else by now."""
        try:
            await self._model.place(order)
        except (StudioError, ValueError, LookupError):
            if self._model.state() != state:
                self._telling.notices_of("form").show_notice(
                    tr(
                        "“{prompt}” was not generated.",
                        prompt=shorten(order.prompts[0], 40, placeholder="…"),
                    ),
                    level="warn",
                    action_text=tr("Bring it back"),
                    on_action=lambda: self._form.undo(state, state),
                )
            raise

    def new_prompt(self) -> None:
        self._model.clear_prompt()
        self.focus_prompt()

    def focus_prompt(self) -> None:
        self._panes.set_wanted(FORM, True)
        self._form.focus_prompt()

    def focus_search(self) -> None:
        """Of the list that is in sight."""
        if self._pages.current == LIBRARY:
            self._library.view.focus_search()
        elif self._pages.current == DRAFTS:
            self._drafts.page.focus_search()
        else:
            self._panes.set_wanted(HISTORY, True)
            self._history.focus_search()

    def show_attention(self) -> None:
        """The queue, where it has something; else the deliveries."""
        if self._publishing.attention and not self._queue.needs_user:
            self._publishing.show_attention()
            return
        self._panes.set_wanted(QUEUE, True)
        self._queue.focus_attention()

    def cycle(self, step: int) -> None:
        """Put the focus into the next part of the page."""
        if self._pages.current == FORMS:
            self._panes.cycle(step)
        elif self._pages.current == LIBRARY:
            self._library.view.cycle(step)
        elif self._pages.current == STORYBOARD:
            self._storyboarding.cycle(step)
        elif self._pages.current == DRAFTS:
            self._drafts.page.cycle(step)
        elif self._pages.current == EXPLORE:
            feed: FeedView = self._pages.page(EXPLORE)  # type: ignore[assignment]
            feed.cycle(step)
