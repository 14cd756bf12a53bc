"""Clips leave every part of the window as files, and come onto the shelf, through the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from tests.ui.parts.dragging import Caught, drop, pull_outside_tasks
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import Generation
from veo_studio.core.paths import Paths
from veo_studio.ui.drag_out import ClipMime
from veo_studio.ui.views.shelf import ShelfWindow
from veo_studio.ui.window_pages import LIBRARY

_COPY = Qt.DropAction.CopyAction


async def made(driver: Driver, count: int = 1) -> list[Generation]:
    """Finished clips, as the history has them."""
    driver.choose_text("A paper boat on a quiet river")
    driver.window.form_model.set_takes(count)
    driver.window.form_model.confirm = None
    driver.click(driver.window.form.generate)
    await driver.until_ready(count)
    return driver.rows


async def on_shelf(driver: Driver, count: int) -> ShelfWindow:
    shelf = driver.window.library_tools.shelf
    await becomes(lambda: shelf.view is not None and shelf.view.model.rowCount() == count)
    assert shelf.view is not None
    return shelf.view


async def test_history_queue_and_player_give_the_same_file(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    (clip,) = await made(driver)
    caught = Caught(monkeypatch)
    window = driver.window
    rows = window.history.list
    await pull_outside_tasks(
        rows.viewport(), rows.visualRect(window.history_model.index_of(clip.id)).center()
    )
    finished = window.queue.finished.list
    await pull_outside_tasks(
        finished.viewport(), finished.visualRect(finished.model().index(0, 0)).center()
    )
    window.player.show_generation(clip)
    player = window.player
    await becomes(lambda: player.picture() is not None)
    await pull_outside_tasks(player._picture, player._picture.rect().center() - QPoint(20, 20))
    assert caught.files == [[clip.video_path]] * 3
    assert caught.formats == [["text/uri-list"]] * 3
    assert caught.actions == [(_COPY, _COPY)] * 3
    assert caught.pictured == [True] * 3
    player.release()


async def test_the_library_gives_all_that_are_chosen(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    clips = await made(driver, 3)
    caught = Caught(monkeypatch)
    driver.window.pages.show(LIBRARY)
    view = driver.window.library_tools.view
    model = driver.window.library_model
    await becomes(lambda: model.rowCount() == 3, model.modelReset)
    await becomes(lambda: model.generation(model.index(0, 0)) is not None, model.dataChanged)
    view.grid.setFocus()
    view.grid.selectAll()
    await becomes(lambda: len(view.selected()) == 3)
    await pull_outside_tasks(view.grid.viewport(), view.grid.visualRect(model.index(0, 0)).center())
    (files,) = caught.files
    assert sorted(files) == sorted(one.video_path for one in clips)


async def test_a_key_puts_clips_on_the_shelf_and_a_restart_leaves_them_there(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    async with running(paths) as driver:
        clips = await made(driver, 2)
        history = driver.window.history
        history.list.setFocus()
        history.list.selectAll()
        await becomes(lambda: len(history.selected()) == 2)
        QTest.keyClick(history.list, Qt.Key.Key_S)
        view = await on_shelf(driver, 2)
        assert view.isVisible()
        assert driver.window.acts.shelf.isChecked()
        QTest.keyClick(history.list, Qt.Key.Key_S)
        await becomes(lambda: view.notices.texts == ["It is on the shelf already."])
        view.move(120, 130)
        order = view.model.ids
        assert sorted(order) == sorted(one.id for one in clips)
    async with running(paths) as driver:
        view = await on_shelf(driver, 2)
        assert view.isVisible()
        assert view.model.ids == order
        assert view.pos() == QPoint(120, 130)
        driver.window.acts.shelf.trigger()
        assert not view.isVisible()
        assert not driver.window.acts.shelf.isChecked()
    async with running(paths) as driver:
        assert driver.window.library_tools.shelf.view is None
        driver.window.acts.shelf.trigger()
        view = await on_shelf(driver, 2)
        view.clear_button.click()
        assert view.model.ids == []


async def test_the_shelf_lies_below_our_dialogs_and_above_the_window(driver: Driver):
    shelf = driver.window.library_tools.shelf
    shelf.set_shown(True)
    view = await on_shelf(driver, 0)
    application = QApplication.instance()
    on_top = Qt.WindowType.WindowStaysOnTopHint

    async def is_over_all(is_so: bool) -> None:
        await becomes(
            lambda: bool(view.windowHandle().flags() & on_top) is is_so,
            application.focusWindowChanged,
        )

    await is_over_all(True)
    dialog = QDialog(driver.window)
    dialog.open()
    dialog.activateWindow()
    await is_over_all(False)
    assert view.isVisible()
    dialog.reject()
    driver.window.activateWindow()
    await is_over_all(True)
    dialog.deleteLater()


async def test_clips_are_dropped_onto_the_shelf_by_us_and_by_a_file_manager(
    driver: Driver, tmp_path: Path
):
    first, second = await made(driver, 2)
    shelf = driver.window.library_tools.shelf
    shelf.set_shown(True)
    view = await on_shelf(driver, 0)
    assert first.video_path is not None
    assert second.video_path is not None
    assert drop(view, ClipMime([first.video_path], [first]))
    await on_shelf(driver, 1)
    stranger = tmp_path / "holiday.mp4"
    stranger.write_bytes(b"not ours")
    mime = QMimeData()
    files = (second.video_path, stranger)
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    assert drop(view, mime)
    await on_shelf(driver, 2)
    await becomes(lambda: view.notices.texts == ["1 file is no clip of your library."])
    # equal takes have equal bytes: each is known by its place
    assert view.model.ids == [first.id, second.id]
    renamed = tmp_path / "a copy elsewhere.mp4"
    renamed.write_bytes(second.video_path.read_bytes())
    view.model.clear()
    mime.setUrls([QUrl.fromLocalFile(str(renamed))])
    assert drop(view, mime)
    await on_shelf(driver, 1)


async def test_the_shelf_plays_and_follows_what_happens_to_its_clips(driver: Driver):
    (clip,) = await made(driver)
    shelf = driver.window.library_tools.shelf
    shelf.add([clip])
    view = await on_shelf(driver, 1)
    view.play_requested.emit(clip)
    assert driver.window.player.generation is not None
    assert driver.window.player.generation.id == clip.id
    driver.window.player.clear()
    driver.window.clips.delete([clip])
    await on_shelf(driver, 0)
    await driver.until(lambda: not driver.rows)
    notice = driver.window.history_notices.notices[-1]
    assert isinstance(notice, QObject)
    notice._act()
    await on_shelf(driver, 1)


async def test_the_shelf_goes_with_the_window(qapp: QApplication, paths: Paths, no_task_left: None):
    async with running(paths) as driver:
        (clip,) = await made(driver)
        driver.window.library_tools.shelf.add([clip])
        view = await on_shelf(driver, 1)
    assert not view.isVisible()
