"""A loop whose time stands still until a test moves it, and whose threads are turns that it draws.

Work for threads (files, the database) waits in lines and is done on the loop's own thread, in an
order drawn from a seed: one seed is one run, on any machine, and another seed is another order.
"""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

from veo_studio.core.clock import Clock

# more turns than this while time stands still: something goes round in circles
_ENDLESS = 20_000
_FIRST_DAY = datetime(2026, 11, 21, 10, tzinfo=UTC)


class _Turns(selectors.DefaultSelector):
    """Asked by the loop before each turn, with what it would wait for."""

    loop: TurnLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        self.loop.before_turn(is_idle=timeout is None or timeout > 0)
        return super().select(0)


class TurnLoop(asyncio.SelectorEventLoop):
    def __init__(self, draw: random.Random) -> None:
        selector = _Turns()
        selector.loop = self
        self._now_s = 1000.0
        self._draw = draw
        self._lines: dict[object, deque[tuple[Callable[[], Any], Future[Any]]]] = {}
        self._left: int | None = None
        self._turns = 0
        self._is_quiet = True
        # of the processor, in one turn: what a window would have waited
        self.longest_turn_s = 0.0
        self._turn_began_s: float | None = None
        # what the loop itself was told of, such as a task that nobody asked how it ended
        self.complaints: list[dict[str, Any]] = []
        super().__init__(selector)
        self.set_exception_handler(lambda _loop, context: self.complaints.append(context))

    def time(self) -> float:
        return self._now_s

    @property
    def is_busy(self) -> bool:
        """True where a step ended with something in mid-air."""
        return bool(self._lines) or not self._is_quiet

    def start_measuring(self) -> None:
        """From now on keep the longest turn, without what is work for threads."""
        # what other tests left behind would be looked through in one of these turns
        gc.collect()
        gc.freeze()
        self.longest_turn_s, self._turn_began_s = 0.0, time.thread_time()

    def pass_s(self, seconds: float) -> None:
        self._now_s += seconds

    def go(self, turns: int | None = None) -> None:
        """Until nothing is left to do at this moment, or for so many turns."""
        self._left, self._turns = turns, 0
        if self._turn_began_s is not None:
            self._turn_began_s = time.thread_time()
        self.run_forever()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """To its end, which must need no time to pass."""
        task = self.create_task(work)
        self.go()
        if not task.done():
            task.cancel()
            self.go()
            raise AssertionError(f"{task} waits for time to pass")
        return task.result()

    def later(self, line: object, work: Callable[[], Any]) -> Future[Any]:
        """Work for a thread, in order with all that has the same `line`."""
        future: Future[Any] = Future()
        self._lines.setdefault(line, deque()).append((work, future))
        return future

    def drop_lines(self) -> None:
        """What waits for threads never happens: the process is gone."""
        for line in self._lines.values():
            for _, future in line:
                future.cancel()
        self._lines.clear()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        # the loop's own pool has many threads: there each work is a line of its own
        line = object() if executor is None else executor
        return asyncio.wrap_future(self.later(line, lambda: func(*args)), loop=self)

    def before_turn(self, *, is_idle: bool) -> None:
        if self._turn_began_s is not None:
            taken_s = time.thread_time() - self._turn_began_s
            self.longest_turn_s = max(self.longest_turn_s, taken_s)
        self._count_turn(is_idle)
        if self._turn_began_s is not None:
            self._turn_began_s = time.thread_time()

    def _count_turn(self, is_idle: bool) -> None:
        self._turns += 1
        assert self._turns < _ENDLESS, "goes on and on although no time passes"
        if self._left is not None:
            if self._left <= 0:
                self._is_quiet = is_idle and not self._lines
                self.stop()
                return
            self._left -= 1
        if not self._lines:
            if is_idle:
                self._is_quiet = True
                self.stop()
        elif is_idle or self._draw.random() < 0.5:
            self._do_one()

    def _do_one(self) -> None:
        line = self._draw.choice(list(self._lines))
        waiting = self._lines[line]
        work, future = waiting.popleft()
        if not waiting:
            del self._lines[line]
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)


class TurnClock(Clock):
    """The loop's time, and a wall clock that a test may set."""

    def __init__(self, loop: TurnLoop) -> None:
        self._loop = loop
        self._start = loop.time()
        # how far the wall clock was set, in seconds
        self.offset_s = 0.0

    def now(self) -> datetime:
        passed_s = self._loop.time() - self._start + self.offset_s
        return _FIRST_DAY + timedelta(seconds=passed_s)

    def monotonic(self) -> float:
        return self._loop.time()
