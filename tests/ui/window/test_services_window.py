"""Connecting a service from the real window, with the real core: nothing has to be started again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PyQt6.QtCore import QObject, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.providers.servers.runway import KEY, RunwayServer, runway
from tests.transport.clips import noise_clip
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.errors import AuthError
from veo_studio.core.models import PauseKind
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.core.workflow_draft import draft_of
from veo_studio.core.workflow_folder import save_workflow
from veo_studio.core.workflows import SHIPPED_FOLDER, read_workflow
from veo_studio.ui import error_text
from veo_studio.ui.views.model_table import ModelTableDialog
from veo_studio.ui.views.services import ServicesDialog
from veo_studio.ui.views.workflow_import import WorkflowImportDialog

CTRL = Qt.KeyboardModifier.ControlModifier
LIMIT_S = 60.0


@pytest.fixture
async def server() -> AsyncIterator[RunwayServer]:
    async with runway(noise_clip()) as made:
        yield made


def opened(driver: Driver) -> ServicesDialog:
    dialog = driver.window.services.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def is_locked(driver: Driver, provider_id: str) -> bool:
    choices = driver.program.form.choices()
    return any(one.locked for one in choices if one.model.provider == provider_id)


async def connect_by_keyboard(driver: Driver, server: RunwayServer, key: str = KEY) -> None:
    """Ctrl+, then the list, the key, and Enter; the address first."""
    driver.press(Qt.Key.Key_Comma, CTRL)
    dialog = opened(driver)
    dialog.list.setFocus()
    while dialog.current != "runway":
        QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    page = dialog.page
    assert dialog.focusWidget() is page.key.edit
    page.address.edit.setFocus()
    QTest.keyClicks(dialog.focusWidget(), server.url)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    await becomes(lambda: page.address.note.text() != "", dialog.model.connected)
    page.key.edit.setFocus()
    QTest.keyClicks(dialog.focusWidget(), key)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    await becomes(lambda: page.key.edit.text() == "", page.key.edit.textChanged)


async def test_a_key_typed_in_the_settings_makes_a_clip_without_a_restart(
    driver: Driver, server: RunwayServer, paths: Paths
) -> None:
    window, form = driver.window, driver.program.form
    assert is_locked(driver, "runway")
    await connect_by_keyboard(driver, server)
    dialog = opened(driver)
    await driver.until(lambda: not is_locked(driver, "runway"))
    dialog.page.trial.test.setFocus()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    await becomes(lambda: "accepted" in dialog.page.trial.result.text, dialog.model.changed)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    model = next(c.model for c in form.choices() if c.model.name == "Gen-4.5")
    form.choose(model)
    assert form.blocked() is None
    assert "about $" in window.form.price.text()
    driver.choose_text("A paper boat on a rainy street")
    driver.click(window.form.generate)
    await driver.until(lambda: any(row.has_file for row in driver.rows), timeout_s=LIMIT_S)
    (row,) = driver.rows
    assert (row.provider, row.model) == ("runway", "gen4.5")
    assert row.cost_usd is not None
    assert row.video_path is not None
    assert row.video_path.read_bytes() == noise_clip()
    assert len(server.paid) == 1
    await becomes(
        lambda: Settings.load(paths.settings).addresses == {"runway": server.url},
        driver.program._keeper.saved,
    )


async def test_a_refused_key_leads_to_its_page_and_another_one_goes_on(
    driver: Driver, server: RunwayServer
) -> None:
    window, form = driver.window, driver.program.form
    await connect_by_keyboard(driver, server, key="key-of-somebody-else")
    await driver.until(lambda: not is_locked(driver, "runway"))
    opened(driver).close()
    form.choose(next(c.model for c in form.choices() if c.model.name == "Gen-4.5"))
    driver.choose_text("A red kite over the dunes")
    driver.click(window.form.generate)
    queue = driver.program.queue
    await becomes(
        lambda: any(one.kind is PauseKind.KEY for one in queue.pauses.values()),
        queue.pauses_changed,
        timeout_s=LIMIT_S,
    )
    (enter, _again) = window.queue.pauses.buttons_of("runway")
    driver.click(enter)
    dialog = opened(driver)
    assert dialog.current == "runway"
    assert dialog.page.standing.text() == "key refused"
    QTest.keyClicks(dialog.page.key.edit, KEY)
    QTest.keyClick(dialog.page.key.edit, Qt.Key.Key_Return)
    await driver.until(lambda: any(row.has_file for row in driver.rows), timeout_s=LIMIT_S)
    assert "runway" not in queue.pauses


async def test_every_way_in_leads_to_the_service_that_was_meant(driver: Driver) -> None:
    window = driver.window
    driver.click(window.form.connect_line)
    assert opened(driver).current == "gemini"
    opened(driver).close()
    window.services.compare()
    table: list[ModelTableDialog] = []

    def is_open() -> bool:
        table[:] = [one for one in window.findChildren(ModelTableDialog) if one.isVisible()]
        return bool(table)

    await driver.until(is_open)
    table[0].search.setText("Gen-4.5")
    table[0].table.setCurrentIndex(table[0].table.model().index(0, 0))
    table[0].use.click()
    assert opened(driver).current == "runway"
    opened(driver).close()
    window.telling.show_error(AuthError("no", provider="runway"), "form")
    text = error_text.describe(AuthError("no", provider="runway"))
    notice = window.form.notices.notice(text.happened)
    assert notice is not None
    assert notice.action_button.isVisible()
    notice.action_button.click()
    assert opened(driver).isVisible()


async def test_the_budgets_are_in_the_wallet(driver: Driver) -> None:
    driver.press(Qt.Key.Key_Comma, CTRL)
    opened(driver).page.wallet.click()
    wallet = driver.window.wallet.dialog
    assert wallet is not None
    assert wallet.isVisible()


async def test_the_settings_go_with_the_window(driver: Driver) -> None:
    driver.press(Qt.Key.Key_Comma, CTRL)
    dialog = opened(driver)
    driver.window.hide()
    assert not dialog.isVisible()
    driver.window.show()


# the first run


def first_run(driver: Driver) -> QObject | None:
    return driver.window.beginning.page


async def test_an_empty_library_offers_two_ways_and_leaves_the_focus_to_the_prompt(
    driver: Driver,
) -> None:
    window = driver.window
    page = window.beginning.page
    assert page is not None
    assert page.isVisible()
    assert QApplication.focusWidget() is window.form.prompt
    driver.type("A boat")
    assert window.form.prompt.toPlainText() == "A boat"


@pytest.mark.parametrize("choice", ["rehearse", "connect"])
async def test_a_choice_is_made_once(
    qapp: QApplication, paths: Paths, no_task_left: None, choice: str
) -> None:
    async with running(paths) as driver:
        window = driver.window
        page = window.beginning.page
        assert page is not None
        if choice == "rehearse":
            driver.click(page.rehearse)
            assert driver.program.form.model.provider == "rehearsal"
            assert QApplication.focusWidget() is window.form.prompt
        else:
            driver.click(page.connect_service)
            assert opened(driver).current == "gemini"
        assert first_run(driver) is None
        assert window.player.empty.isVisible()
    async with running(paths) as driver:
        assert first_run(driver) is None


async def test_it_goes_away_with_the_first_clip(driver: Driver) -> None:
    assert first_run(driver) is not None
    driver.choose_text("A lighthouse in a storm")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: first_run(driver) is None)


@pytest.mark.parametrize("environ", [{"RUNWAYML_API_SECRET": KEY}])
async def test_who_has_connected_something_is_not_asked(
    qapp: QApplication,
    paths: Paths,
    no_task_left: None,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    async with running(paths) as driver:
        assert first_run(driver) is None


async def test_an_imported_workflow_is_a_model_at_once(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.window.services.show_service("comfyui")
    dialog = opened(driver)
    dialog.page.workflows.take.click()
    found: list[WorkflowImportDialog] = []

    def is_open() -> bool:
        found[:] = dialog.findChildren(WorkflowImportDialog)
        return bool(found)

    await driver.until(is_open)
    form, importing = driver.program.form, found[0]
    folder = driver.program.studio.paths.workflows  # type: ignore[union-attr]
    shipped = read_workflow(SHIPPED_FOLDER / "wan-2.2-text.json")
    workflow = draft_of(shipped.graph, "Mine").build()
    save_workflow(workflow, folder)
    importing.workflow = workflow
    importing.accept()
    await driver.until(lambda: any(c.model.name == "Mine" for c in form.choices()))
    await becomes(lambda: "Mine" in dialog.page.workflows.names, dialog.model.workflows_changed)
    assert driver.program.studio.catalog.get("comfyui", workflow.id) is not None  # type: ignore[union-attr]
