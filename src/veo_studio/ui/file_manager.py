"""Handing a file to the system: to the file manager, or to the program that opens it."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import QProcess, QUrl
from PyQt6.QtGui import QDesktopServices

from veo_studio.core.errors import StorageError
from veo_studio.ui.text import tr


def show_in_file_manager(path: Path) -> None:
    """Select `path` in the file manager; where that is not possible, open its folder.

    Raises StorageError where the file is gone or the system opens nothing.
    """
    if not path.exists():
        raise StorageError(
            tr("{name} is not in its folder any more.", name=path.name),
            action=tr("It was moved or deleted outside Veo Studio."),
        )
    if sys.platform == "darwin" and QProcess.startDetached("open", ["-R", str(path)])[0]:
        return
    if sys.platform == "win32" and QProcess.startDetached("explorer", ["/select,", str(path)])[0]:
        return
    if sys.platform.startswith("linux") and _ask_file_manager(path):
        return
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
        raise StorageError(
            tr("The system cannot open {folder}.", folder=path.parent),
            action=tr("Copy the path and open it yourself."),
        )


def open_in_its_program(path: Path) -> bool:
    """Open `path` with the program that the system has for it; False where there is none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.absolute())))


def _ask_file_manager(path: Path) -> bool:
    """Source: freedesktop.org, "File manager D-Bus interface", org.freedesktop.FileManager1."""
    from PyQt6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    interface = bus.interface()
    name = "org.freedesktop.FileManager1"
    if not bus.isConnected() or interface is None:
        return False
    known = interface.isServiceRegistered(name).value()
    if not known:
        return False
    message = QDBusMessage.createMethodCall(
        name, "/org/freedesktop/FileManager1", name, "ShowItems"
    )
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    # no waiting for an answer: the file manager may have to start first
    return bool(bus.send(message))
