"""One core on this test's folders, by a clock that leaps, and two places that it delivers to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.clock import FastClock
from tests.publishing.scripted import Place, a_target, plugged, studio_with
from veo_studio.core.publishing.desk import PublishingDesk
from veo_studio.core.publishing.models import PublishingEvent, Target, TargetKind
from veo_studio.core.studio import Studio


@dataclass
class Bench:
    """`store` may be sent to again and again, `chat` may not; `said` is what the desk told."""

    studio: Studio
    clock: FastClock
    store: Place
    chat: Place
    store_target: Target
    chat_target: Target
    said: list[PublishingEvent]

    @property
    def desk(self) -> PublishingDesk:
        return self.studio.publishing


@pytest.fixture
def store() -> Place:
    return Place(TargetKind.S3)


@pytest.fixture
def chat() -> Place:
    return Place(TargetKind.TELEGRAM, repeats_harmlessly=False)


@pytest.fixture
def places(store: Place, chat: Place) -> Iterator[None]:
    with plugged(store, chat, Place(TargetKind.GALLERY)):
        yield


@pytest.fixture
async def bench(places: None, store: Place, chat: Place) -> AsyncIterator[Bench]:
    clock = FastClock()
    async with studio_with(clock) as studio:
        said: list[PublishingEvent] = []
        studio.publishing.subscribe(said.append)
        targets = await a_target(studio, store), await a_target(studio, chat)
        await studio.publishing.resume()
        yield Bench(studio, clock, store, chat, *targets, said)
