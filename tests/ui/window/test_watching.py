"""Comparing takes and taking frames, through the real window."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QGuiApplication, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation, InputRole
from veo_studio.ui.views.compare import CompareView

_K = Qt.Key


async def takes(driver: Driver, count: int) -> list[Generation]:
    """Finished takes of one click, as the history has them."""
    driver.choose_text("A paper boat on a quiet river")
    driver.window.form_model.set_takes(count)
    driver.window.form_model.confirm = None
    driver.click(driver.window.form.generate)
    await driver.until_ready(count)
    await driver.until(lambda: all(row.width_px is not None for row in driver.rows))
    return driver.rows


async def compared(driver: Driver, count: int = 2) -> CompareView:
    """The window that C opens over the takes of a click."""
    rows = await takes(driver, count)
    history = driver.window.history
    history.select(rows[0].id)
    history.list.setFocus()
    QTest.keyClick(history.list, _K.Key_C)
    view = driver.window.library_tools.comparing.view
    assert view is not None
    assert [one.id for one in view.model.generations] == [row.id for row in rows]
    return view


async def marked(driver: Driver, view: CompareView, is_so: Callable[[], bool]) -> None:
    await becomes(is_so, view.model.changed, driver.program.history.dataChanged)


async def test_takes_are_compared_and_the_kept_one_is_the_favourite(driver: Driver):
    view = await compared(driver, 3)
    library = driver.program.studio.library
    first, second, third = (one.id for one in view.model.generations)
    QTest.keyClick(view, _K.Key_2)
    QTest.keyClick(view, _K.Key_F)
    await marked(driver, view, lambda: view.model.generations[1].favourite)
    QTest.keyClick(view, _K.Key_3)
    QTest.keyClick(view, _K.Key_X)
    await marked(driver, view, lambda: view.model.generations[2].rejected)
    assert view.grid.tiles[1].state.text() == "kept"
    assert view.grid.tiles[2].state.text() == "rejected"
    QTest.keyClick(view, _K.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await marked(driver, view, lambda: not view.model.generations[2].rejected)
    driver.click(view.finish_button)
    assert driver.window.library_tools.comparing.view is None
    stored = {one.id: one for one in await library.by_ids([first, second, third])}
    assert stored[second].favourite
    assert not any(stored[one].favourite or stored[one].rejected for one in (first, third))
    assert any("per kept clip" in text or "takes, free" in text for text in driver.notices)


async def test_escape_brings_the_focus_back_to_the_list(driver: Driver):
    view = await compared(driver)
    assert driver.window.player.is_playing is False
    QTest.keyClick(view, _K.Key_Escape)
    await becomes(
        lambda: QApplication.focusWidget() is driver.window.history.list,
        QApplication.instance().focusChanged,
    )


async def test_a_compared_clip_that_is_deleted_is_let_go_first(driver: Driver):
    view = await compared(driver, 3)
    gone = view.model.generations[1]
    driver.window.history.delete_requested.emit([gone])
    # at once, before anything is moved
    assert [one.path for one in view.sources.items] != []
    assert gone.video_path not in [one.path for one in view.sources.items]
    await driver.until(lambda: len(driver.rows) == 2)
    driver.window.history.delete_requested.emit([view.model.generations[0]])
    assert driver.window.library_tools.comparing.view is None
    await driver.until(lambda: len(driver.rows) == 1)


async def test_one_clip_alone_cannot_be_compared(driver: Driver):
    (row,) = await takes(driver, 1)
    driver.window.history.compare_requested.emit([row])
    assert driver.window.library_tools.comparing.view is None
    assert "Select two to four finished clips to compare them." in driver.notices


async def test_the_menu_offers_it(driver: Driver):
    rows = await takes(driver, 2)
    words = [
        action.text().partition("\t")[0]
        for chosen in (rows, rows[:1])
        for action in driver.window.history.actions_for(chosen)
        if action is not None
    ]
    assert "Compare 2 clips" in words
    assert "Compare 2 takes" in words


# frames


async def playing(driver: Driver) -> Generation:
    (row,) = await takes(driver, 1)
    player = driver.window.player
    player.show_generation(row)
    await becomes(
        lambda: player.picture() is not None and player.sources.duration_ms > 0,
        player.sources.picture_changed,
        player.sources.duration_changed,
    )
    player.setFocus()
    return row


async def test_a_frame_goes_to_a_file_beside_its_clip(driver: Driver):
    row = await playing(driver)
    player = driver.window.player
    player.seek(1000)
    await becomes(lambda: 0.9 < player.frame_s < 1.1, player.sources.picture_changed)
    QTest.keyClick(player, _K.Key_G)
    await driver.until(lambda: any("Frame saved as" in text for text in driver.notices))
    (saved,) = row.video_path.parent.glob("*.png")
    assert saved.name.startswith(f"{row.video_path.stem}_at_1.")
    picture = QImage(str(saved))
    assert (picture.width(), picture.height()) == (row.width_px, row.height_px)
    # another one of the same moment takes nothing away
    QTest.keyClick(player, _K.Key_G)
    await driver.until(lambda: len(list(row.video_path.parent.glob("*.png"))) == 2)


async def test_a_frame_goes_to_the_clipboard(driver: Driver):
    row = await playing(driver)
    QGuiApplication.clipboard().clear()
    QTest.keyClick(driver.window.player, _K.Key_G, Qt.KeyboardModifier.ShiftModifier)
    await driver.until(lambda: "Frame copied." in driver.notices)
    picture = QGuiApplication.clipboard().image()
    assert (picture.width(), picture.height()) == (row.width_px, row.height_px)


async def test_a_frame_is_where_the_next_clip_begins(driver: Driver):
    row = await playing(driver)
    form = driver.window.form_model
    QTest.keyClick(driver.window.player, _K.Key_U)
    await becomes(lambda: bool(form.meant), form.changed)
    (item,) = form.meant
    assert item.role is InputRole.FIRST_FRAME
    assert item.generation_id == row.id
    assert " at 0" in item.name


async def test_the_menus_of_the_player_have_its_commands(driver: Driver):
    await playing(driver)
    player = driver.window.player
    bar = driver.window.menuBar()
    texts = {
        action.text().partition("\t")[0]
        for top in bar.actions()
        for action in (top.menu().actions() if isinstance(top.menu(), QObject) else ())
    }
    assert {"In point here", "Save this frame as a picture", "Backwards"} <= texts
    assert player.commands.action("grab").isEnabled()
