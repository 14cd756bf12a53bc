"""Takes of one click in the history: together, counted, folded and unfolded."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import a_model, an_event
from tests.ui.parts.samples import Library, generation
from veo_studio.core.events import EventKind
from veo_studio.core.models import Generation
from veo_studio.ui.delegates.take_marks import bracket_rect
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import TakeRole
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.history_menu import ClipMenu
from veo_studio.ui.views.library_grid import LibraryGrid


@pytest.fixture
def rows(tmp_path: Path) -> list[Generation]:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    facts = {"video_path": clip, "size_bytes": 4_200_000, "length_s": 8.0}
    takes = [
        generation(number, prompt="Two foxes", take_group="a", take_number=number - 2, **facts)
        for number in (5, 4, 3)
    ]
    return [generation(6, **facts), *takes, generation(2, **facts), generation(1, **facts)]


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, rows: list[Generation]) -> HistoryView:
    made = HistoryView(a_model(Library(rows)))
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(view: HistoryView) -> list[int]:
    model = view.model
    found = []
    for row in range(model.rowCount()):
        one = model.generation(model.index(row, 0))
        assert one is not None
        if not view.list.isRowHidden(row):
            found.append(one.id)
    return found


def test_rows_of_one_click_know_their_place(view: HistoryView) -> None:
    places = [view.model.index(row, 0).data(TakeRole) for row in range(view.model.rowCount())]
    assert [place and (place.number, place.count) for place in places] == [
        None, (3, 3), (2, 3), (1, 3), None, None,
    ]  # fmt: skip
    assert (places[1].is_top, places[3].is_bottom) == (True, True)


def test_keys_and_clicks_fold_and_unfold(view: HistoryView) -> None:
    view.select(4)
    left = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier)
    assert view.handle_key(left)
    assert shown(view) == [6, 5, 2, 1]
    current = view.current()
    assert current is not None
    assert current.id == 5
    row = view.list.visualRect(view.model.index_of(5))
    QTest.mouseClick(
        view.list.viewport(), Qt.MouseButton.LeftButton, pos=bracket_rect(row).center()
    )
    assert shown(view) == [6, 5, 4, 3, 2, 1]
    view.select(6)
    assert not view.handle_key(left)


def test_a_folded_group_stays_folded_while_rows_come_and_go(view: HistoryView) -> None:
    assert view.list.fold(view.model.index_of(3), True)
    view.model.on_event(an_event(EventKind.ADDED, generation(7)))
    view.model.take_in()
    view.model.on_event(an_event(EventKind.REMOVED, generation(2)))
    assert shown(view) == [7, 6, 5, 1]


def test_all_takes_are_selected_at_once(view: HistoryView, rows: list[Generation]) -> None:
    entries = [one for one in view.actions_for([rows[2]]) if one is not None]
    words = [one.text() for one in entries]
    assert "Select all 3 takes" in words
    entries[words.index("Select all 3 takes")].trigger()
    assert [one.id for one in view.selected()] == [5, 4, 3]
    assert "Select all 3 takes" not in [one.text() for one in view.actions_for([rows[0]]) if one]


def test_the_last_one_of_a_group_stands_alone(view: HistoryView, rows: list[Generation]) -> None:
    for number in (4, 3):
        view.model.on_event(an_event(EventKind.REMOVED, generation(number)))
    assert view.model.index_of(5).data(TakeRole) is None
    assert view.list.indexAt(QPoint(4, 80)).isValid()


def test_what_is_folded_away_is_not_deleted_unseen(
    view: HistoryView, rows: list[Generation]
) -> None:
    view.select_takes(rows[1])
    doomed: list[list[Generation]] = []
    view.delete_requested.connect(doomed.append)
    assert view.list.fold(view.model.index_of(4), True)
    assert [one.id for one in view.selected()] == [5]
    delete = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    assert view.handle_key(delete)
    assert [[one.id for one in chosen] for chosen in doomed] == [[5]]


def test_takes_that_do_not_stand_together_are_never_hidden(
    qtbot: QtBot, theme: Theme, rows: list[Generation]
) -> None:
    # one of three was edited while it waited, so it stands apart
    apart = [generation(9, prompt="Two foxes", take_group="a", take_number=2), *rows]
    made = HistoryView(a_model(Library(apart)))
    qtbot.addWidget(made)
    assert made.list.fold(made.model.index_of(4), True)
    assert shown(made) == [9, 6, 5, 2, 1]
    assert made.list.fold(made.model.index_of(5), False)
    assert shown(made) == [9, 6, 5, 4, 3, 2, 1]


class Owner(QWidget):
    """A library that has no keys of its own."""

    def handle_key(self, event: QKeyEvent | None) -> bool:
        return False


def test_the_library_folds_takes_by_menu_and_in_rows_by_key(
    qtbot: QtBot, theme: Theme, rows: list[Generation]
) -> None:
    owner = Owner()
    qtbot.addWidget(owner)
    model = a_model(Library(rows))
    grid = LibraryGrid(owner, model)
    owner.resize(420, 700)
    grid.resize(420, 700)
    owner.show()

    def hidden() -> list[int]:
        return [model.id_at(row) for row in range(model.rowCount()) if grid.isRowHidden(row)]

    def words(one: Generation) -> list[str]:
        menu = ClipMenu(ClipRequests(owner), owner)
        grid.add_fold(menu, one)
        return [action.text() for action in menu.actions if action is not None]

    def choose(one: Generation) -> None:
        menu = ClipMenu(ClipRequests(owner), owner)
        grid.add_fold(menu, one)
        (action,) = (action for action in menu.actions if action is not None)
        action.trigger()

    assert words(rows[0]) == [], "one of its own click has nothing to fold"
    assert words(rows[2]) == ["Fold takes"]
    choose(rows[2])
    assert hidden() == [4, 3]
    assert words(rows[1]) == ["Show all takes"]
    choose(rows[1])
    assert hidden() == []
    grid.setCurrentIndex(model.index_of(4))
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert hidden() == [4, 3]
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert hidden() == []
    grid.set_grid(True)
    grid.setCurrentIndex(model.index_of(4))
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert hidden() == [], "among cards the arrows go from one to the next"
    model.stop()
