"""Deliveries that are stopped in a moment in which something is stored, sent or closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import (
    Place,
    ScriptedPublisher,
    a_clip,
    a_target,
    closed,
    studio_with,
)
from tests.publishing.wishes import sent
from veo_studio.core.publishing.models import Delivery, DeliveryState, Receipt, TargetWish
from veo_studio.core.store.publishing import PublishingRepository

D = DeliveryState


async def left_sending(place: Place) -> int:
    """The number of a delivery whose program was killed while it was sent to `place`."""
    async with studio_with(is_scheduler=False) as studio:
        target = await a_target(studio, place)
        clip = await a_clip(studio)
        (one,) = await studio.publishing.deliver([clip.id], [TargetWish(target.id)])
        repository = studio.publishing.repository
        _, attempt = await repository.begin(one.id)
        assert attempt is not None
        await repository.mark_sending(attempt, place.repeats_harmlessly)
    return one.id


class Held:
    """A change of the database that takes until it is let go on: then it is made, or known to be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, *, is_made: bool) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        real: Callable[..., Any] = getattr(PublishingRepository, name)

        async def slowly(repository: PublishingRepository, *args: Any, **fields: Any) -> Any:
            value = await real(repository, *args, **fields) if is_made else None
            self.begun.set()
            await self.go_on.wait()
            return value if is_made else await real(repository, *args, **fields)

        monkeypatch.setattr(PublishingRepository, name, slowly)

    async def cancel_meanwhile(self, bench: Bench, one: Delivery) -> Delivery:
        await self.begun.wait()
        cancelling = asyncio.create_task(bench.desk.cancel(one.id))
        # it is asked to end by then
        asyncio.get_running_loop().call_soon(self.go_on.set)
        return await cancelling


async def test_one_that_is_cancelled_while_its_try_begins_is_cancelled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Held(monkeypatch, "begin", is_made=True)
    one = await sent(bench)
    assert (await begin.cancel_meanwhile(bench, one)).state is D.CANCELLED
    assert [attempt.outcome for attempt in await bench.desk.attempts(one.id)] == ["stopped"]
    assert bench.store.most_at_once == 0
    await bench.desk.again(one.id)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED


async def test_one_that_is_cancelled_while_its_end_is_stored_is_delivered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = Held(monkeypatch, "end", is_made=False)
    one = await sent(bench, bench.chat_target.id)
    assert (await end.cancel_meanwhile(bench, one)).state is D.DELIVERED
    assert len(bench.chat.arrived) == 1


async def test_a_receipt_counts_though_it_is_cancelled_before_the_connection_is_closed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing, never = asyncio.Event(), asyncio.Event()

    async def close(_publisher: ScriptedPublisher) -> None:
        closing.set()
        await never.wait()

    monkeypatch.setattr(ScriptedPublisher, "close", close)
    one = await sent(bench, bench.chat_target.id)
    await closing.wait()
    ended = await bench.desk.cancel(one.id)
    assert (ended.state, ended.receipt) == (D.DELIVERED, Receipt("Room 1", {"name": one.uuid}))


async def test_what_a_kill_left_is_cancelled_by_a_program_that_takes_nothing_else_up(
    places: None, store: Place
) -> None:
    number = await left_sending(store)
    async with studio_with(is_scheduler=False) as guest:
        # it may be the one that the other program sends in this moment
        with pytest.raises(ValueError, match="is sending"):
            await guest.publishing.cancel(number)
    async with studio_with() as studio:
        assert (await studio.publishing.cancel(number)).state is D.CANCELLED
    assert store.made == 0


async def test_what_a_kill_left_in_doubt_is_shown_so_before_it_is_sent_again(
    places: None, chat: Place
) -> None:
    number = await left_sending(chat)
    async with studio_with() as studio:
        assert (await studio.publishing.delivery(number)).state is D.MAYBE_SENT
        assert (await studio.publishing.arrived(number)).state is D.DELIVERED
    assert chat.made == 0
