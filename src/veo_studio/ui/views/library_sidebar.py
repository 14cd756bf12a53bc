"""The places of the library: everything, favourites, rejected, collections, saved searches, tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import (
    QEvent,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    pyqtBoundSignal,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPen,
    QShowEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from veo_studio.core.library_query import LibraryQuery
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_places import Places
from veo_studio.ui.views.library_line_pen import PLACE, LinePen
from veo_studio.ui.views.library_lines import (
    COLLECTIONS,
    SEARCHES,
    Line,
    Place,
    can_be_written_over,
    lines_of,
)


class LibrarySidebar(QTreeWidget):
    """Signals:
    query_chosen(LibraryQuery): show this.
    tag_chosen(str): filter by it, or not any more.
    new_collection_clicked(), new_search_clicked().
    rename_requested(Place), delete_requested(Place), update_requested(SavedSearch).
    clips_dropped(Collection, list): these ids go into it.
    """

    query_chosen = pyqtSignal(object)
    tag_chosen = pyqtSignal(str)
    new_collection_clicked = pyqtSignal()
    new_search_clicked = pyqtSignal()
    rename_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)
    update_requested = pyqtSignal(object)
    clips_dropped = pyqtSignal(object, list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ids_of: Callable[[QDropEvent], list[int]] = lambda _event: []
        self.menu: QMenu | None = None
        self._query = LibraryQuery()
        self._places = Places()
        self._drop_item: QTreeWidgetItem | None = None
        self._sections: dict[str, QTreeWidgetItem] = {}
        self._lines: list[Line] = []
        self._bold: set[int] = set()
        self._pen = LinePen(self.devicePixelRatioF())
        self._is_stale = False
        self.setAccessibleName(tr("Collections, searches and tags"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAcceptDrops(True)
        self._set_width()
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(24)
        self.itemClicked.connect(self._on_clicked)
        self.itemActivated.connect(self._on_clicked)
        self._build()

    def sizeHint(self) -> QSize:
        return QSize(round(210 * self._ratio()), 400)

    def _ratio(self) -> float:
        """How much larger than usual the letters are."""
        return max(1.0, theme.body_px() / 13)

    def _set_width(self) -> None:
        self.setMinimumWidth(round(170 * self._ratio()))

    # what is listed

    def show_places(self, places: Places) -> None:
        """Keeps what is selected and where the list is scrolled to."""
        if places != self._places:
            self._places = places
            self._is_stale = True
            if self.isVisible():
                self._refresh()

    def showEvent(self, event: QShowEvent | None) -> None:
        self._refresh()
        super().showEvent(event)

    def show_query(self, query: LibraryQuery) -> None:
        """Mark the place that the clips are shown of."""
        if query != self._query:
            self._query = query
            self._mark()

    def _refresh(self) -> None:
        """Counts change with every clip that ends: only the lines that are other ones are written."""
        if not self._is_stale:
            return
        wanted, shown = lines_of(self._places), self._lines
        if not can_be_written_over(shown, wanted):
            self._build()
            return
        self._is_stale = False
        current = self.current_place()
        for number in range(len(shown), len(wanted), -1):
            self.takeTopLevelItem(number - 1)
        # told one by one, each change would have all widths measured anew
        with QSignalBlocker(self.model()):
            for number, (before, line) in enumerate(zip(shown, wanted, strict=False)):
                item = self.topLevelItem(number)
                if item is not None and line != before:
                    self._pen.fill(item, line, before)
        self.addTopLevelItems([self._pen.made(line) for line in wanted[len(shown) :]])
        self.scheduleDelayedItemsLayout()
        self._lines = wanted
        self._mark()
        self._stay_at(current)

    def _build(self) -> None:
        # now, not in the middle: the style gives other letters, and they begin this anew
        self.ensurePolished()
        bar = self.verticalScrollBar()
        before = bar.value()
        current = self.current_place()
        self.clear()
        self._sections.clear()
        self._bold.clear()
        self._pen = LinePen(self.devicePixelRatioF())
        self._lines, self._is_stale = lines_of(self._places), False
        clicked = {
            COLLECTIONS: (tr("New collection"), self.new_collection_clicked),
            SEARCHES: (tr("Save this search"), self.new_search_clicked),
        }
        # written before they are put in, all at once: nothing is laid out in between
        items = [self._pen.made(line) for line in self._lines]
        self.addTopLevelItems(items)
        for line, item in zip(self._lines, items, strict=True):
            if line.section:
                self._sections[line.section] = item
                if line.section in clicked:
                    self._add_button(item, *clicked[line.section])
            elif line.place is None:
                item.setFirstColumnSpanned(True)
        self._mark()
        self._stay_at(current)
        bar.setValue(before)

    def _add_button(self, item: QTreeWidgetItem, words: str, clicked: pyqtBoundSignal) -> None:
        button = QToolButton()
        button.setIcon(icon("plus", "dim", 16))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(clicked)
        self.setItemWidget(item, 1, button)

    def _stay_at(self, place: Place | None) -> None:
        now = self.current_place()
        if place is not None and (now is None or not place.is_same(now)):
            self._select(place)

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for n in range(self.topLevelItemCount()) if (item := self.topLevelItem(n))]

    def _mark(self) -> None:
        """What is shown is bold; a tag that filters, too."""
        wanted = {
            n for n, line in enumerate(self._lines) if line.place and self._is_shown(line.place)
        }
        for number in wanted ^ self._bold:
            item = self.topLevelItem(number)
            if item is not None:
                font = item.font(0)
                font.setBold(number in wanted)
                item.setFont(0, font)
        self._bold = wanted

    def _is_shown(self, place: Place) -> bool:
        if place.tag:
            return place.tag in self._query.tags
        if place.collection is not None:
            return self._query.collection_id == place.collection.id
        if place.query is None:
            return False
        return replace(self._query, sort=place.query.sort) == place.query

    def current_place(self) -> Place | None:
        """The line that has the focus."""
        item = self.currentItem()
        place = item.data(0, PLACE) if item is not None else None
        return place if isinstance(place, Place) else None

    def _select(self, wanted: Place) -> None:
        for item in self._items():
            place = item.data(0, PLACE)
            if isinstance(place, Place) and place.is_same(wanted):
                self.setCurrentItem(item)
                return

    # what is done

    def _on_clicked(self, item: QTreeWidgetItem | None, _column: int = 0) -> None:
        place = item.data(0, PLACE) if item is not None else None
        if not isinstance(place, Place):
            return
        if place.tag:
            self.tag_chosen.emit(place.tag)
        elif place.query is not None:
            self.query_chosen.emit(place.query)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        place = self.current_place()
        if place is not None:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
                self._on_clicked(self.currentItem())
                return
            if event.key() == Qt.Key.Key_F2 and place.is_named:
                self.rename_requested.emit(place)
                return
            if event.key() == Qt.Key.Key_Delete and place.is_named:
                self.delete_requested.emit(place)
                return
        super().keyPressEvent(event)

    def actions_for(self, place: Place) -> list[QAction]:
        """What can be done with a collection or a saved search."""
        made: list[QAction] = []

        def add(words: str, icon_name: str, do_it: Callable[[], object]) -> None:
            action = QAction(icon(icon_name, "text", 16), words, self)
            action.triggered.connect(lambda _checked=False: do_it())
            made.append(action)

        if place.is_named:
            if (search := place.search) is not None and search.query is not None:
                update = tr("&Update to what is shown")
                add(update, "check", lambda: self.update_requested.emit(search))
            add(tr("&Rename\u2026\tF2"), "edit", lambda: self.rename_requested.emit(place))
            add(tr("&Delete\tDel"), "trash", lambda: self.delete_requested.emit(place))
        return made

    def contextMenuEvent(self, event: object) -> None:
        item = self.itemAt(event.pos()) or self.currentItem()  # type: ignore[attr-defined]
        place = item.data(0, PLACE) if item is not None else None
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        if isinstance(place, Place):
            self.menu.addActions(self.actions_for(place))
        if not self.menu.isEmpty():
            self.menu.addSeparator()
        new = QAction(icon("plus", "text", 16), tr("&New collection\u2026"), self.menu)
        new.triggered.connect(self.new_collection_clicked)
        self.menu.addAction(new)
        # not exec: a menu must not start a loop of its own
        self.menu.popup(event.globalPos())  # type: ignore[attr-defined]

    # clips are dropped

    def _target(self, point: QPoint) -> QTreeWidgetItem | None:
        """A collection, or the heading over them, where a new one is made."""
        item = self.itemAt(point)
        if item is None:
            return None
        place = item.data(0, PLACE)
        if isinstance(place, Place):
            return item if place.collection is not None else None
        number = self.indexOfTopLevelItem(item)
        heading = self.indexOfTopLevelItem(self._sections["collections"])
        is_of_it = number == heading or (number == heading + 1 and not self._places.collections)
        return item if is_of_it else None

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        assert event is not None
        if self.ids_of(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        assert event is not None
        self._show_target(self._target(event.position().toPoint()) if self.ids_of(event) else None)
        if self._drop_item is None:
            event.ignore()
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self._show_target(None)

    def dropEvent(self, event: QDropEvent | None) -> None:
        assert event is not None
        item, ids = self._target(event.position().toPoint()), self.ids_of(event)
        self._show_target(None)
        if item is None or not ids:
            event.ignore()
            return
        # never a move: the file stays where it is
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        place = item.data(0, PLACE)
        self.clips_dropped.emit(place.collection if isinstance(place, Place) else None, ids)

    def _show_target(self, item: QTreeWidgetItem | None) -> None:
        if item is not self._drop_item:
            self._drop_item = item
            self.viewport().update()

    def paintEvent(self, event: object) -> None:
        super().paintEvent(event)  # type: ignore[arg-type]
        if self._drop_item is None:
            return
        frame: QRect = self.visualItemRect(self._drop_item)
        frame.setRight(self.viewport().width() - 1)
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.tokens().color("accent"), 2))
        painter.drawRoundedRect(frame.adjusted(2, 1, -2, -1), 4, 4)
        painter.end()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.ApplicationFontChange,
        ):
            self._set_width()
            self._build()
