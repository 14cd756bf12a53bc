"""The system's own notifications, for work that ends while the window is not in front."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QSystemTrayIcon

from veo_studio.core.models import Generation
from veo_studio.core.plain import masked
from veo_studio.ui.icons import app_icon
from veo_studio.ui.text import tr

_SHOWN_MS = 8000
_MOST_CHARS = 200
# the notification servers of many desktops read markup, fetch its pictures and open its links
_NO_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "\uff06"})


def message_words(text: str) -> str:
    """`text` for a place that may take it for markup, without anything that could act there."""
    line = " ".join(masked(text).split())
    if len(line) > _MOST_CHARS:
        line = line[: _MOST_CHARS - 1].rstrip() + "\u2026"
    return line.translate(_NO_MARKUP)


class SystemNotifications(QObject):
    """Shows nothing where the system has no place for it.

    Signals:
        opened(generation): the user clicked the notification about it.
    """

    opened = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray: QSystemTrayIcon | None = None
        self._last: Generation | None = None

    def show(self, title: str, generation: Generation) -> None:
        """Tell `title` and the prompt."""
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip(tr("Veo Studio"))
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        self._last = generation
        self._tray.show()
        self._tray.showMessage(title, message_words(generation.prompt), app_icon(), _SHOWN_MS)

    def _on_clicked(self, *_reason: object) -> None:
        if self._last is not None:
            self.opened.emit(self._last)

    def close(self) -> None:
        if self._tray is not None:
            self._tray.hide()
