from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.parts.dragging import Caught, drop, pull
from tests.ui.parts.samples import Pictures, Scope, generation
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, GenerationState
from veo_studio.ui.drag_out import MOST_FILES, ClipMime
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.shelf_model import FactsRole, ShelfModel
from veo_studio.ui.views.shelf import ShelfWindow


@pytest.fixture
def clips(tmp_path: Path) -> list[Generation]:
    made = []
    for number in range(1, 5):
        path = tmp_path / f"2026112{number}_a_boat.mp4"
        path.write_bytes(b"clip")
        made.append(generation(number, video_path=path, size_bytes=2_400_000, length_s=8.0))
    return made


@pytest.fixture
def shelf(qapp: QApplication, qtbot: QtBot, theme: Theme) -> Iterator[ShelfWindow]:
    made = ShelfWindow(ShelfModel(None, Scope().spawn))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def test_the_model_keeps_qts_contract(qtmodeltester, clips: list[Generation]) -> None:
    model = ShelfModel(None, Scope().spawn)
    qtmodeltester.check(model)
    model.add(clips)
    qtmodeltester.check(model)
    model.remove({clips[0].id, clips[2].id})
    qtmodeltester.check(model)


def test_only_finished_clips_are_put_on_it_and_each_once(clips: list[Generation]) -> None:
    model = ShelfModel(None, Scope().spawn)
    running = generation(9, state=GenerationState.PROCESSING)
    assert model.add([clips[1], running, clips[0], clips[1]]) == 2
    assert model.add([clips[0], clips[2]]) == 1
    assert model.ids == [2, 1, 3]


def test_it_holds_as_many_as_one_drag_takes(clips: list[Generation]) -> None:
    model = ShelfModel(None, Scope().spawn)
    many = [replace(clips[0], id=number) for number in range(1, MOST_FILES + 10)]
    assert model.add(many) == MOST_FILES
    assert model.add([replace(clips[0], id=9999)]) == 0


def test_what_is_deleted_leaves_it_and_comes_back_to_its_place(clips: list[Generation]) -> None:
    model = ShelfModel(None, Scope().spawn)
    model.add(clips)
    model.on_event(GenerationEvent(EventKind.REMOVED, clips[1]))
    assert model.ids == [1, 3, 4]
    model.on_event(GenerationEvent(EventKind.ADDED, generation(77)))
    model.on_event(GenerationEvent(EventKind.ADDED, clips[1]))
    assert model.ids == [1, 2, 3, 4]
    named = replace(clips[1], caption="Take two")
    model.on_event(GenerationEvent(EventKind.UPDATED, named))
    assert model.generations[1] is named


def test_a_file_that_is_gone_is_said_in_the_row(
    qapp: QApplication, clips: list[Generation]
) -> None:
    model = ShelfModel(Pictures(None), Scope().spawn)
    model.add(clips)
    assert model.index(0, 0).data(FactsRole) == "Its file is damaged"
    whole = ShelfModel(None, Scope().spawn)
    whole.add(clips)
    assert whole.index(0, 0).data(FactsRole) == "8 s · 2.4 MB"


def test_it_lies_above_other_programs_and_takes_no_focus(shelf: ShelfWindow) -> None:
    flags = shelf.windowFlags()
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    assert (flags & Qt.WindowType.WindowType_Mask) == Qt.WindowType.Tool
    assert shelf.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert not shelf.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    assert shelf.parent() is None


def test_it_is_whole_on_the_screen_with_its_frame(qtbot: QtBot, shelf: ShelfWindow) -> None:
    screen = shelf.screen()
    assert screen is not None
    room = screen.availableGeometry()
    shelf.place_in_corner(room)
    assert room.contains(shelf.frameGeometry())
    title = shelf.style().pixelMetric(shelf.style().PixelMetric.PM_TitleBarHeight)
    assert shelf.y() + title + shelf.height() <= room.bottom() + 1
    assert room.right() - shelf.frameGeometry().right() < 40
    for place in (room.bottomRight(), room.topLeft() - QPoint(500, 500)):
        shelf.hide()
        shelf.move(place)
        shelf.show()
        qtbot.waitUntil(lambda: room.contains(shelf.frameGeometry()), timeout=10_000)


def test_several_are_dragged_out_as_files_and_nothing_else(
    shelf: ShelfWindow, clips: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = Caught(monkeypatch)
    shelf.model.add(clips)
    assert clips[2].video_path is not None
    clips[2].video_path.unlink()
    shelf.list.selectAll()
    pull(shelf.list.viewport(), shelf.list.visualRect(shelf.model.index(0, 0)).center())
    (files,) = caught.files
    assert files == [clips[0].video_path, clips[1].video_path, clips[3].video_path]
    assert caught.formats == [["text/uri-list"]]
    copy = Qt.DropAction.CopyAction
    assert caught.actions == [(copy, copy)]
    assert caught.pictured == [True]
    assert shelf.model.ids == [1, 2, 3, 4]


def test_clips_of_ours_are_dropped_as_clips(shelf: ShelfWindow, clips: list[Generation]) -> None:
    told: list[tuple[list[Generation], list[str]]] = []
    shelf.dropped.connect(lambda ours, paths: told.append((ours, paths)))
    paths = [one.video_path for one in clips if one.video_path is not None]
    assert drop(shelf, ClipMime(paths, clips))
    assert told == [(clips, [])]


def test_files_of_other_programs_are_dropped_as_files(shelf: ShelfWindow, tmp_path: Path) -> None:
    told: list[tuple[list[Generation], list[str]]] = []
    shelf.dropped.connect(lambda ours, paths: told.append((ours, paths)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.mp4")), QUrl("https://example.org/b.mp4")])
    assert drop(shelf, mime)
    assert told == [([], [str(tmp_path / "a.mp4")])]
    words = QMimeData()
    words.setText("no file")
    assert not drop(shelf, words)
    link = QMimeData()
    link.setUrls([QUrl("https://example.org/b.mp4")])
    assert not drop(shelf, link)
    assert len(told) == 1


def test_everything_is_done_by_keyboard(shelf: ShelfWindow, clips: list[Generation]) -> None:
    played: list[Generation] = []
    copied: list[list[Generation]] = []
    closed: list[bool] = []
    shelf.play_requested.connect(played.append)
    shelf.copy_path_requested.connect(copied.append)
    shelf.closed.connect(lambda: closed.append(True))
    shelf.model.add(clips)
    shelf.list.setCurrentIndex(shelf.model.index(1, 0))
    QTest.keyClick(shelf.list, Qt.Key.Key_Return)
    assert played == [clips[1]]
    QTest.keyClick(shelf.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied == [[clips[1]]]
    QTest.keyClick(shelf.list, Qt.Key.Key_Delete)
    assert shelf.model.ids == [1, 3, 4]
    QTest.keyClick(shelf.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(shelf.list, Qt.Key.Key_Backspace)
    assert shelf.model.ids == []
    QTest.keyClick(shelf, Qt.Key.Key_Escape)
    assert closed == [True]
    assert not shelf.isVisible()


def test_an_empty_shelf_says_what_it_is_for(shelf: ShelfWindow, clips: list[Generation]) -> None:
    assert shelf.empty.isVisible()
    assert "Drop clips here" in shelf.empty.text
    assert not shelf.clear_button.isEnabled()
    shelf.model.add(clips)
    assert shelf.list.isVisible()
    assert shelf.count.text() == "4 clips"
    shelf.list.selectAll()
    assert shelf.count.text() == "4 of 4 chosen"
    shelf.clear_button.click()
    assert shelf.model.ids == []
    assert shelf.empty.isVisible()


def test_the_menu_offers_what_the_choice_can_do(
    shelf: ShelfWindow, clips: list[Generation]
) -> None:
    shelf.model.add(clips)
    words = [action.text() for action in shelf.actions_for(clips[:1])]
    assert words == ["Play", "Show in folder", "Copy path", "Remove from the shelf"]
    words = [action.text() for action in shelf.actions_for(clips)]
    assert words == ["Copy 4 paths", "Remove from the shelf"]
    assert shelf.actions_for([]) == []


def test_everything_has_a_name(shelf: ShelfWindow, clips: list[Generation]) -> None:
    shelf.model.add(clips)
    for widget in (shelf, shelf.list, shelf.remove_button, shelf.clear_button):
        assert widget.accessibleName()
    spoken = shelf.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert clips[0].prompt in spoken
