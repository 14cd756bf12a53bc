"""Drafts as the database has them: their numbers, and one standing try of what failed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.core.studios import omni, open_studio, scripted_google
from tests.faults.google import done
from tests.faults.google import failed as failed_there
from veo_studio.core.again import again
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.publishing.drafts import DraftState, drafts_query
from veo_studio.core.publishing.models import PublishWish
from veo_studio.core.store.drafts import DraftReader
from veo_studio.core.studio import Studio


async def ended(studio: Studio, one: Generation) -> Generation:
    return await studio.queue.wait(one.id)


async def tried(studio: Studio, failed: Generation) -> Generation:
    """As the window does it."""
    tries = await DraftReader(studio.database).tries(failed.id)
    if tries.standing is not None:
        return tries.standing
    (made,) = await studio.queue.enqueue([replace(again(failed), idempotency_key=tries.key)])
    return made


async def test_a_failed_one_has_one_standing_try_whoever_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        before = await studio.wallet.balance()
        server.poll_default = failed_there("INTERNAL", "It came to nothing.")
        (made,) = await studio.queue.enqueue([omni()])
        first = await ended(studio, made)
        second = await ended(studio, await tried(studio, first))
        assert second.state is GenerationState.FAILED
        assert second.id != first.id
        server.poll_default = done
        # two at once, and of both that failed: it is one thing that is tried
        found = await asyncio.gather(*(tried(studio, one) for one in (first, second, first)))
        assert len({one.id for one in found}) == 1
        third = await ended(studio, found[0])
        assert third.state is GenerationState.COMPLETED
        assert (await tried(studio, first)).id == (await tried(studio, second)).id == third.id
        assert await studio.wallet.balance() == before - third.tokens
        assert await studio.wallet.check() == []
        # thrown away, it may be made anew
        await studio.generations.forget(third.id)
        fourth = await ended(studio, await tried(studio, first))
        assert fourth.id != third.id
        with pytest.raises(LookupError):
            await DraftReader(studio.database).tries(4711)


async def test_numbers_and_list_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_google(monkeypatch) as server, open_studio() as studio:
        reader = DraftReader(studio.database)
        assert sum((await reader.counts()).values()) == 0
        made = await studio.queue.enqueue([omni(f"A paper boat {n}") for n in range(3)])
        for one in made:
            await ended(studio, one)
        server.poll_default = failed_there("INTERNAL", "It came to nothing.")
        (failed,) = await studio.queue.enqueue([omni("A red kite")])
        await ended(studio, failed)
        await studio.queue.pause()
        (cancelled, waiting) = await studio.queue.enqueue([omni("Not this one"), omni("Later")])
        await studio.queue.cancel(cancelled.id)
        await studio.publishing.publish([PublishWish(made[0].id)])
        await studio.generations.forget(made[1].id)
        counts = await reader.counts()
        assert {state: count for state, count in counts.items() if count} == {
            DraftState.READY: 1,
            DraftState.FAILED: 1,
            DraftState.PENDING: 1,
        }
        for states in ((), *((state,) for state in DraftState)):
            expected = sum(counts[state] for state in states or DraftState)
            assert len(await studio.library.ids(drafts_query(states))) == expected
        assert list(await studio.library.ids(drafts_query())) == [
            waiting.id, failed.id, made[2].id,
        ]  # fmt: skip
