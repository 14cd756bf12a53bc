"""What a clip is made from, in the form: places that a model offers, and what a switch does to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.core import FakeFormServices
from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode, InputRole, Task
from veo_studio.ui.view_models.form_inputs import tasks_of
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.views.form import FormView

CATALOG = Catalog.load()
OMNI = next(m for m in CATALOG.models if m.id == "gemini-omni-1.2-flash")
FIRST_ONLY = CATALOG.get("runway", "gen4_turbo")
WORDS_ONLY = next(m for m in CATALOG.models if set(m.capabilities.modes) == {InputMode.TEXT})


async def open_form(model=OMNI):
    form = FormModel(CATALOG)
    services = FakeFormServices()
    await form.open(services)
    form.choose(model)
    form.set_prompt("The waves roll in")
    return form, services


def roles(form):
    return [(slot.role, slot.item is not None) for slot in form.slots()]


async def test_places_appear_as_they_can_be_used(qapp):
    form, _services = await open_form()
    assert roles(form) == [(InputRole.FIRST_FRAME, False), (InputRole.REFERENCE, False)]
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    assert roles(form) == [(InputRole.FIRST_FRAME, True), (InputRole.LAST_FRAME, False)]
    await form.add_picture(Path("b.png"), InputRole.LAST_FRAME)
    assert form.mode is InputMode.FRAMES
    assert 15 not in form.able.durations_s, "two frames: 3 to 10 seconds"
    form.remove_input(form.inputs[0])
    assert form.inputs == (), "a last frame does not stay without a first one"


async def test_references_add_up_to_the_model_s_number(qapp):
    form, _services = await open_form()
    most = OMNI.capabilities.max_images(InputMode.REFERENCES)
    for number in range(most):
        await form.add_picture(Path(f"{number}.png"), InputRole.REFERENCE)
    assert roles(form) == [(InputRole.REFERENCE, True)] * most


async def test_a_switch_keeps_what_fits_and_says_what_goes(qapp):
    form, _services = await open_form()
    said = []
    form.refitted.connect(said.append)
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    await form.add_picture(Path("b.png"), InputRole.LAST_FRAME)
    form.choose(FIRST_ONLY)
    assert [item.name for item in form.inputs] == ["a.png"]
    assert "no last frame" in said[-1]
    form.choose(OMNI)
    assert [item.name for item in form.inputs] == ["a.png", "b.png"], "nothing chosen is lost"


async def test_what_is_asked_for_carries_the_pictures(qapp):
    form, services = await open_form()
    await form.add_picture(Path("a.png"), InputRole.FIRST_FRAME)
    await form.submit()
    ((request,),) = services.asked
    assert [item.name for item in request.config.inputs] == ["a.png"]


async def test_a_file_that_is_no_picture_changes_nothing(qapp):
    form, _services = await open_form()
    with pytest.raises(ValueError, match="no PNG"):
        await form.add_picture(Path("a.txt"), InputRole.FIRST_FRAME)
    assert form.inputs == ()


async def test_a_clip_is_changed_by_a_model_that_can(qapp):
    form, _services = await open_form(WORDS_ONLY)
    clip = a_generation(provider="gemini", model="gemini-omni-1.2-flash")
    assert Task.EDIT in tasks_of(CATALOG.models, clip)
    await form.work_on(clip, Task.EDIT)
    assert form.model is OMNI
    assert form.task is Task.EDIT
    assert form.follows_source
    assert [slot.role for slot in form.slots()] == [InputRole.SOURCE]
    form.remove_input(form.inputs[0])
    assert form.task is Task.CREATE


async def test_the_view_shows_tiles_and_hides_what_follows_the_clip(qapp, qtbot):
    form, _services = await open_form()
    view = FormView(form)
    qtbot.addWidget(view)
    view.show()
    assert not view.inputs.isVisible(), "Text to Video is made from words"
    form.set_tab(FormTab.PICTURES)
    assert [tile.text() for tile in view.inputs.tiles] == ["First frame", "Reference"]
    assert view.duration.isVisible()
    await form.work_on(a_generation(provider="gemini", model=OMNI.id), Task.EDIT)
    assert [tile.text() for tile in view.inputs.tiles] == ["Clip to edit"]
    assert not view.duration.isVisible()
    assert not view.aspect.isVisible()
    view.inputs.tiles[0].remove.click()
    assert view.duration.isVisible()
