"""Time that runs faster than the computer's and leaps, where a test says so."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from veo_studio.core.clock import Clock

# stretches every wait of the suite on a slow machine
SCALE = float(os.environ.get("VEO_STUDIO_TEST_SCALE", "1"))


class FastClock(Clock):
    """`speed` seconds pass in one; `leap` lets more pass at once, for those who sleep as well."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed / SCALE
        self._real_start = time.monotonic()
        self._start = 1000.0
        self._wall_start = datetime.now(UTC)
        self._leapt = asyncio.Event()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._rebase(0.0, 0.0)
        self._speed = speed / SCALE
        self._wake()

    def now(self) -> datetime:
        return self._wall_start + timedelta(seconds=self.monotonic() - self._start)

    def monotonic(self) -> float:
        return self._start + (time.monotonic() - self._real_start) * self._speed

    async def sleep(self, wait_s: float) -> None:
        until = self.monotonic() + wait_s
        while (left_s := until - self.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s / self._speed):
                    await self._leapt.wait()

    def leap(self, seconds: float) -> None:
        """So much time passes now."""
        self._rebase(seconds, 0.0)
        self._wake()

    def set_back(self, seconds: float) -> None:
        """The wall clock alone is set back (or on, below 0)."""
        self._rebase(0.0, -seconds)

    def _rebase(self, passed_s: float, wall_s: float) -> None:
        now, monotonic = self.now(), self.monotonic()
        self._real_start = time.monotonic()
        self._start = monotonic + passed_s
        self._wall_start = now + timedelta(seconds=passed_s + wall_s)

    def _wake(self) -> None:
        leapt, self._leapt = self._leapt, asyncio.Event()
        leapt.set()
