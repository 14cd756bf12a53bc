from __future__ import annotations

import time
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PyQt6.QtGui import QImage, QMouseEvent, QPainter, QPixmap
from PyQt6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import Library, Pictures, Scope, generation
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    Charge,
    Choice,
    ErrorKind,
    Generation,
    GenerationState,
    Progress,
    Stage,
)
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.history_model import (
    GenerationRole,
    HistoryModel,
    ProgressRole,
    ThumbnailRole,
)
from veo_studio.ui.views.history import HistoryView

S = GenerationState


def _library(count: int) -> Library:
    return Library([generation(number) for number in range(1, count + 1)])


def _model(library: Library, scope: Scope | None = None) -> HistoryModel:
    made = HistoryModel(library, None, (scope or Scope()).spawn)
    made.load()
    return made


def _ids(model: HistoryModel) -> list[int]:
    return [model.index(row, 0).data(GenerationRole).id for row in range(model.rowCount())]


def _event(kind: EventKind, row: Generation, progress: Progress | None = None) -> GenerationEvent:
    return GenerationEvent(kind, row, progress)


def test_model_keeps_qts_rules(qtmodeltester: ModelTester, qapp: object) -> None:
    model = _model(_library(300))
    qtmodeltester.check(model)
    model.on_event(_event(EventKind.ADDED, generation(301)))
    model.on_event(_event(EventKind.REMOVED, generation(299)))
    while model.canFetchMore(model.index(-1, 0)):
        model.fetchMore(model.index(-1, 0))
    qtmodeltester.check(model)


def test_pages_come_newest_first_and_meet_without_a_gap(qapp: object) -> None:
    library = _library(500)
    model = _model(library)
    assert model.total == 500
    first = model.rowCount()
    assert 0 < first < 100
    while model.canFetchMore(model.index(-1, 0)):
        model.fetchMore(model.index(-1, 0))
    assert _ids(model) == list(range(500, 0, -1))
    # by keyset: each page starts below the last id of the one before
    assert library.loads[1] == ("", 500 - first + 1)


class _Vast(Library):
    """A hundred thousand rows that exist only when they are asked for."""

    async def page(
        self, *, search: str = "", before_id: int | None = None, limit: int = 100
    ) -> list[Generation]:
        self.loads.append((search, before_id))
        newest = (before_id or 100_001) - 1
        return [generation(number) for number in range(newest, max(0, newest - limit), -1)]

    async def count(self, search: str = "") -> int:
        return 100_000


def test_a_hundred_thousand_rows_cost_one_page(qapp: object) -> None:
    library = _Vast()
    model = _model(library)
    assert model.rowCount() < 100
    assert model.total == 100_000
    assert len(library.loads) == 1
    model.fetchMore(model.index(-1, 0))
    assert model.rowCount() < 400


def test_a_new_generation_comes_first(qapp: object) -> None:
    model = _model(_library(3))
    model.on_event(_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    model.on_event(_event(EventKind.ADDED, generation(5, state=S.PENDING)))
    assert _ids(model) == [5, 4, 3, 2, 1]
    assert model.index_of(4).row() == 1
    assert model.total == 5


def test_a_removed_one_that_comes_back_takes_its_old_place(qapp: object) -> None:
    model = _model(_library(5))
    model.on_event(_event(EventKind.REMOVED, generation(3)))
    assert _ids(model) == [5, 4, 2, 1]
    model.on_event(_event(EventKind.ADDED, generation(3)))
    assert _ids(model) == [5, 4, 3, 2, 1]
    assert [model.index_of(one).row() for one in (5, 3, 1)] == [0, 2, 4]


def test_progress_is_announced_at_most_ten_times_a_second(qtbot: QtBot) -> None:
    model = _model(_library(3))
    running = generation(2, state=S.PROCESSING)
    announced: list[tuple[int, list[int]]] = []
    model.dataChanged.connect(lambda first, last, roles: announced.append((first.row(), roles)))
    for percent in range(20, 60):
        progress = Progress(percent, Stage.PROCESSING, "Generating frames")
        model.on_event(_event(EventKind.PROGRESS, running, progress))
    assert announced == []
    assert model.index_of(2).data(ProgressRole).percent == 59
    qtbot.waitUntil(lambda: bool(announced), timeout=2000)
    assert announced == [(1, [ProgressRole])]


def test_a_change_of_state_is_announced_at_once(qapp: object) -> None:
    model = _model(_library(3))
    rows: list[int] = []
    model.dataChanged.connect(lambda first, last, roles: rows.append(first.row()))
    model.on_event(
        _event(EventKind.PROGRESS, generation(2, state=S.PROCESSING),
               Progress(30, Stage.PROCESSING, "x"))
    )  # fmt: skip
    model.on_event(_event(EventKind.STATE_CHANGED, generation(2, state=S.FAILED)))
    assert rows == [1]
    assert model.index_of(2).data(ProgressRole) is None
    assert model.index_of(2).data(GenerationRole).state is S.FAILED


def test_search_waits_until_the_typing_rests(qtbot: QtBot) -> None:
    library = Library([generation(1, prompt="A red fox"), generation(2, prompt="A blue whale")])
    model = _model(library)
    library.loads.clear()
    for text in ("r", "re", "red"):
        model.set_search(text)
    assert library.loads == []
    with qtbot.waitSignal(model.search_changed, timeout=2000):
        pass
    assert library.loads == [("red", None)]
    assert _ids(model) == [1]
    model.on_event(_event(EventKind.ADDED, generation(3, prompt="A green parrot")))
    model.on_event(_event(EventKind.ADDED, generation(4, prompt="Red sand")))
    assert _ids(model) == [4, 1]


def test_an_answer_that_was_overtaken_is_dropped(qapp: object) -> None:
    scope = Scope(is_held=True)
    library = _library(3)
    model = HistoryModel(library, None, scope.spawn)
    model.load()
    library_before = scope.waiting.pop()
    library.rows = [generation(9)]
    model.load()
    scope.run()
    scope.waiting.append(library_before)
    library.rows = [generation(1)]
    scope.run()
    assert _ids(model) == [9]


def test_what_is_added_while_the_first_page_is_read_is_kept(qapp: object) -> None:
    scope = Scope(is_held=True)
    model = HistoryModel(_library(3), None, scope.spawn)
    model.load()
    model.on_event(_event(EventKind.ADDED, generation(4, state=S.PENDING)))
    scope.run()
    assert _ids(model) == [4, 3, 2, 1]


def test_reading_again_moves_nothing_when_nothing_changed(qapp: object) -> None:
    model = _model(_library(3))
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.load()
    assert resets == []


def test_a_broken_store_is_asked_once(qapp: object) -> None:
    library = _library(500)
    scope = Scope()
    model = _model(library, scope)
    library.fail_with = StorageError("gone")
    model.fetchMore(model.index(-1, 0))
    assert len(scope.errors) == 1
    assert not model.canFetchMore(model.index(-1, 0))
    assert not model.is_loading


@pytest.fixture
def picture(tmp_path: Path, qapp: object) -> Path:
    path = tmp_path / "thumbnail.jpg"
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(path))
    return path


def test_thumbnails_are_made_for_painted_rows_only(qtbot: QtBot, picture: Path) -> None:
    rows = [generation(number, video_path=Path(f"/clips/{number}.mp4")) for number in range(1, 30)]
    pictures = Pictures(picture)
    model = HistoryModel(Library(rows), pictures, Scope().spawn)
    model.load()
    assert pictures.asked == []
    assert model.index(0, 0).data(ThumbnailRole) is None
    assert model.index(1, 0).data(ThumbnailRole) is None
    qtbot.waitUntil(lambda: len(pictures.asked) == 2, timeout=2000)
    pixmap = model.index(0, 0).data(ThumbnailRole)
    assert isinstance(pixmap, QPixmap)
    assert pixmap.deviceIndependentSize().toSize() == QSize(96, 54)
    assert pictures.asked == ["uuid-28", "uuid-29"]  # the one painted last comes first
    assert model.index(0, 0).data(ThumbnailRole).cacheKey() == pixmap.cacheKey()


def test_a_clip_without_a_picture_is_asked_for_once(qtbot: QtBot) -> None:
    pictures = Pictures(None)
    row = generation(1, video_path=Path("/clips/1.mp4"))
    model = HistoryModel(Library([row]), pictures, Scope().spawn)
    model.load()
    model.index(0, 0).data(ThumbnailRole)
    qtbot.waitUntil(lambda: len(pictures.asked) == 1, timeout=2000)
    model.index(0, 0).data(ThumbnailRole)
    assert not model._pictures._timer.isActive()
    model.on_event(_event(EventKind.UPDATED, row))
    model.index(0, 0).data(ThumbnailRole)
    assert model._pictures._timer.isActive()


def test_a_drag_carries_files_and_nothing_else(qapp: object, tmp_path: Path) -> None:
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"x")
    rows = [
        generation(1, video_path=clip),
        generation(2, video_path=tmp_path / "gone.mp4"),
        generation(3, state=S.FAILED),
    ]
    model = _model(Library(rows))
    mime = model.mimeData([model.index(row, 0) for row in range(3)])
    assert mime.formats() == ["text/uri-list"]
    assert [url.toLocalFile() for url in mime.urls()] == [str(clip)]
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    assert not model.flags(model.index_of(3)) & Qt.ItemFlag.ItemIsDragEnabled


# The view


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
    made = HistoryView(_model(Library(rows)))
    qtbot.addWidget(made)
    made.resize(340, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def _menu(view: HistoryView, *ids: int) -> list[str]:
    chosen = [view.model.index_of(one).data(GenerationRole) for one in ids]
    return [one.text().split("\t")[0] for one in view.actions_for(chosen) if one is not None]


def test_menus_offer_only_what_does_something(view: HistoryView) -> None:
    use = "Use prompt and settings"
    assert _menu(view, 7) == [
        "Play", "Show in folder", "Copy path", "Copy prompt", "Generate again", use, "Delete",
    ]  # fmt: skip
    assert _menu(view, 6) == ["Try again", "Copy prompt", "Copy details", use, "Delete"]
    # what waits for a decision is not deleted before it is taken
    assert _menu(view, 5) == ["Copy prompt", "Copy details", "Generate again", use]
    view.choices_of = lambda one: (Choice.COLLECT, Choice.MARK_FAILED)
    assert _menu(view, 4) == [
        "Fetch it", "Mark as failed: 10 tokens come back", "Copy prompt", "Copy details",
        "Generate again", use,
    ]  # fmt: skip
    view.choices_of = lambda one: ()
    assert _menu(view, 3) == ["Copy prompt", "Generate again", use, "Cancel"]
    assert _menu(view, 7, 6, 3) == ["Copy 1 path", "Delete 2 clips"]
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
    view = HistoryView(_model(library))
    qtbot.addWidget(view)
    view.show()
    assert view.empty.text == "No clips yet. Type a prompt and press Ctrl+Enter."
    assert view.empty.isVisible()
    with qtbot.waitSignal(view.write_requested):
        view.empty.button.click()
    view.search.setText("whale")
    with qtbot.waitSignal(view.model.search_changed, timeout=2000):
        pass
    assert view.empty.text == "No clip matches “whale”."
    view.empty.button.click()
    assert view.search.text() == ""


def test_nothing_is_called_empty_before_it_was_read(qtbot: QtBot, theme: Theme) -> None:
    scope = Scope(is_held=True)
    view = HistoryView(HistoryModel(Library([]), None, scope.spawn))
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
    view = HistoryView(_model(_library(40)))
    qtbot.addWidget(view)
    view.resize(340, 400)
    view.show()
    bar = view.list.verticalScrollBar()
    bar.setValue(500)
    shown = view.list.indexAt(QPoint(150, 150)).data(GenerationRole).id
    view.model.on_event(_event(EventKind.ADDED, generation(41)))
    assert view.list.indexAt(QPoint(150, 150)).data(GenerationRole).id == shown
    bar.setValue(0)
    view.model.on_event(_event(EventKind.ADDED, generation(42)))
    assert view.list.indexAt(QPoint(150, 30)).data(GenerationRole).id == 42


def test_a_drag_takes_all_that_is_selected(
    qtbot: QtBot, view: HistoryView, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[list[int]] = []
    monkeypatch.setattr(
        "veo_studio.ui.views.history_list.drag_out",
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
