"""Whether the system asks programs to move less."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

_NAME = "veo-studio-motion"
_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_SETTINGS = "org.freedesktop.portal.Settings"
# it answers at once, or not at all
_LIMIT_MS = 3000


async def is_reduced() -> bool:
    """True where the user told the system so; False where nobody knows. Never waits on the loop."""
    if sys.platform == "win32":
        return _on_windows()
    if sys.platform == "darwin":
        return _on_mac()
    return await _of_portal()


def _on_windows() -> bool:
    import ctypes

    # SPI_GETCLIENTAREAANIMATION; source: Win32 SystemParametersInfoW
    wanted = ctypes.c_int(1)
    windll: Any = getattr(ctypes, "windll", None)
    if windll is None or not windll.user32.SystemParametersInfoW(
        0x1042, 0, ctypes.byref(wanted), 0
    ):
        return False
    return not wanted.value


def _on_mac() -> bool:
    from PyQt6.QtCore import QSettings

    stored = QSettings("apple.com", "universalaccess").value("reduceMotion", 0)
    return str(stored).strip().casefold() in ("1", "true")


async def _of_portal() -> bool:
    """Source: XDG Desktop Portal, org.freedesktop.portal.Settings."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if not address:
        return False
    from PyQt6.QtDBus import (
        QDBusConnection,
        QDBusMessage,
        QDBusPendingCallWatcher,
        QDBusPendingReply,
        QDBusVariant,
    )

    bus = await asyncio.to_thread(QDBusConnection.connectToBus, address, _NAME)
    try:
        if not bus.isConnected():
            return False
        call = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SETTINGS, "ReadOne")
        call.setArguments(["org.gnome.desktop.interface", "enable-animations"])
        watcher = QDBusPendingCallWatcher(bus.asyncCall(call, _LIMIT_MS))
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_answer(*_: object) -> None:
            if not answered.done():
                answered.set_result(None)

        watcher.finished.connect(on_answer)
        await answered
        reply = QDBusPendingReply(watcher)
        value = None if reply.isError() else reply.argumentAt(0)
        return (value.variant() if isinstance(value, QDBusVariant) else value) is False
    finally:
        QDBusConnection.disconnectFromBus(_NAME)
