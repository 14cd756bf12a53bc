"""Links to what was delivered, removal, and deliveries whose target or clip is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import a_clip, closed
from tests.publishing.wishes import Gate, sent, waits_after
from veo_studio.core.answers import ErrorKind
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.publishing.base import MaybeSent, NotTaken, OnProgress, TryAgain
from veo_studio.core.publishing.models import (
    DeliveryState,
    Link,
    Parcel,
    Receipt,
    TargetWish,
    Way,
)

D = DeliveryState
BUSY = TryAgain("The place is busy.", ErrorKind.SERVER_ERROR)


async def test_links_are_made_anew_and_never_stored(bench: Bench) -> None:
    one = await closed(bench.studio, (await sent(bench)).id)
    first = await bench.desk.link(one.id)
    second = await bench.desk.link(one.id, timedelta(days=7))
    assert isinstance(first, Link)
    assert isinstance(second, Link)
    assert first.url != second.url
    now = await bench.desk.delivery(one.id)
    assert now.receipt is not None
    assert now.receipt.link_until == second.until
    stored = bench.studio.paths.database.read_bytes()
    stored += bench.studio.paths.database.with_name("veo-studio.db-wal").read_bytes()
    assert b"signature=" not in stored
    for length in (timedelta(days=8), timedelta(0), timedelta(seconds=-5)):
        with pytest.raises(ValueError, match="7 days"):
            await bench.desk.link(one.id, length)
    bench.store.link_problem = NotTaken("The key is wrong.", ErrorKind.AUTH)
    with pytest.raises(NotTaken, match="key is wrong"):
        await bench.desk.link(one.id)


async def test_what_was_delivered_can_be_taken_away(bench: Bench) -> None:
    one = await closed(bench.studio, (await sent(bench)).id)
    bench.store.removal_problem = TryAgain("No connection.", ErrorKind.NETWORK)
    with pytest.raises(TryAgain):
        await bench.desk.remove_there(one.id)
    assert (await bench.desk.delivery(one.id)).removed_at is None
    bench.store.removal_problem = None
    removed = await bench.desk.remove_there(one.id)
    assert removed.removed_at is not None
    assert bench.store.removed == [one.receipt]
    assert await bench.desk.link(one.id) is None
    assert await bench.desk.remove_there(one.id) == removed
    assert len(bench.store.removed) == 1


async def test_what_left_no_receipt_is_not_called_removed(bench: Bench) -> None:
    bench.chat.steps = [MaybeSent("No answer came.")]
    one = await closed(bench.studio, (await sent(bench, bench.chat_target.id)).id)
    await bench.desk.arrived(one.id)
    with pytest.raises(NotTaken, match="not known which message") as said:
        await bench.desk.remove_there(one.id)
    assert said.value.action == "Delete it there."
    assert (await bench.desk.delivery(one.id)).removed_at is None


async def test_a_link_waits_for_the_store_that_it_leads_to(bench: Bench) -> None:
    gate = Gate()
    bench.store.steps = [gate]
    clip = await a_clip(bench.studio)
    wish = TargetWish(bench.chat_target.id, Way.LINK, bench.store_target.id)
    first, second = await bench.desk.deliver([clip.id], [wish])
    assert (first.target_id, second.target_id) == (bench.store_target.id, bench.chat_target.id)
    await gate.begun.wait()
    assert await bench.desk.attempts(second.id) == []
    gate.go_on.set()
    assert (await closed(bench.studio, second.id)).state is D.DELIVERED
    (parcel,) = bench.chat.arrived
    assert parcel.link is not None
    assert parcel.link.url.startswith(f"https://store.example/{first.uuid}")
    # it is there already
    assert [one.target_id for one in await bench.desk.deliver([clip.id], [wish])] == [
        bench.chat_target.id
    ]


async def test_a_link_to_what_never_arrived_says_so(bench: Bench) -> None:
    bench.store.steps = [NotTaken("The room is gone.", ErrorKind.NOT_FOUND)]
    clip = await a_clip(bench.studio)
    wish = TargetWish(bench.chat_target.id, Way.LINK, bench.store_target.id)
    _first, second = await bench.desk.deliver([clip.id], [wish])
    ended = await closed(bench.studio, second.id)
    assert ended.state is D.FAILED
    assert "not in the store" in ended.reason
    again = await bench.desk.again(second.id)
    assert again.id == second.id
    assert (await closed(bench.studio, second.id)).state is D.DELIVERED


async def test_one_that_was_too_large_goes_as_a_link_instead(bench: Bench) -> None:
    bench.chat.max_bytes = 10
    one = await closed(bench.studio, (await sent(bench, bench.chat_target.id)).id)
    assert one.state is D.FAILED
    bench.chat.max_bytes = None
    repeated = await bench.desk.again(one.id, Way.LINK, bench.store_target.id)
    assert (repeated.way, repeated.link_target_id) == (Way.LINK, bench.store_target.id)
    assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert bench.chat.arrived[0].link is not None


async def test_a_chat_that_moved_is_stored_with_its_target(bench: Bench) -> None:
    async def moved(_parcel: Parcel, _on_progress: OnProgress) -> Receipt:
        return Receipt("Room 2", new_options={"room": "2"})

    bench.chat.steps = [moved]
    await closed(bench.studio, (await sent(bench, bench.chat_target.id)).id)
    await closed(bench.studio, (await sent(bench, bench.chat_target.id)).id)
    assert [one["room"] for one in bench.chat.options] == ["1", "2"]


async def test_a_target_that_is_deleted_gets_nothing_more(bench: Bench) -> None:
    gate = Gate(1, 10)
    bench.chat.steps = [gate]
    sending = await sent(bench, bench.chat_target.id)
    waiting = await sent(bench, bench.chat_target.id)
    await gate.begun.wait()
    await bench.desk.delete_target(bench.chat_target.id)
    for one in (sending, waiting):
        assert (await closed(bench.studio, one.id)).state is D.CANCELLED
    assert (await bench.desk.delivery(waiting.id)).reason == "The target 'My telegram' was deleted."
    with pytest.raises(ValueError, match="no target"):
        await bench.desk.again(waiting.id)
    await bench.desk.restore_target(bench.chat_target.id)
    await bench.desk.again(waiting.id)
    assert (await closed(bench.studio, waiting.id)).state is D.DELIVERED
    assert len(bench.chat.arrived) == 1


async def test_a_clip_that_is_deleted_is_not_sent_and_what_was_sent_stays_listed(
    bench: Bench,
) -> None:
    there = await closed(bench.studio, (await sent(bench)).id)
    gate = Gate(1, 10)
    bench.chat.steps = [gate, BUSY]
    wish = TargetWish(bench.chat_target.id)
    (sending,) = await bench.desk.deliver([there.generation_id], [wish])
    await gate.begun.wait()
    clip = await bench.studio.generations.get(there.generation_id)
    await bench.studio.generations.forget(clip.id)
    bench.studio.events.emit(GenerationEvent(EventKind.REMOVED, clip))
    assert (await closed(bench.studio, sending.id)).state is D.CANCELLED
    listed = await bench.desk.deliveries(generation_id=clip.id)
    assert [one.id for one in listed] == [sending.id, there.id]
    assert await bench.desk.link(there.id) is not None


async def test_one_whose_clip_another_program_deleted_is_cancelled_when_its_turn_comes(
    bench: Bench,
) -> None:
    bench.store.steps = [BUSY]
    one = await sent(bench)
    await waits_after(bench, one, 1)
    await bench.studio.generations.forget(one.generation_id)
    bench.clock.leap(61)
    ended = await closed(bench.studio, one.id)
    assert (ended.state, ended.reason) == (D.CANCELLED, "The clip was deleted.")


async def test_a_deletion_that_is_undone_at_once_cancels_nothing_that_waits(bench: Bench) -> None:
    bench.store.steps = [BUSY]
    one = await sent(bench)
    waiting = await waits_after(bench, one, 1)
    clip = await bench.studio.generations.get(one.generation_id)
    await bench.studio.generations.forget(clip.id)
    await bench.studio.generations.remember(clip.id)
    cancelled = await bench.desk.repository.cancel_waiting("Deleted.", generation_id=clip.id)
    assert cancelled == []
    assert await bench.desk.delivery(one.id) == waiting


async def test_pages_of_the_list_show_each_delivery_once(bench: Bench) -> None:
    clips = [await a_clip(bench.studio) for _ in range(5)]
    await bench.desk.deliver([clip.id for clip in clips], [TargetWish(bench.store_target.id)])
    first = await bench.desk.deliveries(limit=3)
    rest = await bench.desk.deliveries(limit=3, before_id=first[-1].id)
    assert [one.id for one in (*first, *rest)] == [5, 4, 3, 2, 1]
    for one in first:
        await closed(bench.studio, one.id)
    assert {one.id for one in first} <= {
        one.id for one in await bench.desk.deliveries(states=[D.DELIVERED])
    }
