"""Where asyncio meets Qt: tasks that are owned, dialogs that do not nest, slots that may not kill.

A window, a dock or a service owns one `TaskScope`; its slots are one line, `scope.spawn(...)`. What a
task raises goes to the scope's `on_error`, what a plain slot raises goes to `sys.excepthook`; both end
in the same place: one notice and one line in the log.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from PyQt6.QtWidgets import QDialog

T = TypeVar("T")
OnError = Callable[[BaseException], None]
_log = logging.getLogger(__name__)


class TaskScope:
    """Owns tasks: none is lost, none outlives `close`."""

    def __init__(self, on_error: OnError) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_error = on_error
        self._is_closed = False

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T] | None:
        """Run `work` as a task of this scope; nothing starts after `close` or after the loop's end."""
        try:
            loop = None if self._is_closed else asyncio.get_running_loop()
        except RuntimeError:  # a Qt timer that outlived the loop
            loop = None
        if loop is None:
            work.close()
            return None
        task = loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)

    async def close(self) -> None:
        """Cancel what still runs and wait for its end."""
        self._is_closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_dialog(dialog: QDialog) -> int:
    """Open `dialog` and wait for its result; every other task keeps running."""
    result: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_finished(code: int) -> None:
        if not result.done():
            result.set_result(code)

    dialog.finished.connect(on_finished)
    dialog.open()
    try:
        return await result
    finally:
        # a dialog whose caller was cancelled must not stay on the screen
        dialog.hide()
        dialog.deleteLater()


def catch_slot_errors(on_error: OnError) -> Callable[[], None]:
    """Send what a plain slot raises to `on_error`; the returned call restores the hook before.

    Without a hook of its own PyQt ends the whole process at the first exception in a slot.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
            return
        try:
            on_error(error)
        except Exception:
            _log.exception("an error could not be shown")
            before(kind, error, trace)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = before

    return restore
