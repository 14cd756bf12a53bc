"""Two programs on one folder: what one of them stores, the scheduler does, and both can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.clock import FastClock
from tests.publishing.scripted import Place, a_clip, a_target, closed, eventually, studio_with
from veo_studio.core.answers import ErrorKind
from veo_studio.core.events import GenerationEvent
from veo_studio.core.publishing.base import OnProgress, TryAgain
from veo_studio.core.publishing.models import (
    DeliveryState,
    Parcel,
    PublishingEvent,
    PublishingEventKind,
    PublishWish,
    Receipt,
    TargetWish,
)
from veo_studio.core.studio import Studio

D = DeliveryState


@pytest.fixture
async def window(places: None) -> AsyncIterator[Studio]:
    async with studio_with(FastClock(speed=5)) as studio:
        await studio.publishing.resume()
        yield studio


@pytest.fixture
async def command(window: Studio) -> AsyncIterator[Studio]:
    async with studio_with(window.clock, is_scheduler=False) as studio:
        yield studio


async def test_what_a_command_asks_for_is_done_by_the_window(
    window: Studio, command: Studio, store: Place
) -> None:
    target = await a_target(command, store)
    clip = await a_clip(command)
    heard: list[GenerationEvent] = []
    window.events.subscribe(heard.append)
    told: list[PublishingEvent] = []
    window.publishing.subscribe(told.append)
    wish = PublishWish(clip.id, "By hand", targets=(TargetWish(target.id),))
    await command.publishing.publish([wish])
    one = await command.publishing.wait(1)
    assert (one.state, store.arrived[0].caption) == (D.DELIVERED, "By hand")
    await eventually(lambda: [one.generation.id for one in heard] == [clip.id])
    assert heard[0].generation.published_at is not None
    assert any(event.delivery and event.delivery.id == 1 for event in told)
    heard.clear()
    await command.publishing.unpublish([clip.id])
    await eventually(lambda: [one.generation.published_at for one in heard] == [None])


async def test_what_a_command_plans_is_published_by_the_window(
    window: Studio, command: Studio, store: Place
) -> None:
    told: list[PublishingEvent] = []
    window.publishing.subscribe(told.append)
    clip = await a_clip(command)
    await command.publishing.publish([PublishWish(clip.id, at=command.clock.now())])

    async def is_published() -> bool:
        return (await command.generations.get(clip.id)).published_at is not None

    await eventually(is_published)
    await eventually(lambda: any(event.kind is PublishingEventKind.SCHEDULE for event in told))


async def test_what_another_program_finishes_goes_by_the_rules(
    window: Studio, command: Studio, store: Place
) -> None:
    target = await a_target(command, store)
    await command.publishing.add_rule("All", [TargetWish(target.id)])
    clip = await a_clip(command)
    await eventually(lambda: [one.generation_id for one in store.arrived] == [clip.id])


async def test_a_command_cancels_what_waits_and_not_what_is_being_sent(
    window: Studio, command: Studio, store: Place
) -> None:
    go_on = asyncio.Event()

    async def slowly(_parcel: Parcel, _on_progress: OnProgress) -> Receipt | None:
        await go_on.wait()
        return None

    store.steps = [slowly, TryAgain("Busy.", ErrorKind.RATE_LIMITED, retry_after_s=3000)]
    target = await a_target(command, store)
    clips = [await a_clip(command) for _ in range(2)]
    wish = TargetWish(target.id)
    first, second = await command.publishing.deliver([clip.id for clip in clips], [wish])

    async def is_sending() -> bool:
        return (await command.publishing.delivery(first.id)).state is D.SENDING

    await eventually(is_sending)
    with pytest.raises(ValueError, match="is sending"):
        await command.publishing.cancel(first.id)
    assert (await command.publishing.cancel(second.id)).state is D.CANCELLED
    go_on.set()
    assert (await closed(command, first.id)).state is D.DELIVERED
    assert len(store.arrived) == 1


async def test_a_command_alone_does_what_it_asked_for_and_nothing_else(
    places: None, store: Place, chat: Place
) -> None:
    async with studio_with(is_scheduler=False) as studio:
        target, other = await a_target(studio, store), await a_target(studio, chat)
        clip = await a_clip(studio)
        (earlier,) = await studio.publishing.deliver([clip.id], [TargetWish(other.id)])
    async with studio_with() as studio:
        (one,) = await studio.publishing.deliver([clip.id], [TargetWish(target.id)])
        assert (await closed(studio, one.id)).state is D.DELIVERED
        assert (await studio.publishing.delivery(earlier.id)).state is D.WAITING
        # unless it is asked to follow that
        assert (await closed(studio, earlier.id)).state is D.DELIVERED


async def test_a_program_that_ends_in_good_order_leaves_what_can_go_on(
    places: None, store: Place, chat: Place
) -> None:
    begun = asyncio.Event()

    async def never(_parcel: Parcel, on_progress: OnProgress) -> Receipt | None:
        on_progress(10, 10)
        begun.set()
        await asyncio.Event().wait()
        return None

    for place, state in ((store, D.WAITING), (chat, D.MAYBE_SENT)):
        place.steps = [never]
        begun.clear()
        async with studio_with() as studio:
            target = await a_target(studio, place)
            clip = await a_clip(studio)
            (one,) = await studio.publishing.deliver([clip.id], [TargetWish(target.id)])
            await begun.wait()
        async with studio_with(is_scheduler=False) as studio:
            left = await studio.publishing.delivery(one.id)
            assert left.state is state
            # stopping it is no try
            assert left.attempts == (0 if state is D.WAITING else 1)
