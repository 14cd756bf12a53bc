"""One of the clips that are compared: its picture, what sets it apart, and its marks."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import shortcuts, theme
from veo_studio.ui.compare_sources import CompareSource
from veo_studio.ui.icons import icon, paint_icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.views.compare_zoom import CompareZoom
from veo_studio.ui.views.elided_label import ElidedLabel

_BADGE_PX = 24
# with room for less, the words go on a line of their own
_FEWEST_CHARS = 16


class ComparePicture(QWidget):
    """Paints the picture; is clicked, dragged around while it is larger than its place, and zoomed.

    Signals:
        pressed(): it was clicked.
    """

    pressed = pyqtSignal()

    def __init__(self, source: CompareSource, zoom: CompareZoom, parent: QWidget) -> None:
        super().__init__(parent)
        self._source = source
        self._zoom = zoom
        self._at: QPointF | None = None
        self._turned = 0
        self.number = 1
        self.is_chosen = False
        self.is_heard = False
        self.mark = ""
        self.problem = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        source.picture_changed.connect(self.update)
        zoom.changed.connect(self._on_zoom)

    def sizeHint(self) -> QSize:
        return QSize(480, 270)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)

    def target(self) -> QRectF:
        """Where the whole picture is, or would be if all of it fitted in."""
        image = self._source.picture()
        size = QSizeF(image.size()) if image is not None else QSizeF()
        return self._zoom.target(size, QRectF(self.rect()), self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = theme.tokens()
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        image = self._source.picture()
        if self.problem:
            painter.setPen(Qt.GlobalColor.white)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.problem)
        elif image is not None:
            is_close = self._zoom.factor is not None
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_close)
            painter.drawImage(self.target(), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        badge = QRectF(8, 8, _BADGE_PX, _BADGE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent" if self.is_chosen else "raised"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(colors.color("on_accent" if self.is_chosen else "text"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(self.number))
        self._paint_signs(painter)
        if self.is_chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 3))
            painter.drawRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()

    def _paint_signs(self, painter: QPainter) -> None:
        """Heard, kept, rejected: each a sign in a box of its own, at the right."""
        colors = theme.tokens()
        signs = [("sound", "text")] if self.is_heard else []
        signs += {"kept": [("keep", "ok")], "rejected": [("reject", "bad")]}.get(self.mark, [])
        right = self.width() - 8
        for name, token in signs:
            box = QRectF(right - _BADGE_PX, 8, _BADGE_PX, _BADGE_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("pane"))
            painter.drawRoundedRect(box, 4, 4)
            paint_icon(painter, name, box.adjusted(3, 3, -3, -3), colors.color(token))
            right -= _BADGE_PX + 4

    def _on_zoom(self) -> None:
        self.setCursor(
            Qt.CursorShape.OpenHandCursor
            if self._zoom.factor is not None
            else Qt.CursorShape.ArrowCursor
        )
        self.fit_box()
        self.update()

    def fit_box(self) -> None:
        """Decode no more than is seen."""
        ratio = self.devicePixelRatioF()
        is_close = self._zoom.factor is not None
        self._source.set_box(None if is_close else (QSizeF(self.size()) * ratio).toSize())

    def _part_at(self, at: QPointF) -> QPointF:
        """A place in the widget as parts of the picture."""
        target = self.target()
        if target.isEmpty():
            return QPointF(0.5, 0.5)
        return QPointF(
            (at.x() - target.left()) / target.width(), (at.y() - target.top()) / target.height()
        )

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.fit_box()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._at = event.position()
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        target = self.target()
        if self._at is None or self._zoom.factor is None or target.isEmpty():
            return
        moved, self._at = self._at - event.position(), event.position()
        self._zoom.move(QPointF(moved.x() / target.width(), moved.y() / target.height()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._zoom.toggle(self._part_at(event.position()))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        assert event is not None
        self._turned += event.angleDelta().y()
        if abs(self._turned) >= 120:
            self._zoom.step(1 if self._turned > 0 else -1, self._part_at(event.position()))
            self._turned = 0
        event.accept()


class CompareTile(QWidget):
    """A picture with its caption.

    Signals:
        chosen(): it was clicked, or has the focus.
        keep_requested(), reject_requested().
    """

    chosen = pyqtSignal()
    keep_requested = pyqtSignal()
    reject_requested = pyqtSignal()

    def __init__(self, source: CompareSource, zoom: CompareZoom, parent: QWidget) -> None:
        super().__init__(parent)
        self.source = source
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = ComparePicture(source, zoom, self)
        self.picture.pressed.connect(self.setFocus)
        self.picture.pressed.connect(self.chosen)
        source.failed.connect(self._on_failed)
        self.difference = ElidedLabel()
        self.facts = ElidedLabel(token="dim")
        self.state = QLabel(self)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.keep_button = self._button("keep", self.keep_requested)
        self.reject_button = self._button("reject", self.reject_requested)
        self._marks = QHBoxLayout()
        self._marks.setSpacing(theme.SPACE_8)
        self._marks.addStretch(1)
        self._marks.addWidget(self.state)
        self._marks.addWidget(self.keep_button)
        self._marks.addWidget(self.reject_button)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(theme.SPACE_8)
        self._head.addWidget(self.difference, 1)
        self._head.addLayout(self._marks)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture, 1)
        words = QVBoxLayout()
        words.setContentsMargins(theme.SPACE_8, theme.SPACE_4, theme.SPACE_4, theme.SPACE_4)
        words.setSpacing(0)
        words.addLayout(self._head)
        words.addWidget(self.facts)
        layout.addLayout(words)
        self._apply_fonts()
        self.show_keys()

    def _button(self, icon_name: str, signal: pyqtBoundSignal) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name, "dim", 16, on_token="accent"))
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        # Tab goes from clip to clip; both have keys
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(signal)
        return button

    def _fit_head(self) -> None:
        """Beside the buttons, or where those leave too little room, on a line of their own."""
        words = self.difference.sizeHint().width()
        least = min(words, self.fontMetrics().averageCharWidth() * _FEWEST_CHARS)
        others = self._marks.sizeHint().width() + theme.SPACE_12 + theme.SPACE_8
        is_narrow = self.width() < others + least
        way = QBoxLayout.Direction
        self._head.setDirection(way.TopToBottom if is_narrow else way.LeftToRight)
        self._head.setSpacing(0 if is_narrow else theme.SPACE_8)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_head()

    # what is shown

    def show_keys(self) -> None:
        for button, words, command in (
            (self.keep_button, tr("Keep"), "keep"),
            (self.reject_button, tr("Reject"), "reject"),
        ):
            keys = shortcuts.current().keys(f"compare.{command}")
            # the last one: a letter is shorter than Return
            shown = shortcuts.native(keys[-1] if command == "keep" else keys[0]) if keys else ""
            button.setText(f"{words}  {shown}" if shown else words)
            told = shortcuts.told(f"compare.{command}")
            button.setToolTip(f"{words} ({told})" if told else words)
            button.setAccessibleName(words)
        self._fit_head()

    def show_facts(self, number: int, difference: str, facts: str, prompt: str) -> None:
        self.picture.number = number
        self.difference.set_text(difference)
        self.difference.setToolTip(plain_tool_tip(prompt))
        self.facts.set_text(facts)
        self.setAccessibleName(tr("Clip {n}: {difference}", n=number, difference=difference))
        self.picture.update()
        self._fit_head()

    def show_mark(self, *, is_kept: bool, is_rejected: bool) -> None:
        self.picture.mark = "kept" if is_kept else "rejected" if is_rejected else ""
        self.keep_button.setChecked(is_kept)
        self.reject_button.setChecked(is_rejected)
        self._describe()

    def show_chosen(self, *, is_chosen: bool, is_heard: bool) -> None:
        self.picture.is_chosen, self.picture.is_heard = is_chosen, is_heard
        self._describe()

    def show_problem(self, words: str) -> None:
        self.picture.problem = words
        self.picture.update()

    def _describe(self) -> None:
        marks = {"kept": tr("kept"), "rejected": tr("rejected"), "": ""}
        word = marks[self.picture.mark]
        self.state.setText(word)
        self.state.setVisible(bool(word))
        self._fit_head()
        heard = tr("heard") if self.picture.is_heard else ""
        self.setAccessibleDescription(", ".join(part for part in (word, heard) if part))
        self.picture.update()

    def _on_failed(self, _reason: str) -> None:
        missing = tr("The file is no longer in its place.")
        words = tr("This clip cannot be played here.")
        self.show_problem(words if self.source.path.is_file() else missing)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.chosen.emit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and hasattr(self, "facts"):
            self._apply_fonts()

    def _apply_fonts(self) -> None:
        for widget in (self.facts, self.state):
            theme.secondary_font(widget)
