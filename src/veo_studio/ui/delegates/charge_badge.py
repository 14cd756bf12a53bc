"""The badge that says what a failure cost: a shape, a word and a colour, the same in every list."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from veo_studio.core.models import Charge, Generation, GenerationState
from veo_studio.ui import theme
from veo_studio.ui.text import charge_words, tr

_S = GenerationState
# where the user may ask what it cost: everything that ended or waits without a clip
BADGED_STATES = frozenset({_S.FAILED, _S.UNKNOWN, _S.CANCELLED, _S.HELD})
# sign in the ring ("" for a struck ring) and colour token of each
LOOKS = {
    Charge.NOT_CHARGED: ("", "dim"),
    Charge.CHARGED: ("$", "text"),
    Charge.UNKNOWN: ("?", "warn"),
}
_SIDE_PX = 5
_GAP_PX = 4


def short_words(charge: Charge) -> str:
    """For narrow rows, beside the same ring."""
    return {
        Charge.NOT_CHARGED: tr("free"),
        Charge.CHARGED: tr("charged"),
        Charge.UNKNOWN: tr("unknown"),
    }[charge]


def has_badge(generation: Generation) -> bool:
    """True for every generation of which a user may ask what it cost for nothing."""
    return generation.state in BADGED_STATES


class ChargeBadge:
    """Measures and paints; one per delegate, told the font."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._icon_px = round(self._metrics.height() * 0.8)

    def rect(self, charge: Charge, line: QRectF, right: float) -> tuple[QRectF, str]:
        """Where the badge is when it ends at `right`, and the words that have room; never nothing."""
        for words in (charge_words(charge), short_words(charge)):
            width = self._metrics.horizontalAdvance(words)
            width += self._icon_px + _GAP_PX + 2 * _SIDE_PX
            if right - width >= line.left():
                return self._frame(line, right, width), words
        return self._frame(line, right, self._icon_px + 2 * _SIDE_PX), ""

    @staticmethod
    def _frame(line: QRectF, right: float, width: float) -> QRectF:
        return QRectF(right - width, line.top() - 0.5, width, line.height() + 1)

    def paint(self, painter: QPainter, frame: QRectF, words: str, charge: Charge) -> None:
        sign, token = LOOKS[charge]
        color = theme.tokens().color(token)
        painter.save()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.tokens().color(token, 0.6), 1))
        painter.drawRoundedRect(frame, 4, 4)
        top = frame.top() + (frame.height() - self._icon_px) / 2
        ring = QRectF(frame.left() + _SIDE_PX, top, self._icon_px, self._icon_px)
        painter.setPen(QPen(color, 1.2))
        painter.drawEllipse(ring.adjusted(0.6, 0.6, -0.6, -0.6))
        if sign:
            painter.setFont(theme.scaled(self._font, 0.75))
            painter.drawText(ring, int(Qt.AlignmentFlag.AlignCenter), sign)
        else:
            inset = self._icon_px * 0.2
            painter.drawLine(
                ring.bottomLeft() + QPointF(inset, -inset), ring.topRight() + QPointF(-inset, inset)
            )
        painter.setFont(self._font)
        painter.drawText(
            frame.adjusted(_SIDE_PX + self._icon_px + _GAP_PX, 0, 0, 0),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            words,
        )
        painter.restore()
