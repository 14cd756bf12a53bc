"""Choosing the shape of the picture: small pictures of each shape, side by side."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import tr

_SHAPE_PX = 16.0
_GAP_PX = 5.0
_MOST_IN_A_LINE = 4


def _ratio(option: str) -> float:
    """Width over height of "16:9"; 1.0 for what cannot be read."""
    width, _, height = option.partition(":")
    try:
        return float(width) / float(height)
    except (ValueError, ZeroDivisionError):
        return 1.0


class _ShapeButton(QAbstractButton):
    def __init__(self, option: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self.is_shape_shown = True
        self.setCheckable(True)
        self.setText(option)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ratio = _ratio(option)
        shape = tr("square") if ratio == 1 else tr("wide") if ratio > 1 else tr("tall")
        self.setAccessibleName(tr("Aspect ratio {option}, {shape}", option=option, shape=shape))
        self.setToolTip(tr("{option}, {shape}", option=option, shape=shape))

    def _text_px(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance(self.text())

    def needed_px(self) -> int:
        """The width that shape and text need."""
        return round(_SHAPE_PX + _GAP_PX) + self._text_px() + 4

    def sizeHint(self) -> QSize:
        height = max(theme.CONTROL_HEIGHT_PX, QFontMetrics(self.font()).height() + 12)
        return QSize(self.needed_px() + 16, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._text_px() + 12, self.sizeHint().height())

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
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        if self.isChecked():
            is_live = self.isEnabled()
            painter.setPen(QPen(colors.color("accent" if is_live else "line"), 1))
            fill = colors.accent if is_live else colors.dim
            painter.setBrush(theme.mixed(colors.raised, fill, 0.22 if is_live else 0.1))
            painter.drawRoundedRect(box, 4, 4)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(colors.raised, colors.text, 0.08))
            painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(colors.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
        if not self.isEnabled():
            color = theme.mixed(colors.pane, colors.dim, 0.65)
        else:
            color = colors.color("text" if self.isChecked() else "dim")
        ratio = _ratio(self.option)
        width = _SHAPE_PX if ratio >= 1 else _SHAPE_PX * ratio
        height = _SHAPE_PX / ratio if ratio >= 1 else _SHAPE_PX
        total = width + _GAP_PX + self._text_px()
        text_left = (self.width() - self._text_px()) / 2
        if self.is_shape_shown:
            left = (self.width() - total) / 2
            text_left = left + width + _GAP_PX
            painter.setPen(QPen(color, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            shape = QRectF(left, (self.height() - height) / 2, width, height)
            painter.drawRoundedRect(shape.adjusted(0.75, 0.75, -0.75, -0.75), 2, 2)
        painter.setPen(color)
        painter.drawText(
            QRectF(text_left, 0, self._text_px() + 2.0, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.text(),
        )
        painter.end()


class AspectPicker(QWidget):
    """One of several aspect ratios; arrow keys move between them.

    Signals:
        value_changed(str): the user (or `set_value`) chose another one.
    """

    value_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = ""
        self._buttons: list[_ShapeButton] = []
        # 0: all of them
        self._per_line = 0
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(lambda index: self.set_value(self._buttons[index].option))
        self._group.idToggled.connect(self._on_toggled)
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setAccessibleName(tr("Aspect ratio"))
        # its label's Alt letter gives the focus only to what takes one; the chosen button gets it
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def options(self) -> list[str]:
        return [button.option for button in self._buttons]

    @property
    def value(self) -> str:
        """The chosen ratio; "" while there are no options."""
        return self._value

    def set_options(self, options: list[str]) -> None:
        """Offer these; keeps the choice if it is among them, else takes the first."""
        if options != self.options:
            kept = self._value
            for button in self._buttons:
                self._group.removeButton(button)
                self._layout.removeWidget(button)
                button.hide()
                button.deleteLater()
            self._buttons = []
            # models of many shapes get two lines, as long as each other
            self._per_line = (len(options) + 1) // 2 if len(options) > _MOST_IN_A_LINE else 0
            for index, option in enumerate(options):
                button = _ShapeButton(option, self)
                self._buttons.append(button)
                self._group.addButton(button, index)
                line, column = divmod(index, self._per_line or len(options))
                self._layout.addWidget(button, line, column)
            for column in range(self._layout.columnCount()):
                is_used = column < (self._per_line or len(options))
                self._layout.setColumnStretch(column, 1 if is_used else 0)
            chosen = kept if kept in options else (options[0] if options else "")
            self._check(chosen)
            self._set(chosen)
            self._fit_shapes()

    def set_value(self, value: str) -> None:
        """Choose `value`; ignored when it is not on offer."""
        if value in self.options:
            self._check(value)
            self._set(value)

    def _check(self, value: str) -> None:
        for button in self._buttons:
            if button.option == value and not button.isChecked():
                button.setChecked(True)

    def _on_toggled(self, index: int, is_checked: bool) -> None:
        if is_checked and 0 <= index < len(self._buttons):
            self._set(self._buttons[index].option)

    def _set(self, value: str) -> None:
        for button in self._buttons:
            if button.option == value:
                self.setFocusProxy(button)  # Tab arrives at the chosen one
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_shapes()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_shapes()

    def _fit_shapes(self) -> None:
        """The text alone where both do not fit: in all of them, so that they stay alike."""
        room = self.width() / max(1, self._per_line or len(self._buttons))
        are_shown = all(button.needed_px() <= room for button in self._buttons)
        for button in self._buttons:
            button.is_shape_shown = are_shown
            button.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS_PX, theme.RADIUS_PX
        )
        painter.setPen(QPen(colors.color("line"), 1))
        painter.setBrush(colors.color("raised"))
        painter.drawPath(frame)
        painter.end()
