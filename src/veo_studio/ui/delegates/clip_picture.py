"""The picture of a clip in a list: poster, a frame of the strip, or why there is none."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPixmapCache,
    QPolygonF,
)

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui import theme
from veo_studio.ui.delegates.state_shapes import paint_ring
from veo_studio.ui.icons import pixmap
from veo_studio.ui.text import tr
from veo_studio.ui.theme import Tokens

_S = GenerationState
RADIUS_PX = 4
REJECTED_OPACITY = 0.4


def paint_poster(painter: QPainter, box: QRectF, picture: QPixmap) -> None:
    """Letterboxed on black, never stretched; a picture of the right size is not scaled again."""
    size = picture.deviceIndependentSize()
    scale = min(box.width() / size.width(), box.height() / size.height())
    if abs(scale - 1) * size.width() <= 1:
        left = round(box.center().x() - size.width() / 2)
        top = round(box.center().y() - size.height() / 2)
        painter.fillPath(rounded(box), QColor(Qt.GlobalColor.black))
        # as a brush: it is rounded without a clip, which costs more than the picture
        brush = QBrush(picture)
        painter.setBrushOrigin(left, top)
        frame = QRectF(left, top, size.width(), size.height()).intersected(box)
        reaches_corners = frame.width() > box.width() - RADIUS_PX
        if reaches_corners and frame.height() > box.height() - RADIUS_PX:
            painter.fillPath(rounded(box), brush)
        else:
            painter.drawPixmap(QPointF(left, top), picture)
        painter.setBrushOrigin(0, 0)
        return
    target = QRectF(0, 0, size.width() * scale, size.height() * scale)
    target.moveCenter(box.center())
    _paint_in(painter, box, target, picture, QRectF(picture.rect()))


def paint_frame(painter: QPainter, box: QRectF, strip: QPixmap, fraction: float) -> None:
    """The frame of a strip at this fraction (0.0-1.0) of the clip, and a line that tells where."""
    # the part that makes strips is needed only by those who look into a clip
    from veo_studio.core.posters import STRIP_FRAMES

    number = min(STRIP_FRAMES - 1, max(0, int(fraction * STRIP_FRAMES)))
    width = strip.width() / STRIP_FRAMES
    source = QRectF(number * width, 0, width, strip.height())
    scale = min(box.width() / source.width(), box.height() / source.height())
    target = QRectF(0, 0, source.width() * scale, source.height() * scale)
    target.moveCenter(box.center())
    _paint_in(painter, box, target, strip, source)
    line = QRectF(box.left(), box.bottom() - 2, box.width() * min(1.0, max(0.0, fraction)), 2)
    painter.fillRect(line, theme.tokens().color("accent"))


def _paint_in(
    painter: QPainter, box: QRectF, target: QRectF, picture: QPixmap, source: QRectF
) -> None:
    shape = rounded(box)
    painter.fillPath(shape, QColor(Qt.GlobalColor.black))
    painter.save()
    painter.setClipPath(shape)
    painter.drawPixmap(target, picture, source)
    painter.restore()


def rounded(box: QRectF) -> QPainterPath:
    shape = QPainterPath()
    shape.addRoundedRect(box, RADIUS_PX, RADIUS_PX)
    return shape


def paint_without(
    painter: QPainter,
    box: QRectF,
    generation: Generation,
    progress: Progress | None,
    problem: str,
    font: QFont,
) -> None:
    """What stands where a clip has no picture: how far it is, or why there is none."""
    colors = theme.tokens()
    state = generation.state
    if state.is_active and state is not _S.PENDING:
        _paint_ground(painter, box, colors)
        _paint_percent(painter, box, progress.percent if progress is not None else 0, font, colors)
        return
    name = {
        _S.PENDING: "clock",
        _S.COMPLETED: "image" if generation.is_picture else "film",
        _S.FAILED: "cross",
        _S.CANCELLED: "dash",
    }.get(state, "warning")
    _paint_kept(
        painter,
        box,
        f"{name}:{problem}:{font.key()}",
        lambda inner, area: _paint_mark(inner, area, name, problem, font),
    )


def _paint_kept(
    painter: QPainter, box: QRectF, key: str, paint: Callable[[QPainter, QRectF], None]
) -> None:
    """What many rows have alike is drawn once; `key` and the size of `box` say what it is."""
    ratio = painter.device().devicePixelRatioF()  # type: ignore[union-attr]
    full = f"veo:clip:{key}:{box.width()}:{box.height()}:{ratio}:{theme.tokens().pane}"
    drawn = QPixmapCache.find(full)
    if drawn is None or drawn.isNull():
        drawn = QPixmap((box.size() * ratio).toSize())
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        inner = QPainter(drawn)
        inner.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(inner, QRectF(QPointF(0, 0), box.size()))
        inner.end()
        QPixmapCache.insert(full, drawn)
    painter.drawPixmap(box.topLeft(), drawn)


def _paint_ground(painter: QPainter, box: QRectF, colors: Tokens) -> None:
    painter.fillPath(rounded(box), colors.color("window"))
    painter.setPen(QPen(colors.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)


def _paint_mark(painter: QPainter, box: QRectF, name: str, problem: str, font: QFont) -> None:
    colors = theme.tokens()
    _paint_ground(painter, box, colors)
    words = {"missing": tr("file is gone"), "damaged": tr("damaged")}.get(problem, "")
    side = 22 if box.height() < 90 else 28
    mark = QRectF(0, 0, side, side)
    mark.moveCenter(box.center())
    metrics = QFontMetricsF(font)
    if words and metrics.horizontalAdvance(words) <= box.width() - theme.SPACE_8:
        mark.moveBottom(box.center().y() + 2)
        painter.setFont(font)
        painter.setPen(colors.color("warn"))
        below = QRectF(box.left(), mark.bottom() + 2, box.width(), metrics.lineSpacing())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
    shape, token = (problem, "warn") if words else (name, "dim")
    painter.drawPixmap(mark.topLeft(), pixmap(shape, token, side))


def _paint_percent(
    painter: QPainter, box: QRectF, percent: int, font: QFont, colors: Tokens
) -> None:
    ring = QRectF(0, 0, 38, 38)
    ring.moveCenter(box.center())
    paint_ring(painter, ring, percent / 100, colors, width_px=2.5)
    painter.setFont(font)
    painter.setPen(colors.color("text"))
    text = f"{percent}"
    if QFontMetricsF(font).horizontalAdvance(text) < 30:
        painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, text)


def paint_play(painter: QPainter, box: QRectF, name: str) -> None:
    """A disc with the mark of what a click does."""
    colors = theme.tokens()
    disc = QRectF(0, 0, 30, 30)
    disc.moveCenter(box.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.color("pane", 0.85))
    painter.drawEllipse(disc)
    mark = QRectF(0, 0, 16, 16)
    # a triangle is heavier at the left
    mark.moveCenter(disc.center() + QPointF(1 if name == "play" else 0, 0))
    painter.drawPixmap(mark.topLeft(), pixmap(name, "text", 16))


def paint_placeholder(painter: QPainter, picture: QRectF, lines: QRect) -> None:
    """A row that is being read: where its picture and its words will be."""
    _paint_kept(painter, picture, "picture to come", _paint_quiet)
    left, height = float(lines.left()), min(10.0, lines.height() / 3)
    for number, share in enumerate((0.8, 0.45)):
        # whole points, so that all rows share one
        width = float(round(lines.width() * share))
        bar = QRectF(left, round(lines.top() + 3 + number * 2 * height), width, round(height))
        _paint_kept(painter, bar, "words to come", _paint_quiet)


def _paint_quiet(painter: QPainter, box: QRectF) -> None:
    colors = theme.tokens()
    painter.fillPath(rounded(box), theme.mixed(colors.pane, colors.raised, 0.7))


@functools.cache
def star_shape() -> QPolygonF:
    """A star of five points in a square of 1 x 1."""
    points = []
    for number in range(10):
        radius = 0.5 if number % 2 == 0 else 0.21
        angle = math.pi * (number / 5 - 0.5)
        points.append(QPointF(0.5 + radius * math.cos(angle), 0.53 + radius * math.sin(angle)))
    return QPolygonF(points)


def paint_star(painter: QPainter, box: QRectF, color: QColor) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width(), box.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(star_shape())
    painter.restore()


def paint_favourite(painter: QPainter, at: QPointF, side: float) -> None:
    """A star in a disc, to be seen on any picture."""
    _paint_kept(painter, QRectF(at.x(), at.y(), side, side), "favourite", _paint_favourite)


def _paint_favourite(painter: QPainter, disc: QRectF) -> None:
    colors = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.color("pane", 0.85))
    painter.drawEllipse(disc)
    inset = disc.width() * 0.18
    paint_star(painter, disc.adjusted(inset, inset, -inset, -inset), colors.color("warn"))


def rating_width(rating: int, line_px: float) -> float:
    """The room that stars of a rating take at the end of a line, with what is left free before them."""
    return rating * (_star_px(line_px) + 1) + theme.SPACE_8 if rating > 0 else 0.0


def paint_rating(painter: QPainter, line: QRectF, rating: int) -> float:
    """Stars at the right of a line, and the room that they take."""
    if rating <= 0:
        return 0.0
    width, side = rating_width(rating, line.height()), _star_px(line.height())
    # whole points: a kept picture between them would be blurred
    left = round(line.right() - width + theme.SPACE_8)
    top = round(line.top() + (line.height() - side) / 2)
    stars = QRectF(left, top, rating * (side + 1), side)
    _paint_kept(painter, stars, f"rating {rating}", _paint_stars)
    return width


def _paint_stars(painter: QPainter, stars: QRectF) -> None:
    side, color = stars.height(), theme.tokens().color("warn")
    for number in range(round(stars.width() / (side + 1))):
        paint_star(painter, QRectF(number * (side + 1), 0, side, side), color)


def _star_px(line_px: float) -> int:
    return round(line_px * 0.85)
