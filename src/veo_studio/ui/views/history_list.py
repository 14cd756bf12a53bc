"""The rows of the history pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QAbstractItemView, QFrame, QListView

from veo_studio.ui import theme
from veo_studio.ui.delegates.history_delegate import HistoryDelegate
from veo_studio.ui.delegates.take_marks import bracket_rect
from veo_studio.ui.drag_out import drag_out
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.ui.views.history import HistoryView


class HistoryList(QListView):
    """The list itself: where presses, keys and drags mean something else than Qt's own."""

    def __init__(self, owner: HistoryView) -> None:
        super().__init__(owner)
        self._owner = owner
        self._press_on_picture: QModelIndex | None = None
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.verticalScrollBar().setSingleStep(theme.SPACE_24)
        self.setAccessibleName(tr("History"))

    def sizeHint(self) -> QSize:
        return QSize(340, 400)

    def _on_picture(self, position: QPoint) -> QModelIndex | None:
        index = self.indexAt(position)
        if not index.isValid():
            return None
        rect: QRect = self.visualRect(index)
        return index if HistoryDelegate.thumbnail_rect(rect).contains(position) else None

    # takes of one click

    def bind_takes(self) -> None:
        """Show and hide rows as their groups are folded; after `setModel`."""
        model = self._owner.model
        model.takes.changed.connect(self._show_fold)
        # methods, not lambdas: the model must not keep the list alive
        model.rowsInserted.connect(self._on_inserted)
        model.rowsRemoved.connect(self._on_removed)
        model.modelReset.connect(self._on_reset)

    def fold(self, index: QModelIndex, is_folded: bool) -> bool:
        """Fold or unfold the takes around a row; False where it has none."""
        place = self._owner.model.take_place(index)
        if place is None or place.is_folded is is_folded:
            return False
        self._owner.model.takes.set_folded(place.group, is_folded)
        return True

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._show_near(first, last)

    def _on_removed(self, _parent: QModelIndex, first: int, _last: int) -> None:
        self._show_near(first, first)

    def _on_reset(self) -> None:
        self._show_near(0, self._owner.model.rowCount())

    def _show_near(self, first: int, last: int) -> None:
        """Only what came or went can change its place in a group, and its neighbours with it."""
        folded = self._owner.model.takes.folded
        if folded:
            for group in self._owner.model.takes.groups_in(first - 1, last + 1) & folded:
                self._show_fold(group)

    def _show_fold(self, group: str) -> None:
        """What is folded away is not selected either: nothing is done to what cannot be seen."""
        model, selection = self._owner.model, self.selectionModel()
        was_chosen = False
        for row in model.takes.rows_of(group):
            is_away = model.takes.is_folded_away(row)
            index = model.index(row, 0)
            if is_away and selection.isSelected(index):
                was_chosen = True
                selection.select(index, QItemSelectionModel.SelectionFlag.Deselect)
            if is_away and self.currentIndex() == index:
                top = next(one for one in range(row, -1, -1) if not model.takes.is_folded_away(one))
                choose = QItemSelectionModel.SelectionFlag
                flag = choose.Select if was_chosen else choose.NoUpdate
                selection.setCurrentIndex(model.index(top, 0), flag)
            self.setRowHidden(row, is_away)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._press_on_picture = None
        here = event.position().toPoint()
        index = self.indexAt(here)
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            place = self._owner.model.take_place(index)
            if place is not None and bracket_rect(self.visualRect(index)).contains(here):
                self.fold(index, not place.is_folded)
                return
        if (
            event.button() is Qt.MouseButton.LeftButton
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            self._press_on_picture = self._on_picture(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._press_on_picture = self._press_on_picture, None
        if pressed is not None and self._on_picture(event.position().toPoint()) == pressed:
            self._owner.play_at(pressed)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        # Qt calls this from its own mouse-move handler: a plain event, no task on the stack.
        self._press_on_picture = None
        model = self._owner.model
        drag_out(self, self._owner.selected(), model.pixmap_of)

    def rowsInserted(self, parent: QModelIndex, start: int, end: int) -> None:
        """New rows above what is being looked at push it nowhere."""
        bar = self.verticalScrollBar()
        before = bar.value()
        super().rowsInserted(parent, start, end)
        row_px = self.sizeHintForRow(start)
        if before > 0 and start * row_px < before:
            self.executeDelayedItemsLayout()
            bar.setValue(before + (end - start + 1) * row_px)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._owner.handle_key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        self._owner.open_menu(event.globalPos())
        event.accept()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.scheduleDelayedItemsLayout()
