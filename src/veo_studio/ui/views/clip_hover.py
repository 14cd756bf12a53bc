"""Where the pointer is in a list of clips, and when it rests there long enough to look into a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QPoint, QTimer
from PyQt6.QtGui import QCursor, QHoverEvent

if TYPE_CHECKING:
    from veo_studio.ui.views.clip_view import ClipView

# a pointer that only crosses the list makes no strips
_REST_MS = 180


class ClipHover(QObject):
    """`row` is under the pointer, -1 where there is none; `fraction` is where in its picture.

    `fraction` is None outside of pictures, and until the pointer has rested on this one.
    """

    def __init__(self, view: ClipView) -> None:
        super().__init__(view)
        self._view = view
        self.row = -1
        self._fraction: float | None = None
        self._wanted: float | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest)

    @property
    def fraction(self) -> float | None:
        return self._fraction

    def _set_fraction(self, fraction: float | None) -> None:
        self._fraction = fraction
        self._view.itemDelegate().fraction = fraction

    def on_event(self, event: QEvent) -> None:
        if isinstance(event, QHoverEvent) and event.type() in (
            QEvent.Type.HoverEnter,
            QEvent.Type.HoverMove,
        ):
            self._move(event.position().toPoint())
        elif event.type() in (QEvent.Type.HoverLeave, QEvent.Type.Leave):
            self.leave()

    def look_again(self) -> None:
        """What is under the pointer scrolled away."""
        if self.row >= 0:
            self._move(self._view.viewport().mapFromGlobal(QCursor.pos()))

    def forget(self) -> None:
        """Rows have other numbers; the next move of the pointer tells."""
        self.row, self._wanted = -1, None
        self._set_fraction(None)

    def leave(self) -> None:
        self._set(-1, None)

    def _move(self, point: QPoint) -> None:
        view = self._view
        row = view.row_at(point)
        if row is None:
            self.leave()
            return
        delegate = view.itemDelegate()
        picture = delegate.thumbnail_rect(view.rect_of(row))
        fraction = None
        if picture.contains(point):
            fraction = (point.x() - picture.left()) / max(1, picture.width())
        self._set(row, fraction)

    def _set(self, row: int, fraction: float | None) -> None:
        view, was = self._view, self.row
        if (row, fraction) == (was, self._wanted):
            return
        is_same = row == was and self._wanted is not None and fraction is not None
        self.row, self._wanted = row, fraction
        if not is_same:
            self._rest.stop()
            if self.fraction is not None:
                self._set_fraction(None)
                view.hovered.emit(QModelIndex(), 0.0)
            if fraction is not None:
                self._rest.start()
        elif self.fraction is not None:
            self._tell()
        for one in {was, row}:
            if one >= 0:
                view.viewport().update(view.rect_of(one))

    def _on_rest(self) -> None:
        self._tell()
        self._view.viewport().update(self._view.rect_of(self.row))

    def _tell(self) -> None:
        view = self._view
        if view.clips is None or self._wanted is None or not 0 <= self.row < view.row_count():
            return
        self._set_fraction(self._wanted)
        view.hovered.emit(view.clips.index(self.row, 0), self._wanted)
