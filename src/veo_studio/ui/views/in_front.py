"""Whether a part of a window can be seen: nothing plays where nobody looks."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget


class InFront(QObject):
    """Watches `watched` and whatever window it is in.

    Signals:
        changed(): it may be in front now, or not any more.
    """

    changed = pyqtSignal()

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._watched = watched
        self._window: QWidget | None = None
        self._is_blocked = False
        # in the next turn: a widget is visible, or not any more, only after its event
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.changed)
        watched.installEventFilter(self)

    @property
    def is_so(self) -> bool:
        """Shown, in a window that is neither minimised nor behind a modal dialog."""
        window = self._watched.window()
        is_minimised = window is not None and window.isMinimized()
        return self._watched.isVisible() and not (is_minimised or self._is_blocked)

    def stop(self) -> None:
        """The program ends."""
        self._soon.stop()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None:
            kind = event.type()
            if watched is self._watched:
                if kind in (QEvent.Type.Show, QEvent.Type.Hide):
                    self._watch_window()
                    self._soon.start()
            elif kind in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
                self._is_blocked = kind is QEvent.Type.WindowBlocked
                self.changed.emit()
            elif kind in (QEvent.Type.WindowStateChange, QEvent.Type.Hide, QEvent.Type.Show):
                self._soon.start()
        return False

    def _watch_window(self) -> None:
        """The window that it is in now."""
        window = self._watched.window()
        if window is not self._window and window is not self._watched:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = window
            if window is not None:
                window.installEventFilter(self)
