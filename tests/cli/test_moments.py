"""Times and lengths of time as people type them at `publish --at` and `deliveries link --for`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.moments import length_of, moment_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-12-24 18:00", datetime(2026, 12, 24, 17, 0, tzinfo=UTC)),
        ("2026-12-24T18:00", datetime(2026, 12, 24, 17, 0, tzinfo=UTC)),
        ("2026-12-24 18:00+00:00", datetime(2026, 12, 24, 18, 0, tzinfo=UTC)),
        ("2026-12-24 18:00-05:00", datetime(2026, 12, 24, 23, 0, tzinfo=UTC)),
        # summer time
        ("2027-07-01 18:00", datetime(2027, 7, 1, 16, 0, tzinfo=UTC)),
        # 13:00 is now in Berlin
        ("14:30", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        ("9:05", datetime(2026, 11, 23, 8, 5, tzinfo=UTC)),
        ("13:00", datetime(2026, 11, 23, 12, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_one_of_the_users_own_clock(
    told: str, expected: datetime, in_berlin: None
) -> None:
    assert moment_of(told, NOW) == expected


@pytest.mark.parametrize("told", ["", "soon", "25:00", "12:75", "2026-13-01 10:00"])
def test_what_is_no_moment_is_refused_with_an_example(told: str) -> None:
    with pytest.raises(BadInput, match="2026-12-24 18:00"):
        moment_of(told, NOW)


@pytest.mark.parametrize("told", ["2026-12-24", "2020-01-01"])
def test_a_day_alone_is_told_that_its_time_is_missing(told: str) -> None:
    with pytest.raises(BadInput, match=f'no time of day. Write it as "{told} 18:00"'):
        moment_of(told, NOW)


def test_the_past_is_refused(in_berlin: None) -> None:
    with pytest.raises(BadInput, match="has passed"):
        moment_of("2026-11-22 12:59", NOW)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("30m", timedelta(minutes=30)),
        ("1h", timedelta(hours=1)),
        (" 24 H ", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_length_of_time(told: str, expected: timedelta) -> None:
    assert length_of(told) == expected


@pytest.mark.parametrize("told", ["", "0h", "-1h", "1w", "h", "1.5h", "99999999999d"])
def test_what_is_no_length_is_refused(told: str) -> None:
    with pytest.raises(BadInput, match="7d"):
        length_of(told)
