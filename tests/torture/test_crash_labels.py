"""K01-K20: a real process dies at each label, and the next one goes on as if nothing had been paid twice."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.torture.processes import KillLab, conclude
from tests.torture.provider import Provider
from tests.torture.scale import amount

LABELS = [f"K{number:02}" for number in range(1, 21)]
# of an operation that fails
_NEEDS_FAILURE = {"K11", "K12"}
_SPEED = 60.0
SEEDS = range(amount(1, 30))


class DatabaseLock:
    """From the `passes`-th accepted request on nothing can be committed; all are answered then."""

    def __init__(self, lab: KillLab, passes: int) -> None:
        self._connection = sqlite3.connect(
            lab.paths.database, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._passes = passes
        self._is_locked = asyncio.Event()

    async def before_answer(self, accepted: int) -> None:
        if accepted == self._passes:
            await asyncio.to_thread(self._connection.execute, "BEGIN IMMEDIATE")
            self._is_locked.set()
        await self._is_locked.wait()

    def release(self) -> None:
        self._connection.close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("label", LABELS)
async def test_a_process_that_dies_at_a_label_loses_nothing(
    label: str, seed: int, tmp_path: Path, tried: Counter[str]
) -> None:
    draw = random.Random(f"{label}/{seed}")
    passes = 1 + (seed + LABELS.index(label)) % 3 if seed < 3 else draw.randrange(1, 9)
    failing = 0.7 if label in _NEEDS_FAILURE else 0.1
    provider = Provider(draw.randrange(2**32), chaos=0.15, failing=failing)
    async with provider.serving():
        lab = KillLab(tmp_path / "world", provider, tried)
        count = 2 * passes + 4
        arguments: list[object] = ["--to", count, "--seed", seed, "--thumbnails", count]
        if label == "K08":
            provider.chaos = 0.0
            arguments += ["--concurrency", 10, "--busy-timeout", 0.3, "--batch", count]
        await die(lab, label, passes, arguments)
        await lab.until_rest("--to", count, "--thumbnails", 2, "--speed", _SPEED)
        conclude(lab)


async def die(lab: KillLab, label: str, passes: int, arguments: list[object]) -> None:
    driver = await lab.start("--speed", _SPEED, *arguments, crash=f"{label}:{passes}")
    assert await driver.line() == "recovered", "\n".join(lab.memory.said)
    with ExitStack() as afterwards:
        if label == "K08":
            lock = DatabaseLock(lab, passes)
            afterwards.callback(lock.release)
            lab.provider.before_answer = lock.before_answer
        driver.go()
        words, code = await driver.line(), await driver.end()
    lab.provider.before_answer = None
    assert (words, code) == ("", -signal.SIGKILL), f"{label} was not passed {passes} times"
    lab.tried["kills"] += 1
    lab.tried[f"kills: at {label}"] += 1
