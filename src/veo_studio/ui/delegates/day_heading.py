"""The heading above the clips of one day."""

from __future__ import annotations

from datetime import date, datetime

from PyQt6.QtCore import QDate, QLocale, QRect, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter
from PyQt6.QtWidgets import QApplication

from veo_studio.ui import theme
from veo_studio.ui.text import tr, tr_n


def heading_font() -> QFont:
    """The body's size, semibold."""
    font = QFont(QApplication.font())
    font.setWeight(QFont.Weight.DemiBold)
    return font


def heading_height() -> int:
    return QFontMetrics(heading_font()).lineSpacing() + theme.SPACE_16 + theme.SPACE_4


def day_words(day: date, today: date | None = None) -> str:
    """Today, Yesterday, or the day as the system writes it."""
    # the system's own day, wherever the program thinks in UTC
    today = today or datetime.now().astimezone().date()
    if day == today:
        return tr("Today")
    if (today - day).days == 1:
        return tr("Yesterday")
    shown = QDate(day.year, day.month, day.day)
    return QLocale().toString(shown, QLocale.FormatType.LongFormat)


def paint_heading(
    painter: QPainter, where: QRect, day: date, count: int, direction: Qt.LayoutDirection
) -> None:
    """The day, and how many clips it has, in dim figures beside it."""
    colors, font = theme.tokens(), heading_font()
    metrics = QFontMetrics(font)
    line = QRectF(where).adjusted(0, 0, 0, -theme.SPACE_4)
    words = day_words(day)
    side = Qt.AlignmentFlag.AlignLeft
    if direction == Qt.LayoutDirection.RightToLeft:
        side = Qt.AlignmentFlag.AlignRight
    align = side | Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignAbsolute
    painter.setFont(font)
    painter.setPen(colors.color("text"))
    painter.drawText(line, align, words)
    room = metrics.horizontalAdvance(words) + theme.SPACE_8
    if direction == Qt.LayoutDirection.RightToLeft:
        line.setRight(line.right() - room)
    else:
        line.setLeft(line.left() + room)
    painter.setFont(theme.tabular(theme.secondary_text_font()))
    painter.setPen(colors.color("dim"))
    shown = f"{count:,}".replace(",", "\u202f")
    painter.drawText(line, align, tr_n("{shown} clip", "{shown} clips", count, shown=shown))
