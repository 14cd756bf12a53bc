"""Local times: the hour that is missing, the one that comes twice, and what is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from veo_studio.ui.view_models.publish_when import (
    WrongMoment,
    away_words,
    first_offer,
    moment_words,
    naive_local,
    planned,
    to_utc,
)

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 3, 1, 12, 10, 30, tzinfo=UTC)


def test_a_local_time_is_the_moment_of_its_own_day() -> None:
    assert to_utc(datetime(2026, 1, 5, 18, 0), BERLIN) == datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    assert to_utc(datetime(2026, 7, 5, 18, 0), BERLIN) == datetime(2026, 7, 5, 16, 0, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(WrongMoment, match="02:30 does not exist"):
        to_utc(datetime(2026, 3, 29, 2, 30), BERLIN)
    assert to_utc(datetime(2026, 3, 29, 3, 0), BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_meant_and_named() -> None:
    moment = to_utc(datetime(2026, 10, 25, 2, 30), BERLIN)
    assert moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment_words(moment, BERLIN) == "Sun 2026-10-25 02:30 CEST"
    assert moment_words(moment + timedelta(hours=1), BERLIN) == "Sun 2026-10-25 02:30 CET"


def test_what_is_over_or_years_away_is_refused() -> None:
    with pytest.raises(WrongMoment, match="over"):
        planned(datetime(2026, 3, 1, 13, 9), NOW, BERLIN)
    with pytest.raises(WrongMoment, match="year"):
        planned(datetime(2206, 3, 1, 13, 9), NOW, BERLIN)
    assert planned(datetime(2026, 3, 1, 13, 11), NOW, BERLIN) > NOW


def test_the_first_offer_is_a_full_hour_that_leaves_time() -> None:
    assert first_offer(NOW, BERLIN) == datetime(2026, 3, 1, 14, 0)
    assert first_offer(NOW + timedelta(minutes=25), BERLIN) == datetime(2026, 3, 1, 15, 0)
    # where zones are half an hour apart it is a full hour of the local clock
    assert first_offer(NOW, KOLKATA) == datetime(2026, 3, 1, 19, 0)
    # the night in which an hour is missing
    eve = datetime(2026, 3, 29, 0, 20, tzinfo=UTC)
    assert first_offer(eve, BERLIN) == datetime(2026, 3, 29, 3, 0)


def test_moments_go_there_and_back() -> None:
    local = datetime(2026, 6, 1, 9, 30)
    assert naive_local(to_utc(local, KOLKATA), KOLKATA) == local
    # of this computer, whatever it is set to
    assert naive_local(to_utc(local)) == local


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=3), "in 3 h"),
        (timedelta(hours=3, minutes=20), "in 3 h 20 min"),
        (timedelta(days=4, hours=2), "in 4 days"),
    ],
)
def test_how_far_away_it_is(away: timedelta, words: str) -> None:
    assert away_words(NOW + away, NOW) == words
