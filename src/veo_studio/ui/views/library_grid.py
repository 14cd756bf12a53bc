"""The clips of the library: what keys mean here, and which one is chosen when the chosen ones go."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from veo_studio.core.models import Generation
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_view import ClipView
from veo_studio.ui.views.history_menu import ClipMenu, add_fold

_CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect


class LibraryGrid(ClipView):
    """`owner.handle_key(event)` is asked first."""

    def __init__(self, owner: QWidget, model: LibraryModel) -> None:
        super().__init__(owner)
        self._owner = owner
        self._next: QPersistentModelIndex | None = None
        self.setAccessibleName(tr("Clips"))
        # before the selection forgets them, and after the list has placed the others;
        # methods, not lambdas: the model must not keep the list alive
        model.rowsAboutToBeRemoved.connect(self._on_about_to_go)
        self.setModel(model)
        model.rowsRemoved.connect(self._on_gone)

    def _on_about_to_go(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Whoever deletes or rejects goes on with the next clip."""
        chosen = list(self.chosen_rows())
        self._next = None
        if not chosen or any(rows.start < first or rows.stop - 1 > last for rows in chosen):
            return
        count = self.row_count()
        below = next((row for row in range(last + 1, count) if row not in self.hidden), None)
        above = next((row for row in range(first - 1, -1, -1) if row not in self.hidden), None)
        row = below if below is not None else above
        if row is not None and self.clips is not None:
            self._next = QPersistentModelIndex(self.clips.index(row, 0))

    def _on_gone(self, *_: object) -> None:
        wanted, self._next = self._next, None
        selection = self.selectionModel()
        if wanted is None or not wanted.isValid() or selection is None:
            return
        index = QModelIndex(wanted)
        selection.setCurrentIndex(index, _CHOOSE)
        self.scrollTo(index)

    def add_fold(self, menu: ClipMenu, one: Generation) -> None:
        """What folds the takes of its click, for the menu of `one`."""
        if self.clips is not None and self.clips.take_place(self.clips.index_of(one.id)):
            menu.separate()
            add_fold(self, menu, one)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._owner.handle_key(event) and not self._folds(event):  # type: ignore[attr-defined]
            super().keyPressEvent(event)

    def _folds(self, event: QKeyEvent | None) -> bool:
        """Left and right, where the clips lie below each other."""
        if event is None or self.is_grid or event.modifiers():
            return False
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right)
        return event.key() in keys and self.fold(self.currentIndex(), event.key() == keys[0])

    def event(self, event: QEvent | None) -> bool:
        # a key of the clips is theirs also where a menu or the window has the same one
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)
