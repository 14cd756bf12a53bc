"""Frames of another shape than the clip: cut, fitted or left, and never sent half done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.core import FakeFormServices
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import StorageError
from veo_studio.core.framing import Frame, Framing
from veo_studio.core.models import InputRole
from veo_studio.ui.view_models.form_model import FormModel

CATALOG = Catalog.load()
SKETCH = CATALOG.get("rehearsal", "rehearsal-1")
FIRST, LAST, REFERENCE = InputRole.FIRST_FRAME, InputRole.LAST_FRAME, InputRole.REFERENCE


async def with_photo(*roles: InputRole, picture_px=(1512, 2016)):
    form = FormModel(CATALOG)
    services = FakeFormServices()
    services.picture_px = picture_px
    await form.open(services)
    form.set_prompt("The waves roll in")
    for number, role in enumerate(roles):
        await form.add_picture(Path(f"{number}.png"), role)
    return form, services


async def test_a_new_frame_is_cut_to_the_clip_from_the_middle(qapp):
    form, _services = await with_photo(FIRST, LAST)
    assert [item.frame for item in form.inputs] == [Frame("16:9", Framing.CROP)] * 2


async def test_references_are_left_as_they_are(qapp):
    form, _services = await with_photo(REFERENCE)
    assert form.inputs[0].frame is None
    assert form.shape_note(form.inputs[0]) is None


async def test_the_note_names_both_shapes_and_the_one_that_needs_nothing(qapp):
    form, _services = await with_photo(FIRST, picture_px=(1080, 1920))
    note = form.shape_note(form.inputs[0])
    assert note.words == "9:16 photo in a 16:9 clip"
    assert (note.how, note.own_aspect) == (Framing.CROP, "9:16")
    form.set_aspect_ratio("9:16")
    assert form.shape_note(form.inputs[0]) is None
    form.set_aspect_ratio("1:1")
    assert form.shape_note(form.inputs[0]).words == "9:16 photo in a 1:1 clip"


async def test_another_shape_of_the_clip_blocks_until_the_frame_follows(qapp):
    form, services = await with_photo(FIRST)
    crop = Frame("16:9", Framing.CROP, 0.5, 0.3, 1.5)
    await form.reframe(form.inputs[0], crop)
    form.set_aspect_ratio("1:1")
    assert form.blocked().reason == "The picture is being prepared…"
    assert await form.submit() == []
    await form.refit_frames()
    assert form.blocked() is None
    assert form.inputs[0].frame == replace(crop, aspect_ratio="1:1"), "cut at the same place"
    await form.submit()
    ((request,),) = services.asked
    assert request.config.inputs[0].frame.aspect_ratio == request.config.aspect_ratio


async def test_what_is_left_alone_stays_so_in_every_shape(qapp):
    form, _services = await with_photo(FIRST)
    await form.set_framing(form.inputs[0], Framing.KEEP)
    assert form.inputs[0].frame is None
    assert form.shape_note(form.inputs[0]).how is Framing.KEEP
    form.set_aspect_ratio("1:1")
    assert form.blocked() is None


async def test_a_frame_that_cannot_be_cut_anew_is_told_and_left(qapp):
    form, services = await with_photo(FIRST)
    services.reframe_fails = StorageError("The disk is full.")
    form.set_aspect_ratio("1:1")
    with pytest.raises(StorageError):
        await form.refit_frames()
    assert form.inputs[0].frame is None
    assert form.blocked() is None, "the form is not stuck"


async def test_nothing_is_sent_while_a_picture_is_read(qapp):
    form, services = await with_photo()
    read = asyncio.get_running_loop().create_future()
    take_in = services.take_in

    async def slow(path, role, frame=None):
        await read
        return await take_in(path, role, frame)

    services.take_in = slow
    adding = asyncio.ensure_future(form.add_picture(Path("a.png"), FIRST))
    await asyncio.sleep(0)
    assert form.is_preparing
    assert form.blocked().reason == "The picture is being prepared…"
    form.set_aspect_ratio("4:3")
    read.set_result(None)
    await adding
    assert form.is_preparing, "it was cut to the shape of before"
    await form.refit_frames()
    assert form.inputs[0].frame.aspect_ratio == "4:3"
    assert form.blocked() is None


async def test_the_last_of_two_choices_stays(qapp):
    form, _services = await with_photo(FIRST)
    item = form.inputs[0]
    await asyncio.gather(form.set_framing(item, Framing.PAD), form.set_framing(item, Framing.KEEP))
    assert form.inputs[0].frame is None


async def test_first_and_last_frame_swap(qapp):
    form, _services = await with_photo(FIRST, LAST)
    form.swap_frames()
    assert {item.name: item.role for item in form.inputs} == {"0.png": LAST, "1.png": FIRST}
    form.remove_input(form.inputs[0])
    before = form.inputs
    form.swap_frames()
    assert form.inputs == before, "nothing to swap with"


async def test_replacing_one_reference_keeps_its_place(qapp):
    form, _services = await with_photo(REFERENCE, REFERENCE)
    await form.add_picture(Path("new.png"), REFERENCE, form.inputs[0])
    assert [item.name for item in form.inputs] == ["new.png", "1.png"]


async def test_a_restart_before_the_frame_followed_goes_on_with_it(qapp):
    from veo_studio.core.settings import Settings

    form, services = await with_photo(FIRST)
    form.set_aspect_ratio("1:1")
    settings = Settings()
    form.remember(settings)
    again = FormModel(CATALOG)
    again.restore(settings)
    await again.refit_frames()
    assert again.stale_frames(), "not before the core is open"
    await again.open(services)
    await again.refit_frames()
    assert again.inputs[0].frame.aspect_ratio == "1:1"
