"""Publishing itself: drafts, the feed, and what is said before anything is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import (
    Place,
    a_clip,
    a_target,
    closed,
    eventually,
    money,
    plugged,
    studio_with,
)
from veo_studio.core.answers import ErrorKind
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.core.publishing.base import TryAgain
from veo_studio.core.publishing.models import (
    DeliveryState,
    PublishingCounts,
    PublishWish,
    TargetKind,
    TargetWish,
    Way,
)
from veo_studio.core.store.early import newest
from veo_studio.core.store.moves import NewGeneration

D = DeliveryState
DRAFTS = LibraryQuery(published=False)
FEED = LibraryQuery(published=True, sort=Sort.PUBLISHED)


async def test_a_published_clip_leaves_the_drafts_and_is_on_top_of_the_feed(bench: Bench) -> None:
    library = bench.studio.library
    first, second, third = [await a_clip(bench.studio, f"Clip {n}") for n in range(3)]
    heard: list[GenerationEvent] = []
    bench.studio.events.subscribe(heard.append)
    wish = PublishWish(second.id, " At sea ", ("Boat", "sea"), 1.5)
    (published,) = await bench.desk.publish([wish])
    assert (published.caption, published.tags, published.cover_at_s) == (
        "At sea",
        ("Boat", "sea"),
        1.5,
    )
    assert published.published_at is not None
    assert [(one.kind, one.generation) for one in heard] == [(EventKind.UPDATED, published)]
    await bench.desk.publish([PublishWish(first.id)])
    assert list(await library.ids(FEED)) == [first.id, second.id]
    assert list(await library.ids(DRAFTS)) == [third.id]
    assert list(await library.ids(replace(FEED, text="sea"))) == [second.id]
    assert await bench.desk.counts() == PublishingCounts(drafts=1, published=2)
    (back,) = await bench.desk.unpublish([second.id])
    assert (back.published_at, back.caption, back.cover_at_s) == (None, "At sea", 1.5)
    assert list(await library.ids(FEED)) == [first.id]
    assert list(await library.ids(DRAFTS)) == [third.id, second.id]


async def test_publishing_touches_neither_state_nor_charge(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    (published,) = await bench.desk.publish([PublishWish(clip.id, "At sea")])
    (back,) = await bench.desk.unpublish([clip.id])
    for one in (published, back):
        assert (one.state, one.charge, one.tokens) == (clip.state, clip.charge, clip.tokens)
    assert await bench.studio.wallet.balance() == 99


async def test_a_clip_that_is_published_keeps_its_place_when_its_words_change(
    bench: Bench,
) -> None:
    first, second = await a_clip(bench.studio), await a_clip(bench.studio)
    (before,) = await bench.desk.publish([PublishWish(first.id, "One", ("a", "b"))])
    await bench.desk.publish([PublishWish(second.id)])
    (after,) = await bench.desk.publish([PublishWish(first.id, tags=("B", "c"))])
    assert (after.published_at, after.caption, after.tags) == (
        before.published_at,
        "One",
        ("b", "c"),
    )
    assert list(await bench.studio.library.ids(FEED)) == [second.id, first.id]
    (bare,) = await bench.desk.publish([PublishWish(first.id, "", ())])
    assert (bare.caption, bare.tags) == ("", ())


async def test_several_are_published_together_or_not_at_all(bench: Bench) -> None:
    clips = [await a_clip(bench.studio) for _ in range(3)]
    target = TargetWish(bench.store_target.id)
    wishes = [PublishWish(clip.id, f"Clip {clip.id}", targets=(target,)) for clip in clips]
    too_long = replace(wishes[2], caption="x" * 2201)
    before = money()
    with pytest.raises(ValueError, match="2200 characters"):
        await bench.desk.publish([*wishes[:2], too_long])
    assert money() == before
    assert await bench.desk.deliveries() == []
    published = await bench.desk.publish(wishes)
    assert [one.caption for one in published] == [f"Clip {clip.id}" for clip in clips]
    for one in await bench.desk.deliveries():
        assert (await closed(bench.studio, one.id)).state is D.DELIVERED
    assert sorted(parcel.caption for parcel in bench.store.arrived) == [
        "Clip 1",
        "Clip 2",
        "Clip 3",
    ]


async def test_what_cannot_be_published_is_said_in_a_sentence(bench: Bench, tmp_path: Path) -> None:
    clip, gone, deleted = [await a_clip(bench.studio) for _ in range(3)]
    request = GenerationRequest("A kite", "rehearsal", "rehearsal-1", VideoConfig())
    (waiting,) = await bench.studio.generations.create([NewGeneration(request, 0, None)])
    assert gone.video_path is not None
    gone.video_path.unlink()
    await bench.studio.generations.forget(deleted.id)
    before = money()
    for wishes, words in (
        ([], "Choose a clip"),
        ([PublishWish(waiting.id)], "not finished"),
        ([PublishWish(gone.id)], "not there any more"),
        ([PublishWish(deleted.id)], f"no clip {deleted.id}"),
        ([PublishWish(99)], "no clip 99"),
        ([PublishWish(clip.id), PublishWish(clip.id)], "twice"),
        ([PublishWish(clip.id, targets=(TargetWish(99),))], "no target 99"),
        ([PublishWish(clip.id, cover_at_s=3.5)], "3 s long"),
        ([PublishWish(clip.id, cover_at_s=-1.0)], "in seconds"),
        ([PublishWish(clip.id, cover_at_s=float("nan"))], "in seconds"),
        ([PublishWish(clip.id, tags=("x" * 65,))], "64 characters"),
        ([PublishWish(clip.id, tags=tuple(f"t{n}" for n in range(33)))], "32 tags"),
    ):
        with pytest.raises(ValueError, match=words):
            await bench.desk.publish(wishes)
    assert money() == before


async def test_what_a_target_would_not_take_is_known_before(bench: Bench) -> None:
    bench.store.max_bytes = 10
    clip, gone = await a_clip(bench.studio), await a_clip(bench.studio)
    assert gone.video_path is not None
    gone.video_path.unlink()
    store, chat = TargetWish(bench.store_target.id), TargetWish(bench.chat_target.id)
    refused = await bench.desk.refusals([clip.id, gone.id], [store, chat, TargetWish(99)])
    assert refused[clip.id, store.target_id].sentence == "It takes 10 bytes at most."
    assert (clip.id, chat.target_id) not in refused
    assert "not there any more" in refused[gone.id, chat.target_id].sentence
    assert refused[clip.id, 99].sentence == "There is no target 99."
    smaller = TargetWish(bench.store_target.id, Way.SMALLER)
    assert (clip.id, store.target_id) not in await bench.desk.refusals([clip.id], [smaller])
    assert bench.store.closed == bench.store.made


async def test_a_gallery_follows_what_is_published(bench: Bench) -> None:
    gallery = Place(TargetKind.GALLERY)
    with plugged(gallery):
        target = await a_target(bench.studio, gallery)
        clip = await a_clip(bench.studio)
        wish = TargetWish(target.id)
        await bench.desk.publish([PublishWish(clip.id, "One", targets=(wish,))])
        first = await closed(bench.studio, (await bench.desk.deliveries())[0].id)
        # the same words once more change nothing there
        await bench.desk.publish([PublishWish(clip.id, "One")])
        assert len(await bench.desk.deliveries()) == 1
        await bench.desk.publish([PublishWish(clip.id, "Two")])
        second = await closed(bench.studio, (await bench.desk.deliveries())[0].id)
        assert [parcel.caption for parcel in gallery.arrived] == ["One", "Two"]
        gallery.removal_problem = TryAgain("The disk is not there.", ErrorKind.STORAGE)
        await bench.desk.unpublish([clip.id])
        await eventually(lambda: gallery.closed >= 3)
        assert gallery.removed == []
        gallery.removal_problem = None

        async def is_removed() -> bool:
            # each look may be the one that comes right before its time
            bench.clock.leap(61)
            return all(one.removed_at for one in await bench.desk.deliveries())

        await eventually(is_removed)
        taken_away = {receipt.facts["name"] for receipt in gallery.removed}
        assert taken_away == {first.uuid, second.uuid}


async def test_an_unpublished_clip_stays_where_it_was_delivered(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    wish = TargetWish(bench.store_target.id)
    await bench.desk.publish([PublishWish(clip.id, targets=(wish,))])
    await closed(bench.studio, 1)
    await bench.desk.unpublish([clip.id])
    await bench.desk.publish([PublishWish(clip.id, "New words")])
    (one,) = await bench.desk.deliveries()
    assert (one.removed_at, bench.store.removed) == (None, [])


async def test_a_deleted_clip_is_in_neither_list_and_comes_back_where_it_was(bench: Bench) -> None:
    clip = await a_clip(bench.studio)
    await bench.desk.publish([PublishWish(clip.id)])
    await bench.studio.generations.forget(clip.id)
    for query in (FEED, DRAFTS):
        assert list(await bench.studio.library.ids(query)) == []
    await bench.studio.generations.remember(clip.id)
    assert list(await bench.studio.library.ids(FEED)) == [clip.id]


async def test_published_clips_are_read_before_the_database_is_open() -> None:
    async with studio_with() as studio:
        clip = await a_clip(studio)
        (published,) = await studio.publishing.publish([PublishWish(clip.id, cover_at_s=2.0)])
    (early,) = newest(studio.paths.database, 5)
    assert (early.published_at, early.cover_at_s) == (published.published_at, 2.0)


def test_queries_about_publications_are_stored_and_read() -> None:
    for query in (DRAFTS, FEED):
        assert LibraryQuery.from_json(query.to_json()) == query
        assert query.has_filter
    with pytest.raises(ValueError, match="true or false"):
        LibraryQuery.from_json({"format": 1, "published": 1})
