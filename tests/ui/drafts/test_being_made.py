"""After Generate: what the form says, and where it leads."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.drafts.conftest import DraftsDriver
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import GenerationKind, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.ui.window_pages import DRAFTS, FORMS

WORDS = "A paper boat on a rainy street"


async def ordered(driver: Driver, prompt: str = WORDS) -> None:
    """Generate, while the queue sends nothing: it is being made as long as the test wants."""
    driver.choose_text(prompt)
    status = driver.window.drafts.status
    shown = status.view
    before = shown.words.text() if shown.isVisible() else ""
    driver.window.acts.generate.trigger()
    await becomes(lambda: shown.isVisible() and shown.words.text() != before, status.changed)


async def gone(driver: Driver) -> None:
    status = driver.window.drafts.status
    await becomes(lambda: not status.view.isVisible(), status.changed, timeout_s=60.0)


async def test_it_says_what_is_being_made_and_goes_away_by_itself(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> None:
    async with running(paths) as driver:
        view, window = driver.window.drafts.status.view, driver.window
        studio = driver.program.studio
        assert studio is not None
        assert not view.isVisible()
        # pictures: they are drawn in a moment
        window.form_model.set_kind(GenerationKind.IMAGE)
        await studio.queue.pause()
        await ordered(driver)
        assert view.words.text() == "Your picture waits: the queue is paused."
        assert window.pages.current == FORMS, "nothing is shown by itself"
        await ordered(driver, "A red kite")
        assert view.words.text() == "2 pictures wait: the queue is paused."
        driver.click(view.drafts)
        assert window.pages.current == DRAFTS
        drafts = DraftsDriver(driver)
        await drafts.until(lambda: drafts.prompts == ["A red kite", WORDS])
        assert {one.state for one in drafts.rows} == {GenerationState.PENDING}
        window.acts.tabs[0].trigger()
        said: list[str] = []
        window.drafts.status.changed.connect(lambda: said.append(view.words.text()))
        await studio.queue.unpause()
        await driver.until_ready(2)
        await gone(driver)
        assert "2 pictures are being made." in said
        assert window.pages.current == FORMS


async def test_at_its_end_the_focus_is_never_on_the_button_that_spends(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> None:
    async with running(paths) as driver:
        view, form = driver.window.drafts.status.view, driver.window.form
        studio = driver.program.studio
        assert studio is not None
        await studio.queue.pause()
        await ordered(driver)
        view.another.setFocus()
        assert view.another.hasFocus()
        await driver.until(lambda: len(driver.rows) == 1)
        await studio.queue.cancel(driver.rows[0].id)
        await gone(driver)
        assert form.prompt.hasFocus()


async def test_create_another_keeps_or_clears_the_form_as_chosen(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> None:
    async with running(paths) as driver:
        status, form = driver.window.drafts.status, driver.window.form
        studio = driver.program.studio
        assert studio is not None
        await studio.queue.pause()
        await ordered(driver)
        assert status.view.words.text() == "Your clip waits: the queue is paused."
        driver.click(status.view.another)
        assert form.prompt.toPlainText() == WORDS, "kept, unless somebody chose otherwise"
        assert form.prompt.hasFocus()
        status.view.clear.trigger()
        driver.click(status.view.another)
        assert form.prompt.toPlainText() == ""
        (notice,) = form.notices.notices
        assert notice.text == "The form is cleared."
        driver.click(notice.action_button)
        assert form.prompt.toPlainText() == WORDS
        driver.click(status.view.close_button)
        assert not status.view.isVisible()
    async with running(paths) as driver:
        status = driver.window.drafts.status
        assert status.is_clearing, "remembered"
        assert status.view.clear.isChecked()
        assert not status.view.isVisible(), "what was asked for before is no news"


@pytest.mark.parametrize("end", ["cancel", "delete"])
async def test_one_that_is_given_up_is_not_waited_for(
    qapp: QApplication, paths: Paths, no_task_left: None, end: str
) -> None:
    async with running(paths) as driver:
        studio = driver.program.studio
        assert studio is not None
        await studio.queue.pause()
        await ordered(driver)
        await driver.until(lambda: len(driver.rows) == 1)
        (one,) = driver.rows
        await studio.queue.cancel(one.id)
        if end == "delete":
            cancelled = GenerationState.CANCELLED
            await driver.until(lambda: driver.rows[0].state is cancelled)
            driver.window.clips.delete([driver.rows[0]])
        await gone(driver)
