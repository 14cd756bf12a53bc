"""Fields that change only when they are meant: not by a wheel that scrolls the form, not by Alt and a letter."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

_ARROWS = frozenset({int(Qt.Key.Key_Up), int(Qt.Key.Key_Down)})


class Deliberate(QObject):
    """Watches fields whose value costs money; one per form."""

    def watch(self, *fields: QWidget) -> None:
        for field in fields:
            # a wheel that passes over it does not give it the focus either
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or not isinstance(watched, QWidget):
            return False
        if event.type() is QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()  # whoever it lies on scrolls
            return True
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if is_alt and event.key() not in _ARROWS:
                # a letter that no menu has would be searched for in the list
                event.ignore()
                return True
        return False
