"""The places of the library while their counts change: the same lines, written over."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from veo_studio.core.library_query import Collection, Facets, LibraryQuery
from veo_studio.ui.view_models.library_places import Places
from veo_studio.ui.views.library_lines import Place
from veo_studio.ui.views.library_sidebar import LibrarySidebar

SEA = Collection(1, "The sea", 2)
TAGS = (("boat", 30), ("fox", 20), ("kite", 10))


def places(
    total: int = 100, tags: tuple[tuple[str, int], ...] = TAGS, sea: Collection = SEA
) -> Places:
    return Places(total=total, collections=(sea,), facets=Facets(tags=tags))


@pytest.fixture
def sidebar(qtbot: QtBot) -> LibrarySidebar:
    made = LibrarySidebar()
    qtbot.addWidget(made)
    made.resize(220, 500)
    made.show_places(places())
    made.show()
    return made


def lines(sidebar: LibrarySidebar) -> list[tuple[str, str]]:
    items = [sidebar.topLevelItem(n) for n in range(sidebar.topLevelItemCount())]
    return [(one.text(0), one.text(1)) for one in items if one is not None]


def line_of(sidebar: LibrarySidebar, words: str):  # type: ignore[no-untyped-def]
    (found,) = sidebar.findItems(words, Qt.MatchFlag.MatchExactly)
    return found


def test_another_count_changes_its_own_line_and_builds_none_anew(sidebar: LibrarySidebar) -> None:
    kept = [sidebar.topLevelItem(n) for n in range(sidebar.topLevelItemCount())]
    sidebar.setCurrentItem(line_of(sidebar, "The sea"))
    sidebar.show_places(places(total=1234, sea=Collection(1, "The sea", 3)))
    assert [sidebar.topLevelItem(n) for n in range(sidebar.topLevelItemCount())] == kept
    assert ("All", "1\u202f234") in lines(sidebar)
    assert ("The sea", "3") in lines(sidebar)
    current = sidebar.current_place()
    assert current is not None
    assert current.collection == Collection(1, "The sea", 3), "what is asked of it is of now"
    all_spoken = line_of(sidebar, "All").data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert all_spoken == "All, 1234 clips"


def test_tags_that_change_places_take_the_focus_and_the_mark_with_them(
    sidebar: LibrarySidebar,
) -> None:
    sidebar.show_query(LibraryQuery(tags=frozenset({"fox"})))
    sidebar.setCurrentItem(line_of(sidebar, "fox"))
    sidebar.show_places(places(tags=(("fox", 31), ("boat", 30), ("kite", 10))))
    assert lines(sidebar)[-3:] == [("fox", "31"), ("boat", "30"), ("kite", "10")]
    assert sidebar.current_place() == Place(tag="fox")
    assert line_of(sidebar, "fox").font(0).bold()
    assert not line_of(sidebar, "boat").font(0).bold()
    assert "boat" in line_of(sidebar, "boat").toolTip(0)


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param((("boat", 30),), id="fewer"),
        pytest.param((*TAGS, ("lamp", 9), ("pier", 8)), id="more"),
        pytest.param((), id="none"),
    ],
)
def test_tags_come_and_go(sidebar: LibrarySidebar, tags: tuple[tuple[str, int], ...]) -> None:
    sidebar.show_places(places(tags=tags))
    expected = LibrarySidebar()
    try:
        expected.show_places(places(tags=tags))
        expected.show()
        assert lines(sidebar) == lines(expected)
    finally:
        expected.close()
        expected.deleteLater()


def test_a_collection_more_comes_in_where_it_belongs(sidebar: LibrarySidebar) -> None:
    found = Places(total=100, collections=(Collection(2, "Boats", 1), SEA), facets=Facets())
    sidebar.show_places(found)
    names = [words for words, _count in lines(sidebar)]
    assert names[3:6] == ["Collections", "Boats", "The sea"]


def test_while_it_is_hidden_nothing_is_written_and_afterwards_it_is_right(
    sidebar: LibrarySidebar,
) -> None:
    sidebar.hide()
    before = lines(sidebar)
    sidebar.show_places(places(total=555))
    assert lines(sidebar) == before
    sidebar.show()
    assert ("All", "555") in lines(sidebar)


def test_a_longer_number_gets_the_room_that_it_needs(sidebar: LibrarySidebar, qtbot: QtBot) -> None:
    header = sidebar.header()
    assert header is not None
    before = header.sectionSize(1)
    sidebar.show_places(places(total=123_456_789_012))
    qtbot.waitUntil(lambda: header.sectionSize(1) > before, timeout=20000)
