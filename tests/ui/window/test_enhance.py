"""Better words in the real window, with the real core, the built-in rules and a chat server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.fakes.chat import KEY, ChatServer, chat_server
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.paths import Paths
from veo_studio.ui.view_models.enhance_model import Stage
from veo_studio.ui.views.enhance import EnhanceDialog

CTRL = Qt.KeyboardModifier.ControlModifier
LIMIT_S = 90.0
WORDS = "A red kite over the dunes"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    with chat_server() as made:
        monkeypatch.setenv("OPENAI_BASE_URL", made.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield made


@pytest.fixture
async def connected(
    qapp: QApplication, paths: Paths, server: ChatServer, no_task_left: None
) -> AsyncIterator[Driver]:
    """The window of somebody who has a chat server."""
    async with running(paths) as driver:
        yield driver


async def opened(driver: Driver) -> EnhanceDialog:
    """Ctrl+E, and the panel that comes of it."""
    driver.press(Qt.Key.Key_E, CTRL)
    return await shown(driver)


async def shown(driver: Driver) -> EnhanceDialog:
    await becomes(
        lambda: driver.window.tools.enhancing.dialog is not None,
        driver.window.tools.enhancing.opened,
    )
    dialog = driver.window.tools.enhancing.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


async def reached(dialog: EnhanceDialog, stage: Stage) -> None:
    await becomes(lambda: dialog.model.stage is stage, dialog.model.changed)


async def closed(driver: Driver) -> None:
    await becomes(
        lambda: driver.window.tools.enhancing.dialog is None, driver.window.tools.enhancing.closed
    )


# with the rules that are part of the program


async def test_a_proposal_is_used_by_keyboard_and_what_the_user_wrote_is_kept(
    driver: Driver,
) -> None:
    form, view = driver.program.form, driver.window.form
    driver.type(WORDS)
    dialog = await opened(driver)
    await reached(dialog, Stage.PROPOSED)
    assert dialog.where.text() == "Nothing leaves this computer."
    proposed = dialog.edit.toPlainText()
    assert proposed.startswith(WORDS)
    assert len(proposed) > len(WORDS)
    assert "Added: " in dialog.diff.accessibleDescription()
    assert form.prompt == WORDS, "nothing changes before it is used"
    assert dialog.focusWidget() is dialog.edit
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return, CTRL)
    await closed(driver)
    assert view.prompt.toPlainText() == proposed
    assert form.config().original_prompt == WORDS
    driver.click(view.generate)
    await driver.until(lambda: any(row.has_file for row in driver.rows), timeout_s=LIMIT_S)
    (row,) = driver.rows
    assert (row.prompt, row.config.original_prompt) == (proposed, WORDS)


async def test_undo_brings_the_own_words_back_and_forgets_that_there_were_others(
    driver: Driver,
) -> None:
    form, view = driver.program.form, driver.window.form
    driver.type(WORDS)
    dialog = await opened(driver)
    await reached(dialog, Stage.PROPOSED)
    driver.click(dialog.use)
    await closed(driver)
    proposed = form.prompt
    QTest.keyClick(view.prompt, Qt.Key.Key_Z, CTRL)
    assert form.prompt == WORDS
    assert form.config().original_prompt == ""
    QTest.keyClick(view.prompt, Qt.Key.Key_Y, CTRL)
    assert (form.prompt, form.config().original_prompt) == (proposed, WORDS)
    view.prompt.selectAll()
    driver.type("Something else entirely", view.prompt)
    assert form.config().original_prompt == ""


async def test_escape_keeps_the_words_as_they_are(driver: Driver) -> None:
    driver.type(WORDS)
    dialog = await opened(driver)
    await reached(dialog, Stage.PROPOSED)
    QTest.keyClick(dialog.edit, Qt.Key.Key_Escape)
    await closed(driver)
    assert driver.program.form.prompt == WORDS
    assert driver.program.form.original_prompt == ""


async def test_without_words_there_is_nothing_to_ask_for(driver: Driver) -> None:
    driver.click(driver.window.tools.enhancing.link)
    assert driver.window.tools.enhancing.dialog is None
    assert any("Write a few words first" in text for text in driver.notices)
    assert driver.window.form.prompt.hasFocus()


async def test_a_locked_service_says_how_it_is_unlocked(driver: Driver) -> None:
    driver.type(WORDS)
    dialog = await opened(driver)
    await reached(dialog, Stage.PROPOSED)
    rows = dialog.services.model()
    assert rows is not None
    locked = [
        row
        for row in range(dialog.services.count())
        if not rows.flags(rows.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    ]
    assert len(locked) == 2
    for row in locked:
        assert "(locked)" in dialog.services.itemText(row)
        assert "key" in dialog.services.itemData(row, Qt.ItemDataRole.ToolTipRole)
    driver.click(dialog.setup)
    await closed(driver)
    services = driver.window.services.dialog
    assert services is not None
    assert services.isVisible()
    assert services.current == "enhancer"


# with a service


async def test_the_panel_says_who_is_asked_and_what_is_sent_before_the_answer(
    connected: Driver, server: ChatServer
) -> None:
    server.hold()
    connected.type(WORDS)
    assert server.asked == [], "nothing is sent before the click"
    dialog = await opened(connected)
    assert dialog.model.stage is Stage.ASKING
    assert dialog.standing.text() == "Chat server is being asked…"
    assert dialog.where.text().startswith("Your words go to the server on this computer")
    assert dialog.busy.isVisible()
    assert dialog.focusWidget() is dialog.stop
    assert not dialog.use.isEnabled()
    server.release()
    await reached(dialog, Stage.PROPOSED)
    assert dialog.edit.toPlainText() == "A red kite over the dunes, slow push in."
    assert len(server.asked) == 1
    assert WORDS in server.words_of()[1]
    dialog.reject()
    await closed(connected)


async def test_closing_while_busy_cancels(connected: Driver, server: ChatServer) -> None:
    server.hold()
    connected.type(WORDS)
    dialog = await opened(connected)
    model = dialog.model
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    await closed(connected)
    assert not model.is_asking
    assert connected.program.form.prompt == WORDS


async def test_the_panel_stays_usable_in_a_small_window_and_everything_has_a_name(
    driver: Driver,
) -> None:
    driver.window.resize(800, 600)
    driver.type(WORDS)
    dialog = await opened(driver)
    await reached(dialog, Stage.PROPOSED)
    assert dialog.width() <= 800
    assert dialog.height() <= 600
    for widget in (dialog.services, dialog.diff, dialog.edit, dialog.busy):
        assert widget.accessibleName()
    reached_by_tab = set()
    for _ in range(12):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        reached_by_tab.add(dialog.focusWidget())
    assert {dialog.services, dialog.ask, dialog.diff, dialog.edit, dialog.keep, dialog.use} <= (
        reached_by_tab
    )
    dialog.reject()
    await closed(driver)
