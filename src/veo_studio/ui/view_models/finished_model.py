"""What came out of the queue last, so that it can be dragged from where it was watched."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.text import extent_words, size_words, tr
from veo_studio.ui.view_models.generation_rows import GenerationRows, Row

# the whole library is one pane further
_MOST = 5


class FinishedModel(GenerationRows):
    """The newest first; only those that this window saw at work.

    Signals:
        count_changed()
    """

    count_changed = pyqtSignal()

    def words(self, row: Row) -> str:
        return tr("Ready")

    def detail(self, row: Row) -> str:
        one = row.generation
        size = [size_words(one.size_bytes)] if one.size_bytes else []
        return " \u00b7 ".join([extent_words(one), *size])

    def button(self, row: Row) -> str:
        return self.button_words(row.generation)

    @staticmethod
    def button_words(generation: Generation) -> str:
        return tr("Show") if generation.is_picture else tr("Play")

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        own = Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index) | own

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def add(self, generation: Generation) -> None:
        """One that has a file now."""
        self._insert(0, Row(generation))
        while len(self._rows) > _MOST:
            self._remove(len(self._rows) - 1)
        self.count_changed.emit()

    def clear(self) -> None:
        self._set_rows([])
        self._numbers.clear()
        self.count_changed.emit()

    def on_event(self, event: GenerationEvent) -> None:
        """What becomes of them afterwards."""
        number = self._numbers.get(event.generation.id)
        if number is None:
            return
        if event.kind is EventKind.REMOVED:
            self._remove(number)
            self.count_changed.emit()
        else:
            self._rows[number].generation = event.generation
            self._announce(number, number)
