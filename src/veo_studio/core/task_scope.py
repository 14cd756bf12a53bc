"""Tasks that nobody awaits: kept alive, their errors told, all of them ended together.

A window, a dock or a service owns one `TaskScope`; its slots are one line, `scope.spawn(...)`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
OnError = Callable[[BaseException], None]
_log = logging.getLogger(__name__)


class TaskScope:
    """Owns tasks: none is lost, none outlives `close`."""

    def __init__(self, on_error: OnError | None = None) -> None:
        """`on_error` takes what a task raises; without it that goes to the log."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_error = on_error
        self._is_closed = False

    def spawn(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T] | None:
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

    def cancel(self) -> None:
        """Ask all of them to end, but for the one that asks, and take no new ones."""
        self._is_closed = True
        for task in self._others():
            task.cancel()

    async def close(self) -> None:
        """`cancel`, and wait until they have ended."""
        self.cancel()
        await asyncio.gather(*self._others(), return_exceptions=True)

    def _others(self) -> list[asyncio.Task[Any]]:
        try:
            asking = asyncio.current_task()
        except RuntimeError:  # asked from outside the loop
            asking = None
        return [task for task in self._tasks if task is not asking]

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._on_error is not None:
            self._on_error(error)
        else:
            _log.error("%s: %s", task.get_name(), error, exc_info=error)
