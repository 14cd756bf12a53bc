"""How many rows each day has, in the order of the list; kept right while rows come and go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate


class DayCounts:
    """Days with their rows, top to bottom."""

    def __init__(self, days: Iterable[tuple[date, int]] = ()) -> None:
        self._days: list[tuple[date, int]] = [(day, count) for day, count in days if count > 0]
        self._ends: list[int] | None = None

    def __len__(self) -> int:
        return len(self._days)

    def items(self) -> list[tuple[date, int]]:
        return list(self._days)

    @property
    def rows(self) -> int:
        ends = self._sums()
        return ends[-1] if ends else 0

    def day_of(self, row: int) -> date | None:
        place = bisect_right(self._sums(), row)
        return self._days[place][0] if place < len(self._days) else None

    def insert(self, row: int, day: date, count: int = 1) -> None:
        """Rows of this day came in there; a day that was not there yet begins or ends beside them."""
        ends = self._sums()
        place = bisect_right(ends, row)
        # the day that ends right above it, the one it came into, else a new one between them
        start = ends[place - 1] if place else 0
        for near in (place - 1, place) if start == row else (place,):
            if 0 <= near < len(self._days) and self._days[near][0] == day:
                self._grow(near, count)
                return
        if start == row or not self._days:
            self._days.insert(place, (day, count))
            self._ends = None
        else:
            self._grow(place, count)  # its clock went back: it stays with those around it

    def remove(self, first: int, last: int) -> None:
        left = last - first + 1
        while left > 0:
            place = bisect_right(self._sums(), first)
            if place >= len(self._days):
                return
            here = min(left, self._sums()[place] - first)
            self._grow(place, -here)
            left -= here

    def _grow(self, place: int, by: int) -> None:
        day, count = self._days[place]
        if count + by > 0:
            self._days[place] = (day, count + by)
        else:
            del self._days[place]
        self._ends = None

    def _sums(self) -> list[int]:
        if self._ends is None:
            self._ends = list(accumulate(count for _, count in self._days))
        return self._ends
