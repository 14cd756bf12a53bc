"""A list of clips in rows or as a grid, whose cost is that of what is in sight."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PyQt6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    pyqtBoundSignal,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_card import PAD_PX, ClipCard
from veo_studio.ui.delegates.day_heading import paint_heading
from veo_studio.ui.delegates.history_delegate import (
    FOCUSED,
    HOVERED,
    SELECTED,
    HistoryDelegate,
)
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_hover import ClipHover
from veo_studio.ui.views.clip_places import ClipPlaces

_numbers = itertools.count(1)


class ClipView(ClipPlaces):
    """Rows (`list` mode) or cards (`grid` mode) over a `LibraryModel`, by day on request.

    Qt's own list asks the model about every row whenever rows come; this one places cells by
    arithmetic and looks at nothing that is not in sight. What is looked at does not move while rows
    come and go above it.

    Signals:
        hovered(QModelIndex, float): the pointer rests on this clip's picture, at this fraction of its
            width; an invalid index when it leaves.
        menu_requested(QPoint): the context menu of the selection, at this global position.
    """

    hovered = pyqtSignal(QModelIndex, float)
    menu_requested = pyqtSignal(QPoint)

    # None only for a view whose Python half was collected already
    hover: ClipHover = None  # type: ignore[assignment]

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = next(_numbers)
        self.hover = ClipHover(self)
        self._is_grid = False
        self._row_delegate = HistoryDelegate(self)
        self._card_delegate: ClipCard | None = None
        self.setItemDelegate(self._row_delegate)
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
        # every point is painted here, so that scrolling moves what is there and paints only the rest
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(340, 400)

    # How it looks

    @property
    def is_grid(self) -> bool:
        return self._is_grid

    def set_grid(self, is_grid: bool) -> None:
        """Cards instead of rows; what is at the top stays in sight."""
        if is_grid == self._is_grid:
            return
        self._is_grid = is_grid
        if is_grid and self._card_delegate is None:
            self._card_delegate = ClipCard(self)
        self.setItemDelegate(self._card_delegate if is_grid else self._row_delegate)
        self.place_anew()

    def fold(self, index: QModelIndex, is_folded: bool) -> bool:
        """Fold or unfold the takes around a row; False where it has none."""
        place = self.clips.take_place(index) if self.clips is not None else None
        if self.clips is None or place is None or place.is_folded is is_folded:
            return False
        self.clips.takes.set_folded(place.group, is_folded)
        return True

    # The model

    def setModel(self, model: QAbstractItemModel | None) -> None:
        assert model is None or isinstance(model, LibraryModel)
        if self.clips is not None:
            self.clips.look_away(self.viewer)
            for signal, slot in self._slots(self.clips):
                signal.disconnect(slot)
        self.clips = model
        super().setModel(model)
        if model is not None:
            # it goes with the model: Qt resets a list that outlives its model, and warns of a
            # selection that has none any more
            before = self.selectionModel()
            self.setSelectionModel(QItemSelectionModel(model, model))
            if before is not None:
                before.deleteLater()
            for signal, slot in self._slots(model):
                signal.connect(slot)
        self.place_cells()

    def _slots(self, model: LibraryModel) -> list[tuple[pyqtBoundSignal, Callable[..., None]]]:
        # methods, not lambdas: the model must not keep the list alive
        return [
            (model.rowsRemoved, self._on_removed),
            (model.rowsMoved, self._on_moved),
            (model.modelAboutToBeReset, self.remember),
            (model.modelReset, self._on_reset),
            (model.days_changed, self._on_moved),
            (model.takes.hidden_changed, self._on_folds_changed),
            (model.destroyed, self._on_model_gone),
        ]

    def _on_model_gone(self, *_: object) -> None:
        self.clips = None
        self.hover.forget()

    def _on_reset(self) -> None:
        # after the selection was cleared: it and the view heard of it before
        self._leads.clear()
        self.hover.forget()
        place = self.recalled()
        if place is None:
            self.verticalScrollBar().setValue(0)
        self.place_cells(place)

    def rowsInserted(self, parent: QModelIndex, start: int, end: int) -> None:
        """New rows above what is being looked at push it nowhere."""
        anchor = self.anchor()
        if anchor is not None and start <= anchor[0]:
            anchor = (anchor[0] + end - start + 1, *anchor[1:])
        self.place_cells(anchor)

    def rowsAboutToBeRemoved(self, parent: QModelIndex, start: int, end: int) -> None:
        QAbstractItemView.rowsAboutToBeRemoved(self, parent, start, end)

    def _on_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        anchor = self.anchor()
        if anchor is not None and anchor[0] > last:
            anchor = (anchor[0] - (last - first + 1), *anchor[1:])
        elif anchor is not None and anchor[0] >= first:
            anchor = (first, anchor[1], None)
        self.hover.forget()
        self.place_cells(anchor)

    def _on_moved(self, *_: object) -> None:
        self.place_cells(self.anchor())

    def _on_folds_changed(self) -> None:
        self.leave_folded()
        self.place_cells(self.anchor())

    def dataChanged(
        self, topLeft: QModelIndex, bottomRight: QModelIndex, roles: object = ()
    ) -> None:
        """Paint what of it is in sight."""
        shown = self.rows_in_sight()
        first, last = max(topLeft.row(), shown.start), min(bottomRight.row(), shown.stop - 1)
        if last - first > 8:
            self.viewport().update()
            return
        for row in range(first, last + 1):
            self.viewport().update(self.rect_of(row))

    # Qt's side

    def doItemsLayout(self) -> None:
        self.place_cells(self.anchor())

    def updateGeometries(self) -> None:
        pass  # the scroll bar is part of `place_cells`

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        QAbstractItemView.resizeEvent(self, event)
        self.place_anew()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if self.clips is not None:
            self.hover.leave()
            self.clips.look_away(self.viewer)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.FontChange,
            QEvent.Type.ApplicationFontChange,
            QEvent.Type.LayoutDirectionChange,
            QEvent.Type.StyleChange,
        ):
            self.place_anew()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.scrollDirtyRegion(0, dy)
        self.viewport().scroll(0, dy)
        if self.clips is not None:
            self.hover.look_again()
            self.look()

    def viewportEvent(self, event: QEvent | None) -> bool:
        if event is not None and self.hover is not None:
            self.hover.on_event(event)
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        where = event.globalPos()
        current = self.currentIndex()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and current.isValid():
            self.scrollTo(current)
            where = self.viewport().mapToGlobal(self.visualRect(current).center())
        self.menu_requested.emit(where)
        event.accept()

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if event is None or self.clips is None:
            return
        painter = QPainter(self.viewport())
        try:
            painter.fillRect(event.rect(), self.palette().base())
            self._paint(painter, event.region())
        finally:
            painter.end()

    def _paint(self, painter: QPainter, region: QRegion) -> None:
        clips, area = self.clips, region.boundingRect()
        assert clips is not None
        top = self.verticalOffset()
        cells = self.cells
        for number in cells.headings_between(area.top() + top, area.bottom() + top):
            day, count = self.days[number]
            if day is not None:
                # on the edge of the pictures
                inset = theme.SPACE_12 + (PAD_PX if self._is_grid else 0)
                where = QRect(inset, cells.heading_top(number) - top, 0, cells.measures.heading)
                where.setRight(self.viewport().width() - inset)
                paint_heading(painter, where, day, count, self.layoutDirection())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~(SELECTED | FOCUSED | HOVERED) | QStyle.StateFlag.State_Enabled
        chosen, delegate = self.selectionModel(), self.itemDelegate()
        focused = self.currentIndex().row() if self.has_focus() else -1
        for place in cells.between(area.top() + top, area.bottom() + top):
            row = self.hidden.row(place)
            rect = self.rect_of(row)
            if not region.intersects(rect):
                continue
            index = clips.index(row, 0)
            state = plain
            if chosen is not None and chosen.isSelected(index):
                state |= SELECTED
            if row == focused:
                state |= FOCUSED
            if row == self.hover.row:
                state |= HOVERED
            option.rect, option.state = rect, state
            delegate.paint(painter, option, index)
        self.paint_band(painter)

    def has_focus(self) -> bool:
        return self.hasFocus() or self.viewport().hasFocus()
