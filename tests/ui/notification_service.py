"""A notification service on a private bus, as desktops have one; it keeps what it is told.

On a dbus-daemon of its own where the machine has one, and always on a bus that is nothing but a socket
which speaks enough of D-Bus: authentication, Hello, and calls. Neither is the user's own bus.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import Parser
from PyQt6.QtCore import QObject, pyqtSignal

NAME = "org.freedesktop.Notifications"
_ADDRESS = DBusAddress("/org/freedesktop/Notifications", interface=NAME)
_LOOK_S = 0.2
KINDS = ("socket", "daemon") if shutil.which("dbus-daemon") else ("socket",)


@dataclass(frozen=True)
class Shown:
    """One call of Notify."""

    number: int
    replaces: int
    title: str
    body: str
    actions: list[str]
    hints: dict[str, Any]


class NotificationService(QObject):
    """Signals:
    called(): it was asked for something; comes on the thread of its owner.
    """

    called = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.shown: list[Shown] = []
        self.withdrawn: list[int] = []
        # what it answers Notify with, "" for a number
        self.refuses = ""
        self._line: _Line | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._is_over = threading.Event()

    def click(self, number: int, action: str = "default") -> None:
        self._signal("ActionInvoked", "us", (number, action))

    def dismiss(self, number: int, reason: int = 2) -> None:
        self._signal("NotificationClosed", "uu", (number, reason))

    def begin(self, line: _Line) -> None:
        self._line = line
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        if self._line is not None:
            self._line.close()
        self._thread.join(10.0)
        assert not self._thread.is_alive()

    def _signal(self, name: str, signature: str, told: tuple[Any, ...]) -> None:
        assert self._line is not None
        self._line.send(new_signal(_ADDRESS, name, signature, told))

    def _serve(self) -> None:
        assert self._line is not None
        while not self._is_over.is_set():
            try:
                message = self._line.receive()
            except (OSError, ConnectionError, EOFError):
                return
            if message is not None and message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, call: Message) -> None:
        assert self._line is not None
        member = call.header.fields.get(HeaderFields.member)
        if call.header.fields.get(HeaderFields.interface) != NAME:
            self._line.answer_bus(call)
            return
        if member == "Notify" and self.refuses:
            self._line.send(new_error(call, self.refuses))
        elif member == "Notify":
            _app, replaces, _icon, title, body, actions, hints, _expires = call.body
            number = replaces or len(self.shown) + 7
            told = {name: value for name, (_kind, value) in hints.items()}
            self.shown.append(Shown(number, replaces, title, body, actions, told))
            self._line.send(new_method_return(call, "u", (number,)))
        elif member == "CloseNotification":
            self.withdrawn.append(call.body[0])
            self._line.send(new_method_return(call))
            self._signal("NotificationClosed", "uu", (call.body[0], 3))
        self.called.emit()


class _Line:
    """Where messages come from and go to."""

    def send(self, message: Message) -> None:
        raise NotImplementedError

    def receive(self) -> Message | None:
        raise NotImplementedError

    def answer_bus(self, call: Message) -> None:
        """What is asked of the bus itself."""

    def close(self) -> None:
        raise NotImplementedError


class _Daemon(_Line):
    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        with self._lock:
            self._connection.send(message)

    def receive(self) -> Message | None:
        with contextlib.suppress(TimeoutError):
            return self._connection.receive(timeout=_LOOK_S)
        return None

    def close(self) -> None:
        pass


class _Socket(_Line):
    """One client at a time, without a bus between."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1)
        self._listening.settimeout(_LOOK_S)
        self._client: socket.socket | None = None
        self._parser = Parser()
        self._serial = 0
        self._lock = threading.Lock()

    def receive(self) -> Message | None:
        with contextlib.suppress(TimeoutError):
            if self._client is None:
                client, _ = self._listening.accept()
                client.settimeout(_LOOK_S)
                self._authenticate(client)
                self._client = client
            message = self._parser.get_next_message()
            while message is None:
                chunk = self._client.recv(65536)
                if not chunk:
                    self._client.close()
                    self._client, self._parser = None, Parser()
                    return None
                self._parser.add_data(chunk)
                message = self._parser.get_next_message()
            return message
        return None

    def _authenticate(self, client: socket.socket) -> None:
        """Source: D-Bus Specification 0.43, "Authentication Protocol"."""
        pending = b""
        client.settimeout(10.0)
        while True:
            line, found, rest = pending.partition(b"\r\n")
            if not found:
                pending += client.recv(4096)
                continue
            pending = rest
            words = line.lstrip(b"\0")
            if words.startswith(b"BEGIN"):
                break
            if words.startswith(b"AUTH EXTERNAL "):
                client.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            else:
                client.sendall(b"ERROR\r\n")
        client.settimeout(_LOOK_S)
        self._parser.add_data(pending)

    def send(self, message: Message) -> None:
        with self._lock:
            self._serial += 1
            message.header.fields[HeaderFields.sender] = ":1.1"
            # a program that ended does not wait for an answer
            if self._client is not None:
                with contextlib.suppress(OSError):
                    self._client.sendall(message.serialise(self._serial))

    def answer_bus(self, call: Message) -> None:
        if call.header.fields.get(HeaderFields.member) == "Hello":
            self.send(new_method_return(call, "s", (":1.2",)))
        else:
            self.send(new_method_return(call))

    def close(self) -> None:
        for one in (self._client, self._listening):
            if one is not None:
                one.close()


@contextlib.contextmanager
def notification_service(kind: str, folder: Path) -> Iterator[NotificationService]:
    """A running one of `KINDS`; `address` is where its bus is."""
    service = NotificationService()
    with contextlib.ExitStack() as stack:
        if kind == "daemon":
            service.address = stack.enter_context(_bus_daemon(folder))
            connection = stack.enter_context(open_dbus_connection(bus=service.address))
            connection.send_and_get_reply(message_bus.RequestName(NAME), timeout=10.0)
            line: _Line = _Daemon(connection)
        else:
            path = folder / "bus"
            service.address = f"unix:path={path}"
            line = _Socket(path)
        service.begin(line)
        try:
            yield service
        finally:
            service.end()


@contextlib.contextmanager
def _bus_daemon(folder: Path) -> Iterator[str]:
    """Its address; ends with the test."""
    command = [
        "dbus-daemon",
        "--session",
        "--nofork",
        "--print-address",
        f"--address=unix:dir={folder}",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()
            process.wait(10.0)
