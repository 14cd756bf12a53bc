"""The Drafts tab: what is made and not published yet, as cards with their state."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelection, QModelIndex, QPoint, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import QApplication, QMenu, QStackedWidget, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts
from veo_studio.ui.delegates.draft_card import DraftCard
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.drafts_model import DraftsModel
from veo_studio.ui.views import history_menu, menu_letters
from veo_studio.ui.views.clip_keys import command_of, rating_of
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.drafts_bar import DraftsBar
from veo_studio.ui.views.drafts_foot import DraftsFoot
from veo_studio.ui.views.drafts_room import DraftsRoom
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.library_grid import LibraryGrid
from veo_studio.ui.views.mark_menu import COMMANDS, many_actions
from veo_studio.ui.views.selects_clips import SelectsClips

# a draft that is only passed on the way to another one is not opened
_LOOK_MS = 150
_PLAY_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class DraftsGrid(LibraryGrid):
    """Cards of `DraftCard`, whose keys `owner.handle_key` has first."""

    def __init__(self, owner: QWidget, drafts: DraftsModel) -> None:
        super().__init__(owner, drafts.clips)
        self.setAccessibleName(tr("Drafts"))
        self._card_delegate = DraftCard(drafts.planned_at, self)
        self.set_grid(True)


class DraftsView(QWidget, SelectsClips):
    """The drafts, and beside them the window's player while the tab is shown.

    Signals:
        used(str): a command for what is selected: play, favourite, reject, tags, collection, compare,
            copy, export, shelf, delete.
        asked(str): publish, retry or zip, for what is selected.
        rated(int): 0 to 5 for what is selected.
        looked_at(Generation): it alone is selected, and the selection rests.
        deliveries_asked(): the list of deliveries.
    """

    used = pyqtSignal(str)
    asked = pyqtSignal(str)
    rated = pyqtSignal(int)
    looked_at = pyqtSignal(object)
    deliveries_asked = pyqtSignal()

    def __init__(
        self, drafts: DraftsModel, requests: ClipRequests, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.share(requests)
        self.drafts = drafts
        self.model = drafts.clips
        self.menu: QMenu | None = None
        self.bar = DraftsBar(self)
        self.grid = self.chooser = DraftsGrid(self, drafts)
        self.empty = EmptyState("film", self)
        self.empty.setAutoFillBackground(True)
        self.empty.setBackgroundRole(self.palette().ColorRole.Base)
        self.foot = DraftsFoot(self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.empty)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)
        self.room = DraftsRoom(self, middle, self.bar.side_button.setChecked)
        self.side = self.room.side
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.room.across)
        self.notices = NoticeBar(self.stack)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._bind()
        self._show_counts()
        self._show_right_page()

    def _bind(self) -> None:
        drafts, model, bar, grid = self.drafts, self.model, self.bar, self.grid
        # methods, not lambdas: the models must not keep the view alive
        drafts.counts_changed.connect(self._show_counts)
        drafts.plans_changed.connect(self._on_plans)
        drafts.filter_changed.connect(self._show_filter)
        model.modelReset.connect(self._on_rows)
        model.rowsInserted.connect(self._on_rows)
        model.rowsRemoved.connect(self._on_rows)
        model.search_changed.connect(self._on_rows)
        model.total_changed.connect(self._on_rows)
        model.dataChanged.connect(self._on_data)
        grid.selectionModel().selectionChanged.connect(self._on_selection)
        grid.doubleClicked.connect(self._on_double_click)
        grid.menu_requested.connect(self.open_menu)
        bar.states_chosen.connect(drafts.show_states)
        bar.text_typed.connect(model.set_search)
        bar.deliveries_clicked.connect(self.deliveries_asked)
        bar.side_clicked.connect(self.room.set_side_wanted)
        bar.list_wanted.connect(self._enter_list)
        bar.left.connect(self._focus_grid)
        self.empty.action_requested.connect(self._on_empty_action)
        self.foot.used.connect(self._on_used)

    # the side

    def take_player(self, player: QWidget) -> None:
        self.side.insertWidget(0, player)
        player.show()
        self.room.fit()
        # another page may have shown another clip in it
        self._look.start()

    def let_player_go(self) -> None:
        """It is about to leave for another page."""

    def show_side(self) -> None:
        """Somebody wants to see the player."""
        self.room.set_side_wanted(True)

    # what is selected

    def _on_selection(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self._show_selected()
        self._look.start()
        self.tell_selection()

    def _show_selected(self) -> None:
        focus = self.window().focusWidget()  # type: ignore[union-attr]
        self.foot.show_selected(self.selected(), self.grid.chosen_count())
        if focus is not None and self.foot.isAncestorOf(focus) and not focus.isEnabled():
            # Qt would give it to whatever comes next: a notice, and what it offers
            self._focus_grid()

    def _on_look(self) -> None:
        if self.grid.chosen_count() == 1 and self.isVisible() and (chosen := self.selected()):
            self.looked_at.emit(chosen[0])

    def _on_data(self, first: QModelIndex, last: QModelIndex, *_: object) -> None:
        """What is selected may be ready now, or loaded."""
        if any(rows.start <= last.row() and first.row() < rows.stop
               for rows in self.grid.chosen_rows()):  # fmt: skip
            self._show_selected()

    # what is shown

    def _show_counts(self) -> None:
        drafts = self.drafts
        self.bar.show_counts(drafts.counts, is_counted=drafts.is_counted)

    def _show_filter(self) -> None:
        self.bar.show_states(self.drafts.states)
        if not self.model.search and self.bar.search.text():
            self.bar.clear()
        self._show_right_page()

    def _on_plans(self) -> None:
        self.grid.viewport().update()

    def _on_rows(self, *_: object) -> None:
        self._show_right_page()
        self._show_selected()

    def _show_right_page(self) -> None:
        model = self.model
        is_empty = model.is_loaded and model.rowCount() == 0
        if is_empty and self.drafts.is_filtered:
            self.empty.set_content(tr("No draft is like this."), tr("Show all drafts"), "search")
        elif is_empty:
            words = tr(
                "No drafts. What you generate waits here until you publish it; type a prompt and "
                "press Ctrl+Enter."
            )
            self.empty.set_content(words, tr("Write a prompt"), "film")
        wanted: QWidget = self.empty if is_empty else self.grid
        if self.stack.currentWidget() is not wanted:
            had_focus = self.grid.hasFocus()
            self.stack.setCurrentWidget(wanted)
            if had_focus and is_empty:
                self.empty.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.foot.show_total(model.total)

    def _on_empty_action(self) -> None:
        if self.drafts.is_filtered:
            self.drafts.show_all()
        else:
            self.write_requested.emit()

    # commands

    def _on_used(self, command: str) -> None:
        """From the foot; whoever used a button there goes on among the drafts."""
        if command == "open":
            self.used.emit("play")
        elif command == "delete":
            self.used.emit("delete")
        else:
            self.asked.emit(command)

    def _on_double_click(self, _index: QModelIndex) -> None:
        self.used.emit("play")

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
        own = shortcuts.command(event, Group.DRAFTS)
        if own is not None:
            self._ask(own.partition(".")[2])
            return True
        command = command_of(event)
        if (stars := rating_of(command)) is not None:
            self.rated.emit(stars)
            return True
        if command in COMMANDS:
            self.used.emit(command)
            return True
        return False

    def _ask(self, command: str) -> None:
        """As the button does, and only where that can be pressed."""
        if self.foot.buttons[command].isEnabled():
            self.asked.emit(command)

    def _step_out(self) -> None:
        """Escape: first out of the selection, then to the search."""
        if self.grid.chosen_count():
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
        count = self.grid.chosen_count()
        if count > len(chosen):
            return many_actions(self.used.emit, self.rated.emit, self, count)
        return history_menu.actions_for(self.requests, chosen, self, takes=self.grid.add_fold)

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
        target = self.grid if self.stack.currentWidget() is self.grid else self.empty.button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def cycle(self, step: int) -> None:
        """Put the focus into the next part that is shown."""
        parts: list[QWidget] = [self.bar.search, self.grid, self.foot.publish]
        if (player := self.side.widget(0)) is not None:
            parts.append(player)
        shown = [one for one in parts if one.isVisible() and one.isEnabled()]
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
