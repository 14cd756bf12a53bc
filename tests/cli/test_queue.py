"""`queue`: the line and its pauses, also beside a program that is open on the same folder."""

import asyncio

from tests.core.studios import open_studio, sketch, until
from veo_studio.core.clock import SYSTEM_CLOCK
from veo_studio.core.models import GenerationState, PauseKind
from veo_studio.core.pauses import Pauses

S = GenerationState


async def test_a_pause_of_another_program_is_taken_over_and_ended_again(here):
    async with open_studio() as studio:
        await studio.queue.resume()

        async def is_paused():
            return "" in studio.queue.pauses

        async def is_free():
            return not studio.queue.pauses

        await asyncio.to_thread(here, "queue", "pause")
        await until(is_paused, studio)
        assert studio.queue.pauses[""].kind is PauseKind.USER
        (boat,) = await studio.queue.enqueue([sketch()])
        assert studio.queue.running_ids == frozenset()
        # what this program itself pauses and goes on with is not taken for another's
        await studio.queue.pause("gemini")
        await studio.queue.unpause("gemini")
        await asyncio.to_thread(here, "queue", "resume")
        await until(is_free, studio)
        async with asyncio.timeout(60):
            assert (await studio.queue.wait(boat.id)).state is S.COMPLETED


def test_only_what_another_program_changed_is_taken_over():
    pauses = Pauses(SYSTEM_CLOCK)
    pauses.restore({})
    refused = pauses.by_trouble("gemini", PauseKind.KEY, "API key not valid.")
    # not stored yet, so not ended by anybody
    assert not pauses.follow({})
    assert not pauses.follow({"gemini": refused})
    assert pauses.needs_user("gemini") == refused
    assert pauses.follow({})
    assert pauses.needs_user("gemini") is None
    # refused anew while the look was under way: the older one is what was ended
    again = pauses.by_trouble("gemini", PauseKind.KEY, "API key not valid.")
    assert not pauses.follow({"gemini": refused})
    assert not pauses.follow({})
    assert pauses.needs_user("gemini") == again
    # a provider's "come back later" is nobody's to end
    told = pauses.told("kie", 60, "Slow down.")
    assert not pauses.follow({"kie": told})
    assert not pauses.follow({})
    assert pauses.holds("kie")
