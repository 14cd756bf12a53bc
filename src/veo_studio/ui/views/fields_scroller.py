"""Lets a column of fields scroll up and down, never sideways, and follows the focus."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from veo_studio.ui.theme import SPACE_8, SPACE_16


class FieldsScroller(QScrollArea):
    """The fields set the narrowest width: nothing is ever cut off at the side."""

    def __init__(self, fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = fields
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

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
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
