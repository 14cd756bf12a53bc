"""A time limit for exchanges whose length nobody knows: it ends what no longer moves."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class MovingLimit:
    """An async context that raises TimeoutError `first_s` seconds later (None: never), unless moved."""

    def __init__(self, first_s: float | None) -> None:
        self._timeout = asyncio.timeout(first_s)
        self._is_inside = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        await self._timeout.__aenter__()
        self._is_inside = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_inside = False
        await self._timeout.__aexit__(kind, error, trace)

    def allow(self, seconds: float) -> None:
        """Something moved: from now on it has so long. Says nothing once it is over."""
        if self._is_inside and not self._timeout.expired():
            self._timeout.reschedule(self._loop.time() + seconds)

    def allow_from_thread(self, seconds: float) -> None:
        """`allow`, from any thread."""
        with suppress(RuntimeError):  # the loop ended meanwhile
            self._loop.call_soon_threadsafe(self.allow, seconds)
