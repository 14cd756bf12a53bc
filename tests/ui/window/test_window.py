"""The whole window, the whole core, the rehearsal engine: what people do with it."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.waiting import Opening
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import Charge, GenerationState
from veo_studio.core.settings import Settings
from veo_studio.ui import theme
from veo_studio.ui.views.shortcuts_page import ShortcutsPage

S = GenerationState
CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_prompt_and_a_click_make_a_clip_in_history_and_player(driver: Driver):
    window = driver.window
    driver.click(window.form.prompt)
    driver.type("A paper boat on a rainy street")
    driver.click(window.form.generate)
    await driver.until_ready(1)
    (row,) = driver.rows
    assert row.video_path.stat().st_size == row.size_bytes
    assert window.player.path == row.video_path
    assert [g.id for g in window.history.selected()] == [row.id]
    assert driver.program.queue.rowCount() == 0


async def test_the_same_by_keyboard_alone(driver: Driver):
    window = driver.window
    window.history.search.setFocus()
    driver.press(Qt.Key.Key_L, CTRL)
    assert QApplication.focusWidget() is window.form.prompt
    driver.type("Two foxes in the snow")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    assert driver.rows[0].prompt == "Two foxes in the snow"
    # round all panes and back to the prompt
    seen = []
    for _ in range(4):
        driver.press(Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert seen == [window.player, window.queue.rows, window.history.list, window.form.prompt]


async def test_ctrl_enter_works_from_every_pane(driver: Driver):
    window = driver.window
    driver.choose_text("A red kite over the dunes")
    window.history.search.setFocus()
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: len(driver.rows) == 1)
    window.queue.rows.setFocus()
    driver.press(Qt.Key.Key_Enter, CTRL)
    await driver.until_ready(2)


async def test_several_at_once_all_arrive(driver: Driver):
    driver.choose_text("A lighthouse in a storm")
    driver.program.form.set_takes(3)
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: len(driver.rows) == 3)
    driver.program.form.set_takes(1)
    driver.choose_text("A harbour at dawn")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(4)
    assert len({row.video_path for row in driver.rows}) == 4
    takes = [row for row in driver.rows if row.take_group]
    assert len({row.take_group for row in takes}) == 1
    assert len({row.config.seed for row in takes}) == 3


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
async def test_a_running_clip_is_cancelled(driver: Driver, monkeypatch, by):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "60")
    driver.choose_text("A train that never comes")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: bool(driver.rows) and driver.rows[0].state is S.PROCESSING)
    rows = driver.window.queue.rows
    index = driver.program.queue.index(0)
    if by == "mouse":
        driver.click(rows.viewport(), rows.button_rect(index).center())
    else:
        rows.setFocus()
        rows.setCurrentIndex(index)
        driver.press(Qt.Key.Key_Delete)
    await driver.until(lambda: driver.rows[0].state is S.CANCELLED)
    assert driver.program.queue.rowCount() == 0
    assert driver.notices == []


async def test_a_failure_is_told_with_its_reason_and_repeats_are_one_notice(driver, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "fail:The model is tired")
    driver.choose_text("A clip that fails")
    driver.program.form.set_takes(3)
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(
        lambda: len(driver.rows) == 3 and all(row.state is S.FAILED for row in driver.rows)
    )
    (notice,) = driver.window.queue.notices.notices
    assert notice.text.startswith("3 clips failed for the same reason.")
    assert "The model is tired" in notice.text
    assert "Nothing was charged." in notice.text
    assert {row.charge for row in driver.rows} == {Charge.NOT_CHARGED}
    # one click tries all of them again
    driver.click(notice.action_button)
    await driver.until(
        lambda: len(driver.rows) == 6 and all(row.state is S.FAILED for row in driver.rows)
    )


async def test_an_unknown_outcome_waits_in_the_queue_and_is_not_sent_again(driver, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "reset")
    driver.choose_text("A clip whose answer was lost")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(
        lambda: bool(driver.rows) and driver.rows[0].state in (S.UNKNOWN, S.COMPLETED)
    )
    row = driver.rows[0]
    attempts = await driver.program.studio.generations.attempts(row.id)
    assert len(attempts) == 1


async def test_closing_in_the_middle_loses_nothing(qapp, paths, no_task_left, monkeypatch):
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "1.5")
    async with running(paths) as first:
        first.choose_text("A clip that outlives its window")
        first.press(Qt.Key.Key_Return, CTRL)
        await first.until(lambda: bool(first.rows) and first.rows[0].state is S.PROCESSING)
        started = time.monotonic()
    assert time.monotonic() - started < 2.0
    async with running(paths) as second:
        assert second.notices == ["1 clip is going on where it stopped."]
        await second.until_ready(1)
        assert second.rows[0].prompt == "A clip that outlives its window"
        attempts = await second.program.studio.generations.attempts(second.rows[0].id)
        assert len(attempts) == 1


async def test_the_form_comes_back_after_a_restart(qapp, paths, no_task_left):
    async with running(paths) as first:
        first.choose_text("A half written prompt")
        first.window.form.duration.set_value(12)
        first.window.panes.set_wanted("history", False)
    async with running(paths) as second:
        assert second.window.form.prompt.toPlainText() == "A half written prompt"
        assert second.window.form.duration.value_s == 12
        assert not second.window.panes.is_shown("history")
        assert not second.window.pane_actions["history"].isChecked()


async def test_an_empty_prompt_is_said_under_the_prompt(driver: Driver):
    form = driver.window.form
    driver.click(form.generate)
    await driver.until(lambda: form.prompt_problem.text() != "")
    assert form.prompt_problem.text() == "Prompt cannot be empty"
    assert form.prompt_problem.isVisible()
    assert driver.rows == []
    assert form.prompt.hasFocus()
    driver.type("A")
    assert not form.prompt_problem.isVisible()


async def test_the_theme_changes_at_once_and_is_remembered(driver: Driver, paths):
    window = driver.window
    for mode, is_dark in (("dark", True), ("light", False)):
        window.theme_actions[mode].trigger()
        assert theme.tokens().is_dark is is_dark
        picture = window.grab().toImage()
        corner = picture.pixelColor(2, picture.height() // 2)
        assert (corner.lightnessF() < 0.5) is is_dark
    window.remember()
    driver.program._settings.save(paths.settings)
    assert Settings.load(paths.settings).theme == "light"


async def test_tokens_are_added_in_a_window_that_stops_nothing(driver: Driver):
    window = driver.window
    driver.click(window.wallet_button)
    dialog = window.wallet.dialog
    assert dialog is not None
    driver.choose_text("A clip made while the wallet is open")
    driver.window.form.generate_requested.emit()
    await driver.until_ready(1)
    dialog.tokens.setValue(55)
    driver.click(dialog.add)
    await driver.until(lambda: window.wallet_button.text() == "155 tokens")


async def test_delete_and_undo_with_the_systems_trash(driver: Driver):
    driver.choose_text("A clip to lose and find")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    (row,) = driver.rows
    driver.window.history.list.setFocus()
    driver.press(Qt.Key.Key_Delete)
    await driver.until(lambda: driver.rows == [] and bool(driver.notices))
    assert not row.video_path.exists()
    assert driver.window.player.path is None
    (notice,) = driver.window.history_notices.notices
    assert notice.text == "Moved to the trash."
    driver.click(notice.action_button)
    await driver.until(lambda: len(driver.rows) == 1)
    assert row.video_path.exists()


async def test_the_clip_menu_offers_what_the_selection_can_do(driver: Driver):
    window = driver.window
    window.clip_menu.aboutToShow.emit()
    assert [a.text() for a in window.clip_menu.actions()] == ["Select a clip first"]
    driver.choose_text("A clip with a menu")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    window.clip_menu.aboutToShow.emit()
    lines = [one.text() for one in window.clip_menu.actions() if not one.isSeparator()]
    words = [one.split("\t")[0].replace("&", "") for one in lines]
    letters = [line.partition("&")[2][:1].casefold() for line in lines]
    assert len(set(letters)) == len(letters), "every line has a letter of its own"
    assert "Show in folder" in words
    assert "Delete" in words


async def test_again_is_the_same_clip_and_the_recipe_goes_into_the_form(driver: Driver):
    driver.choose_text("A clip made twice")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    (first,) = driver.rows
    driver.window.history.again_requested.emit(first)
    await driver.until_ready(2)
    second, first = driver.rows
    assert second.config == first.config
    assert second.sha256 == first.sha256
    driver.choose_text("something else")
    driver.window.history.similar_requested.emit(first)
    assert driver.window.form.prompt.toPlainText() == "A clip made twice"
    assert driver.window.form.seed.seed() is None


async def test_a_bug_in_a_slot_is_one_calm_notice(driver: Driver, caplog):
    driver.window.show_bug(RuntimeError("nobody expected this"))
    assert driver.notices == [
        "Something unexpected went wrong. Your clips are safe; the log has the details."
    ]
    assert "nobody expected this" in caplog.text
    caplog.clear()


async def test_f1_shows_the_shortcuts(driver: Driver):
    opening = Opening(ShortcutsPage)
    driver.press(Qt.Key.Key_F1)
    page = await asyncio.wait_for(opening.shown, 10.0)
    assert isinstance(page, ShortcutsPage)
    closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    page.finished.connect(closed.set_result)
    page.close_button.click()
    await asyncio.wait_for(closed, 10.0)


async def test_everything_that_takes_the_focus_has_a_name(driver: Driver):
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in driver.window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not getattr(widget, "text", lambda: "")()
        and widget.focusProxy() is None
    ]
    assert nameless == []


async def test_tab_goes_through_the_form_in_the_order_of_the_eye(driver: Driver):
    window = driver.window
    form = window.form
    form.prompt.setFocus()
    order = []
    for _ in range(20):
        driver.press(Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget())
        if order[-1] is form.generate:
            break
    tops = [widget.mapTo(form, QPoint(0, 0)).y() for widget in order]
    assert order[-1] is form.generate
    # within one line the tops differ by a few pixels
    assert all(after - before > -16 for before, after in itertools.pairwise(tops))


@pytest.mark.parametrize("size", [(800, 600), (1280, 800), (1920, 1080)])
async def test_nothing_is_clipped(qapp, paths, no_task_left, size):
    async with running(paths, width=size[0], height=size[1]) as driver:
        window = driver.window
        assert (window.width(), window.height()) == size
        for index in range(len(window.form_model.choices())):
            window.form_model.choose(window.form_model.choices()[index].model)
            await asyncio.sleep(0)
            assert clipped(window) == []


def clipped(window: QWidget) -> list[str]:
    """Visible controls that are smaller than they need or reach out of the window."""
    bad = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not window:
            continue
        name = f"{type(widget).__name__} {widget.objectName()} {widget.geometry()}"
        needs = widget.minimumSizeHint()
        is_fixed = widget.minimumWidth() == widget.maximumWidth()
        if needs.isValid() and widget.width() < needs.width() and not is_fixed:
            bad.append(f"narrower than {needs.width()}: {name}")
        right = widget.mapTo(window, QPoint(widget.width(), 0)).x()
        if right > window.width():
            bad.append(f"beyond the right edge: {name}")
    return bad
