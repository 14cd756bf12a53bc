"""A button that takes the next key that is pressed."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QKeyCombination, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QPushButton, QWidget

from veo_studio.ui.key_rules import is_modifier
from veo_studio.ui.text import tr


class KeyField(QPushButton):
    """Shows the keys of a command; pressed, it waits for one. Escape leaves everything as it is.

    Signals:
        key_chosen(QKeyCombination): this one was pressed while it waited.
    """

    key_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = ""
        self._command = ""
        self.is_waiting = False
        # of a dialog it would be the one that Return means
        self.setAutoDefault(False)
        self.clicked.connect(self.wait)
        self._show()

    def show_keys(self, command: str, keys: str) -> None:
        """The words of a command, and its keys as the system writes them."""
        self._command, self._keys = command, keys
        self.is_waiting = False
        self._show()

    def wait(self) -> None:
        self.is_waiting = True
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    def _stop(self) -> None:
        if self.is_waiting:
            self.is_waiting = False
            self._show()

    def _show(self) -> None:
        keys = self._keys or tr("No key")
        self.setText(tr("Press a key…") if self.is_waiting else keys)
        told = tr("waiting for a key, Escape cancels") if self.is_waiting else keys
        self.setAccessibleName(tr("Key of {command}: {keys}", command=self._command, keys=told))

    def event(self, event: QEvent | None) -> bool:
        """Before Tab and the keys of the window get it."""
        if not self.is_waiting or not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if not event.isAutoRepeat() and not is_modifier(event.key()):
                self._take(event)
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        self._stop()
        found = pressed_combination(event)
        if found != QKeyCombination(Qt.Key.Key_Escape):
            self.key_chosen.emit(found)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._stop()
        super().focusOutEvent(event)


def pressed_combination(event: QKeyEvent) -> QKeyCombination:
    """What was pressed, as shortcuts are kept: Shift only where it does not make another sign."""
    key, held = Qt.Key(event.key()), event.modifiers()
    held &= ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    if key == Qt.Key.Key_Backtab:
        key, held = Qt.Key.Key_Tab, held | Qt.KeyboardModifier.ShiftModifier
    elif key == Qt.Key.Key_Enter:
        key = Qt.Key.Key_Return
    is_named = key >= Qt.Key.Key_Escape or key == Qt.Key.Key_Space
    if not is_named and not Qt.Key.Key_A <= key <= Qt.Key.Key_Z:
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeyCombination(held, key)
