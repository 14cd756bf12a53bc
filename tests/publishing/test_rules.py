"""Rules: each finished clip goes where it shall by itself, once, whoever asks and however often."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.rule_child import apply_in_threads
from tests.publishing.scripted import (
    Place,
    a_clip,
    a_target,
    closed,
    eventually,
    plugged,
    studio_with,
)
from veo_studio.core.models import GenerationKind
from veo_studio.core.paths import Paths
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    Origin,
    PublishingEventKind,
    TargetWish,
)
from veo_studio.core.store.database import Database
from veo_studio.core.store.publishing import PublishingRepository

D = DeliveryState
_ROOT = Path(__file__).parents[2]


async def delivered(bench: Bench, count: int) -> list[Delivery]:
    async def are_there() -> list[Delivery]:
        found = await bench.desk.deliveries(states=[D.DELIVERED])
        return found if len(found) == count else []

    found: list[Delivery] = await eventually(are_there)
    return found


async def test_what_is_finished_from_now_on_goes_there_by_itself(bench: Bench) -> None:
    earlier = await a_clip(bench.studio)
    wish = TargetWish(bench.store_target.id)
    rule = await bench.desk.add_rule("All of them", [wish])
    assert (rule.is_on, rule.targets, await bench.desk.rules()) == (True, (wish,), [rule])
    clip = await a_clip(bench.studio)
    (one,) = await delivered(bench, 1)
    assert (one.generation_id, one.origin) == (clip.id, Origin.RULE)
    assert (await bench.studio.generations.get(clip.id)).published_at is None
    assert await bench.desk.deliveries(generation_id=earlier.id) == []
    assert any(event.kind is PublishingEventKind.RULES for event in bench.said)


async def test_a_rule_takes_only_what_it_is_about(bench: Bench) -> None:
    wish = TargetWish(bench.store_target.id)
    await bench.desk.add_rule(
        "Some", [wish], kinds=[GenerationKind.VIDEO], providers=["gemini", "runway"],
        models=["gemini-omni-1.2-flash"],
    )  # fmt: skip
    await a_clip(bench.studio, provider="runway", model="gen4")
    await a_clip(bench.studio, provider="rehearsal", model="rehearsal-1")
    clip = await a_clip(bench.studio)
    (one,) = await delivered(bench, 1)
    assert one.generation_id == clip.id


async def test_rehearsals_are_left_out_unless_they_are_wanted(bench: Bench) -> None:
    rule = await bench.desk.add_rule("All", [TargetWish(bench.store_target.id)])
    await a_clip(bench.studio, provider="rehearsal", model="rehearsal-1")
    await a_clip(bench.studio)
    await delivered(bench, 1)
    await bench.desk.change_rule(replace(rule, takes_rehearsals=True))
    wanted = await a_clip(bench.studio, provider="rehearsal", model="rehearsal-1")
    assert wanted.id in {one.generation_id for one in await delivered(bench, 2)}


async def test_what_is_finished_while_it_is_off_is_left_alone(bench: Bench) -> None:
    rule = await bench.desk.add_rule("All", [TargetWish(bench.store_target.id)])
    await bench.desk.change_rule(replace(rule, is_on=False))
    await a_clip(bench.studio)
    await bench.desk.change_rule(replace(rule, is_on=True))
    clip = await a_clip(bench.studio)
    (one,) = await delivered(bench, 1)
    assert one.generation_id == clip.id


async def test_a_rule_that_is_brought_back_catches_up(bench: Bench) -> None:
    rule = await bench.desk.add_rule("All", [TargetWish(bench.store_target.id)])
    await bench.desk.delete_rule(rule.id)
    assert await bench.desk.rules() == []
    clip = await a_clip(bench.studio)
    with pytest.raises(LookupError):
        await bench.desk.change_rule(rule)
    assert await bench.desk.restore_rule(rule.id) == rule
    (one,) = await delivered(bench, 1)
    assert one.generation_id == clip.id


async def test_two_rules_for_one_place_deliver_once_and_so_does_what_was_sent_by_hand(
    bench: Bench,
) -> None:
    wish = TargetWish(bench.store_target.id)
    await bench.desk.add_rule("One", [wish])
    await bench.desk.add_rule("Two", [wish, TargetWish(bench.chat_target.id), wish])
    await a_clip(bench.studio)
    found = await delivered(bench, 2)
    assert {one.target_id for one in found} == {bench.store_target.id, bench.chat_target.id}
    assert await bench.desk.repository.apply_rules() == []


async def test_a_rule_says_what_it_needs(bench: Bench) -> None:
    wish = TargetWish(bench.store_target.id)
    with pytest.raises(ValueError, match="needs a target"):
        await bench.desk.add_rule("All", [])
    with pytest.raises(ValueError, match="no target 99"):
        await bench.desk.add_rule("All", [TargetWish(99)])
    with pytest.raises(ValueError, match="needs a name"):
        await bench.desk.add_rule("  ", [wish])
    assert await bench.desk.rules() == []


async def test_what_was_finished_while_nothing_ran_goes_at_the_next_start(
    places: None, store: Place
) -> None:
    async with studio_with() as studio:
        target = await a_target(studio, store)
        await studio.publishing.add_rule("All", [TargetWish(target.id)])
        await a_clip(studio)
        await a_clip(studio)
        await studio.publishing.delete_target(target.id)
        await studio.publishing.restore_target(target.id)
    async with studio_with() as studio:
        await studio.publishing.resume()
        await eventually(lambda: len(store.arrived) == 2)
        for number in (1, 2):
            assert (await closed(studio, number)).state is D.DELIVERED
    assert len(store.arrived) == 2


async def test_d01_64_threads_and_8_processes_that_apply_a_rule_deliver_once(
    store: Place,
) -> None:
    with plugged(store):
        async with studio_with(is_scheduler=False) as studio:
            target = await a_target(studio, store)
            await studio.publishing.add_rule("All", [TargetWish(target.id)])
            for _ in range(5):
                await a_clip(studio)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.publishing.rule_child", cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(8)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        # all of them stand ready
        assert await process.stdout.readline() == b"ready\n"
    told = await asyncio.gather(
        asyncio.to_thread(apply_in_threads, 64),
        *(process.communicate(b"go\n") for process in processes),
    )
    assert [process.returncode for process in processes] == [0] * 8
    made = int(told[0]) + sum(int(out) for out, _errors in told[1:])  # type: ignore[misc]
    database = Database.open(Paths.default().database)
    try:
        found = await PublishingRepository(database).deliveries()
    finally:
        database.close()
    assert made == len(found) == 5
    assert sorted(one.generation_id for one in found) == [1, 2, 3, 4, 5]
