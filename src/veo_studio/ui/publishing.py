"""Publishing and deliveries beside the window: their dialogs, and what the user is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QMainWindow

from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.window_pages import WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio


class Publishing(QObject):
    """One per window; `open` gives it the core.

    Signals:
        attention_changed(int): so many deliveries need somebody to look.
        open_changed(int): so many deliveries are on their way.
    """

    attention_changed = pyqtSignal(int)
    open_changed = pyqtSignal(int)

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        pages: WindowPages,
        *,
        requests: ClipRequests,
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._requests = requests
        self._on_changed = on_changed
        self._studio: Studio | None = None

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""

    def close(self) -> None:
        """The program ends."""

    # what the window's menus and the Drafts tab ask for

    def publish(self, chosen: list[Generation]) -> None:
        """Open the dialog that publishes these."""

    def unpublish(self, chosen: list[Generation]) -> None:
        """Make drafts of these again."""

    def deliver(self, chosen: list[Generation]) -> None:
        """Ask where these go, published or not."""

    def edit_caption(self, chosen: list[Generation]) -> None:
        """Caption, tags and cover of what is published already."""

    def show_deliveries(self, generation_id: int | None = None) -> None:
        """Open the list of deliveries: all, or those of one clip."""

    def show_targets(self) -> None:
        """Open the places to deliver to."""

    def show_rules(self) -> None:
        """Open what is delivered by itself."""
