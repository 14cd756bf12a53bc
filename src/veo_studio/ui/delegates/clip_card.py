"""Paints one clip of the grid: the picture, one line of its prompt, one of facts."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyleOptionViewItem

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_picture import (
    REJECTED_OPACITY,
    paint_favourite,
    paint_placeholder,
    paint_rating,
    rounded,
)
from veo_studio.ui.delegates.history_delegate import (
    FOCUSED,
    HOVERED,
    SELECTED,
    SMOOTH,
    HistoryDelegate,
)
from veo_studio.ui.delegates.state_shapes import STATE_LOOKS
from veo_studio.ui.delegates.take_marks import paint_cards, take_words
from veo_studio.ui.icons import pixmap
from veo_studio.ui.text import ago, extent_words, tr
from veo_studio.ui.view_models.history_takes import TakePlace
from veo_studio.ui.view_models.library_model import (
    GenerationRole,
    ModelNameRole,
    ProgressRole,
    TakeRole,
)

# between the edge of a card and its picture
PAD_PX = theme.SPACE_4
_S = GenerationState


class ClipCard(HistoryDelegate):
    """As wide as its column, with a picture of 16:9; marks lie on the picture, facts under it."""

    def card_height(self, width: int) -> int:
        self._check_fonts()
        words = self._line_px + self._small_px + 2 * theme.SPACE_4
        return round(self._picture_height(width) + words + 2 * PAD_PX)

    @staticmethod
    def _picture_height(width: int) -> int:
        return (width - 2 * PAD_PX) * 9 // 16

    def thumbnail_rect(self, row: QRect) -> QRect:  # type: ignore[override]
        width = row.width() - 2 * PAD_PX
        return QRect(
            row.left() + PAD_PX, row.top() + PAD_PX, width, self._picture_height(row.width())
        )

    def charge_rect(self, row: QRect, generation: Generation) -> QRect:
        return QRect()  # what a failure cost is in the tool tip, the details and the list

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(option.rect.width(), self.card_height(option.rect.width()))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        self._check_fonts()
        colors = theme.tokens()
        card, picture = option.rect, QRectF(self.thumbnail_rect(option.rect))
        painter.save()
        painter.setRenderHints(SMOOTH)
        generation: Generation | None = index.data(GenerationRole)
        self._paint_ground(painter, card, option.state)
        if generation is None:
            paint_placeholder(painter, picture, self._words_rect(card))
            painter.restore()
            return
        place: TakePlace | None = index.data(TakeRole)
        if place is not None and place.is_folded:
            paint_cards(painter, picture, colors)
        progress: Progress | None = index.data(ProgressRole)
        if generation.rejected:
            painter.setOpacity(REJECTED_OPACITY)
        self.paint_picture(painter, picture, generation, progress, option, index)
        painter.setOpacity(1.0)
        self._paint_marks(painter, picture, generation, progress)
        self._paint_words(painter, card, generation, progress, place, index)
        if place is not None and not place.is_folded:
            self._paint_bracket(painter, card, place)
        painter.restore()

    def _paint_ground(self, painter: QPainter, card: QRect, state: QStyle.StateFlag) -> None:
        colors, frame = theme.tokens(), QRectF(card).adjusted(1, 1, -1, -1)
        if state & SELECTED:
            painter.setBrush(colors.color("raised"))
            painter.setPen(QPen(colors.color("accent"), 2))
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        elif state & HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(colors.pane, colors.raised, 0.55))
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        if state & FOCUSED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent", 0.55), 1))
            painter.drawRoundedRect(
                frame.adjusted(2, 2, -2, -2), theme.RADIUS_PX - 1, theme.RADIUS_PX - 1
            )

    def _words_rect(self, card: QRect) -> QRect:
        top = self.thumbnail_rect(card).bottom() + 1 + theme.SPACE_4
        inset = PAD_PX + theme.SPACE_4
        return QRect(
            card.left() + inset, top, card.width() - 2 * inset, card.bottom() - top - PAD_PX
        )

    def _paint_words(
        self,
        painter: QPainter,
        card: QRect,
        generation: Generation,
        progress: Progress | None,
        place: TakePlace | None,
        index: QModelIndex,
    ) -> None:
        colors, words = theme.tokens(), QRectF(self._words_rect(card))
        painter.setFont(self._body)
        painter.setPen(colors.color("dim" if generation.rejected else "text"))
        line = self._one_line(generation.caption or generation.prompt, int(words.width()))
        painter.drawStaticText(words.topLeft(), line)
        below = QRectF(words.left(), words.top() + self._line_px, words.width(), self._small_px)
        room = below.width() - paint_rating(painter, below, generation.rating)
        painter.setFont(self._small)
        painter.setPen(colors.color("dim"))
        for text in self._facts(generation, place, index):
            if self._small_text(text).size().width() <= room:
                painter.drawStaticText(below.topLeft(), self._small_text(text))
                return

    @staticmethod
    def _facts(
        generation: Generation, place: TakePlace | None, index: QModelIndex
    ) -> tuple[str, ...]:
        """From the longest wording to the shortest."""
        dot, age = " \u00b7 ", ago(generation.created_at)
        model = index.data(ModelNameRole) or generation.model
        if place is not None:
            take = take_words(place)
            return (dot.join((take, model, age)), dot.join((take, age)), take)
        return (dot.join((model, age)), age)

    # On the picture

    def _paint_marks(
        self,
        painter: QPainter,
        picture: QRectF,
        generation: Generation,
        progress: Progress | None,
    ) -> None:
        painter.setFont(self._small)
        inset = theme.SPACE_4 + 2
        height = self._small_px + 4
        top, bottom = picture.top() + inset, picture.bottom() - inset - height
        left = picture.left() + inset
        if generation.rejected:
            self._pill(painter, QPointF(left, top), tr("rejected"), "cross", "bad")
        elif generation.state is not _S.COMPLETED:
            shape, token = STATE_LOOKS[generation.state]
            words = self._state_words(generation.state, progress)
            name = {"ring": "clock"}.get(shape, shape)
            self._pill(painter, QPointF(left, top), words, name, token)
        if generation.has_file:
            words = extent_words(generation)
            width = self._pill_width(words, "")
            self._pill(painter, QPointF(picture.right() - inset - width, bottom), words, "", "text")
        if generation.favourite:
            paint_favourite(painter, QPointF(picture.right() - inset - 22, top), 22)

    def _pill_width(self, words: str, icon_name: str) -> float:
        width = self._small_text(words).size().width() + 2 * theme.SPACE_4 + 2
        return width + (self._badge_px() + theme.SPACE_4 if icon_name else 0)

    def _pill(self, painter: QPainter, at: QPointF, words: str, icon_name: str, token: str) -> None:
        """Words on the picture, readable whatever it shows."""
        colors = theme.tokens()
        frame = QRectF(at.x(), at.y(), self._pill_width(words, icon_name), self._small_px + 4)
        painter.fillPath(rounded(frame), colors.color("pane", 0.88))
        left = frame.left() + theme.SPACE_4 + 1
        if icon_name:
            side = self._badge_px()
            mark = pixmap(icon_name, token, side)
            painter.drawPixmap(QPointF(left, frame.top() + (frame.height() - side) / 2), mark)
            left += side + theme.SPACE_4
        painter.setPen(colors.color(token))
        painter.drawStaticText(QPointF(left, frame.top() + 2), self._small_text(words))

    @staticmethod
    def _paint_bracket(painter: QPainter, card: QRect, place: TakePlace) -> None:
        """A line under the cards of one click, from the first to the last."""
        inset, gap = theme.SPACE_8, theme.SPACE_12
        left = card.left() + (inset if place.is_top else -gap // 2)
        right = card.right() + 1 - (inset if place.is_bottom else -gap // 2)
        color: QColor = theme.tokens().color("dim", 0.7)
        painter.fillRect(QRectF(left, card.bottom() - 1, right - left, 2), color)
