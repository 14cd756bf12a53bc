"""The library's questions to its store: search as you type, filters, all ids, days, what there is.

Every key press and every filter asks for the rows of the first page and then for the ids of all
matches, as the window does; a figure is the time of both together.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from benchmarks.report import Figure
from benchmarks.setting import Setting, percentile
from veo_studio.core.library_query import Facets, LibraryQuery, Sort
from veo_studio.core.models import Charge, Generation, GenerationKind, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository

_PAGE = 100
_TARGET_MS = 30
_LOOK_S = 0.0005


def measure(setting: Setting) -> list[Figure]:
    return asyncio.run(_measure(setting))


async def _measure(setting: Setting) -> list[Figure]:
    database = Database.open(Paths.below(setting.library()).database)
    try:
        library = LibraryRepository(database)
        # the first read opens the connection
        await _ask(library, LibraryQuery(text="warm up"))
        newest = await library.first(LibraryQuery(), 2000)
        return [
            await _typing(library, newest, setting),
            await _filtering(library, newest, setting, with_words=True),
            await _filtering(library, newest, setting, with_words=False),
            *await _whole(library, setting),
        ]
    finally:
        await asyncio.to_thread(database.close)


async def _ask(library: LibraryRepository, query: LibraryQuery) -> None:
    await library.first(query, _PAGE)
    await library.ids(query)


@dataclass
class _Times:
    """How long each of many questions took."""

    taken_ms: list[float] = field(default_factory=list)
    slowest: tuple[str, float] = ("", 0.0)

    async def add(self, name: str, question: Awaitable[Any]) -> Any:
        started = time.perf_counter()
        answer = await question
        ms = (time.perf_counter() - started) * 1000
        self.taken_ms.append(ms)
        self.slowest = max(self.slowest, (name, ms), key=lambda pair: pair[1])
        return answer

    def figure(self, name: str, target: float, detail: str, percent: float = 95) -> Figure:
        return Figure(
            f"{name}, p{percent:.0f}" if percent != 50 else name,
            percentile(self.taken_ms, percent),
            target,
            "ms",
            detail=f"{len(self.taken_ms)} {detail}, median {percentile(self.taken_ms, 50):.1f} ms, "
            f"slowest {self.slowest[1]:.1f} ms{' for ' if self.slowest[0] else ''}{self.slowest[0]}",
        )


async def _typing(
    library: LibraryRepository, newest: Sequence[Generation], setting: Setting
) -> Figure:
    times = _Times()
    for text in _what_people_type(newest, setting.times(60, least=4)):
        for length in range(1, len(text) + 1):
            typed = text[:length]
            if not typed.endswith(" "):
                await times.add(repr(typed), _ask(library, LibraryQuery(text=typed)))
    return times.figure(
        "search as you type",
        _TARGET_MS,
        f"key presses over {setting.library_rows} prompts, a page of {_PAGE} and all ids",
    )


def _what_people_type(newest: Sequence[Generation], count: int) -> list[str]:
    """Two or three words of stored prompts, neighbours and strangers, and some that never occur."""
    draw = random.Random(7)
    typed = []
    for number in range(count):
        words = re.findall(r"\w+", draw.choice(newest).prompt)
        if number % 3 == 0:
            typed.append(" ".join(draw.sample(words, min(2, len(words)))))
        elif number % 3 == 1:
            start = draw.randrange(max(1, len(words) - 2))
            typed.append(" ".join(words[start : start + 3]))
        else:
            typed.append(draw.choice(words) + draw.choice(("", "", "x")))
    return typed


async def _filtering(
    library: LibraryRepository,
    newest: Sequence[Generation],
    setting: Setting,
    *,
    with_words: bool,
) -> Figure:
    draw = random.Random(11)
    facets = await library.facets()
    collections = [one.id for one in await library.collections()]
    times = _Times()
    for _ in range(setting.times(150, least=8)):
        query = _filtered(draw, facets, newest, collections)
        if with_words:
            words = re.findall(r"\w{3,}", draw.choice(newest).prompt)
            query = replace(query, text=" ".join(draw.sample(words, min(2, len(words)))))
        name = ", ".join(name for name in query.to_json() if name not in ("format", "text"))
        await times.add(name, _ask(library, query))
    what = "search with filters and orders" if with_words else "filters and orders without words"
    target = _TARGET_MS if with_words else 3 * _TARGET_MS
    return times.figure(what, target, f"questions, a page of {_PAGE} and all ids")


def _filtered(
    draw: random.Random,
    facets: Facets,
    newest: Sequence[Generation],
    collections: Sequence[int],
) -> LibraryQuery:
    """One to four filters of all kinds, and any order."""
    day = draw.choice(newest).created_at.date()
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "states": lambda: {"states": frozenset({GenerationState.COMPLETED})},
        "kinds": lambda: {"kinds": frozenset({GenerationKind.VIDEO})},
        "models": lambda: {"models": frozenset({draw.choice(facets.models)[0]})},
        "providers": lambda: {"providers": frozenset({draw.choice(facets.providers)[0]})},
        "aspects": lambda: {"aspects": frozenset({draw.choice(facets.aspects)[0]})},
        "charges": lambda: {"charges": frozenset({draw.choice(list(Charge))})},
        "tags": lambda: {"tags": frozenset({draw.choice(facets.tags)[0]})},
        "favourites": lambda: {"favourites": True},
        "rating": lambda: {"least_rating": draw.randint(1, 5)},
        "rejected": lambda: {"rejected": draw.random() < 0.2},
        "since": lambda: {"since": day - timedelta(days=draw.randrange(400))},
        "until": lambda: {"until": day - timedelta(days=draw.randrange(100))},
        "length": lambda: {"least_s": 4.0, "most_s": draw.choice((None, 8.0))},
        "collection": lambda: {"collection_id": draw.choice(collections)},
    }
    chosen: dict[str, Any] = {}
    for name in draw.sample(sorted(makers), draw.randint(1, 4)):
        chosen.update(makers[name]())
    return LibraryQuery(**chosen, sort=draw.choice((Sort.NEWEST, *Sort)))


async def _whole(library: LibraryRepository, setting: Setting) -> list[Figure]:
    rows = setting.library_rows
    repeats = setting.times(30, least=3)
    ids, days, facets = _Times(), _Times(), _Times()
    gaps = _Gaps()
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(gaps.look())
        for _ in range(repeats):
            await ids.add("", library.ids(LibraryQuery()))
        looking.cancel()
    counts: list[int] = []
    for _ in range(repeats):
        counts.append(len(await days.add("", library.days(LibraryQuery()))))
        await facets.add("", library.facets())
    return [
        ids.figure("ids of the whole library", 60, f"times {rows} ids", 50),
        Figure(
            "wait of the loop meanwhile, p99", percentile(gaps.waits_ms, 99), 10, "ms",
            detail=f"{len(gaps.waits_ms)} looks, each after {_LOOK_S * 1000:g} ms, "
            f"longest {max(gaps.waits_ms):.1f} ms",
        ),
        days.figure("local days with counts", 90, f"times {counts[0]} days", 50),
        facets.figure("what there is to filter by", 90, "times models, aspects and tags", 50),
    ]  # fmt: skip


class _Gaps:
    """How late the loop wakes while another thread puts ids together."""

    def __init__(self) -> None:
        self.waits_ms: list[float] = [0.0]

    async def look(self) -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(_LOOK_S)
            self.waits_ms.append((time.perf_counter() - started - _LOOK_S) * 1000)
