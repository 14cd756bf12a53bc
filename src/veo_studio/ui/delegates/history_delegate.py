"""Paints one row of the history."""

from __future__ import annotations

from collections import OrderedDict

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QStaticText,
    QTextLayout,
    QTextOption,
)
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from veo_studio.core.models import Charge, Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon, pixmap
from veo_studio.ui.text import (
    ago,
    charge_words,
    estimate_words,
    seconds_words,
    size_words,
    state_words,
    tr,
)
from veo_studio.ui.theme import Tokens
from veo_studio.ui.view_models.history_model import (
    GenerationRole,
    ModelNameRole,
    ProgressRole,
    ThumbnailRole,
)

THUMBNAIL_WIDTH_PX = 96
THUMBNAIL_HEIGHT_PX = 54
_EDGE_PX = 2
_MOST_TEXTS = 600
_LONGEST_PROMPT = 300

_S = GenerationState
# Shape and colour of each state; the word is `state_words`.
STATE_LOOKS: dict[GenerationState, tuple[str, str]] = {
    _S.PENDING: ("ring", "dim"),
    _S.SUBMITTING: ("ring", "accent"),
    _S.PROCESSING: ("ring", "accent"),
    _S.DOWNLOADING: ("ring", "accent"),
    _S.COMPLETED: ("check", "ok"),
    _S.FAILED: ("cross", "bad"),
    _S.CANCELLED: ("dash", "dim"),
    _S.UNKNOWN: ("warning", "warn"),
    _S.HELD: ("warning", "warn"),
}


def paint_ring(
    painter: QPainter, rect: QRectF, fraction: float, tokens: Tokens, *, width_px: float = 2.0
) -> None:
    """A ring filled from the top by `fraction` (0.0-1.0)."""
    inset = width_px / 2
    circle = rect.adjusted(inset, inset, -inset, -inset)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens.color("line"), width_px))
    painter.drawEllipse(circle)
    if fraction > 0:
        pen = QPen(tokens.color("accent"), width_px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(min(1.0, fraction) * 360 * 16))


def paint_state(
    painter: QPainter,
    rect: QRectF,
    state: GenerationState,
    tokens: Tokens,
    *,
    fraction: float = 0.0,
) -> None:
    """The shape of `state` in the square `rect`."""
    shape, token = STATE_LOOKS[state]
    if shape == "ring":
        if state is _S.PENDING:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.color("dim"), 1.5))
            painter.drawEllipse(rect.adjusted(1.5, 1.5, -1.5, -1.5))
        else:
            paint_ring(painter, rect.adjusted(1, 1, -1, -1), fraction, tokens)
    else:
        paint_icon(painter, shape, rect, tokens.color(token))


class HistoryDelegate(QStyledItemDelegate):
    """Rows of 72 px (more with a large font): thumbnail, prompt, facts, state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
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
        if generation is None:
            return
        self._check_fonts()
        colors = theme.tokens()
        progress: Progress | None = index.data(ProgressRole)
        row = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if is_selected:
            painter.fillRect(row, colors.color("raised"))
            painter.fillRect(
                QRect(row.left(), row.top(), _EDGE_PX, row.height()), colors.color("accent")
            )
        elif is_hovered:
            painter.fillRect(row, theme.mixed(colors.pane, colors.raised, 0.55))
        picture = QRectF(self.thumbnail_rect(row))
        self._paint_picture(
            painter, picture, generation, progress, index.data(ThumbnailRole), colors
        )
        can_play = is_hovered and generation.has_file
        if can_play:
            self._paint_play(painter, picture, colors)
        left = picture.right() + theme.SPACE_12
        right = row.right() - theme.SPACE_12
        content_px = 2 * self._line_px + theme.SPACE_4 + self._small_px
        top = row.top() + (row.height() - content_px) / 2
        prompt_right = right - 16 if can_play else right
        painter.setPen(colors.color("text"))
        painter.setFont(self._body)
        for number, line in enumerate(self._lines(generation.prompt, int(prompt_right - left))):
            painter.drawStaticText(QPointF(left, top + number * self._line_px), line)
        if can_play:
            handle = QRectF(self.drag_rect(row))
            handle.setSize(handle.size() * 0.8)
            painter.drawPixmap(handle.topLeft(), pixmap("drag", "dim", 16))
        painter.setFont(self._small)
        bottom = QRectF(left, top + 2 * self._line_px + theme.SPACE_4, right - left, self._small_px)
        name: str = index.data(ModelNameRole) or generation.model
        self._paint_bottom(painter, bottom, generation, progress, name, colors)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent", 0.55), 1))
            painter.drawRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5))
        elif not is_selected:
            painter.fillRect(QRectF(left, row.bottom(), right - left, 1), colors.color("line", 0.5))
        painter.restore()

    # The picture

    def _paint_picture(
        self,
        painter: QPainter,
        box: QRectF,
        generation: Generation,
        progress: Progress | None,
        thumbnail: QPixmap | None,
        colors: Tokens,
    ) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(box, 4, 4)
        if thumbnail is not None and not thumbnail.isNull():
            painter.fillPath(shape, QColor(Qt.GlobalColor.black))
            size = thumbnail.deviceIndependentSize()
            scale = min(box.width() / size.width(), box.height() / size.height())
            target = QRectF(0, 0, size.width() * scale, size.height() * scale)
            target.moveCenter(box.center())
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(target, thumbnail, QRectF(thumbnail.rect()))
            painter.restore()
            return
        painter.fillPath(shape, colors.color("window"))
        painter.setPen(QPen(colors.color("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        state = generation.state
        if state.is_active and state is not _S.PENDING:
            ring = QRectF(0, 0, 38, 38)
            ring.moveCenter(box.center())
            percent = progress.percent if progress is not None else 0
            paint_ring(painter, ring, percent / 100, colors, width_px=2.5)
            painter.setFont(self._small)
            painter.setPen(colors.color("text"))
            text = f"{percent}"
            if self._small_metrics.horizontalAdvance(text) < 30:
                painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, text)
            return
        mark = QRectF(0, 0, 22, 22)
        mark.moveCenter(box.center())
        name = {
            _S.PENDING: "clock",
            _S.COMPLETED: "film",
            _S.FAILED: "cross",
            _S.CANCELLED: "dash",
        }.get(state, "warning")
        picture = pixmap(name, "dim", 22)
        painter.drawPixmap(mark.topLeft(), picture)

    def _paint_play(self, painter: QPainter, box: QRectF, colors: Tokens) -> None:
        disc = QRectF(0, 0, 30, 30)
        disc.moveCenter(box.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("pane", 0.85))
        painter.drawEllipse(disc)
        mark = QRectF(0, 0, 16, 16)
        mark.moveCenter(disc.center() + QPointF(1, 0))
        painter.drawPixmap(mark.topLeft(), pixmap("play", "text", 16))

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
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            layout.setTextOption(option)
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
                        self._body_metrics.elidedText(part, Qt.TextElideMode.ElideRight, width_px),
                        self._body,
                    )
                )
        self._texts[key] = lines
        while len(self._texts) > _MOST_TEXTS:
            self._texts.popitem(last=False)
        return lines

    @staticmethod
    def _static(text: str, font: QFont) -> QStaticText:
        made = QStaticText(text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
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
    ) -> None:
        """Facts at the left, state (and charge of a failure) at the right."""
        state = generation.state
        is_narrow = line.width() < 20 * self._small_metrics.averageCharWidth() * 2
        # A tick says "ready" by its shape; in a narrow list its word would cost the facts.
        words = "" if state is _S.COMPLETED and is_narrow else self._state_words(state, progress)
        side = round(self._small_px * 0.95)
        right = line.right()
        if words:
            static = self._small_text(words)
            width = static.size().width()
            right -= width
            painter.setPen(colors.color(STATE_LOOKS[state][1]))
            painter.drawStaticText(QPointF(right, line.top()), static)
            right -= theme.SPACE_4
        right -= side
        badge = QRectF(right, line.top() + (line.height() - side) / 2, side, side)
        fraction = progress.percent / 100 if progress is not None else 0.0
        shape, token = STATE_LOOKS[state]
        if shape == "ring":
            paint_state(painter, badge, state, colors, fraction=fraction)
        else:
            painter.drawPixmap(badge.topLeft(), pixmap(shape, token, side))
        right -= theme.SPACE_8
        if state in (_S.FAILED, _S.UNKNOWN, _S.CANCELLED, _S.HELD):
            right = self._paint_charge(painter, line, right, generation.charge, colors)
        painter.setPen(colors.color("dim"))
        room = right - line.left()
        for text in self._facts(generation, progress, model_name):
            if self._small_text(text).size().width() <= room:
                painter.drawStaticText(line.topLeft(), self._small_text(text))
                return

    def _paint_charge(
        self, painter: QPainter, line: QRectF, right: float, charge: Charge, colors: Tokens
    ) -> float:
        static = self._small_text(charge_words(charge))
        width = static.size().width() + 10
        if right - width < line.left():
            return right
        frame = QRectF(right - width, line.top() - 0.5, width, line.height() + 1)
        token = "dim" if charge is Charge.NOT_CHARGED else "warn"
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color(token, 0.6), 1))
        painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(colors.color(token))
        painter.drawStaticText(QPointF(frame.left() + 5, line.top()), static)
        return right - width - theme.SPACE_8

    @staticmethod
    def _state_words(state: GenerationState, progress: Progress | None) -> str:
        if state is not _S.PENDING and state.is_active and progress is not None:
            return tr("{percent} %", percent=progress.percent)
        return state_words(state)

    @staticmethod
    def _facts(
        generation: Generation, progress: Progress | None, model_name: str
    ) -> tuple[str, ...]:
        """The dim line, from the longest wording to the shortest."""
        dot = " \u00b7 "
        if generation.state.is_active and progress is not None:
            status = progress.status
            if progress.remaining_s is not None:
                left = estimate_words(progress.remaining_s)
                return (status + dot + left, left, status)
            return (status, model_name)
        age = ago(generation.created_at)
        length = seconds_words(generation.length_s or generation.config.duration_s)
        if generation.size_bytes:
            size = size_words(generation.size_bytes)
            return (
                dot.join((model_name, length, size, age)),
                dot.join((model_name, length, age)),
                dot.join((length, size, age)),
                dot.join((length, age)),
                age,
            )
        resolution = generation.config.resolution
        return (
            dot.join((model_name, length, resolution, age)),
            dot.join((model_name, length, age)),
            dot.join((length, age)),
            age,
        )
