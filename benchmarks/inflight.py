"""A thousand generations in flight in one process: its share of one core."""

from __future__ import annotations

import asyncio
import time

from benchmarks import engine, service
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting
from veo_studio.core.models import GenerationState

_POLL_INTERVAL_S = 10.0


def measure(setting: Setting) -> list[Figure]:
    return [asyncio.run(_measure(setting))]


async def _measure(setting: Setting) -> Figure:
    count = setting.times(1000, least=10)
    window_s = max(1.0, 60 * setting.scale)
    interval_s = max(0.5, _POLL_INTERVAL_S * setting.scale)
    home = setting.scratch / "inflight"
    with service.running(setting.scratch) as server:
        async with engine.opened(
            home, server, concurrency=count, poll_interval_s=interval_s
        ) as studio:
            started = time.monotonic()
            await studio.queue.enqueue(
                [engine.request(f"A clip that never ends, number {n}") for n in range(count)]
            )
            stored_s = time.monotonic() - started
            while (
                accepted := await studio.generations.count(states=[GenerationState.PROCESSING])
            ) < count:
                if time.monotonic() - started > 120:
                    raise NotMeasured(f"only {accepted} of {count} were accepted in 120 s")
                await asyncio.sleep(0.2)
            accepted_s = time.monotonic() - started
            # one whole round first: connections are open, estimates are loaded
            await asyncio.sleep(interval_s)
            polls = (await asyncio.to_thread(server.seen)).polls
            cpu, clock = time.process_time(), time.monotonic()
            await asyncio.sleep(window_s)
            cpu, clock = time.process_time() - cpu, time.monotonic() - clock
            polls = (await asyncio.to_thread(server.seen)).polls - polls
    return Figure(
        f"{count} in flight, share of one core",
        100 * cpu / clock,
        40,
        "%",
        detail=f"over {clock:.0f} s with {polls} polls ({polls / clock:.0f}/s, asked for every "
        f"{interval_s:g} s), after {stored_s:.1f} s to store and {accepted_s:.1f} s until all were accepted",
    )
