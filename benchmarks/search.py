"""Search as you type over the whole library: how long one key press takes to have its page."""

from __future__ import annotations

import asyncio
import random
import re
import time

from benchmarks.report import Figure
from benchmarks.setting import Setting, percentile
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository

_PAGE = 100


def measure(setting: Setting) -> list[Figure]:
    return [asyncio.run(_measure(setting))]


async def _measure(setting: Setting) -> Figure:
    database = Database.open(Paths.below(setting.library()).database)
    try:
        repository = GenerationRepository(database)
        texts = await _what_people_type(repository, setting.times(60, least=4))
        # the first read opens the connection
        await repository.page(search="warm up", limit=_PAGE)
        taken_ms = []
        slowest = ("", 0.0)
        for text in texts:
            for length in range(1, len(text) + 1):
                typed = text[:length]
                if typed.endswith(" "):
                    continue
                started = time.perf_counter()
                await repository.page(search=typed, limit=_PAGE)
                ms = (time.perf_counter() - started) * 1000
                taken_ms.append(ms)
                slowest = max(slowest, (typed, ms), key=lambda pair: pair[1])
    finally:
        await asyncio.to_thread(database.close)
    return Figure(
        "search as you type, p95",
        percentile(taken_ms, 95),
        30,
        "ms",
        detail=f"{len(taken_ms)} key presses over {setting.library_rows} prompts, pages of {_PAGE}, "
        f"median {percentile(taken_ms, 50):.1f} ms, slowest {slowest[1]:.1f} ms for {slowest[0]!r}",
    )


async def _what_people_type(repository: GenerationRepository, count: int) -> list[str]:
    """Two or three words of stored prompts, neighbours and strangers, and some that never occur."""
    draw = random.Random(7)
    prompts = [found.prompt for found in await repository.page(limit=2000)]
    typed = []
    for number in range(count):
        words = re.findall(r"\w+", draw.choice(prompts))
        if number % 3 == 0:
            typed.append(" ".join(draw.sample(words, min(2, len(words)))))
        elif number % 3 == 1:
            start = draw.randrange(max(1, len(words) - 2))
            typed.append(" ".join(words[start : start + 3]))
        else:
            typed.append(draw.choice(words) + draw.choice(("", "", "x")))
    return typed
