"""Paints one clip on the shelf: its picture, one line of its prompt, its facts."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.shelf_model import FactsRole, ProblemRole, ThumbnailRole

_PICTURE = QSize(80, 45)


class ShelfDelegate(QStyledItemDelegate):
    """Rows of one height, as high as the picture or two lines of text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        small = QFontMetrics(theme.secondary_text_font())
        lines = option.fontMetrics.height() + SPACE_4 + small.height()
        return QSize(200, max(lines, _PICTURE.height()) + 2 * SPACE_8)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        colors = theme.tokens()
        row = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, colors.color("raised", 1.0 if is_selected else 0.5))
        if is_selected:
            painter.fillRect(QRect(row.left(), row.top(), 2, row.height()), colors.color("accent"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 1))
            frame = QRectF(row).adjusted(4.5, 2.5, -2.5, -2.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        picture = QRect(row.left() + SPACE_12, 0, _PICTURE.width(), _PICTURE.height())
        picture.moveTop(row.top() + (row.height() - picture.height()) // 2)
        self._paint_picture(painter, picture, index)
        left = picture.right() + 1 + SPACE_12
        self._paint_words(painter, option, left, row.right() - SPACE_12, index)
        painter.restore()

    @staticmethod
    def _paint_picture(painter: QPainter, frame: QRect, index: QModelIndex) -> None:
        colors = theme.tokens()
        painter.fillRect(frame, colors.color("raised"))
        pixmap: QPixmap | None = index.data(ThumbnailRole)
        if pixmap is not None:
            size = pixmap.deviceIndependentSize()
            scale = min(frame.width() / size.width(), frame.height() / size.height())
            target = QRectF(0, 0, size.width() * scale, size.height() * scale)
            target.moveCenter(QRectF(frame).center())
            painter.fillRect(frame, Qt.GlobalColor.black)
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
            return
        problem: str = index.data(ProblemRole)
        mark = QRectF(0, 0, 24, 24)
        mark.moveCenter(QRectF(frame).center())
        paint_icon(painter, problem or "film", mark, colors.color("warn" if problem else "dim"))

    @staticmethod
    def _paint_words(
        painter: QPainter, option: QStyleOptionViewItem, left: int, right: int, index: QModelIndex
    ) -> None:
        colors, row = theme.tokens(), option.rect
        small = theme.tabular(theme.secondary_text_font())
        body, under = option.fontMetrics, QFontMetrics(small)
        top = row.top() + (row.height() - body.height() - SPACE_4 - under.height()) // 2
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        ends = Qt.TextElideMode.ElideRight
        width = max(0, right - left)
        painter.setFont(option.font)
        painter.setPen(colors.color("text"))
        prompt = " ".join(str(index.data())[:300].split())
        line = QRect(left, top, width, body.height())
        painter.drawText(line, align, body.elidedText(prompt, ends, width))
        painter.setFont(small)
        painter.setPen(colors.color("warn" if index.data(ProblemRole) else "dim"))
        line = QRect(left, top + body.height() + SPACE_4, width, under.height())
        painter.drawText(line, align, under.elidedText(str(index.data(FactsRole)), ends, width))
