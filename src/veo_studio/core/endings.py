"""Rows that a user is ending or changing now: nothing else is done to them meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from veo_studio.core.models import Generation


@dataclass
class Ending:
    """`kept` ran when this began, and may run at its provider until it is decided what becomes of it.

    `goes_on` is set where it is decided that the row goes on after all.
    """

    kept: Generation | None = None
    goes_on: Generation | None = None


class Endings:
    """One at a time on each row, so that a second one finds what the first has decided."""

    def __init__(self) -> None:
        self._current: dict[int, Ending] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def __contains__(self, generation_id: int) -> bool:
        return generation_id in self._current

    @property
    def kept(self) -> dict[int, Generation]:
        """What ran and is being ended, by id."""
        return {number: e.kept for number, e in self._current.items() if e.kept is not None}

    def lock(self, generation_id: int) -> asyncio.Lock:
        return self._locks.setdefault(generation_id, asyncio.Lock())

    @contextmanager
    def of(self, generation_id: int) -> Iterator[Ending]:
        ending = self._current[generation_id] = Ending()
        try:
            yield ending
        finally:
            del self._current[generation_id]

    def keep(self, generation_id: int, generation: Generation) -> None:
        """What is stopped for the ending of this row."""
        self._current[generation_id].kept = generation
