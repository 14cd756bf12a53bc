"""The page of prompt enhancement in the settings, in the real window."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.fakes.chat import KEY, ChatServer, chat_server
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.enhance import DEFAULT_SYSTEM_PROMPT, EnhancerKind
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.view_models.enhance_model import Stage
from veo_studio.ui.view_models.enhancer_settings import PRESETS, EnhancerSettingsModel
from veo_studio.ui.views.enhancer_page import EnhancerPage

LIMIT_S = 60.0


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as made:
        yield made


def opened(driver: Driver) -> tuple[EnhancerPage, EnhancerSettingsModel]:
    driver.window.services.show_enhancer()
    dialog = driver.window.services.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.enhancer is not None
    page = dialog.page
    assert isinstance(page, EnhancerPage)
    return page, dialog.enhancer


async def choose(page: EnhancerPage, model: EnhancerSettingsModel, kind: EnhancerKind) -> None:
    page.service.setFocus()
    row = page.service.findData(kind)
    while page.service.currentIndex() != row:
        QTest.keyClick(page.service, Qt.Key.Key_Down)
    await becomes(lambda: model.by_user is kind, model.changed, timeout_s=LIMIT_S)


async def connect(page: EnhancerPage, model: EnhancerSettingsModel, address: str) -> None:
    page.address.edit.setFocus()
    page.address.edit.selectAll()
    QTest.keyClicks(page.address.edit, address)
    QTest.keyClick(page.address.edit, Qt.Key.Key_Return)
    await becomes(lambda: model.server().own_address == address, model.changed, timeout_s=LIMIT_S)


async def test_a_server_is_connected_tested_and_asked_without_a_restart(
    driver: Driver, server: ChatServer, paths: Paths
) -> None:
    page, model = opened(driver)
    assert page.standing.text() == "Built-in rules"
    await choose(page, model, EnhancerKind.OPENAI)
    assert page.standing.text() == "not set up"
    assert "is not set up, so Built-in rules proposes" in page.service_note.text()
    assert page.address.isVisible()
    assert not page.google.isVisible()
    await connect(page, model, server.url)
    assert page.standing.text() == "Chat server"
    assert page.server.currentText() == "Another one"
    page.key.edit.setFocus()
    QTest.keyClicks(page.key.edit, KEY)
    QTest.keyClick(page.key.edit, Qt.Key.Key_Return)
    await becomes(lambda: page.key.edit.text() == "", page.key.edit.textChanged)
    driver.click(page.trial.test)
    await becomes(lambda: "answers and has llama3.2" in page.trial.result.text, model.changed)
    completer = page.model.edit.completer()
    assert completer is not None
    page.model.edit.setFocus()
    QTest.keyClicks(page.model.edit, "gemma3")
    QTest.keyClick(page.model.edit, Qt.Key.Key_Return)
    await becomes(lambda: model.own_model(EnhancerKind.OPENAI) == "gemma3", model.changed)
    driver.window.services.dialog.close()  # type: ignore[union-attr]
    driver.type("A red kite over the dunes")
    enhancing = driver.window.tools.enhancing
    driver.click(enhancing.link)
    await becomes(lambda: enhancing.dialog is not None, enhancing.opened)
    asked = enhancing.dialog.model  # type: ignore[union-attr]
    await becomes(lambda: asked.stage is Stage.PROPOSED, asked.changed, timeout_s=LIMIT_S)
    assert server.asked[0].body["model"] == "gemma3"
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert enhancing.dialog is not None
    enhancing.dialog.reject()
    await becomes(lambda: enhancing.dialog is None, enhancing.closed)
    stored = Settings.load(paths.settings)
    assert stored.addresses["openai"] == server.url
    assert stored.enhancer == {"service": "openai", "models": {"openai": "gemma3"}}
    assert KEY not in paths.settings.read_text()


async def test_a_test_that_fails_says_why_and_a_wrong_address_is_refused(
    driver: Driver, server: ChatServer
) -> None:
    page, model = opened(driver)
    await choose(page, model, EnhancerKind.OPENAI)
    page.address.edit.setFocus()
    QTest.keyClicks(page.address.edit, "ollama")
    QTest.keyClick(page.address.edit, Qt.Key.Key_Return)
    await becomes(lambda: "must begin with https" in page.address.note.text(), model.changed,
                  page.address.refused)  # fmt: skip
    page.address.revert()
    server.models = []
    await connect(page, model, server.url)
    driver.click(page.trial.test)
    await becomes(lambda: "has no model" in page.trial.result.text, model.changed)
    assert page.trial.test.isEnabled()


async def test_the_usual_servers_fill_in_their_address(driver: Driver) -> None:
    page, model = opened(driver)
    await choose(page, model, EnhancerKind.OPENAI)
    ollama = next(one for one in PRESETS if one.name == "Ollama")
    page.server.setFocus()
    QTest.keyClick(page.server, Qt.Key.Key_Down)
    await becomes(lambda: model.server().own_address == ollama.address, model.changed)
    assert page.address.edit.text() == ollama.address
    QTest.keyClick(page.server, Qt.Key.Key_Up)
    await becomes(lambda: model.server().own_address == "", model.changed)
    await choose(page, model, EnhancerKind.OPENAI)


async def test_instructions_are_kept_too_long_ones_refused_and_the_usual_restored(
    driver: Driver, paths: Paths
) -> None:
    page, model = opened(driver)
    box, app = page.instructions, QApplication.instance()
    assert isinstance(app, QApplication)
    page.window().activateWindow()
    await becomes(page.window().isActiveWindow, app.focusChanged)
    assert box.edit.toPlainText() == DEFAULT_SYSTEM_PROMPT
    assert not box.restore.isEnabled()
    box.edit.setFocus()
    box.edit.selectAll()
    QTest.keyClicks(box.edit, "Write in rhymes.")
    page.service.setFocus()
    await becomes(lambda: model.has_own_instructions, model.changed)
    async with asyncio.timeout(20):
        # the file is written in a thread, after the model has told
        while Settings.load(paths.settings).enhancer != {"system_prompt": "Write in rhymes."}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    box.edit.setFocus()
    box.edit.selectAll()
    box.edit.insertPlainText("x" * 9000)
    page.service.setFocus()
    await becomes(lambda: "too long" in box.note.text(), box.edit.textChanged, box.refused)
    assert model.instructions == "Write in rhymes."
    driver.click(box.restore)
    await becomes(lambda: not model.has_own_instructions, model.changed)
    assert box.edit.toPlainText() == DEFAULT_SYSTEM_PROMPT
    assert Settings.load(paths.settings).enhancer == {}


async def test_google_leads_to_the_page_that_holds_its_key(driver: Driver) -> None:
    page, model = opened(driver)
    await choose(page, model, EnhancerKind.GEMINI)
    assert page.google.isVisible()
    assert not page.key.isVisible()
    driver.click(page.google)
    dialog = driver.window.services.dialog
    assert dialog is not None
    assert dialog.current == "gemini"
