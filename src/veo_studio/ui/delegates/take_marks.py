"""How takes of one click show that they belong together: a bracket at the edge, cards when folded."""

from __future__ import annotations

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, Tokens
from veo_studio.ui.view_models.history_takes import TakePlace

_LEFT_PX = 5
_WIDTH_PX = 2
_INSET_PX = 10


def bracket_rect(row: QRect) -> QRect:
    """Where a click folds and unfolds the group."""
    return QRect(row.left(), row.top(), SPACE_12, row.height())


def paint_bracket(painter: QPainter, row: QRect, place: TakePlace, colors: Tokens) -> None:
    """A line along the rows of one click; dots instead where most of them are folded away."""
    left = row.left() + _LEFT_PX
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.color("dim", 0.7))
    if place.is_folded:
        middle = row.center().y()
        for step in (-8, 0, 8):
            painter.drawEllipse(QRectF(left - 0.5, middle + step - 1.5, 3, 3))
        return
    top = row.top() + (_INSET_PX if place.is_top else 0)
    bottom = row.bottom() + 1 - (_INSET_PX if place.is_bottom else 0)
    painter.drawRect(QRectF(left, top, _WIDTH_PX, bottom - top))


def paint_cards(painter: QPainter, picture: QRectF, colors: Tokens) -> None:
    """The edges of the takes that lie under the one that is shown."""
    painter.setPen(QPen(colors.color("dim", 0.7), 1))
    painter.setBrush(colors.color("raised"))
    for step in (6, 3):
        painter.drawRoundedRect(picture.translated(0, -step).adjusted(step, 0.5, -step, -0.5), 4, 4)


def take_words(place: TakePlace) -> str:
    """`take 2 of 4`, or `4 takes` where they are folded."""
    if place.is_folded:
        return tr("{count} takes", count=place.count)
    return tr("take {number} of {count}", number=place.number, count=place.count)
