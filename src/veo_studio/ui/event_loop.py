"""The one loop of Qt and asyncio."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

import qasync
from PyQt6.QtCore import QObject, QTimerEvent

# qasync would start so many of Qt's at once; Python's come when they are needed
_THREADS = 10
# what is due longer than this waits until the window was painted and heard its keys
_TURN_S = 0.002


class EventLoop(qasync.QEventLoop):
    """qasync's loop, which lets the window have its turn, and whose last turn is like all others.

    qasync makes a timer of Qt's for each callback, and Qt calls all that are due before anything else:
    where fifty answers come at once, the window stands still until the last is dealt with. Here they stand in
    one line, and a few milliseconds of it are one turn.

    When what it waits for is done, qasync lets Qt work once more, and has told asyncio by then that no
    loop runs: the first task that makes another one in that turn breaks ("no running event loop").
    """

    _is_ending = False

    def __init__(self, app: Any) -> None:
        self._due = _Due()
        super().__init__(app)
        self.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="work"))

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self._due.put(asyncio.Handle(callback, args, self, context))

    def run_until_complete(self, future: Any) -> Any:
        if self.is_running():
            return super().run_until_complete(future)  # which refuses
        self._is_ending = True
        try:
            return super().run_until_complete(future)
        finally:
            self._is_ending = False
            asyncio.events._set_running_loop(None)

    def close(self) -> None:
        super().close()
        self._due.close()

    def _after_run_forever(self) -> None:
        super()._after_run_forever()
        if self._is_ending:
            asyncio.events._set_running_loop(self)


class _Due(QObject):
    """The callbacks that are due, first come, first called."""

    def __init__(self) -> None:
        super().__init__()
        self._line: deque[asyncio.Handle] = deque()
        self._timer = 0
        self._is_closed = False

    def put(self, handle: asyncio.Handle) -> asyncio.Handle:
        self._line.append(handle)
        if not self._timer and not self._is_closed:
            self._timer = self.startTimer(0)
        return handle

    def close(self) -> None:
        self._is_closed = True
        self._line.clear()
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    def timerEvent(self, event: QTimerEvent | None) -> None:
        # Qt does not call a timer while it is called: with a new one the line goes on also where a callback
        # has a loop of Qt's in it (a drag into another program)
        self.killTimer(self._timer)
        self._timer = self.startTimer(0)
        line, until = self._line, time.perf_counter() + _TURN_S
        # what comes meanwhile belongs to the next turn
        for _ in range(len(line)):
            if not line:
                break  # a loop inside a callback has dealt with the rest
            handle = line.popleft()
            if not handle.cancelled():
                handle._run()
            if time.perf_counter() >= until:
                break
        if not line and self._timer:
            self.killTimer(self._timer)
            self._timer = 0
