"""Rows told to a view in as few pieces as there are: each piece costs it a look at what is in sight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def runs_of(rows: Iterable[int]) -> Iterator[range]:
    """Rows that follow each other, together; `rows` in any order."""
    first = last = -1
    for row in sorted(rows):
        if first < 0:
            first = row
        elif row > last + 1:
            yield range(first, last + 1)
            first = row
        last = row
    if first >= 0:
        yield range(first, last + 1)
