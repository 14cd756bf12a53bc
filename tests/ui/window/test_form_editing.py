"""A waiting generation in the form: saved, kept as it was, or gone meanwhile."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.core import FakeFormServices, FakeQueue
from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import NoLongerWaiting
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import GenerationState, InputRole, MediaInput, VideoConfig
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab

S = GenerationState
WAITING = a_generation(
    id=5,
    prompt="A harbour at dawn",
    config=VideoConfig(duration_s=4, resolution="480p", seed=7),
    tokens=10,
    price_usd=Decimal("0.56"),
    take_group="a group",
    take_number=2,
)


@pytest.fixture
async def form(qapp) -> FormModel:
    made = FormModel(Catalog.load())
    await made.open(FakeFormServices())
    made.set_prompt("A half written prompt")
    made.set_takes(3)
    return made


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
async def editing(form: FormModel, queue: FakeQueue) -> FormEditing:
    made = FormEditing(form)
    made.open(queue.edit)
    return made


async def test_its_recipe_is_in_the_form_and_what_was_there_comes_back(form, editing):
    editing.start(WAITING)
    assert (form.prompt, form.duration_s, form.resolution) == ("A harbour at dawn", 4, "480p")
    assert (form.seed, form.is_seed_locked, form.takes) == (7, True, 1)
    editing.keep()
    assert (form.prompt, form.takes, form.seed) == ("A half written prompt", 3, None)
    assert not editing.is_on


async def test_one_without_a_seed_does_not_take_the_forms(form, editing):
    form.set_seed(99, is_locked=True)
    editing.start(a_generation(id=6, config=VideoConfig(seed=None)))
    assert form.seed is None
    editing.keep()
    assert (form.seed, form.is_seed_locked) == (99, True)


async def test_saving_asks_for_one_with_its_take_and_gives_the_form_back(form, editing, queue):
    editing.start(WAITING)
    form.set_prompt("A harbour at dusk")
    stored = await editing.save()
    assert stored.prompt == "A harbour at dusk"
    ((name, (generation_id, request)),) = queue.calls
    assert (name, generation_id) == ("edit", 5)
    assert (request.take_group, request.take_number) == ("a group", 2)
    assert request.config.seed == 7
    assert form.prompt == "A half written prompt"


async def test_a_bad_prompt_is_said_and_nothing_is_saved(form, editing, queue):
    editing.start(WAITING)
    form.set_prompt("  ")
    assert await editing.save() is None
    assert queue.calls == []
    assert form.prompt_problem == "Prompt cannot be empty"
    assert editing.is_on


@pytest.mark.parametrize("how", ["event", "save"])
async def test_one_that_was_sent_meanwhile_leaves_its_words_in_the_form(form, editing, queue, how):
    lost = []
    editing.lost.connect(lambda *told: lost.append(told))
    editing.start(WAITING)
    form.set_prompt("A harbour at dusk")
    if how == "event":
        sent = a_generation(id=5, state=S.SUBMITTING)
        editing.on_event(GenerationEvent(EventKind.STATE_CHANGED, sent))
    else:
        queue.fail_with = NoLongerWaiting()
        await editing.save()
    assert not editing.is_on
    assert form.prompt == "A harbour at dusk"
    ((_generation, before),) = lost
    form.put(before)
    assert form.prompt == "A half written prompt"


async def test_the_tokens_that_come_back_count_for_the_new_one(form, editing):
    # the form has 100 tokens; the waiting one holds 10 of them already
    form._services.tokens = 0
    await form.refresh_balance()
    gemini = next(model for model in form._catalog.models if model.tokens == 10)
    form.choose(gemini)
    form.set_takes(1)
    assert form.blocked() is not None
    editing.start(a_generation(id=8, provider=gemini.provider, model=gemini.id, tokens=10))
    assert form.blocked() is None
    editing.keep()
    assert form.blocked() is not None


class SlowServices(FakeFormServices):
    """Reads a picture once it is told to `go_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.has_begun = asyncio.Event()

    async def take_in(self, path, role, frame=None) -> MediaInput:
        self.has_begun.set()
        await self.go_on.wait()
        return await super().take_in(path, role, frame)


@pytest.fixture
async def slow(form) -> SlowServices:
    services = SlowServices()
    await form.open(services)
    return services


def names(form):
    return [item.name for item in form.inputs]


@pytest.mark.parametrize("is_read_before", [True, False])
async def test_a_photo_belongs_to_the_form_it_was_dropped_in(form, editing, slow, is_read_before):
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(form.add_picture(Path("a.png"), InputRole.FIRST_FRAME))
        await slow.has_begun.wait()
        editing.start(WAITING)
        assert not form.is_preparing, "what is edited waits for no picture of another form"
        if is_read_before:
            slow.go_on.set()
            await reading
            assert (form.inputs, form.tab) == ((), FormTab.TEXT)
        editing.keep()
        slow.go_on.set()
    assert names(form) == ["a.png"]
    assert form.prompt == "A half written prompt"
    assert not form.is_preparing


async def test_a_photo_for_a_waiting_one_does_not_come_into_the_users_own_form(form, editing, slow):
    editing.start(WAITING)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(form.add_picture(Path("a.png"), InputRole.FIRST_FRAME))
        await slow.has_begun.wait()
        assert form.is_preparing
        editing.keep()
        assert not form.is_preparing
        slow.go_on.set()
    assert (form.inputs, form.meant) == ((), ())


async def test_a_photo_comes_with_the_prompt_that_is_brought_back(form, editing, slow):
    lost = []
    editing.lost.connect(lambda _generation, before: lost.append(before))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(form.add_picture(Path("a.png"), InputRole.FIRST_FRAME))
        await slow.has_begun.wait()
        editing.start(WAITING)
        sent = a_generation(id=5, state=S.SUBMITTING)
        editing.on_event(GenerationEvent(EventKind.STATE_CHANGED, sent))
        slow.go_on.set()
    assert form.inputs == ()
    form.put(lost[0])
    assert names(form) == ["a.png"]


async def test_an_undo_meanwhile_is_for_the_users_own_form(form, editing, queue):
    before = form.state()
    form.set_prompt("a {cat|dog} runs")
    form.set_takes(2)
    editing.start(WAITING)
    form.put(before)
    assert (form.prompt, form.takes) == ("A harbour at dawn", 1)
    await editing.save()
    assert len(queue.calls) == 1
    assert (form.prompt, form.takes) == ("A half written prompt", 3)


async def test_what_is_edited_is_never_bought_as_a_new_one(form, editing):
    editing.start(WAITING)
    assert form.can_submit
    assert await form.submit() == []
