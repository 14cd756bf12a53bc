"""The figures of the insights, against a library whose every ending is known."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.made_library import OMNI, SKETCH, MadeLibrary
from veo_studio.core.insight_tables import days, failures, kept, models, money, providers, times
from veo_studio.core.insights import NOTHING, DayRange, Figures, Insights, Period, Taken
from veo_studio.core.models import BudgetPeriod, ErrorKind, GenerationState
from veo_studio.core.store import budgets, insights
from veo_studio.core.store.database import Database
from veo_studio.core.store.insights import InsightsRepository

_S = GenerationState
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Lets the user live in another time zone."""
    before = os.environ.get("TZ")

    def live_in(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield live_in
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def database(tmp_path: Path, zone: Callable[[str], None]) -> Iterator[Database]:
    zone("UTC")
    made = Database.open(tmp_path / "data" / "veo-studio.db")
    yield made
    made.close()


@pytest.fixture
def library(database: Database) -> MadeLibrary:
    return MadeLibrary(database)


async def look(
    library: MadeLibrary, days: DayRange | None = None, *, provider: str = "", model: str = ""
) -> Insights:
    repository = InsightsRepository(library.database, lambda: NOON)
    assert repository.today() == TODAY
    asked = days or DayRange.last(30, TODAY)
    return await repository.look(asked, provider=provider, model=model)


async def test_success_counts_what_services_answered(library: MadeLibrary) -> None:
    for _ in range(6):
        library.make(NOON)
    library.make(NOON, _S.FAILED)
    library.make(NOON, _S.FAILED, kind=ErrorKind.CONTENT_FILTERED)
    for state in (_S.CANCELLED, _S.PENDING, _S.PROCESSING):
        library.make(NOON, state)
    found = await look(library)
    total = found.total
    assert (total.completed, total.failed, total.refused, total.cancelled) == (6, 1, 1, 1)
    assert total.ended == 8
    assert total.success == 0.75
    assert total.video_s == 48.0
    assert found.failures_by_kind == {"content_filtered": 1, "server_error": 1}
    assert NOTHING.success is None


async def test_times_are_nearest_ranks_of_each_model_and_service(library: MadeLibrary) -> None:
    for took_s in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100):
        library.make(NOON, took_s=took_s)
    for took_s in (1.26, 2.0, 3.0):
        library.make(NOON, took_s=took_s, of=SKETCH)
    library.make(NOON, _S.FAILED, took_s=1000)
    found = await look(library)
    assert found.time_of(*OMNI) == Taken(*OMNI, 10, 50.0, 90.0)
    assert found.time_of(*SKETCH) == Taken(*SKETCH, 3, 2.0, 3.0)
    assert found.time_of("rehearsal") == Taken("rehearsal", "", 3, 2.0, 3.0)
    whole = found.time_of()
    assert whole is not None
    assert (whole.samples, whole.median_s, whole.p90_s) == (13, 40.0, 90.0)
    assert {one.model for one in found.times} == {OMNI[1], SKETCH[1]}


async def test_money_is_what_the_books_and_the_budgets_say(library: MadeLibrary) -> None:
    library.make(NOON, cost="0.37")
    library.make(NOON, _S.FAILED)  # refunded
    library.make(NOON, _S.FAILED, cost="0.11")  # taken for nothing
    library.make(NOON, _S.PROCESSING, price="0.123456")
    library.make(NOON, _S.PENDING, price=None)
    library.make(NOON, of=SKETCH)
    found = await look(library)
    now = NOON + timedelta(hours=3)
    spent = {
        state.period: state.spent_usd
        for state in library.database.read_now(lambda c: budgets.states(c, now))
    }
    assert found.total.cost_usd == spent[BudgetPeriod.DAY] == Decimal("0.603456")
    assert found.total.estimated_usd == Decimal("0.123456")
    # the tokens of what failed came back
    assert found.total.tokens == 30
    (row,) = [row for row in money(found).rows if row[2] == OMNI[1]]
    assert row == ("2026-11-21", *OMNI, 30, Decimal("0.603456"), Decimal("0.123456"))


async def test_a_correction_counts_on_the_day_of_its_charge(library: MadeLibrary) -> None:
    late = NOON - timedelta(days=1) + timedelta(hours=11, minutes=59)
    library.make(late, took_s=600, cost="0.40")
    found = await look(library, DayRange.last(2, TODAY))
    yesterday, today = found.by_day.values()
    assert (yesterday.cost_usd, yesterday.completed) == (Decimal("0.4"), 0)
    assert (today.cost_usd, today.completed) == (Decimal(0), 1)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (TODAY, 24)]
)
async def test_a_day_is_what_it_is_where_the_user_lives(
    library: MadeLibrary, zone: Callable[[str], None], day: date, hours: int
) -> None:
    zone("Europe/Berlin")
    begin = datetime(day.year, day.month, day.day).astimezone().astimezone(UTC)
    end = begin + timedelta(hours=hours)
    for at in (begin - timedelta(seconds=1), begin, end - timedelta(seconds=1), end):
        library.make(at, took_s=0.0)
    found = await look(library, DayRange(day - timedelta(days=1), day + timedelta(days=1)))
    assert [one.completed for one in found.by_day.values()] == [1, 2, 1]
    assert [one.tokens for one in found.by_day.values()] == [10, 20, 10]


async def test_days_without_anything_are_zeros(library: MadeLibrary) -> None:
    library.make(NOON - timedelta(days=3))
    library.make(NOON)
    found = await look(library, DayRange.last(7, TODAY))
    assert list(found.by_day) == [TODAY - timedelta(days=n) for n in range(6, -1, -1)]
    assert [one.completed for one in found.by_day.values()] == [0, 0, 0, 1, 0, 0, 1]
    table = days(found)
    assert len(table.rows) == 7
    assert table.rows[0] == (
        "2026-11-15", 0, 0, 0, 0, None, 0.0, 0, Decimal("0.000000"), Decimal("0.000000"),
    )  # fmt: skip
    assert [row[0] for row in money(found).rows] == [row[0] for row in table.rows]


async def test_all_begins_with_the_first_generation(library: MadeLibrary) -> None:
    library.make(NOON - timedelta(days=800))
    found = await look(library, DayRange.of(Period.ALL, TODAY))
    assert found.since == TODAY - timedelta(days=800)
    assert found.total.completed == 1
    # a range that begins before the library is as long as it was asked for
    early = await look(library, DayRange(found.since - timedelta(days=5), TODAY))
    assert len(early.by_day) == 806
    assert early.total == found.total


async def test_an_empty_library_has_figures_too(library: MadeLibrary) -> None:
    found = await look(library, DayRange.of(Period.ALL, TODAY))
    assert found.is_empty
    assert (found.since, found.until, found.models) == (TODAY, TODAY, ())
    assert found.total == Figures()
    assert found.time_of() is None
    for table in (models(found), providers(found), times(found), failures(found), kept(found)):
        assert table.rows == ()
    assert len(days(found).rows) == 1


async def test_only_one_service_or_model_is_counted_where_it_is_named(library: MadeLibrary) -> None:
    library.make(NOON)
    library.make(NOON, of=("gemini", "gemini-omni-1.1-flash"))
    library.make(NOON, of=SKETCH)
    library.make(NOON, _S.FAILED, of=SKETCH)
    for asked, completed, tokens, failed in (
        ({}, 3, 20, 1),
        ({"provider": "gemini"}, 2, 20, 0),
        ({"provider": "gemini", "model": "gemini-omni-1.1-flash"}, 1, 10, 0),
        ({"model": SKETCH[1]}, 1, 0, 1),
        ({"provider": "nobody"}, 0, 0, 0),
    ):
        found = await look(library, **asked)
        assert (found.total.completed, found.total.tokens) == (completed, tokens)
        assert sum(found.failures_by_kind.values()) == failed
        # what there is to choose from stays
        assert len(found.models) == 3


async def test_kept_is_what_is_a_favourite_and_still_there(library: MadeLibrary) -> None:
    for marks in (
        {"favourite": True}, {"favourite": True}, {"rejected": True},
        {"favourite": True, "deleted_at": NOON}, {}, {},
    ):  # fmt: skip
        library.make(NOON, cost="0.25", **marks)
    found = await look(library)
    total = found.total
    assert (total.completed, total.kept, total.rejected, total.undecided) == (6, 2, 2, 2)
    assert total.cost_per_kept_usd == Decimal("0.75")
    assert kept(found).rows == ((*OMNI, 6, 2, 2, 2, Decimal("0.75")),)
    assert NOTHING.cost_per_kept_usd is None


async def test_the_tables_add_up(library: MadeLibrary) -> None:
    for number in range(9):
        library.make(NOON - timedelta(days=number), took_s=number, cost="0.1")
        library.make(NOON - timedelta(days=number), of=SKETCH, took_s=1)
    library.make(NOON, _S.FAILED)
    found = await look(library)
    for table in (days(found), models(found), providers(found)):
        place = table.columns.index
        assert sum(row[place("completed")] for row in table.rows) == 18
        assert sum(row[place("failed")] for row in table.rows) == 1
        assert sum(row[place("cost_usd")] for row in table.rows) == Decimal("0.9")
        assert sum(row[place("tokens")] for row in table.rows) == 90
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert failures(found).rows == (("server_error", *OMNI, 1),)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 11, 2), date(2026, 11, 1)),
        (date(1990, 1, 1), date(2026, 11, 1)),
        (date(1, 1, 1), date(1, 1, 2)),
        (None, date.max),
        (None, date(2300, 1, 1)),
    ],
)
def test_a_range_that_is_none_is_refused(since: date | None, until: date) -> None:
    with pytest.raises(ValueError, match="range"):
        DayRange(since, until)


@pytest.mark.parametrize("number", [0, -1, 1_000_000])
def test_a_number_of_days_that_is_none_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 7,320"):
        DayRange.last(number, TODAY)


def test_every_question_is_answered_from_indexes(library: MadeLibrary) -> None:
    """None of the rows themselves is read, whatever there is in the library."""
    library.make(NOON)
    path = library.database.path
    library.database.read_now(lambda c: insights.look(c, DayRange.last(30, TODAY)))
    with closing(sqlite3.connect(path)) as connection:
        for table in ("insight_days (n INTEGER PRIMARY KEY, start, stop)",
                      "insight_models (n INTEGER PRIMARY KEY, provider, model)"):  # fmt: skip
            connection.execute(f"CREATE TEMP TABLE {table}")
        names = {"provider": "", "model": "", "start": "", "stop": ""}
        for query in (insights._CELLS, insights._TAKEN, insights._FAILURES, insights._MODELS):
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", names)]
            rows = [line for line in plan if re.match(r"(SCAN|SEARCH) [ge]\b", line)]
            assert rows
            for line in rows:
                assert "INDEX" in line
                # the seconds are worked out from the row, but their index has them
                assert "COVERING" in line or "generations_by_took" in line
