"""Clips side by side: opened from a list of clips, one comparison at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.compare_model import FEWEST, MOST, CompareModel, Marks
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.player import PlayerView

if TYPE_CHECKING:
    from veo_studio.ui.views.compare import CompareView


class Comparing(QObject):
    """One per window; `open` gives it the core."""

    def __init__(
        self, window: QWidget, telling: Telling, *, player: PlayerView, requests: ClipRequests
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._player = player
        self._marks: Marks | None = None
        self._emit: Callable[[GenerationEvent], None] = lambda _event: None
        self._model_names: Mapping[str, str] = {}
        self.view: CompareView | None = None
        requests.compare_requested.connect(self.compare)
        # files are free before anybody moves them
        requests.delete_requested.connect(self.release)
        requests.files_leaving.connect(self._let_go)

    def open(
        self,
        marks: Marks,
        emit: Callable[[GenerationEvent], None],
        model_names: Mapping[str, str],
    ) -> None:
        """The core is there."""
        self._marks, self._emit, self._model_names = marks, emit, model_names

    def compare(self, generations: Sequence[Generation]) -> None:
        """Open these in a window; two to four that have a file."""
        finished = [one for one in generations if one.has_file]
        if self._marks is None or not FEWEST <= len(finished) <= MOST:
            self._telling.notices_of("history").show_notice(
                tr("Select two to four finished clips to compare them."),
                level="warn",
                key="compare",
            )
            return
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.views.compare import CompareView

        self.close()
        # two sounds at once help nobody
        self._player.leave_full_screen()
        self._player.stop()
        model = CompareModel(finished, self._marks, self._emit)
        view = CompareView(model, self._name_of, self._window)
        view.set_volume(self._player.volume)
        view.keep_requested.connect(self._on_keep)
        view.reject_requested.connect(self._on_reject)
        view.undo_requested.connect(self._on_undo)
        view.finished.connect(self._on_finished)
        view.closed.connect(self._on_closed)
        self.view = view
        view.show()
        view.sources.play()

    def close(self) -> None:
        """End the comparison; what was marked stays marked."""
        if self.view is not None:
            self.view.close()

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""
        if self.view is not None:
            self.view.model.on_event(event)
            self._close_if_alone()

    def release(self, generations: Collection[Generation]) -> None:
        """These files are about to be moved: let go of them."""
        if self.view is None:
            return
        for one in generations:
            self.view.model.remove(one.id)
        self._close_if_alone()

    def _let_go(self, generations: Collection[Generation]) -> None:
        shown = self._player.generation
        if shown is not None and any(shown.id == one.id for one in generations):
            self._player.clear()
        self.release(generations)

    def _close_if_alone(self) -> None:
        if self.view is not None and len(self.view.model.generations) < FEWEST:
            self.close()

    def _name_of(self, generation: Generation) -> str:
        return self._model_names.get(generation.model, generation.model)

    def _on_keep(self, place: int) -> None:
        if self.view is not None:
            self._telling.run(self.view.model.keep(place), "history")

    def _on_reject(self, place: int) -> None:
        if self.view is not None:
            self._telling.run(self.view.model.reject(place), "history")

    def _on_undo(self) -> None:
        if self.view is not None:
            self._telling.run(self.view.model.undo(), "history")

    def _on_finished(self) -> None:
        """The others stay what they are: only the user rejects."""
        if self.view is None:
            return
        model = self.view.model
        kept, words = len(model.kept), model.cost_words()
        self.close()
        if kept:
            self._telling.notices_of("history").show_notice(words, level="ok", key="compared")

    def _on_closed(self) -> None:
        view, self.view = self.view, None
        if view is not None:
            view.hide()
            view.deleteLater()
