"""Lets a column of fields scroll up and down, never sideways, and follows the focus."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from veo_studio.ui.theme import SPACE_8, SPACE_16


class FieldsScroller(QScrollArea):
    """The fields set the narrowest width: nothing is ever cut off at the side."""

    def __init__(self, fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = fields
        self._bar: QWidget | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(fields)
        # their words change, and with them the room that they need
        fields.installEventFilter(self)
        self._follow_width()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)

    def _follow_width(self) -> None:
        bar = self.verticalScrollBar().sizeHint().width()
        width = self._fields.minimumSizeHint().width() + bar
        if width != self.minimumWidth():
            self.setMinimumWidth(width)

    def keep_clear_of(self, bar: QWidget) -> None:
        """What `bar`, which may lie over the lower edge, covers can be scrolled up from under it."""
        self._bar = bar
        bar.installEventFilter(self)

    def _give_way(self, *, is_shown: bool) -> None:
        bar = self._bar
        covered = 0
        if is_shown and bar is not None:
            covered = max(0, self.geometry().bottom() + 1 - bar.y())
        if covered and not self.viewportMargins().bottom():
            # nothing moves: what has room to give keeps it and is scrolled instead
            self._fields.setMinimumHeight(self._fields.height())
        elif not covered:
            self._fields.setMinimumHeight(0)
        self.setViewportMargins(0, 0, 0, covered)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and watched is self._bar:
            if event.type() in (QEvent.Type.Show, QEvent.Type.Move, QEvent.Type.Resize):
                self._give_way(is_shown=self._bar is not None and not self._bar.isHidden())
            elif event.type() is QEvent.Type.Hide:
                self._give_way(is_shown=False)
        elif event is not None and event.type() is QEvent.Type.LayoutRequest:
            self._follow_width()
        return super().eventFilter(watched, event)

    def to_top(self) -> None:
        self.verticalScrollBar().setValue(0)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._fields.isAncestorOf(now):
            self.ensureWidgetVisible(now, SPACE_8, SPACE_16)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._follow_width()


class LowScroller(FieldsScroller):
    """Takes no more height than its fields need at this width, and gives way where others need it."""

    def __init__(self, fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(fields, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        fields = self._fields
        hint = fields.sizeHint()
        if fields.hasHeightForWidth() and self.width():
            hint.setHeight(fields.heightForWidth(self.width()))
        return hint

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        is_eaten = super().eventFilter(watched, event)
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return is_eaten
