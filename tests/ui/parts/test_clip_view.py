"""The list of clips in rows and as a grid: what it costs, what stays in place, and what hands can do."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import an_event
from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.events import EventKind
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Generation
from veo_studio.ui.delegates.day_heading import day_words
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_view import ClipView

_CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect


class _Watched(LibraryModel):
    """Notes which rows are asked about."""

    def __init__(self, library: Library) -> None:
        super().__init__(library, None, Scope().spawn)
        self.asked: set[int] = set()

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        self.asked.add(index.row())
        return super().data(index, role)


def some_days(count: int) -> list[Generation]:
    """Thirty a day."""
    started = generation(1).created_at - timedelta(days=count // 30)
    return [
        generation(number, created_at=started + timedelta(minutes=48 * number))
        for number in range(1, count + 1)
    ]


def a_view(qtbot: QtBot, library: Library, *, is_grid: bool = False) -> ClipView:
    model = _Watched(library)
    view = ClipView()
    # it goes with the view, and never before it
    model.setParent(view)
    view.setModel(model)
    view.set_grid(is_grid)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    model.load()
    return view


def model_of(view: ClipView) -> _Watched:
    assert isinstance(view.clips, _Watched)
    return view.clips


def in_sight(view: ClipView) -> dict[int, tuple[int, int]]:
    """Where each id is."""
    found = {}
    for row in view.rows_in_sight():
        rect = view.rect_of(row)
        found[model_of(view).id_at(row)] = (rect.left(), rect.top())
    return found


@pytest.fixture(params=[False, True], ids=["list", "grid"])
def is_grid(request: pytest.FixtureRequest, theme: Theme) -> bool:
    return bool(request.param)


def test_a_page_asks_only_about_what_is_in_sight(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 8_001)]), is_grid=is_grid)
    model = model_of(view)
    for value in (0, 50_000, view.verticalScrollBar().maximum()):
        view.verticalScrollBar().setValue(value)
        model.asked.clear()
        view.grab()
        assert model.asked == set(view.rows_in_sight())
        assert 0 < len(model.asked) < 40
    model.asked.clear()
    for number in range(8_001, 8_101):
        model.on_event(an_event(EventKind.ADDED, generation(number)))
    model.take_in()
    assert not model.asked - set(view.rows_in_sight())


@pytest.mark.parametrize("has_days", [False, True])
def test_what_is_looked_at_stays_while_a_thousand_come_in(
    qtbot: QtBot, is_grid: bool, has_days: bool
) -> None:
    rows = some_days(900)
    view = a_view(qtbot, Library(rows), is_grid=is_grid)
    view.set_day_headings(has_days)
    model, bar = model_of(view), view.verticalScrollBar()
    chance = random.Random(3)
    number = len(rows)
    for burst in (1, 2, 3, 7, 50, 100, 837):
        bar.setValue(chance.randrange(40, bar.maximum() // 2))
        before = in_sight(view)
        for _ in range(burst):
            number += 1
            new = generation(number, created_at=rows[-1].created_at + timedelta(seconds=number))
            model.on_event(an_event(EventKind.ADDED, new))
        model.take_in()
        assert in_sight(view) == before
    assert model.rowCount() == 1900
    gone = [model.id_at(row) for row in range(3)]
    before = in_sight(view)
    for one in gone:
        model.on_event(an_event(EventKind.REMOVED, generation(one)))
    assert in_sight(view) == before


def test_at_the_very_top_the_new_ones_show(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 200)]), is_grid=is_grid)
    model_of(view).on_event(an_event(EventKind.ADDED, generation(200)))
    model_of(view).take_in()
    assert view.verticalScrollBar().value() == 0
    assert model_of(view).id_at(view.rows_in_sight().start) == 200


def test_everything_is_selected_at_once_and_cheaply(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 8_001)]), is_grid=is_grid)
    view.setFocus()
    model_of(view).asked.clear()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.chosen_count() == 8_000
    assert len(list(view.chosen_rows())) == 1
    assert len(model_of(view).asked) < 100
    ids = view.chosen_ids()
    assert (ids[0], ids[-1], len(ids)) == (8_000, 1, 8_000)


def test_keys_go_through_rows_and_columns(qtbot: QtBot, theme: Theme) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 101)]), is_grid=True)
    columns = view.cells.measures.columns
    assert columns > 1

    def press(key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> int:
        qtbot.keyClick(view, key, *modifiers)
        return view.currentIndex().row()

    view.setCurrentIndex(model_of(view).index(0, 0))
    assert press(Qt.Key.Key_Right) == 1
    assert press(Qt.Key.Key_Down) == 1 + columns
    assert press(Qt.Key.Key_Left) == columns
    assert press(Qt.Key.Key_Up) == 0
    assert press(Qt.Key.Key_Up) == 0
    assert press(Qt.Key.Key_End) == 99
    assert view.viewport().rect().contains(view.rect_of(99))
    assert press(Qt.Key.Key_PageUp) < 99
    assert press(Qt.Key.Key_Home) == 0
    assert press(Qt.Key.Key_PageDown) % columns == 0
    press(Qt.Key.Key_Home)
    press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.chosen_count() == columns + 1
    # letters are commands, not a search in the list
    assert press(Qt.Key.Key_P) == columns


def test_end_of_a_long_list_is_read_when_it_is_looked_at(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 8_001)]), is_grid=is_grid)
    model = model_of(view)
    assert model.generation(model.index(7_999, 0)) is None
    view.setCurrentIndex(model.index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: model.generation(model.index(7_999, 0)) is not None, timeout=20_000)


def test_ranges_by_shift_reach_over_rows_that_are_not_loaded(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 5001)]), is_grid=is_grid)

    def click(row: int, modifier: Qt.KeyboardModifier) -> None:
        view.scrollTo(model_of(view).index(row, 0))
        at = view.rect_of(row).center() + QPoint(20, 0)
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, at)

    click(2, Qt.KeyboardModifier.NoModifier)
    click(4000, Qt.KeyboardModifier.ShiftModifier)
    assert [(rows.start, rows.stop) for rows in view.chosen_rows()] == [(2, 4001)]
    click(3000, Qt.KeyboardModifier.ControlModifier)
    assert view.chosen_count() == 3998


def test_a_rubber_band_takes_the_cells_it_touches(qtbot: QtBot, theme: Theme) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 101)]), is_grid=True)
    columns = view.cells.measures.columns
    start = QPointF(view.rect_of(0).bottomLeft() + QPoint(-4, 6))
    end = QPointF(view.rect_of(columns + 1).center())

    def send(kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
        button = Qt.MouseButton.NoButton
        if kind is not QEvent.Type.MouseMove:
            button = Qt.MouseButton.LeftButton
        place = view.viewport().mapToGlobal(at)
        event = QMouseEvent(kind, at, place, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), event)

    send(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
    for share in (0.3, 0.7, 1.0):
        send(QEvent.Type.MouseMove, start + (end - start) * share, Qt.MouseButton.LeftButton)
    view.grab()
    assert [row for rows in view.chosen_rows() for row in rows] == [columns, columns + 1]
    send(QEvent.Type.MouseButtonRelease, end, Qt.MouseButton.NoButton)
    assert view.chosen_count() == 2


def test_selection_and_place_survive_another_reading(qtbot: QtBot, is_grid: bool) -> None:
    library = Library([generation(n) for n in range(1, 3001)])
    view = a_view(qtbot, library, is_grid=is_grid)
    model, choice = model_of(view), view.selectionModel()
    assert choice is not None
    choice.setCurrentIndex(model.index_of(2000), _CHOOSE)
    choice.select(model.index_of(1500), QItemSelectionModel.SelectionFlag.Select)
    view.scrollTo(model.index_of(1700))
    top = model.id_at(view.rows_in_sight().start)
    height = view.rect_of(view.rows_in_sight().start).top()
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    # so much is different that the list is told anew
    library.rows = [row for row in library.rows if row.id % 7]
    library.replace(generation(top))
    model.load()
    assert resets
    assert view.chosen_ids().tolist() == [2000, 1500]
    assert view.currentIndex().row() == model.row_of(2000)
    row = model.row_of(top)
    assert row is not None
    assert view.rect_of(row).top() == height
    model.set_query(LibraryQuery(sort=Sort.OLDEST))
    assert view.chosen_count() == 0
    assert view.verticalScrollBar().value() == 0


def test_days_have_headings_in_their_order(qtbot: QtBot, is_grid: bool) -> None:
    rows = some_days(100)
    view = a_view(qtbot, Library(rows), is_grid=is_grid)
    view.set_day_headings(True)
    model = model_of(view)
    assert len(view.days) == len(model.days()) > 2
    first = view.rect_of(0)
    assert first.top() >= view.cells.measures.heading
    assert view.row_at(QPoint(first.center().x(), first.top() - 6)) is None
    second = view.days[0][1]
    assert view.rect_of(second).left() == first.left()
    assert view.rect_of(second).top() > view.rect_of(second - 1).bottom() + 10
    view.grab()
    model.set_query(LibraryQuery(sort=Sort.LONGEST))
    assert view.cells.measures.heading == 0
    day = rows[-1].created_at.astimezone().date()
    assert day_words(day, day) == "Today"
    assert day_words(day - timedelta(days=1), day) == "Yesterday"
    assert str(day.year - 1) in day_words(day.replace(year=day.year - 1, day=1), day)


def test_the_pointer_looks_into_a_clip_where_it_rests(
    qtbot: QtBot, is_grid: bool, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    view = a_view(qtbot, Library([generation(1, video_path=clip)]), is_grid=is_grid)
    picture = view.itemDelegate().thumbnail_rect(view.rect_of(0))
    at = QPoint(picture.left() + picture.width() // 4, picture.center().y())
    with qtbot.waitSignal(view.hovered, timeout=20_000) as told:
        QTest.mouseMove(view.viewport(), at)
    assert told.args[0].row() == 0
    assert told.args[1] == pytest.approx(0.25, abs=0.02)
    view.grab()
    with qtbot.waitSignal(view.hovered, timeout=20_000) as told:
        QTest.mouseMove(view.viewport(), QPoint(5, view.viewport().height() - 5))
    assert not told.args[0].isValid()


def test_the_menu_key_opens_at_the_current_clip(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 101)]), is_grid=is_grid)
    view.setCurrentIndex(model_of(view).index(60, 0))
    with qtbot.waitSignal(view.menu_requested) as told:
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(view.viewport(), QContextMenuEvent(reason, QPoint(1, 1)))
    assert view.rect_of(60).contains(view.viewport().mapFromGlobal(told.args[0]))


def test_other_fonts_and_directions_lay_out_anew(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 101)]), is_grid=is_grid)
    height, margin = view.cells.measures.height, view.cells.measures.margin
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.waitUntil(
        lambda: view.rect_of(0).right() == view.viewport().width() - 1 - margin, timeout=20_000
    )
    assert view.row_at(view.rect_of(0).center()) == 0
    plain = QApplication.font()
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    QApplication.setFont(font)
    try:
        qtbot.waitUntil(lambda: view.cells.measures.height > height, timeout=20_000)
        view.grab()
    finally:
        QApplication.setFont(plain)


def test_a_view_that_is_gone_is_not_missed(qtbot: QtBot, theme: Theme) -> None:
    library = Library([generation(n) for n in range(1, 301)])
    model, view = _Watched(library), ClipView()
    view.setModel(model)
    view.show()
    model.load()
    view.close()
    view.deleteLater()
    QApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)
    model.on_event(an_event(EventKind.ADDED, generation(301)))
    model.take_in()
    library.replace(generation(301))
    model.load()
    assert model.rowCount() == 301


def test_folded_takes_are_no_part_of_what_is_chosen(qtbot: QtBot, is_grid: bool) -> None:
    rows = [generation(n, take_group="a" if 40 <= n < 44 else None) for n in range(1, 101)]
    view = a_view(qtbot, Library(rows), is_grid=is_grid)
    model = model_of(view)
    model.see(7, 50, 70)
    model.takes.set_folded("a", True)
    assert [row for row in range(100) if view.isRowHidden(row)] == [58, 59, 60]
    view.selectAll()
    assert view.chosen_count() == 97
    view.setCurrentIndex(model.index(57, 0))
    QTest.keyClick(view, Qt.Key.Key_Right if is_grid else Qt.Key.Key_Down)
    assert view.currentIndex().row() == 61
    model.on_event(an_event(EventKind.ADDED, generation(101)))
    model.take_in()
    assert [row for row in range(101) if view.isRowHidden(row)] == [59, 60, 61]


def test_a_model_that_goes_first_leaves_an_empty_list(qtbot: QtBot, is_grid: bool) -> None:
    view = a_view(qtbot, Library([generation(n) for n in range(1, 101)]), is_grid=is_grid)
    model = model_of(view)
    view.setCurrentIndex(model.index(20, 0))
    sip.delete(model)
    view.grab()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    view.selectAll()
    assert view.chosen_count() == 0
    assert not view.indexAt(QPoint(50, 50)).isValid()


@pytest.mark.parametrize("is_grid", [False, True])
def test_a_list_whose_model_is_gone_is_empty(qtbot: QtBot, is_grid: bool) -> None:
    model = LibraryModel(Library(some_days(200)), None, Scope().spawn)
    view = ClipView()
    view.setModel(model)
    view.set_grid(is_grid)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    model.load()
    view.selectAll()
    sip.delete(model)
    view.grab()
    view.resize(500, 300)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    view.grab()
    assert not view.chosen()
    assert view.chosen_count() == 0
