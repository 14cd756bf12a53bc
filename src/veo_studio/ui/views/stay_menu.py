"""A menu that stays open while its marks are set: one filter is seldom enough."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QMenu

_USE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class StayMenu(QMenu):
    """What can be checked is checked without closing it; everything else works as in any menu."""

    def add_check(self, words: str, is_on: bool, choose: Callable[[bool], object]) -> QAction:
        """`words` are the user's or a service's: an ampersand in them is only that."""
        return self.add_lettered(words.replace("&", "&&"), is_on, choose)

    def add_lettered(self, words: str, is_on: bool, choose: Callable[[bool], object]) -> QAction:
        """As `add_check`, for words of ours: an ampersand comes before their letter."""
        action = QAction(words, self)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.triggered.connect(choose)
        self.addAction(action)
        return action

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        action = self.actionAt(event.position().toPoint())
        if not self._check(action):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if event.key() not in _USE or not self._check(self.activeAction()):
            super().keyPressEvent(event)

    def _check(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable() or not action.isEnabled():
            return False
        group = action.actionGroup()
        if group is not None and group.isExclusive():
            return False
        action.trigger()
        return True
