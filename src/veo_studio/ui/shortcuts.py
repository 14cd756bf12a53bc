"""The keys in force: the defaults of `shortcut_table.py` with what the user changed.

As with colours there is one current set per process: `current()`. Actions are kept in step with `bind`,
a pane that handles keys itself asks `matches` or `command`, tooltips ask `told`.

    shortcuts.bind(action, "window.generate")
    if shortcuts.matches(event, "player.play"): ...
    match shortcuts.command(event, Group.PLAYER): ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping

from PyQt6 import sip
from PyQt6.QtCore import QKeyCombination, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from veo_studio.ui.key_rules import combination_of, is_plain, refusal
from veo_studio.ui.shortcut_table import SHORTCUTS, Group, Shortcut
from veo_studio.ui.text import tr

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Shortcuts(QObject):
    """The keys of every command, and what is bound to them.

    Signals:
        changed(): some command has other keys now; everything bound has them already.
    """

    changed = pyqtSignal()

    def __init__(self, table: Mapping[str, Shortcut] = SHORTCUTS) -> None:
        super().__init__()
        self.table = table
        self._keys = {one.id: _default(one) for one in table.values()}
        # what a newer version or a hand put into the file
        self._unknown: dict[str, list[str]] = {}
        self._bound: list[tuple[QAction | QShortcut, str]] = []
        self._tips: list[tuple[QWidget, str, Callable[[str], str]]] = []

    # asking

    def keys(self, shortcut_id: str) -> tuple[QKeyCombination, ...]:
        """KeyError for what is no command."""
        return self._keys[shortcut_id]

    def is_changed(self, shortcut_id: str) -> bool:
        return self._keys[shortcut_id] != _default(self.table[shortcut_id])

    def holder(self, shortcut_id: str, wanted: QKeyCombination) -> Shortcut | None:
        """The other command that `wanted` means already where this one works."""
        group = self.table[shortcut_id].group
        for other in self.table.values():
            is_near = other.group is group or Group.WINDOW in (other.group, group)
            if other.id != shortcut_id and is_near and wanted in self._keys[other.id]:
                return other
        return None

    def refusal(self, shortcut_id: str, wanted: QKeyCombination) -> str:
        """Why a command cannot have this key, as a sentence; "" where it can."""
        return refusal(self.table[shortcut_id], wanted)

    # changing

    def set_keys(self, shortcut_id: str, wanted: Iterable[QKeyCombination]) -> None:
        """Give a command these keys; whoever had one of them has it no more."""
        self._give(shortcut_id, tuple(wanted))
        self._apply()

    def reset(self, shortcut_id: str) -> None:
        """The default again; a command that has such a key by now loses it."""
        self.set_keys(shortcut_id, _default(self.table[shortcut_id]))

    def reset_all(self) -> None:
        self._keys = {one.id: _default(one) for one in self.table.values()}
        self._apply()

    def _give(self, shortcut_id: str, wanted: tuple[QKeyCombination, ...]) -> None:
        for combination in wanted:
            while (other := self.holder(shortcut_id, combination)) is not None:
                self._keys[other.id] = tuple(k for k in self._keys[other.id] if k != combination)
        self._keys[shortcut_id] = wanted

    # the settings file

    def stored(self) -> dict[str, list[str]]:
        """What differs from the defaults, in portable names."""
        changed = {
            shortcut_id: [_portable(one) for one in keys]
            for shortcut_id, keys in self._keys.items()
            if self.is_changed(shortcut_id)
        }
        return {**self._unknown, **changed}

    def load(self, stored: Mapping[str, list[str]]) -> None:
        """Take what the settings say; a key that is refused or taken costs only itself."""
        self._keys = {one.id: _default(one) for one in self.table.values()}
        self._unknown = {name: keys for name, keys in stored.items() if name not in self.table}
        known = [one for one in self.table.values() if one.id in stored and not one.is_fixed]
        # first they let go of their own, or two that were exchanged would rob each other
        for one in known:
            self._keys[one.id] = ()
        given: set[str] = set()
        for one in known:
            wanted = []
            for name in stored[one.id]:
                combination = combination_of(name)
                if combination is None or self.refusal(one.id, combination):
                    continue
                holder = self.holder(one.id, combination)
                if holder is None or not (holder.is_fixed or holder.id in given):
                    wanted.append(combination)
            self._give(one.id, tuple(wanted))
            given.add(one.id)
        self._apply()

    # what is bound

    def bind(self, target: QAction | QShortcut, shortcut_id: str) -> None:
        """Give `target` the keys of a command, now and after every change, while it lives."""
        self._bound = [pair for pair in self._bound if not sip.isdeleted(pair[0])]
        self._bound.append((target, shortcut_id))
        self._dress(target, shortcut_id)

    def bind_tip(self, widget: QWidget, shortcut_id: str, words: Callable[[str], str]) -> None:
        """Tell the key in a tooltip, now and after every change; `words` makes it from the key."""
        self._tips = [one for one in self._tips if not sip.isdeleted(one[0])]
        self._tips.append((widget, shortcut_id, words))
        widget.setToolTip(words(self._told(shortcut_id)))

    def _told(self, shortcut_id: str) -> str:
        return ", ".join(native(one) for one in self._keys[shortcut_id]) or tr("no key")

    def _apply(self) -> None:
        self._bound = [pair for pair in self._bound if not sip.isdeleted(pair[0])]
        for target, shortcut_id in self._bound:
            self._dress(target, shortcut_id)
        self._tips = [one for one in self._tips if not sip.isdeleted(one[0])]
        for widget, shortcut_id, words in self._tips:
            widget.setToolTip(words(self._told(shortcut_id)))
        self.changed.emit()

    def _dress(self, target: QAction | QShortcut, shortcut_id: str) -> None:
        sequences = [
            QKeySequence(one) for key in self._keys[shortcut_id] for one in _with_enter(key)
        ]
        if isinstance(target, QAction):
            target.setShortcuts(sequences)
        else:
            target.setKeys(sequences)


@functools.cache
def current() -> Shortcuts:
    """The set that is in force."""
    return Shortcuts()


def bind(target: QAction | QShortcut, shortcut_id: str) -> None:
    current().bind(target, shortcut_id)


def bind_tip(widget: QWidget, shortcut_id: str, words: Callable[[str], str]) -> None:
    current().bind_tip(widget, shortcut_id, words)


def key(shortcut_id: str) -> QKeySequence:
    """The first key of a command; an empty one where it has none."""
    keys = current().keys(shortcut_id)
    return QKeySequence(keys[0]) if keys else QKeySequence()


def told(shortcut_id: str) -> str:
    """The keys of a command as this system writes them: "Ctrl+Tab, Ctrl+PgDown"; "" for none."""
    return ", ".join(native(one) for one in current().keys(shortcut_id))


def native(combination: QKeyCombination) -> str:
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.NativeText)


def matches(event: QKeyEvent | None, shortcut_id: str) -> bool:
    """Whether a pane's key event means this command; never a plain letter inside a text field."""
    if event is None:
        return False
    pressed = _pressed(event)
    if is_plain(pressed) and _is_text_field(QApplication.focusWidget()):
        return False
    return any(_is_same(pressed, one) for one in current().keys(shortcut_id))


def command(event: QKeyEvent | None, group: Group) -> str | None:
    """The id of the command of `group` that the event means."""
    ids = (one.id for one in current().table.values() if one.group is group)
    return next((one for one in ids if matches(event, one)), None)


def _pressed(event: QKeyEvent) -> QKeyCombination:
    modifiers = event.modifiers() & ~(
        Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier
    )
    pressed = Qt.Key(event.key())
    return QKeyCombination(modifiers, _ENTER[0] if pressed in _ENTER else pressed)


def _is_same(pressed: QKeyCombination, wanted: QKeyCombination) -> bool:
    if pressed == wanted:
        return True
    # figures and signs may need Shift on a keyboard of another country
    key = pressed.key()
    is_sign = key < Qt.Key.Key_Escape and not Qt.Key.Key_A <= key <= Qt.Key.Key_Z
    without = pressed.keyboardModifiers() & ~Qt.KeyboardModifier.ShiftModifier
    return is_sign and QKeyCombination(without, key) == wanted


def _is_text_field(widget: QWidget | None) -> bool:
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)


def _with_enter(combination: QKeyCombination) -> tuple[QKeyCombination, ...]:
    """The Enter of the number pad is a key of its own for Qt."""
    if combination.key() != Qt.Key.Key_Return:
        return (combination,)
    return combination, QKeyCombination(combination.keyboardModifiers(), Qt.Key.Key_Enter)


def _default(shortcut: Shortcut) -> tuple[QKeyCombination, ...]:
    found = (combination_of(name) for name in shortcut.keys)
    return tuple(one for one in found if one is not None)


def _portable(combination: QKeyCombination) -> str:
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
