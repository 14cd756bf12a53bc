"""A `LibraryQuery` as SQL over `library`, `generations_fts` and the tables of names.

Only names and numbers of our own are put together here; whatever a user typed is bound.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any

from veo_studio.core.library_query import MAX_TAGS, LibraryQuery, Sort, clean_name, folded

# more words than anybody types; SQLite refuses an expression of hundreds
_MAX_WORDS = 64


@dataclass(frozen=True)
class Order:
    """By `key`, then by id, both in one direction; what has no key is last."""

    key: str
    is_descending: bool
    index: str

    @property
    def is_by_time(self) -> bool:
        return self.key == "created_at"

    @property
    def way(self) -> str:
        return "DESC" if self.is_descending else "ASC"

    def rising(self, number: int) -> int:
        """Of the ids in this order, by time: what rises with them."""
        return -number if self.is_descending else number

    @property
    def clause(self) -> str:
        return f"ORDER BY l.{self.key} {self.way} NULLS LAST, l.id {self.way}"

    @property
    def after(self) -> str:
        """What comes after the row with `:key` and `:id`."""
        than = "<" if self.is_descending else ">"
        return (
            f"(CASE WHEN :key IS NULL THEN l.{self.key} IS NULL AND l.id {than} :id "
            f"ELSE l.{self.key} IS NULL OR (l.{self.key}, l.id) {than} (:key, :id) END)"
        )


ORDERS = {
    Sort.NEWEST: Order("created_at", True, "library_by_created_at"),
    Sort.OLDEST: Order("created_at", False, "library_by_created_at"),
    Sort.LONGEST: Order("length_s", True, "library_by_length"),
    Sort.SHORTEST: Order("length_s", False, "library_by_length"),
    Sort.LARGEST: Order("size_bytes", True, "library_by_size"),
    Sort.BEST_RATED: Order("worth", True, "library_by_worth"),
    Sort.DEAREST: Order("cost_micros", True, "library_by_cost"),
    Sort.PROMPT: Order("prompt_start", False, "library_by_prompt"),
    Sort.PUBLISHED: Order("published_at", True, "library_by_published"),
}


@dataclass(frozen=True)
class Statement:
    """`FROM ... WHERE ...` of everything that matches; `l` is the row of `library`.

    `number` is the column by which the rows come in the order of their ids, "" where they do not.
    """

    source: str
    terms: str
    values: dict[str, Any] = field(default_factory=dict)
    number: str = ""

    def select(self, columns: str, rest: str = "") -> str:
        return f"SELECT {columns} {self.source} WHERE {self.terms} {rest}"


def matching(query: LibraryQuery, order: Order | None = None) -> Statement:
    """Rows that `query` shows, without an order; `order` is how they will be read."""
    terms, values = _filters(query)
    # what names its rows is read first, then the narrow row of each
    if words := match_words(query.text):
        source, number = "generations_fts AS d", "d.rowid"
        terms.insert(0, "d.generations_fts MATCH :words")
        values["words"] = words
    elif query.text.strip():
        # signs alone are no words
        source, number, terms = "(SELECT 0 AS id WHERE 0) AS d", "d.id", ["0"]
    elif query.collection_id is not None:
        source, number = "collection_items AS d", "d.generation_id"
        terms.insert(0, "d.collection_id = :collection")
    elif query.tags:
        source, number = "generation_tags AS d", "d.generation_id"
        terms.insert(0, "d.tag_id = (SELECT id FROM tags WHERE folded = :tag0)")
    else:
        order = order or ORDERS[Sort.NEWEST]
        # it is quicker to sort what is left than to look at every row in another order than that of
        # the table, which is the order of ids
        index = f"INDEXED BY {order.index}" if query.is_plain else "NOT INDEXED"
        if query.published:
            # mostly a few of many
            index = "INDEXED BY library_by_published"
        return Statement(f"FROM library AS l {index}", " AND ".join(terms), values)
    source = f"FROM {source} CROSS JOIN library AS l ON l.id = {number}"
    return Statement(source, " AND ".join(terms), values, number)


def among(query: LibraryQuery, ids: str) -> Statement:
    """Those of a few rows that `query` shows; `ids` is a statement that gives them as `id`."""
    terms, values = _filters(query)
    source = f"FROM ({ids}) AS a CROSS JOIN library AS l ON l.id = a.id"
    words = match_words(query.text)
    if words:
        source += " CROSS JOIN generations_fts AS f ON f.rowid = l.id"
        terms.append("f.generations_fts MATCH :words")
        values["words"] = words
    elif query.text.strip():
        terms.append("0")
    return Statement(source, " AND ".join(terms), values)


def _filters(query: LibraryQuery) -> tuple[list[str], dict[str, Any]]:
    """Everything but its words, as conditions on `l` and their values."""
    terms: list[str] = ["l.is_deleted = 0"]
    values: dict[str, Any] = {}
    _add_sets(query, terms, values)
    _add_marks(query, terms, values)
    _add_ranges(query, terms, values)
    return terms, values


def _add_sets(query: LibraryQuery, terms: list[str], values: dict[str, Any]) -> None:
    for column, wanted in (
        ("state", query.states),
        ("kind", query.kinds),
        ("charge", query.charges),
        ("provider", query.providers),
        ("model", query.models),
        ("aspect", query.aspects),
    ):
        names = []
        texts = sorted(str(item.value if isinstance(item, Enum) else item) for item in wanted)
        for number, value in enumerate(texts):
            values[f"{column}{number}"] = value
            names.append(f":{column}{number}")
        if names:
            terms.append(f"l.{column} IN ({', '.join(names)})")
    if len(query.tags) > MAX_TAGS:
        # no clip has so many
        terms.append("0")
    for number, tag in enumerate(sorted(query.tags)[:MAX_TAGS]):
        values[f"tag{number}"] = _stored_tag(tag)
        terms.append(
            "EXISTS (SELECT 1 FROM generation_tags AS gt "  # noqa: S608
            "WHERE gt.generation_id = l.id AND "
            f"gt.tag_id = (SELECT id FROM tags WHERE folded = :tag{number}))"
        )
    if query.collection_id is not None:
        values["collection"] = query.collection_id
        terms.append(
            "EXISTS (SELECT 1 FROM collection_items AS ci WHERE ci.collection_id = :collection "
            "AND ci.generation_id = l.id)"
        )


def _stored_tag(tag: str) -> str:
    """As it is looked up; "" for what no tag can be, which none is stored as."""
    try:
        return folded(clean_name(tag, "tag"))
    except ValueError:
        return ""


def _add_marks(query: LibraryQuery, terms: list[str], values: dict[str, Any]) -> None:
    if query.favourites:
        terms.append("l.favourite = 1")
    if query.rejected is not None:
        terms.append(f"l.rejected = {int(query.rejected)}")
    if query.published is not None:
        is_there = "IS NOT NULL" if query.published else "IS NULL"
        terms.append(f"l.published_at {is_there}")
    if query.least_rating > 0:
        terms.append("l.rating >= :least_rating")
        values["least_rating"] = query.least_rating


def _add_ranges(query: LibraryQuery, terms: list[str], values: dict[str, Any]) -> None:
    if query.since is not None:
        terms.append("l.created_at >= :since")
        values["since"] = start_of(query.since)
    if query.until is not None and query.until < date.max:
        terms.append("l.created_at < :until")
        values["until"] = start_of(query.until + timedelta(days=1))
    if query.least_s is not None:
        terms.append("l.length_s >= :least_s")
        values["least_s"] = query.least_s
    if query.most_s is not None:
        terms.append("l.length_s <= :most_s")
        values["most_s"] = query.most_s


def start_of(day: date) -> str:
    """The first moment of a local day as it is stored; days with a change of the clock included."""
    try:
        moment = datetime.combine(day, time()).astimezone().astimezone(UTC)
    except (OverflowError, OSError, ValueError):
        # beyond what the system's calendar can do
        moment = datetime.combine(day, time(), UTC)
    return moment.isoformat(timespec="microseconds")


def ids_json(ids: Any) -> str:
    """Any number of ids as one value: SQLite takes only so many."""
    return json.dumps([int(number) for number in ids])


def match_words(search: str) -> str:
    """The user's words as an FTS5 query: each one a prefix, all of them required, nothing an operator."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", search), flags=re.UNICODE)
    return " ".join(f'"{word}"*' for word in words[:_MAX_WORDS])
