"""What stands in the lines of the library's sidebar, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from veo_studio.core.library_query import Collection, LibraryQuery, SavedSearch
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.library_places import EVERYTHING, FAVOURITES, REJECTED, Places

COLLECTIONS, SEARCHES, TAGS = "collections", "searches", "tags"
_MOST_TAGS = 200


@dataclass(frozen=True)
class Place:
    """What a line stands for; one of them."""

    query: LibraryQuery | None = None
    collection: Collection | None = None
    search: SavedSearch | None = None
    tag: str = ""

    @property
    def is_named(self) -> bool:
        """By the user, who can give it another name."""
        return self.collection is not None or self.search is not None

    def is_same(self, other: Place) -> bool:
        """The same line, also under another name or with other clips."""
        if self.collection is not None and other.collection is not None:
            return self.collection.id == other.collection.id
        if self.search is not None and other.search is not None:
            return self.search.id == other.search.id
        return self == other


@dataclass(frozen=True)
class Line:
    """A place, or else the heading of `section`, or else a hint."""

    words: str
    place: Place | None = None
    icon: str = ""
    count: int | None = None
    section: str = ""

    def is_like(self, other: Line) -> bool:
        """Of the same build: one can be written over the other."""
        return (self.place is None, self.section) == (other.place is None, other.section)


def lines_of(places: Places) -> list[Line]:
    return list(_lines(places))


def _lines(places: Places) -> Iterator[Line]:
    yield Line(tr("All"), Place(EVERYTHING), "library", places.total)
    yield Line(tr("Favourites"), Place(FAVOURITES), "heart", places.favourites)
    yield Line(tr("Rejected"), Place(REJECTED), "reject", places.rejected)
    yield Line(tr("Collections"), section=COLLECTIONS)
    for collection in places.collections:
        place = Place(LibraryQuery(collection_id=collection.id), collection=collection)
        yield Line(collection.name, place, "collection", collection.count)
    if not places.collections:
        yield Line(tr("Drop clips here to make one."))
    yield Line(tr("Saved searches"), section=SEARCHES)
    for search in places.searches:
        yield Line(search.name, Place(search.query, search=search), "bookmark")
    if not places.searches:
        yield Line(tr("A search with its filters, under a name."))
    if places.facets.tags:
        yield Line(tr("Tags"), section=TAGS)
    for tag, count in places.facets.tags[:_MOST_TAGS]:
        yield Line(tag, Place(tag=tag), "tag", count)


def can_be_written_over(shown: Sequence[Line], wanted: Sequence[Line]) -> bool:
    """Whether no line has to come or go but at the end."""
    alike = all(one.is_like(other) for one, other in zip(shown, wanted, strict=False))
    longer = max(shown, wanted, key=len)[min(len(shown), len(wanted)) :]
    return alike and all(one.place is not None for one in longer)
