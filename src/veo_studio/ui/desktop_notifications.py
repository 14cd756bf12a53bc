"""Notifications through org.freedesktop.Notifications, the service of every Linux desktop.

Source: Desktop Notifications Specification 1.3, "D-BUS Protocol". Nothing here waits for the bus: it is
reached from a thread, and every call is answered later.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QMetaType, QObject, pyqtSignal, pyqtSlot
from PyQt6.QtDBus import (
    QDBusArgument,
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCallWatcher,
    QDBusPendingReply,
)

from veo_studio.ui.notifications import Note
from veo_studio.ui.text import tr
from veo_studio.ui.theme import resource_path

_SERVICE = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_NAME = "veo-studio-notifications"
_DEFAULT = "default"
_log = logging.getLogger(__name__)


def session_bus() -> QDBusConnection:
    """A connection of our own to the user's bus; blocks."""
    return QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _NAME)


class DesktopNotifications(QObject):
    """One notification, whose words and picture may change while it is up.

    Signals:
        opened(): the user clicked it.
        gone(): it was closed, by whomever.
        refused(note): the service did not take this `Note`.
    """

    opened = pyqtSignal()
    gone = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(
        self,
        connect: Callable[[], QDBusConnection] = session_bus,
        parent: QObject | None = None,
    ) -> None:
        """`connect` is called once, in a thread."""
        super().__init__(parent)
        self._connect = connect
        self._bus: QDBusConnection | None = None
        self._lock = asyncio.Lock()
        # what the service calls the one that is up; 0 is none
        self._id = 0
        self._asked: Note | None = None
        # the newest one that came while the service had not answered yet
        self._next: Note | None = None
        # it was withdrawn before the service had said its number
        self._is_unwanted = False

    async def open(self) -> bool:
        """Whether there is a bus; looked for only once."""
        async with self._lock:
            if self._bus is None:
                bus = await asyncio.to_thread(self._connect)
                self._bus = bus
                if bus.isConnected():
                    for name, slot in self._heard():
                        # of any sender: to ask who owns the name would wait for the bus
                        bus.connect("", _PATH, _SERVICE, name, slot)
                else:
                    _log.info("no notification service: %s", bus.lastError().message())
        return self._bus.isConnected()

    def show(self, note: Note) -> None:
        """Show `note`, in the place of the one that is up."""
        if self._asked is not None:
            self._next, self._is_unwanted = note, False
            return
        self._asked = note
        hints: dict[str, Any] = {"desktop-entry": "veo-studio", "category": "transfer.complete"}
        if note.picture is not None:
            hints["image-path"] = note.picture.absolute().as_uri()
        self._call(
            "Notify",
            [
                tr("Veo Studio"),
                _uint(self._id),
                resource_path("app_icon_128.png").as_uri(),
                note.title,
                note.body,
                _typed([_DEFAULT, tr("Open")], QMetaType.Type.QStringList),
                hints,
                -1,
            ],
            self._on_shown,
        )

    def withdraw(self) -> None:
        """Take it away, also one that the service has not shown yet."""
        self._next = None
        self._is_unwanted = self._asked is not None
        if self._id:
            self._call("CloseNotification", [_uint(self._id)], self._on_withdrawn)
            self._id = 0

    def close(self) -> None:
        """Ask for nothing more, and hear nothing more."""
        self._next = None
        if self._bus is not None:
            # the connection itself stays until the process ends: a signal that comes while Qt takes one
            # away is delivered with a connection that is gone (~QDBusConnection of QDBusCallDeliveryEvent)
            for name, slot in self._heard():
                self._bus.disconnect("", _PATH, _SERVICE, name, slot)
            self._bus = None

    def _heard(self) -> tuple[tuple[str, Callable[[QDBusMessage], None]], ...]:
        return (
            ("ActionInvoked", self._on_action),
            ("NotificationClosed", self._on_closed),
            ("ActivationToken", self._on_token),
        )

    # calls

    def _call(
        self, method: str, arguments: list[Any], answered: Callable[[QDBusPendingCallWatcher], None]
    ) -> None:
        if self._bus is None:
            return
        message = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, method)
        message.setArguments(arguments)
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(message), self)
        watcher.finished.connect(answered)

    def _on_shown(self, watcher: QDBusPendingCallWatcher) -> None:
        note, self._asked = self._asked, None
        reply = QDBusPendingReply(watcher)
        watcher.deleteLater()
        if reply.isError():
            _log.info("no notification: %s", reply.error().message())
            self._id, self._next = 0, None
            self.refused.emit(note)
            return
        self._id = int(reply.argumentAt(0))
        if self._is_unwanted:
            self.withdraw()
        elif self._next is not None:
            note, self._next = self._next, None
            self.show(note)

    def _on_withdrawn(self, watcher: QDBusPendingCallWatcher) -> None:
        watcher.deleteLater()

    # what the service tells everybody; ours are those with our number

    @pyqtSlot(QDBusMessage)
    def _on_action(self, message: QDBusMessage) -> None:
        number, action = _told(message, 2)
        if number == self._id != 0 and action == _DEFAULT:
            self.opened.emit()

    @pyqtSlot(QDBusMessage)
    def _on_closed(self, message: QDBusMessage) -> None:
        number, _reason = _told(message, 2)
        if number == self._id != 0:
            self._id = 0
            self.gone.emit()

    @pyqtSlot(QDBusMessage)
    def _on_token(self, message: QDBusMessage) -> None:
        number, token = _told(message, 2)
        if number == self._id != 0 and isinstance(token, str):
            # Qt hands it to the window that is raised next: on Wayland nobody may come forward without
            os.environ["XDG_ACTIVATION_TOKEN"] = token


def _uint(number: int) -> QDBusArgument:
    return _typed(number, QMetaType.Type.UInt)


def _typed(value: Any, kind: QMetaType.Type) -> QDBusArgument:
    """As D-Bus must see it: a plain number would be a signed one, a plain list one of anything."""
    return QDBusArgument(value, int(kind.value))  # type: ignore[call-overload]


def _told(message: QDBusMessage, count: int) -> list[Any]:
    """The first arguments; None for what is missing."""
    found = list(message.arguments()[:count])
    return found + [None] * (count - len(found))
