"""Queue controls and keys in the whole window, with the real queue and the rehearsal engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QApplication, QDialog, QLabel, QPushButton

from tests.fakes.generations import a_generation
from tests.ui.waiting import becomes, emitted
from tests.ui.window.conftest import Driver
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Choice, GenerationState, PauseKind
from veo_studio.ui.dialogs import Question

S = GenerationState
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


async def queued(driver: Driver, *prompts: str) -> None:
    """Paused, so that all of them wait."""
    driver.window.acts.pause_queue.trigger()
    model = driver.program.queue
    await becomes(lambda: model.is_paused, model.pauses_changed)
    for number, prompt in enumerate(prompts, 1):
        driver.choose_text(prompt)
        driver.press(Qt.Key.Key_Return, CTRL)
        await driver.until(lambda number=number: driver.program.queue.rowCount() == number)
    driver.program.queue.flush()


def prompts(driver: Driver) -> list[str]:
    return [generation.prompt for generation in driver.program.queue.generations]


async def question(driver: Driver) -> Question:
    """The dialog that a click opened; other tasks go on meanwhile."""
    for _ in range(10):
        await asyncio.sleep(0)
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, Question) and widget.isVisible():
                return widget
    raise AssertionError("nothing was asked")


async def ended(dialog: QDialog, act: Callable[[], object]) -> int:
    """The result of a dialog after `act`."""
    finished = asyncio.ensure_future(emitted(dialog.finished))
    await asyncio.sleep(0)
    act()
    (code,) = await finished
    return code


async def test_a_paused_queue_sends_nothing_until_it_is_resumed(driver: Driver, monkeypatch):
    # nothing has to be drawn for this
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "60")
    await queued(driver, "First of all", "Second of all")
    view = driver.window.queue
    assert view.pauses.texts == ["You paused the queue. 2 generations wait."]
    assert {row.state for row in driver.rows} == {S.PENDING}
    driver.press(Qt.Key.Key_P, CTRL | Qt.KeyboardModifier.ShiftModifier)
    await driver.until(lambda: all(row.state is S.PROCESSING for row in driver.rows))
    assert view.pauses.texts == []


async def test_the_order_is_changed_by_keys_and_kept_by_the_queue(driver: Driver):
    await queued(driver, "First", "Second", "Third")
    rows = driver.window.queue.rows
    rows.setFocus()
    rows.setCurrentIndex(driver.program.queue.index(2))
    driver.press(Qt.Key.Key_Up, ALT)
    await becomes(
        lambda: prompts(driver) == ["First", "Third", "Second"], driver.program.queue.layoutChanged
    )
    assert rows.currentIndex().row() == 1
    driver.press(Qt.Key.Key_Home, ALT)
    await becomes(
        lambda: prompts(driver) == ["Third", "First", "Second"], driver.program.queue.layoutChanged
    )
    waiting = driver.program.studio.queue.waiting_ids
    assert [one.id for one in driver.program.queue.generations] == list(waiting)


async def test_a_waiting_one_is_edited_in_the_form_and_keeps_its_place(driver: Driver):
    await queued(driver, "First", "Second", "Third")
    window = driver.window
    driver.choose_text("Half a thought")
    window.queue.rows.setFocus()
    window.queue.rows.setCurrentIndex(driver.program.queue.index(1))
    driver.press(Qt.Key.Key_F2)
    assert window.form.edit_bar.isVisible()
    assert not window.form.generate.isVisible()
    assert window.form.prompt.toPlainText() == "Second"
    assert window.form.prompt.hasFocus()
    driver.choose_text("Second thought")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until(lambda: "Second thought" in prompts(driver))
    driver.program.queue.flush()
    assert prompts(driver) == ["First", "Second thought", "Third"]
    assert not window.form.edit_bar.isVisible()
    assert window.form.prompt.toPlainText() == "Half a thought"
    assert "Second" not in [row.prompt for row in driver.rows]


async def test_escape_keeps_the_waiting_one_as_it_was(driver: Driver):
    await queued(driver, "First")
    driver.choose_text("Half a thought")
    driver.window.queue.edit_requested.emit(driver.program.queue.generations[0])
    driver.press(Qt.Key.Key_Escape)
    assert not driver.window.editing.is_on
    assert driver.window.form.prompt.toPlainText() == "Half a thought"
    assert prompts(driver) == ["First"]


async def test_clear_waiting_tells_what_it_means_before_it_does_it(driver: Driver):
    await queued(driver, "First", "Second")
    view = driver.window.queue
    driver.click(view.clear_button)
    asks = await question(driver)
    words = [label.text() for label in asks.findChildren(QLabel)]
    assert words[0] == "Cancel 2 waiting generations?"
    assert "They have cost nothing." in words[1]
    assert asks.leave_it.isDefault()
    await ended(asks, asks.reject)
    assert len(prompts(driver)) == 2
    driver.click(view.clear_button)
    (await question(driver)).accept()
    await driver.until(lambda: driver.program.queue.rowCount() == 0)
    assert {row.state for row in driver.rows} == {S.CANCELLED}
    await driver.until(lambda: "2 generations cancelled." in driver.notices)


async def test_a15_what_is_paid_for_is_stopped_only_after_the_truth(driver: Driver):
    window = driver.window
    paid = a_generation(id=7, state=S.PROCESSING, price_usd=Decimal("0.56"), provider="gemini")
    window.queue.cancel_requested.emit(paid)
    asks = await question(driver)
    assert asks.windowTitle() == "It is already paid for"
    assert "about $0.56" in asks.words.text()
    buttons = [button.text().replace("&", "") for button in asks.findChildren(QPushButton)]
    assert sorted(buttons) == ["Let it finish", "Stop and discard"]
    # Return lets it finish
    code = await ended(asks, lambda: driver.press(Qt.Key.Key_Return))
    assert code == QDialog.DialogCode.Rejected
    assert driver.notices == []


async def test_a01_send_again_says_that_it_may_be_billed_twice(driver: Driver):
    unknown = a_generation(id=7, state=S.UNKNOWN, price_usd=Decimal("0.56"), provider="gemini")
    driver.window.queue.choice_requested.emit(unknown, Choice.SEND_AGAIN)
    asks = await question(driver)
    assert "billed twice" in asks.words.text()
    assert "about $0.56 more" in asks.words.text()
    assert asks.leave_it.isDefault()
    await ended(asks, asks.reject)


async def test_what_needs_attention_is_in_sight_wherever_the_queue_is(driver: Driver):
    window, emit = driver.window, driver.program.studio.events.emit
    unknown = a_generation(id=9001, state=S.UNKNOWN, provider="gemini")
    assert not window.header.attention.isVisible()
    window.panes.set_wanted("queue", False)
    emit(GenerationEvent(EventKind.STATE_CHANGED, unknown))
    assert window.header.attention.text() == "1 needs you"
    driver.click(window.header.attention)
    assert window.panes.is_shown("queue")
    assert window.queue.attention.hasFocus()
    emit(GenerationEvent(EventKind.STATE_CHANGED, replace(unknown, state=S.FAILED)))
    assert not window.header.attention.isVisible()


async def test_the_page_of_a_provider_is_opened_and_nothing_else(driver: Driver):
    opened = []
    window = driver.window
    window.queue_controls._open_page = lambda url: opened.append(url.toString()) or True
    unknown = a_generation(id=7, state=S.UNKNOWN, provider="gemini")
    window.queue.choice_requested.emit(unknown, Choice.OPEN_PROVIDER)
    assert len(opened) == 1
    assert opened[0].startswith("https://")


# keys and panes


async def test_no_alt_letter_means_two_things(driver: Driver):
    window = driver.window
    taken: dict[str, str] = {}
    titles = [action.text() for action in window.menuBar().actions()]
    labels = [label.text() for label in window.form.findChildren(QLabel) if label.buddy()]
    buttons = [button.text() for button in window.form.findChildren(QPushButton)]
    sound = [window.form.sound.text()]
    for words in titles + labels + buttons + sound:
        letter = words[words.find("&") + 1].casefold() if "&" in words else ""
        assert letter == "" or letter not in taken, (words, taken.get(letter))
        taken[letter] = words


async def test_hiding_the_pane_that_has_the_focus_leaves_it_somewhere(driver: Driver):
    window = driver.window
    keys = [Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4]
    for key, name in zip(keys, ("form", "player", "queue", "history"), strict=True):
        window.panes.focus(name)
        driver.press(key, CTRL)
        focus = QApplication.focusWidget()
        assert not window.panes.is_shown(name)
        assert focus is not None
        assert focus.isVisible()
        driver.press(key, CTRL)
        assert window.panes.is_shown(name)
        assert QApplication.focusWidget().isVisible()


async def test_a_pane_that_stepped_aside_has_a_button_to_come_back(driver: Driver):
    window = driver.window
    window.resize(800, 600)
    assert not window.panes.is_shown("history")
    button = window.header.pane_button("history")
    assert button.isVisible()
    assert button.accessibleName() == "Show: History"
    driver.click(button)
    assert window.panes.is_shown("history")
    # the list itself is empty
    assert window.history.search.hasFocus()
    assert not button.isVisible()


async def test_a_finished_clip_pulls_nobody_away_from_the_history(driver: Driver):
    window = driver.window
    driver.choose_text("The first clip")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    first = driver.rows[0].id
    window.history.list.setFocus()
    window.history.select(first)
    assert [one.id for one in window.history.selected()] == [first]
    driver.choose_text("The second clip")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(2)
    assert [one.id for one in window.history.selected()] == [first]


async def test_the_first_window_leaves_room_for_its_frame(driver: Driver):
    window = driver.window
    window._settings.window_state.clear()
    window.memory.restore_frame()
    room = window.screen().availableSize()
    assert window.width() <= max(640, room.width() - 16)
    assert window.height() <= max(480, room.height() - 48)
    assert window.size() != QSize(0, 0)


async def test_quit_works_from_the_players_own_full_screen_window_too(driver: Driver):
    context = driver.window.acts.quit.shortcutContext()
    assert context is Qt.ShortcutContext.ApplicationShortcut


async def test_a07_a_refused_key_is_told_once_in_the_header(driver: Driver):
    from datetime import UTC, datetime

    from veo_studio.core.models import Pause

    model = driver.program.queue
    fake = type(
        "Refused",
        (),
        {
            "pauses": {"gemini": Pause("gemini", PauseKind.KEY, "", datetime.now(UTC))},
            "waiting_ids": (),
        },
    )()
    real, model._queue = model._queue, fake
    try:
        model.pauses_changed.emit()
        assert driver.window.header.attention.text() == "1 needs you"
        assert driver.window.queue.pauses.texts == ["Google Gemini does not accept the key."]
        driver.click(driver.window.header.attention)
        assert QApplication.focusWidget() is driver.window.queue.pauses.buttons_of("gemini")[0]
    finally:
        model._queue = real
