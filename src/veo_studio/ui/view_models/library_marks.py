"""Favourites, ratings, rejects and tags of any number of clips, with undo for more than one."""

from __future__ import annotations

import asyncio
from array import array
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.errors import StudioError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.text import tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.store.chosen import ChosenFacts, Marks

# so many rows are told at a time; the window goes on in between
_TOLD_AT_ONCE = 200
# nobody else waits long for the store, and more than these are told while they are marked
_PIECE = 500


class MarkStore(Protocol):
    """What is asked of the core's library."""

    async def set_favourite(self, ids: Sequence[int], is_favourite: bool) -> list[Generation]: ...
    async def set_rating(self, ids: Sequence[int], rating: int) -> list[Generation]: ...
    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> list[Generation]: ...
    async def add_tags(self, ids: Sequence[int], names: Collection[str]) -> list[Generation]: ...
    async def remove_tags(self, ids: Sequence[int], names: Collection[str]) -> list[Generation]: ...


class ChosenStore(Protocol):
    """What is known of many clips together."""

    async def facts(self, ids: Collection[int]) -> ChosenFacts: ...
    async def marks(self, ids: Collection[int]) -> list[Marks]: ...
    async def tags(self, ids: Collection[int]) -> dict[str, frozenset[int]]: ...
    async def collections(self, ids: Collection[int]) -> dict[str, frozenset[int]]: ...


class Work(Protocol):
    """Tells how far it is; `step` is False where the user has had enough."""

    def step(self, done: int) -> bool: ...
    def end(self) -> None: ...


Undo = Callable[[], Coroutine[Any, Any, None]]
Change = Callable[[Sequence[int]], Awaitable[list[Generation]]]
WorkMaker = Callable[[str, int], Work]


class LibraryMarks(QObject):
    """One per window. Every command takes ids, of rows that are loaded or not.

    Many are marked in pieces; what was done when the user stops it stays and can be undone.

    Signals:
        changed(str, object): clips were marked, or more than one was tagged: what was done in words,
            and a function that makes the coroutine which undoes it.
        tags_changed(): a tag came or went somewhere.
    """

    changed = pyqtSignal(str, object)
    tags_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None, *, work_of: WorkMaker | None = None) -> None:
        """`work_of(words, total)` tells of long work; `words` has the places {n} and {total}."""
        super().__init__(parent)
        self._work_of = work_of
        self._store: MarkStore | None = None
        self._chosen: ChosenStore | None = None
        self._emit: Callable[[GenerationEvent], None] = lambda _event: None

    def open(
        self, store: MarkStore, chosen: ChosenStore, emit: Callable[[GenerationEvent], None]
    ) -> None:
        """`emit` tells every view what changed."""
        self._store, self._chosen, self._emit = store, chosen, emit

    def _need(self) -> tuple[MarkStore, ChosenStore]:
        if self._store is None or self._chosen is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._store, self._chosen

    # marks

    async def set_favourite(self, ids: Sequence[int], is_favourite: bool) -> None:
        """A favourite is no longer rejected."""
        store, _ = self._need()

        def words(n: int) -> str:
            if is_favourite:
                return tr_n("{n} favourite.", "{n} favourites.", n)
            return tr_n("{n} is no favourite any more.", "{n} are no favourites any more.", n)

        await self._mark(ids, words, lambda some: store.set_favourite(some, is_favourite))

    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> None:
        """What is rejected is no longer a favourite."""
        store, _ = self._need()

        def words(n: int) -> str:
            if is_rejected:
                return tr_n("{n} rejected.", "{n} rejected.", n)
            return tr_n("{n} is not rejected any more.", "{n} are not rejected any more.", n)

        await self._mark(ids, words, lambda some: store.set_rejected(some, is_rejected))

    async def set_rating(self, ids: Sequence[int], rating: int) -> None:
        """0 takes it away."""
        store, _ = self._need()

        def words(n: int) -> str:
            if rating:
                return tr("{n} rated with {rating}.", n=n, rating=rating)
            return tr("{n} without a rating.", n=n)

        await self._mark(ids, words, lambda some: store.set_rating(some, rating))

    async def turn_favourite(self, ids: Sequence[int]) -> None:
        """Favourites, or none of them any more where all of them are."""
        before = await self._need()[1].marks(ids)
        await self.set_favourite(ids, not all(one.favourite for one in before))

    async def turn_rejected(self, ids: Sequence[int]) -> None:
        """Rejected, or not any more where all of them are."""
        before = await self._need()[1].marks(ids)
        await self.set_rejected(ids, not all(one.rejected for one in before))

    async def _mark(self, ids: Sequence[int], words: Callable[[int], str], change: Change) -> None:
        _, chosen = self._need()
        before = await chosen.marks(ids)
        done = array("q")
        problem: StudioError | None = None
        try:
            await self._each(ids, change, done)
        except StudioError as error:
            problem = error
        if len(done) < len(ids):
            kept = set(done)
            before = [one for one in before if one.generation_id in kept]
        if before:
            self.changed.emit(words(len(done)), lambda: self._restore(before))
        if problem is not None:
            raise problem

    async def _each(self, ids: Sequence[int], change: Change, done: array[int]) -> None:
        """Piece by piece until all are `done` or the user stops it."""
        work = None
        if self._work_of is not None and len(ids) > _PIECE:
            work = self._work_of("Marking: {n} of {total}.", len(ids))
        try:
            for start in range(0, len(ids), _PIECE):
                if work is not None and not work.step(len(done)):
                    break
                some = ids[start : start + _PIECE]
                rows = await change(some)
                done.extend(some)
                await self._tell(rows)
        finally:
            if work is not None:
                work.end()

    async def _restore(self, before: list[Marks]) -> None:
        marks = {one.generation_id: one for one in before}
        await self._each(
            array("q", marks), lambda some: self._put_back([marks[one] for one in some]), array("q")
        )

    async def _put_back(self, before: list[Marks]) -> list[Generation]:
        """Each as it was, in as few steps as there are different marks."""
        store, _ = self._need()
        ratings: dict[int, array[int]] = defaultdict(lambda: array("q"))
        kinds: dict[tuple[bool, bool], array[int]] = defaultdict(lambda: array("q"))
        for one in before:
            ratings[one.rating].append(one.generation_id)
            kinds[one.favourite, one.rejected].append(one.generation_id)
        for rating, ids in ratings.items():
            await store.set_rating(ids, rating)
        rows: list[Generation] = []
        for (is_favourite, is_rejected), ids in kinds.items():
            # whichever is set last wins, so the true one comes last
            if is_favourite:
                rows += await store.set_favourite(ids, True)
            else:
                await store.set_favourite(ids, False)
                rows += await store.set_rejected(ids, is_rejected)
        return rows

    # tags

    async def tags_of(self, ids: Sequence[int]) -> dict[str, frozenset[int]]:
        """Every tag that one of these has, and which of them."""
        return await self._need()[1].tags(ids)

    async def add_tags(self, ids: Sequence[int], names: Collection[str]) -> None:
        """Raises ValueError for a bad name and for too many; then none of them has it."""
        store, chosen = self._need()
        had = await chosen.tags(ids)
        done = array("q")
        try:
            await self._each(ids, lambda some: store.add_tags(some, names), done)
        except (ValueError, StudioError):
            if done:
                await self._untag(done, names, had)
            raise
        self.tags_changed.emit()
        if done and len(ids) > 1:
            words = tr("{n} tagged with \u201c{tags}\u201d.", n=len(done), tags=", ".join(names))
            self.changed.emit(words, lambda: self._untag(done, names, had))

    async def remove_tags(self, ids: Sequence[int], names: Collection[str]) -> None:
        store, chosen = self._need()
        had = await chosen.tags(ids)
        done = array("q")
        await self._each(ids, lambda some: store.remove_tags(some, names), done)
        self.tags_changed.emit()
        if done and len(ids) > 1:
            words = tr("Tag \u201c{tags}\u201d taken from {n}.", n=len(done), tags=", ".join(names))
            self.changed.emit(words, lambda: self._tag_again(names, had))

    async def _untag(
        self, ids: Sequence[int], names: Collection[str], had: dict[str, frozenset[int]]
    ) -> None:
        store, _ = self._need()
        known = {name.casefold(): members for name, members in had.items()}
        for name in names:
            before = known.get(name.casefold(), frozenset())
            fresh = array("q", [one for one in ids if one not in before])
            await self._each(fresh, partial(store.remove_tags, names=[name]), array("q"))
        self.tags_changed.emit()

    async def _tag_again(self, names: Collection[str], had: dict[str, frozenset[int]]) -> None:
        store, _ = self._need()
        wanted = {name.casefold() for name in names}
        for name, members in had.items():
            if name.casefold() in wanted:
                again = array("q", sorted(members))
                await self._each(again, partial(store.add_tags, names=[name]), array("q"))
        self.tags_changed.emit()

    # facts

    async def facts(self, ids: Sequence[int]) -> ChosenFacts:
        return await self._need()[1].facts(ids)

    async def collections_of(self, ids: Sequence[int]) -> dict[str, frozenset[int]]:
        return await self._need()[1].collections(ids)

    async def _tell(self, rows: Sequence[Generation]) -> None:
        for number, row in enumerate(rows, 1):
            self._emit(GenerationEvent(EventKind.UPDATED, row))
            if number % _TOLD_AT_ONCE == 0:
                await asyncio.sleep(0)
