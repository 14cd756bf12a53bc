"""Paints one row that needs the user: the whole sentence, what it cost, and the ways on."""

from __future__ import annotations

import functools

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QStyleOptionViewItem

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.delegates.charge_badge import ChargeBadge
from veo_studio.ui.delegates.queue_delegate import BUTTON_HEIGHT_PX, QueueDelegate, fonts_of
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.generation_rows import QueueRole

_MARK_PX = 16
_INDENT_PX = _MARK_PX + SPACE_8
# a provider may say very much; the whole is in the tool tip
_MOST_LINES = 6
_LEAST_WIDTH_PX = 160


class AttentionDelegate(QueueDelegate):
    """As high as its sentence is long: what it means for the money must be read before a click."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        body, small = self._fonts()
        width = self._width()
        height = QFontMetrics(body).height() + SPACE_4 + SPACE_8 + self._foot_height()
        lines = 1
        if index.isValid():
            lines = len(self.lines(index))
            if not self._has_room_for_badge(QRect(0, 0, width, 0), index):
                height += self._badge_height() + SPACE_8
        height += lines * QFontMetrics(small).lineSpacing()
        return QSize(_LEAST_WIDTH_PX, height + 2 * SPACE_12)

    def lines(self, index: QModelIndex) -> list[tuple[str, int]]:
        """What is said about a row, each line with the number of the character that dim begins at."""
        words = " ".join((index.data(QueueRole.WORDS) or "").split())
        detail = " ".join((index.data(QueueRole.DETAIL) or "").split())
        width_px = self._width() - 2 * SPACE_12 - _INDENT_PX
        return list(_wrapped(words, detail, width_px, QApplication.font().key()))

    def _width(self) -> int:
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 0
        return max(_LEAST_WIDTH_PX, width)

    def _foot_height(self) -> int:
        body, _small = self._fonts()
        return max(BUTTON_HEIGHT_PX, QFontMetrics(body).height() + SPACE_8)

    def _badge_height(self) -> int:
        return max(QFontMetrics(self._fonts()[1]).height(), _MARK_PX)

    def button_rect(self, row: QRect, index: QModelIndex) -> QRect:
        words = index.data(QueueRole.BUTTON)
        if not words:
            return QRect()
        more = self.more_rect(row)
        width = QFontMetrics(self._fonts()[0]).horizontalAdvance(words) + 2 * SPACE_12
        width = min(width, more.left() - SPACE_8 - row.left() - SPACE_12)
        return QRect(more.left() - SPACE_8 - width, more.top(), width, more.height())

    def more_rect(self, row: QRect) -> QRect:
        """The button of all choices: at the end of the last line, with its word."""
        height = self._foot_height()
        width = QFontMetrics(self._fonts()[0]).horizontalAdvance(_more_words()) + 2 * SPACE_12
        return QRect(
            row.right() - SPACE_12 - width + 1, row.bottom() - SPACE_12 - height, width, height
        )

    def _has_room_for_badge(self, row: QRect, index: QModelIndex) -> bool:
        """Whether it stands beside the buttons with all of its words."""
        generation: Generation | None = index.data(QueueRole.GENERATION)
        if generation is None:
            return True  # its model is going, and the view asks once more
        button = self.button_rect(row, index)
        right = (button if not button.isEmpty() else self.more_rect(row)).left() - SPACE_8
        return row.left() + SPACE_12 + self._badge_width(generation) <= right

    def _badge_width(self, generation: Generation) -> int:
        badge = ChargeBadge(self._fonts()[1])
        frame, _words = badge.rect(generation.charge, QRectF(0, 0, 4000, 16), 4000)
        return int(frame.width()) + 1

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        colors = theme.tokens()
        generation: Generation = index.data(QueueRole.GENERATION)
        body, small = self._fonts()
        row = option.rect
        painter.save()
        self._paint_ground(painter, option)

        left, top = row.left() + SPACE_12, row.top() + SPACE_12
        line = QFontMetrics(body).height()
        painter.setFont(body)
        painter.setPen(colors.color("text"))
        self._text(painter, QRect(left, top, row.width() - 2 * SPACE_12, line), generation.prompt)

        top += line + SPACE_4
        spacing = QFontMetrics(small).lineSpacing()
        mark = QRectF(left, top + (spacing - _MARK_PX) / 2, _MARK_PX, _MARK_PX)
        paint_icon(painter, "warning", mark, colors.color("warn"))
        for text, dim_from in self.lines(index):
            _paint_line(painter, text, dim_from, QPointF(left + _INDENT_PX, top), small)
            top += spacing

        self._paint_badge(painter, row, index, top + SPACE_8)
        self._paint_buttons(painter, option, index, body)
        painter.restore()

    def _paint_badge(self, painter: QPainter, row: QRect, index: QModelIndex, top: int) -> None:
        generation: Generation = index.data(QueueRole.GENERATION)
        small = self._fonts()[1]
        height = self._badge_height()
        if self._has_room_for_badge(row, index):
            top = self.more_rect(row).center().y() - height // 2 + 1
        badge = ChargeBadge(small)
        left = row.left() + SPACE_12
        area = QRectF(left, top, row.width() - 2 * SPACE_12, height)
        right = min(left + self._badge_width(generation), row.right() - SPACE_12)
        frame, words = badge.rect(generation.charge, area, right)
        painter.setFont(small)
        badge.paint(painter, frame, words, generation.charge)

    def _paint_more(
        self, painter: QPainter, rect: QRect, index: QModelIndex, has_focus: bool
    ) -> None:
        share = self._share(rect, index, is_more=True)
        self._paint_button(painter, rect, _more_words(), share, has_focus, self._fonts()[0])


def _more_words() -> str:
    return tr("More\u2026")


@functools.lru_cache(maxsize=64)
def _wrapped(words: str, detail: str, width_px: int, letters: str) -> tuple[tuple[str, int], ...]:
    """Asked for with every change of the queue, and mostly the same as before."""
    font = fonts_of(letters)[1]
    whole = f"{words} {detail}".strip()
    layout = QTextLayout(whole, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[tuple[str, int]] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width_px))
        start, end = line.textStart(), line.textStart() + line.textLength()
        dim_from = max(0, len(words) - start)
        if len(lines) + 1 == _MOST_LINES and end < len(whole):
            rest = QFontMetrics(font).elidedText(
                whole[start:], Qt.TextElideMode.ElideRight, width_px
            )
            lines.append((rest, dim_from))
            break
        lines.append((whole[start:end].rstrip(), dim_from))
    layout.endLayout()
    return tuple(lines) or (("", 0),)


def _paint_line(painter: QPainter, text: str, dim_from: int, at: QPointF, font: QFont) -> None:
    layout = QTextLayout(text, font)
    formats = []
    for start, end, token in ((0, dim_from, "warn"), (dim_from, len(text), "dim")):
        part = QTextLayout.FormatRange()
        part.start, part.length = start, max(0, min(end, len(text)) - start)
        style = QTextCharFormat()
        style.setForeground(theme.tokens().color(token))
        part.format = style
        if part.length:
            formats.append(part)
    layout.setFormats(formats)
    layout.beginLayout()
    line = layout.createLine()
    if line.isValid():
        line.setNumColumns(len(text))
    layout.endLayout()
    layout.draw(painter, at)
