"""The list of what was made: menus, keys, looks, and what is dragged out of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QMouseEvent, QPainter
from PyQt6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.ui.parts.histories import a_library, a_model, an_event
from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core.events import EventKind
from veo_studio.core.models import (
    Charge,
    Choice,
    ErrorKind,
    Generation,
    GenerationState,
)
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import (
    GenerationRole,
    LibraryModel,
)
from veo_studio.ui.views.history import HistoryView

S = GenerationState


@pytest.fixture
def rows(tmp_path: Path) -> list[Generation]:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    return [
        generation(7, video_path=clip, size_bytes=4_200_000, length_s=8.0),
        generation(6, state=S.FAILED, charge=Charge.NOT_CHARGED, error_kind=ErrorKind.AUTH),
        generation(5, state=S.UNKNOWN, charge=Charge.UNKNOWN),
        generation(4, state=S.HELD, error_kind=ErrorKind.STORAGE),
        generation(3, state=S.PROCESSING),
        generation(2, state=S.CANCELLED),
        generation(1, state=S.PENDING, prompt="<b>long</b> " * 80),
    ]


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, rows: list[Generation]) -> HistoryView:
    made = HistoryView(a_model(Library(rows)))
    qtbot.addWidget(made)
    made.resize(340, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def _menu(view: HistoryView, *ids: int) -> list[str]:
    chosen = [view.model.index_of(one).data(GenerationRole) for one in ids]
    return [one.text().split("\t")[0] for one in view.actions_for(chosen) if one is not None]


def test_menus_offer_only_what_does_something(view: HistoryView) -> None:
    use = ("Generate similar\u2026", "Use prompt and settings")
    assert _menu(view, 7) == [
        "Play", "Show in folder", "Export\u2026", "Copy path", "Export copy with metadata\u2026",
        "Use last frame as first frame", "Copy prompt", "Generate again", *use,
        "Publish\u2026", "Deliver to\u2026", "Mark", "Add to the shelf", "Delete",
    ]  # fmt: skip
    assert _menu(view, 6) == ["Try again", "Copy prompt", "Copy details", *use, "Mark", "Delete"]
    # what waits for a decision is not deleted before it is taken, and not paid for again
    assert _menu(view, 5) == ["Copy prompt", "Copy details", *use, "Mark"]
    view.requests.choices_of = lambda one: (Choice.COLLECT, Choice.MARK_FAILED)
    assert _menu(view, 4) == [
        "Fetch it", "Mark as failed: 10 tokens come back", "Copy prompt", "Copy details", *use,
        "Mark",
    ]  # fmt: skip
    view.requests.choices_of = lambda one: ()
    assert _menu(view, 3) == ["Copy prompt", "Generate again", *use, "Cancel", "Mark"]
    assert _menu(view, 7, 6, 3) == [
        "Export\u2026",
        "Copy 1 path",
        "Publish\u2026",
        "Deliver to\u2026",
        "Mark",
        "Add to the shelf",
        "Delete 2 clips",
    ]
    assert _menu(view) == []


def test_menu_actions_carry_the_generation(qtbot: QtBot, view: HistoryView) -> None:
    row = view.model.index_of(6).data(GenerationRole)
    retry = next(one for one in view.actions_for([row]) if one is not None)
    with qtbot.waitSignal(view.retry_requested) as told:
        retry.trigger()
    assert told.args == [row]


def test_the_keys_of_the_list(qtbot: QtBot, view: HistoryView) -> None:
    view.select(7)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(view.play_requested) as told:
            qtbot.keyClick(view.list, key)
        assert told.args[0].id == 7
    with qtbot.waitSignal(view.copy_path_requested) as told:
        qtbot.keyClick(view.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert [one.id for one in told.args[0]] == [7]
    view.list.selectAll()
    with qtbot.waitSignal(view.delete_requested) as told:
        qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    # never one that is still owed a clip, or a decision
    assert [one.id for one in told.args[0]] == [7, 6, 2]


def test_a_row_without_a_file_does_not_play(qtbot: QtBot, view: HistoryView) -> None:
    view.select(6)
    with qtbot.assertNotEmitted(view.play_requested):
        qtbot.keyClick(view.list, Qt.Key.Key_Return)


def test_a_click_on_the_picture_plays_and_on_the_words_selects(
    qtbot: QtBot, view: HistoryView
) -> None:
    row = view.list.visualRect(view.model.index_of(7))
    viewport = view.list.viewport()
    with qtbot.waitSignal(view.play_requested):
        qtbot.mouseClick(
            viewport, Qt.MouseButton.LeftButton,
            pos=view.delegate.thumbnail_rect(row).center(),
        )  # fmt: skip
    with qtbot.assertNotEmitted(view.play_requested):
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=row.center() + QPoint(60, 0))
    assert [one.id for one in view.selected()] == [7]


def test_down_goes_from_the_search_into_the_list(qtbot: QtBot, view: HistoryView) -> None:
    view.focus_search()
    qtbot.keyClick(view.search, Qt.Key.Key_Down)
    assert view.current() is not None
    assert view.current().id == 7


def test_an_empty_list_says_what_to_do(qtbot: QtBot, theme: Theme) -> None:
    library = Library([])
    view = HistoryView(a_model(library))
    qtbot.addWidget(view)
    view.show()
    assert view.empty.text == "No clips yet. Type a prompt and press Ctrl+Enter."
    assert view.empty.isVisible()
    with qtbot.waitSignal(view.write_requested):
        view.empty.button.click()
    view.search.setText("whale")
    with qtbot.waitSignal(view.model.search_changed, timeout=20_000):
        pass
    assert view.empty.text == "No clip matches “whale”."
    view.empty.button.click()
    assert view.search.text() == ""


def test_nothing_is_called_empty_before_it_was_read(qtbot: QtBot, theme: Theme) -> None:
    scope = Scope(is_held=True)
    view = HistoryView(LibraryModel(Library([]), None, scope.spawn))
    qtbot.addWidget(view)
    view.model.load()
    assert not view.empty.isVisibleTo(view)
    scope.run()
    assert view.empty.isVisibleTo(view)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_rows_are_tall_enough_for_their_text(qtbot: QtBot, view: HistoryView, scale: float) -> None:
    app_font = view.font()
    height = view.delegate.row_height()
    assert height >= 72
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    QApplication.setFont(font)
    try:
        taller = view.delegate.row_height()
        assert taller >= height * (1.2 if scale > 1 else 1)
    finally:
        QApplication.setFont(app_font)


def test_painting_a_row_is_cheap(view: HistoryView) -> None:
    image = QImage(340, 72, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    option = QStyleOptionViewItem()
    option.rect = image.rect()
    option.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Selected
    best = float("inf")
    for row in range(view.model.rowCount()):
        view.delegate.paint(painter, option, view.model.index(row, 0))
    for _ in range(20):
        started = time.perf_counter()
        for row in range(view.model.rowCount()):
            view.delegate.paint(painter, option, view.model.index(row, 0))
        best = min(best, (time.perf_counter() - started) / view.model.rowCount())
    painter.end()
    # 0.15 ms here; the margin is for machines that do other things at the same time
    assert best < 0.001


def test_new_rows_do_not_move_what_is_being_looked_at(qtbot: QtBot, theme: Theme) -> None:
    view = HistoryView(a_model(a_library(40)))
    qtbot.addWidget(view)
    view.resize(340, 400)
    view.show()
    bar = view.list.verticalScrollBar()
    bar.setValue(500)
    shown = view.list.indexAt(QPoint(150, 150)).data(GenerationRole).id
    view.model.on_event(an_event(EventKind.ADDED, generation(41)))
    view.model.take_in()
    assert view.list.indexAt(QPoint(150, 150)).data(GenerationRole).id == shown
    bar.setValue(0)
    view.model.on_event(an_event(EventKind.ADDED, generation(42)))
    view.model.take_in()
    assert view.list.indexAt(QPoint(150, 30)).data(GenerationRole).id == 42


def test_a_drag_takes_all_that_is_selected(
    qtbot: QtBot, view: HistoryView, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[list[int]] = []
    monkeypatch.setattr(
        "veo_studio.ui.views.clip_choosing.drag_out",
        lambda _widget, chosen, _thumbnails: dragged.append([one.id for one in chosen]),
    )
    view.list.selectAll()
    viewport = view.list.viewport()
    start = view.list.visualRect(view.model.index_of(7)).center()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in (5, 30, 60):
        position = QPointF(start + QPoint(step, 0))
        QApplication.sendEvent(
            viewport,
            QMouseEvent(
                QEvent.Type.MouseMove, position, viewport.mapToGlobal(position),
                Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
            ),
        )  # fmt: skip
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
    assert dragged == [[7, 6, 5, 4, 3, 2, 1]]


def test_tool_tips_show_markup_as_text(view: HistoryView) -> None:
    tip = view.model.index_of(1).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;long" in tip
    failed = view.model.index_of(6).data(Qt.ItemDataRole.ToolTipRole)
    assert "API key" in failed


def test_what_is_not_loaded_is_left_to_who_reads_it(qtbot: QtBot, theme: Theme) -> None:
    view = HistoryView(a_model(a_library(3000)))
    qtbot.addWidget(view)
    view.resize(340, 400)
    view.show()
    qtbot.waitExposed(view)
    view.list.setFocus()
    qtbot.keyClick(view.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(view.selected()) < len(view.chosen_ids()) == 3000
    used: list[str] = []
    rated: list[int] = []
    directly: list[object] = []
    view.used.connect(used.append)
    view.rated.connect(rated.append)
    for signal in (
        view.delete_requested, view.shelf_requested, view.compare_requested,
        view.copy_path_requested, view.tags_requested, view.collection_requested,
    ):  # fmt: skip
        signal.connect(directly.append)
    view.favourite_requested.connect(lambda chosen, _on: directly.append(chosen))
    view.rating_requested.connect(lambda chosen, _stars: directly.append(chosen))
    keys = Qt.Key.Key_Delete, Qt.Key.Key_S, Qt.Key.Key_C, Qt.Key.Key_F, Qt.Key.Key_T, Qt.Key.Key_B
    for key in (*keys, Qt.Key.Key_5):
        qtbot.keyClick(view.list, key)
    qtbot.keyClick(view.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert used == ["delete", "shelf", "compare", "favourite", "tags", "collection", "copy"]
    assert rated == [5]
    assert not directly
