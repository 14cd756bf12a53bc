"""Time as a collaborator, so that tests can let hours pass and clocks jump."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

_log = logging.getLogger(__name__)
_DAY_S = 86_400.0


class Clock:
    """The computer's own clocks."""

    def now(self) -> datetime:
        """The wall clock in UTC; it may jump."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from some moment on; for durations, never jumps."""
        return time.monotonic()

    async def sleep(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)


SYSTEM_CLOCK = Clock()


class Alarms:
    """Calls that come later, by a `Clock`; all of them end with `close`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def set(self, wait_s: float, call: Callable[[], object]) -> None:
        """Call once after `wait_s`, a day at the most: long waits are looked at again by the caller."""
        if self._is_closed:
            return
        task = asyncio.get_running_loop().create_task(self._ring(min(wait_s, _DAY_S), call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self._is_closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ring(self, wait_s: float, call: Callable[[], object]) -> None:
        await self._clock.sleep(max(0.0, wait_s))
        try:
            call()
        except Exception:
            _log.exception("an alarm failed")
