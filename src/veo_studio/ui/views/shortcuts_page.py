"""The keyboard shortcuts: found by words or keys, changed by pressing another key."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QKeyCombination, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.shortcut_table import GROUP_WORDS, Group, Shortcut
from veo_studio.ui.shortcuts import Shortcuts, native
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.views.key_field import KeyField
from veo_studio.ui.views.labels import SmallLabel

_FIRST_SIZE = QSize(640, 640)
_SMALLEST = QSize(400, 360)
_ID = Qt.ItemDataRole.UserRole


class ShortcutsPage(QDialog):
    """Signals:
    edited(): some command has other keys now.
    """

    edited = pyqtSignal()

    def __init__(self, shortcuts: Shortcuts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsPage")
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._shortcuts = shortcuts
        self._wanted: QKeyCombination | None = None
        self.setMinimumSize(_SMALLEST)
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - QSize(16, 48)).expandedTo(_SMALLEST))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search commands or keys"))
        self.search.setAccessibleName(tr("Search commands or keys"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "dim", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.list = self._made_list()
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setWordWrap(True)
        self.field = KeyField()
        self.no_key = QPushButton(tr("No &key"))
        self.reset = QPushButton(tr("&Reset"))
        self.told = SmallLabel()
        self.take = QPushButton(tr("&Use it here"))
        self.leave = QPushButton(tr("&Leave it there"))
        self.reset_all = QPushButton(tr("Reset &all"))
        self.close_button = QPushButton(tr("Close"))
        # Return belongs to the row that has the focus
        for button in (
            self.no_key, self.reset, self.take, self.leave, self.reset_all, self.close_button,
        ):  # fmt: skip
            button.setAutoDefault(False)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._fill()
        self._lay_out()
        self._bind()
        self.list.setCurrentItem(self.list.topLevelItem(0).child(0))
        self._show_current()

    def _made_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setAccessibleName(tr("Commands and their keys"))
        made.setColumnCount(2)
        made.setHeaderLabels([tr("Command"), tr("Keys")])
        made.setRootIsDecorated(False)
        made.setItemsExpandable(False)
        made.setIndentation(theme.SPACE_12)
        made.setAllColumnsShowFocus(True)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = made.header()
        assert header is not None
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionsMovable(False)
        return made

    def _fill(self) -> None:
        for group in Group:
            members = [one for one in self._shortcuts.table.values() if one.group is group]
            if not members:
                continue
            over = QTreeWidgetItem([tr(GROUP_WORDS[group])])
            over.setFlags(Qt.ItemFlag.ItemIsEnabled)
            over.setFirstColumnSpanned(True)
            self.list.addTopLevelItem(over)
            over.setExpanded(True)
            for one in members:
                item = QTreeWidgetItem(over, [tr(one.words), ""])
                item.setData(0, _ID, one.id)
                self._items[one.id] = item
        self._show_keys()

    def _lay_out(self) -> None:
        keys = QHBoxLayout()
        keys.setSpacing(SPACE_8)
        keys.addWidget(self.field, 1)
        keys.addWidget(self.no_key)
        keys.addWidget(self.reset)
        # as high as its buttons, so that nothing above moves when they come
        answer = QWidget()
        answer.setMinimumHeight(self.take.sizeHint().height())
        choice = QHBoxLayout(answer)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(SPACE_8)
        choice.addWidget(self.told, 1)
        choice.addWidget(self.take)
        choice.addWidget(self.leave)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_all)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.name)
        column.addLayout(keys)
        column.addWidget(answer)
        column.addLayout(foot)

    def _bind(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.list.itemActivated.connect(lambda *_: self._ask_key())
        self.field.key_chosen.connect(self._on_key)
        self.no_key.clicked.connect(lambda: self._give([]))
        self.reset.clicked.connect(self._on_reset)
        self.reset_all.clicked.connect(self._on_reset_all)
        self.take.clicked.connect(self._on_take)
        self.leave.clicked.connect(self._on_leave)
        self.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)

    # what is shown

    def select(self, shortcut_id: str) -> None:
        self.list.setCurrentItem(self._items[shortcut_id])

    def _current(self) -> Shortcut | None:
        item = self.list.currentItem()
        shortcut_id = item.data(0, _ID) if item is not None else None
        return None if shortcut_id is None else self._shortcuts.table[shortcut_id]

    def _keys_of(self, shortcut_id: str) -> str:
        return ", ".join(native(one) for one in self._shortcuts.keys(shortcut_id))

    def _show_keys(self) -> None:
        for shortcut_id, item in self._items.items():
            keys = self._keys_of(shortcut_id)
            item.setText(1, keys)
            item.setData(
                1,
                Qt.ItemDataRole.AccessibleTextRole,
                keys or tr("no key"),
            )

    def _show_current(self) -> None:
        self._wanted = None
        self.told.show_words("")
        one = self._current()
        can_change = one is not None and not one.is_fixed
        words = tr(one.words) if one is not None else ""
        self.name.setText(words)
        self.field.show_keys(words, self._keys_of(one.id) if one is not None else "")
        self.field.setEnabled(can_change)
        self.no_key.setEnabled(
            can_change and one is not None and bool(self._shortcuts.keys(one.id))
        )
        self.reset.setEnabled(one is not None and self._shortcuts.is_changed(one.id))
        self._offer_choice(False)
        if one is not None and one.is_fixed:
            self.told.set_token("dim")
            self.told.show_words(tr("This key is the same in every program and stays as it is."))

    def _offer_choice(self, is_asked: bool) -> None:
        for button in (self.take, self.leave):
            button.setVisible(is_asked)

    def _filter(self, words: str) -> None:
        wanted = words.casefold().split()
        first = None
        for number in range(self.list.topLevelItemCount()):
            over = self.list.topLevelItem(number)
            assert over is not None
            shown = 0
            for row in range(over.childCount()):
                item = over.child(row)
                assert item is not None
                text = f"{item.text(0)} {item.text(1)} {over.text(0)}".casefold()
                is_found = all(word in text for word in wanted)
                item.setHidden(not is_found)
                shown += is_found
                first = first or (item if is_found else None)
            over.setHidden(not shown)
        current = self.list.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self.list.setCurrentItem(first)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """From the search field down into the list, as in the library."""
        if watched is not self.search or not isinstance(event, QKeyEvent):
            return False
        if event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() not in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        current = self.list.currentItem()
        if current is not None and not current.isHidden():
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    # what is changed

    def _ask_key(self) -> None:
        if self.field.isEnabled():
            self.field.wait()

    def _on_key(self, wanted: QKeyCombination) -> None:
        one = self._current()
        if one is None:
            return
        self._show_current()
        self.told.set_token("warn")
        if words := self._shortcuts.refusal(one.id, wanted):
            self.told.show_words(words)
            return
        other = self._shortcuts.holder(one.id, wanted)
        if other is None:
            self._give([wanted])
            return
        key = native(wanted)
        if other.is_fixed:
            self.told.show_words(
                tr(
                    "{key} is “{command}” already and stays so. Press another key.",
                    key=key,
                    command=tr(other.words),
                )
            )
            return
        self._wanted = wanted
        self.told.show_words(tr("{key} is “{command}” already.", key=key, command=tr(other.words)))
        self._offer_choice(True)
        self.leave.setFocus()

    def _on_take(self) -> None:
        if self._wanted is not None:
            self._give([self._wanted])

    def _on_leave(self) -> None:
        self._show_current()
        self.field.setFocus()

    def _on_reset(self) -> None:
        one = self._current()
        if one is not None:
            self._shortcuts.reset(one.id)
            self._changed()

    def _on_reset_all(self) -> None:
        self._shortcuts.reset_all()
        self._changed()

    def _give(self, keys: list[QKeyCombination]) -> None:
        one = self._current()
        if one is not None:
            self._shortcuts.set_keys(one.id, keys)
            self._changed()

    def _changed(self) -> None:
        self._show_keys()
        self._show_current()
        # a button that is off now would leave the keyboard nowhere
        self.field.setFocus()
        self.edited.emit()
