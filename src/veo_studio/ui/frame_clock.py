"""The one clock that decoders of pictures follow: where playing is at this moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class FrameClock:
    """May be asked and told by any thread. Positions are milliseconds; a negative rate runs backwards.

    Whoever waits for a moment holds `changed` and is woken by every command.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.changed = threading.Condition(threading.RLock())
        # counts commands: a waiter sees that what it knows is old
        self.version = 0
        self._now = now
        self._since = now()
        self._base_ms = 0.0
        self._rate = 1.0
        self._is_running = False
        self._is_looping = False
        self._length_ms = 0.0
        self._in_ms: float | None = None
        self._out_ms: float | None = None

    # asking

    @property
    def is_running(self) -> bool:
        return self._is_running

    @property
    def rate(self) -> float:
        return self._rate

    @property
    def length_ms(self) -> float:
        return self._length_ms

    def position_ms(self) -> float:
        """Within the clip, or within the range that is looped."""
        with self.changed:
            return self._kept(self._raw_ms())

    def has_ended(self) -> bool:
        """It ran into the end, or backwards into the start, and stands there."""
        with self.changed:
            if not self._is_running or self._is_looping or self._length_ms <= 0:
                return False
            raw = self._raw_ms()
            return raw >= self._length_ms if self._rate > 0 else raw <= 0

    # telling

    def start_over(self) -> None:
        """Another clip: at its start, standing, its length not known yet."""
        with self.changed:
            self._is_running = False
            self._length_ms = 0.0
            self._move(0.0)

    def set_length(self, length_ms: float) -> None:
        with self.changed:
            at_ms = self.position_ms()
            self._length_ms = length_ms
            self._move(at_ms)

    def play(self) -> None:
        with self.changed:
            at_ms = self.position_ms()
            self._is_running = True
            self._move(at_ms)

    def pause(self) -> None:
        with self.changed:
            at_ms = self.position_ms()
            self._is_running = False
            self._move(at_ms)

    def seek(self, position_ms: float) -> None:
        with self.changed:
            self._move(position_ms)

    def set_rate(self, rate: float) -> None:
        with self.changed:
            at_ms = self.position_ms()
            self._rate = rate
            self._move(at_ms)

    def set_loop(self, is_looping: bool, in_ms: float | None, out_ms: float | None) -> None:
        """None: from the start, to the end."""
        with self.changed:
            at_ms = self.position_ms()
            self._is_looping, self._in_ms, self._out_ms = is_looping, in_ms, out_ms
            self._move(at_ms)

    def wake(self) -> None:
        """Something else that waiters look at is another thing."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    # inside

    def _raw_ms(self) -> float:
        if not self._is_running:
            return self._base_ms
        return self._base_ms + (self._now() - self._since) * 1000 * self._rate

    def _kept(self, raw_ms: float) -> float:
        if self._length_ms <= 0:
            return max(0.0, self._base_ms)
        if not (self._is_looping and self._is_running):
            return max(0.0, min(raw_ms, self._length_ms))
        start = self._in_ms or 0.0
        end = self._length_ms if self._out_ms is None else min(self._out_ms, self._length_ms)
        if end <= start:
            return max(0.0, min(raw_ms, self._length_ms))
        # who begins outside the range runs into it
        if self._rate > 0 and raw_ms >= end:
            return start + (raw_ms - end) % (end - start)
        if self._rate < 0 and raw_ms < start:
            return end - (start - raw_ms) % (end - start) - 0.001
        return max(0.0, min(raw_ms, self._length_ms))

    def _move(self, position_ms: float) -> None:
        self._base_ms = max(0.0, position_ms)
        if self._length_ms > 0:
            self._base_ms = min(self._base_ms, self._length_ms)
        self._since = self._now()
        self.wake()
