"""The history pane: search, the list, and what can be done with a generation."""

from __future__ import annotations

from array import array
from functools import partial

from PyQt6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts, theme
from veo_studio.ui.delegates.history_delegate import HistoryDelegate
from veo_studio.ui.icons import icon
from veo_studio.ui.text import total_words, tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views import menu_letters
from veo_studio.ui.views.clip_keys import command_of, mark, rating_of
from veo_studio.ui.views.clip_requests import ClipRequests, SharesRequests
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.history_list import HistoryList


class HistoryView(QWidget, SharesRequests):
    """The history with its search field; its signals are those of `ClipRequests`.

    Its first rows are what people wait for at the start, so what its menu needs is imported with the menu.

    Signals:
        used(str): a command for what is selected, which is more than is loaded: favourite, reject, tags,
            collection, compare, copy, shelf, delete.
        rated(int): 0 to 5 for it.
    """

    used = pyqtSignal(str)
    rated = pyqtSignal(int)

    def __init__(
        self,
        model: LibraryModel,
        parent: QWidget | None = None,
        *,
        requests: ClipRequests | None = None,
    ) -> None:
        """`requests` are shared with the library; without them the history has its own."""
        super().__init__(parent)
        self.share(requests or ClipRequests(self))
        self.model = model
        self._has_pictures = False
        self.menu: QMenu | None = None
        self.setAccessibleName(tr("History"))
        self.setAutoFillBackground(True)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search prompts"))
        self.search.setAccessibleName(tr("Search the history"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.title = QLabel(tr("History"), self)
        theme.heading_font(self.title)
        self.count = QLabel(self)
        theme.secondary_font(self.count)
        theme.dim_text(self.count)
        self.list = HistoryList(self)
        self.delegate = HistoryDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self.list.setModel(model)
        self.empty = EmptyState("film", self)
        self._stack = QStackedWidget(self)
        self.list.doubleClicked.connect(self.play_at)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, 0)
        head.setSpacing(theme.SPACE_8)
        head.addWidget(self.title)
        head.addWidget(self.count, 1, Qt.AlignmentFlag.AlignBaseline)
        field = QHBoxLayout()
        field.setContentsMargins(theme.SPACE_12, 0, theme.SPACE_12, 0)
        field.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE_12, 0, 0)
        layout.setSpacing(theme.SPACE_8)
        layout.addLayout(head)
        layout.addLayout(field)
        layout.addWidget(self._stack, 1)
        self.search.textChanged.connect(model.set_search)
        self.search.installEventFilter(self)
        model.modelReset.connect(self._show_right_page)
        model.rowsInserted.connect(self._show_right_page)
        model.rowsRemoved.connect(self._show_right_page)
        model.search_changed.connect(self._show_right_page)
        model.total_changed.connect(self._show_count)
        self.list.selectionModel().selectionChanged.connect(self.tell_selection)
        self.empty.action_requested.connect(self._on_empty_action)
        self._show_right_page()
        self._show_count()

    # Selection

    def chosen_ids(self) -> array[int]:
        """From top to bottom, loaded or not."""
        return self.list.chosen_ids()

    def selected(self) -> list[Generation]:
        """The selected generations that are loaded, from top to bottom."""
        return self.list.chosen()

    @property
    def is_more_selected(self) -> bool:
        """Rows are selected that are not loaded: only their ids are known here."""
        return self.list.chosen_count() > len(self.selected())

    def current(self) -> Generation | None:
        """The one that has the focus, else the first that is selected."""
        index = self.list.currentIndex()
        if self.list.selectionModel().isSelected(index):
            return self.model.generation(index)
        chosen = self.selected()
        return chosen[0] if chosen else None

    def select(self, generation_id: int) -> None:
        """Select this row and bring it into sight, if it is loaded."""
        index = self.model.index_of(generation_id)
        if index.isValid():
            # the focus alone may have made it current, without choosing it
            choose = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, choose)
            self.list.scrollTo(index)

    def select_takes(self, generation: Generation) -> None:
        """Select every take of its click."""
        self.list.fold(self.model.index_of(generation.id), False)
        self.list.clearSelection()
        for row in self.model.takes.rows_of(generation.take_group or ""):
            add = QItemSelectionModel.SelectionFlag.Select
            self.list.selectionModel().select(self.model.index(row, 0), add)

    def is_in_use(self) -> bool:
        """True while somebody works in the list or has scrolled down in it."""
        return self.list.hasFocus() or self.list.verticalScrollBar().value() > 0

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def play_at(self, index: QModelIndex) -> None:
        generation = self.model.generation(index)
        if generation is not None and generation.has_file:
            self.play_requested.emit(generation)

    # Keys and menu

    def handle_key(self, event: QKeyEvent | None) -> bool:
        """True when the key was ours."""
        assert event is not None
        current = self.current()
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
                return False
            if current is not None and current.has_file:
                self.play_requested.emit(current)
            return True
        is_copy = event.matches(QKeySequence.StandardKey.Copy)
        if self.is_more_selected and self._hand_on("copy" if is_copy else command_of(event)):
            return True
        if is_copy:
            if paths := [one for one in self.selected() if one.has_file]:
                self.copy_path_requested.emit(paths)
            elif current is not None:
                self.copy_prompt_requested.emit(current)
            return True
        if mark(command_of(event), self.selected(), self.requests):
            return True
        if shortcuts.matches(event, "clips.shelf"):
            self.shelf_requested.emit(self.selected())
            return True
        if shortcuts.matches(event, "clips.compare"):
            self._compare()
            return True
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            return self.list.fold(self.list.currentIndex(), key == Qt.Key.Key_Left)
        if shortcuts.matches(event, "clips.delete"):
            self._delete()
            return True
        return False

    def _hand_on(self, command: str) -> bool:
        """Whoever works on ids does this; False for what is no command for many."""
        from veo_studio.ui.views.mark_menu import COMMANDS

        if (stars := rating_of(command)) is not None:
            self.rated.emit(stars)
        elif command in COMMANDS:
            self.used.emit(command)
        else:
            return False
        return True

    def _compare(self) -> None:
        """What is selected; for one of several takes, the takes of its click."""
        from veo_studio.ui.views import history_menu

        chosen = self.selected()
        takes = history_menu.finished_takes(self, chosen[0]) if len(chosen) == 1 else []
        self.compare_requested.emit(takes or chosen)

    def _delete(self) -> None:
        from veo_studio.ui.views.history_menu import DELETABLE

        doomed = [one for one in self.selected() if one.state in DELETABLE]
        if doomed:
            self.delete_requested.emit(doomed)

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
        """What can be done with these, None for a separator; nothing that would do nothing."""
        from veo_studio.ui.views import history_menu
        from veo_studio.ui.views.mark_menu import many_actions

        count = self.list.chosen_count()
        if count > len(chosen):
            return many_actions(self.used.emit, self.rated.emit, self, count)
        takes = partial(history_menu.add_takes, self)
        return history_menu.actions_for(self.requests, chosen, self, takes=takes)

    # What is shown

    def _show_right_page(self, *_: object) -> None:
        is_empty = self.model.is_loaded and self.model.rowCount() == 0
        if is_empty and self.model.search:
            self.empty.set_content(
                tr("No clip matches \u201c{search}\u201d.", search=self.model.search),
                tr("Clear search"),
                "search",
            )
        elif is_empty:
            self.empty.set_content(
                tr("No clips yet. Type a prompt and press Ctrl+Enter."),
                tr("Write a prompt"),
                "film",
            )
        wanted: QWidget = self.empty if is_empty else self.list
        if self._stack.currentWidget() is not wanted:
            self._stack.setCurrentWidget(wanted)

    def _show_count(self, *_: object) -> None:
        total = self.model.total
        words = total_words(total, has_pictures=self._has_pictures) if total else ""
        self.count.setText(words)
        self.count.setToolTip(words)

    def set_has_pictures(self, has_pictures: bool) -> None:
        """Whether the library holds pictures, which the words for its rows then say."""
        if has_pictures != self._has_pictures:
            self._has_pictures = has_pictures
            self._show_count()

    def _on_empty_action(self) -> None:
        if self.model.search:
            self.search.clear()
            self.search.setFocus()
        else:
            self.write_requested.emit()

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Down and self.model.rowCount():
                self.list.setFocus()
                if not self.selected():  # the focus alone makes a row current, but chooses none
                    self.list.setCurrentIndex(QModelIndex())
                    self.list.setCurrentIndex(self.model.index(0, 0))
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return False

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.title)
            theme.secondary_font(self.count)
