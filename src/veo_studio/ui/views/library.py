"""The Library tab: every clip and picture, found, marked and watched."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from PyQt6.QtCore import QItemSelection, QModelIndex, QPoint, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import Generation
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.view_models.library_filters import toggled
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.library_places import LibraryPlaces
from veo_studio.ui.views import history_menu, menu_letters
from veo_studio.ui.views.clip_keys import command_of, rating_of
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.library_bar import LibraryBar
from veo_studio.ui.views.library_empty import LibraryEmpty, is_whole_collection
from veo_studio.ui.views.library_foot import LibraryFoot
from veo_studio.ui.views.library_grid import LibraryGrid
from veo_studio.ui.views.library_room import LibraryRoom
from veo_studio.ui.views.library_sidebar import LibrarySidebar
from veo_studio.ui.views.mark_menu import COMMANDS, many_actions
from veo_studio.ui.views.selects_clips import SelectsClips

# a clip that is only passed on the way to another one is not opened
_LOOK_MS = 150
_PLAY_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class LibraryView(QWidget, SelectsClips):
    """Sidebar, the clips, and beside them the window's player over the details.

    `grid` shows the clips, `side` holds the player while the tab is shown, and the details.

    Signals:
        used(str): a command for what is selected: play, favourite, reject, tags, collection, take_out,
            compare, copy, export, shelf, delete.
        rated(int): 0 to 5 for what is selected.
        looked_at(Generation): it alone is selected, and the selection rests.
        chosen_changed(): other rows are selected, loaded or not.
        state_changed(): how the clips are shown is another one.
    """

    used = pyqtSignal(str)
    rated = pyqtSignal(int)
    looked_at = pyqtSignal(object)
    chosen_changed = pyqtSignal()
    state_changed = pyqtSignal()

    def __init__(
        self,
        model: LibraryModel,
        requests: ClipRequests,
        places: LibraryPlaces,
        *,
        model_name: Callable[[str], str] = str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.share(requests)
        self.model = model
        self.places = places
        self.menu: QMenu | None = None
        self.sidebar = LibrarySidebar(self)
        self.bar = LibraryBar(
            self,
            query=lambda: self.model.query,
            facets=lambda: self.places.places.facets,
            model_name=model_name,
            provider_name=lambda name: requests.provider_name_of(name),
        )
        self.grid = self.chooser = LibraryGrid(self, model)
        self.empty = LibraryEmpty(self)
        self.foot = LibraryFoot(self)
        self.side = QSplitter(Qt.Orientation.Vertical)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.empty)
        self.middle = QWidget(self)
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)
        self.room = LibraryRoom(self, self.sidebar, self.middle, self.side, self.bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.room.across)
        self.notices = NoticeBar(self.stack)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._bind()
        self.grid.set_grid(True)
        self.grid.set_day_headings(True)
        self._cell_px = 208
        self._has_days = True
        self._show_mode()
        self._show_places()

    def _bind(self) -> None:
        model, bar, grid = self.model, self.bar, self.grid
        # methods, not lambdas: the model must not keep the view alive
        model.query_changed.connect(self.show_query)
        model.modelReset.connect(self._on_rows)
        model.rowsInserted.connect(self._on_rows)
        model.rowsRemoved.connect(self._on_rows)
        model.search_changed.connect(self._on_rows)
        model.dataChanged.connect(self._on_data)
        grid.selectionModel().selectionChanged.connect(self._on_selection)
        grid.doubleClicked.connect(self._on_double_click)
        grid.menu_requested.connect(self.open_menu)
        bar.text_typed.connect(model.set_search)
        bar.query_chosen.connect(model.set_query)
        bar.grid_chosen.connect(self.set_grid)
        bar.days_chosen.connect(self.set_days)
        bar.cell_chosen.connect(self.set_cell)
        bar.list_wanted.connect(self._enter_list)
        bar.left.connect(self._focus_grid)
        self.sidebar.query_chosen.connect(self._on_place)
        self.sidebar.tag_chosen.connect(self._on_tag)
        self.places.changed.connect(self._show_places)
        self.empty.action_requested.connect(self._on_empty_action)
        self.foot.selection.used.connect(self.used)
        self.foot.selection.rated.connect(self.rated)
        self.foot.selection.cleared.connect(self._select_nothing)
        self.room.changed.connect(self.state_changed)

    # the side

    def take_player(self, player: QWidget) -> None:
        self.side.insertWidget(0, player)
        player.show()
        self.room.share_side()

    def let_player_go(self) -> None:
        """It is about to leave for another page."""
        self.room.keep_side()

    def set_details(self, details: QWidget) -> None:
        """Under the player."""
        self.side.addWidget(details)

    def show_side(self) -> None:
        """Somebody wants to see the player or the details."""
        self.room.set_side_wanted(True)

    # what is selected

    def _select_nothing(self) -> None:
        self.grid.clearSelection()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_selection(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self.foot.show_selected(self.grid.chosen_count())
        self._look.start()
        self.chosen_changed.emit()
        self.tell_selection()

    def _on_look(self) -> None:
        if self.grid.chosen_count() == 1 and self.isVisible():
            chosen = self.selected()
            if chosen:
                self.looked_at.emit(chosen[0])

    def _on_data(self, first: QModelIndex, last: QModelIndex, *_: object) -> None:
        """What was selected before it was loaded is looked at when it is."""
        row = self.grid.currentIndex().row()
        if first.row() <= row <= last.row() and self.grid.chosen_count() == 1:
            self._look.start()

    # how it is shown

    def set_grid(self, is_grid: bool) -> None:
        self.grid.set_grid(is_grid)
        self._show_mode()
        self.state_changed.emit()

    def set_days(self, has_days: bool) -> None:
        self._has_days = has_days
        self.grid.set_day_headings(has_days)
        self._show_mode()
        self.state_changed.emit()

    def set_cell(self, width_px: int) -> None:
        self._cell_px = width_px
        self.grid.set_card_width(width_px)
        self._show_mode()
        self.state_changed.emit()

    @property
    def cell_px(self) -> int:
        return self._cell_px

    @property
    def has_days(self) -> bool:
        return self._has_days

    def _show_mode(self) -> None:
        self.bar.show_mode(
            is_grid=self.grid.is_grid, has_days=self._has_days, cell_px=self._cell_px
        )

    def show_query(self, query: LibraryQuery) -> None:
        collection = self.places.collection(query.collection_id)
        self.bar.show_query(query, collection.name if collection is not None else "")
        self.sidebar.show_query(query)
        self.state_changed.emit()

    def _show_places(self) -> None:
        self.sidebar.show_places(self.places.places)
        self.show_query(self.model.query)
        self._show_right_page()

    def _on_rows(self, *_: object) -> None:
        self._show_right_page()

    def _show_right_page(self) -> None:
        model = self.model
        is_empty = model.is_loaded and model.rowCount() == 0
        if is_empty:
            self.empty.show_for(model.query)
        wanted: QWidget = self.empty if is_empty else self.grid
        if self.stack.currentWidget() is not wanted:
            had_focus = self.grid.hasFocus()
            self.stack.setCurrentWidget(wanted)
            if had_focus and is_empty:
                self.empty.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.foot.show_total(model.total, has_pictures=self.places.places.pictures > 0)

    def _on_empty_action(self) -> None:
        query = self.model.query
        if query.is_plain:
            self.write_requested.emit()
        elif is_whole_collection(query):
            self.model.set_query(LibraryQuery(sort=query.sort))
        else:
            self.bar.clear()
            self.bar.focus_search()

    # places

    def _on_place(self, query: LibraryQuery) -> None:
        """A place of the sidebar; the order stays, unless a saved search has its own."""
        self.room.close_popup()
        is_saved = any(one.query == query for one in self.places.places.searches)
        if not is_saved:
            query = LibraryQuery.from_json({**query.to_json(), "sort": self.model.query.sort.value})
        self.model.set_query(query)

    def _on_tag(self, tag: str) -> None:
        query = self.model.query
        self.model.set_query(toggled(query, "tags", tag, tag not in query.tags))

    # keys and menu

    def handle_key(self, event: QKeyEvent | None) -> bool:
        """True when the key was ours."""
        assert event is not None
        key = event.key()
        if key in _PLAY_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.used.emit("play")
            return True
        if event.matches(QKeySequence.StandardKey.Copy):
            self.used.emit("copy")
            return True
        if key == Qt.Key.Key_Escape:
            self._step_out()
            return True
        command = command_of(event)
        if (stars := rating_of(command)) is not None:
            self.rated.emit(stars)
            return True
        if command in COMMANDS:
            self.used.emit(command)
            return True
        return False

    def _step_out(self) -> None:
        """Escape: first out of the selection, then to the search."""
        if self.grid.chosen_count() > 1:
            self.grid.choose_ids(array("q"))
            current = self.grid.currentIndex()
            if current.isValid():
                self.grid.setCurrentIndex(current)
        elif self.grid.chosen_count():
            self.grid.clearSelection()
        else:
            self.bar.focus_search()

    def open_menu(self, position: QPoint) -> None:
        """Open the context menu of the selection at a global position."""
        actions = self.actions_for(self.selected())
        if not actions:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self)
        menu_letters.fill(self.menu, actions)
        # Not exec: a menu must not start a loop of its own.
        self.menu.popup(position)

    def actions_for(self, chosen: list[Generation]) -> list[QAction | None]:
        """What can be done with these, None for a separator."""
        shown = self.places.collection(self.model.query.collection_id)
        name = shown.name if shown is not None else ""
        count = self.grid.chosen_count()
        if count > len(chosen):
            return many_actions(self.used.emit, self.rated.emit, self, count, collection_name=name)
        take_out = (lambda: self.used.emit("take_out")) if name else None
        fold = self.grid.add_fold
        return history_menu.actions_for(
            self.requests, chosen, self, takes=fold, collection_name=name, take_out=take_out
        )

    def _on_double_click(self, _index: QModelIndex) -> None:
        self.used.emit("play")

    # the keyboard

    def focus_search(self) -> None:
        self.bar.focus_search()

    def _enter_list(self) -> None:
        if not self.model.rowCount():
            return
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.grid.chosen_count():
            self.grid.setCurrentIndex(QModelIndex())
            self.grid.setCurrentIndex(self.model.index(0, 0))

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        # no focus proxy: Tab never leaves what stands before the proxy of what is around both
        self._focus_grid()

    def _focus_grid(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def cycle(self, step: int) -> None:
        """Put the focus into the next part that is shown."""
        parts: list[QWidget] = [self.sidebar, self.bar.search, self.grid]
        beside = [self.side.widget(n) for n in range(self.side.count())]
        parts += [one for one in beside if one is not None]
        shown = [one for one in parts if one.isVisible()]
        focus = QApplication.focusWidget()
        here = next(
            (n for n, one in enumerate(shown) if focus is not None
             and (one is focus or one.isAncestorOf(focus))),
            -1 if step > 0 else 0,
        )  # fmt: skip
        if shown:
            shown[(here + step) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.room.fit()

    def minimumSizeHint(self) -> QSize:
        # what is too wide for the window steps aside
        return QSize(320, 240)
