"""The one door to the user: notices at the bottom of the pane they concern."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Literal

from PyQt6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QEvent,
    QObject,
    QPoint,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.icons import icon, paint_icon
from veo_studio.ui.notice_words import NoticeWords
from veo_studio.ui.text import tr

Level = Literal["info", "ok", "warn", "bad"]

_LOOK: dict[str, tuple[str, str]] = {
    "info": ("accent", "info"),
    "ok": ("ok", "check"),
    "warn": ("warn", "warning"),
    "bad": ("bad", "warning"),
}
# Long enough to read; errors stay longer.
_SHOWN_MS = {"info": 6000, "ok": 5000, "warn": 10_000, "bad": 15_000}
_MOST_SHOWN = 3
# which one was told last
_numbers = itertools.count()
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Notice(QWidget):
    """One notice.

    Signals:
        dismissed(): the user closed it, used its action, or its time is up.
    """

    dismissed = pyqtSignal()

    def __init__(
        self,
        text: str,
        level: Level,
        action_text: str | None,
        on_action: Callable[[], None] | None,
        timeout_ms: int | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.count = 1
        self._level: Level = level
        self._on_action = on_action
        self._label = NoticeWords(self)
        self._mark = _Mark(self)
        self.action_button = QPushButton(self)
        self.action_button.setProperty("link", True)
        self.action_button.clicked.connect(self._act)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("close", "dim", 16))
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.setToolTip(tr("Dismiss"))
        self.close_button.setAccessibleName(tr("Dismiss this notice"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.clicked.connect(self.dismissed)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_12, theme.SPACE_4, theme.SPACE_4, theme.SPACE_4)
        self._layout.setSpacing(theme.SPACE_8)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._layout.addWidget(self._mark, 0, middle)
        self._layout.addWidget(self._label, 1, middle)
        self._layout.addWidget(self.action_button, 0, middle)
        self._layout.addWidget(self.close_button, 0, middle)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time_up)
        self.put(text, level, action_text, on_action, timeout_ms)

    @property
    def text(self) -> str:
        return self._label.words

    @property
    def is_way_back(self) -> bool:
        """Something was done that its action undoes."""
        return self.action_button.isVisibleTo(self) and self.action_button.text() == tr("Undo")

    @property
    def weight(self) -> int:
        """How much is lost when it goes early: 0 for news, 1 for an offer, 2 for the way back."""
        return 2 if self.is_way_back else int(self.action_button.isVisibleTo(self))

    @property
    def level(self) -> Level:
        return self._level

    def put(
        self,
        text: str,
        level: Level,
        action_text: str | None,
        on_action: Callable[[], None] | None,
        timeout_ms: int | None,
    ) -> None:
        """Show this in place of what is shown."""
        self._level = level
        self.number = next(_numbers)
        self._on_action = on_action
        self._label.show_words(text)
        self._mark.level = level
        self._mark.update()
        has_action = action_text is not None and on_action is not None
        self.action_button.setVisible(has_action)
        self.action_button.setText(action_text or "")
        self.setAccessibleName(text)
        if timeout_ms is None and not has_action:
            timeout_ms = _SHOWN_MS[level]
        self._timeout_ms = None if has_action and timeout_ms is None else timeout_ms
        self._timer.stop()
        if self._timeout_ms:
            self._timer.start(self._timeout_ms)
        self.updateGeometry()
        self.update()

    def _act(self) -> None:
        act = self._on_action
        self._on_action = None  # two clicks are one action
        self.dismissed.emit()
        if act is not None:
            act()

    def _on_time_up(self) -> None:
        # Nobody loses a sentence that they are reading or are about to click.
        focused = QApplication.focusWidget()
        if self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start(1500)
            return
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        token, _ = _LOOK[self._level]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.mixed(colors.line, getattr(colors, token), 0.45), 1))
        painter.setBrush(colors.color("raised"))
        painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.end()


class _Mark(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.level: Level = "info"
        self.setFixedSize(20, 20)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        token, name = _LOOK[self.level]
        painter = QPainter(self)
        color: QColor = theme.tokens().color(token)
        paint_icon(painter, name, QRectF(self.rect()), color)
        painter.end()


class NoticeBar(QWidget):
    """Holds the notices of one pane.

    Give it the pane as parent and leave it out of the pane's layout: it lays itself over the bottom
    edge, or over what `stand_on` names, follows the pane's size, and takes no room, so nothing
    under it moves.

    Signals:
        shown(str): a notice with this text appeared or changed.
    """

    shown = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pane = parent
        self._ground: tuple[QWidget, ...] = ()
        self._column: QWidget | None = None
        self._notices: dict[str, Notice] = {}
        self._next_key = 0
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_8, theme.SPACE_8, theme.SPACE_8, theme.SPACE_8)
        self._layout.setSpacing(theme.SPACE_8)
        self._offset = 0.0
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(140)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._set_offset)
        self.hide()
        parent.installEventFilter(self)

    def stand_on(self, *widgets: QWidget) -> None:
        """Never cover these, which lie at the bottom of the pane: a price, a main button."""
        self._ground = widgets
        for widget in widgets:
            widget.installEventFilter(self)
        self._place()

    def stand_within(self, column: QWidget) -> None:
        """As wide as this part of the pane, while it is seen: lists beside it stay clear."""
        self._column = column
        column.installEventFilter(self)
        self._place()

    def _set_offset(self, offset: float) -> None:
        """How far (0.0-1.0 of its height) the bar still is below its place."""
        self._offset = offset
        self._place()

    @property
    def texts(self) -> list[str]:
        """What is shown, oldest first."""
        return [notice.text for notice in self._notices.values()]

    def notice(self, key: str) -> Notice | None:
        return self._notices.get(key)

    @property
    def notices(self) -> list[Notice]:
        return list(self._notices.values())

    def show_notice(
        self,
        text: str,
        *,
        level: Level = "info",
        action_text: str | None = None,
        on_action: Callable[[], None] | None = None,
        key: str | None = None,
        timeout_ms: int | None = None,
        repeated_text: str | None = None,
    ) -> Notice:
        """Tell the user `text` (plain text).

        With an action it stays until it is dismissed, else for some seconds by level;
        `timeout_ms` overrides both, 0 means "until dismissed". The same `key` again replaces the
        notice and counts: from the second on it shows `repeated_text` with its `{n}` filled in,
        for example "{n} clips failed for the same reason." (by default "text (n times)").
        """
        if key is None:
            self._next_key += 1
            key = f"#{self._next_key}"
        found = self._notices.get(key)
        if found is not None:
            found.count += 1
            shown = (
                tr(repeated_text, n=found.count)
                if repeated_text is not None
                else tr("{text} ({n} times)", text=text, n=found.count)
            )
            found.put(shown, level, action_text, on_action, timeout_ms)
            self._settle()
            self.shown.emit(shown)
            return found
        while len(self._notices) >= _MOST_SHOWN:
            self._drop(self._least_missed())
        notice = Notice(text, level, action_text, on_action, timeout_ms, self)
        self._notices[key] = notice
        notice.dismissed.connect(lambda key=key: self._drop(key))
        self._layout.addWidget(notice)
        notice.show()
        self._settle()
        if not self.isVisible():
            self.show()
            self._slide_in()
        self.raise_()
        self.shown.emit(text)
        return notice

    def dismiss(self, key: str) -> None:
        """Take the notice with `key` away, if it is there."""
        self._drop(key)

    def clear(self) -> None:
        for key in list(self._notices):
            self._drop(key)

    def _least_missed(self) -> str:
        """The oldest news; then the oldest that offers something; what can be undone stays longest."""
        return min(self._notices, key=lambda key: self._notices[key].weight)

    def _drop(self, key: str) -> None:
        notice = self._notices.pop(key, None)
        if notice is None:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and notice.isAncestorOf(focused)
        self._layout.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        if not self._notices:
            self._animation.stop()
            self.hide()
            if had_focus:
                self._pane.setFocus()
        else:
            self._settle()

    def _slide_in(self) -> None:
        hint = QStyle.StyleHint.SH_Widget_Animate
        if not self.style().styleHint(hint, None, self):
            self._set_offset(0.0)
            return
        self._animation.stop()
        self._animation.setStartValue(1.0)
        self._animation.setEndValue(0.0)
        self._animation.start()

    def finish_animation(self) -> None:
        """Put the bar where it slides to, at once."""
        if self._animation.state() is QAbstractAnimation.State.Running:
            self._animation.setCurrentTime(self._animation.duration())

    def _settle(self) -> None:
        self._layout.activate()
        self._place()

    def _place(self) -> None:
        left, width = self._span()
        height = self._layout.totalHeightForWidth(width)
        if height < 0:
            height = self._layout.sizeHint().height()
        bottom = self._bottom()
        height = min(height, bottom)
        top = bottom - height + round(self._offset * height)
        # while it slides in, too, what it stands on stays clear
        self.setGeometry(left, top, width, min(height, bottom - top) if self._ground else height)

    def _span(self) -> tuple[int, int]:
        """Its left edge and its width."""
        column = self._column
        if column is None or not column.isVisibleTo(self._pane):
            return 0, self._pane.width()
        return column.mapTo(self._pane, QPoint(0, 0)).x(), column.width()

    def _bottom(self) -> int:
        tops = [
            widget.mapTo(self._pane, QPoint(0, 0)).y()
            for widget in self._ground
            if widget.isVisibleTo(self._pane)
        ]
        return max(0, min(tops, default=self._pane.height()))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() in _MOVES and self._notices:
            self._place()
        return False
