"""The newest rows, shown before the library is open, and what becomes of them when it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QItemSelectionModel

from tests.ui.parts.histories import a_library, an_event, ids_of
from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.events import EventKind
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Generation
from veo_studio.ui.view_models.library_model import FIRST_ROWS, LibraryModel
from veo_studio.ui.views.history import HistoryView

COUNT = 100


class Shown:
    """A history over a library that is not open yet, and what was seen of it."""

    def __init__(self) -> None:
        self.library: Library = a_library(COUNT)
        self.model = LibraryModel(self.library, None, Scope().spawn)
        self.view = HistoryView(self.model)
        self.resets = 0
        self.totals: list[int] = []
        self.model.modelReset.connect(self._on_reset)
        self.model.total_changed.connect(self.totals.append)
        self.view.resize(336, 600)
        self.view.show()

    def _on_reset(self) -> None:
        self.resets += 1

    @property
    def newest(self) -> list[Generation]:
        return sorted(self.library.rows, key=lambda one: one.id, reverse=True)[:FIRST_ROWS]

    def close(self) -> None:
        self.view.close()
        self.view.deleteLater()
        self.model.stop()
        self.model.deleteLater()


@pytest.fixture
def shown(qapp: object) -> Iterator[Shown]:
    made = Shown()
    yield made
    made.close()


def all_ids() -> list[int]:
    return list(range(COUNT, 0, -1))


def test_they_are_shown_and_nobody_says_how_many_there_are(shown: Shown) -> None:
    shown.model.show_early(shown.newest)
    assert ids_of(shown.model) == all_ids()[:FIRST_ROWS]
    assert shown.model.total == 0
    assert shown.view.count.text() == ""
    assert shown.library.reads == []


def test_the_library_takes_their_place_without_a_jump(shown: Shown) -> None:
    shown.model.show_early(shown.newest)
    third = shown.model.index(2, 0)
    shown.view.list.selectionModel().setCurrentIndex(
        third, QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    shown.view.list.verticalScrollBar().setValue(150)
    resets = shown.resets
    shown.model.load()
    assert ids_of(shown.model) == all_ids()
    assert shown.resets == resets, "the list was shown anew"
    assert shown.totals == [COUNT]
    assert "100" in shown.view.count.text()
    assert [one.id for one in shown.view.selected()] == [COUNT - 2]
    assert shown.view.list.verticalScrollBar().value() == 150


def test_what_changed_meanwhile_is_as_the_library_has_it(shown: Shown) -> None:
    early = shown.newest
    shown.library.remove(COUNT - 1)
    shown.library.replace(replace(early[4], rating=5))
    shown.library.rows.append(generation(COUNT + 1))
    shown.model.show_early(early)
    shown.model.load()
    assert ids_of(shown.model) == [COUNT + 1, COUNT, *all_ids()[2:]]
    marked = shown.model.generation(shown.model.index_of(early[4].id))
    assert marked is not None
    assert marked.rating == 5
    assert shown.totals == [COUNT]


def test_a_library_of_just_these_rows_is_counted_too(shown: Shown) -> None:
    shown.library.rows = shown.newest[:3]
    shown.model.show_early(shown.newest)
    shown.model.load()
    assert ids_of(shown.model) == all_ids()[:3]
    assert shown.totals == [3]


def test_a_library_that_is_empty_by_now_says_so(shown: Shown) -> None:
    early, shown.library.rows = shown.newest, []
    shown.model.show_early(early)
    shown.model.load()
    assert ids_of(shown.model) == []
    assert shown.view.empty.isVisibleTo(shown.view)


def test_what_begins_after_the_reading_comes_on_top(shown: Shown) -> None:
    shown.model.show_early(shown.newest)
    shown.model.load()
    fresh = generation(COUNT + 1)
    shown.model.on_event(an_event(EventKind.ADDED, fresh))
    assert ids_of(shown.model) == [COUNT + 1, *all_ids()]


@pytest.mark.parametrize(
    "query",
    [LibraryQuery(text="boat"), LibraryQuery(favourites=True), LibraryQuery(sort=Sort.OLDEST)],
)
def test_another_question_is_not_answered_with_them(qapp: object, query: LibraryQuery) -> None:
    scope = Scope(is_held=True)
    library = a_library(5)
    whole = LibraryModel(library, None, scope.spawn)
    model = whole.another(query)
    model.show_early(library.rows)
    assert model.rowCount() == 0
    for one in (model, whole):
        one.stop()
        one.deleteLater()


def test_who_was_read_already_is_not_shown_older_rows(shown: Shown) -> None:
    shown.model.load()
    shown.model.show_early([generation(7)])
    assert ids_of(shown.model) == all_ids()


def test_no_rows_are_no_news(shown: Shown) -> None:
    shown.model.show_early([])
    assert not shown.model.is_loaded, "an empty list would say that there are no clips"
    assert shown.resets == 0
