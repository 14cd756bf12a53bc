"""Where the engine blocks: threads for its files and for following its renders."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """Opened and closed with the engine; renders have their own, so files never wait for them."""

    def __init__(self) -> None:
        self.render_count = max(1, (os.cpu_count() or 2) - 1)
        """How many renders run at once."""

    def open(self) -> None:
        self._files = ThreadPoolExecutor(4, "rehearsal-io")
        self._renders = ThreadPoolExecutor(self.render_count, "rehearsal-render")

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """For files."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._files, function, *arguments)

    async def render(self, function: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._renders, function, *arguments)

    async def close(self) -> None:
        # killed renders end within milliseconds; their threads must be gone before the loop is
        loop = asyncio.get_running_loop()
        ended = loop.run_in_executor(self._files, self._renders.shutdown, True)
        await asyncio.wait({ended}, timeout=2)
        self._files.shutdown(wait=False)
