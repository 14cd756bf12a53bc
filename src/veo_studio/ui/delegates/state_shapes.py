"""Each state as a shape in a colour: ring, tick, cross, dash, triangle."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from veo_studio.core.models import GenerationState
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.theme import Tokens

_S = GenerationState
# Shape and colour of each state; the word is `state_words`.
STATE_LOOKS: dict[GenerationState, tuple[str, str]] = {
    _S.PENDING: ("ring", "dim"),
    _S.SUBMITTING: ("ring", "accent"),
    _S.PROCESSING: ("ring", "accent"),
    _S.DOWNLOADING: ("ring", "accent"),
    _S.COMPLETED: ("check", "ok"),
    _S.FAILED: ("cross", "bad"),
    _S.CANCELLED: ("dash", "dim"),
    _S.UNKNOWN: ("warning", "warn"),
    _S.HELD: ("warning", "warn"),
}


def paint_ring(
    painter: QPainter, rect: QRectF, fraction: float, tokens: Tokens, *, width_px: float = 2.0
) -> None:
    """A ring filled from the top by `fraction` (0.0-1.0)."""
    inset = width_px / 2
    circle = rect.adjusted(inset, inset, -inset, -inset)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens.color("line"), width_px))
    painter.drawEllipse(circle)
    if fraction > 0:
        pen = QPen(tokens.color("accent"), width_px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(min(1.0, fraction) * 360 * 16))


def paint_state(
    painter: QPainter,
    rect: QRectF,
    state: GenerationState,
    tokens: Tokens,
    *,
    fraction: float = 0.0,
) -> None:
    """The shape of `state` in the square `rect`."""
    shape, token = STATE_LOOKS[state]
    if shape == "ring":
        if state is _S.PENDING:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.color("dim"), 1.5))
            painter.drawEllipse(rect.adjusted(1.5, 1.5, -1.5, -1.5))
        else:
            paint_ring(painter, rect.adjusted(1, 1, -1, -1), fraction, tokens)
    else:
        paint_icon(painter, shape, rect, tokens.color(token))
