"""The places of the library: everything, favourites, rejected, collections, saved searches, tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPoint, QRect, QSize, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QIcon,
    QKeyEvent,
    QPainter,
    QPen,
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

from veo_studio.core.library_query import Collection, LibraryQuery, SavedSearch
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.view_models.library_places import EVERYTHING, FAVOURITES, REJECTED, Places

_MOST_TAGS = 200
_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Place:
    """What a line stands for; one of them."""

    query: LibraryQuery | None = None
    collection: Collection | None = None
    search: SavedSearch | None = None
    tag: str = ""


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
            self._build()

    def show_query(self, query: LibraryQuery) -> None:
        """Mark the place that the clips are shown of."""
        self._query = query
        self._mark()

    def _build(self) -> None:
        bar = self.verticalScrollBar()
        before = bar.value()
        current = self.current_place()
        self.clear()
        self._sections.clear()
        places = self._places
        self._line("library", tr("All"), places.total, Place(EVERYTHING))
        self._line("heart", tr("Favourites"), places.favourites, Place(FAVOURITES))
        self._line("reject", tr("Rejected"), places.rejected, Place(REJECTED))
        self._section(
            "collections", tr("Collections"), tr("New collection"), self.new_collection_clicked
        )
        for collection in places.collections:
            place = Place(LibraryQuery(collection_id=collection.id), collection=collection)
            self._line("collection", collection.name, collection.count, place)
        if not places.collections:
            self._hint(tr("Drop clips here to make one."))
        self._section(
            "searches", tr("Saved searches"), tr("Save this search"), self.new_search_clicked
        )
        for search in places.searches:
            self._line("bookmark", search.name, None, Place(search.query, search=search))
        if not places.searches:
            self._hint(tr("A search with its filters, under a name."))
        if places.facets.tags:
            self._section("tags", tr("Tags"))
        for tag, count in places.facets.tags[:_MOST_TAGS]:
            self._line("tag", tag, count, Place(tag=tag))
        self._mark()
        if current is not None:
            self._select(current)
        bar.setValue(before)

    def _line(self, icon_name: str, words: str, count: int | None, place: Place) -> None:
        item = QTreeWidgetItem(self)
        item.setText(0, words)
        item.setIcon(0, self._icon(icon_name))
        item.setData(0, _PLACE, place)
        item.setToolTip(0, plain_tool_tip(words))
        spoken = words
        if count is not None:
            item.setText(1, f"{count:,}".replace(",", "\u202f"))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, theme.tokens().color("dim"))
            item.setFont(1, theme.tabular(theme.secondary_text_font()))
            spoken = tr_n("{words}, {n} clip", "{words}, {n} clips", count, words=words)
        if place.search is not None and place.query is None:
            item.setForeground(0, theme.tokens().color("dim"))
            words = tr("A newer Veo Studio saved this search; it cannot be shown here.")
            item.setToolTip(0, words)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _icon(self, name: str) -> QIcon:
        """The same on a selected line, which is raised here and not filled with the accent."""
        pixmap = icon(name, "dim", 16).pixmap(QSize(16, 16), self.devicePixelRatioF())
        made = QIcon(pixmap)
        made.addPixmap(pixmap, QIcon.Mode.Selected)
        return made

    def _section(
        self, name: str, words: str, add: str = "", clicked: pyqtBoundSignal | None = None
    ) -> None:
        item = QTreeWidgetItem(self)
        item.setText(0, words)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setForeground(0, theme.tokens().color("dim"))
        item.setFont(0, theme.secondary_text_font())
        for column in (0, 1):
            item.setSizeHint(column, QSize(0, max(36, round(theme.body_px() * 2.6))))
        self._sections[name] = item
        if clicked is not None:
            button = QToolButton()
            button.setIcon(icon("plus", "dim", 16))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(add)
            button.setAccessibleName(add)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(clicked)
            self.setItemWidget(item, 1, button)

    def _hint(self, words: str) -> None:
        item = QTreeWidgetItem(self)
        item.setText(0, words)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setForeground(0, theme.tokens().color("dim"))
        item.setFont(0, theme.secondary_text_font())
        item.setToolTip(0, words)
        item.setFirstColumnSpanned(True)

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for n in range(self.topLevelItemCount()) if (item := self.topLevelItem(n))]

    def _mark(self) -> None:
        """What is shown is bold; a tag that filters, too."""
        for item in self._items():
            place = item.data(0, _PLACE)
            if not isinstance(place, Place):
                continue
            font = item.font(0)
            font.setBold(self._is_shown(place))
            item.setFont(0, font)

    def _is_shown(self, place: Place) -> bool:
        if place.tag:
            return place.tag in self._query.tags
        if place.collection is not None:
            return self._query.collection_id == place.collection.id
        if place.query is None:
            return False
        shown = LibraryQuery.from_json({**self._query.to_json(), "sort": place.query.sort.value})
        return shown == place.query

    def current_place(self) -> Place | None:
        """The line that has the focus."""
        item = self.currentItem()
        place = item.data(0, _PLACE) if item is not None else None
        return place if isinstance(place, Place) else None

    def _select(self, wanted: Place) -> None:
        for item in self._items():
            place = item.data(0, _PLACE)
            if isinstance(place, Place) and _is_same(place, wanted):
                self.setCurrentItem(item)
                return

    # what is done

    def _on_clicked(self, item: QTreeWidgetItem | None, _column: int = 0) -> None:
        place = item.data(0, _PLACE) if item is not None else None
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
            if event.key() == Qt.Key.Key_F2 and _is_named(place):
                self.rename_requested.emit(place)
                return
            if event.key() == Qt.Key.Key_Delete and _is_named(place):
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

        if _is_named(place):
            if (search := place.search) is not None and search.query is not None:
                update = tr("&Update to what is shown")
                add(update, "check", lambda: self.update_requested.emit(search))
            add(tr("&Rename\u2026\tF2"), "edit", lambda: self.rename_requested.emit(place))
            add(tr("&Delete\tDel"), "trash", lambda: self.delete_requested.emit(place))
        return made

    def contextMenuEvent(self, event: object) -> None:
        item = self.itemAt(event.pos()) or self.currentItem()  # type: ignore[attr-defined]
        place = item.data(0, _PLACE) if item is not None else None
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
        place = item.data(0, _PLACE)
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
        place = item.data(0, _PLACE)
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


def _is_named(place: Place) -> bool:
    return place.collection is not None or place.search is not None


def _is_same(one: Place, other: Place) -> bool:
    """The same line, also under another name or with other clips."""
    if one.collection is not None and other.collection is not None:
        return one.collection.id == other.collection.id
    if one.search is not None and other.search is not None:
        return one.search.id == other.search.id
    return one == other
