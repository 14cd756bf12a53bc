"""A picture of the library, or the last frame of one of its clips, to start from."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QModelIndex
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import Generation, GenerationState
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_view import ClipView
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.labels import SmallLabel

_CARD_PX = 150


class LibraryChooser(QDialog):
    """Opened with `run_dialog`; `chosen` is the answer."""

    def __init__(self, history: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Start from your library"))
        self.list = ClipView(self)
        # made after the list, so that it goes after it, too
        finished = replace(
            LibraryQuery(text=history.search), states=frozenset({GenerationState.COMPLETED})
        )
        self.model = history.another(finished)
        self.model.setParent(self)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setDragEnabled(False)
        self.list.set_grid(True)
        self.list.set_card_width(_CARD_PX)
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("Finished pictures and clips"))
        self.empty = EmptyState("image", self)
        self.empty.set_content(tr("Nothing finished yet. What you make appears here."))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        self.model.loading_changed.connect(self._show_right_page)
        hint = SmallLabel()
        searched = tr("What matches “{words}” in the history.", words=history.search)
        of_clips = tr("Of a clip, its last frame is taken.")
        hint.show_words(f"{searched} {of_clips}" if history.search else of_clips)
        standard = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(standard.Ok | standard.Cancel)
        ok = box.button(standard.Ok)
        assert ok is not None
        self.ok = ok
        self.ok.setText(tr("Use"))
        self.ok.setEnabled(False)
        theme.accent_button(self.ok)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_16] * 4)
        column.setSpacing(theme.SPACE_12)
        column.addWidget(self._stack, 1)
        column.addWidget(hint)
        column.addWidget(box)
        chosen = self.list.selectionModel()
        assert chosen is not None
        chosen.selectionChanged.connect(self._on_chosen)
        # a chosen row may still be on its way
        self.model.dataChanged.connect(self._on_chosen)
        self.list.activated.connect(self._on_activated)
        self.finished.connect(self.model.stop)
        self.resize(580, 460)
        self.list.setFocus()
        self.model.load()

    def chosen(self) -> Generation | None:
        """What is selected, once its row is read."""
        found = [one for one in self.list.chosen() if one.has_file]
        return found[0] if found else None

    def _on_chosen(self, *_: object) -> None:
        self.ok.setEnabled(self.chosen() is not None)

    def _on_activated(self, _index: QModelIndex) -> None:
        if self.chosen() is not None:
            self.accept()

    def _show_right_page(self, *_: object) -> None:
        is_empty = self.model.is_loaded and not self.model.rowCount()
        self._stack.setCurrentWidget(self.empty if is_empty else self.list)
