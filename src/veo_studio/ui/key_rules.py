"""Which keys a command may have: what the system, menus and text fields need stays theirs."""

from __future__ import annotations

from PyQt6.QtCore import QKeyCombination, Qt
from PyQt6.QtGui import QKeySequence

from veo_studio.ui.shortcut_table import Group, Shortcut
from veo_studio.ui.text import tr

_K = Qt.Key
_M = Qt.KeyboardModifier
_MODIFIERS = frozenset(
    {_K.Key_Control, _K.Key_Shift, _K.Key_Alt, _K.Key_AltGr, _K.Key_Meta, _K.Key_CapsLock,
     _K.Key_NumLock, _K.Key_ScrollLock, _K.Key_Super_L, _K.Key_Super_R, _K.Key_Hyper_L,
     _K.Key_Hyper_R, _K.Key_Mode_switch, _K.Key_Multi_key, _K.Key_unknown}
)  # fmt: skip
# what moves the focus, opens menus or ends something everywhere
_OF_EVERYBODY = frozenset(
    {"Tab", "Shift+Tab", "Backtab", "Shift+Backtab", "Esc", "Menu", "Shift+F10", "F10"}
)
_OF_THE_SYSTEM = frozenset(
    {"Alt+F4", "Alt+Tab", "Alt+Shift+Tab", "Alt+Backtab", "Alt+Shift+Backtab", "Alt+Esc",
     "Alt+Space", "Ctrl+Esc", "Ctrl+Alt+Del", "Ctrl+Alt+Backspace", "Ctrl+Shift+Esc", "Print",
     "Alt+Print", "Shift+Print", "Alt+F1", "Alt+F2"}
)  # fmt: skip
# of text fields, wherever they are
_OF_TEXT = frozenset(
    {"Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+A", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "Ctrl+Left",
     "Ctrl+Right", "Ctrl+Home", "Ctrl+End", "Ctrl+Del", "Ctrl+Backspace", "Ctrl+Ins",
     "Shift+Ins", "Shift+Del"}
)  # fmt: skip


def combination_of(name: str) -> QKeyCombination | None:
    """One key with its modifiers from its portable name; None for what is none, or several."""
    sequence = QKeySequence(name, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or sequence[0].key() in _MODIFIERS:
        return None
    found = sequence[0]
    if found.key() == _K.Key_Enter:
        return QKeyCombination(found.keyboardModifiers(), _K.Key_Return)
    return found


def is_modifier(key: int) -> bool:
    """Whether it is only held while another key is pressed."""
    return Qt.Key(key) in _MODIFIERS


def is_plain(combination: QKeyCombination) -> bool:
    """Whether it writes something into a text field."""
    held = combination.keyboardModifiers() & ~_M.ShiftModifier
    return held == _M.NoModifier and combination.key() < _K.Key_Escape


def refusal(shortcut: Shortcut, wanted: QKeyCombination) -> str:
    """Why `shortcut` cannot have this key, as a sentence; "" where it can."""
    name = QKeySequence(wanted).toString(QKeySequence.SequenceFormat.PortableText)
    native = QKeySequence(wanted).toString(QKeySequence.SequenceFormat.NativeText)
    held, key = wanted.keyboardModifiers(), wanted.key()
    if name in _OF_THE_SYSTEM or held & _M.MetaModifier:
        return tr("{key} belongs to the system. Press another key.", key=native)
    if name in _OF_EVERYBODY:
        return tr("{key} moves through the window or closes things. Press another key.", key=native)
    is_letter = _K.Key_A <= key <= _K.Key_Z
    if is_letter and held & ~_M.ShiftModifier == _M.AltModifier:
        return tr("{key} belongs to menus and fields. Hold Ctrl as well.", key=native)
    if shortcut.group is not Group.WINDOW:
        return ""
    if name in _OF_TEXT:
        return tr("Text fields need {key}. Press another key.", key=native)
    is_function = _K.Key_F1 <= key <= _K.Key_F35
    if not is_function and not held & (_M.ControlModifier | _M.AltModifier):
        return tr("{key} alone is needed for typing and moving. Hold Ctrl as well.", key=native)
    return ""
