"""Every service from the window alone: set up in its settings, a clip, its price before, its cost after, Cancel."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit

from tests.cli.test_end_to_end import CASES, Case, Service
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import GenerationState
from veo_studio.ui.dialogs import Question
from veo_studio.ui.view_models.history_words import tool_tip
from veo_studio.ui.views.services import ServicesDialog

LIMIT_S = 60.0
MODELS = {
    "gemini": "gemini-omni-1.2-flash",
    "runway": "veo3.1",
    "kie": "veo3",
    "vertex": "veo-3.1-generate-001",
    "comfyui": "wan-2.2-text",
}
SECONDS = {"gemini": 3, "runway": 4, "kie": 4, "vertex": 4, "comfyui": 3}


def put(edit: QLineEdit, words: str) -> None:
    edit.clear()
    QTest.keyClicks(edit, words)
    QTest.keyClick(edit, Qt.Key.Key_Return)


async def set_up(dialog: ServicesDialog, provider: str, service: Service) -> None:
    """The same words that the terminal gets, typed into the page of the service."""
    dialog.show_service(provider)
    page = dialog.page
    for command, _provider, *words in service.setup:
        if command == "connect":
            put(page.key.edit, service.key)
            await becomes(lambda: page.key.edit.text() == "", page.key.edit.textChanged)
        elif command == "address":
            put(page.address.edit, words[0])
            await becomes(
                lambda: dialog.model.state(provider).own_address != "", dialog.model.connected
            )
        else:
            name, value = words
            put(page.options[name].edit, value)
            await becomes(
                lambda name=name: name in dialog.model.state(provider).options,
                dialog.model.connected,
            )
    page.trial.test.click()
    await becomes(lambda: bool(page.trial.result.text) and page.trial.test.isEnabled(),
                  dialog.model.changed)  # fmt: skip


async def shown_question() -> Question:
    """The question that opens; a dialog that is opened by a task has no signal before it is there."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            found = [one for one in QApplication.topLevelWidgets() if isinstance(one, Question)]
            if found and found[0].isVisible():
                return found[0]
            await asyncio.sleep(0)


@pytest.mark.parametrize("case", CASES, ids=[case.provider for case in CASES])
async def test_a_service_from_its_settings_to_a_clip(
    driver: Driver, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    window, form = driver.window, driver.program.form
    with case.serving(tmp_path) as service:
        window.services.show_service(case.provider)
        dialog = window.services.dialog
        assert dialog is not None
        await set_up(dialog, case.provider, service)
        dialog.close()

        choices = form.choices()
        model = next(c.model for c in choices
                     if (c.model.provider, c.model.id) == (case.provider, MODELS[case.provider]))  # fmt: skip
        await driver.until(lambda: form.choice().locked is None)
        form.choose(model)
        form.set_duration(SECONDS[case.provider])
        assert form.blocked() is None
        assert ("about $" in window.form.price.text()) is bool(case.price)
        driver.choose_text("A paper boat on a rainy street")
        driver.click(window.form.generate)
        await driver.until(
            lambda: any(row.state is GenerationState.PROCESSING for row in driver.rows), LIMIT_S
        )
        (row,) = driver.rows
        window.queue.cancel_requested.emit(row)
        if row.is_priced:
            # it says what a stop means for the money before it is done
            question = await shown_question()
            assert "stays charged here" in question.words.text()
            assert case.cancels in question.words.text()
            question.do_it.click()
        await driver.until(
            lambda: any(row.state is GenerationState.CANCELLED for row in driver.rows), LIMIT_S
        )

        service.release()
        driver.click(window.form.generate)
        await driver.until(lambda: any(row.has_file for row in driver.rows), LIMIT_S)
        made = next(row for row in driver.rows if row.has_file)
        assert (made.provider, made.model) == (case.provider, MODELS[case.provider])
        if case.cost_usd is not None:
            assert made.cost_usd is not None
            assert "as the service reported" in tool_tip(made, None, None)
