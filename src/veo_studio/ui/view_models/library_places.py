"""What the sidebar of the library lists: collections, saved searches, tags, and how much is in them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.library_query import Collection as ClipCollection
from veo_studio.core.library_query import Facets, LibraryQuery, SavedSearch
from veo_studio.core.models import GenerationKind
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.clip_pictures import Spawn

_REST_MS = 400
EVERYTHING = LibraryQuery()
FAVOURITES = LibraryQuery(favourites=True)
REJECTED = LibraryQuery(rejected=True)
PICTURES = LibraryQuery(kinds=frozenset({GenerationKind.IMAGE}))

Undo = Callable[[], Coroutine[Any, Any, None]]


class PlaceStore(Protocol):
    """What is asked of the core's library."""

    async def count(self, query: LibraryQuery) -> int: ...
    async def ids(self, query: LibraryQuery, limit: int | None = None) -> array[int]: ...
    async def facets(self) -> Facets: ...
    async def collections(self) -> list[ClipCollection]: ...
    async def create_collection(self, name: str) -> ClipCollection: ...
    async def rename_collection(self, collection_id: int, name: str) -> ClipCollection: ...
    async def delete_collection(self, collection_id: int) -> None: ...
    async def restore_collection(
        self, collection: ClipCollection, ids: Sequence[int]
    ) -> ClipCollection: ...
    async def add_to_collection(self, collection_id: int, ids: Sequence[int]) -> ClipCollection: ...
    async def remove_from_collection(
        self, collection_id: int, ids: Sequence[int]
    ) -> ClipCollection: ...
    async def saved_searches(self) -> list[SavedSearch]: ...
    async def save_search(self, name: str, query: LibraryQuery) -> SavedSearch: ...
    async def rename_search(self, search_id: int, name: str) -> SavedSearch: ...
    async def update_search(self, search_id: int, query: LibraryQuery) -> SavedSearch: ...
    async def delete_search(self, search_id: int) -> None: ...


@dataclass(frozen=True)
class Places:
    """As they were read last."""

    total: int = 0
    favourites: int = 0
    rejected: int = 0
    pictures: int = 0
    collections: tuple[ClipCollection, ...] = ()
    searches: tuple[SavedSearch, ...] = ()
    facets: Facets = field(default_factory=Facets)


class LibraryPlaces(QObject):
    """One per window. Commands raise ValueError and LookupError with a sentence.

    Signals:
        changed(): `places` are other ones.
        members_changed(int): this collection has other clips now.
        done(str, object): something that was done: in words, and a function that makes the
            coroutine which undoes it, or None where there is nothing to undo.
    """

    changed = pyqtSignal()
    members_changed = pyqtSignal(int)
    done = pyqtSignal(str, object)

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spawn = spawn
        self._store: PlaceStore | None = None
        self.places = Places()
        self._is_wanted = False
        self._is_reading = False
        self._is_stale = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self.read)

    def open(self, store: PlaceStore) -> None:
        """Reads nothing but whether there are pictures, before somebody wants to see the places."""
        self._store = store
        if self._is_wanted:
            self.read()
        else:
            self._spawn(self._look_for_pictures(), name="library: pictures")

    def want(self) -> None:
        """They are about to be shown, and read whenever clips change."""
        self._is_wanted = True
        self.read()

    async def _look_for_pictures(self) -> None:
        if await self._need().ids(PICTURES, 1) and not self.places.pictures:
            self.places = replace(self.places, pictures=1)
            self.changed.emit()

    @property
    def is_open(self) -> bool:
        return self._store is not None

    def _need(self) -> PlaceStore:
        if self._store is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._store

    # reading

    def read_soon(self, *_: object) -> None:
        """Clips changed; counts follow when it rests."""
        if self._is_wanted and not self._timer.isActive():
            self._timer.start()

    def read(self) -> None:
        if self._store is None:
            return
        self._timer.stop()
        self._is_stale = True
        if not self._is_reading:
            self._is_reading = True
            self._spawn(self._read(), name="library: places")

    async def _read(self) -> None:
        store = self._need()
        try:
            while self._is_stale:
                self._is_stale = False
                self.places = Places(
                    await store.count(EVERYTHING),
                    await store.count(FAVOURITES),
                    await store.count(REJECTED),
                    await store.count(PICTURES),
                    tuple(await store.collections()),
                    tuple(await store.saved_searches()),
                    await store.facets(),
                )
                self.changed.emit()
        finally:
            self._is_reading = False

    def collection(self, collection_id: int | None) -> ClipCollection | None:
        found = (one for one in self.places.collections if one.id == collection_id)
        return next(found, None)

    def collection_named(self, name: str) -> ClipCollection | None:
        found = (one for one in self.places.collections if one.name.casefold() == name.casefold())
        return next(found, None)

    # collections

    async def create_collection(self, name: str, ids: Sequence[int] = ()) -> ClipCollection:
        store = self._need()
        made = await store.create_collection(name)
        if ids:
            made = await store.add_to_collection(made.id, ids)
        self.read()
        return made

    async def rename_collection(self, collection_id: int, name: str) -> None:
        await self._need().rename_collection(collection_id, name)
        self.read()

    async def delete_collection(self, collection_id: int) -> None:
        """The clips stay; undo brings it back with the same ones."""
        store = self._need()
        gone = self.collection(collection_id)
        members = await store.ids(LibraryQuery(collection_id=collection_id))
        await store.delete_collection(collection_id)
        self.read()
        if gone is not None:
            words = tr("Collection \u201c{name}\u201d deleted; its clips stay.", name=gone.name)
            self.done.emit(words, lambda: self._restore(gone, members))

    async def _restore(self, collection: ClipCollection, members: array[int]) -> None:
        await self._need().restore_collection(collection, members)
        self.read()

    async def add_to_collection(self, collection_id: int, ids: Collection[int]) -> None:
        store = self._need()
        before = set(await store.ids(LibraryQuery(collection_id=collection_id)))
        made = await store.add_to_collection(collection_id, list(ids))
        fresh = [one for one in ids if one not in before]
        self._moved(collection_id)
        words = (
            tr_n("Added to \u201c{name}\u201d.", "{n} added to \u201c{name}\u201d.",
                 len(fresh), name=made.name)
            if fresh
            else tr("In \u201c{name}\u201d already.", name=made.name)
        )  # fmt: skip
        self.done.emit(words, (lambda: self._remove(collection_id, fresh)) if fresh else None)

    async def remove_from_collection(self, collection_id: int, ids: Collection[int]) -> None:
        store = self._need()
        made = await store.remove_from_collection(collection_id, list(ids))
        self._moved(collection_id)
        words = tr_n("Taken out of \u201c{name}\u201d.", "{n} taken out of \u201c{name}\u201d.",
                     len(ids), name=made.name)  # fmt: skip
        self.done.emit(words, lambda: self._add(collection_id, list(ids)))

    async def _add(self, collection_id: int, ids: list[int]) -> None:
        await self._need().add_to_collection(collection_id, ids)
        self._moved(collection_id)

    async def _remove(self, collection_id: int, ids: list[int]) -> None:
        await self._need().remove_from_collection(collection_id, ids)
        self._moved(collection_id)

    def _moved(self, collection_id: int) -> None:
        self.members_changed.emit(collection_id)
        self.read()

    # saved searches

    async def save_search(self, name: str, query: LibraryQuery) -> SavedSearch:
        made = await self._need().save_search(name, query)
        self.read()
        return made

    async def rename_search(self, search_id: int, name: str) -> None:
        await self._need().rename_search(search_id, name)
        self.read()

    async def update_search(self, search_id: int, query: LibraryQuery) -> None:
        store = self._need()
        before = next((one for one in self.places.searches if one.id == search_id), None)
        made = await store.update_search(search_id, query)
        self.read()
        if before is not None and before.query is not None:
            words = tr("\u201c{name}\u201d finds what is shown now.", name=made.name)
            old = before.query
            self.done.emit(words, lambda: self._update_back(search_id, old))

    async def _update_back(self, search_id: int, query: LibraryQuery) -> None:
        await self._need().update_search(search_id, query)
        self.read()

    async def delete_search(self, search_id: int) -> None:
        store = self._need()
        gone = next((one for one in self.places.searches if one.id == search_id), None)
        await store.delete_search(search_id)
        self.read()
        if gone is not None and gone.query is not None:
            name, query = gone.name, gone.query
            words = tr("Saved search \u201c{name}\u201d deleted.", name=name)
            self.done.emit(words, lambda: self._save_again(name, query))

    async def _save_again(self, name: str, query: LibraryQuery) -> None:
        await self.save_search(name, query)
