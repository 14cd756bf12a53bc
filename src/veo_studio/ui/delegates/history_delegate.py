"""Paints one row of the history."""

from __future__ import annotations

from collections import OrderedDict

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPen,
    QPixmap,
    QStaticText,
    QTextLayout,
    QTextOption,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.delegates.charge_badge import ChargeBadge, has_badge
from veo_studio.ui.delegates.clip_picture import (
    REJECTED_OPACITY,
    paint_favourite,
    paint_frame,
    paint_placeholder,
    paint_play,
    paint_poster,
    paint_rating,
    paint_without,
    rating_width,
)
from veo_studio.ui.delegates.state_shapes import STATE_LOOKS, paint_state
from veo_studio.ui.delegates.take_marks import paint_bracket, paint_cards, take_words
from veo_studio.ui.icons import pixmap
from veo_studio.ui.text import (
    charge_meaning,
    plain_tool_tip,
    state_words,
    tr,
)
from veo_studio.ui.theme import Tokens
from veo_studio.ui.view_models.history_takes import TakePlace
from veo_studio.ui.view_models.history_words import row_facts
from veo_studio.ui.view_models.library_model import (
    GenerationRole,
    ModelNameRole,
    ProblemRole,
    ProgressRole,
    StripRole,
    TakeRole,
    ThumbnailRole,
)

THUMBNAIL_WIDTH_PX = 96
THUMBNAIL_HEIGHT_PX = 54
_EDGE_PX = 2
_MOST_TEXTS = 600
_LONGEST_PROMPT = 300
_S = GenerationState
# Python looks a name up in an enum anew each time, which a page of rows does hundreds of times
SELECTED = QStyle.StateFlag.State_Selected
HOVERED = QStyle.StateFlag.State_MouseOver
FOCUSED = QStyle.StateFlag.State_HasFocus
SMOOTH = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
_PLAIN_TEXT = Qt.TextFormat.PlainText
_KEPT_DRAWN = QStaticText.PerformanceHint.AggressiveCaching
_AT_END = Qt.TextElideMode.ElideRight
_TWO_LINES = QTextOption()
_TWO_LINES.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


class HistoryDelegate(QStyledItemDelegate):
    """Rows of 72 px (more with a large font): thumbnail, prompt, facts, state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # where the pointer rests in the picture under it, of its width; the view tells
        self.fraction: float | None = None
        self._texts: OrderedDict[tuple[str, int], list[QStaticText]] = OrderedDict()
        self._statics: OrderedDict[tuple[str, bool], QStaticText] = OrderedDict()
        self._set_fonts()

    def _set_fonts(self) -> None:
        self._font_key = QApplication.font().key()
        self._body = QFont(QApplication.font())
        self._small = theme.tabular(theme.secondary_text_font())
        self._body_metrics = QFontMetricsF(self._body)
        self._small_metrics = QFontMetricsF(self._small)
        self._line_px = self._body_metrics.lineSpacing()
        self._small_px = self._small_metrics.lineSpacing()
        self._charge = ChargeBadge(self._small)
        self._texts.clear()
        self._statics.clear()

    def row_height(self) -> int:
        self._check_fonts()
        content = 2 * self._line_px + theme.SPACE_4 + self._small_px
        return max(theme.ROW_HEIGHT_PX, round(content + 2 * theme.SPACE_8))

    def _check_fonts(self) -> None:
        if QApplication.font().key() != self._font_key:
            self._set_fonts()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(240, self.row_height())

    @staticmethod
    def thumbnail_rect(row: QRect) -> QRect:
        """Where the picture is within a row; the play handle is the whole of it."""
        top = row.top() + (row.height() - THUMBNAIL_HEIGHT_PX) // 2
        return QRect(row.left() + theme.SPACE_12, top, THUMBNAIL_WIDTH_PX, THUMBNAIL_HEIGHT_PX)

    @staticmethod
    def drag_rect(row: QRect) -> QRect:
        """Where the drag handle shows while the pointer is on the row."""
        return QRect(row.right() - 20, row.top() + theme.SPACE_8, 20, 20)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        generation: Generation | None = index.data(GenerationRole)
        self._check_fonts()
        colors = theme.tokens()
        row = option.rect
        picture = QRectF(self.thumbnail_rect(row))
        state = option.state
        is_selected, is_hovered = bool(state & SELECTED), bool(state & HOVERED)
        painter.save()
        painter.setRenderHints(SMOOTH)
        if is_selected:
            painter.fillRect(row, colors.color("raised"))
            edge = QRect(row.left(), row.top(), _EDGE_PX, row.height())
            painter.fillRect(edge, colors.color("accent"))
        elif is_hovered:
            painter.fillRect(row, theme.mixed(colors.pane, colors.raised, 0.55))
        if generation is None:
            paint_placeholder(painter, picture, self._words_rect(row))
            painter.restore()
            return
        progress: Progress | None = index.data(ProgressRole)
        place: TakePlace | None = index.data(TakeRole)
        if place is not None:
            paint_bracket(painter, row, place, colors)
            if place.is_folded:
                paint_cards(painter, picture, colors)
        painter.setOpacity(REJECTED_OPACITY if generation.rejected else 1.0)
        self.paint_picture(painter, picture, generation, progress, option, index)
        painter.setOpacity(1.0)
        if generation.favourite:
            paint_favourite(painter, picture.topRight() + QPointF(-20, 3), 17)
        can_play = is_hovered and generation.has_file
        left = picture.right() + theme.SPACE_12
        right = row.right() - theme.SPACE_12
        content_px = 2 * self._line_px + theme.SPACE_4 + self._small_px
        top = row.top() + (row.height() - content_px) / 2
        prompt_right = right - 16 if can_play else right
        painter.setPen(colors.color("dim" if generation.rejected else "text"))
        painter.setFont(self._body)
        for number, line in enumerate(self._lines(generation.prompt, int(prompt_right - left))):
            painter.drawStaticText(QPointF(left, top + number * self._line_px), line)
        if can_play:
            handle = QRectF(self.drag_rect(row))
            handle.setSize(handle.size() * 0.8)
            painter.drawPixmap(handle.topLeft(), pixmap("drag", "dim", 16))
        painter.setFont(self._small)
        bottom = self._bottom_rect(row)
        name: str = index.data(ModelNameRole) or generation.model
        self._paint_bottom(painter, bottom, generation, progress, name, colors, place)
        if state & FOCUSED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent", 0.55), 1))
            painter.drawRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5))
        elif not is_selected:
            painter.fillRect(QRectF(left, row.bottom(), right - left, 1), colors.color("line", 0.5))
        painter.restore()

    def _bottom_rect(self, row: QRect) -> QRectF:
        """The line of facts, charge and state."""
        left = QRectF(self.thumbnail_rect(row)).right() + theme.SPACE_12
        content_px = 2 * self._line_px + theme.SPACE_4 + self._small_px
        top = row.top() + (row.height() - content_px) / 2 + 2 * self._line_px + theme.SPACE_4
        return QRectF(left, top, row.right() - theme.SPACE_12 - left, self._small_px)

    def _words_rect(self, row: QRect) -> QRect:
        left = self.thumbnail_rect(row).right() + theme.SPACE_12
        height = round(2 * self._line_px)
        top = row.top() + (row.height() - height) // 2
        return QRect(left, top, row.right() - theme.SPACE_12 - left, height)

    # The picture

    def paint_picture(
        self,
        painter: QPainter,
        box: QRectF,
        generation: Generation,
        progress: Progress | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> None:
        """The poster; under the pointer a mark that it plays, or the frame that it points at."""
        thumbnail: QPixmap | None = index.data(ThumbnailRole)
        is_hovered = bool(option.state & HOVERED)
        fraction = self.fraction if is_hovered else None
        strip: QPixmap | None = index.data(StripRole) if fraction is not None else None
        if strip is not None and fraction is not None:
            paint_frame(painter, box, strip, fraction)
            return
        if thumbnail is not None and not thumbnail.isNull():
            paint_poster(painter, box, thumbnail)
        else:
            problem = index.data(ProblemRole) or ""
            paint_without(painter, box, generation, progress, problem, self._small)
        if is_hovered and generation.has_file:
            paint_play(painter, box, "eye" if generation.is_picture else "play")

    # The words

    def _lines(self, prompt: str, width_px: int) -> list[QStaticText]:
        """The prompt in at most two lines, the second ending in an ellipsis."""
        key = (prompt, width_px)
        found = self._texts.get(key)
        if found is not None:
            self._texts.move_to_end(key)
            return found
        text = " ".join(prompt[: 4 * _LONGEST_PROMPT].split())[:_LONGEST_PROMPT]
        lines = []
        if width_px > 20 and text:
            layout = QTextLayout(text, self._body)
            layout.setTextOption(_TWO_LINES)
            layout.beginLayout()
            first = layout.createLine()
            first.setLineWidth(width_px)
            end = first.textLength()
            layout.endLayout()
            # QTextLine counts UTF-16 units, Python counts characters.
            encoded = text.encode("utf-16-le")
            parts = [encoded[: 2 * end].decode("utf-16-le"), encoded[2 * end :].decode("utf-16-le")]
            for part in filter(None, (part.strip() for part in parts)):
                lines.append(
                    self._static(
                        self._body_metrics.elidedText(part, _AT_END, width_px),
                        self._body,
                    )
                )
        self._texts[key] = lines
        while len(self._texts) > _MOST_TEXTS:
            self._texts.popitem(last=False)
        return lines

    def _one_line(self, text: str, width_px: int) -> QStaticText:
        """As much of it as has room."""
        key = (text, -width_px)
        found = self._texts.get(key)
        if found is None:
            short = " ".join(text[:_LONGEST_PROMPT].split())
            elided = self._body_metrics.elidedText(short, _AT_END, width_px)
            found = self._texts[key] = [self._static(elided, self._body)]
            while len(self._texts) > _MOST_TEXTS:
                self._texts.popitem(last=False)
        return found[0]

    @staticmethod
    def _static(text: str, font: QFont) -> QStaticText:
        made = QStaticText(text)
        made.setTextFormat(_PLAIN_TEXT)
        made.setPerformanceHint(_KEPT_DRAWN)
        made.prepare(font=font)
        return made

    def _small_text(self, text: str) -> QStaticText:
        key = (text, False)
        found = self._statics.get(key)
        if found is None:
            found = self._static(text, self._small)
            self._statics[key] = found
            while len(self._statics) > _MOST_TEXTS:
                self._statics.popitem(last=False)
        return found

    def _paint_bottom(
        self,
        painter: QPainter,
        line: QRectF,
        generation: Generation,
        progress: Progress | None,
        model_name: str,
        colors: Tokens,
        place: TakePlace | None = None,
    ) -> None:
        """Facts at the left, state (and charge of a failure) at the right."""
        right = self._state_left(line, generation, progress)
        side = self._badge_px()
        words = self._shown_state_words(line, generation, progress)
        shape, token = ("cross", "bad") if generation.rejected else STATE_LOOKS[generation.state]
        if words:
            static = self._small_text(words)
            painter.setPen(colors.color(token))
            painter.drawStaticText(QPointF(right + side + theme.SPACE_4, line.top()), static)
        badge = QRectF(right, line.top() + (line.height() - side) / 2, side, side)
        fraction = progress.percent / 100 if progress is not None else 0.0
        if shape == "ring":
            paint_state(painter, badge, generation.state, colors, fraction=fraction)
        else:
            painter.drawPixmap(badge.topLeft(), pixmap(shape, token, side))
        right -= theme.SPACE_8
        right -= paint_rating(
            painter,
            QRectF(line.left(), line.top(), right - line.left(), line.height()),
            generation.rating,
        )
        if has_badge(generation):
            frame, charge = self._charge.rect(generation.charge, line, right)
            self._charge.paint(painter, frame, charge, generation.charge)
            right = frame.left() - theme.SPACE_8
        painter.setPen(colors.color("dim"))
        room = right - line.left()
        facts = row_facts(generation, progress, model_name)
        if place is not None:
            take = take_words(place)
            facts = (*(f"{take} \u00b7 {fact}" for fact in facts), take, *facts[-1:])
        for text in facts:
            if self._small_text(text).size().width() <= room:
                painter.drawStaticText(line.topLeft(), self._small_text(text))
                return

    def _badge_px(self) -> int:
        return round(self._small_px * 0.95)

    def _shown_state_words(
        self, line: QRectF, generation: Generation, progress: Progress | None
    ) -> str:
        if generation.rejected:
            return tr("rejected")
        is_narrow = line.width() < 20 * self._small_metrics.averageCharWidth() * 2
        # A tick says "ready" by its shape; in a narrow list its word would cost the facts.
        if is_narrow and generation.state is _S.COMPLETED:
            return ""
        return self._state_words(generation.state, progress)

    def _state_left(self, line: QRectF, generation: Generation, progress: Progress | None) -> float:
        """Where shape and word of the state begin."""
        words = self._shown_state_words(line, generation, progress)
        width = self._small_text(words).size().width() + theme.SPACE_4 if words else 0.0
        return line.right() - width - self._badge_px()

    # The tool tips

    def charge_rect(self, row: QRect, generation: Generation) -> QRect:
        """Where the charge badge of a row is; empty where it has none."""
        if not has_badge(generation):
            return QRect()
        line = self._bottom_rect(row)
        right = self._state_left(line, generation, None) - theme.SPACE_8
        right -= rating_width(generation.rating, line.height())
        return self._charge.rect(generation.charge, line, right)[0].toAlignedRect()

    def helpEvent(
        self,
        event: QHelpEvent | None,
        view: QAbstractItemView | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> bool:
        """The badge says what it means; everywhere else the row tells about its clip."""
        generation: Generation | None = index.data(GenerationRole)
        if event is None or view is None or generation is None:
            return super().helpEvent(event, view, option, index)
        badge = self.charge_rect(view.visualRect(index), generation)
        if event.type() is QEvent.Type.ToolTip and badge.contains(event.pos()):
            words = plain_tool_tip(charge_meaning(generation.charge))
            QToolTip.showText(event.globalPos(), words, view.viewport(), badge)
            return True
        return super().helpEvent(event, view, option, index)

    @staticmethod
    def _state_words(state: GenerationState, progress: Progress | None) -> str:
        if state is not _S.PENDING and state.is_active and progress is not None:
            return tr("{percent} %", percent=progress.percent)
        return state_words(state)
