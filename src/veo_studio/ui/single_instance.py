"""A second start on the same data folder shows the window that is there.

The scheduler's lock decides who is first; this is only how the second one says "show yourself". The
socket is named after the data folder and lies where no other user can reach it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from PyQt6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_LIMIT_S = 2.0
_ASKED = b"show"
_ANSWER = b"shown\n"
_LONGEST_MESSAGE = 1024
_RETRY_S = 0.1


def socket_name(data: Path) -> str:
    """What both sides call the socket of this data folder; the folder around it is made, 0700.

    OSError where there is no place that only this user can write to.
    """
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:24]
    if sys.platform == "win32":
        return f"veo-studio-{digest}"
    return str(_private_folder() / f"{digest}.sock")


def _private_folder() -> Path:
    """Short on purpose: a socket's path may have a hundred bytes, a data folder more."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_dir() and os.access(runtime, os.W_OK):
        folder = Path(runtime) / "veo-studio"
    else:
        import tempfile  # with all that it needs it takes longer than asking

        folder = Path(tempfile.gettempdir()) / f"veo-studio-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    is_ours = found.st_uid == os.getuid() and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if not stat.S_ISDIR(found.st_mode) or not is_ours:
        raise PermissionError(f"{folder} can be used by other users")
    return folder


def ask_to_show(data: Path, *, wait_s: float = ANSWER_LIMIT_S, is_there: bool = False) -> bool:
    """Ask the window of this data folder to come to the front; True where it said that it did.

    Waits for an answer at most `wait_s`. Where nobody listens it is over at once, or with `is_there`
    (somebody holds the folder and may just be starting) after the same time.
    """
    deadline = time.monotonic() + wait_s
    try:
        name = socket_name(data)
    except OSError:
        return False
    while True:
        # no module of Qt's is loaded for a socket that is not there
        if sys.platform == "win32" or os.path.exists(name):
            from PyQt6.QtNetwork import QLocalSocket

            answer = _ask_once(QLocalSocket(), name, deadline)
            if answer is not None:
                return answer
        if not is_there or time.monotonic() + _RETRY_S > deadline:
            return False
        time.sleep(_RETRY_S)


def _ask_once(socket: QLocalSocket, name: str, deadline: float) -> bool | None:
    """None where nobody listens (a socket that was left behind)."""
    try:
        socket.connectToServer(name)
        if not socket.waitForConnected(_left_ms(deadline)):
            return None
        # lets a Wayland desktop give the first window the focus that this start was given
        token = os.environ.get("XDG_ACTIVATION_TOKEN", "").encode()[: _LONGEST_MESSAGE - 8]
        socket.write(_ASKED + b" " + token + b"\n")
        socket.flush()
        while not socket.canReadLine():
            if not socket.waitForReadyRead(_left_ms(deadline)):
                return False
        return socket.readLine(_LONGEST_MESSAGE) == _ANSWER
    finally:
        socket.abort()


def _left_ms(deadline: float) -> int:
    return max(1, round((deadline - time.monotonic()) * 1000))


class SecondStarts(QObject):
    """Listens for them, once the folder's lock is held.

    Signals:
        show_requested(): the window should come to the front.
    """

    show_requested = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    def listen(self, data: Path) -> bool:
        """False where no socket can be had: second starts then say so themselves.

        A socket that is there already was left behind: whoever calls this holds the folder's lock.
        """
        from PyQt6.QtNetwork import QLocalServer

        try:
            name = socket_name(data)
        except OSError:
            return False
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        QLocalServer.removeServer(name)
        if not server.listen(name):
            return False
        self._server = server
        return True

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _on_connection(self) -> None:
        assert self._server is not None
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(_LONGEST_MESSAGE)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._on_bytes(socket))
            self._on_bytes(socket)

    def _on_bytes(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= _LONGEST_MESSAGE:
                socket.abort()
            return
        word, _space, token = socket.readLine(_LONGEST_MESSAGE).strip().partition(b" ")
        if word != _ASKED:
            socket.abort()
            return
        if token.isascii() and token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token.decode()
        self.show_requested.emit()
        socket.write(_ANSWER)
        socket.disconnectFromServer()
