"""The Storyboard tab beside the window: made when it is first shown, bound to the core in `open`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QMainWindow, QWidget

from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.window_pages import STORYBOARD, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"


class Storyboarding(QObject):
    """One per window; the tab is made when it is shown for the first time.

    Signals:
        made(view): the page is there; whoever has a part of it puts it into its place.
    """

    made = pyqtSignal(object)

    def __init__(
        self, window: QMainWindow, telling: Telling, settings: Settings, pages: WindowPages
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._studio: Studio | None = None
        self.view: StoryboardView | None = None
        self.document = BoardDocument(telling.scope.spawn, self)
        self.document.failed.connect(lambda error: telling.show_error(error, PANE))
        pages.offer(STORYBOARD, self._make_view)
        # here every owner makes the controller of its part

    def open(self, studio: Studio) -> None:
        """The core is there; here every controller is bound to it."""
        self._studio = studio

    async def close(self) -> None:
        """The program ends: store what was written last."""
        await self.document.flush()

    def _make_view(self) -> QWidget:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.views.storyboard import StoryboardView

        view = self.view = StoryboardView(self.document)
        self._telling.add_page(view, view.notices)
        self.made.emit(view)
        return view
