"""Favourites, ratings, rejects and tags of any number of clips, with undo for more than one."""

from __future__ import annotations

import asyncio
from array import array
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.ui.text import tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.store.chosen import ChosenFacts, Marks

# so many rows are told at a time; the window goes on in between
_TOLD_AT_ONCE = 200


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


Undo = Callable[[], Coroutine[Any, Any, None]]


class LibraryMarks(QObject):
    """One per window. Every command takes ids, of rows that are loaded or not.

    Signals:
        changed(str, object): more than one clip was marked: what was done in words, and a function
            that makes the coroutine which undoes it.
        tags_changed(): a tag came or went somewhere.
    """

    changed = pyqtSignal(str, object)
    tags_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
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
        words = (
            tr_n("{n} favourite.", "{n} favourites.", len(ids))
            if is_favourite
            else tr_n("{n} is no favourite any more.", "{n} are no favourites any more.", len(ids))
        )
        await self._mark(ids, words, lambda: store.set_favourite(ids, is_favourite))

    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> None:
        """What is rejected is no longer a favourite."""
        store, _ = self._need()
        words = (
            tr_n("{n} rejected.", "{n} rejected.", len(ids))
            if is_rejected
            else tr_n("{n} is not rejected any more.", "{n} are not rejected any more.", len(ids))
        )
        await self._mark(ids, words, lambda: store.set_rejected(ids, is_rejected))

    async def set_rating(self, ids: Sequence[int], rating: int) -> None:
        """0 takes it away."""
        store, _ = self._need()
        words = (
            tr("{n} rated with {rating}.", n=len(ids), rating=rating)
            if rating
            else tr("{n} without a rating.", n=len(ids))
        )
        await self._mark(ids, words, lambda: store.set_rating(ids, rating))

    async def turn_favourite(self, ids: Sequence[int]) -> None:
        """Favourites, or none of them any more where all of them are."""
        before = await self._need()[1].marks(ids)
        await self.set_favourite(ids, not all(one.favourite for one in before))

    async def turn_rejected(self, ids: Sequence[int]) -> None:
        """Rejected, or not any more where all of them are."""
        before = await self._need()[1].marks(ids)
        await self.set_rejected(ids, not all(one.rejected for one in before))

    async def _mark(
        self, ids: Sequence[int], words: str, work: Callable[[], Awaitable[list[Generation]]]
    ) -> None:
        _, chosen = self._need()
        before = await chosen.marks(ids) if len(ids) > 1 else []
        await self._tell(await work())
        if before:
            self.changed.emit(words, lambda: self._restore(before))

    async def _restore(self, before: list[Marks]) -> None:
        """Each as it was, in as few steps as there are different marks."""
        store, _ = self._need()
        ratings: dict[int, array[int]] = defaultdict(lambda: array("q"))
        kinds: dict[tuple[bool, bool], array[int]] = defaultdict(lambda: array("q"))
        for one in before:
            ratings[one.rating].append(one.generation_id)
            kinds[one.favourite, one.rejected].append(one.generation_id)
        for rating, ids in ratings.items():
            await store.set_rating(ids, rating)
        for (is_favourite, is_rejected), ids in kinds.items():
            # whichever is set last wins, so the true one comes last
            if is_favourite:
                await self._tell(await store.set_favourite(ids, True))
            else:
                await store.set_favourite(ids, False)
                await self._tell(await store.set_rejected(ids, is_rejected))

    # tags

    async def tags_of(self, ids: Sequence[int]) -> dict[str, frozenset[int]]:
        """Every tag that one of these has, and which of them."""
        return await self._need()[1].tags(ids)

    async def add_tags(self, ids: Sequence[int], names: Collection[str]) -> None:
        """Raises ValueError for a bad name and for too many."""
        store, chosen = self._need()
        had = await chosen.tags(ids)
        await self._tell(await store.add_tags(ids, names))
        self.tags_changed.emit()
        if len(ids) > 1:
            words = tr("{n} tagged with \u201c{tags}\u201d.", n=len(ids), tags=", ".join(names))
            self.changed.emit(words, lambda: self._untag(ids, names, had))

    async def remove_tags(self, ids: Sequence[int], names: Collection[str]) -> None:
        store, chosen = self._need()
        had = await chosen.tags(ids)
        await self._tell(await store.remove_tags(ids, names))
        self.tags_changed.emit()
        if len(ids) > 1:
            words = tr("Tag \u201c{tags}\u201d taken from {n}.", n=len(ids), tags=", ".join(names))
            self.changed.emit(words, lambda: self._tag_again(names, had))

    async def _untag(
        self, ids: Sequence[int], names: Collection[str], had: dict[str, frozenset[int]]
    ) -> None:
        store, _ = self._need()
        known = {name.casefold(): members for name, members in had.items()}
        for name in names:
            before = known.get(name.casefold(), frozenset())
            fresh = array("q", [one for one in ids if one not in before])
            await self._tell(await store.remove_tags(fresh, [name]))
        self.tags_changed.emit()

    async def _tag_again(self, names: Collection[str], had: dict[str, frozenset[int]]) -> None:
        store, _ = self._need()
        wanted = {name.casefold() for name in names}
        for name, members in had.items():
            if name.casefold() in wanted:
                await self._tell(await store.add_tags(array("q", sorted(members)), [name]))
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
