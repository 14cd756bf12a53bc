"""Colours of the insights' charts by name, from the tokens in force, and the legend that explains them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16, mixed, tokens

# what the colours of series without a meaning of their own are mixed from
_SERIES = (
    ("accent", "accent", 0.0),
    ("warn", "warn", 0.0),
    ("ok", "accent", 0.45),
    ("accent", "bad", 0.5),
    ("warn", "bad", 0.6),
    ("ok", "text", 0.25),
)


def look_color(look: str) -> QColor:
    """A token's name, "quiet", "soft", or "series-N" for the series with the number N."""
    colors = tokens()
    if look == "quiet":
        return mixed(colors.pane, colors.dim, 0.8)
    if look == "soft":
        return mixed(colors.pane, colors.accent, 0.45)
    if look.startswith("series-"):
        first, second, share = _SERIES[int(look.removeprefix("series-")) % len(_SERIES)]
        return mixed(getattr(colors, first), getattr(colors, second), share)
    return colors.color(look)


class Legend(QWidget):
    """A swatch and a name for each series, on as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[str, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Names and looks."""
        self._entries = list(entries)
        self.setVisible(len(self._entries) > 1)
        self.setAccessibleName(", ".join(name for name, _look in self._entries))
        self._fit()

    def _places(self, width: int) -> tuple[list[QPoint], int]:
        """Where each entry begins, and the height of all lines."""
        metrics = QFontMetrics(theme.secondary_text_font())
        line = metrics.height() + SPACE_4
        at, places = QPoint(0, 0), []
        for name, _look in self._entries:
            needed = metrics.height() + SPACE_4 + metrics.horizontalAdvance(name)
            if at.x() and at.x() + needed > width:
                at = QPoint(0, at.y() + line)
            places.append(QPoint(at))
            at = QPoint(at.x() + needed + SPACE_16, at.y())
        return places, at.y() + line

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[1]

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return QSize(160, self._places(max(1, self.width()))[1])

    def _fit(self) -> None:
        self.setFixedHeight(self._places(max(1, self.width()))[1])
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        font = theme.secondary_text_font()
        metrics = QFontMetrics(font)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        size = metrics.height()
        places, _height = self._places(self.width())
        for (name, look), at in zip(self._entries, places, strict=True):
            box = QRectF(at.x() + 1, at.y() + size * 0.18, size * 0.64, size * 0.64)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look_color(look))
            painter.drawRoundedRect(box, 2, 2)
            painter.setPen(tokens().color("dim"))
            room = self.width() - at.x() - size - SPACE_4
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(room, SPACE_8))
            painter.drawText(at.x() + size + SPACE_4, at.y() + metrics.ascent(), words)
        painter.end()
