"""A prompt that a safety system refused: why, what it cost, and other words; nothing is sent again by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import Charge, Generation, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.ui.notices import Notice
from veo_studio.ui.view_models.enhance_model import Stage
from veo_studio.ui.view_models.enhance_words import refused_charge_words
from veo_studio.ui.views.enhance import EnhanceDialog

WORDS = "A soldier shoots at the camera, blood on the walls {like rain}"
LIMIT_S = 60.0


@pytest.fixture
async def strict(
    qapp: QApplication, paths: Paths, monkeypatch: pytest.MonkeyPatch, no_task_left: None
) -> AsyncIterator[Driver]:
    """An engine whose safety system refuses everything."""
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "refuse")
    async with running(paths) as driver:
        yield driver


async def refused(driver: Driver) -> Generation:
    form = driver.program.form
    driver.choose_text(form.texts.original(WORDS))
    form.set_seed(7, is_locked=True)
    driver.click(driver.window.form.generate)
    await driver.until(
        lambda: any(row.state is GenerationState.FAILED for row in driver.rows), LIMIT_S
    )
    (row,) = driver.rows
    assert row.prompt == WORDS
    driver.window.form_model.clear_prompt()
    return row


async def shown(driver: Driver) -> EnhanceDialog:
    enhancing = driver.window.tools.enhancing
    await becomes(lambda: enhancing.dialog is not None, enhancing.opened)
    dialog = enhancing.dialog
    assert dialog is not None
    await becomes(lambda: dialog.model.stage is Stage.PROPOSED, dialog.model.changed)
    return dialog


async def test_the_notice_leads_to_the_smallest_change_and_nothing_is_sent_by_itself(
    strict: Driver,
) -> None:
    row = await refused(strict)
    (notice,) = [one for one in strict.window.findChildren(Notice) if "refused" in one.text]
    strict.click(notice.action_button)
    dialog = await shown(strict)
    head = dialog.refused
    assert head is not None
    assert "refused this prompt" in head.reason.text()
    assert head.charge.text() == refused_charge_words(row.charge)
    assert dialog.where.text() == "Nothing leaves this computer."
    described = dialog.diff.accessibleDescription()
    assert "Removed: " in described
    assert "blood" in described
    words = dialog.edit.toPlainText()
    assert "blood" not in words
    assert "{like rain}" in words
    strict.click(dialog.use)
    await becomes(
        lambda: strict.window.tools.enhancing.dialog is None, strict.window.tools.enhancing.closed
    )
    form = strict.program.form
    (request,) = form.requests()
    assert request.prompt == words, "braces of the refused prompt are no lists"
    assert request.config.seed == 7
    assert request.config.original_prompt
    assert len(strict.rows) == 1, "it is loaded, not sent"


async def test_the_history_offers_it_too_and_escape_leaves_the_form(strict: Driver) -> None:
    row = await refused(strict)
    strict.program.form.set_prompt("My own next idea")
    actions = {one.text(): one for one in strict.window.history.actions_for([row]) if one}
    actions["Edit prompt…"].trigger()
    dialog = await shown(strict)
    strict.click(dialog.keep)
    await becomes(
        lambda: strict.window.tools.enhancing.dialog is None, strict.window.tools.enhancing.closed
    )
    assert strict.program.form.prompt == "My own next idea"


async def test_what_was_being_written_comes_back_with_undo(strict: Driver) -> None:
    row = await refused(strict)
    strict.program.form.set_prompt("My own next idea")
    actions = {one.text(): one for one in strict.window.history.actions_for([row]) if one}
    actions["Edit prompt…"].trigger()
    dialog = await shown(strict)
    enhancing = strict.window.tools.enhancing
    await becomes(lambda: dialog.use.isEnabled(), dialog.model.changed)
    strict.click(dialog.use)
    await becomes(lambda: enhancing.dialog is None, enhancing.closed)
    assert strict.program.form.prompt != "My own next idea"
    notice = strict.window.form.notices.notice("enhance")
    assert notice is not None
    strict.click(notice.action_button)
    assert strict.program.form.prompt == "My own next idea"


@pytest.mark.parametrize("charge", list(Charge))
def test_every_charge_says_what_it_means_for_another_try(charge: Charge) -> None:
    words = refused_charge_words(charge)
    assert "harge" in words
    assert ("again" in words) == (charge is not Charge.NOT_CHARGED)
