"""Deliveries that are stopped in a moment in which something is stored, sent or closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import ScriptedPublisher, closed
from tests.publishing.wishes import sent
from veo_studio.core.publishing.models import Delivery, DeliveryState, Receipt
from veo_studio.core.store.publishing import PublishingRepository

D = DeliveryState


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
