"""Paints one row of the queue pane: prompt, stages or a mark, words, its button, and the way to more."""

from __future__ import annotations

import functools
from enum import Enum

from PyQt6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.icons import pixmap
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.generation_rows import QueueRole
from veo_studio.ui.views.stages import paint_stages

_STAGES_PX = 120
BUTTON_HEIGHT_PX = 28


class RowPart(Enum):
    """What the keyboard is on inside the row that has the focus."""

    ROW = 0
    BUTTON = 1
    MORE = 2


@functools.lru_cache(maxsize=4)
def fonts_of(_letters: str) -> tuple[QFont, QFont]:
    """Body and small, made once for the letters of the program: a row asks for them ten times."""
    body = theme.scaled(theme.secondary_text_font(), 13 / 11)
    return body, theme.tabular(theme.secondary_text_font())


class QueueDelegate(QStyledItemDelegate):
    """Rows of two lines of text; the buttons are part of the picture.

    Signals:
        button_clicked(index): released over the button it was pressed on.
        more_clicked(index): the same for the three dots.
    """

    button_clicked = pyqtSignal(QModelIndex)
    more_clicked = pyqtSignal(QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # row and whether it was on the dots
        self._pressed: tuple[QModelIndex, bool] | None = None
        # where the keyboard is, as the view knows
        self.part = RowPart.ROW

    def _fonts(self) -> tuple[QFont, QFont]:
        return fonts_of(QApplication.font().key())

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        body, small = self._fonts()
        lines = QFontMetrics(body).height() + SPACE_4 + max(QFontMetrics(small).height(), 16)
        return QSize(240, max(lines, BUTTON_HEIGHT_PX) + 2 * SPACE_12)

    def button_rect(self, row: QRect, index: QModelIndex) -> QRect:
        """Where the button of a row is; empty where it has none."""
        words = index.data(QueueRole.BUTTON)
        if not words:
            return QRect()
        body, _small = self._fonts()
        width = QFontMetrics(body).horizontalAdvance(words) + 2 * SPACE_12
        width = min(width, max(64, row.width() // 2))
        height = max(BUTTON_HEIGHT_PX, QFontMetrics(body).height() + SPACE_8)
        right = self.more_rect(row).left() - SPACE_4
        return QRect(right - width, row.center().y() - height // 2 + 1, width, height)

    def more_rect(self, row: QRect) -> QRect:
        """Where the three dots of a row are."""
        side = BUTTON_HEIGHT_PX
        return QRect(row.right() - SPACE_8 - side + 1, row.center().y() - side // 2 + 1, side, side)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        colors = theme.tokens()
        generation: Generation = index.data(QueueRole.GENERATION)
        progress: Progress | None = index.data(QueueRole.PROGRESS)
        body, small = self._fonts()
        row = option.rect
        painter.save()
        self._paint_ground(painter, option)
        button = self.button_rect(row, index)
        more = self.more_rect(row)
        right = (button.left() if not button.isEmpty() else more.left()) - SPACE_12
        left = row.left() + SPACE_12
        line = QFontMetrics(body).height()
        second = max(QFontMetrics(small).height(), 16)
        top = row.top() + (row.height() - line - SPACE_4 - second) // 2

        painter.setFont(body)
        painter.setPen(colors.color("text"))
        self._text(painter, QRect(left, top, right - left, line), generation.prompt)

        under = QRect(left, top + line + SPACE_4, right - left, second)
        words: str = index.data(QueueRole.WORDS) or ""
        detail: str = index.data(QueueRole.DETAIL) or ""
        painter.setFont(small)
        width = min(_STAGES_PX, under.width() // 2)
        is_waiting = generation.state is GenerationState.PENDING and progress is None
        paint_stages(
            painter,
            QRectF(under.left(), under.top(), width, under.height()),
            _percent(generation, progress),
            colors,
            state=generation.state,
            is_pending=is_waiting,
            dot_px=12.0,
        )
        under.setLeft(under.left() + width + SPACE_12)
        under.setLeft(self._part(painter, under, words, "text"))
        if detail:
            self._part(painter, under, f" · {detail}", "dim")

        self._paint_buttons(painter, option, index, body)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """What lies under the words: chosen, hovered, where the keyboard is, and the line below."""
        colors = theme.tokens()
        row = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected or is_hovered:
            painter.fillRect(row, colors.color("raised", 1.0 if is_selected else 0.5))
        if is_selected:
            painter.fillRect(QRect(row.left(), row.top(), 2, row.height()), colors.color("accent"))
        painter.fillRect(
            QRect(row.left() + SPACE_12, row.bottom(), row.width() - 2 * SPACE_12, 1),
            colors.color("line"),
        )
        if self._has_focus(option, RowPart.ROW):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 1))
            frame = QRectF(row).adjusted(4.5, 2.5, -2.5, -3.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)

    def _has_focus(self, option: QStyleOptionViewItem, part: RowPart) -> bool:
        return self.part is part and bool(option.state & QStyle.StateFlag.State_HasFocus)

    def _paint_buttons(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, font: QFont
    ) -> None:
        button = self.button_rect(option.rect, index)
        if not button.isEmpty():
            has_focus = self._has_focus(option, RowPart.BUTTON)
            words = index.data(QueueRole.BUTTON)
            share = self._share(button, index, is_more=False)
            self._paint_button(painter, button, words, share, has_focus, font)
        self._paint_more(
            painter, self.more_rect(option.rect), index, self._has_focus(option, RowPart.MORE)
        )

    def _part(self, painter: QPainter, rect: QRect, words: str, token: str) -> int:
        """Paint `words` and give the x where the next part starts."""
        painter.setPen(theme.tokens().color(token))
        self._text(painter, rect, words)
        return rect.left() + painter.fontMetrics().horizontalAdvance(words)

    @staticmethod
    def _text(painter: QPainter, rect: QRect, words: str) -> None:
        if rect.width() <= 0:
            return
        flat = " ".join(words.split()) if not words.startswith(" ") else words
        shown = painter.fontMetrics().elidedText(flat, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    @staticmethod
    def _paint_button(
        painter: QPainter, rect: QRect, words: str, share: float, has_focus: bool, font: QFont
    ) -> None:
        """`share` (0.0-1.0) is how much it stands out."""
        colors = theme.tokens()
        painter.setBrush(theme.mixed(colors.raised, colors.text, share))
        painter.setPen(QPen(colors.color("accent" if has_focus else "line"), 1))
        painter.drawRoundedRect(
            QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS_PX, theme.RADIUS_PX
        )
        painter.setFont(font)
        painter.setPen(colors.color("text"))
        shown = painter.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, rect.width() - SPACE_12
        )
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_more(
        self, painter: QPainter, rect: QRect, index: QModelIndex, has_focus: bool
    ) -> None:
        colors = theme.tokens()
        if has_focus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 1))
            frame = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        if share := self._share(rect, index, is_more=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(colors.raised, colors.text, share))
            painter.drawRoundedRect(QRectF(rect), theme.RADIUS_PX, theme.RADIUS_PX)
        mark = QRectF(0, 0, 20, 20)
        mark.moveCenter(QRectF(rect).center())
        painter.drawPixmap(mark.topLeft(), pixmap("more", "dim", 20))

    def _share(self, rect: QRect, index: QModelIndex, *, is_more: bool) -> float:
        """How much a button under the pointer, or pressed, stands out."""
        if self._pressed == (index, is_more):
            return 0.14
        view = self.parent()
        if isinstance(view, QAbstractItemView):
            at = view.viewport().mapFromGlobal(view.cursor().pos())
            return 0.07 if rect.contains(at) else 0.0
        return 0.0

    # the mouse: the view passes on what happens over its rows

    def press(self, index: QModelIndex, row: QRect, at: QPoint) -> bool:
        """True where the press is on one of the row's buttons."""
        is_more = self.more_rect(row).contains(at)
        is_on = is_more or self.button_rect(row, index).contains(at)
        self._pressed = (index, is_more) if is_on else None
        return is_on

    def release(self, index: QModelIndex, row: QRect, at: QPoint) -> bool:
        """True where this ends what began on one of the row's buttons."""
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return False
        if pressed[0] == index:
            if pressed[1] and self.more_rect(row).contains(at):
                self.more_clicked.emit(index)
            elif not pressed[1] and self.button_rect(row, index).contains(at):
                self.button_clicked.emit(index)
        return True


def _percent(generation: Generation, progress: Progress | None) -> float:
    """How far the stages are; what is complete has no progress any more."""
    if progress is not None:
        return progress.percent
    return 100 if generation.state is GenerationState.COMPLETED else 0
