"""Waiting inside async tests: on futures, never in a loop of its own and never by sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QCoreApplication, QEvent, QObject
from PyQt6.QtWidgets import QWidget

# Rarely: between two signals a model may be half changed.
_LOOK_AGAIN_S = 3.0


async def emitted(signal: Any, timeout_s: float = 30.0) -> tuple[Any, ...]:
    """The arguments of the next emission of `signal`."""
    future: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

    def slot(*args: Any) -> None:
        if not future.done():
            future.set_result(args)

    signal.connect(slot)
    try:
        async with asyncio.timeout(timeout_s):
            return await future
    finally:
        signal.disconnect(slot)


async def becomes(is_so: Callable[[], bool], *signals: Any, timeout_s: float = 30.0) -> None:
    """Wait until `is_so` says yes; it is asked whenever one of `signals` is emitted, and now and then.

    Not everything that a condition looks at (a file, a lock, another process) sends a signal.
    """
    if is_so():
        return
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def slot(*_args: Any) -> None:
        # looking may itself take news in and emit a signal, and then the answer is there already
        if not future.done() and is_so() and not future.done():
            future.set_result(None)

    for signal in signals:
        signal.connect(slot)
    try:
        async with asyncio.timeout(timeout_s):
            while not future.done():
                await asyncio.wait([future], timeout=_LOOK_AGAIN_S)
                slot()
    finally:
        for signal in signals:
            signal.disconnect(slot)


class Opening(QObject):
    """Waits for the next window of a kind that is shown."""

    def __init__(self, kind: type[QWidget]) -> None:
        super().__init__()
        self._kind = kind
        self.shown: asyncio.Future[QWidget] = asyncio.get_running_loop().create_future()
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        is_it = event is not None and event.type() is QEvent.Type.Show
        if is_it and isinstance(watched, self._kind) and not self.shown.done():
            self.shown.set_result(watched)
        return False
