"""How clips are chosen in a list: pointer, keys, ranges over any number of rows, and what is dragged."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PyQt6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QMouseEvent, QPainter, QPen, QRegion
from PyQt6.QtWidgets import QAbstractItemView, QListView

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.drag_out import MOST_FILES, drag_out
from veo_studio.ui.view_models.library_model import LibraryModel

if TYPE_CHECKING:
    from veo_studio.core.library_query import LibraryQuery
    from veo_studio.ui.views.clip_geometry import ClipGeometry
    from veo_studio.ui.views.hidden_rows import HiddenRows

# so many selected rows are kept loaded wherever the list is scrolled to
_MOST_HELD = 500
_Flag = QItemSelectionModel.SelectionFlag
_Hint = QAbstractItemView.ScrollHint
_Move = QAbstractItemView.CursorAction


class ClipChoosing(QListView):
    """The part of `ClipView` that Qt asks for where cells are, and what is selected.

    Signals:
        part_dragged(int, int): the files of so many were dragged somewhere, of so many selected.
    """

    part_dragged = pyqtSignal(int, int)

    viewer: int
    clips: LibraryModel | None
    hidden: HiddenRows
    cells: ClipGeometry

    def rect_of(self, row: int) -> QRect:
        raise NotImplementedError

    def rows_in_sight(self) -> range:
        raise NotImplementedError

    def row_count(self) -> int:
        raise NotImplementedError

    # What is chosen

    def chosen_rows(self) -> Iterator[range]:
        """The selected rows as ranges, from top to bottom."""
        model = self.selectionModel()
        if model is None:
            return
        selection = model.selection()
        ranges = (selection[number] for number in range(len(selection)))
        found = (range(one.top(), one.bottom() + 1) for one in ranges if one.isValid())
        yield from sorted(found, key=lambda rows: rows.start)

    def chosen_count(self) -> int:
        return sum(len(rows) for rows in self.chosen_rows())

    def chosen_ids(self) -> array[int]:
        """The selected ids from top to bottom, loaded or not."""
        ids = array("q")
        if self.clips is not None:
            for rows in self.chosen_rows():
                ids += self.clips.ids_between(rows.start, rows.stop - 1)
        return ids

    def chosen(self) -> list[Generation]:
        """The selected generations that are loaded, from top to bottom."""
        if self.clips is None:
            return []
        return self.clips.loaded_of(self.chosen_ids())

    def choose_ids(self, ids: array[int], current: int | None = None) -> None:
        """Select these and nothing else, as far as they are here."""
        clips, selection = self.clips, self.selectionModel()
        if clips is None or selection is None:
            return
        rows = sorted(row for row in clips.rows_of_ids(ids) if row not in self.hidden)
        chosen = QItemSelection()
        start = 0
        for place in range(1, len(rows) + 1):
            if place == len(rows) or rows[place] != rows[place - 1] + 1:
                chosen.select(clips.index(rows[start], 0), clips.index(rows[place - 1], 0))
                start = place
        selection.select(chosen, _Flag.ClearAndSelect)
        if current is not None and (index := clips.index_of(current)).isValid():
            selection.setCurrentIndex(index, _Flag.NoUpdate)

    def selectAll(self) -> None:
        """All that is shown: what is folded away is not chosen unseen."""
        if self.selectionMode() is not QAbstractItemView.SelectionMode.ExtendedSelection:
            return
        selection = self.selectionModel()
        if selection is not None:
            selection.select(self._selection(0, self.row_count() - 1), _Flag.ClearAndSelect)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if self.clips is not None:
            held = self.chosen_ids() if self.chosen_count() <= _MOST_HELD else array("q")
            self.clips.hold(self.viewer, held)

    def _selection(self, first: int, last: int) -> QItemSelection:
        """These rows without those that are folded away."""
        selection = QItemSelection()
        if self.clips is None or last < first:
            return selection
        start = first
        for row in [*(row for row in self.hidden.rows if first <= row <= last), last + 1]:
            if row > start:
                selection.select(self.clips.index(start, 0), self.clips.index(row - 1, 0))
            start = row + 1
        return selection

    def leave_folded(self) -> None:
        """What is folded away is not selected either: nothing is done to what cannot be seen."""
        clips, selection = self.clips, self.selectionModel()
        if clips is None or selection is None:
            return
        rows = clips.takes.hidden_rows()
        away, current = set(rows), self.currentIndex().row()
        is_chosen = current in away and selection.isSelected(self.currentIndex())
        unseen = QItemSelection()
        for row in rows:
            index = clips.index(row, 0)
            if selection.isSelected(index):
                unseen.select(index, index)
        if not unseen.isEmpty():
            selection.select(unseen, _Flag.Deselect)
        if current in away:
            while current in away:
                current -= 1
            flag = _Flag.Select if is_chosen else _Flag.NoUpdate
            selection.setCurrentIndex(clips.index(current, 0), flag)

    # Over a new reading of the same list

    _remembered: tuple[LibraryQuery, array[int], int | None, tuple[int, int] | None] | None = None

    def remember(self) -> None:
        """The rows are about to be told anew: what is chosen, and what is at the top."""
        clips = self.clips
        if clips is None:
            return
        row, current = self.currentIndex().row(), None
        if 0 <= row < self.row_count():
            current = clips.id_at(row)
        shown, top = self.rows_in_sight(), None
        if shown and self.verticalOffset() > 0:
            top = clips.id_at(shown.start), self.rect_of(shown.start).top()
        self._remembered = (clips.shown_query, self.chosen_ids(), current, top)

    def recalled(self) -> tuple[int, int, int | None] | None:
        """Select again what was chosen, where it is the same list; what was at the top is the answer."""
        kept, self._remembered = self._remembered, None
        clips = self.clips
        if kept is None or clips is None or kept[0] != clips.shown_query:
            return None
        _, ids, current, top = kept
        if ids or current is not None:
            self.choose_ids(ids, current)
        row = clips.row_of(top[0]) if top is not None else None
        return None if row is None or top is None else (row, top[1], None)

    # Qt asks where things are

    def visualRect(self, index: QModelIndex) -> QRect:
        return self.rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, p: QPoint) -> QModelIndex:
        row = self.row_at(p)
        return QModelIndex() if row is None or self.clips is None else self.clips.index(row, 0)

    def row_at(self, point: QPoint) -> int | None:
        place = self.cells.at(self._x(point), point.y() + self.verticalOffset())
        return None if place is None else self.hidden.row(place)

    def _x(self, point: QPoint) -> int:
        return self.viewport().width() - 1 - point.x() if self.isRightToLeft() else point.x()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: QModelIndex) -> bool:
        return index.row() in self.hidden

    def isRowHidden(self, row: int) -> bool:
        """True for a take that is folded away."""
        return row in self.hidden

    def sizeHintForRow(self, row: int) -> int:
        return self.cells.measures.height

    def scrollTo(self, index: QModelIndex, hint: _Hint = _Hint.EnsureVisible) -> None:
        row = index.row()
        if not index.isValid() or row in self.hidden:
            return
        rect, bar = self.rect_of(row), self.verticalScrollBar()
        height, margin = self.viewport().height(), self.cells.measures.margin
        top = rect.top() + bar.value()
        if hint is _Hint.PositionAtTop:
            bar.setValue(top - margin)
        elif hint is _Hint.PositionAtBottom:
            bar.setValue(top + rect.height() + margin - height)
        elif hint is _Hint.PositionAtCenter:
            bar.setValue(top - (height - rect.height()) // 2)
        elif rect.top() < 0 or rect.height() > height:
            # with the heading of its day, if it is in the first line
            is_first = top <= self.cells.measures.heading + margin
            bar.setValue(0 if is_first else top - margin)
        elif rect.bottom() >= height:
            bar.setValue(top + rect.height() + margin - height)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        shown, region = self.rows_in_sight(), QRegion()
        for number in range(len(selection)):
            one = selection[number]
            for row in range(max(one.top(), shown.start), min(one.bottom(), shown.stop - 1) + 1):
                region += QRegion(self.rect_of(row))
        return region

    # Keys

    def keyboardSearch(self, search: str | None) -> None:
        pass  # the search field finds; a letter is a command

    def moveCursor(self, cursorAction: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        cells = self.cells
        if self.clips is None or not cells.count:
            return QModelIndex()
        current = self.currentIndex()
        if not current.isValid():
            return self.clips.index(self.hidden.row(0), 0)
        place = self._moved(cursorAction, min(self.hidden.place(current.row()), cells.count - 1))
        return self.clips.index(self.hidden.row(place), 0)

    def _moved(self, action: _Move, place: int) -> int:
        cells, last = self.cells, self.cells.count - 1
        if action in (_Move.MoveLeft, _Move.MoveRight) and self.isRightToLeft():
            action = _Move.MoveRight if action is _Move.MoveLeft else _Move.MoveLeft
        if action is _Move.MoveHome:
            return 0
        if action is _Move.MoveEnd:
            return last
        if action in (_Move.MoveLeft, _Move.MovePrevious):
            return max(0, place - 1)
        if action in (_Move.MoveRight, _Move.MoveNext):
            return min(last, place + 1)
        if action in (_Move.MoveUp, _Move.MoveDown):
            return cells.beside(place, 1 if action is _Move.MoveDown else -1)
        cell = cells.cell(place)
        page = max(cell.height, self.viewport().height() - cell.height)
        step = page if action is _Move.MovePageDown else -page
        found = cells.nearest(cell.left, max(0, cell.top + step))
        assert found is not None
        return found

    # Pointer

    _band_from: QPoint | None = None
    _band: QRect | None = None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._band_from = self._band = None
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            here = event.position().toPoint()
            if self.row_at(here) is None:
                self._band_from = here + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        QAbstractItemView.mouseMoveEvent(self, event)
        if self._band is not None:
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        QAbstractItemView.mouseReleaseEvent(self, event)
        self._band_from = None
        if self._band is not None:
            self._band = None
            self.viewport().update()

    def setSelection(self, rect: QRect, command: _Flag) -> None:
        """A click, a range between two cells, or what a rubber band touches."""
        selection = self.selectionModel()
        if self.clips is None or selection is None:
            return
        dragging = self.state() == QAbstractItemView.State.DragSelectingState
        if self._band_from is not None and dragging:
            selection.select(self._in_band(rect), command)
            return
        ends = [rect.topLeft(), rect.bottomRight()]
        if rect.width() == 1 and rect.height() == 1:
            row = self.row_at(ends[0])
            chosen = self._selection(row, row) if row is not None else QItemSelection()
        else:
            top = self.verticalOffset()
            places = [self.cells.nearest(self._x(p), p.y() + top) for p in ends]
            found = sorted(self.hidden.row(one) for one in places if one is not None)
            chosen = self._selection(found[0], found[-1]) if found else QItemSelection()
        selection.select(chosen, command)

    def _in_band(self, rect: QRect) -> QItemSelection:
        """The cells that the band touches; in each line they follow each other."""
        self._band = band = rect.normalized().translated(0, self.verticalOffset())
        cells, chosen = self.cells, QItemSelection()
        left, right = sorted((self._x(rect.topLeft()), self._x(rect.bottomRight())))
        assert self.clips is not None
        for place in cells.between(band.top(), band.bottom()):
            cell = cells.cell(place)
            if cell.left <= right and cell.left + cell.width > left:
                index = self.clips.index(self.hidden.row(place), 0)
                chosen.select(index, index)
        return chosen

    def paint_band(self, painter: QPainter) -> None:
        if self._band is None:
            return
        colors = theme.tokens()
        frame = QRectF(self._band.translated(0, -self.verticalOffset()))
        painter.setPen(QPen(colors.color("accent"), 1))
        painter.setBrush(colors.color("accent", 0.15))
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        # Qt calls this from its own mouse-move handler: a plain event, no task on the stack.
        if self.clips is None:
            return
        loaded, total = self.chosen(), self.chosen_count()
        without_file = sum(not one.has_file for one in loaded)
        carried = min(len(loaded) - without_file, MOST_FILES)
        self._is_part = carried < total - without_file
        if drag_out(self, loaded, self.clips.pixmap_of) and self._is_part:
            self.part_dragged.emit(carried, total - without_file)

    _is_part = False

    def note_all_taken(self) -> None:
        """What is dragged was dropped where all ids count, not the files."""
        self._is_part = False
