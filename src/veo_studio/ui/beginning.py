"""How somebody begins who has neither a clip nor a service: two offers, until one of them is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.first_run import FirstRun
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings

# in the window's state, because it is about the window
_KEY = "first_run"
_REHEARSAL = "rehearsal"


class Beginning(QObject):
    """One per window.

    Signals:
        ended(): a choice was made, or the first clip is on its way; it does not come back.
    """

    ended = pyqtSignal()

    def __init__(
        self,
        window: QObject,
        settings: Settings,
        *,
        form: FormView,
        form_model: FormModel,
        player: PlayerView,
        history: LibraryModel,
        connect_service: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._form = form
        self._form_model = form_model
        self._player = player
        self._history = history
        self._connect_service = connect_service
        self.page: FirstRun | None = None

    def offer(self, clips: int) -> None:
        """The library is open, with so many `clips`: begin, where nothing was begun yet."""
        free = {one.model.provider for one in self._form_model.choices() if not one.locked}
        if clips or free - {_REHEARSAL} or self._settings.window_state.get(_KEY):
            return
        self.page = FirstRun()
        self.page.rehearsal_chosen.connect(self._on_rehearsal)
        self.page.connect_chosen.connect(self._on_connect)
        self._history.rowsInserted.connect(self.end)
        self._player.show_page(self.page)

    def _on_rehearsal(self) -> None:
        self.end()
        self._form_model.use_rehearsal()
        self._form.edit_prompt()

    def _on_connect(self) -> None:
        self.end()
        self._connect_service()

    def end(self, *_: object) -> None:
        """Take the page away, for ever."""
        if self.page is not None:
            self._settings.window_state[_KEY] = "done"
            self._history.rowsInserted.disconnect(self.end)
            # the empty player stands under it
            self._player.end_page(self.page)
            self.page.deleteLater()
            self.page = None
            self.ended.emit()
