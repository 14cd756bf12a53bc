"""The rows of the history pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QPoint, QRect, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent

from veo_studio.ui.delegates.history_delegate import HistoryDelegate
from veo_studio.ui.delegates.take_marks import bracket_rect
from veo_studio.ui.text import tr
from veo_studio.ui.views.clip_view import ClipView

if TYPE_CHECKING:
    from veo_studio.ui.views.history import HistoryView


class HistoryList(ClipView):
    """The list itself: where presses and keys mean something else than Qt's own."""

    def __init__(self, owner: HistoryView) -> None:
        super().__init__(owner)
        self._owner = owner
        self._press_on_picture: QModelIndex | None = None
        self.setAccessibleName(tr("History"))
        self.menu_requested.connect(owner.open_menu)

    def _on_picture(self, position: QPoint) -> QModelIndex | None:
        index = self.indexAt(position)
        if not index.isValid():
            return None
        rect: QRect = self.visualRect(index)
        return index if HistoryDelegate.thumbnail_rect(rect).contains(position) else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._press_on_picture = None
        here = event.position().toPoint()
        index = self.indexAt(here)
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            place = self._owner.model.take_place(index)
            if place is not None and bracket_rect(self.visualRect(index)).contains(here):
                self.fold(index, not place.is_folded)
                return
        if (
            event.button() is Qt.MouseButton.LeftButton
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            self._press_on_picture = self._on_picture(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._press_on_picture = self._press_on_picture, None
        if pressed is not None and self._on_picture(event.position().toPoint()) == pressed:
            self._owner.play_at(pressed)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        self._press_on_picture = None
        super().startDrag(supportedActions)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._owner.handle_key(event):
            super().keyPressEvent(event)
