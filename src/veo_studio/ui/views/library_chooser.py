"""A picture of the library, or the last frame of one of its clips, to start from."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QFontMetrics, QIcon
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation, GenerationKind
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import GenerationRole, LibraryModel, ThumbnailRole
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.labels import SmallLabel

# as the history has them
_PICTURE = QSize(96, 54)
_CELL_PX = 160


class _Finished(QSortFilterProxyModel):
    """What has a file, as a picture with a line under it."""

    def __init__(self, history: LibraryModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSourceModel(history)
        # a thumbnail that came later is another decoration here
        history.dataChanged.connect(self._on_changed)

    def _on_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            source = self.sourceModel()
            assert source is not None
            index = self.mapFromSource(source.index(row, 0))
            if index.isValid():
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        source = self.sourceModel()
        assert source is not None
        generation = source.data(source.index(row, 0, parent), GenerationRole)
        return isinstance(generation, Generation) and generation.has_file

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DecorationRole:
            picture = super().data(index, ThumbnailRole)
            return icon("image", "dim", 32) if picture is None else QIcon(picture)
        if role == Qt.ItemDataRole.DisplayRole:
            words = super().data(index, role) or ""
            is_clip = super().data(index, GenerationRole).kind is GenerationKind.VIDEO
            what = tr("last frame") if is_clip else tr("picture")
            room_px = _CELL_PX - 2 * theme.SPACE_8
            metrics = QFontMetrics(QApplication.font())
            shown = metrics.elidedText(
                " ".join(words.split()), Qt.TextElideMode.ElideRight, room_px
            )
            return f"{shown}\n{what}"
        return super().data(index, role)


class LibraryChooser(QDialog):
    """Opened with `run_dialog`; `chosen` is the answer."""

    def __init__(self, history: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Start from your library"))
        self.model = _Finished(history, self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("Finished pictures and clips"))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(_PICTURE)
        self.list.setSpacing(theme.SPACE_4)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        line_px = self.list.fontMetrics().lineSpacing()
        self.list.setGridSize(QSize(_CELL_PX, _PICTURE.height() + 2 * line_px + theme.SPACE_24))
        self.empty = EmptyState("image", self)
        self.empty.set_content(tr("Nothing finished yet. What you make appears here."))
        stack = QStackedWidget()
        stack.addWidget(self.list)
        stack.addWidget(self.empty)
        stack.setCurrentWidget(self.list if self.model.rowCount() else self.empty)
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
        column.addWidget(stack, 1)
        column.addWidget(hint)
        column.addWidget(box)
        chosen = self.list.selectionModel()
        assert chosen is not None
        chosen.selectionChanged.connect(lambda *_: self.ok.setEnabled(self.chosen() is not None))
        self.list.activated.connect(lambda _index: self.accept())
        self.resize(580, 460)
        self.list.setFocus()

    def chosen(self) -> Generation | None:
        """What is selected."""
        indexes = self.list.selectedIndexes()
        return self.model.data(indexes[0], GenerationRole) if indexes else None
