"""Paints a delivery or a planned publication: picture, title, facts, its state at the right."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from veo_studio.ui import theme
from veo_studio.ui.delegates.state_shapes import paint_ring
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.delivery_rows import RowRole
from veo_studio.ui.view_models.publish_words import Look

PICTURE = QSize(64, 36)
_MARK_PX = 16
_BAR_PX = 3
# with less room the picture is left out
_LEAST_WORDS_EMS = 14


class DeliveryDelegate(QStyledItemDelegate):
    """Rows of two lines of text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        body, small = _fonts()
        lines = QFontMetrics(body).height() + SPACE_4 + QFontMetrics(small).height()
        return QSize(200, max(lines, PICTURE.height()) + 2 * SPACE_12)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        look: Look | None = index.data(RowRole.LOOK)
        if look is None:
            return  # its model is going, and the view asks once more
        colors = theme.tokens()
        body, small = _fonts()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        inner = option.rect.adjusted(SPACE_12, SPACE_8, -SPACE_12, -SPACE_8)
        right = self._paint_state(painter, inner, look, index.data(RowRole.FRACTION), small)
        words = QRect(inner.left(), inner.top(), right - SPACE_12 - inner.left(), inner.height())
        if words.width() > PICTURE.width() + theme.body_px() * _LEAST_WORDS_EMS:
            words = self._paint_picture(painter, words, index)
        upper, lower = QFontMetrics(body).height(), QFontMetrics(small).height()
        top = words.top() + (words.height() - upper - SPACE_4 - lower) // 2
        first = QRect(words.left(), top, words.width(), upper)
        second = QRect(words.left(), top + upper + SPACE_4, words.width(), lower)
        _text(painter, first, index.data(RowRole.TITLE) or "", body, "text")
        _text(painter, second, index.data(RowRole.FACTS) or "", small, "dim")
        fraction = index.data(RowRole.FRACTION)
        if fraction is not None:
            bar = QRectF(words.left(), option.rect.bottom() - _BAR_PX, words.width(), _BAR_PX)
            painter.fillRect(bar, colors.color("line"))
            bar.setWidth(bar.width() * fraction)
            painter.fillRect(bar, colors.color("accent"))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        colors, row = theme.tokens(), option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("raised"))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(colors.color("accent"))
            frame = row.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
            edge = row.adjusted(0, SPACE_8, 0, -SPACE_8)
            edge.setWidth(2)
            painter.fillRect(edge, colors.color("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, theme.mixed(colors.pane, colors.raised, 0.55))

    def _paint_state(
        self, painter: QPainter, inner: QRect, look: Look, fraction: float | None, small: QFont
    ) -> int:
        """At the right: shape and word; where they begin."""
        colors = theme.tokens()
        width = QFontMetrics(small).horizontalAdvance(look.words)
        left = inner.right() - width - _MARK_PX - SPACE_8
        mark = QRectF(left, inner.center().y() - _MARK_PX / 2 + 0.5, _MARK_PX, _MARK_PX)
        if fraction is not None:
            paint_ring(painter, mark, fraction, colors)
        else:
            paint_icon(painter, look.icon, mark, colors.color(look.token))
        area = QRect(left + _MARK_PX + SPACE_8, inner.top(), width + 2, inner.height())
        painter.setFont(small)
        painter.setPen(colors.color(look.token))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, look.words)
        return left

    def _paint_picture(self, painter: QPainter, words: QRect, index: QModelIndex) -> QRect:
        """The clip's own picture, letterboxed; what is left for the words."""
        box = QRect(words.left(), words.center().y() - PICTURE.height() // 2 + 1,
                    PICTURE.width(), PICTURE.height())  # fmt: skip
        painter.fillRect(box, theme.tokens().color("raised"))
        pixmap = index.data(RowRole.PICTURE)
        if pixmap is not None and not pixmap.isNull():
            size = pixmap.deviceIndependentSize().toSize()
            size.scale(PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(0, 0, size.width(), size.height())
            target.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(target, pixmap)
        return words.adjusted(PICTURE.width() + SPACE_12, 0, 0, 0)


def _fonts() -> tuple[QFont, QFont]:
    return QApplication.font(), theme.tabular(theme.secondary_text_font())


def _text(painter: QPainter, rect: QRect, words: str, font: QFont, token: str) -> None:
    painter.setFont(font)
    painter.setPen(theme.tokens().color(token))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
