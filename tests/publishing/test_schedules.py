"""Schedules: published at a moment, also after a restart, also where it was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.faults.clock import FastClock
from tests.publishing.conftest import Bench
from tests.publishing.scripted import (
    Place,
    a_clip,
    a_target,
    closed,
    eventually,
    money,
    studio_with,
)
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import Generation
from veo_studio.core.publishing.base import TryAgain
from veo_studio.core.publishing.models import (
    DeliveryState,
    Origin,
    PublishingEventKind,
    PublishWish,
    Schedule,
    ScheduleState,
    TargetWish,
)
from veo_studio.core.studio import Studio

HOUR = timedelta(hours=1)
D = DeliveryState


async def over(studio: Studio, schedule_id: int) -> Schedule:
    async def is_over() -> Schedule | None:
        known = {one.id: one for one in await studio.publishing.schedules(only_planned=False)}
        one = known[schedule_id]
        return None if one.state is ScheduleState.PLANNED else one

    found: Schedule = await eventually(is_over)
    return found


async def planned(bench: Bench, after: timedelta = HOUR) -> tuple[Generation, Schedule]:
    clip = await a_clip(bench.studio)
    wish = PublishWish(
        clip.id, "Later", ("tag",), 1.0, (TargetWish(bench.store_target.id),),
        at=bench.clock.now() + after,
    )  # fmt: skip
    await bench.desk.publish([wish])
    found = [one for one in await bench.desk.schedules() if one.wish.generation_id == clip.id]
    return clip, found[0]


async def test_a_planned_clip_stays_a_draft_until_its_moment(bench: Bench) -> None:
    clip, schedule = await planned(bench)
    assert (schedule.wish.caption, schedule.wish.tags, schedule.was_missed) == (
        "Later",
        ("tag",),
        False,
    )
    assert schedule.wish.at == schedule.due_at
    assert (await bench.desk.counts()).planned == 1
    assert (await bench.studio.generations.get(clip.id)).published_at is None
    bench.clock.leap(HOUR.total_seconds() + 1)
    done = await over(bench.studio, schedule.id)
    assert (done.state, done.was_missed, done.reason) == (ScheduleState.DONE, False, "")
    now = await bench.studio.generations.get(clip.id)
    assert (now.caption, now.tags, now.cover_at_s) == ("Later", ("tag",), 1.0)
    assert now.published_at is not None
    (one,) = await bench.desk.deliveries()
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert one.origin is Origin.SCHEDULE
    assert await bench.desk.schedules() == []
    told = [event.schedule for event in bench.said if event.kind is PublishingEventKind.SCHEDULE]
    assert done in told


async def test_one_that_was_missed_is_done_at_the_next_start_and_says_so(
    places: None, store: Place
) -> None:
    clock = FastClock()
    async with studio_with(clock) as studio:
        target = await a_target(studio, store)
        clip = await a_clip(studio)
        at = clock.now() + HOUR
        wish = PublishWish(clip.id, targets=(TargetWish(target.id),), at=at)
        await studio.publishing.publish([wish])
    clock.leap(3 * HOUR.total_seconds())
    async with studio_with(clock) as studio:
        assert [one.due_at for one in await studio.publishing.schedules()] == [at]
        told: list[Schedule | None] = []
        studio.publishing.subscribe(lambda event: told.append(event.schedule))
        await studio.publishing.resume()
        done = await over(studio, 1)
        assert (done.state, done.was_missed, done.due_at) == (ScheduleState.DONE, True, at)
        await eventually(lambda: done in told)
        assert (await closed(studio, 1)).state is D.DELIVERED
    async with studio_with(clock) as studio:
        await studio.publishing.resume()
        await a_clip(studio)
        assert len(await studio.publishing.deliveries()) == 1


async def test_a_second_plan_for_a_clip_takes_the_place_of_the_first(bench: Bench) -> None:
    clip, first = await planned(bench)
    at = bench.clock.now() + 2 * HOUR
    await bench.desk.publish([PublishWish(clip.id, "Other words", at=at)])
    (second,) = await bench.desk.schedules()
    assert (second.due_at, second.wish.caption, second.wish.targets) == (at, "Other words", ())
    states = [one.state for one in await bench.desk.schedules(only_planned=False)]
    assert states == [ScheduleState.PLANNED, ScheduleState.CANCELLED]
    bench.clock.leap(1.5 * HOUR.total_seconds())
    assert (await over(bench.studio, first.id)).state is ScheduleState.CANCELLED
    assert (await bench.studio.generations.get(clip.id)).published_at is None


async def test_it_can_be_moved_and_called_off(bench: Bench) -> None:
    clip, schedule = await planned(bench)
    moved = await bench.desk.reschedule(schedule.id, bench.clock.now() + 3 * HOUR)
    bench.clock.leap(2 * HOUR.total_seconds())
    off = await bench.desk.cancel_schedule(schedule.id)
    assert (off.state, off.due_at) == (ScheduleState.CANCELLED, moved.due_at)
    for attempt in (
        bench.desk.cancel_schedule(schedule.id),
        bench.desk.reschedule(schedule.id, bench.clock.now() + HOUR),
    ):
        with pytest.raises(ValueError, match="cancelled"):
            await attempt
    with pytest.raises(LookupError):
        await bench.desk.cancel_schedule(99)
    assert (await bench.studio.generations.get(clip.id)).published_at is None


async def test_a_moment_that_is_over_is_refused_and_one_just_now_is_not(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    with pytest.raises(ValueError, match="is over"):
        await bench.desk.publish([PublishWish(clip.id, at=bench.clock.now() - HOUR)])
    with pytest.raises(ValueError, match="time zone"):
        await bench.desk.publish([PublishWish(clip.id, at=datetime(2030, 1, 1))])
    await bench.desk.publish([PublishWish(clip.id, at=bench.clock.now())])
    assert (await over(bench.studio, 1)).was_missed is False


async def test_what_is_gone_when_it_is_due_fails_with_a_reason(bench: Bench) -> None:
    deleted, first = await planned(bench)
    fileless, second = await planned(bench)
    await bench.studio.generations.forget(deleted.id)
    assert fileless.video_path is not None
    fileless.video_path.unlink()
    before = money()
    bench.clock.leap(HOUR.total_seconds() + 1)
    one, two = await over(bench.studio, first.id), await over(bench.studio, second.id)
    assert (one.state, one.reason) == (
        ScheduleState.FAILED,
        f"There is no generation {deleted.id}.",
    )
    assert two.state is ScheduleState.FAILED
    assert "not there any more" in two.reason
    assert money() == before
    assert await bench.desk.deliveries() == []


async def test_a_target_that_was_deleted_meanwhile_is_left_out(bench: Bench) -> None:
    clip, schedule = await planned(bench)
    await bench.desk.delete_target(bench.store_target.id)
    bench.clock.leap(HOUR.total_seconds() + 1)
    done = await over(bench.studio, schedule.id)
    assert (done.state, done.reason) == (
        ScheduleState.DONE, "A target of it was deleted meanwhile.",
    )  # fmt: skip
    assert (await bench.studio.generations.get(clip.id)).published_at is not None


async def test_a_wall_clock_that_is_set_back_publishes_nothing_twice(bench: Bench) -> None:
    _clip, schedule = await planned(bench)
    bench.clock.leap(HOUR.total_seconds() + 1)
    await over(bench.studio, schedule.id)
    bench.clock.set_back(24 * HOUR.total_seconds())
    bench.clock.leap(30)
    (one,) = await bench.desk.deliveries()
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert len(bench.store.arrived) == 1


async def test_tries_go_on_while_the_wall_clock_is_set_back(bench: Bench) -> None:
    bench.store.steps = [TryAgain("Busy.", ErrorKind.SERVER_ERROR)]
    clip = await a_clip(bench.studio)
    (one,) = await bench.desk.deliver([clip.id], [TargetWish(bench.store_target.id)])

    async def is_tried() -> bool:
        return any(attempt.finished_at for attempt in await bench.desk.attempts(one.id))

    await eventually(is_tried)
    bench.clock.set_back(24 * HOUR.total_seconds())
    leaps = iter(range(20))

    async def is_delivered() -> bool:
        # far less than the clock was set back
        if next(leaps, None) is not None:
            bench.clock.leap(61)
        return (await bench.desk.delivery(one.id)).state is D.DELIVERED

    await eventually(is_delivered)


async def test_one_that_is_published_before_its_moment_is_not_published_again(
    bench: Bench,
) -> None:
    clip, schedule = await planned(bench)
    other, kept = await planned(bench)
    await bench.desk.publish([PublishWish(clip.id, "Now", targets=schedule.wish.targets)])
    cancelled = await over(bench.studio, schedule.id)
    assert (cancelled.state, cancelled.reason) == (ScheduleState.CANCELLED, "Published before.")
    told = [event.schedule for event in bench.said if event.kind is PublishingEventKind.SCHEDULE]
    assert cancelled in told
    bench.clock.leap(HOUR.total_seconds() + 1)
    assert (await over(bench.studio, kept.id)).state is ScheduleState.DONE
    found = await bench.desk.deliveries()
    assert [one.generation_id for one in found] == [other.id, clip.id]
    assert (await bench.studio.generations.get(clip.id)).caption == "Now"


async def test_new_words_for_what_is_published_leave_its_plan_alone(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    await bench.desk.publish([PublishWish(clip.id, "One")])
    later = PublishWish(
        clip.id, targets=(TargetWish(bench.store_target.id),), at=bench.clock.now() + HOUR
    )
    await bench.desk.publish([later])
    await bench.desk.publish([PublishWish(clip.id, "Two")])
    assert len(await bench.desk.schedules()) == 1
    await bench.desk.publish([replace(later, at=None)])
    assert await bench.desk.schedules() == []
