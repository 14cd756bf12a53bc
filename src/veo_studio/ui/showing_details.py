"""The details of the selected clips: beside the library, and in a window of their own for the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QItemSelection, QObject, QSize, Qt
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QDialog, QVBoxLayout, QWidget

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_requests import ClipRequests

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.view_models.details_model import DetailsModel
    from veo_studio.ui.views.details import DetailsPane

_SIZE = QSize(400, 640)
_SMALLEST = QSize(280, 320)
_FOLDED = "details_folded"
# of so many the sum is added up by the database, not by reading their rows here
_MOST_IDS = 200_000


class ClipsInSight(Protocol):
    """The list of clips on the page that is shown: the history or the library."""

    model: LibraryModel

    def selected(self) -> list[Generation]: ...


class DetailsWindow(QDialog):
    """Stays beside the window and follows the selection."""

    def __init__(self, pane: DetailsPane, parent: QWidget) -> None:
        super().__init__(parent)
        self.pane = pane
        self.setObjectName("detailsWindow")
        self.setWindowTitle(tr("Details"))
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(pane)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self).activated.connect(self.close)

    def hideEvent(self, event: QHideEvent | None) -> None:
        self.pane.marks.keep()
        super().hideEvent(event)


class ShowDetails(QObject):
    """One per window; `open` gives it the core."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        settings: Settings,
        requests: ClipRequests,
        *,
        view_in_sight: Callable[[], ClipsInSight],
        on_changed: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._settings = settings
        self._requests = requests
        self._view_in_sight = view_in_sight
        self._on_changed = on_changed
        self._studio: Studio | None = None
        self._panes: list[DetailsPane] = []
        self.pane: DetailsPane | None = None
        self.dialog: DetailsWindow | None = None
        requests.selection_changed.connect(self._on_selection)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio
        for pane in self._panes:
            self._bind(pane.model)

    def on_event(self, event: GenerationEvent) -> None:
        for pane in self._panes:
            pane.model.on_event(event)

    # where it is shown

    def make_pane(self) -> DetailsPane:
        """The one beside the library."""
        self.pane = self._made()
        return self.pane

    def show(self, page_pane: Callable[[], object] | None = None) -> None:
        """`page_pane` brings the pane of the page into sight; without it, the window opens."""
        if page_pane is not None and self.pane is not None:
            page_pane()
            first = self.pane.copy_all if self.pane.model.generation is not None else self.pane
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        if self.dialog is None:
            self.dialog = DetailsWindow(self._made(), self._window)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _made(self) -> DetailsPane:
        # imported late: the window is up before anybody asks for it
        from veo_studio.ui.view_models.details_model import DetailsModel
        from veo_studio.ui.views.details import FOLDED, DetailsPane

        model = DetailsModel(self._telling.scope.spawn, self)
        pane = DetailsPane(model)
        stored = self._settings.window_state.get(_FOLDED)
        pane.set_folded(set(FOLDED) if stored is None else set(filter(None, stored.split(","))))
        pane.clip_requested.connect(self._on_clip)
        pane.report_requested.connect(self._requests.details_requested)
        pane.tags_requested.connect(self._requests.tags_requested)
        pane.rating_requested.connect(self._requests.rating_requested)
        pane.favourite_requested.connect(self._requests.favourite_requested)
        pane.folds_changed.connect(self._keep_folds)
        pane.came_into_sight.connect(self._on_shown)
        self._panes.append(pane)
        if self._studio is not None:
            self._bind(model)
        return pane

    def _bind(self, model: DetailsModel) -> None:
        from veo_studio.core.clip_details import ClipDetails

        assert self._studio is not None
        catalog = self._studio.catalog
        names = {one.id: one.name for one in catalog.providers.values()}
        model.open(
            ClipDetails(self._studio.database),
            model_of=catalog.get,
            provider_name=lambda provider: names.get(provider, provider),
            set_caption=self._set_caption,
            thumbnails=self._studio.thumbnails,
        )

    async def _set_caption(self, generation_id: int, caption: str) -> None:
        assert self._studio is not None
        for changed in await self._studio.library.set_caption(generation_id, caption):
            self._studio.events.emit(GenerationEvent(EventKind.UPDATED, changed))

    def _keep_folds(self) -> None:
        pane = self.sender()
        folded = getattr(pane, "folded", None)
        if folded is not None:
            self._settings.window_state[_FOLDED] = ",".join(sorted(folded))
            self._on_changed()

    # what is selected

    def _on_selection(self, _chosen: list[Generation]) -> None:
        for pane in self._panes:
            if pane.isVisible():
                self._feed(pane)

    def _on_shown(self) -> None:
        for pane in self._panes:
            if pane is self.sender():
                self._feed(pane)

    def _feed(self, pane: DetailsPane) -> None:
        view = self._view_in_sight()
        ids = selected_ids(view)
        if len(ids) > 1:
            pane.model.show_many(ids)
            return
        chosen = view.selected()
        if ids and not chosen:
            pane.model.show_id(ids[0])
        else:
            pane.model.show_generation(chosen[0] if chosen else None)

    def _on_clip(self, generation: Generation) -> None:
        """Select it where it is in the list, and play it."""
        view = self._view_in_sight()
        select = getattr(view, "select", None)
        if callable(select):
            select(generation.id)
        if generation.has_file:
            self._requests.play_requested.emit(generation)
        for pane in self._panes:
            if pane.isVisible():
                pane.model.show_generation(generation)


def selected_ids(view: ClipsInSight) -> Sequence[int]:
    """Also of rows that are not loaded; by the ranges of the selection, for they may be all."""
    rows = getattr(view, "grid", None) or getattr(view, "list", None)
    if not isinstance(rows, QAbstractItemView):
        return [one.id for one in view.selected()]
    chooser = rows.selectionModel()
    selection = chooser.selection() if chooser is not None else QItemSelection()
    ids: list[int] = []
    for number in range(len(selection)):
        part = selection[number]
        ids += [view.model.id_at(row) for row in range(part.top(), part.bottom() + 1)]
        if len(ids) > _MOST_IDS:
            break
    return ids
