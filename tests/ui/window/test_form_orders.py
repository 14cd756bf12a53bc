"""Every press of Generate counts: for what stood in the form at that press, once, at the price shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from PyQt6.QtCore import Qt

from tests.fakes.core import FakeFormServices
from tests.ui.window.conftest import Driver
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import NotEnoughTokens, StorageError
from veo_studio.core.models import Generation, GenerationRequest
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_price import BatchPrice

PROMPTS = [f"A paper boat, number {number}" for number in range(5)]
CTRL = Qt.KeyboardModifier.ControlModifier


class SlowServices(FakeFormServices):
    """A library that stores nothing until `gate` is open."""

    def __init__(self, *, tokens: int = 100) -> None:
        super().__init__(tokens=tokens)
        self.gate = asyncio.Event()
        self.at_work = self.most_at_work = 0

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        await self.gate.wait()
        self.at_work -= 1
        made = await super().enqueue(requests)
        self.tokens -= 10 * len(made)
        return made

    @property
    def prompts(self) -> list[str]:
        return [request.prompt for asked in self.asked for request in asked]


async def open_form(services: FakeFormServices, *, is_paid: bool = True) -> FormModel:
    model = FormModel(Catalog.load())
    await model.open(services)
    if is_paid:
        model.choose(Catalog.load().get("gemini", "gemini-omni-1.2-flash"))
    return model


async def test_what_is_ordered_while_another_is_stored_is_asked_for_after_it(qapp):
    services = SlowServices()
    model = await open_form(services)
    tasks = []
    for number, prompt in enumerate(PROMPTS):
        model.set_prompt(prompt)
        model.set_seed(number, is_locked=False)
        tasks.append(asyncio.create_task(model.place(model.take_order())))
    model.clear_prompt()
    services.gate.set()
    await asyncio.gather(*tasks)
    assert services.prompts == PROMPTS
    seeds = [request.config.seed for asked in services.asked for request in asked]
    assert seeds == list(range(5))
    assert services.most_at_work == 1
    assert model.prompt == ""
    assert model.balance == 50


async def test_the_very_same_is_not_asked_for_twice_while_it_is_stored(qapp):
    services = SlowServices()
    model = await open_form(services)
    model.set_prompt(PROMPTS[0])
    order = model.take_order()
    assert not model.can_submit
    assert model.take_order() is None
    model.set_takes(2)
    assert model.can_submit, "two of it are something else"
    model.set_takes(1)
    services.gate.set()
    await model.place(order)
    assert services.prompts == PROMPTS[:1]
    assert model.can_submit


async def test_a_seed_that_is_written_meanwhile_stays(qapp):
    services = SlowServices()
    model = await open_form(services)
    model.set_prompt(PROMPTS[0])
    model.set_seed(7, is_locked=False)
    order = model.take_order()
    model.set_seed(8, is_locked=False)
    services.gate.set()
    await model.place(order)
    assert services.asked[0][0].config.seed == 7
    assert model.seed == 8


async def test_what_is_stored_costs_what_was_shown_at_the_press(qapp):
    services = SlowServices()
    model = await open_form(services)
    model.set_prompt(PROMPTS[0])
    order = model.take_order()
    shown, asked_for = model.price_line(), model.requests()
    model.set_takes(3)
    model.choose(Catalog.load().get("rehearsal", "rehearsal-1"))
    assert model.price_line() != shown
    services.gate.set()
    await model.place(order)
    assert services.asked == [asked_for]
    assert (order.price.tokens, order.price.takes) == (10, 1)


async def test_many_are_asked_about_with_the_price_of_their_own_press(qapp):
    services = SlowServices()
    services.gate.set()
    model = await open_form(services)
    asked = []

    async def yes(batch: BatchPrice) -> bool:
        asked.append(batch)
        return True

    model.confirm = yes
    model.set_prompt(PROMPTS[0])
    model.set_takes(5)
    order = model.take_order()
    model.set_takes(1)
    await model.place(order)
    assert [(batch.takes, batch.tokens) for batch in asked] == [(5, 50)]
    assert services.prompts == PROMPTS[:1] * 5


async def test_one_that_the_wallet_does_not_hold_any_more_is_told(qapp):
    services = SlowServices(tokens=10)
    services.gate.set()
    model = await open_form(services)
    model.set_prompt(PROMPTS[0])
    order = model.take_order()
    model.clear_prompt()
    services.fail_with = NotEnoughTokens(needed=10, balance=0)
    services.tokens = 0
    with pytest.raises(NotEnoughTokens):
        await model.place(order)


async def test_a_refused_one_takes_none_of_the_next_with_it(qapp):
    services = SlowServices()
    services.gate.set()
    model = await open_form(services)
    orders = []
    for prompt in PROMPTS[:2]:
        model.set_prompt(prompt)
        orders.append(model.take_order())
    services.fail_with = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await model.place(orders[0])
    services.fail_with = None
    assert len(await model.place(orders[1])) == 1


async def test_five_prompts_typed_and_sent_quickly_are_five_rows(driver: Driver):
    for prompt in PROMPTS:
        driver.press(Qt.Key.Key_N, CTRL)
        driver.choose_text(prompt)
        driver.press(Qt.Key.Key_Return, CTRL)
    driver.press(Qt.Key.Key_N, CTRL)
    await driver.until(lambda: len(driver.rows) == 5)
    assert sorted(row.prompt for row in driver.rows) == PROMPTS
    await driver.until_ready(5)
    assert driver.window.form.prompt.toPlainText() == ""


async def test_a_refused_prompt_comes_back_with_a_click(driver: Driver):
    form, services = driver.window.form, FakeFormServices()
    services.fail_with = StorageError("The disk is full.")
    await driver.program.form.open(services)
    driver.choose_text(PROMPTS[0])
    driver.press(Qt.Key.Key_Return, CTRL)
    driver.press(Qt.Key.Key_N, CTRL)
    await driver.until(lambda: any("was not generated" in words for words in driver.notices))
    assert driver.rows == []
    notice = next(one for one in form.notices.notices if "was not generated" in one.text)
    notice.action_button.click()
    assert form.prompt.toPlainText() == PROMPTS[0]


async def test_a_click_on_generate_keeps_the_focus(driver: Driver):
    form = driver.window.form
    driver.choose_text(PROMPTS[0])
    form.generate.setFocus()
    driver.click(form.generate)
    assert driver.program.form.is_submitting
    assert form.generate.hasFocus()
    await driver.until(lambda: len(driver.rows) == 1)
    assert form.generate.hasFocus()
