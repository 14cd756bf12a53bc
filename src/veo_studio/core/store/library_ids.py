"""The ids of a view in their order, and how many of them every day has.

SQLite puts them into one value. The order of time needs no sorting: it is the order of ids, but for the
few rows that are late; those are put in afterwards.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.library_query import DayCount, LibraryQuery
from veo_studio.core.store.library_sql import (
    ORDERS,
    Order,
    Statement,
    among,
    matching,
    start_of,
)

# characters of ids that are read without a pause for the other threads, under a millisecond
_PIECE = 50_000
# with more late rows than this (a clock was wrong for long) everything is sorted by time
_MOST_LATE = 500
# up to so many rows are sorted as they are found
_FEW_SORTED = 10_000
_SOME = 4096
# so many rows are looked at for the first ones
_NEAR = 2000
# local days that are looked at together
_DAYS = 400
_COUNT_LATE = (
    "SELECT count(*) FROM (SELECT 1 FROM library INDEXED BY library_by_created_at "  # noqa: S608
    f"WHERE is_deleted = 0 AND is_late = 1 LIMIT {_MOST_LATE + 1})"
)
_LATE = (
    "SELECT id FROM library INDEXED BY library_by_created_at WHERE is_deleted = 0 AND is_late = 1"
)
# what the table of words has and a list by time has not; taken off afterwards, while they are few:
# a question for each row that is found costs more than all the rest
_OFF = (
    f"SELECT id FROM library INDEXED BY library_of_deleted WHERE is_deleted = 1 UNION ALL {_LATE}"  # noqa: S608
)
_FEW_OFF = f"SELECT id FROM ({_OFF}) LIMIT {2 * _MOST_LATE + 1}"  # noqa: S608
# the newest row in time that is not late and comes before `(created_at, id)`
_BEFORE = (
    "coalesce((SELECT o.id FROM library AS o INDEXED BY library_by_created_at "
    "WHERE o.is_deleted = 0 AND o.is_late = 0 AND (o.created_at, o.id) < (l.created_at, l.id) "
    "ORDER BY o.created_at DESC, o.id DESC LIMIT 1), 0)"
)


@dataclass(frozen=True)
class _Late:
    """A row whose place is right after `before`, in the order of time."""

    before: int
    created_at: str
    id: int


def read(connection: Connection, query: LibraryQuery, limit: int | None = None) -> array[int]:
    """Every match in its order, `limit` at most."""
    order = ORDERS[query.sort]
    bound = "" if limit is None else f"LIMIT {int(limit)}"
    if not order.is_by_time or (late_rows := _count_late(connection)) > _MOST_LATE:
        return _sorted(connection, query, order, limit)
    found = _on_time(connection, query, order, bound)
    if late_rows:
        found = _merged(found, _late(connection, query), order)
    return found if limit is None else found[:limit]


def after(
    connection: Connection, query: LibraryQuery, generation_id: int, limit: int
) -> array[int]:
    """The matches that come after this row, which need not be one of them."""
    order = ORDERS[query.sort]
    place = connection.exec_driver_sql(
        f"SELECT {order.key} FROM library WHERE id = ?",  # noqa: S608
        (generation_id,),
    ).first()
    if place is None:
        return array("q")
    statement = matching(query, order)
    values = {**statement.values, "key": place[0], "id": generation_id}
    sql = statement.select("l.id", f"AND {order.after} {order.clause} LIMIT {int(limit)}")
    return _ids(connection, sql, replace(statement, values=values))


def listed(connection: Connection, query: LibraryQuery) -> tuple[array[int], list[DayCount]]:
    """What `read` gives, and how many of them every local day has, where the order is that of time."""
    order = ORDERS[query.sort]
    if not order.is_by_time:
        return read(connection, query), []
    late_rows = _count_late(connection)
    counts: Counter[date] = Counter()
    if late_rows > _MOST_LATE:
        ids = read(connection, query)
        statement = matching(query)
        moments = connection.exec_driver_sql(statement.select("l.created_at"), statement.values)
        counts.update(_local_day(row[0]) for row in moments)
    else:
        ids = _on_time(connection, query, order, "")
        rising = ids[::-1] if order.is_descending else ids
        for day, first, following in _day_bounds(connection):
            if number := bisect_left(rising, following) - bisect_left(rising, first):
                counts[day] += number
        if late_rows:
            late = _late(connection, query)
            counts.update(_local_day(one.created_at) for one in late)
            ids = _merged(ids, late, order)
    days = sorted(counts.items(), reverse=order.is_descending)
    return ids, [DayCount(day, number) for day, number in days]


def _count_late(connection: Connection) -> int:
    """Up to one more than are put in by themselves."""
    return int(connection.exec_driver_sql(_COUNT_LATE).scalar_one())


def _on_time(connection: Connection, query: LibraryQuery, order: Order, bound: str) -> array[int]:
    """What matches and is not late, by id, which is by time."""
    statement = matching(query, order)
    if query.is_plain:
        sql = (
            "SELECT id FROM library INDEXED BY library_by_created_at WHERE is_deleted = 0 "  # noqa: S608
            f"AND is_late = 0 ORDER BY created_at {order.way}, id {order.way} {bound}"
        )
        return _ids(connection, sql, statement)
    if "words" in statement.values and not query.has_filter:
        return _with_words(connection, statement, order, bound)
    by = statement.number or "l.id"
    sql = statement.select("l.id", f"AND l.is_late = 0 ORDER BY {by} {order.way} {bound}")
    return _ids(connection, sql, statement)


def _with_words(
    connection: Connection, statement: Statement, order: Order, bound: str
) -> array[int]:
    found = "SELECT rowid AS id FROM generations_fts WHERE generations_fts MATCH :words"
    in_order = f"ORDER BY rowid {order.way} {bound}"
    off = [] if bound else [row[0] for row in connection.exec_driver_sql(_FEW_OFF)]
    if bound or len(off) > 2 * _MOST_LATE:
        return _ids(connection, f"{found} AND rowid NOT IN ({_OFF}) {in_order}", statement)
    ids = _ids(connection, f"{found} {in_order}", statement)
    for one in off:
        place = bisect_left(ids, -one if order.is_descending else one, key=order.rising)
        if place < len(ids) and ids[place] == one:
            del ids[place]
    return ids


def _sorted(
    connection: Connection, query: LibraryQuery, order: Order, limit: int | None
) -> array[int]:
    """By something else than time.

    To sort most of a large library takes SQLite longer than all the rest. An index has all of it in order:
    what matches is picked from that.
    """
    statement = matching(query, order)
    everything = (
        f"SELECT l.id FROM library AS l INDEXED BY {order.index} "  # noqa: S608
        f"WHERE l.is_deleted = 0 {order.clause}"
    )
    is_filter = query.has_filter and not statement.number
    if is_filter and limit is not None:
        # where many match, the first ones are soon found
        near = among(query, f"{everything} LIMIT {_NEAR}")
        found = _ids(connection, near.select("l.id", order.clause), near)
        if len(found) >= limit:
            return found[:limit]
    elif is_filter:
        found = _ids(connection, statement.select("l.id"), statement)
        if len(found) > _FEW_SORTED:
            return _picked(_ids(connection, everything, Statement("", "")), found)
    bound = "" if limit is None else f"LIMIT {int(limit)}"
    return _ids(connection, statement.select("l.id", f"{order.clause} {bound}"), statement)


def _picked(ids: array[int], wanted: array[int]) -> array[int]:
    """Those of `ids` that are wanted, some at a time: between them other threads run."""
    known: set[int] = set()
    picked = array("q")
    for start in range(0, len(wanted), _SOME):
        known.update(wanted[start : start + _SOME])
    for start in range(0, len(ids), _SOME):
        picked.extend([one for one in ids[start : start + _SOME] if one in known])
    return picked


def _late(connection: Connection, query: LibraryQuery) -> list[_Late]:
    """The late rows that match, oldest first."""
    statement = among(query, _LATE)
    sql = statement.select(f"{_BEFORE}, l.created_at, l.id")
    found = connection.exec_driver_sql(sql, statement.values)
    return sorted((_Late(*row) for row in found), key=lambda one: (one.created_at, one.id))


def _merged(found: array[int], late: list[_Late], order: Order) -> array[int]:
    merged = array("q")
    start = 0
    for one in reversed(late) if order.is_descending else late:
        if order.is_descending:
            place = bisect_left(found, -one.before, key=order.rising)
        else:
            place = bisect_right(found, one.before)
        merged += found[start:place]
        merged.append(one.id)
        start = place
    merged += found[start:]
    return merged


def _day_bounds(connection: Connection) -> Iterator[tuple[date, int, int]]:
    """Every local day with clips: its first row that is not late, and the first one after it."""
    at = "SELECT created_at, id FROM library INDEXED BY library_by_created_at WHERE is_deleted = 0 "
    rest = "AND is_late = 0 AND created_at >= ? ORDER BY created_at, id LIMIT 1"
    found = connection.exec_driver_sql(at + rest, ("",)).first()
    while found is not None:
        day = _local_day(found[0])
        spans = [day + timedelta(days=number) for number in range(_DAYS)]
        starts = [start_of(one) for one in (*spans, spans[-1] + timedelta(days=1))]
        numbers = [
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT coalesce((SELECT id FROM library INDEXED BY library_by_created_at WHERE "
                "is_deleted = 0 AND is_late = 0 AND created_at >= value "
                "ORDER BY created_at, id LIMIT 1), 9223372036854775807) FROM json_each(?)",
                (json.dumps(starts),),
            )
        ]
        for one, first, following in zip(spans, numbers, numbers[1:], strict=False):
            if first < following:
                yield one, first, following
        # years without a clip are stepped over
        found = connection.exec_driver_sql(at + rest, (starts[-1],)).first()


def _local_day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone().date()


def _ids(connection: Connection, sql: str, statement: Statement) -> array[int]:
    """The ids that `sql` selects: one value for all, read in pieces between which other threads run."""
    values: Mapping[str, Any] = statement.values
    together = connection.exec_driver_sql(
        f"SELECT group_concat(id) FROM ({sql})",  # noqa: S608
        dict(values),
    ).scalar()
    found = array("q")
    if not together:
        return found
    # a single one comes as a number
    together = str(together)
    start = 0
    while start < len(together):
        end = together.find(",", start + _PIECE)
        end = len(together) if end < 0 else end
        found += array("q", json.loads(f"[{together[start:end]}]"))
        start = end + 1
    return found
