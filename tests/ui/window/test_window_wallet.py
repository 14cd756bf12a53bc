"""The wallet beside the real window: how it is opened, what it shows, and what a budget does."""

from __future__ import annotations

from decimal import Decimal

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import BudgetPeriod
from veo_studio.ui.view_models.form_price import BlockAction

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_the_wallet_opens_by_key_and_goes_with_the_window(driver: Driver) -> None:
    window = driver.window
    driver.press(Qt.Key.Key_W, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = window.wallet.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    model = window.wallet.model
    await becomes(lambda: dialog.balance.text() == "100", model.changed)
    await becomes(lambda: model.entries.rowCount() > 0, model.entries.loaded)
    window.hide()
    assert not dialog.isVisible()
    window.show()


async def test_a_budget_set_in_the_wallet_stops_the_click_in_the_form(driver: Driver) -> None:
    window, form = driver.window, driver.program.form
    paid = next(c.model for c in form.choices() if c.model.tokens and c.model.prices.per_second)
    form._services.locked_reason = lambda _provider: None  # type: ignore[union-attr,method-assign]
    form.choose(paid)
    assert form.blocked() is None
    await window.wallet.model.set_budget(BudgetPeriod.DAY, "0.01")
    await driver.until(lambda: form.blocked() is not None)
    blocked = form.blocked()
    assert blocked is not None
    assert blocked.action is BlockAction.CHANGE_BUDGET
    assert not window.form.generate.isEnabled()
    assert window.form.unblock.text() == "Change the budget…"
    driver.click(window.form.unblock)
    dialog = window.wallet.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.budgets[BudgetPeriod.DAY].edit
    assert driver.program.studio is not None
    (day, *_rest) = await driver.program.studio.wallet.budgets()
    assert day.limit_usd == Decimal("0.01")


async def test_an_entry_shows_its_clip_and_a_clip_its_details(driver: Driver) -> None:
    driver.choose_text("A clip with an entry")
    driver.press(Qt.Key.Key_Return, CTRL)
    await driver.until_ready(1)
    (row,) = driver.rows
    window = driver.window
    window.history.list.clearSelection()
    window.wallet.show()
    assert window.wallet.dialog is not None
    window.wallet.dialog.generation_requested.emit(row.id)
    await becomes(lambda: bool(window.history.selected()), window.history.selection_changed)
    assert [one.id for one in window.history.selected()] == [row.id]
    window.clips.copy_details(row)
    await driver.until(lambda: "Details copied." in driver.notices)
    assert f"Generation {row.id}" in QGuiApplication.clipboard().text()
