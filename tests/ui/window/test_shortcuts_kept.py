"""A key that was changed works at once, and is there at the next start."""

from __future__ import annotations

import asyncio

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui import shortcuts
from veo_studio.ui.views.shortcuts_page import ShortcutsPage

CTRL = Qt.KeyboardModifier.ControlModifier


async def changed(driver: Driver, command: str, key: Qt.Key) -> None:
    opening = Opening(ShortcutsPage)
    driver.window.acts.shortcuts.trigger()
    page = await asyncio.wait_for(opening.shown, 20.0)
    assert isinstance(page, ShortcutsPage)
    page.select(command)
    page.field.click()
    QTest.keyClick(page.field, key, CTRL)
    closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    page.finished.connect(closed.set_result)
    page.close_button.click()
    await asyncio.wait_for(closed, 20.0)


async def test_a_changed_key_works_at_once_and_after_a_restart(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    async with running(paths) as driver:
        window = driver.window
        await changed(driver, "window.focus_prompt", Qt.Key.Key_J)
        window.activateWindow()
        window.history.search.setFocus()
        await becomes(lambda: window.history.search.hasFocus(), qapp.focusChanged)
        driver.press(Qt.Key.Key_J, CTRL)
        assert QApplication.focusWidget() is window.form.prompt
    assert Settings.load(paths.settings).shortcuts == {"window.focus_prompt": ["Ctrl+J"]}
    async with running(paths) as driver:
        window = driver.window
        assert window.acts.focus_prompt.shortcut().toString() == "Ctrl+J"
        window.activateWindow()
        window.history.search.setFocus()
        await becomes(lambda: window.history.search.hasFocus(), qapp.focusChanged)
        driver.press(Qt.Key.Key_J, CTRL)
        assert QApplication.focusWidget() is window.form.prompt
    shortcuts.current().load({})


async def test_tooltips_tell_the_key_of_now(driver: Driver):
    link = driver.window.tools.enhancing.link
    assert "(Ctrl+E)" in link.toolTip()
    await changed(driver, "window.enhance", Qt.Key.Key_J)
    assert "(Ctrl+J)" in link.toolTip()
    shortcuts.current().load({})


async def test_a_letter_goes_into_the_prompt_and_not_to_a_command(driver: Driver):
    driver.click(driver.window.form.prompt)
    driver.type("fx jkl 5")
    assert driver.window.form.prompt.toPlainText() == "fx jkl 5"
