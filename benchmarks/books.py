"""Wallet and queue on the whole library: what each click costs, and the audit of a start."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from benchmarks import engine
from benchmarks.report import Figure
from benchmarks.service import RunningService
from benchmarks.setting import Setting, median, percentile
from veo_studio.core.models import (
    ACTIVE_STATES,
    ATTENTION_STATES,
    BudgetPeriod,
    Generation,
    GenerationState,
)
from veo_studio.core.paths import Paths
from veo_studio.core.store import books
from veo_studio.core.studio import Studio

_TARGET_MS = 5.0
_AUDIT_TARGET_MS = 300.0
_WAITING = 900
_S = GenerationState
T = TypeVar("T")


def measure(setting: Setting) -> list[Figure]:
    return asyncio.run(_measure(setting))


async def _measure(setting: Setting) -> list[Figure]:
    home = setting.scratch / "books"
    await asyncio.to_thread(_copy, setting.library(), home)
    # nothing is sent: the queue is paused
    nowhere = RunningService("http://127.0.0.1:9")
    async with engine.opened(home, nowhere, concurrency=1, poll_interval_s=10) as studio:
        audit = await _audit(studio, setting)
        await studio.queue.pause()
        await studio.wallet.set_budget(BudgetPeriod.MONTH, Decimal(100_000))
        clock = _Stopwatch(setting.times(50, least=3))
        waiting = setting.times(_WAITING, least=10)
        made = await studio.queue.enqueue([engine.request(f"Waiting {n}") for n in range(waiting)])
        await _time_queue(studio, clock, made)
        await _time_wallet(studio, clock)
        await _time_run(studio, clock, made)
    detail = f"{setting.library_rows} generations, {waiting} waiting"
    return [*clock.figures(detail), audit]


def _copy(library: Path, home: Path) -> None:
    source, target = Paths.below(library).database, Paths.below(home).database
    target.parent.mkdir(parents=True)
    for ending in ("", "-wal"):
        if (part := source.with_name(source.name + ending)).exists():
            shutil.copyfile(part, target.with_name(target.name + ending))


@dataclass
class _Stopwatch:
    """Keeps what each operation took, in milliseconds."""

    times: int
    taken: dict[str, list[float]] = field(default_factory=dict)

    async def __call__(self, name: str, work: Awaitable[T]) -> T:
        started = time.perf_counter()
        result = await work
        self.taken.setdefault(name, []).append(1000 * (time.perf_counter() - started))
        return result

    def figures(self, detail: str) -> list[Figure]:
        return [
            Figure(
                f"{name}, p95",
                percentile(taken, 95),
                _TARGET_MS,
                "ms",
                detail=f"median {median(taken):.2f} ms of {len(taken)}; {detail}",
            )
            for name, taken in self.taken.items()
        ]


async def _audit(studio: Studio, setting: Setting) -> Figure:
    """How long the longest of many writes waits while the books are looked at."""
    started = time.perf_counter()
    audit = asyncio.create_task(studio.database.read_apart(books.audit))
    waited = []
    while not audit.done() or not waited:
        began = time.perf_counter()
        await studio.wallet.set_budget(BudgetPeriod.DAY, None)
        waited.append(1000 * (time.perf_counter() - began))
    assert await audit == []
    taken_ms = 1000 * (time.perf_counter() - started)
    return Figure(
        "audit at start: longest wait of a write",
        max(waited),
        _AUDIT_TARGET_MS,
        "ms",
        detail=f"{len(waited)} writes beside it, median {median(waited):.2f} ms; "
        f"the audit took {taken_ms:.0f} ms for {setting.library_rows} generations",
    )


async def _time_queue(studio: Studio, clock: _Stopwatch, made: list[Generation]) -> None:
    queue = studio.queue
    for number in range(clock.times):
        moved, before = made[-1 - number], made[number]
        await clock("queue: move before", queue.move_before(moved.id, before.id))
        await clock("queue: to the end", queue.move_before(before.id, None))
        await clock("queue: priority", queue.set_priority(moved.id, number % 2))
        (one,) = await clock("queue: enqueue one", queue.enqueue([engine.request("One more")]))
        await clock("queue: edit", queue.edit(one.id, engine.request("Another")))
        (one,) = await queue.enqueue([engine.request("One more")])
        await clock("queue: cancel", queue.cancel(one.id))
        await clock("queue: pause", queue.pause("gemini"))
        await clock("queue: unpause", queue.unpause("gemini"))


async def _time_wallet(studio: Studio, clock: _Stopwatch) -> None:
    wallet = studio.wallet
    oldest = (await wallet.entries(limit=1))[0].id // 2
    for _ in range(clock.times):
        await clock("wallet: balance", wallet.balance())
        await clock("wallet: budgets", wallet.budgets())
        await clock("wallet: grant", wallet.grant(1, "benchmark"))
        await clock("wallet: page of entries", wallet.entries(limit=100))
        await clock("wallet: page in the middle", wallet.entries(limit=100, before_id=oldest))
        await clock("wallet: page of grants", wallet.entries(limit=100, kinds=["grant"]))
        await clock("wallet: search", wallet.entries(limit=100, search="video 1"))


async def _time_run(studio: Studio, clock: _Stopwatch, made: list[Generation]) -> None:
    """What a run stores on its way; half of them fail, which gives the tokens back."""
    store = studio.generations
    for number in range(clock.times):
        one = made[clock.times + number].id
        attempt = await clock("run: begin attempt", store.begin_attempt(one, {"input": "x"}, "0"))
        await clock(
            "run: accepted",
            store.end_attempt(attempt, _S.PROCESSING, "accepted", operation_id=f"bench-{one}"),
        )
        await clock("run: by operation", store.by_operation(f"bench-{one}"))
        if number % 2:
            await clock("run: move", store.move(one, _S.DOWNLOADING, "done"))
        else:
            await clock("run: refund", store.move(one, _S.FAILED, "refused", error="No."))
        await clock("run: get", store.get(one))
        await clock("run: typical times", store.seconds_taken("gemini", engine.MODEL))
    for _ in range(min(10, clock.times)):
        await clock("start: held and unknown", store.in_states(ATTENTION_STATES))
        await clock("start: running", store.in_states(ACTIVE_STATES - {_S.PENDING}))
