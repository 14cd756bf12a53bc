"""Waiting inside async tests: on futures, never in a loop of its own and never by sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def emitted(signal: Any, timeout_s: float = 10.0) -> tuple[Any, ...]:
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


async def becomes(is_so: Callable[[], bool], *signals: Any, timeout_s: float = 15.0) -> None:
    """Wait until `is_so` says yes; it is asked whenever one of `signals` is emitted."""
    if is_so():
        return
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def slot(*_args: Any) -> None:
        if not future.done() and is_so():
            future.set_result(None)

    for signal in signals:
        signal.connect(slot)
    try:
        async with asyncio.timeout(timeout_s):
            await future
    finally:
        for signal in signals:
            signal.disconnect(slot)
