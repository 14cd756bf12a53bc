"""Rows that are folded away: from rows to places among those that are shown, and back. Without Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class HiddenRows:
    """A sorted list; finding a row among a hundred thousand takes the time of its logarithm."""

    def __init__(self, rows: Iterable[int] = ()) -> None:
        self.rows = sorted(set(rows))
        # how many shown rows lie above each hidden one; never falls
        self._shown_above = [row - number for number, row in enumerate(self.rows)]

    def __contains__(self, row: int) -> bool:
        place = bisect_left(self.rows, row)
        return place < len(self.rows) and self.rows[place] == row

    def place(self, row: int) -> int:
        """How many shown rows lie above this one."""
        return row - bisect_left(self.rows, row)

    def row(self, place: int) -> int:
        """The row that is shown at this place."""
        return place + bisect_right(self._shown_above, place)
