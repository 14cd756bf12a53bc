"""The system's own notifications, for work that ends while the window is not in front.

On Linux the desktop's notification service shows them with the clip's picture; elsewhere, and where
there is none, the tray does.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QSystemTrayIcon

from veo_studio.core.plain import masked
from veo_studio.ui.icons import app_icon
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.ui.desktop_notifications import DesktopNotifications

_SHOWN_MS = 8000
_MOST_CHARS = 200
# the notification servers of many desktops read markup, fetch its pictures and open its links
_NO_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "\uff06"})
# platforms without a user
_UNSEEN = ("offscreen", "minimal")


def message_words(text: str) -> str:
    """`text` for a place that may take it for markup, without anything that could act there."""
    line = " ".join(masked(text).split())
    if len(line) > _MOST_CHARS:
        line = line[: _MOST_CHARS - 1].rstrip() + "\u2026"
    return line.translate(_NO_MARKUP)


@dataclass(frozen=True)
class Note:
    """What one notification says; `body` is from `message_words`, `picture` a small picture's file."""

    title: str
    body: str
    picture: Path | None = None


class SystemNotifications(QObject):
    """One notification at a time: the next one takes the place of one that is still up.

    Shows nothing where the system has no place for it.

    Signals:
        opened(): the user clicked it.
        gone(): it is not up any more, whoever took it away.
    """

    opened = pyqtSignal()
    gone = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desktop: DesktopNotifications | None = None
        self.is_up = False
        self._tray: QSystemTrayIcon | None = None
        # a tray does not say when its message has gone
        self._tray_time = QTimer(self)
        self._tray_time.setSingleShot(True)
        self._tray_time.setInterval(_SHOWN_MS)
        self._tray_time.timeout.connect(self._on_gone)

    async def show(self, note: Note) -> None:
        """Show `note`, or put it in the place of the one that is up."""
        desktop = self._desktop()
        if desktop is not None and await desktop.open():
            self.is_up = True
            desktop.show(note)
        else:
            self._show_in_tray(note)

    def use(self, desktop: DesktopNotifications) -> None:
        """Show them there, and in the tray only where it does not answer."""
        self.desktop = desktop
        desktop.setParent(self)
        desktop.opened.connect(self._on_clicked)
        desktop.gone.connect(self._on_gone)
        desktop.refused.connect(self._show_in_tray)

    def withdraw(self) -> None:
        """Take it away: the user has seen what it says."""
        if not self.is_up:
            return
        if self.desktop is not None:
            self.desktop.withdraw()
        if self._tray is not None:
            self._tray.hide()
        self._on_gone()

    def close(self) -> None:
        """The program ends."""
        self.withdraw()
        if self.desktop is not None:
            self.desktop.close()

    def _desktop(self) -> DesktopNotifications | None:
        is_seen = QGuiApplication.platformName() not in _UNSEEN
        if self.desktop is None and sys.platform.startswith("linux") and is_seen:
            # imported late: most sessions end before the first notification
            from veo_studio.ui.desktop_notifications import DesktopNotifications

            self.use(DesktopNotifications())
        return self.desktop

    def _show_in_tray(self, note: Note) -> None:
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            self._on_gone()
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip(tr("Veo Studio"))
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        picture = QIcon(str(note.picture)) if note.picture is not None else app_icon()
        self._tray.show()
        self._tray.showMessage(note.title, note.body, picture, _SHOWN_MS)
        self.is_up = True
        self._tray_time.start()

    def _on_clicked(self, *_reason: object) -> None:
        self.opened.emit()

    def _on_gone(self) -> None:
        self._tray_time.stop()
        if self.is_up:
            self.is_up = False
            self.gone.emit()
