"""The filters of the library in words, each taken off again; letters for lines that are made anew."""

from __future__ import annotations

from datetime import date

import pytest
from PyQt6.QtGui import QAction
from pytestqt.qtbot import QtBot

from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import ACTIVE_STATES, Charge, GenerationKind, GenerationState
from veo_studio.ui.text import total_words
from veo_studio.ui.view_models.library_filters import chips, cleared, length_words, toggled
from veo_studio.ui.views.menu_letters import give_letters

TODAY = date(2026, 11, 21)
FULL = LibraryQuery(
    text="boat",
    states=frozenset({GenerationState.COMPLETED, GenerationState.HELD}) | ACTIVE_STATES,
    kinds=frozenset({GenerationKind.IMAGE}),
    models=frozenset({"omni"}),
    providers=frozenset({"gemini"}),
    aspects=frozenset({"9:16"}),
    charges=frozenset({Charge.UNKNOWN}),
    tags=frozenset({"b-roll"}),
    favourites=True,
    least_rating=4,
    rejected=False,
    published=False,
    since=date(2026, 11, 15),
    least_s=5.0,
    most_s=10.0,
    collection_id=7,
    sort=Sort.LONGEST,
)


def words(query: LibraryQuery) -> list[str]:
    return [one.words for one in chips(query, str.upper, str.title, TODAY)]


def test_every_filter_is_a_chip() -> None:
    assert words(FULL) == [
        "Ready",
        "Waiting or running",
        "On hold",
        "Pictures",
        "OMNI",
        "Gemini",
        "9:16",
        "Last 7 days",
        "5\u201310 s",
        "Favourites",
        "Drafts",
        "Without rejected",
        "\u2605\u2605\u2605\u2605 and better",
        "#b-roll",
        "Charge unknown",
    ]
    assert words(LibraryQuery(text="boat")) == []


def test_taking_off_every_chip_leaves_words_place_and_order() -> None:
    query = FULL
    while found := list(chips(query, str, str, TODAY)):
        query = found[0].without
    assert query == LibraryQuery(text="boat", collection_id=7, sort=Sort.LONGEST)
    assert cleared(FULL) == LibraryQuery(collection_id=7, sort=Sort.LONGEST)


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        (TODAY, None, "Today"),
        (date(2026, 1, 1), None, "This year"),
        (date(2026, 3, 2), None, "Since 2 Mar 2026"),
        (None, date(2026, 3, 2), "Until 2 Mar 2026"),
        (date(2026, 3, 2), date(2026, 3, 2), "2 Mar 2026"),
        (date(2026, 3, 2), date(2026, 4, 5), "2 Mar 2026 \u2013 5 Apr 2026"),
    ],
)
def test_days_in_words(since: date | None, until: date | None, shown: str) -> None:
    assert words(LibraryQuery(since=since, until=until)) == [shown]


def test_lengths_and_totals_in_words() -> None:
    assert length_words(None, 5.0) == "Up to 5 s"
    assert length_words(30.0, None) == "30 s and longer"
    assert total_words(1, has_pictures=False) == "1 clip"
    assert total_words(1200, has_pictures=True) == "1\u202f200 clips and pictures"


def test_a_value_goes_in_and_out() -> None:
    query = toggled(LibraryQuery(), "tags", "draft", True)
    assert query.tags == {"draft"}
    assert toggled(query, "tags", "draft", False) == LibraryQuery()


def test_every_line_has_a_letter_of_its_own(qtbot: QtBot) -> None:
    lines = [QAction(one) for one in ("Play\tReturn", "Print", "Take out of \u201cA & B\u201d")]
    give_letters([*lines, None])
    assert [one.text() for one in lines] == [
        "&Play\tReturn",
        "P&rint",
        "&Take out of \u201cA && B\u201d",
    ]
