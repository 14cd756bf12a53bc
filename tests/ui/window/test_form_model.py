"""The form without widgets: what it holds, allows, says and asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from veo_studio.core.capabilities import Prices
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import NotEnoughTokens, StorageError
from veo_studio.core.models import InputMode, InputRole, Task, VideoConfig
from veo_studio.core.settings import Settings
from veo_studio.ui.view_models.form_model import BlockAction, FormModel

CATALOG = Catalog.load()
SKETCH = CATALOG.get("rehearsal", "rehearsal-1")
OMNI = CATALOG.get("gemini", "gemini-omni-1.2-flash")
OLDER = CATALOG.get("gemini", "gemini-omni-1.1-flash")


async def open_form(services: FakeFormServices | None = None) -> FormModel:
    model = FormModel(CATALOG)
    await model.open(services or FakeFormServices())
    return model


async def test_a_fresh_form_asks_for_the_models_own_defaults(qapp):
    model = await open_form()
    model.set_prompt("A paper boat on a rainy street")
    (request,) = model.requests()
    assert request.model == "rehearsal-1"
    assert request.config == VideoConfig("16:9", 5, "720p", "", None, True)
    assert request.take_group is None


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("", "Prompt cannot be empty"),
        ("   \n ", "Prompt cannot be empty"),
        ("ab", "Prompt too short (min 3 characters)"),
        ("x" * 2001, "Prompt too long (max 2000 characters)"),
    ],
)
async def test_a_bad_prompt_is_said_under_the_prompt_and_nothing_is_asked(qapp, prompt, sentence):
    services = FakeFormServices()
    model = await open_form(services)
    model.set_prompt(prompt)
    refused = []
    model.prompt_refused.connect(refused.append)
    assert await model.submit() == []
    assert refused == [sentence]
    assert model.prompt_problem == sentence
    assert services.asked == []


async def test_the_sentence_about_the_prompt_goes_when_it_is_edited(qapp):
    model = await open_form()
    await model.submit()
    assert model.prompt_problem == "Prompt cannot be empty"
    model.set_prompt("A")
    assert model.prompt_problem == ""


async def test_a_prompt_that_is_too_long_is_said_while_typing(qapp):
    model = await open_form()
    model.set_prompt("x" * 2001)
    assert model.prompt_problem == "Prompt too long (max 2000 characters)"
    assert model.characters_left == -1


@pytest.mark.parametrize(
    ("model_info", "takes", "changes", "line"),
    [
        (SKETCH, 1, {}, "Free rehearsal · 5 s 720p"),
        (SKETCH, 3, {}, "Free rehearsal · 3 × 5 s 720p"),
        (OMNI, 1, {"duration_s": 8}, "10 tokens · about $0.56 · 8 s 720p"),
        (OMNI, 3, {"duration_s": 8}, "30 tokens · about $1.68 · 3 × 8 s 720p"),
        (OMNI, 1, {"duration_s": 15, "resolution": "4k"}, "10 tokens · about $3.15 · 15 s 4k"),
        (
            replace(OMNI, prices=Prices(), tokens=1),
            1,
            {"duration_s": 8},
            "1 token · price not known · 8 s 720p",
        ),
    ],
)
async def test_the_price_stands_over_the_button(qapp, model_info, takes, changes, line):
    model = await open_form()
    model.choose(model_info)
    model.set_takes(takes)
    for name, value in changes.items():
        setattr(model, name, value)
    assert model.price_line() == line


async def test_too_few_tokens_block_with_the_reason_and_a_way_out(qapp):
    services = FakeFormServices(tokens=20)
    model = await open_form(services)
    model.choose(OMNI)
    model.set_takes(2)
    assert model.blocked() is None
    model.set_takes(3)
    blocked = model.blocked()
    assert blocked.reason == (
        "This needs 30 tokens and the wallet holds 20. Top up, or make 2 takes at the most."
    )
    assert blocked.action is BlockAction.TOP_UP
    assert not model.can_submit
    services.tokens = 30
    await model.refresh_balance()
    assert model.can_submit


async def test_tokens_spent_elsewhere_end_as_blocked_not_as_an_error(qapp):
    services = FakeFormServices(tokens=20)
    model = await open_form(services)
    model.choose(OMNI)
    model.set_prompt("A harbour at dawn")
    services.fail_with = NotEnoughTokens(needed=10, balance=0)
    services.tokens = 0
    assert await model.submit() == []
    assert model.blocked().action is BlockAction.TOP_UP


async def test_other_errors_reach_the_caller_and_free_the_button(qapp):
    services = FakeFormServices()
    services.fail_with = StorageError("The disk is full.")
    model = await open_form(services)
    model.set_prompt("A harbour at dawn")
    with pytest.raises(StorageError):
        await model.submit()
    assert model.can_submit


def test_before_the_core_is_there_the_form_says_so(qapp):
    model = FormModel(CATALOG)
    assert model.blocked().reason == "Opening your library…"
    assert model.price_line() == "5 s 720p"


async def test_a_locked_model_says_how_to_unlock_and_offers_the_rehearsal(qapp):
    how = CATALOG.providers["gemini"].key_help
    model = await open_form(FakeFormServices(locked={"gemini": how}))
    locked = {c.model.id: c.locked for c in model.choices()}
    assert locked["rehearsal-1"] is None
    assert locked["gemini-omni-1.2-flash"] == how
    model.choose(OMNI)
    assert model.blocked().reason == how
    assert model.blocked().action is BlockAction.USE_REHEARSAL
    model.use_rehearsal()
    assert model.blocked() is None


async def test_another_model_keeps_what_fits_and_says_what_changed(qapp):
    model = await open_form()
    model.set_duration(30)
    model.set_aspect_ratio("4:3")
    model.set_resolution("480p")
    model.set_wants_sound(False)
    words = []
    model.refitted.connect(words.append)
    model.choose(OMNI)
    assert (model.duration_s, model.aspect_ratio, model.resolution) == (15, "16:9", "360p")
    assert words == [
        "Changed for Omni 1.2 Flash: duration 30 s → 15 s, aspect 4:3 → 16:9, "
        "resolution 480p → 360p, always with sound."
    ]
    CATALOG.check(model.model, model.config())


async def test_the_words_about_a_change_go_with_the_next_edit(qapp):
    model = await open_form()
    model.set_duration(30)
    model.choose(OMNI)
    words = []
    model.refitted.connect(words.append)
    model.set_duration(10)
    assert words == [""]


async def test_a_model_without_negative_prompt_gets_none_and_the_words_come_back(qapp):
    model = await open_form()
    model.set_negative_prompt("text, logos")
    model.choose(OMNI)
    assert model.config().negative_prompt == ""
    model.choose(SKETCH)
    assert model.config().negative_prompt == "text, logos"


ROLES = {
    InputMode.FIRST_FRAME: InputRole.FIRST_FRAME,
    InputMode.FRAMES: InputRole.FIRST_FRAME,
    InputMode.REFERENCES: InputRole.REFERENCE,
}


@pytest.mark.parametrize("info", CATALOG.models, ids=lambda info: info.id)
async def test_every_model_accepts_what_the_form_asks_of_it(qapp, info):
    model = await open_form()
    model.set_duration(60)
    model.set_aspect_ratio("1:1")
    model.set_resolution("4k")
    model.set_seed(42, is_locked=True)
    model.choose(info)
    mode = next(iter(info.capabilities.modes))
    if mode is not InputMode.TEXT:
        # it says what it needs, and takes what it is given
        assert "needs" in model.blocked().reason
        if mode in (InputMode.EDIT, InputMode.EXTEND, InputMode.UPSCALE):
            await model.work_on(a_generation(), Task(mode.value))
        else:
            await model.add_picture(Path("boat.png"), ROLES[mode])
    CATALOG.check(model.model, model.config())


async def test_takes_of_one_click_share_a_group_and_differ_in_their_seed(qapp):
    services = FakeFormServices()
    model = await open_form(services)
    model.set_prompt("Two foxes in the snow")
    model.set_seed(2**31 - 1, is_locked=True)
    model.set_takes(3)
    await model.submit()
    (asked,) = services.asked
    assert [request.config.seed for request in asked] == [2**31 - 1, 0, 1]
    assert [request.take_number for request in asked] == [1, 2, 3]
    assert len({request.take_group for request in asked}) == 1
    assert asked[0].take_group


async def test_an_unlocked_seed_is_used_once_and_a_locked_one_stays(qapp):
    model = await open_form()
    model.set_prompt("Two foxes in the snow")
    model.set_seed(7, is_locked=False)
    await model.submit()
    assert model.seed is None
    model.set_seed(7, is_locked=True)
    await model.submit()
    assert model.seed == 7


async def test_settings_survive_a_restart(qapp, tmp_path: Path):
    model = await open_form()
    model.set_prompt("A kite over the dunes")
    model.set_negative_prompt("people")
    model.set_duration(23)
    model.set_aspect_ratio("9:16")
    model.set_resolution("1080p")
    model.set_seed(99, is_locked=True)
    model.set_takes(4)
    model.set_wants_sound(False)
    settings = Settings()
    model.remember(settings)
    settings.save(tmp_path / "settings.json")

    again = FormModel(CATALOG)
    again.restore(Settings.load(tmp_path / "settings.json"))
    assert again.prompt == "A kite over the dunes"
    assert again.config() == model.config()
    assert (again.seed, again.is_seed_locked, again.takes) == (99, True, 4)


@pytest.mark.parametrize(
    "stored",
    [
        {"duration": "soon"},
        {"duration": 500, "aspect_ratio": "7:3", "resolution": "8k"},
        {"takes": "many", "seed": -3},
        {"takes": 900, "seed": True, "provider": 4},
    ],
)
def test_settings_that_do_not_fit_any_more_are_left_out(qapp, stored):
    model = FormModel(CATALOG)
    model.restore(Settings(last_model="a model that is gone", last_config=stored))
    assert model.model.id == "rehearsal-1"
    CATALOG.check(model.model, model.config())
    assert model.takes == 1


async def test_a_stored_recipe_comes_back_into_the_form(qapp):
    model = await open_form()
    model.load(
        a_generation(
            prompt="A lighthouse",
            config=VideoConfig("9:16", 12, "1080p", "fog", 5, False),
        )
    )
    assert model.prompt == "A lighthouse"
    assert model.config() == VideoConfig("9:16", 12, "1080p", "fog", 5, False)
    assert model.is_seed_locked
