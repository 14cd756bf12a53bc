"""Text to Video and Image to Video, a clip or a picture: what each keeps, and who makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import (
    GenerationKind,
    InputMode,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.core.settings import Settings
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab

CATALOG = Catalog.load()
SKETCH = CATALOG.get("rehearsal", "rehearsal-1")
OMNI = CATALOG.get("gemini", "gemini-omni-1.2-flash")
WORDS_ONLY = CATALOG.get("comfyui", "wan-2.2-text")
PHOTO_ONLY = CATALOG.get("runway", "gen4_turbo")
PHOTO = MediaInput(InputRole.FIRST_FRAME, "a" * 64, "image/png", 9, "a.png", 64, 36)
VIDEO, IMAGE = GenerationKind.VIDEO, GenerationKind.IMAGE


async def open_form(model=SKETCH, **services):
    form = FormModel(CATALOG)
    await form.open(FakeFormServices(**services))
    form.choose(model)
    form.set_prompt("The waves roll in")
    return form


def names(form):
    return [item.name for item in form.inputs]


async def test_pictures_are_put_aside_in_text_to_video_and_come_back(qapp):
    form = await open_form()
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    assert form.tab is FormTab.PICTURES
    await form.add_picture(Path("b.png"), InputRole.LAST_FRAME)
    form.set_tab(FormTab.TEXT)
    assert form.inputs == ()
    assert all(request.config.mode is InputMode.TEXT for request in form.requests())
    form.set_duration(7)
    form.set_tab(FormTab.PICTURES)
    assert names(form) == ["a.png", "b.png"]
    assert (form.prompt, form.duration_s) == ("The waves roll in", 7), "the rest is shared"


async def test_each_tab_offers_the_models_that_can(qapp):
    form = await open_form()
    offered = [choice.model for choice in form.choices()]
    assert WORDS_ONLY in offered
    assert PHOTO_ONLY not in offered
    form.set_tab(FormTab.PICTURES)
    offered = [choice.model for choice in form.choices()]
    assert PHOTO_ONLY in offered
    assert WORDS_ONLY not in offered
    assert all(model.kind is VIDEO for model in offered)


async def test_a_clip_that_is_worked_on_offers_the_models_that_do_that(qapp):
    form = await open_form()
    await form.work_on(a_generation(provider="gemini", model=OMNI.id), Task.EDIT)
    assert form.tab is FormTab.PICTURES
    assert all(InputMode.EDIT in one.model.capabilities.modes for one in form.choices())


async def test_a_model_that_cannot_gives_way_and_comes_back(qapp):
    form = await open_form(WORDS_ONLY, locked={"runway": "no key", "gemini": "no key"})
    said = []
    form.refitted.connect(said.append)
    form.set_tab(FormTab.PICTURES)
    assert form.model.provider == "comfyui", "the nearest: of the same service"
    assert form.model is not WORDS_ONLY
    assert said[-1].startswith(f"Changed: model {WORDS_ONLY.name} → {form.model.name}")
    form.set_tab(FormTab.TEXT)
    assert form.model is WORDS_ONLY
    assert "model" not in said[-1]


async def test_a_model_of_a_locked_service_is_never_taken_by_itself(qapp):
    locked = {one: "no key" for one in CATALOG.providers if one != "rehearsal"}
    form = await open_form(WORDS_ONLY, locked=locked)
    form.set_tab(FormTab.PICTURES)
    assert form.model is SKETCH


async def test_a_model_chosen_from_all_of_them_brings_its_tab(qapp):
    form = await open_form()
    form.choose(PHOTO_ONLY)
    assert form.tab is FormTab.PICTURES
    form.choose(WORDS_ONLY)
    assert form.tab is FormTab.TEXT


async def test_without_a_photo_image_to_video_says_what_is_missing(qapp):
    form = await open_form()
    form.set_tab(FormTab.PICTURES)
    assert form.blocked().reason == "Add a photo first, or use Text to Video."
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    assert form.blocked() is None


@pytest.mark.parametrize(("inputs", "tab"), [((), FormTab.TEXT), ((PHOTO,), FormTab.PICTURES)])
async def test_a_stored_one_chooses_its_tab(qapp, inputs, tab):
    form = await open_form()
    form.set_tab(FormTab.TEXT if inputs else FormTab.PICTURES)
    form.load(a_generation(config=VideoConfig(inputs=inputs)))
    assert form.tab is tab
    assert form.inputs == inputs


async def test_a_stored_one_of_words_leaves_the_pictures_where_they_are(qapp):
    form = await open_form()
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    form.load(a_generation())
    assert form.tab is FormTab.TEXT
    form.set_tab(FormTab.PICTURES)
    assert names(form) == ["a.png"]


async def test_what_was_put_aside_survives_the_editing_of_a_waiting_one(qapp):
    form = await open_form()
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    form.set_tab(FormTab.TEXT)
    before = form.state()
    form.begin_edit(a_generation(config=VideoConfig(inputs=(PHOTO,))))
    assert form.tab is FormTab.PICTURES
    form.end_edit()
    form.put(before)
    assert form.tab is FormTab.TEXT
    form.set_tab(FormTab.PICTURES)
    assert names(form) == ["a.png"]


async def test_a_reference_takes_the_place_of_frames_and_says_so(qapp):
    form = await open_form(OMNI)
    said = []
    form.refitted.connect(said.append)
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    await form.add_picture(Path("b.png"), InputRole.REFERENCE)
    assert names(form) == ["b.png"]
    assert "without the frames" in said[-1]
    await form.add_picture(Path("c.png"), InputRole.FIRST_FRAME)
    assert names(form) == ["c.png"]
    assert "without the reference pictures" in said[-1]


async def test_a_picture_finds_a_model_that_takes_it(qapp):
    form = await open_form(PHOTO_ONLY)
    said = []
    form.refitted.connect(said.append)
    await form.add_picture(Path("a.png"), InputRole.REFERENCE)
    assert form.model.provider == "runway"
    assert InputMode.REFERENCES in form.model.capabilities.modes
    assert f"{PHOTO_ONLY.name} → {form.model.name}" in said[-1]


async def test_where_no_connected_model_takes_it_everything_stays(qapp):
    locked = {one: "no key" for one in CATALOG.providers if one != "comfyui"}
    form = await open_form(WORDS_ONLY, locked=locked)
    before = form.state()
    with pytest.raises(ValueError, match="No connected model"):
        await form.add_picture(Path("a.png"), InputRole.REFERENCE)
    assert form.state() == before


async def test_a_picture_instead_of_a_clip_brings_the_others_back(qapp):
    form = await open_form(OMNI)
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    await form.work_on(a_generation(provider="gemini", model=OMNI.id), Task.EDIT)
    await form.add_picture(Path("b.png"), InputRole.LAST_FRAME)
    assert form.task is Task.CREATE
    assert names(form) == ["a.png", "b.png"]


# pictures made instead of clips


async def test_a_picture_has_its_own_models_sizes_and_price(qapp):
    form = await open_form()
    form.set_duration(9)
    form.set_resolution("480p")
    assert form.kinds() == [VIDEO, IMAGE]
    form.set_kind(IMAGE)
    assert form.model.makes_pictures
    assert all(choice.model.makes_pictures for choice in form.choices())
    assert form.resolution in form.able.resolutions
    (request,) = form.requests()
    assert (request.kind, request.config.duration_s) == (IMAGE, 0)
    assert form.price_line() == f"Free rehearsal · {form.resolution} 16:9"
    form.set_kind(VIDEO)
    assert (form.model, form.duration_s, form.resolution) == (SKETCH, 9, "480p")
    assert form.requests()[0].kind is VIDEO


async def test_each_kind_remembers_its_model(qapp):
    form = await open_form(OMNI)
    pictures = [one for one in CATALOG.of_kind(IMAGE) if one.provider == "gemini"]
    form.set_kind(IMAGE)
    assert form.model.provider == "gemini", "the nearest: of the same service"
    form.choose(pictures[-1])
    form.set_kind(VIDEO)
    assert form.model is OMNI
    form.set_kind(IMAGE)
    assert form.model is pictures[-1]


async def test_both_prices_are_known_before_choosing(qapp):
    form = await open_form(OMNI)
    form.set_duration(8)
    assert form.kind_price(VIDEO) == "10 tokens, about $0.56"
    assert form.kind_price(IMAGE).startswith("1 token, about $0.")
    form.use_rehearsal()
    assert form.kind_price(VIDEO) == "free"


async def test_a_picture_that_costs_too_much_is_blocked_like_a_clip(qapp):
    form = await open_form(OMNI, tokens=0)
    form.set_kind(IMAGE)
    assert form.blocked().reason.startswith("This needs 1 token")


async def test_image_to_video_makes_clips(qapp):
    form = await open_form()
    form.set_kind(IMAGE)
    form.set_tab(FormTab.PICTURES)
    assert (form.kind, form.kinds()) == (VIDEO, [VIDEO])
    form.set_tab(FormTab.TEXT)
    assert form.kind is IMAGE


# between two starts


async def test_tab_kind_models_and_pictures_come_back_after_a_restart(qapp):
    form = await open_form(OMNI)
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    form.set_tab(FormTab.TEXT)
    form.set_kind(IMAGE)
    settings = Settings()
    form.remember(settings)
    again = FormModel(CATALOG)
    again.restore(settings)
    assert (again.tab, again.kind, again.inputs) == (FormTab.TEXT, IMAGE, ())
    assert again.prompt == form.prompt
    again.set_tab(FormTab.PICTURES)
    assert again.model is OMNI
    assert names(again) == ["a.png"]
    again.remember(settings)
    third = FormModel(CATALOG)
    third.restore(settings)
    assert third.tab is FormTab.PICTURES
    assert names(third) == ["a.png"]


@pytest.mark.parametrize(
    "broken",
    [
        {"tab": "nonsense", "meant": 7, "models": 3},
        {"meant": {"inputs": [{"role": "first_frame"}]}, "models": [[1], "x", {}]},
    ],
)
async def test_broken_settings_leave_a_form_of_words(qapp, broken):
    form = FormModel(CATALOG)
    settings = Settings()
    settings.last_config = {**form.config().to_json(), **broken}
    form.restore(settings)
    assert (form.tab, form.meant, form.kind) == (FormTab.TEXT, (), VIDEO)


@pytest.mark.parametrize("model", [one for one in CATALOG.models if not one.makes_pictures])
async def test_without_a_photo_that_is_what_is_said_first(qapp, model):
    form = FormModel(CATALOG)
    await form.open(FakeFormServices())
    form.choose(model)
    form.set_tab(FormTab.PICTURES)
    aspects = set(model.capabilities.aspect_ratios) | {"auto"}
    for aspect in aspects:
        form.set_aspect_ratio(aspect)
        form.clear_prompt()
        blocked = form.blocked()
        assert blocked is not None
        assert blocked.reason.startswith("Add a photo first") or " needs " in blocked.reason


async def test_a_photo_without_words_is_no_prompt_yet_but_can_be_described(qapp):
    form = await open_form()
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    assert form.can_submit
    form.set_prompt("  ")
    assert form.blocked().reason == "Write a prompt first."
    assert (form.can_submit, form.can_take_words) == (False, True)
    form.set_prompt("The waves roll in")
    assert form.can_submit
