"""The questions behind `core/insights.py`, asked of the database so that SQLite does all the counting.

Every row is read once, from an index that holds all that is asked for, in the order that it is grouped
by: of a hundred thousand rows only the sums of a model's day ever reach Python. A day is what it is
where the user lives, so its first and last moment come from outside as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.insights import (
    Cell,
    DayRange,
    FailureCount,
    Figures,
    Insights,
    Taken,
)
from veo_studio.core.models import ErrorKind
from veo_studio.core.store.database import Database
from veo_studio.core.store.library_sql import start_of
from veo_studio.core.store.moves import utc_now


class InsightsRepository:
    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    def today(self) -> date:
        """The day where the user lives."""
        return self._clock().astimezone().date()

    async def look(self, days: DayRange, *, provider: str = "", model: str = "") -> Insights:
        """Everything about `days`, of one provider or model where they are named."""
        return await self._database.read_apart(
            lambda connection: look(connection, days, provider=provider, model=model)
        )


def look(
    connection: Connection, days: DayRange, *, provider: str = "", model: str = ""
) -> Insights:
    first = _first_day(connection)
    since = days.since or min(first or days.until, days.until)
    _fill_days(connection, since, days.until, first or since)
    everything = _fill_models(connection, provider, model)
    span = {"start": start_of(since), "stop": start_of(days.until + timedelta(days=1))}
    asked = {"provider": provider, "model": model}
    return Insights(
        since=since,
        until=days.until,
        cells=tuple(_cells(connection.exec_driver_sql(_CELLS, asked).all(), since)),
        taken=tuple(Taken(*row) for row in connection.exec_driver_sql(_TAKEN, span)),
        failures=tuple(FailureCount(*row) for row in connection.exec_driver_sql(_FAILURES, span)),
        models=everything,
    )


def _cells(rows: Any, since: date) -> Iterator[Cell]:
    for number, provider, model, *figures in rows:
        yield Cell(since + timedelta(days=number), provider, model, Figures(*figures))


def _first_day(connection: Connection) -> date | None:
    """Of the oldest booking of a generation; None for an empty library."""
    found = connection.exec_driver_sql(_FIRST).scalar()
    return None if found is None else datetime.fromisoformat(found).astimezone().date()


def _fill_days(connection: Connection, since: date, until: date, first: date) -> None:
    """A row for each day of the range from the library's first one on."""
    connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS insight_days "
        "(n INTEGER PRIMARY KEY, start TEXT NOT NULL, stop TEXT NOT NULL)"
    )
    connection.exec_driver_sql("DELETE FROM insight_days")
    begin = max(since, first)
    edges = [start_of(begin + timedelta(days=n)) for n in range((until - begin).days + 2)]
    rows = [
        ((begin - since).days + number, edges[number], edges[number + 1])
        for number in range(len(edges) - 1)
    ]
    if rows:
        connection.exec_driver_sql("INSERT INTO insight_days VALUES (?, ?, ?)", rows)


def _fill_models(connection: Connection, provider: str, model: str) -> tuple[tuple[str, str], ...]:
    """A row for each model that is asked about; returns all that there are."""
    connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS insight_models "
        "(n INTEGER PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL)"
    )
    connection.exec_driver_sql("DELETE FROM insight_models")
    found = tuple((row[0], row[1]) for row in connection.exec_driver_sql(_MODELS))
    rows = [
        (number, *one)
        for number, one in enumerate(found)
        if provider in ("", one[0]) and model in ("", one[1])
    ]
    if rows:
        connection.exec_driver_sql("INSERT INTO insight_models VALUES (?, ?, ?)", rows)
    return found


_FIRST = (
    "SELECT booked_at FROM wallet_entries WHERE generation_id IS NOT NULL "
    "ORDER BY booked_at LIMIT 1"
)

# from one provider and one model to the next by the index, instead of past every row
_MODELS = """
WITH RECURSIVE providers (provider) AS (
    SELECT min(provider) FROM generations
    UNION ALL
    SELECT (SELECT min(g.provider) FROM generations AS g WHERE g.provider > p.provider)
    FROM providers AS p WHERE p.provider IS NOT NULL
), found (provider, model) AS (
    SELECT provider, (SELECT min(g.model) FROM generations AS g WHERE g.provider = p.provider)
    FROM providers AS p WHERE p.provider IS NOT NULL
    UNION ALL
    SELECT provider, (SELECT min(g.model) FROM generations AS g
        WHERE g.provider = f.provider AND g.model > f.model)
    FROM found AS f WHERE f.model IS NOT NULL
)
SELECT provider, model FROM found WHERE model IS NOT NULL ORDER BY provider, model
"""

# The order of the joins is the order of the groups, so nothing is sorted but the money: its index
# is by day, and what it was spent on is looked up.
_ENDED = """
    FROM insight_models AS m CROSS JOIN insight_days AS d
    CROSS JOIN generations AS g INDEXED BY generations_by_ending
        ON g.provider = m.provider AND g.model = m.model AND g.state = '{state}'
        AND g.finished_at >= d.start AND g.finished_at < d.stop
    GROUP BY m.n, d.n
"""
_REFUSED = f"g.error_kind IS '{ErrorKind.CONTENT_FILTERED.value}'"
_CELLS = f"""
SELECT day, provider, model, sum(completed), sum(failed), sum(refused), sum(cancelled),
    sum(video_s), sum(kept), sum(rejected), sum(tokens), sum(cost), sum(estimated)
FROM (
    SELECT d.n AS day, m.provider AS provider, m.model AS model, count(*) AS completed,
        0 AS failed, 0 AS refused, 0 AS cancelled, total(g.length_s) AS video_s,
        sum(g.favourite AND NOT g.rejected AND g.deleted_at IS NULL) AS kept,
        sum(g.rejected OR g.deleted_at IS NOT NULL) AS rejected,
        0 AS tokens, 0 AS cost, 0 AS estimated
    {_ENDED.format(state="completed")}
    UNION ALL
    SELECT d.n, m.provider, m.model, 0, sum(NOT {_REFUSED}), sum({_REFUSED}), 0, 0.0, 0, 0, 0, 0, 0
    {_ENDED.format(state="failed")}
    UNION ALL
    SELECT d.n, m.provider, m.model, 0, 0, 0, count(*), 0.0, 0, 0, 0, 0, 0
    {_ENDED.format(state="cancelled")}
    UNION ALL
    SELECT d.n, g.provider, g.model, 0, 0, 0, 0, 0.0, 0, 0, -sum(e.tokens), -sum(e.cost_micros),
        -sum(CASE WHEN g.cost_usd IS NULL THEN e.cost_micros ELSE 0 END)
    FROM insight_days AS d
    CROSS JOIN wallet_entries AS e INDEXED BY wallet_entries_of_generations
        ON e.generation_id IS NOT NULL AND (e.cost_micros <> 0 OR e.tokens <> 0)
        AND e.booked_at >= d.start AND e.booked_at < d.stop
    CROSS JOIN generations AS g INDEXED BY generations_by_price ON g.id = e.generation_id
    WHERE :provider IN ('', g.provider) AND :model IN ('', g.model)
    GROUP BY d.n, g.provider, g.model
)
GROUP BY day, provider, model
"""  # noqa: S608

# How often each tenth of a second occurs comes from the index in order; the windows then run over
# some thousand of those instead of every row.
_TAKEN = """
WITH taken AS MATERIALIZED (
    SELECT m.provider AS provider, m.model AS model, g.took_s AS took_s, count(*) AS n
    FROM insight_models AS m
    CROSS JOIN generations AS g INDEXED BY generations_by_took
        ON g.provider = m.provider AND g.model = m.model AND g.took_s >= 0
        AND g.finished_at >= :start AND g.finished_at < :stop
    GROUP BY m.n, g.took_s
), grouped AS (
    SELECT provider, model, took_s, n FROM taken
    UNION ALL
    SELECT provider, '', took_s, sum(n) FROM taken GROUP BY provider, took_s
    UNION ALL
    SELECT '', '', took_s, sum(n) FROM taken GROUP BY took_s
), ranked AS (
    SELECT provider, model, took_s, sum(n) OVER (PARTITION BY provider, model) AS samples,
        sum(n) OVER (PARTITION BY provider, model ORDER BY took_s) AS upto
    FROM grouped
)
SELECT provider, model, max(samples), min(took_s) FILTER (WHERE upto * 2 >= samples),
    min(took_s) FILTER (WHERE upto * 10 >= samples * 9)
FROM ranked GROUP BY provider, model ORDER BY provider, model
"""

_FAILURES = """
SELECT m.provider, m.model, coalesce(g.error_kind, ''), count(*)
FROM insight_models AS m
CROSS JOIN generations AS g INDEXED BY generations_by_ending
    ON g.provider = m.provider AND g.model = m.model AND g.state = 'failed'
    AND g.finished_at >= :start AND g.finished_at < :stop
GROUP BY m.n, g.error_kind
"""
