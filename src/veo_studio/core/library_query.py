"""What a view of the library shows: a search, filters and an order, as one value; and what answers it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from collections.abc import Collection as Many
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from math import isfinite
from typing import Any, TypeVar

from veo_studio.core.models import Charge, GenerationKind, GenerationState

MAX_RATING = 5
MAX_TAG_LENGTH = 64
MAX_TAGS = 32
_FORMAT = 1
_E = TypeVar("_E", bound=Enum)


class Sort(Enum):
    """The order of the rows; what has no length, size or price comes last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    SHORTEST = "shortest"
    LARGEST = "largest"
    BEST_RATED = "best_rated"
    DEAREST = "dearest"
    PROMPT = "prompt"
    # the newest publication first; drafts come last
    PUBLISHED = "published"


@dataclass(frozen=True)
class LibraryQuery:
    """Every condition holds; an empty set or None is no condition.

    `text`: every word is the beginning of a word of the prompt, the model, the caption or a tag.
    `tags`: all of them. `rejected`: False hides what was rejected, True shows only that. `since` and
    `until` are local days, both inclusive; `least_s` and `most_s` bound the length of the clip.
    `published`: True shows only what is published, False only what is not.
    """

    text: str = ""
    states: frozenset[GenerationState] = frozenset()
    kinds: frozenset[GenerationKind] = frozenset()
    models: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    aspects: frozenset[str] = frozenset()
    charges: frozenset[Charge] = frozenset()
    tags: frozenset[str] = frozenset()
    favourites: bool = False
    least_rating: int = 0
    rejected: bool | None = None
    since: date | None = None
    until: date | None = None
    least_s: float | None = None
    most_s: float | None = None
    collection_id: int | None = None
    published: bool | None = None
    sort: Sort = Sort.NEWEST

    @property
    def has_filter(self) -> bool:
        """True where something else than its text narrows it down."""
        return replace(self, text="", sort=Sort.NEWEST) != _PLAIN

    @property
    def is_plain(self) -> bool:
        """True where it shows the whole library."""
        return not self.text.strip() and not self.has_filter

    def to_json(self) -> dict[str, Any]:
        """Only what differs from the plain query."""
        stored: dict[str, Any] = {"format": _FORMAT}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(_PLAIN, field.name):
                stored[field.name] = _plain_value(value)
        return stored

    @classmethod
    def from_json(cls, stored: object) -> LibraryQuery:
        """ValueError for what this version does not know: a wider answer would be a wrong one."""
        if not isinstance(stored, Mapping) or stored.get("format") != _FORMAT:
            raise ValueError("This search was saved by another version of Veo Studio.")
        known = {field.name for field in fields(cls)}
        if strange := sorted(str(name) for name in stored.keys() - known - {"format"}):
            raise ValueError(f"This search asks for something unknown: {strange[0]}.")
        try:
            return cls(
                **{name: _READ[name](value) for name, value in stored.items() if name != "format"}
            )
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"This search cannot be read: {error}.") from error


_PLAIN = LibraryQuery()


def _plain_value(value: object) -> Any:
    if isinstance(value, frozenset):
        return sorted(_plain_value(item) for item in value)
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is expected")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a whole number is expected")
    return value


def _seconds(value: object) -> float:
    if type(value) not in (int, float) or not isfinite(value):  # type: ignore[arg-type]
        raise TypeError("a number of seconds is expected")
    return float(value)  # type: ignore[arg-type]


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return frozenset(_text(item) for item in value)


def _rating(value: object) -> int:
    if not 0 <= (rating := _whole(value)) <= MAX_RATING:
        raise ValueError("a rating is 0 to 5")
    return rating


def _states(value: object) -> frozenset[GenerationState]:
    return frozenset(map(GenerationState, _texts(value)))


def _kinds(value: object) -> frozenset[GenerationKind]:
    return frozenset(map(GenerationKind, _texts(value)))


def _charges(value: object) -> frozenset[Charge]:
    return frozenset(map(Charge, _texts(value)))


def _day(value: object) -> date:
    return date.fromisoformat(_text(value))


_READ: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "states": _states,
    "kinds": _kinds,
    "models": _texts,
    "providers": _texts,
    "aspects": _texts,
    "charges": _charges,
    "tags": _texts,
    "favourites": _flag,
    "least_rating": _rating,
    "rejected": _flag,
    "since": _day,
    "until": _day,
    "least_s": _seconds,
    "most_s": _seconds,
    "collection_id": _whole,
    "published": _flag,
    "sort": Sort,
}


@dataclass(frozen=True)
class DayCount:
    """A local day and how many rows it has."""

    day: date
    count: int


@dataclass(frozen=True)
class Facets:
    """What there is to filter by, the most frequent first, with how often."""

    models: tuple[tuple[str, int], ...] = ()
    providers: tuple[tuple[str, int], ...] = ()
    aspects: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Collection:
    """A set of clips that the user put together; `count` without what was deleted."""

    id: int
    name: str
    count: int = 0


@dataclass(frozen=True)
class SavedSearch:
    """A search under a name. `query` is None where a newer Veo Studio saved what this one cannot read."""

    id: int
    name: str
    query: LibraryQuery | None


def clean_name(text: str, what: str) -> str:
    """`text` as the name of a tag, collection or search: one line, trimmed. ValueError for a bad one."""
    text = unicodedata.normalize("NFC", text)
    # the joiner is what holds an emoji of several together
    name = " ".join("".join(c if c.isprintable() or c == "\u200d" else " " for c in text).split())
    if not name:
        raise ValueError(f"A {what} needs a name.")
    if len(name) > MAX_TAG_LENGTH:
        raise ValueError(f"The name of a {what} has at most {MAX_TAG_LENGTH} characters.")
    return name


def clean_tags(names: Many[str]) -> list[str]:
    """The tags as they are stored, each once whatever its case. ValueError for a bad one."""
    found: dict[str, str] = {}
    for name in names:
        clean = clean_name(name, "tag")
        found.setdefault(folded(clean), clean)
    return list(found.values())


def folded(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.casefold()
