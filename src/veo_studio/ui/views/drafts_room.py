"""Who has room in the Drafts tab: the drafts always, the player beside them where it fits or is asked for."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QSplitter, QWidget

from veo_studio.ui import theme

_MIDDLE_PX = 520
_SIDE_PX = 300


class DraftsRoom(QObject):
    """Signals:
    changed(): the player's side came or went, or has another width.
    """

    changed = pyqtSignal()

    def __init__(self, owner: QWidget, middle: QWidget, show_state: Callable[[bool], None]) -> None:
        """`show_state` is told whether the side is shown."""
        super().__init__(owner)
        self._owner = owner
        self._middle = middle
        self._show_state = show_state
        self._is_wanted = True
        # asked for where there is no room for both
        self._is_first = False
        self.side = QSplitter(Qt.Orientation.Vertical)
        self.side.setMinimumWidth(_SIDE_PX)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setObjectName("drafts")
        self.across.addWidget(middle)
        self.across.addWidget(self.side)
        self.across.setStretchFactor(0, 1)
        self.across.setStretchFactor(1, 0)
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        self.across.setSizes([_MIDDLE_PX * 2, 400])
        self.across.splitterMoved.connect(lambda *_: self.changed.emit())

    @property
    def shows_side(self) -> bool:
        return not self.side.isHidden()

    @property
    def is_side_wanted(self) -> bool:
        return self._is_wanted

    def set_side_wanted(self, is_wanted: bool) -> None:
        """By the user: where there is no room for both, the player alone."""
        self._is_wanted = self._is_first = is_wanted
        self.fit()
        self.changed.emit()

    def restore(self, is_wanted: bool) -> None:
        """As it was at the last time, without taking the drafts' room."""
        self._is_wanted, self._is_first = is_wanted, False
        self.fit()

    def fit(self) -> None:
        ratio = max(1.0, theme.body_px() / 13)
        least = round(_MIDDLE_PX * min(ratio, 1.3))
        side = max(_SIDE_PX, self.side.minimumSizeHint().width())
        has_room = least + 1 + side <= self._owner.width()
        is_shown = self._is_wanted and (has_room or self._is_first)
        self.side.setVisible(is_shown)
        self._show_state(is_shown)
