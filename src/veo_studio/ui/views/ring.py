"""The ring around a pane that has the focus."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFocusEvent, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import theme


def came_by_keyboard(event: QFocusEvent | None) -> bool:
    """A ring is for those who did; who clicked knows where they are."""
    assert event is not None
    return event.reason() in (
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
        Qt.FocusReason.OtherFocusReason,
    )


def paint_ring(painter: QPainter, widget: QWidget) -> None:
    """Just inside the edges of `widget`."""
    painter.setPen(QPen(theme.tokens().color("accent"), 2))
    painter.drawRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1))
