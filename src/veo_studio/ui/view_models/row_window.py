"""All ids of a query in order, and the rows around what is looked at; without Qt."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from veo_studio.core.models import Generation

# so many places around where a row was last are looked at before the whole array is
_NEAR = 64
_CHUNK = 4096
# so many are looked for one by one
_FEW = 20
# a difference in more pieces than this is told as a new list
_MOST_PIECES = 64
_LARGEST_MIDDLE = 20_000


class RowWindow:
    """Which id is in which row, and the loaded ones among them."""

    def __init__(self) -> None:
        self.ids = array("q")
        self._loaded: dict[int, Generation] = {}
        # where a loaded row was last, minus what was put in front since; only ever a first guess
        self._guesses: dict[int, int] = {}
        self._in_front = 0
        # no id above this one is here: what is new is known to be so without a search
        self._highest = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def loaded_count(self) -> int:
        return len(self._loaded)

    def loaded(self) -> Iterable[Generation]:
        return self._loaded.values()

    def at(self, row: int) -> Generation | None:
        """None where it is not loaded, or where there is no such row."""
        return self._loaded.get(self.ids[row]) if 0 <= row < len(self.ids) else None

    def get(self, generation_id: int) -> Generation | None:
        return self._loaded.get(generation_id)

    def row_of(self, generation_id: int) -> int | None:
        """In microseconds for a loaded row, within a millisecond for any of a hundred thousand."""
        if generation_id > self._highest:
            return None
        row = self._near_guess(generation_id)
        if row is None:
            row = _find(self.ids, generation_id)
        if row is not None:
            self._guesses[generation_id] = row - self._in_front
        return row

    def _near_guess(self, generation_id: int) -> int | None:
        """The row where it was last, or one close by; None says nothing."""
        guess = self._guesses.get(generation_id)
        if guess is None:
            return None
        ids, guess = self.ids, guess + self._in_front
        if 0 <= guess < len(ids) and ids[guess] == generation_id:
            return guess
        start = max(0, guess - _NEAR)
        near = ids[start : guess + _NEAR] if guess >= 0 else array("q")
        return start + near.index(generation_id) if generation_id in near else None

    def absent(self, ids: Collection[int]) -> set[int]:
        """Those that have no row; many of them are looked for in one walk over all."""
        # what is new is newer than all: no walk for that
        found = {one for one in ids if one > self._highest}
        others = [
            one
            for one in ids
            if one not in found and one not in self._loaded and self._near_guess(one) is None
        ]
        if len(others) <= _FEW:
            return found.union(one for one in others if self.row_of(one) is None)
        return found | set(others).difference(self.ids)

    def put(self, generations: Iterable[Generation]) -> None:
        """These are loaded now, or have newer facts."""
        for generation in generations:
            self._loaded[generation.id] = generation

    def reset(self, ids: array[int], generations: Iterable[Generation]) -> None:
        """Another list; rows that it shares with this one stay loaded only if they are given."""
        self.ids = ids
        self._loaded = {one.id: one for one in generations}
        self._guesses, self._in_front = {}, 0
        self._highest = max(ids, default=0)

    def insert(self, row: int, ids: array[int]) -> None:
        self.ids[row:row] = ids
        self._highest = max(self._highest, max(ids, default=0))
        if row == 0:
            self._in_front += len(ids)

    def remove(self, first: int, last: int) -> None:
        for generation_id in self.ids[first : last + 1]:
            self._loaded.pop(generation_id, None)
            self._guesses.pop(generation_id, None)
        del self.ids[first : last + 1]
        if first == 0:
            self._in_front -= last + 1

    def move(self, row: int, before: int) -> None:
        """`before` counts as Qt's `beginMoveRows` does: with the row still in its old place."""
        moved = self.ids.pop(row)
        self.ids.insert(before - 1 if before > row else before, moved)

    def missing(self, first: int, last: int) -> list[int]:
        """The ids of these rows that are not loaded, from the top."""
        first = max(0, first)
        found = []
        for row, one in enumerate(self.ids[first : last + 1], first):
            if one not in self._loaded:
                # where it is does not have to be searched for when it comes
                self._guesses[one] = row - self._in_front
                found.append(one)
        return found

    def keep(self, ranges: Iterable[tuple[int, int]], held: Iterable[int] = ()) -> None:
        """Let go of every row that is in none of these ranges (both ends count) and is not held."""
        kept = set(held)
        for first, last in ranges:
            kept.update(self.ids[max(0, first) : last + 1])
        self._loaded = {one: row for one, row in self._loaded.items() if one in kept}
        self._guesses = {one: row for one, row in self._guesses.items() if one in kept}

    def places_for(
        self, generations: Iterable[Generation], *, is_newest_first: bool
    ) -> list[int | None]:
        """Where they belong in a list by time; None where the rows around that place are not loaded."""
        # what comes in is nearly always newer than all that is here
        end = 0 if is_newest_first else len(self.ids)
        newest = self.at(0 if is_newest_first else end - 1)
        placed: list[tuple[int, int]] = []
        keys: list[tuple[datetime, int]] = []
        found: list[int | None] = []
        for generation in generations:
            key = _moment(generation)
            if newest is not None and key > _moment(newest):
                found.append(end)
                continue
            if not placed:
                placed, keys = self._in_order()
            if is_newest_first:
                place = bisect_left(keys, True, key=lambda other, key=key: other < key)  # type: ignore[misc]
            else:
                place = bisect_left(keys, key)
            above = placed[place - 1][0] if place else -1
            below = placed[place][0] if place < len(placed) else len(self.ids)
            found.append(below if below == above + 1 else None)
        return found

    def _in_order(self) -> tuple[list[tuple[int, int]], list[tuple[datetime, int]]]:
        """Row and id of all that are loaded, from the top, and their moments."""
        placed = sorted((row, one) for one in self._loaded if (row := self.row_of(one)) is not None)
        return placed, [_moment(self._loaded[one]) for _, one in placed]


def place_after(ids: array[int], above: int | None) -> int | None:
    """The place behind this id, the first for None; None where the id is not there."""
    if above is None:
        return 0
    found = _find(ids, above)
    return found + 1 if found is not None else None


def _moment(generation: Generation) -> tuple[datetime, int]:
    return generation.created_at, generation.id


def _find(ids: array[int], wanted: int) -> int | None:
    """`array.index` makes an object of every number; comparing bytes is twenty times as fast."""
    content, needle = ids.tobytes(), array("q", (wanted,)).tobytes()
    found = content.find(needle)
    while found >= 0 and found % ids.itemsize:
        found = content.find(needle, found + 1)
    return found // ids.itemsize if found >= 0 else None


@dataclass(frozen=True)
class Removed:
    first: int
    last: int


@dataclass(frozen=True)
class Inserted:
    row: int
    ids: array[int]


@dataclass(frozen=True)
class Moved:
    """One row; `before` as `RowWindow.move` has it."""

    row: int
    before: int


Change = Removed | Inserted | Moved


def changes(old: array[int], new: array[int], touched: Collection[int] = ()) -> list[Change] | None:
    """What makes `new` of `old`, to be done in this order; None where a new list is simpler.

    `touched` are rows whose place may be another one; all others that stay keep their order.
    """
    start = _same_at_start(old, new)
    end = _same_at_end(old, new, start)
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    if not was:
        return [Inserted(start, now)] if now else []
    if not now:
        return [Removed(start, start + len(was) - 1)]
    if max(len(was), len(now)) > _LARGEST_MIDDLE:
        return _by_steps(old, new)
    stays = set(was) & set(now)
    done: list[Change] = [
        Removed(start + first, start + last)
        for first, last in reversed(list(_runs(was, lambda one: one not in stays)))
    ]
    order = [one for one in was if one in stays]
    wanted = [one for one in now if one in stays]
    if order != wanted:
        moved = stays & set(touched)
        fixed = [one for one in order if one not in moved]
        if len(moved) > _MOST_PIECES or fixed != [one for one in wanted if one not in moved]:
            return None
        done += _moves(order, wanted, moved, start)
    done += [
        Inserted(start + first, now[first : last + 1])
        for first, last in _runs(now, lambda one: one not in stays)
    ]
    return done if len(done) <= _MOST_PIECES else None


def _by_steps(old: array[int], new: array[int]) -> list[Change] | None:
    """For long lists with few differences: walk both, and find each other again behind a difference."""
    done: list[Change] = []
    was = now = 0
    while len(done) <= _MOST_PIECES:
        same = _same_at_start(old, new, was, now)
        was, now = was + same, now + same
        if was == len(old) or now == len(new):
            if was < len(old):
                done.append(Removed(now, now + len(old) - was - 1))
            elif now < len(new):
                done.append(Inserted(now, new[now:]))
            return done
        for step in range(1, _NEAR):
            if old[was : was + _NEAR] == new[now + step : now + step + _NEAR]:
                done.append(Inserted(now, new[now : now + step]))
                now += step
                break
            if old[was + step : was + step + _NEAR] == new[now : now + _NEAR]:
                done.append(Removed(now, now + step - 1))
                was += step
                break
        else:
            return None
    return None


def _moves(order: list[int], wanted: list[int], moved: set[int], start: int) -> Iterator[Change]:
    """Each goes behind the one that it follows, from the top, so that this one is in place already."""
    for place, one in enumerate(wanted):
        if one not in moved:
            continue
        row = order.index(one)
        before = order.index(wanted[place - 1]) + 1 if place else 0
        if before in (row, row + 1):
            continue
        yield Moved(start + row, start + before)
        order.pop(row)
        order.insert(before - 1 if before > row else before, one)


def _runs(ids: array[int], belongs: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    for place, one in enumerate(ids):
        if belongs(one):
            first = place if first is None else first
        elif first is not None:
            yield first, place - 1
            first = None
    if first is not None:
        yield first, len(ids) - 1


def _same_at_start(old: array[int], new: array[int], was: int = 0, now: int = 0) -> int:
    """How many are the same from these places on; compared as bytes, a few thousand at a time."""
    most, same = min(len(old) - was, len(new) - now), 0
    while (
        same < most
        and old[was + same : was + same + _CHUNK] == new[now + same : now + same + _CHUNK]
    ):
        same += _CHUNK
    same = min(same, most)
    while same < most and old[was + same] == new[now + same]:
        same += 1
    return same


def _same_at_end(old: array[int], new: array[int], start: int) -> int:
    most, same = min(len(old), len(new)) - start, 0
    while (
        same + _CHUNK <= most
        and old[len(old) - same - _CHUNK : len(old) - same]
        == new[len(new) - same - _CHUNK : len(new) - same]
    ):
        same += _CHUNK
    while same < most and old[len(old) - 1 - same] == new[len(new) - 1 - same]:
        same += 1
    return same
