"""Far more is selected than is loaded: what is asked for is done to all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import running
from tests.ui.window.shown_library import LibraryDriver, fill
from veo_studio.core.paths import Paths
from veo_studio.ui.views.clip_view import ClipView
from veo_studio.ui.views.export import ExportDialog

CTRL = Qt.KeyboardModifier.ControlModifier
# more than are held because they are selected
_COUNT = 540


@pytest.fixture
async def library(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> AsyncIterator[LibraryDriver]:
    fill(paths, [f"Boat {number}" for number in range(_COUNT)])
    async with running(paths) as driver:
        yield LibraryDriver(driver)


async def in_history(library: LibraryDriver) -> ClipView:
    history = library.window.history
    await becomes(
        lambda: history.model.rowCount() == _COUNT,
        history.model.rowsInserted,
        history.model.modelReset,
        timeout_s=60,
    )
    choose_all(history.list)
    assert len(history.selected()) < _COUNT, "the test has too few clips"
    return history.list


async def in_library(library: LibraryDriver) -> ClipView:
    await library.open()
    await library.until(lambda: library.view.model.rowCount() == _COUNT)
    choose_all(library.view.grid)
    assert len(library.view.selected()) < _COUNT, "the test has too few clips"
    return library.view.grid


def choose_all(clips: ClipView) -> None:
    clips.setFocus()
    QTest.keyClick(clips, Qt.Key.Key_A, CTRL)
    assert clips.chosen_count() == _COUNT


@pytest.mark.parametrize("reached", [in_history, in_library])
async def test_keys_menus_and_drags_mean_all_of_it(
    library: LibraryDriver, reached, monkeypatch: pytest.MonkeyPatch
):
    clips = await reached(library)
    actions = library.window.library_tools.clip_actions()
    words = [one.text().partition("\t")[0] for one in actions if one is not None]
    assert words == [
        "Mark", f"Export {_COUNT} files\u2026", f"Copy {_COUNT} paths", "Add to the shelf",
        f"Delete {_COUNT}",
    ]  # fmt: skip
    await copies_all(clips)
    says_what_is_left_out(library, clips, monkeypatch)
    await exports_all(library)


async def copies_all(clips: ClipView) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.clear()
    QTest.keyClick(clips, Qt.Key.Key_C, CTRL)
    await becomes(lambda: bool(clipboard.text()), clipboard.dataChanged, timeout_s=60)
    assert len(set(clipboard.text().split("\n"))) == _COUNT


def says_what_is_left_out(
    library: LibraryDriver, clips: ClipView, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[int] = []

    def drag_out(_widget: object, chosen: list[object], _pictures: object) -> bool:
        carried.append(len(chosen))
        return True

    monkeypatch.setattr("veo_studio.ui.views.clip_choosing.drag_out", drag_out)
    clips.startDrag(Qt.DropAction.CopyAction)
    words = f"{carried[0]} of {_COUNT} clips were dragged. Export takes all of them."
    assert words in library.window.telling.notices_of("history").texts


async def exports_all(library: LibraryDriver) -> None:
    exporting = library.window.library_tools.exporting
    opening = Opening(ExportDialog)
    library.window.acts.export.trigger()
    dialog: QWidget = await asyncio.wait_for(opening.shown, 60)
    assert isinstance(dialog, ExportDialog)
    assert len(dialog.model.generations) == _COUNT
    dialog.reject()
    await becomes(lambda: exporting.dialog is None, timeout_s=60)


async def test_a_rating_is_for_all_of_the_history(library: LibraryDriver):
    clips = await in_history(library)
    model = library.window.history.model
    QTest.keyClick(clips, Qt.Key.Key_4)
    rated = f"{_COUNT} rated with 4."
    await library.driver.until(lambda: rated in library.driver.notices, timeout_s=120)
    rows = await model.generations([model.id_at(row) for row in range(_COUNT)])
    assert [one.rating for one in rows] == [4] * _COUNT


async def test_a_drop_on_a_collection_takes_all(
    library: LibraryDriver, monkeypatch: pytest.MonkeyPatch
):
    clips = await in_library(library)
    places = library.control.places
    made = await places.create_collection("Boats")
    await becomes(lambda: places.collection(made.id) is not None, places.changed, timeout_s=60)

    def drag_out(*_: object) -> bool:
        ids = list(library.view.chosen_ids())
        library.view.sidebar.clips_dropped.emit(places.collection(made.id), ids)
        return True

    monkeypatch.setattr("veo_studio.ui.views.clip_choosing.drag_out", drag_out)
    clips.startDrag(Qt.DropAction.CopyAction)
    assert not any("were dragged" in words for words in library.notices)

    def is_filled() -> bool:
        collection = places.collection(made.id)
        return collection is not None and collection.count == _COUNT

    await becomes(is_filled, places.changed, timeout_s=60)
