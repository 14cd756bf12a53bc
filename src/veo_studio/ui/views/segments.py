"""One of a few, side by side, each in words with a second line where there is more to say."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip

_SIDE_PX = 8
_BEFORE = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_AFTER = (Qt.Key.Key_Right, Qt.Key.Key_Down)


@dataclass(frozen=True)
class Option:
    """`more` stands under `words`; `tip` is its tooltip."""

    value: Hashable
    words: str
    more: str = ""
    tip: str = ""


def paint_segment(painter: QPainter, button: QAbstractButton) -> None:
    """The box of one segment: chosen, under the mouse, with the focus."""
    colors = theme.tokens()
    box = QRectF(button.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
    is_live = button.isEnabled()
    if button.isChecked():
        painter.setPen(QPen(colors.color("accent" if is_live else "line"), 1))
        fill = colors.accent if is_live else colors.dim
        painter.setBrush(theme.mixed(colors.raised, fill, 0.22 if is_live else 0.1))
        painter.drawRoundedRect(box, 4, 4)
    elif button.underMouse() and is_live:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mixed(colors.raised, colors.text, 0.08))
        painter.drawRoundedRect(box, 4, 4)
    if button.hasFocus():
        painter.setPen(QPen(colors.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)


def paint_trough(painter: QPainter, widget: QWidget) -> None:
    """What the segments lie in."""
    colors = theme.tokens()
    painter.setPen(QPen(colors.color("line"), 1))
    painter.setBrush(colors.color("raised"))
    frame = QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)


class _Segment(QAbstractButton):
    def __init__(self, option: Option, parent: QWidget) -> None:
        super().__init__(parent)
        self.option = option
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_option(option)

    def show_option(self, option: Option) -> None:
        self.option = option
        self.setText(option.words)
        self.setAccessibleName(", ".join(filter(None, (option.words, option.more))))
        self.setToolTip(plain_tool_tip(option.tip) if option.tip else "")
        self.updateGeometry()
        self.update()

    def needed_px(self) -> int:
        """The width that the words need."""
        more = QFontMetrics(theme.secondary_text_font()).horizontalAdvance(self.option.more)
        words = QFontMetrics(self.font()).horizontalAdvance(self.option.words)
        return max(words, more) + 2 * _SIDE_PX + 4

    def sizeHint(self) -> QSize:
        height = QFontMetrics(self.font()).height() + 12
        if self.option.more:
            height += QFontMetrics(theme.secondary_text_font()).height()
        return QSize(self.needed_px(), max(theme.CONTROL_HEIGHT_PX, height))

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * _SIDE_PX, self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent | None) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_segment(painter, self)
        small = theme.secondary_text_font()
        room = self.rect().adjusted(_SIDE_PX, 0, -_SIDE_PX, 0)
        line_px = QFontMetrics(self.font()).height()
        more_px = QFontMetrics(small).height() if self.option.more else 0
        top = (self.height() - line_px - more_px) // 2
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        for words, font, height, token in (
            (self.option.words, self.font(), line_px, "text" if self.isChecked() else "dim"),
            (self.option.more, small, more_px, "dim"),
        ):
            painter.setFont(font)
            painter.setPen(colors.color(token))
            shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room.x(), top, room.width(), height, middle, shown)
            top += height
        painter.end()


class Segments(QWidget):
    """Arrow keys move between them; one above the other where they do not fit side by side.

    Signals:
        chosen(value): the user took another one.
    """

    chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[_Segment] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._is_stacked = False

    @property
    def value(self) -> Hashable:
        return next((one.option.value for one in self.buttons if one.isChecked()), None)

    def show_options(self, options: Sequence[Option], value: Hashable) -> bool:
        """Show them with `value` chosen; True where there are other ones than before."""
        is_new = [one.value for one in options] != [one.option.value for one in self.buttons]
        if is_new:
            self._build(options)
        for button, option in zip(self.buttons, options, strict=True):
            if button.option != option:
                button.show_option(option)
            if option.value == value:
                button.setChecked(True)
                self.setFocusProxy(button)
        self._arrange()
        return is_new

    def _build(self, options: Sequence[Option]) -> None:
        for button in self.buttons:
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [_Segment(option, self) for option in options]
        for number, button in enumerate(self.buttons):
            self._group.addButton(button)
            button.clicked.connect(lambda _checked=False, at=number: self._on_chosen(at))
            button.installEventFilter(self)
        self._place()

    def _on_chosen(self, number: int) -> None:
        self.setFocusProxy(self.buttons[number])
        self.chosen.emit(self.buttons[number].option.value)

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        """With arrows the choice moves: they are one field, as radio buttons are."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if watched not in self.buttons or event.key() not in (*_BEFORE, *_AFTER):
            return False
        step = 1 if event.key() in _AFTER else -1
        number = self.buttons.index(watched) + step  # type: ignore[arg-type]
        if 0 <= number < len(self.buttons):
            self.buttons[number].setFocus(Qt.FocusReason.TabFocusReason)
            self.buttons[number].click()
        return True

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        room = self.width() / max(1, len(self.buttons))
        is_stacked = any(button.needed_px() > room for button in self.buttons)
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            self._place()

    def _place(self) -> None:
        for number, button in enumerate(self.buttons):
            row, column = (number, 0) if self._is_stacked else (0, number)
            self._layout.addWidget(button, row, column)
        for column in range(self._layout.columnCount()):
            is_used = column < (1 if self._is_stacked else len(self.buttons))
            self._layout.setColumnStretch(column, 1 if is_used else 0)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_trough(painter, self)
        painter.end()
