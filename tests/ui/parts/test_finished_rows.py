from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.parts.dragging import Caught, pull
from tests.ui.parts.samples import generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, GenerationState
from veo_studio.ui.theme import Theme, tokens
from veo_studio.ui.view_models.finished_model import FinishedModel
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.views.queue import QueueView

_S = GenerationState


def clip(tmp_path: Path, number: int) -> Generation:
    path = tmp_path / f"{number}.mp4"
    path.write_bytes(b"clip")
    return generation(number, video_path=path, size_bytes=2_400_000, length_s=8.0)


@pytest.fixture
def queue(qapp: QApplication, qtbot: QtBot, theme: Theme) -> Iterator[QueueView]:
    model = QueueModel()
    made = QueueView(model)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(500, 500)
    made.show()
    yield made
    made.close()


def test_the_model_keeps_qts_contract(qtmodeltester, tmp_path: Path) -> None:
    model = FinishedModel()
    for number in range(1, 9):
        model.add(clip(tmp_path, number))
    qtmodeltester.check(model)
    assert [one.id for one in model.generations] == [8, 7, 6, 5, 4]
    model.clear()
    qtmodeltester.check(model)
    model.add(clip(tmp_path, 1))
    assert [one.id for one in model.generations] == [1]


def test_what_comes_out_of_the_queue_stays_in_reach(queue: QueueView, tmp_path: Path) -> None:
    model = queue._model
    assert queue.finished.isHidden()
    stranger = clip(tmp_path, 5)
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, stranger))
    assert queue.finished.isHidden()
    running = generation(1, state=_S.PROCESSING)
    model.on_event(GenerationEvent(EventKind.ADDED, running))
    done = clip(tmp_path, 1)
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, done))
    assert model.rowCount() == 0
    assert [one.id for one in model.finished.generations] == [1]
    assert not queue.finished.isHidden()
    spoken = model.finished.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Ready, 8 s · 2.4 MB" in spoken
    model.on_event(GenerationEvent(EventKind.REMOVED, done))
    assert queue.finished.isHidden()


def test_what_failed_is_not_among_them(queue: QueueView) -> None:
    model = queue._model
    model.on_event(GenerationEvent(EventKind.ADDED, generation(1, state=_S.PROCESSING)))
    model.on_event(GenerationEvent(EventKind.STATE_CHANGED, generation(1, state=_S.FAILED)))
    assert model.finished.rowCount() == 0


def test_a_finished_row_is_dragged_out_as_its_file(
    queue: QueueView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = Caught(monkeypatch)
    done = clip(tmp_path, 1)
    queue._model.finished.add(done)
    rows = queue.finished.list
    asked: list[Generation] = []

    def pixmap_of(one: Generation) -> QPixmap | None:
        asked.append(one)
        return None

    rows.pixmap_of = pixmap_of
    pull(rows.viewport(), rows.visualRect(queue._model.finished.index(0)).center())
    assert caught.files == [[done.video_path]]
    assert caught.actions == [(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction)]
    assert asked == [done]
    assert queue._model.finished.rowCount() == 1


def test_a_finished_row_is_played_by_its_button_and_by_keyboard(
    queue: QueueView, tmp_path: Path
) -> None:
    done = clip(tmp_path, 1)
    queue._model.finished.add(done)
    played: list[Generation] = []
    queue.finished.play_requested.connect(played.append)
    rows = queue.finished.list
    index = queue._model.finished.index(0)
    at = rows.button_rect(index).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert played == [done, done]
    words = [action.text() for action in queue.finished.actions_for(done)]
    assert words == ["Play", "Add to the shelf", "Copy prompt"]
    queue.finished.clear_button.click()
    assert queue.finished.isHidden()


def test_a_small_pane_keeps_its_room_for_what_runs(queue: QueueView, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        queue._model.finished.add(clip(tmp_path, number))
    rows = queue.finished.list
    assert rows.height() == 2 * rows.row_height()
    queue.resize(500, queue.minimumSizeHint().height() + 20)
    assert queue.finished.isHidden()
    queue.resize(500, 500)
    assert not queue.finished.isHidden()


def test_what_is_finished_has_all_five_stages_behind_it(queue: QueueView, tmp_path: Path) -> None:
    model = queue._model
    model.finished.add(clip(tmp_path, 1))
    listed = queue.finished.list
    picture = listed.grab(listed.visualRect(model.finished.index(0, 0))).toImage()
    ok = tokens().color("ok").rgb()
    columns = {
        x
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixel(x, y) == ok
    }
    groups = sum(1 for x in columns if x - 1 not in columns)
    assert groups >= 5
