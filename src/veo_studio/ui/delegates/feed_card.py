"""Paints one card of the feed: the cover or the picture that plays, caption, tags, facts."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QImage, QPainter, QPixmap, QStaticText
from PyQt6.QtWidgets import QStyleOptionViewItem

from veo_studio.core.models import Generation, Progress
from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_card import PAD_PX, ClipCard
from veo_studio.ui.delegates.clip_picture import (
    paint_play,
    paint_poster,
    paint_rating,
    paint_without,
)
from veo_studio.ui.delegates.history_delegate import HOVERED
from veo_studio.ui.text import ago, extent_words, tr
from veo_studio.ui.view_models.history_takes import TakePlace
from veo_studio.ui.view_models.library_model import ModelNameRole, ProblemRole, ThumbnailRole

_CAPTION_LINES = 2


class FeedCard(ClipCard):
    """As wide as its column, with a picture of 16:9; what plays is given by `show_live`."""

    # the clip that plays, or that was paused in sight, and its picture
    _live: tuple[int, QPixmap] | None = None
    is_playing = False

    def show_live(self, generation_id: int, image: QImage, ratio: float) -> None:
        """This instead of the cover; `ratio` is how many points of the screen a pixel has."""
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(ratio)
        self._live = generation_id, picture

    def show_cover(self) -> None:
        self._live = None

    @property
    def live_id(self) -> int | None:
        return None if self._live is None else self._live[0]

    def card_height(self, width: int) -> int:
        self._check_fonts()
        return round(self._picture_height(width) + self.words_height() + 2 * PAD_PX)

    def words_height(self) -> int:
        """What stands under the picture: the caption, the tags, and where it comes from."""
        self._check_fonts()
        lines = _CAPTION_LINES * self._line_px + 2 * self._small_px
        return round(lines + theme.SPACE_8 + 2 * theme.SPACE_4)

    def paint_picture(
        self,
        painter: QPainter,
        box: QRectF,
        generation: Generation,
        progress: Progress | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> None:
        # also under what plays: it is there when that ends
        cover: QPixmap | None = index.data(ThumbnailRole)
        is_playing = False
        if self._live is not None and self._live[0] == generation.id:
            paint_poster(painter, box, self._live[1])
            is_playing = self.is_playing
        elif cover is not None and not cover.isNull():
            paint_poster(painter, box, cover)
        else:
            problem = index.data(ProblemRole) or ""
            paint_without(painter, box, generation, progress, problem, self._small)
        if option.state & HOVERED and generation.has_file and not is_playing:
            paint_play(painter, box, "eye" if generation.is_picture else "play")

    def _words_rect(self, card: QRect) -> QRect:
        words = super()._words_rect(card)
        return words.adjusted(0, theme.SPACE_4, 0, 0)

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
        at = words.topLeft()
        painter.setFont(self._body)
        painter.setPen(colors.color("text"))
        for line in self._lines(generation.caption or generation.prompt, int(words.width())):
            painter.drawStaticText(at, line)
            at.setY(at.y() + self._line_px)
        at.setY(at.y() + theme.SPACE_4)
        painter.setFont(self._small)
        if generation.tags:
            painter.setPen(colors.color("accent"))
            painter.drawStaticText(at, self._tags(generation, int(words.width())))
            at.setY(at.y() + self._small_px)
        facts = QRectF(at.x(), at.y(), words.width(), self._small_px)
        room = facts.width() - paint_rating(painter, facts, generation.rating)
        painter.setPen(colors.color("dim"))
        for text in self._facts(generation, place, index):
            if self._small_text(text).size().width() <= room:
                painter.drawStaticText(facts.topLeft(), self._small_text(text))
                return

    def _tags(self, generation: Generation, width_px: int) -> QStaticText:
        """As many as have room; the last one may end in dots."""
        words = "  ".join(f"#{tag}" for tag in generation.tags)
        at_end = Qt.TextElideMode.ElideRight
        return self._small_text(self._small_metrics.elidedText(words, at_end, width_px))

    @staticmethod
    def _facts(
        generation: Generation, place: TakePlace | None, index: QModelIndex
    ) -> tuple[str, ...]:
        """From the longest wording to the shortest."""
        age = ago(generation.published_at or generation.created_at)
        model = index.data(ModelNameRole) or generation.model
        return (f"{model} \u00b7 {age}", age)

    def _paint_marks(
        self,
        painter: QPainter,
        picture: QRectF,
        generation: Generation,
        progress: Progress | None,
    ) -> None:
        painter.setFont(self._small)
        inset = theme.SPACE_4 + 2
        if generation.rejected:
            at = QPointF(picture.left() + inset, picture.top() + inset)
            self._pill(painter, at, tr("rejected"), "cross", "bad")
        bottom = picture.bottom() - inset - self._small_px - 4
        words = extent_words(generation)
        width = self._pill_width(words, "")
        self._pill(painter, QPointF(picture.right() - inset - width, bottom), words, "", "text")
        if self.is_playing and self.live_id == generation.id:
            # it plays without sound: a click plays it with
            self._pill(painter, QPointF(picture.left() + inset, bottom), "", "mute", "text")
