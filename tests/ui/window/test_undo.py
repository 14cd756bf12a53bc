"""Taking back the last delete by keyboard and menu."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


async def deleted(driver: Driver) -> Generation:
    """A clip that was deleted with the key."""
    driver.choose_text("A clip to lose and find")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    (row,) = driver.rows
    history = driver.window.history
    history.select(row.id)
    history.list.setFocus()
    QTest.keyClick(history.list, Qt.Key.Key_Delete)
    await driver.until(lambda: driver.rows == [] and bool(driver.notices))
    return row


def lines(driver: Driver) -> list[str]:
    menu = driver.window.clip_menu
    menu.aboutToShow.emit()
    words = [one.text().replace("&", "") for one in menu.actions() if not one.isSeparator()]
    return [one for one in words if one.startswith("Undo")]


async def test_ctrl_z_in_the_history_brings_a_deleted_clip_back(driver: Driver):
    row = await deleted(driver)
    assert lines(driver) == ["Undo: Moved to the trash"]
    prompt = driver.window.form.prompt
    prompt.setFocus()
    QTest.keyClicks(prompt, " more")
    QTest.keyClick(prompt, Qt.Key.Key_Z, CTRL)
    assert " more" not in prompt.toPlainText()
    assert driver.window.telling.last_undo() is not None, "in a text field it is the text's"
    history = driver.window.history.list
    history.setFocus()
    QTest.keyClick(history, Qt.Key.Key_Z, CTRL)
    await driver.until(lambda: [one.id for one in driver.rows] == [row.id])
    assert row.video_path is not None
    assert row.video_path.exists()
    assert lines(driver) == []
    QTest.keyClick(history, Qt.Key.Key_Z, CTRL)
    assert driver.notices == ["Nothing to undo."]


async def test_the_clip_menu_brings_it_back_from_the_library_tab(driver: Driver):
    row = await deleted(driver)
    QTest.keyClick(driver.window, Qt.Key.Key_4, ALT)
    assert lines(driver) == ["Undo: Moved to the trash"]
    driver.window.acts.undo.trigger()
    await driver.until(lambda: [one.id for one in driver.rows] == [row.id])
