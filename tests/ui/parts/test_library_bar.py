"""The line over the clips of the library: the way of Tab, its letters, and its words."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from veo_studio.core.library_query import Facets, LibraryQuery
from veo_studio.ui.theme import Theme
from veo_studio.ui.views.library_bar import LibraryBar
from veo_studio.ui.views.library_empty import LibraryEmpty

RATED = LibraryQuery(favourites=True, least_rating=4)


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> LibraryBar:
    made = LibraryBar(query=LibraryQuery, facets=Facets, model_name=str, provider_name=str)
    qtbot.addWidget(made)
    made.resize(1200, 100)
    made.show()
    return made


def tab_stops(first: QWidget) -> list[QWidget]:
    """From the first one on, as Tab goes."""
    row, at = [first], first.nextInFocusChain()
    while at is not None and at is not first:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisible():
            row.append(at)
        at = at.nextInFocusChain()
    return row


def test_tab_goes_as_the_eye_does(bar: LibraryBar) -> None:
    for query in (LibraryQuery(), RATED, LibraryQuery(text="boat"), RATED):
        bar.show_query(query)
        bar.adjustSize()
        stops = [
            one for one in tab_stops(bar.sidebar_button)
            if one.parentWidget() in (bar, bar.chips)
        ]  # fmt: skip
        assert stops[:3] == [bar.sidebar_button, bar.search, bar.filter_button]
        head = [one for one in stops if one.parentWidget() is bar]
        below = [one for one in stops if one.parentWidget() is bar.chips]
        assert stops == head + below
        assert [one.x() for one in head] == sorted(one.x() for one in head)
        assert [one.x() for one in below] == sorted(one.x() for one in below)
        assert len(below) == (0 if query.is_plain else 2 + len(bar.chips.chips))


def test_no_letter_is_taken_from_the_menus_of_the_window(bar: LibraryBar) -> None:
    bar.show_query(RATED)
    marked = [one.text() for one in bar.findChildren(QAbstractButton) if "&" in one.text()]
    assert marked == []


def test_what_is_cleared_is_named(qtbot: QtBot, bar: LibraryBar) -> None:
    empty = LibraryEmpty()
    qtbot.addWidget(empty)
    for query, words in (
        (LibraryQuery(text="boat"), "Clear search"),
        (RATED, "Clear filters"),
        (LibraryQuery(text="boat", favourites=True), "Clear filters"),
        (LibraryQuery(text="boat", collection_id=3), "Clear search"),
    ):
        bar.show_query(query, "Boats" if query.collection_id else "")
        empty.show_for(query)
        assert bar.chips.clear_button.text() == words
        assert empty.button.text() == words
