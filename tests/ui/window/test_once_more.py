"""Again, similar, final and another try: from history, player and notification, with the price before the click."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.core.studios import omni, scripted_google
from tests.faults.google import Google, send, send_file
from tests.faults.google import failed as failed_there
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.again import Variation
from veo_studio.core.drafting import draft_of
from veo_studio.core.models import Generation, Quality, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.ui.views.similar import SimilarDialog

OMNI = "gemini-omni-1.2-flash"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def paid(
    qapp: QApplication, paths: Paths, monkeypatch: pytest.MonkeyPatch, no_task_left: None
) -> AsyncIterator[tuple[Driver, Google]]:
    """The window, and a scripted Google that takes tokens."""
    async with scripted_google(monkeypatch) as server, running(paths) as driver:
        yield driver, server


async def made(driver: Driver, config: VideoConfig | None = None) -> Generation:
    """One that was enqueued and has ended."""
    studio = driver.program.studio
    assert studio is not None
    request = omni()
    (one,) = await studio.queue.enqueue([replace(request, config=config or request.config)])
    ended = await studio.queue.wait(one.id)
    await driver.until(lambda: any(row.state is ended.state for row in driver.rows))
    return ended


def action(driver: Driver, generation: Generation, words: str) -> QAction:
    """The entry of the context menu that begins with `words`."""
    found = [
        one
        for one in driver.window.history.actions_for([generation])
        if one is not None and one.text().startswith(words)
    ]
    assert len(found) == 1, words
    return found[0]


async def test_again_is_one_click_that_says_its_price(paid: tuple[Driver, Google]) -> None:
    driver, server = paid
    first = await made(driver)
    entry = action(driver, first, "Generate again")
    assert entry.text() == "Generate again · 10 tokens · about $0.07"
    driver.choose_text("what the form holds")
    entry.trigger()
    await driver.until_ready(2)
    assert len(server.submits) == 2
    assert driver.rows[0].config == first.config
    assert driver.window.form.prompt.toPlainText() == "what the form holds"


async def test_the_player_makes_what_it_shows_again(paid: tuple[Driver, Google]) -> None:
    driver, _server = paid
    first = await made(driver)
    driver.window.player.show_generation(first)
    again = driver.window.player.caption.again
    assert again.isVisible()
    assert again.text() == "Again · 10 tokens · about $0.07"
    driver.click(again)
    await driver.until_ready(2)


async def test_an_opened_notification_offers_it_once_more(paid: tuple[Driver, Google]) -> None:
    driver, _server = paid
    first = await made(driver)
    driver.window.telling.news.opened.emit([first])
    notice = driver.window.history_notices.notice("ready")
    assert notice is not None
    assert notice.action_button.text() == "Generate again · 10 tokens · about $0.07"
    driver.click(notice.action_button)
    await driver.until_ready(2)


async def similar_dialog(driver: Driver, generation: Generation) -> SimilarDialog:
    action(driver, generation, "Generate similar").trigger()
    found: list[SimilarDialog] = []

    def is_there() -> bool:
        found[:] = driver.window.findChildren(SimilarDialog)
        return bool(found) and found[0].isVisible()

    for _ in range(50):
        if is_there():
            return found[0]
        await asyncio.sleep(0)
    pytest.fail("no dialog")


async def test_similar_asks_what_differs_and_shows_words_and_price(
    paid: tuple[Driver, Google],
) -> None:
    driver, server = paid
    first = await made(driver)
    dialog = await similar_dialog(driver, first)
    assert dialog.prompt.toPlainText() == first.prompt
    assert not dialog.another.isEnabled()
    QTest.mouseClick(dialog.buttons[Variation.LIGHT], Qt.MouseButton.LeftButton)
    varied = dialog.prompt.toPlainText()
    assert varied.startswith(f"{first.prompt}, ")
    driver.click(dialog.another)
    assert dialog.prompt.toPlainText() != varied
    dialog.takes.setValue(2)
    assert dialog.price.text() == "20 tokens · about $0.14"
    words = dialog.prompt.toPlainText()
    driver.press(Qt.Key.Key_Return, CTRL) if dialog.isActiveWindow() else dialog.yes.click()
    await driver.until_ready(3)
    assert [row.prompt for row in driver.rows[:2]] == [words, words]
    assert len({row.config.seed for row in driver.rows}) == 3
    assert driver.rows[0].take_group == driver.rows[1].take_group is not None
    assert len(server.submits) == 3


async def test_similar_without_words_cannot_be_sent(paid: tuple[Driver, Google]) -> None:
    driver, server = paid
    first = await made(driver)
    dialog = await similar_dialog(driver, first)
    dialog.prompt.setPlainText("  ")
    assert not dialog.yes.isEnabled()
    assert dialog.problem.text() == "Prompt cannot be empty"
    dialog.reject()
    await becomes(lambda: len(server.submits) == 1)


async def test_a_draft_is_made_final_and_says_what_that_costs_more(
    paid: tuple[Driver, Google],
) -> None:
    driver, _server = paid
    studio = driver.program.studio
    assert studio is not None
    model = studio.catalog.find("gemini-omni-1.2-flash", "gemini")
    draft = await made(driver, draft_of(model, VideoConfig("16:9", 8, "1080p", "", 7)))
    entry = action(driver, draft, "Make final")
    assert entry.text() == "Make final · 10 tokens · about $0.84 (draft: $0.07)"
    driver.window.player.show_generation(draft)
    final = driver.window.player.caption.final
    assert final.isVisible()
    assert final.text() == "Make final · 10 tokens · about $0.84"
    driver.click(final)
    await driver.until_ready(2)
    assert driver.rows[0].config == VideoConfig("16:9", 8, "1080p", "", 7)


async def test_another_try_fetches_what_is_there_and_asks_before_it_pays(
    paid: tuple[Driver, Google],
) -> None:
    driver, server = paid
    studio = driver.program.studio
    assert studio is not None
    server.download_default = send(b"this is no video" * 400, "video/mp4")
    held = await made(driver)
    failed = await studio.queue.mark_failed(held.id)
    server.download_default = send_file
    action(driver, failed, "Try again").trigger()
    await driver.until_ready(1)
    assert len(server.submits) == 1
    assert driver.rows[0].tokens == 0


async def test_a_draft_is_chosen_in_the_form_and_shows_both_prices(
    paid: tuple[Driver, Google],
) -> None:
    driver, _server = paid
    form = driver.window.form
    model = driver.window.form_model
    model.choose(next(m for m in driver.program.form.choices() if m.model.id == OMNI).model)
    model.set_resolution("1080p")
    model.set_duration(8)
    driver.choose_text("A red kite over the sea")
    before = form.price.text()
    form.foot.draft.click()
    assert form.price.text() == "10 tokens · about $0.07 · draft 3 s 360p"
    assert form.foot.draft_line.text() == f"At full quality later: {before}"
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    draft = driver.rows[0]
    assert (draft.config.resolution, draft.config.final) == ("360p", Quality(8, "1080p"))
    # its recipe brings the settings that were meant
    driver.window.clips.edit(draft)
    assert (model.resolution, model.is_draft) == ("1080p", True)


async def test_two_quick_clicks_buy_one(paid: tuple[Driver, Google]) -> None:
    driver, server = paid
    first = await made(driver)
    driver.window.player.show_generation(first)
    again = driver.window.player.caption.again
    for _ in range(3):
        driver.click(again)
        action(driver, first, "Generate again").trigger()
    await driver.until_ready(2)
    assert len(server.submits) == 2
    await becomes(again.isEnabled, driver.window.once_more.pause_ended)


async def test_typed_words_are_varied_and_not_thrown_away(paid: tuple[Driver, Google]) -> None:
    driver, _server = paid
    first = await made(driver)
    dialog = await similar_dialog(driver, first)
    dialog.prompt.setPlainText("A blue kite")
    QTest.mouseClick(dialog.buttons[Variation.MOOD], Qt.MouseButton.LeftButton)
    assert dialog.prompt.toPlainText().startswith("A blue kite, ")
    dialog.reject()


async def test_a_clip_of_a_model_that_is_gone_is_not_called_free(
    paid: tuple[Driver, Google],
) -> None:
    driver, _server = paid
    first = await made(driver)
    dialog = await similar_dialog(driver, replace(first, model="gone-1"))
    assert dialog.price.text() == ""
    assert not dialog.yes.isEnabled()
    assert dialog.problem.text().startswith("Its model is no longer there.")
    dialog.reject()


async def test_another_try_of_another_clip_is_another_offer(paid: tuple[Driver, Google]) -> None:
    driver, server = paid
    server.poll_default = failed_there("INTERNAL", "It came to nothing.")
    both = [await made(driver), await made(driver)]
    for one in both:
        driver.window.once_more.retry([one])
    keys = [f"price:{one.id}" for one in both]
    notices = driver.window.history_notices
    await driver.until(lambda: all(notices.notice(key) is not None for key in keys))
    assert len(server.submits) == 2
    offers = [notices.notice(key) for key in keys]
    assert all(offer is not None and 0 < offer._timeout_ms <= 60_000 for offer in offers)
    driver.window.history.list.clearSelection()
    driver.window.history.select(both[0].id)
    assert all(notices.notice(key) is None for key in keys), "something else is done"


async def test_a_restart_keeps_draft_and_the_words_before_the_enhancement(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> None:
    async with running(paths) as driver:
        driver.window.form_model.set_enhanced("kite", "A red kite, soft light")
        driver.window.form_model.set_draft(True)
    async with running(paths) as driver:
        model = driver.window.form_model
        assert (model.is_draft, model.original_prompt) == (True, "kite")
