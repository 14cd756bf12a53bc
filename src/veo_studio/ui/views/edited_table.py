"""Tables whose cells are corrected before anything is made of them: rows of a batch, proposed scenes."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractItemModel
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget


class EditedTable(QTableView):
    """Whole rows are selected, several of them; typing in a cell edits it."""

    def __init__(self, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        below = self.verticalHeader()
        assert below is not None
        below.hide()
        below.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def selected_places(self) -> list[int]:
        """The chosen rows, from the top."""
        selection = self.selectionModel()
        return [] if selection is None else sorted(i.row() for i in selection.selectedRows())
