"""Generations as the store would give them."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from veo_studio.core.library_query import DayCount, LibraryQuery, Sort
from veo_studio.core.models import (
    Charge,
    Generation,
    GenerationKind,
    GenerationState,
    VideoConfig,
)

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
_ids = itertools.count(1)


def a_generation(**fields: Any) -> Generation:
    """One generation; `fields` replaces what matters to a test."""
    number = fields.pop("id", None) or next(_ids)
    values: dict[str, Any] = {
        "id": number,
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "kind": GenerationKind.VIDEO,
        "provider": "rehearsal",
        "model": "rehearsal-1",
        "prompt": "A paper boat on a rainy street",
        "config": VideoConfig(),
        "state": GenerationState.PENDING,
        "state_cause": "asked for",
        "charge": Charge.NOT_CHARGED,
        "tokens": 0,
        "price_usd": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Generation(**{**values, **fields})


class FakeLibrary:
    """A library in memory, as lists read it; `reads` tells what was asked for.

    Knows the text and the favourites of a query, and every order but that of prices.
    """

    def __init__(self, rows: Collection[Generation] = ()) -> None:
        self.rows = list(rows)
        self.reads: list[tuple[str, Any]] = []
        self.fail_with: Exception | None = None

    def replace(self, generation: Generation) -> None:
        """It is stored like this now."""
        self.remove(generation.id)
        self.rows.append(generation)

    def remove(self, generation_id: int) -> None:
        self.rows = [row for row in self.rows if row.id != generation_id]

    async def first(self, query: LibraryQuery, limit: int) -> list[Generation]:
        self._note("first", query)
        return self._matching(query)[:limit]

    async def listed(self, query: LibraryQuery) -> tuple[array[int], list[DayCount]]:
        self._note("listed", query)
        found = self._matching(query)
        days = (row.created_at.astimezone().date() for row in found)
        counts = [DayCount(day, len(list(same))) for day, same in itertools.groupby(days)]
        is_by_time = query.sort in (Sort.NEWEST, Sort.OLDEST)
        return array("q", [row.id for row in found]), counts if is_by_time else []

    async def by_ids(self, ids: Sequence[int]) -> list[Generation]:
        self._note("by_ids", list(ids))
        known = {row.id: row for row in self.rows}
        return [known[one] for one in ids if one in known]

    async def matching(self, query: LibraryQuery, ids: Sequence[int]) -> set[int]:
        self._note("matching", list(ids))
        return {row.id for row in self._matching(query)}.intersection(ids)

    def reads_of(self, what: str) -> list[Any]:
        return [asked for name, asked in self.reads if name == what]

    def _note(self, what: str, asked: Any) -> None:
        self.reads.append((what, asked))
        if self.fail_with is not None:
            raise self.fail_with

    def _matching(self, query: LibraryQuery) -> list[Generation]:
        words = query.text.casefold().split()
        found = [
            row
            for row in self.rows
            if all(word in row.prompt.casefold() for word in words)
            and (row.favourite or not query.favourites)
            and query.published in (None, row.published_at is not None)
            and (not query.states or row.state in query.states)
        ]
        key, is_falling = {
            Sort.NEWEST: (lambda row: (row.created_at, row.id), True),
            Sort.OLDEST: (lambda row: (row.created_at, row.id), False),
            Sort.LONGEST: (lambda row: (row.length_s or 0, row.id), True),
            Sort.SHORTEST: (lambda row: (row.length_s or 0, row.id), False),
            Sort.LARGEST: (lambda row: (row.size_bytes or 0, row.id), True),
            Sort.BEST_RATED: (lambda row: (row.rating, row.id), True),
            Sort.PROMPT: (lambda row: (row.prompt.casefold(), row.id), False),
            Sort.PUBLISHED: (
                lambda row: (row.published_at or datetime.min.replace(tzinfo=UTC), row.id),
                True,
            ),
        }[query.sort]
        return sorted(found, key=key, reverse=is_falling)
