"""A row of plain text: up to some lines of it, a dim word at the side, selection as in the history."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QTextLayout, QTextOption
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from veo_studio.ui import theme
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.preset_model import DIM_ROLE, SIDE_ROLE


class TextRow(QStyledItemDelegate):
    """All rows are `lines` high; what does not fit ends in dots, and the tool tip has it whole.

    The dim word stands at the right of one line, and like a number before several.
    """

    def __init__(self, lines: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines = lines

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        margin = SPACE_8 if self._lines == 1 else SPACE_4
        return QSize(0, self._lines * option.fontMetrics.lineSpacing() + 2 * margin)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        colors = theme.tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("raised"))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(colors.color("accent"))
            frame = option.rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
            edge = option.rect.adjusted(0, SPACE_8, 0, -SPACE_8)
            edge.setWidth(2)
            painter.fillRect(edge, colors.color("accent"))
        inner = option.rect.adjusted(SPACE_12, SPACE_4, -SPACE_8, -SPACE_4)
        rows = index.model()
        count = rows.rowCount() if rows is not None else 0
        inner = self._side(painter, option, inner, index.data(SIDE_ROLE) or "", count)
        painter.setFont(option.font)
        painter.setPen(colors.color("dim" if index.data(DIM_ROLE) else "text"))
        self._text(painter, option, inner, str(index.data()))
        painter.restore()

    def _side(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        inner: QRect,
        words: str,
        count: int,
    ) -> QRect:
        """Draw the dim word; what is left beside it."""
        if not words:
            return inner
        font = theme.tabular(theme.secondary_text_font())
        painter.setFont(font)
        painter.setPen(theme.tokens().color("dim"))
        metrics = QFontMetrics(font)
        if self._lines == 1:
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(inner, align, words)
            return inner.adjusted(0, 0, -metrics.horizontalAdvance(words) - SPACE_8, 0)
        # as wide as the last number, so that the texts stand on one edge
        width = metrics.horizontalAdvance("0" * max(2, len(str(count))))
        line = QRect(inner.left(), inner.top(), width, option.fontMetrics.lineSpacing())
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return inner.adjusted(width + SPACE_8, 0, 0, 0)

    def _text(
        self, painter: QPainter, option: QStyleOptionViewItem, inner: QRect, text: str
    ) -> None:
        metrics, ends = option.fontMetrics, Qt.TextElideMode.ElideRight
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if self._lines == 1:
            painter.drawText(inner, left, metrics.elidedText(text, ends, inner.width()))
            return
        layout = QTextLayout(text[:400], option.font)
        wrapping = QTextOption()
        wrapping.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(wrapping)
        layout.beginLayout()
        start = top = 0
        for number in range(self._lines):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(inner.width())
            end = start + line.textLength()
            part = text[start:] if number == self._lines - 1 else text[start:end]
            shown = metrics.elidedText(part.rstrip(), ends, inner.width())
            rect = QRectF(inner.left(), inner.top() + top, inner.width(), metrics.lineSpacing())
            painter.drawText(rect, left, shown)
            start, top = end, top + metrics.lineSpacing()
        layout.endLayout()
