"""Paints one scene of a storyboard: number, picture, what it is about, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from veo_studio.core.storyboard.models import Scene
from veo_studio.ui import theme
from veo_studio.ui.delegates.clip_picture import paint_poster, rounded
from veo_studio.ui.delegates.state_shapes import paint_ring
from veo_studio.ui.icons import pixmap
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.view_models.scene_rows import PictureRole, SceneRole, ViewRole
from veo_studio.ui.view_models.scene_words import (
    STATE_LOOKS,
    facts_of,
    is_only_rehearsed,
    prompt_of,
    state_of,
    state_words,
)

if TYPE_CHECKING:
    from veo_studio.core.storyboard.views import SceneView

PICTURE_SIZE = QSize(96, 54)
_EDGE_PX = 2
_SHAPE_PX = 14
# no row shows more of a prompt
_LONGEST = 400


class SceneDelegate(QStyledItemDelegate):
    """Rows of 72 px, more with a large font."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._set_fonts()

    def _set_fonts(self) -> None:
        self._font_key = QApplication.font().key()
        self._body = QFont(QApplication.font())
        self._small = theme.tabular(theme.secondary_text_font())
        self._line_px = QFontMetricsF(self._body).lineSpacing()
        self._small_px = QFontMetricsF(self._small).lineSpacing()

    def _content_px(self) -> float:
        return 2 * self._line_px + theme.SPACE_4 + self._small_px

    def row_height(self) -> int:
        if QApplication.font().key() != self._font_key:
            self._set_fonts()
        return max(theme.ROW_HEIGHT_PX, round(self._content_px() + 2 * theme.SPACE_8))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(240, self.row_height())

    def _number_px(self) -> float:
        return QFontMetricsF(self._small).horizontalAdvance("000")

    def picture_rect(self, row: QRect) -> QRectF:
        """Where the picture is within a row."""
        left = row.left() + theme.SPACE_8 + self._number_px() + theme.SPACE_8
        top = row.top() + (row.height() - PICTURE_SIZE.height()) / 2
        return QRectF(left, top, PICTURE_SIZE.width(), PICTURE_SIZE.height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        scene: Scene | None = index.data(SceneRole)
        if painter is None or scene is None:
            return
        view: SceneView | None = index.data(ViewRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_ground(painter, option)
        row, colors = option.rect, theme.tokens()
        box = self.picture_rect(row)
        painter.setFont(self._small)
        painter.setPen(colors.color("dim"))
        number = QRectF(row.left() + theme.SPACE_8, box.top(), self._number_px(), box.height())
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(number, middle, str(index.row() + 1))
        self._paint_picture(painter, box, index.data(PictureRole), scene, view)
        left = box.right() + theme.SPACE_12
        words = QRectF(
            left,
            row.top() + (row.height() - self._content_px()) / 2,
            row.right() - theme.SPACE_12 - left,
            self._content_px(),
        )
        self._paint_words(painter, words, scene)
        self._paint_foot(painter, words, scene, view)
        self._paint_frame(painter, option, left)
        painter.restore()

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
        colors, row = theme.tokens(), option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, colors.color("raised"))
            edge = QRect(row.left(), row.top(), _EDGE_PX, row.height())
            painter.fillRect(edge, colors.color("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, theme.mixed(colors.pane, colors.raised, 0.55))

    @staticmethod
    def _paint_frame(painter: QPainter, option: QStyleOptionViewItem, left: float) -> None:
        colors, row = theme.tokens(), option.rect
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent", 0.55), 1))
            painter.drawRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5))
        elif not option.state & QStyle.StateFlag.State_Selected:
            line = QRectF(left, row.bottom(), row.right() - theme.SPACE_12 - left, 1)
            painter.fillRect(line, colors.color("line", 0.5))

    def _paint_picture(
        self,
        painter: QPainter,
        box: QRectF,
        picture: QPixmap | None,
        scene: Scene,
        view: SceneView | None,
    ) -> None:
        if picture is not None and not picture.isNull():
            paint_poster(painter, box, picture)
            return
        colors = theme.tokens()
        painter.fillPath(rounded(box), colors.color("window"))
        if view is not None and view.is_busy and view.percent:
            ring = QRectF(0, 0, 34, 34)
            ring.moveCenter(box.center())
            paint_ring(painter, ring, view.percent / 100, colors, width_px=2.5)
            painter.setFont(self._small)
            painter.setPen(colors.color("text"))
            painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, str(view.percent))
            return
        mark = pixmap("next" if scene.follows else "image", "dim", 22)
        painter.drawPixmap(box.center() - QPointF(11, 11), mark)

    def _paint_words(self, painter: QPainter, area: QRectF, scene: Scene) -> None:
        """The first two lines; what is not written yet is said dimly."""
        words, colors = prompt_of(scene)[:_LONGEST], theme.tokens()
        metrics = QFontMetricsF(self._body)
        painter.setFont(self._body)
        painter.setPen(colors.color("text" if words else "dim"))
        first, rest = _broken(words or tr("Nothing written yet"), metrics, area.width())
        top = area.top() if rest else area.top() + self._line_px / 2
        for line in filter(None, (first, rest)):
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, area.width())
            place = QRectF(area.left(), top, area.width(), self._line_px)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
            top += self._line_px

    def _paint_foot(
        self, painter: QPainter, area: QRectF, scene: Scene, view: SceneView | None
    ) -> None:
        """Facts at the left, the state at the right; the facts give way."""
        colors, metrics = theme.tokens(), QFontMetricsF(self._small)
        line = QRectF(area.left(), area.bottom() - self._small_px, area.width(), self._small_px)
        state = state_of(scene, view)
        percent = 0 if view is None else view.percent
        shape, token = STATE_LOOKS[state]
        words = state_words(state, percent, is_rehearsed=is_only_rehearsed(view))
        words_px = metrics.horizontalAdvance(words)
        painter.setFont(self._small)
        painter.setPen(colors.color("text" if token == "ok" else token))
        middle = Qt.AlignmentFlag.AlignVCenter
        place = QRectF(line.right() - words_px - 1, line.top(), words_px + 1, line.height())
        painter.drawText(place, middle, words)
        box = QRectF(0, 0, _SHAPE_PX, _SHAPE_PX)
        box.moveCenter(QPointF(place.left() - theme.SPACE_4 - _SHAPE_PX / 2, line.center().y()))
        if shape == "ring" and token == "accent":
            paint_ring(painter, box, percent / 100, colors)
        elif shape == "ring":
            painter.setPen(QPen(colors.color(token), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.adjusted(1.5, 1.5, -1.5, -1.5))
        else:
            painter.drawPixmap(box.topLeft(), pixmap(shape, token, _SHAPE_PX))
        room = box.left() - theme.SPACE_8 - line.left()
        painter.setPen(colors.color("dim"))
        shown = metrics.elidedText(facts_of(scene), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(line.left(), line.top(), room, line.height()), middle, shown)

    def helpEvent(
        self,
        event: QHelpEvent | None,
        view: QAbstractItemView | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> bool:
        """The whole of what is written, and what there is to say about it."""
        scene: Scene | None = index.data(SceneRole)
        if event is None or view is None or scene is None or event.type() != QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        stands: SceneView | None = index.data(ViewRole)
        said = (stands.problem or stands.words) if stands is not None else ""
        lines = (said, scene.image_prompt.strip(), scene.visual_prompt.strip(), scene.notes.strip())
        words = "\n".join(line[: 2 * _LONGEST] for line in lines if line)
        QToolTip.showText(event.globalPos(), plain_tool_tip(words) if words else "", view)
        return True


def _broken(words: str, metrics: QFontMetricsF, width: float) -> tuple[str, str]:
    """The first line, broken at a space where there is one, and the rest."""
    if metrics.horizontalAdvance(words) <= width:
        return words, ""
    fits = 0
    for end in [n for n, one in enumerate(words) if one == " "]:
        if metrics.horizontalAdvance(words[:end]) > width:
            break
        fits = end
    if fits:
        return words[:fits], words[fits + 1 :]
    # no space in reach: as many letters as fit
    for end in range(1, len(words)):
        if metrics.horizontalAdvance(words[: end + 1]) > width:
            return words[:end], words[end:]
    return words, ""
