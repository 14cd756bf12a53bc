"""The cards of the feed: in as many columns as have room, each as large as can be seen whole."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_card import PAD_PX
from veo_studio.ui.delegates.feed_card import FeedCard
from veo_studio.ui.drag_out import has_moved_enough
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_geometry import Measures
from veo_studio.ui.views.library_grid import LibraryGrid

_LEAST_PX, _MOST_PX = 280, 960
# from this width on a line has room for one more card
_COLUMN_PX = 520
_MOST_COLUMNS = 4


class FeedList(LibraryGrid):
    """`owner.handle_key(event)` is asked first.

    Signals:
        opened(QModelIndex): a card was clicked.
        looked(): other cards are in sight, or have the pointer or the focus.
    """

    opened = pyqtSignal(QModelIndex)
    looked = pyqtSignal()

    def __init__(self, owner: QWidget, model: LibraryModel) -> None:
        self._pressed: tuple[QPoint, int] | None = None
        super().__init__(owner, model)
        self.card = FeedCard(self)
        # cards, as far as keys and the pointer are concerned
        self._is_grid, self._card_delegate = True, self.card
        self.setItemDelegate(self.card)
        self.setAccessibleName(tr("Published clips"))
        self.place_anew()

    def picture_rect(self, row: int) -> QRect:
        """Where its picture is in the viewport; empty for a row that is not there."""
        cell = self.rect_of(row)
        return QRect() if cell.isEmpty() else self.card.thumbnail_rect(cell)

    def _measures(self) -> Measures:
        if not isinstance(self.itemDelegate(), FeedCard):
            return super()._measures()  # while it is being made
        area, gap, margin = self.viewport(), theme.SPACE_16, theme.SPACE_12
        room = max(1, area.width() - 2 * margin)
        columns = min(_MOST_COLUMNS, max(1, (room + gap) // (_COLUMN_PX + gap)))
        widest = max(1, (room - (columns - 1) * gap) // columns)
        # no higher than what can be seen at once
        high = area.height() - 2 * margin - self.card.words_height() - 2 * PAD_PX
        seen = max(_LEAST_PX, high * 16 // 9 + 2 * PAD_PX)
        width = min(widest, seen, _MOST_PX)
        self._want_pictures(self.card.thumbnail_rect(QRect(0, 0, width, 0)).size())
        inset = (room - columns * width - (columns - 1) * gap) // 2
        height = self.card.card_height(width)
        return Measures(columns, width, height, gap, margin, inset=inset)

    # what is looked at

    def look(self) -> None:
        super().look()
        self.looked.emit()

    def viewportEvent(self, event: QEvent | None) -> bool:
        before = self.hover.row if self.hover is not None else -1
        answer = super().viewportEvent(event)
        if self.hover is not None and self.hover.row != before:
            self.looked.emit()
        return answer

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self.looked.emit()

    # a click opens

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self._pressed = None
        super().mousePressEvent(event)
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            here = event.position().toPoint()
            row = self.row_at(here)
            if row is not None and not event.modifiers():
                self._pressed = here, row

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if event is None or pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        here = event.position().toPoint()
        if self.row_at(here) == pressed[1] and not has_moved_enough(pressed[0], here):
            self.opened.emit(self.model().index(pressed[1], 0))
