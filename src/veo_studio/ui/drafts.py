"""The Drafts tab: what is made and not published yet; made when it is first shown, bound in `open`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMainWindow, QWidget

from veo_studio.core.events import GenerationEvent
from veo_studio.ui.telling import Telling
from veo_studio.ui.window_pages import DRAFTS, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.view_models.library_model import LibraryModel

PANE = "drafts"


class Drafts(QObject):
    """One per window; the tab is made when it is shown for the first time."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        *,
        new_list: Callable[[], LibraryModel],
    ) -> None:
        """`new_list` gives a list over the library that is this tab's own."""
        super().__init__(window)
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._new_list = new_list
        self._studio: Studio | None = None
        pages.offer(DRAFTS, self._make_view)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""

    def close(self) -> None:
        """The program ends."""

    def _make_view(self) -> QWidget:
        return QWidget()
