"""Ctrl+C and SIGTERM while Qt's loop runs."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from PyQt6.QtCore import QSocketNotifier


@contextmanager
def stop_signals(on_signal: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl+C and SIGTERM end the program as the window's own close button does.

    Qt's loop runs no Python code while nothing happens, so the interpreter's wake-up byte goes
    through a socket that Qt watches.
    """
    try:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        before_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    except ValueError:  # not the main thread: signals are somebody else's
        ours.close()
        theirs.close()
        yield
        return
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)  # type: ignore[call-overload]

    def on_byte() -> None:
        with suppress(BlockingIOError):
            ours.recv(64)

    notifier.activated.connect(on_byte)
    before = {
        number: signal.signal(number, lambda *_unused: on_signal())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        notifier.setEnabled(False)
        ours.close()
        theirs.close()
