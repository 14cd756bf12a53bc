"""The player on the whole screen: its picture, and its own controls over it while they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from veo_studio.ui import theme
from veo_studio.ui.views.picture import Picture

if TYPE_CHECKING:
    from veo_studio.ui.views.player import PlayerView

_SHOWN_MS = 2500
_WIDEST_BAR_PX = 1100


class FullScreen(QWidget):
    """A window of its own. The controls come into it with `take_controls` and leave with `give_back`.

    They go when nothing was moved for a moment while it plays, and come back with the pointer.
    """

    def __init__(self, owner: PlayerView) -> None:
        super().__init__()
        self._owner = owner
        self.setAccessibleName(owner.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = Picture(owner, self, is_full=True)
        self.picture.setMouseTracking(True)
        self.picture.installEventFilter(self)
        self._controls: QWidget | None = None
        self._said = QLabel(self)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8)
        self._said.setAutoFillBackground(True)
        self._said.hide()
        self._hiding = QTimer(self)
        self._hiding.setSingleShot(True)
        self._hiding.setInterval(_SHOWN_MS)
        self._hiding.timeout.connect(self.hide_controls)

    @property
    def are_controls_shown(self) -> bool:
        return self._controls is not None and self._controls.isVisibleTo(self)

    def take_controls(self, controls: QWidget) -> None:
        self._controls = controls
        controls.setParent(self)
        controls.setAutoFillBackground(True)
        self.show_controls()

    def give_back(self) -> QWidget | None:
        """The controls, for whoever owns them."""
        controls, self._controls = self._controls, None
        self._hiding.stop()
        if controls is not None:
            controls.setAutoFillBackground(False)
        return controls

    def show_controls(self) -> None:
        """Now, and for a moment."""
        self.picture.unsetCursor()
        if self._controls is not None:
            self._controls.show()
            self._controls.raise_()
            self._place()
        self._hiding.start()

    def hide_controls(self) -> None:
        """Where it plays and nobody is about to use them."""
        self._said.hide()
        controls = self._controls
        if controls is None or not self._owner.is_playing:
            return
        focused = QApplication.focusWidget()
        is_used = controls.underMouse() or QApplication.activePopupWidget() is not None
        if is_used or (focused is not None and controls.isAncestorOf(focused)):
            self._hiding.start()
            return
        controls.hide()
        self.picture.setCursor(Qt.CursorShape.BlankCursor)

    def say(self, words: str) -> None:
        """Something that was done, for a moment: notices are in another window."""
        self._said.setText(words)
        self._said.show()
        self._said.raise_()
        self._place()
        self._hiding.start()

    def _place(self) -> None:
        self.picture.setGeometry(self.rect())
        bottom = self.height()
        if self._controls is not None:
            height = self._controls.sizeHint().height()
            width = min(self.width(), _WIDEST_BAR_PX)
            bottom -= height + (theme.SPACE_16 if width < self.width() else 0)
            self._controls.setGeometry((self.width() - width) // 2, bottom, width, height)
        size = self._said.sizeHint().boundedTo(self.size())
        left = (self.width() - size.width()) // 2
        self._said.setGeometry(
            left, bottom - size.height() - theme.SPACE_16, size.width(), size.height()
        )

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.MouseMove:
            self.show_controls()
        return False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if event.key() == Qt.Key.Key_Escape:
            self._owner.leave_full_screen()
        elif not self._owner.commands.handle(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self._owner.leave_full_screen()
