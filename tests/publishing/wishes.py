"""What tests of deliveries ask for, and how they wait for what becomes of it."""

from __future__ import annotations

import asyncio

from tests.publishing.conftest import Bench
from tests.publishing.scripted import a_clip, eventually
from veo_studio.core.publishing.base import OnProgress
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    Parcel,
    Receipt,
    TargetWish,
)

D = DeliveryState


async def sent(bench: Bench, target_id: int | None = None) -> Delivery:
    """A clip that is asked to go to a target, the store unless told otherwise."""
    clip = await a_clip(bench.studio)
    wish = TargetWish(target_id or bench.store_target.id)
    (one,) = await bench.desk.deliver([clip.id], [wish])
    return one


async def reaches(bench: Bench, one: Delivery, state: DeliveryState) -> Delivery:
    async def there() -> Delivery | None:
        now = await bench.desk.delivery(one.id)
        return now if now.state is state else None

    found: Delivery = await eventually(there)
    return found


async def tried(bench: Bench, one: Delivery, tries: int = 1) -> Delivery:
    """Once so many tries have ended."""

    async def are_over() -> bool:
        known = await bench.desk.attempts(one.id)
        return len(known) >= tries and all(attempt.finished_at for attempt in known)

    await eventually(are_over)
    return await bench.desk.delivery(one.id)


async def waits_after(bench: Bench, one: Delivery, tries: int) -> Delivery:
    now = await tried(bench, one, tries)
    assert now.state is D.WAITING
    return now


class Gate:
    """A send that is under way until it is let go on."""

    def __init__(self, done: int = 0, total: int = 0) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self._told = (done, total)

    async def __call__(self, parcel: Parcel, on_progress: OnProgress) -> Receipt | None:
        if self._told[1]:
            on_progress(*self._told)
        self.begun.set()
        await self.go_on.wait()
        return None
