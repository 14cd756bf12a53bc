"""One delivery: its tries, what becomes of it, and that nothing of the generation or the ledger changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import a_clip, closed, money
from tests.publishing.wishes import Gate, reaches, sent, tried, waits_after
from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DiskFull
from veo_studio.core.publishing.base import MaybeSent, NotTaken, TryAgain
from veo_studio.core.publishing.models import (
    DeliveryState,
    PublishingEventKind,
    Receipt,
    TargetWish,
    Way,
)

D = DeliveryState
BUSY = TryAgain("The place is busy.", ErrorKind.SERVER_ERROR)


async def test_what_is_asked_for_arrives_once_and_says_where(bench: Bench) -> None:
    one = await closed(bench.studio, (await sent(bench)).id)
    (parcel,) = bench.store.arrived
    assert (one.state, one.attempts, one.reason) == (D.DELIVERED, 1, "")
    assert (parcel.delivery_uuid, parcel.generation_id) == (one.uuid, one.generation_id)
    assert one.receipt == Receipt("Room 1", {"name": one.uuid})
    (attempt,) = await bench.desk.attempts(one.id)
    assert (attempt.outcome, attempt.finished_at) == ("delivered", one.delivered_at)
    assert bench.store.made == bench.store.closed == 1
    assert bench.desk.preparer.released == [one.uuid]  # type: ignore[attr-defined]


async def test_listeners_hear_of_every_step(bench: Bench) -> None:
    one = await closed(bench.studio, (await sent(bench)).id)
    told = [event for event in bench.said if event.delivery and event.delivery.id == one.id]
    states = [
        event.delivery.state
        for event in told
        if event.delivery and event.kind is PublishingEventKind.DELIVERY
    ]
    assert states[:2] == [D.WAITING, D.SENDING]
    assert states[-1] is D.DELIVERED
    assert any(event.kind is PublishingEventKind.PROGRESS for event in told)


async def test_it_is_tried_three_times_a_minute_apart_and_then_says_what_to_do(
    bench: Bench,
) -> None:
    problem = TryAgain("The place is busy.", ErrorKind.SERVER_ERROR, action="Look at its page.")
    bench.store.steps = [problem, problem, problem]
    one = await sent(bench)
    for tries in (1, 2):
        waiting = await waits_after(bench, one, tries)
        assert (waiting.attempts, waiting.reason) == (tries, "The place is busy.")
        assert waiting.next_attempt_at is not None
        left = waiting.next_attempt_at - waiting.updated_at
        assert abs(left - timedelta(seconds=60)) < timedelta(seconds=10)
        bench.clock.leap(61)
    ended = await reaches(bench, one, D.FAILED)
    assert (ended.attempts, ended.reason, ended.action, ended.error_kind) == (
        3, "The place is busy.", "Look at its page.", ErrorKind.SERVER_ERROR,
    )  # fmt: skip
    assert bench.store.arrived == []
    assert (await bench.desk.counts()).need_attention == 1


async def test_again_gives_all_tries_anew(bench: Bench) -> None:
    bench.store.steps = [NotTaken("The room is gone.", ErrorKind.NOT_FOUND)]
    one = await closed(bench.studio, (await sent(bench)).id)
    assert (one.state, one.attempts) == (D.FAILED, 1)
    repeated = await bench.desk.again(one.id)
    assert (repeated.state, repeated.attempts, repeated.reason) == (D.WAITING, 0, "")
    ended = await closed(bench.studio, one.id)
    assert (ended.state, ended.uuid) == (D.DELIVERED, one.uuid)
    with pytest.raises(ValueError, match="delivered"):
        await bench.desk.again(one.id)


async def test_what_is_refused_is_not_tried_again(bench: Bench) -> None:
    refusal = NotTaken("The key is wrong.", ErrorKind.AUTH, action="Enter another key.")
    bench.store.steps = [refusal]
    one = await closed(bench.studio, (await sent(bench)).id)
    assert (one.state, one.error_kind, one.action) == (
        D.FAILED, ErrorKind.AUTH, "Enter another key.",
    )  # fmt: skip


async def test_a_place_that_takes_no_file_of_that_size_is_sent_nothing(bench: Bench) -> None:
    bench.store.max_bytes = 10
    one = await closed(bench.studio, (await sent(bench)).id)
    assert (one.state, one.reason) == (D.FAILED, "It takes 10 bytes at most.")
    assert bench.store.most_at_once == 0


async def test_retry_after_is_obeyed_exactly_and_is_no_try(bench: Bench) -> None:
    wait = TryAgain("Too many messages.", ErrorKind.RATE_LIMITED, retry_after_s=417)
    bench.chat.steps = [wait] * 5
    one = await sent(bench, bench.chat_target.id)
    for tries in range(1, 6):
        waiting = await waits_after(bench, one, tries)
        assert waiting.attempts == 0
        assert waiting.next_attempt_at is not None
        left = waiting.next_attempt_at - waiting.updated_at
        assert abs(left - timedelta(seconds=417)) < timedelta(seconds=10)
        # for longer than a try: nobody has to wait for it
        assert (await bench.desk.wait(one.id)).state is D.WAITING
        bench.clock.leap(418)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED


@pytest.mark.parametrize("kind", [ErrorKind.RATE_LIMITED, ErrorKind.SERVER_ERROR])
async def test_a_place_that_asked_for_patience_gets_no_other_clip_either(
    bench: Bench, kind: ErrorKind
) -> None:
    wait = TryAgain("Too many messages.", kind, retry_after_s=3000)
    bench.chat.steps = [wait]
    first = await sent(bench, bench.chat_target.id)
    await waits_after(bench, first, 1)
    second = await sent(bench, bench.chat_target.id)
    elsewhere = await sent(bench)
    assert (await closed(bench.studio, elsewhere.id)).state is D.DELIVERED
    assert await bench.desk.attempts(second.id) == []
    bench.clock.leap(3001)
    assert (await closed(bench.studio, second.id)).state is D.DELIVERED
    assert (await closed(bench.studio, first.id)).state is D.DELIVERED
    assert bench.chat.most_at_once == 1


async def test_a_place_that_asks_to_wait_for_ever_is_given_up(bench: Bench) -> None:
    wait = TryAgain("Too many messages.", ErrorKind.RATE_LIMITED, retry_after_s=30_000)
    bench.store.steps = [wait] * 3
    one = await sent(bench)
    for tries in (1, 2):
        waiting = await waits_after(bench, one, tries)
        assert (waiting.attempts, waiting.waits, waiting.waited_s) == (0, tries, tries * 30_000)
        bench.clock.leap(30_001)
    ended = await reaches(bench, one, D.FAILED)
    assert ended.reason == "It asked to wait again and again, 3 times by now. Too many messages."
    await bench.desk.again(one.id)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED


async def test_a_place_that_asks_to_wait_a_moment_for_ever_is_given_up(bench: Bench) -> None:
    wait = TryAgain("Too many messages.", ErrorKind.RATE_LIMITED, retry_after_s=0)
    bench.store.steps = [wait] * 51
    one = await closed(bench.studio, (await sent(bench)).id)
    assert one.state is D.FAILED
    assert "51 times" in one.reason
    assert len(await bench.desk.attempts(one.id)) == 51


async def test_a_place_that_asks_for_days_is_given_up(bench: Bench) -> None:
    bench.store.steps = [TryAgain("Later.", ErrorKind.RATE_LIMITED, retry_after_s=1e9)]
    one = await closed(bench.studio, (await sent(bench)).id)
    assert (one.state, one.reason) == (D.FAILED, "Later.")


async def test_maybe_sent_is_left_to_the_user(bench: Bench) -> None:
    bench.chat.steps = [MaybeSent("No answer came.")]
    one = await closed(bench.studio, (await sent(bench, bench.chat_target.id)).id)
    assert (one.state, one.reason) == (D.MAYBE_SENT, "No answer came.")
    bench.clock.leap(10_000)
    other = await sent(bench, bench.chat_target.id)
    await closed(bench.studio, other.id)
    assert len(await bench.desk.attempts(one.id)) == 1
    seen = await bench.desk.arrived(one.id)
    assert (seen.state, seen.receipt) == (D.DELIVERED, None)
    assert await bench.desk.link(one.id) is None
    with pytest.raises(ValueError, match="delivered"):
        await bench.desk.arrived(one.id)


async def test_a_bug_of_a_publisher_ends_in_a_state(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.store.steps = [RuntimeError("oops")]
    bench.chat.steps = [RuntimeError("oops")]
    stored, told = await sent(bench), await sent(bench, bench.chat_target.id)
    waiting = await waits_after(bench, stored, 1)
    assert waiting.reason == "Something unexpected went wrong: RuntimeError."
    assert (await closed(bench.studio, told.id)).state is D.MAYBE_SENT
    assert "oops" in caplog.text


async def test_what_cannot_be_prepared_is_surely_not_sent(bench: Bench) -> None:
    bench.desk.preparer.problem = DiskFull("The disk is full.", needed_bytes=5)  # type: ignore[attr-defined]
    one = await sent(bench, bench.chat_target.id)
    waiting = await waits_after(bench, one, 1)
    assert waiting.reason == "The disk is full."
    bench.desk.preparer.problem = None  # type: ignore[attr-defined]
    bench.clock.leap(61)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED


async def test_the_same_wish_twice_is_one_delivery(bench: Bench) -> None:
    gate = Gate()
    bench.store.steps = [gate]
    one = await sent(bench)
    wish = TargetWish(bench.store_target.id)
    assert [two.id for two in await bench.desk.deliver([one.generation_id], [wish])] == [one.id]
    await gate.begun.wait()
    assert [two.id for two in await bench.desk.deliver([one.generation_id], [wish])] == [one.id]
    gate.go_on.set()
    await closed(bench.studio, one.id)
    (later,) = await bench.desk.deliver([one.generation_id], [wish])
    assert later.id != one.id


async def test_progress_is_known_while_it_is_sent(bench: Bench) -> None:
    gate = Gate(3, 10)
    bench.store.steps = [gate]
    one = await sent(bench)
    assert bench.desk.progress_of(one.id) is None
    await gate.begun.wait()
    assert bench.desk.progress_of(one.id) == (3, 10)
    gate.go_on.set()
    await closed(bench.studio, one.id)
    assert bench.desk.progress_of(one.id) is None


async def test_a_waiting_one_can_be_cancelled_and_asked_for_again(bench: Bench) -> None:
    bench.store.steps = [BUSY]
    one = await sent(bench)
    await waits_after(bench, one, 1)
    assert (await bench.desk.cancel(one.id)).state is D.CANCELLED
    assert (await bench.desk.cancel(one.id)).state is D.CANCELLED
    await bench.desk.again(one.id)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED


@pytest.mark.parametrize(
    ("is_harmless", "done", "total", "state"),
    [
        (True, 10, 10, D.CANCELLED),
        (False, 3, 10, D.CANCELLED),
        (False, 10, 10, D.MAYBE_SENT),
        (False, 0, 0, D.MAYBE_SENT),
    ],
)
async def test_one_that_is_being_sent_is_cancelled_where_it_surely_is_not_there(
    bench: Bench, is_harmless: bool, done: int, total: int, state: DeliveryState
) -> None:
    place, target = (bench.store, bench.store_target) if is_harmless else (
        bench.chat, bench.chat_target,
    )  # fmt: skip
    gate = Gate(done, total)
    place.steps = [gate]
    one = await sent(bench, target.id)
    await gate.begun.wait()
    assert (await bench.desk.cancel(one.id)).state is state
    assert place.arrived == []
    # the next one goes its way
    assert (await closed(bench.studio, (await sent(bench, target.id)).id)).state is D.DELIVERED


async def test_targets_are_served_beside_each_other_and_each_alone(bench: Bench) -> None:
    store_gate, chat_gate = Gate(), Gate()
    bench.store.steps, bench.chat.steps = [store_gate], [chat_gate]
    clip = await a_clip(bench.studio)
    other = await a_clip(bench.studio)
    wishes = [TargetWish(bench.store_target.id), TargetWish(bench.chat_target.id)]
    made = await bench.desk.deliver([clip.id, other.id], wishes)
    await store_gate.begun.wait()
    await chat_gate.begun.wait()
    store_gate.go_on.set()
    chat_gate.go_on.set()
    for one in made:
        assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert bench.store.most_at_once == bench.chat.most_at_once == 1


@pytest.mark.parametrize(
    "problem",
    [
        BUSY,
        NotTaken("No.", ErrorKind.AUTH),
        MaybeSent("No answer came."),
        TryAgain("Too many.", ErrorKind.RATE_LIMITED, retry_after_s=999),
        RuntimeError("oops"),
        OSError("no disk"),
    ],
    ids=lambda problem: type(problem).__name__,
)
async def test_h_whatever_fails_the_generation_and_the_ledger_stay_as_they_are(
    bench: Bench, problem: Exception
) -> None:
    clip = await a_clip(bench.studio)
    before = money()
    bench.store.steps, bench.chat.steps = [problem], [problem]
    wishes = [TargetWish(bench.store_target.id), TargetWish(bench.chat_target.id)]
    made = await bench.desk.deliver([clip.id], wishes)

    for one in made:
        await tried(bench, one)
    assert money() == before
    for one in made:
        if (await bench.desk.delivery(one.id)).state.needs_attention:
            await bench.desk.again(one.id)
    bench.clock.leap(1000)
    for one in made:
        assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert money() == before


async def test_nothing_to_send_and_nowhere_to_send_it_is_said(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    with pytest.raises(ValueError, match="Choose where"):
        await bench.desk.deliver([clip.id], [])
    with pytest.raises(ValueError, match="Choose a clip"):
        await bench.desk.deliver([], [TargetWish(bench.store_target.id)])
    with pytest.raises(ValueError, match="no target 99"):
        await bench.desk.deliver([clip.id], [TargetWish(99)])
    with pytest.raises(ValueError, match="needs a store"):
        await bench.desk.deliver([clip.id], [TargetWish(bench.store_target.id, Way.LINK)])
    with pytest.raises(ValueError, match="gives no links"):
        wish = TargetWish(bench.store_target.id, Way.LINK, bench.chat_target.id)
        await bench.desk.deliver([clip.id], [wish])
    with pytest.raises(LookupError):
        await bench.desk.delivery(99)
    assert await bench.desk.deliveries() == []
