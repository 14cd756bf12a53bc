"""K21: kill -9 in each step of a delivery; what is delivered is there once, or the user is asked."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.publishing.delivering_child import arrived_in, two_places
from tests.publishing.scripted import a_clip, a_target, closed, money, plugged, studio_with
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishWish,
    ScheduleState,
    TargetKind,
    TargetWish,
)

_ROOT = Path(__file__).parents[2]
D = DeliveryState
# where it is killed: the state that a place has which may not be sent to again, and what arrived there
STEPS = {
    "deliver-stored": (D.DELIVERED, 1),
    "deliver-prepared": (D.DELIVERED, 1),
    "deliver-sending": (D.MAYBE_SENT, 0),
    "deliver-sent": (D.MAYBE_SENT, 1),
    "deliver-done": (D.DELIVERED, 1),
}


async def run(folder: Path, crash: str = "") -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.publishing.delivering_child", str(folder),
        cwd=_ROOT, env={**os.environ, "VEO_STUDIO_CRASH": crash}, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(240):
        return await process.wait()


async def finish(folder: Path) -> None:
    """The next start, until nothing is open."""
    with plugged(*two_places(folder)):
        async with studio_with() as studio:
            await studio.publishing.resume()
            for one in await studio.publishing.deliveries():
                await closed(studio, one.id)


async def asked(folder: Path, kind: TargetKind, clips: int = 1) -> list[Delivery]:
    """Deliveries that wait for a program to send them."""
    with plugged(*(places := two_places(folder))):
        place = next(one for one in places if one.kind is kind)
        async with studio_with(is_scheduler=False) as studio:
            target = await a_target(studio, place)
            numbers = [(await a_clip(studio)).id for _ in range(clips)]
            return await studio.publishing.deliver(numbers, [TargetWish(target.id)])


async def now(delivery_id: int) -> Delivery:
    async with studio_with(is_scheduler=False) as studio:
        return await studio.publishing.delivery(delivery_id)


@pytest.mark.parametrize("step", STEPS)
async def test_a_place_that_may_be_sent_to_again_has_it_after_the_next_start(
    step: str, tmp_path: Path
) -> None:
    (one,) = await asked(tmp_path, TargetKind.S3)
    before = money()
    assert await run(tmp_path, step) == -signal.SIGKILL, f"{step} was not passed"
    assert money() == before
    await finish(tmp_path)
    assert (await now(one.id)).state is D.DELIVERED
    assert money() == before
    # by its uuid the place knows that it is the same one
    assert set(arrived_in(tmp_path, TargetKind.S3)) == {one.uuid}


@pytest.mark.parametrize("step", STEPS)
async def test_a_place_that_shows_a_second_one_gets_none_by_itself(
    step: str, tmp_path: Path
) -> None:
    (one,) = await asked(tmp_path, TargetKind.TELEGRAM)
    before = money()
    assert await run(tmp_path, step) == -signal.SIGKILL, f"{step} was not passed"
    await finish(tmp_path)
    state, arrived = STEPS[step]
    found = await now(one.id)
    assert found.state is state
    assert len(arrived_in(tmp_path, TargetKind.TELEGRAM)) == arrived
    assert money() == before
    if state is D.MAYBE_SENT:
        assert "No answer says whether it arrived" in found.reason
        async with studio_with(is_scheduler=False) as studio:
            await studio.publishing.again(one.id)
        await finish(tmp_path)
        assert (await now(one.id)).state is D.DELIVERED
    async with studio_with(is_scheduler=False) as studio:
        attempts = await studio.publishing.attempts(one.id)
    if step != "deliver-done":
        # the program ended meanwhile
        assert (attempts[0].outcome, attempts[0].finished_at) == ("interrupted", None)


async def test_what_ends_the_program_again_and_again_is_given_up(tmp_path: Path) -> None:
    (one,) = await asked(tmp_path, TargetKind.S3)
    for _ in range(3):
        assert await run(tmp_path, "deliver-stored") == -signal.SIGKILL
    await finish(tmp_path)
    found = await now(one.id)
    assert (found.state, found.attempts) == (D.FAILED, 3)


async def test_publishing_that_is_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    with plugged(*(places := two_places(tmp_path))):
        async with studio_with(is_scheduler=False) as studio:
            target = await a_target(studio, places[0])
            clip = await a_clip(studio)
            wish = PublishWish(
                clip.id, "Later", targets=(TargetWish(target.id),), at=studio.clock.now()
            )
            await studio.publishing.publish([wish])
    assert await run(tmp_path, "K21") == -signal.SIGKILL, "K21 was not passed"
    async with studio_with(is_scheduler=False) as studio:
        assert (await studio.generations.get(clip.id)).published_at is None
        assert await studio.publishing.deliveries() == []
        (planned,) = await studio.publishing.schedules()
    assert await run(tmp_path, "deliver-done") == -signal.SIGKILL
    async with studio_with(is_scheduler=False) as studio:
        assert (await studio.generations.get(clip.id)).published_at is not None
        (done,) = await studio.publishing.schedules(only_planned=False)
        assert (done.id, done.state, done.was_missed) == (planned.id, ScheduleState.DONE, True)
        (one,) = await studio.publishing.deliveries()
        assert one.state is D.DELIVERED
    assert arrived_in(tmp_path, TargetKind.S3) == [one.uuid]
