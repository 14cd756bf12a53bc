"""Many prompts from one click: what the form makes of lists and variables, before any widget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.core.settings import Settings
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import BlockAction, FormModel
from veo_studio.ui.view_models.form_price import BatchPrice, batch_words

CATALOG = Catalog.load()
OMNI = CATALOG.get("gemini", "gemini-omni-1.2-flash")


async def open_form(services: FakeFormServices | None = None) -> FormModel:
    model = FormModel(CATALOG)
    await model.open(services or FakeFormServices())
    model.set_lists({"light": ("dawn", "noon", "dusk")})
    return model


async def test_each_prompt_has_its_takes_and_its_own_group(qapp):
    services = FakeFormServices()
    model = await open_form(services)
    model.set_prompt("{red|blue} kite at {light}")
    model.set_takes(2)
    model.set_seed(7, is_locked=True)
    assert model.prompts()[:2] == ["red kite at dawn", "red kite at noon"]
    assert model.price_line().startswith("Free rehearsal · 12 × ")
    assert len(await model.submit()) == 12
    (requests,) = services.asked
    assert [request.prompt for request in requests[:3]] == ["red kite at dawn"] * 2 + [
        "red kite at noon"
    ]
    groups = [request.take_group for request in requests]
    assert len(set(groups)) == 6
    assert all(one == two for one, two in zip(groups[::2], groups[1::2], strict=True))
    assert [request.take_number for request in requests] == [1, 2] * 6
    # what differs between two prompts is the words
    assert [request.config.seed for request in requests] == [7, 8] * 6


async def test_a_variable_blocks_until_it_is_filled_in(qapp):
    model = await open_form()
    model.set_prompt("{subject} at {light}")
    assert model.found.variables == ("subject",)
    assert model.blocked().reason == "Fill in {subject} under the prompt."
    assert model.requests() == []
    model.set_value("subject", "a red kite")
    assert model.blocked() is None
    assert model.prompts()[0] == "a red kite at dawn"
    model.set_value("subject", "")
    assert model.blocked() is not None


async def test_a_new_list_is_not_hidden_by_what_was_typed_for_a_variable(qapp):
    model = await open_form()
    model.set_prompt("{hue} kite")
    model.set_value("hue", "grey")
    model.set_lists({"hue": ("red", "blue")})
    assert model.prompts() == ["red kite", "blue kite"]


@pytest.mark.parametrize(
    ("prompt", "takes", "reason"),
    [
        ("{a|b}" * 10, 1, "These lists make 1,024 prompts; at most 1,000 go at once. Shorten a list."),
        ("{a|b}" * 400, 1, "These lists make more than a billion prompts; "
         "at most 1,000 go at once. Shorten a list."),
        ("{a|b}" * 9, 2, "512 prompts with 2 takes are 1,024 clips; at most 1,000 go at once. "
         "Choose fewer takes, or shorten a list."),
    ],
)  # fmt: skip
async def test_too_many_are_refused_with_a_sentence(qapp, prompt, takes, reason):
    services = FakeFormServices()
    model = await open_form(services)
    model.set_prompt(prompt)
    model.set_takes(takes)
    assert model.blocked().reason == reason
    assert "×" not in model.price_line()
    assert await model.submit() == []
    assert services.asked == []


async def test_tokens_and_budgets_count_every_prompt(qapp):
    services = FakeFormServices(tokens=45)
    model = await open_form(services)
    model.choose(OMNI)
    model.set_prompt("{red|blue} kite at {light}")
    assert model.batch_price().takes == 6
    blocked = model.blocked()
    assert blocked.action is BlockAction.TOP_UP
    assert "needs 60 tokens and the wallet holds 45" in blocked.reason
    assert blocked.reason.endswith("Top up, or shorten the lists to 4 clips at the most.")
    services.tokens = 1000
    one = services.estimate(OMNI, model.config(), 1).cost_usd
    services.limits = [BudgetState(BudgetPeriod.DAY, one * 5, Decimal(0))]
    await model.refresh_balance()
    assert model.blocked().action is BlockAction.CHANGE_BUDGET
    assert (
        "Shorten the lists to 5 clips at the most, or raise the budget." in model.blocked().reason
    )
    services.limits = [BudgetState(BudgetPeriod.DAY, one * 6, Decimal(0))]
    await model.refresh_balance()
    assert model.blocked() is None


async def test_many_prompts_are_asked_about_before_they_are_paid_for(qapp):
    services = FakeFormServices()
    model = await open_form(services)
    model.choose(OMNI)
    model.set_prompt("{red|blue} kite at {light}")
    asked = []

    async def no(batch: BatchPrice) -> bool:
        asked.append(batch)
        return False

    model.confirm = no
    assert await model.submit() == []
    assert services.asked == []
    (batch,) = asked
    assert (batch.takes, batch.prompts, batch.tokens) == (6, 6, 60)
    assert batch_words(batch).startswith("6 prompts\nTogether: 60 tokens")


async def test_the_one_prompt_that_is_too_long_is_named(qapp):
    services = FakeFormServices()
    model = await open_form(services)
    model.set_lists({"place": ("a harbour", "x" * 1990)})
    model.set_prompt("A red kite over {place}")
    assert model.characters_left < 0
    assert model.prompt_problem.startswith(
        "Prompt too long (max 2000 characters): number 2 of 2, “A red kite over xxx"
    )
    assert await model.submit() == []
    assert services.asked == []


async def test_what_the_service_takes_less_of_is_said_before_it_is_sent(qapp):
    model = await open_form()
    short = next(m for m in CATALOG.models if (m.capabilities.max_prompt_units or 9999) < 2000)
    model.choose(short)
    model.set_prompt("x" * (short.capabilities.max_prompt_units + 1))
    assert not model.is_prompt_good()
    assert model.prompt_problem.startswith(f"{short.name} takes prompts of at most")


@pytest.mark.parametrize(
    "prompt", ["{red|blue} kite", "{subject}", "{{light}} }}", '{"a":{"b":1}}']
)
async def test_a_stored_prompt_is_not_expanded_a_second_time(qapp, prompt):
    model = await open_form()
    model.load(a_generation(prompt=prompt))
    assert model.prompts() == [prompt]
    assert model.found.variables == ()


async def test_the_braces_of_a_waiting_one_are_literal_while_it_is_edited(qapp):
    model = await open_form()
    model.set_prompt("{red|blue} kite at {light}")
    editing = FormEditing(model)
    editing.start(a_generation(prompt="{red|blue} kite"))
    assert model.prompt == "{red|blue} kite"
    model.set_prompt("{red|blue} kite, {subject}")
    assert [request.prompt for request in model.requests()] == ["{red|blue} kite, {subject}"]
    editing.keep()
    assert model.prompt == "{red|blue} kite at {light}"
    assert len(model.prompts()) == 6


async def test_what_was_edited_too_late_stays_in_the_form_as_it_was_meant(qapp):
    model = await open_form()
    model.begin_edit(a_generation(prompt="{red|blue} kite"))
    model.end_edit()
    assert model.prompts() == ["{red|blue} kite"]


async def test_variables_are_remembered_between_two_starts(qapp):
    model = await open_form()
    model.set_prompt("{subject}")
    model.set_value("subject", "a red kite")
    settings = Settings()
    model.remember(settings)
    again = FormModel(CATALOG)
    again.restore(settings)
    assert again.prompts() == ["a red kite"]
    settings.last_config["variables"] = ["nonsense"]
    again.restore(settings)
    assert again.found.missing == ("subject",)
