"""What the library shows, compared with a plain walk over the same rows."""

from __future__ import annotations

import random
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Charge, Generation, GenerationKind, GenerationState, VideoConfig
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.tables import generations

S = GenerationState
START = datetime(2026, 3, 20, 6, tzinfo=UTC)
WORDS = ("fox", "foxes", "Kite", "harbour", "émigré", "night", "слон", "market", "18")
TAGS = ("Keep", "für Anna", "second take")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "veo-studio.db")
    yield database
    database.close()


@pytest.fixture
def local_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def use(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def library(database: Database) -> LibraryRepository:
    return LibraryRepository(database)


def row(draw: random.Random, number: int, at: datetime) -> dict[str, Any]:
    """A row with everything that is filtered by, as the program would store it."""
    config = VideoConfig(aspect_ratio=draw.choice(("16:9", "9:16", "1:1")))
    state = draw.choice((S.COMPLETED, S.COMPLETED, S.FAILED, S.CANCELLED, S.PENDING))
    is_done = state is S.COMPLETED
    provider = draw.choice(("gemini", "runway"))
    price = draw.choice((None, Decimal("0.56"), Decimal("1.20"), Decimal("10.05")))
    return {
        "uuid": f"{number:08d}",
        "kind": draw.choice(("video", "video", "image")),
        "provider": provider,
        "model": f"{provider}-{draw.choice(('fast', 'pro'))}",
        "prompt": " ".join(draw.choices(WORDS, k=3)),
        "config": config.to_json(),
        "state": state.value,
        "state_cause": "",
        "charge": draw.choice(list(Charge)).value,
        "tokens": 0,
        "price_usd": price,
        "cost_usd": draw.choice((None, None, Decimal("0.9"))),
        "size_bytes": draw.randrange(1000) if is_done else None,
        "length_s": draw.choice((2.0, 4.0, 8.0)) if is_done else None,
        "caption": draw.choice((None, None, "for the harbour film")),
        "favourite": draw.random() < 0.2,
        "rating": draw.choice((0, 0, 3, 5)),
        "created_at": at,
        "updated_at": at,
        "deleted_at": at if draw.random() < 0.1 else None,
        "published_at": at + timedelta(days=draw.random() * 30) if draw.random() < 0.3 else None,
    }  # fmt: skip


async def fill(database: Database, seed: int, *, late: float = 0.05, count: int = 300) -> None:
    draw = random.Random(seed)
    rows, at = [], START
    for number in range(count):
        at += timedelta(minutes=draw.randrange(600))
        is_late = draw.random() < late
        rows.append(row(draw, number, at - timedelta(days=draw.random() * 9) if is_late else at))
    database.write_now(lambda connection: connection.execute(insert(generations), rows))
    library = LibraryRepository(database)
    some = [number for number in range(1, count) if draw.random() < 0.3]
    await library.add_tags(some[::2], TAGS[:2])
    await library.add_tags(some[::3], TAGS[2:])
    await library.set_rejected(some[::7], True)
    made = await library.create_collection("Harbour film")
    await library.add_to_collection(made.id, some[::4])


async def everything(database: Database) -> list[Generation]:
    """All rows that are not deleted, as the old page gives them."""
    return await GenerationRepository(database).page(limit=10_000)


def words_of(text: str) -> list[str]:
    table = str.maketrans("éÉ", "ee")
    return text.casefold().translate(table).replace("-", " ").replace("\n", " ").split()


def shows(query: LibraryQuery, one: Generation, members: set[int]) -> bool:
    searched = words_of("\n".join((one.prompt, one.model, one.caption, *one.tags)))
    day = one.created_at.astimezone().date()
    length = one.length_s
    return all(
        (
            all(any(w.startswith(t) for w in searched) for t in words_of(query.text)),
            not query.states or one.state in query.states,
            not query.kinds or one.kind in query.kinds,
            not query.models or one.model in query.models,
            not query.providers or one.provider in query.providers,
            not query.aspects or one.config.aspect_ratio in query.aspects,
            not query.charges or one.charge in query.charges,
            {tag.casefold() for tag in query.tags} <= {tag.casefold() for tag in one.tags},
            one.favourite or not query.favourites,
            one.rating >= query.least_rating,
            query.rejected is None or one.rejected is query.rejected,
            query.since is None or day >= query.since,
            query.until is None or day <= query.until,
            query.least_s is None or (length is not None and length >= query.least_s),
            query.most_s is None or (length is not None and length <= query.most_s),
            query.published is None or query.published is (one.published_at is not None),
            query.collection_id is None or (query.collection_id == 1 and one.id in members),
        )
    )


def cost_of(one: Generation) -> Decimal | None:
    if one.charge is Charge.NOT_CHARGED:
        return Decimal(0)
    return one.price_usd if one.cost_usd is None else one.cost_usd


KEYS: dict[Sort, tuple[Callable[[Generation], Any], bool]] = {
    Sort.NEWEST: (lambda one: one.created_at, True),
    Sort.OLDEST: (lambda one: one.created_at, False),
    Sort.LONGEST: (lambda one: one.length_s, True),
    Sort.SHORTEST: (lambda one: one.length_s, False),
    Sort.LARGEST: (lambda one: one.size_bytes, True),
    Sort.BEST_RATED: (lambda one: -1 if one.rejected else one.rating * 2 + one.favourite, True),
    Sort.DEAREST: (cost_of, True),
    Sort.PROMPT: (lambda one: one.prompt[:48].encode().lower(), False),
    Sort.PUBLISHED: (lambda one: one.published_at, True),
}


def in_order(sort: Sort, found: list[Generation]) -> list[int]:
    key, is_descending = KEYS[sort]
    known = [one for one in found if key(one) is not None]
    unknown = [one for one in found if key(one) is None]
    known.sort(key=lambda one: (key(one), one.id), reverse=is_descending)
    unknown.sort(key=lambda one: one.id, reverse=is_descending)
    return [one.id for one in (*known, *unknown)]


def a_query(draw: random.Random) -> LibraryQuery:
    def some(values: Any, chance: float = 0.15) -> frozenset[Any]:
        return frozenset(value for value in values if draw.random() < chance)

    def maybe(*values: Any) -> Any:
        return draw.choice(values) if draw.random() < 0.2 else None

    text = draw.choice(
        ("", "", "f", "fox", "har ni", "emigre", "keep fox", "film", "СЛ", "absent", "18")
    )
    return LibraryQuery(
        text=text,
        states=some(S), kinds=some(GenerationKind), charges=some(Charge, 0.3),
        models=some(("gemini-fast", "gemini-pro", "runway-pro", "gone")),
        providers=some(("gemini", "runway", "gone")), aspects=some(("16:9", "9:16")),
        tags=some(("keep", "FÜR anna", "second take"), 0.1),
        favourites=draw.random() < 0.1, least_rating=draw.choice((0, 0, 0, 3)),
        rejected=maybe(True, False, False),
        since=maybe(date(2026, 3, 28), date(2026, 3, 30)), until=maybe(date(2026, 5, 2)),
        least_s=maybe(3.0), most_s=maybe(4.0, 8.0), collection_id=maybe(1, 1, 99),
        published=maybe(True, True, False),
    )  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"])
@pytest.mark.parametrize("late", [0.0, 0.05, 1.0])
async def test_every_query_shows_what_a_walk_over_the_rows_finds(
    database: Database, library: LibraryRepository, local_zone: Callable[[str], None],
    zone: str, late: float, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    local_zone(zone)
    if late == 1:
        # as where a clock was wrong for long
        monkeypatch.setattr("veo_studio.core.store.library_ids._MOST_LATE", 20)
    if zone != "UTC":
        # as in a large library, where most of it matches
        monkeypatch.setattr("veo_studio.core.store.library_ids._FEW_SORTED", 5)
        monkeypatch.setattr("veo_studio.core.store.library_ids._NEAR", 40)
    await fill(database, seed=len(zone), late=min(late, 0.3))
    stored = await everything(database)
    members = set(await library.ids(LibraryQuery(collection_id=1)))
    assert len(members) > 5
    draw = random.Random(zone)
    for _ in range(60):
        query = a_query(draw)
        found = [one for one in stored if shows(query, one, members)]
        for sort in Sort:
            query = replace(query, sort=sort)
            wanted = in_order(sort, found)
            assert list(await library.ids(query)) == wanted, query
            first = await library.ids(query, 7)
            assert list(first) == wanted[:7], query
        assert await library.count(query) == len(found)
        assert await library.matching(query, [one.id for one in stored]) == {o.id for o in found}
        newest = replace(query, sort=draw.choice((Sort.NEWEST, Sort.OLDEST)))
        wanted = in_order(newest.sort, found)
        rows = await library.first(newest, 7)
        assert [one.id for one in rows] == wanted[:7]
        days = Counter(one.created_at.astimezone().date() for one in found)
        ids, counts = await library.listed(newest)
        assert list(ids) == wanted
        assert counts == await library.days(newest)
        counted = [(one.day, one.count) for one in counts]
        assert counted == sorted(days.items(), reverse=newest.sort is Sort.NEWEST)


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_follow_each_other_without_a_gap(
    database: Database, library: LibraryRepository, sort: Sort
) -> None:
    await fill(database, seed=5)
    query = LibraryQuery(text="f", sort=sort)
    wanted = list(await library.ids(query))
    found: list[int] = []
    last: Generation | None = None
    while page := await library.after(query, last, 13):
        found += [one.id for one in page]
        last = page[-1]
    assert found == wanted


async def test_ids_are_an_array_of_eight_bytes_each(
    database: Database, library: LibraryRepository
) -> None:
    assert await library.ids(LibraryQuery()) == array("q")
    await fill(database, seed=1, count=1)
    assert (await library.ids(LibraryQuery())).typecode == "q"
