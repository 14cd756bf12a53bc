"""Where new rows belong in a list by time, and which ids have no row."""

from __future__ import annotations

import random
from array import array
from datetime import timedelta

import pytest

from tests.fakes.generations import NOON
from tests.ui.parts.samples import generation
from veo_studio.core.models import Generation
from veo_studio.ui.view_models.row_window import RowWindow


def at_minute(number: int, minute: int) -> Generation:
    return generation(number, created_at=NOON + timedelta(minutes=minute))


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_the_place_of_what_comes_is_that_of_its_moment(is_newest_first: bool) -> None:
    draw = random.Random(3)
    rows = [at_minute(number, 10 * number) for number in range(1, 60)]
    shown = rows[::-1] if is_newest_first else rows
    window = RowWindow()
    window.reset(array("q", [one.id for one in shown]), shown)
    come = [
        at_minute(1000 + n, draw.choice((-5, 5 + 10 * draw.randrange(60), 700))) for n in range(40)
    ]
    expected = [
        sum((other.created_at > one.created_at) is is_newest_first for other in rows)
        for one in come
    ]
    assert window.places_for(come, is_newest_first=is_newest_first) == expected


def test_among_rows_that_are_not_loaded_no_place_is_known() -> None:
    rows = [at_minute(number, 10 * number) for number in range(1, 60)][::-1]
    window = RowWindow()
    window.reset(array("q", [one.id for one in rows]), rows[:5])
    newest, between, older = at_minute(100, 700), at_minute(101, 585), at_minute(102, 55)
    assert window.places_for([newest, between, older], is_newest_first=True) == [0, 1, None]
    window.keep([(20, 25)])
    assert window.places_for([newest], is_newest_first=True) == [None], "the top is not known"


@pytest.mark.parametrize("count", [3, 200])
def test_what_has_no_row_is_found_however_many_are_asked_for(count: int) -> None:
    window = RowWindow()
    window.reset(array("q", range(2, 2 * count, 2)), [generation(2)])
    asked = list(range(1, 3 * count))
    assert window.absent(asked) == {one for one in asked if one % 2 or one >= 2 * count}
