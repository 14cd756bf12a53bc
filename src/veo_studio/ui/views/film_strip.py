"""The clips of the film on a line of time: chosen, trimmed at their edges, dragged to another place."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.film_model import LEAST_S, FilmItem, FilmModel

_CLIP_PX = 64
_RULER_PX = 8
# how near to an edge the pointer takes it
_EDGE_PX = 7
# no clip is drawn narrower, so that each can be reached
_LEAST_CLIP_PX = 44
_MOST_PX_PER_S = 160.0


class _Doing(Enum):
    NOTHING = "nothing"
    PRESSED = "pressed"
    MOVING = "moving"
    TRIM_IN = "trim in"
    TRIM_OUT = "trim out"


class FilmStrip(QWidget):
    """Shows a `FilmModel`; as wide as its scroll area, or wider.

    Signals:
        sought(float): go to this moment of the film, in seconds.
        play_requested(): the space bar.
        trim_requested(bool): I or O; the clip begins, or ends, at what is shown.
        focus_moved(float): this place, in pixels, is to be in sight.
    """

    sought = pyqtSignal(float)
    play_requested = pyqtSignal()
    trim_requested = pyqtSignal(bool)
    focus_moved = pyqtSignal(float)

    def __init__(
        self,
        model: FilmModel,
        picture_of: Callable[[Generation], QPixmap | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._picture_of = picture_of
        self._room_px = 0
        self._at_s = 0.0
        self._doing = _Doing.NOTHING
        self._held = ""
        self._pressed = QPointF()
        # while an edge is dragged: its place before, and where it is now
        self._edge_s = 0.0
        self._drop = -1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Clips of the film"))
        model.changed.connect(self._on_changed)
        model.selected_changed.connect(self._on_selected)
        self._on_changed()

    # room

    def set_room(self, width_px: int) -> None:
        """The width that is in sight."""
        if width_px != self._room_px:
            self._room_px = width_px
            self._on_changed()

    @property
    def px_per_s(self) -> float:
        items = self._model.items
        if not items or self._model.length_s <= 0:
            return 1.0
        shortest = min(one.shown_s - one.fade_s / 2 for one in items)
        fitting = (self._room_px - 2) / self._model.length_s
        needed = _LEAST_CLIP_PX / max(shortest, LEAST_S)
        return max(fitting, min(needed, _MOST_PX_PER_S))

    def sizeHint(self) -> QSize:
        width = round(self._model.length_s * self.px_per_s) + 2
        lines = QFontMetrics(theme.secondary_text_font()).height()
        return QSize(max(self._room_px, width), _RULER_PX + _CLIP_PX + lines + theme.SPACE_8)

    def _on_changed(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def _on_selected(self) -> None:
        item = self._model.selected
        if item is not None:
            self.setAccessibleDescription(words_of(item))
            self.focus_moved.emit(self.rect_of(item).center().x())
        self.update()

    def show_position(self, film_s: float) -> None:
        """The line that stands for now."""
        if abs(film_s - self._at_s) * self.px_per_s >= 0.5:
            self._at_s = film_s
            self.update()

    def rect_of(self, item: FilmItem) -> QRectF:
        """Where its part of the strip is; a cross-fade is shared in its middle."""
        begin = item.start_s + item.fade_s / 2
        items = self._model.items
        place = items.index(item)
        after = items[place + 1].fade_s / 2 if place + 1 < len(items) else 0.0
        left, right = begin * self.px_per_s, (item.end_s - after) * self.px_per_s
        return QRectF(left + 1, _RULER_PX, max(2.0, right - left - 1), _CLIP_PX)

    def item_at(self, x: float) -> FilmItem | None:
        for item in self._model.items:
            if x < self.rect_of(item).right() + 1:
                return item
        return self._model.items[-1] if self._model.items else None

    # painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        assert event is not None
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(theme.secondary_text_font()))
        seen = QRectF(event.rect())
        for item in self._model.items:
            rect = self.rect_of(item)
            if rect.right() >= seen.left() - 40 and rect.left() <= seen.right() + 40:
                self._paint_clip(painter, item, rect)
        for item in self._model.items:
            if item.fade_s and seen.intersects(self.rect_of(item).adjusted(-40, 0, 0, 0)):
                self._paint_fade(painter, item, self.rect_of(item))
        self._paint_drop(painter)
        self._paint_now(painter)
        painter.end()

    def _paint_clip(self, painter: QPainter, item: FilmItem, rect: QRectF) -> None:
        colors = theme.tokens()
        is_selected = item is self._model.selected
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("raised"))
        painter.drawRoundedRect(rect, 4, 4)
        picture = self._picture_of(item.take)
        if picture is not None and rect.width() > 8:
            painter.save()
            painter.setClipRect(rect.adjusted(1, 1, -1, -1))
            size = picture.deviceIndependentSize()
            height = rect.height() - 2
            width = size.width() * height / max(1.0, size.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            left = rect.left() + 1
            while left < rect.right():
                place = QRectF(left, rect.top() + 1, width, height)
                painter.drawPixmap(place, picture, QRectF(picture.rect()))
                left += max(8.0, width)
            painter.restore()
        edge = colors.color("accent" if is_selected else "line")
        painter.setPen(QPen(edge, 2 if is_selected else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        if is_selected:
            self._paint_handles(painter, rect)
        words = QRectF(rect.left(), rect.bottom() + 2, rect.width(), self.height() - rect.bottom())
        painter.setPen(colors.color("text" if is_selected else "dim"))
        shown = painter.fontMetrics().elidedText(
            f"{item.number} \u00b7 {item.shown_s:.1f} s",
            Qt.TextElideMode.ElideRight,
            int(words.width()),
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)

    def _paint_fade(self, painter: QPainter, item: FilmItem, rect: QRectF) -> None:
        """A cross over the place where two clips are seen."""
        width = max(8.0, item.fade_s * self.px_per_s)
        box = QRectF(rect.left() - width / 2, rect.top() + rect.height() - 16, width, 16)
        colors = theme.tokens()
        painter.setPen(QPen(colors.color("line"), 1))
        painter.setBrush(colors.color("pane"))
        painter.drawRect(box)
        painter.setPen(QPen(colors.color("accent"), 1.5))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.bottomLeft(), box.topRight())

    def _paint_handles(self, painter: QPainter, rect: QRectF) -> None:
        """What is taken to trim: brackets at both ends."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.tokens().color("accent"))
        for x in (rect.left(), rect.right() - 4):
            painter.drawRoundedRect(QRectF(x, rect.top(), 4, rect.height()), 2, 2)
        if self._doing in (_Doing.TRIM_IN, _Doing.TRIM_OUT):
            x = self._pressed.x() + self._edge_s * self.px_per_s
            painter.setPen(QPen(theme.tokens().color("text"), 2))
            painter.drawLine(QPointF(x, rect.top() - 4), QPointF(x, rect.bottom() + 4))

    def _paint_drop(self, painter: QPainter) -> None:
        if self._doing is not _Doing.MOVING or self._drop < 0:
            return
        painter.setPen(QPen(theme.tokens().color("accent"), 3))
        x = self._drop_x(self._drop)
        painter.drawLine(QPointF(x, 0), QPointF(x, _RULER_PX + _CLIP_PX + 4))

    def _paint_now(self, painter: QPainter) -> None:
        if not self._model.items:
            return
        x = self._at_s * self.px_per_s + 1
        painter.setPen(QPen(theme.tokens().color("text"), 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, _RULER_PX + _CLIP_PX))
        painter.setBrush(theme.tokens().color("text"))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))

    # the mouse

    def _edge_at(self, position: QPointF) -> _Doing:
        item = self._model.selected
        if item is None or position.y() < _RULER_PX:
            return _Doing.NOTHING
        rect = self.rect_of(item)
        for x, doing in ((rect.left(), _Doing.TRIM_IN), (rect.right(), _Doing.TRIM_OUT)):
            if abs(position.x() - x) <= _EDGE_PX and position.y() <= rect.bottom():
                return doing
        return _Doing.NOTHING

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed = event.position()
        self._edge_s = 0.0
        self._doing = self._edge_at(self._pressed)
        if self._doing is not _Doing.NOTHING:
            selected = self._model.selected
            self._held = "" if selected is None else selected.uuid
            return
        item = self.item_at(self._pressed.x())
        if item is not None:
            self._doing, self._held = _Doing.PRESSED, item.uuid
            self._model.select(item.uuid)
            self.sought.emit(max(0.0, (self._pressed.x() - 1) / self.px_per_s))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        position = event.position()
        if self._doing is _Doing.NOTHING:
            is_edge = self._edge_at(position) is not _Doing.NOTHING
            self.setCursor(
                Qt.CursorShape.SplitHCursor if is_edge else Qt.CursorShape.ArrowCursor
            )  # fmt: skip
            return
        moved = position.x() - self._pressed.x()
        if self._doing in (_Doing.TRIM_IN, _Doing.TRIM_OUT):
            self._edge_s = moved / self.px_per_s
        elif abs(moved) >= QApplication.startDragDistance() or self._doing is _Doing.MOVING:
            self._doing = _Doing.MOVING
            self._drop = self._place_at(position.x())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        doing, self._doing = self._doing, _Doing.NOTHING
        item = next((one for one in self._model.items if one.uuid == self._held), None)
        if item is not None and self._edge_s:
            if doing is _Doing.TRIM_IN:
                self._model.trim(item.uuid, item.in_s + self._edge_s, item.out_s)
            elif doing is _Doing.TRIM_OUT:
                self._model.trim(item.uuid, item.in_s, item.out_s + self._edge_s)
        if item is not None and doing is _Doing.MOVING and self._drop >= 0:
            self._model.move(item.uuid, self._drop)
        self._drop, self._edge_s = -1, 0.0
        self.update()

    def _place_at(self, x: float) -> int:
        """Before which clip something is dropped."""
        return sum(self.rect_of(one).center().x() < x for one in self._model.items)

    def _drop_x(self, place: int) -> float:
        items = self._model.items
        if place < len(items):
            return max(2.0, self.rect_of(items[place]).left())
        return self.rect_of(items[-1]).right() - 1 if items else 2.0

    # the keyboard

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        item = self._model.selected
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Space:
            self.play_requested.emit()
        elif event.key() in (Qt.Key.Key_I, Qt.Key.Key_O):
            self.trim_requested.emit(event.key() == Qt.Key.Key_I)
        elif item is None or by is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._model.move_by(item.uuid, by)
        else:
            self._model.step(by)
            selected = self._model.selected
            if selected is not None:
                self.sought.emit(selected.start_s + selected.fade_s)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            self._on_changed()


def words_of(item: FilmItem) -> str:
    """For a screen reader."""
    return tr(
        "Scene {number}, {seconds} s, begins at {start} s",
        number=item.number,
        seconds=f"{item.shown_s:.1f}",
        start=f"{item.start_s:.1f}",
    )
