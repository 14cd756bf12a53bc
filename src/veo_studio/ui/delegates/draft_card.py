"""Paints one draft: the picture, its prompt, and its state as shape, word and colour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QStyle

from veo_studio.core.models import Generation, Progress
from veo_studio.core.publishing.drafts import DraftState, draft_state
from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_card import ClipCard
from veo_studio.ui.delegates.clip_picture import paint_favourite, paint_rating
from veo_studio.ui.delegates.history_delegate import HOVERED, SELECTED
from veo_studio.ui.delegates.state_shapes import paint_state
from veo_studio.ui.text import ago, extent_words, tr
from veo_studio.ui.view_models.drafts_model import look_of
from veo_studio.ui.view_models.history_takes import TakePlace
from veo_studio.ui.view_models.library_model import ModelNameRole
from veo_studio.ui.view_models.publish_when import moment_words, naive_local

_FAVOURITE_PX = 22


class DraftCard(ClipCard):
    """As `ClipCard`, with the state under the prompt, and on the picture when it will be published."""

    def __init__(
        self, planned_at: Callable[[int], datetime | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._planned_at = planned_at

    def card_height(self, width: int) -> int:
        return super().card_height(width) + round(self._small_px)

    def _paint_ground(self, painter: QPainter, card: QRect, state: QStyle.StateFlag) -> None:
        """A chosen one has its frame alone: the words of states need the ground of the pane."""
        if state & SELECTED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.tokens().color("accent"), 2))
            frame = QRectF(card).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
            state &= ~SELECTED & ~HOVERED
        super()._paint_ground(painter, card, state)

    def _paint_marks(
        self,
        painter: QPainter,
        picture: QRectF,
        generation: Generation,
        progress: Progress | None,
    ) -> None:
        painter.setFont(self._small)
        inset = theme.SPACE_4 + 2
        top = picture.top() + inset
        bottom = picture.bottom() - inset - (self._small_px + 4)
        if (at := self._planned_at(generation.id)) is not None:
            room = picture.width() - 2 * inset
            if generation.favourite:
                room -= _FAVOURITE_PX + inset
            words = self._plan_words(at, room)
            self._pill(painter, QPointF(picture.left() + inset, top), words, "calendar", "accent")
        if generation.has_file:
            words = extent_words(generation)
            left = picture.right() - inset - self._pill_width(words, "")
            self._pill(painter, QPointF(left, bottom), words, "", "text")
        if generation.favourite:
            corner = QPointF(picture.right() - inset - _FAVOURITE_PX, top)
            paint_favourite(painter, corner, _FAVOURITE_PX)

    def _plan_words(self, at: datetime, room_px: float) -> str:
        """As much of the moment as has room; the tool tip has all of it."""
        local = naive_local(at)
        for words in (moment_words(at), f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d}"):
            if self._pill_width(words, "calendar") <= room_px:
                return words
        return ""

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
        painter.setPen(colors.color("text"))
        line = self._one_line(generation.caption or generation.prompt, int(words.width()))
        painter.drawStaticText(words.topLeft(), line)
        top = words.top() + self._line_px
        state = QRectF(words.left(), top, words.width(), self._small_px)
        self._paint_state(painter, state, generation, progress)
        below = state.translated(0, self._small_px)
        room = below.width() - paint_rating(painter, below, generation.rating)
        painter.setFont(self._small)
        painter.setPen(colors.color("dim"))
        for text in self._facts(generation, place, index):
            if self._small_text(text).size().width() <= room:
                painter.drawStaticText(below.topLeft(), self._small_text(text))
                return

    def _paint_state(
        self,
        painter: QPainter,
        line: QRectF,
        generation: Generation,
        progress: Progress | None,
    ) -> None:
        """Shape and word, and how far it is."""
        state = draft_state(generation.state)
        if state is None:
            return
        colors, side = theme.tokens(), self._badge_px()
        _icon, token, words = look_of(state)
        if state is DraftState.PROCESSING and progress is not None:
            words = tr("{state} · {percent} %", state=words, percent=progress.percent)
        badge = QRectF(line.left(), line.top() + (line.height() - side) / 2, side, side)
        fraction = progress.percent / 100 if progress is not None else 0.0
        paint_state(painter, badge, generation.state, colors, fraction=fraction)
        painter.setFont(self._small)
        painter.setPen(colors.color(token))
        at = QPointF(line.left() + side + theme.SPACE_4, line.top())
        painter.drawStaticText(at, self._small_text(words))

    @staticmethod
    def _facts(
        generation: Generation, place: TakePlace | None, index: QModelIndex
    ) -> tuple[str, ...]:
        model = index.data(ModelNameRole) or generation.model
        age = ago(generation.created_at)
        return (f"{model} · {age}", age)
