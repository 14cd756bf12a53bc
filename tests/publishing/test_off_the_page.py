"""What is unpublished, deleted or taken away leaves the page and stays away; what is shown anew stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.clock import FastClock
from tests.publishing.scripted import a_clip, closed, eventually, studio_with
from tests.publishing.test_gallery_desk import captions
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.core.publishing.desk import PublishingDesk
from veo_studio.core.publishing.gallery import GalleryPublisher
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishWish,
    TargetKind,
    TargetWish,
)
from veo_studio.core.publishing.preparing import parcel_of
from veo_studio.core.studio import Studio

D = DeliveryState


@dataclass
class Page:
    """A gallery and one clip; the disk that it is on can be pulled out."""

    studio: Studio
    clock: FastClock
    folder: Path
    to: TargetWish
    clip: Generation

    @property
    def desk(self) -> PublishingDesk:
        return self.studio.publishing

    def wish(self, words: str) -> PublishWish:
        return PublishWish(self.clip.id, words, targets=(self.to,))

    async def shows(self, words: str) -> Delivery:
        await self.desk.publish([self.wish(words)])
        one = await closed(self.studio, (await self.desk.deliveries())[0].id)
        assert one.state is D.DELIVERED
        assert captions(self.folder) == [words]
        return one

    def unplug(self) -> None:
        self.folder.rename(self.folder.with_name("unplugged"))

    def plug_in(self) -> None:
        self.folder.with_name("unplugged").rename(self.folder)

    async def all_removed(self) -> bool:
        # what failed waits for its next turn
        self.clock.leap(3700)
        return all(one.removed_at for one in await self.desk.deliveries())

    async def delete(self) -> None:
        await self.studio.generations.forget(self.clip.id)
        self.studio.events.emit(GenerationEvent(EventKind.REMOVED, self.clip))

    async def settled(self) -> list[Delivery]:
        """Once nothing is on its way and nothing is to be taken away."""

        async def is_settled() -> bool:
            self.clock.leap(3700)
            look = await self.desk.repository.look()
            return not look.deliveries and not look.removals

        await eventually(is_settled)
        return await self.desk.deliveries()


@asynccontextmanager
async def a_page(folder: Path, *, is_begun: bool = True) -> AsyncIterator[Page]:
    folder.mkdir()
    clock = FastClock()
    async with studio_with(clock) as studio:
        desk = studio.publishing
        if is_begun:
            await desk.resume()
        target = await desk.add_target("Page", TargetKind.GALLERY, {"folder": str(folder)}, {})
        yield Page(studio, clock, folder, TargetWish(target.id), await a_clip(studio))


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_page(tmp_path / "gallery") as made:
        yield made


async def test_what_was_to_be_taken_away_stays_once_it_is_published_anew(page: Page) -> None:
    await page.shows("One")
    page.unplug()
    await page.desk.unpublish([page.clip.id])
    await page.desk.publish([page.wish("Two")])
    page.plug_in()
    found = await page.settled()
    assert captions(page.folder) == ["Two"]
    assert [(one.state, one.removed_at) for one in found] == [(D.DELIVERED, None)] * 2
    # and all of it goes the next time
    await page.desk.unpublish([page.clip.id])
    await eventually(page.all_removed)
    assert captions(page.folder) == []


async def test_a_deleted_clip_leaves_the_page_and_comes_back_with_it(page: Page) -> None:
    await page.shows("One")
    # by another program, say: nothing is told here
    await page.studio.generations.forget(page.clip.id)
    await eventually(page.all_removed)
    assert captions(page.folder) == []
    await page.studio.generations.remember(page.clip.id)
    await eventually(lambda: captions(page.folder) == ["One"])
    newest, _first = await page.settled()
    assert (newest.state, newest.removed_at) == (D.DELIVERED, None)
    # it follows again
    await page.desk.unpublish([page.clip.id])
    await eventually(page.all_removed)
    assert captions(page.folder) == []


async def test_one_that_waited_when_its_clip_was_deleted_waits_again(page: Page) -> None:
    page.unplug()
    await page.desk.publish([page.wish("One")])
    await page.delete()
    (one,) = await page.desk.deliveries()
    assert (await closed(page.studio, one.id)).reason == "The clip was deleted."
    await page.studio.generations.remember(page.clip.id)
    page.plug_in()
    await page.settled()
    assert captions(page.folder) == ["One"]


async def test_a_draft_that_is_deleted_and_comes_back_is_on_no_page(page: Page) -> None:
    await page.shows("One")
    page.unplug()
    await page.desk.unpublish([page.clip.id])
    await page.delete()
    await page.studio.generations.remember(page.clip.id)
    page.plug_in()
    assert len(await page.settled()) == 1
    assert captions(page.folder) == []


async def test_a_clip_whose_try_was_killed_after_the_page_was_written_leaves_it(
    tmp_path: Path,
) -> None:
    async with a_page(tmp_path / "gallery", is_begun=False) as page:
        desk = page.desk
        made, _planned = await desk.repository.publish([page.wish("One")])
        one, attempt = await desk.repository.begin(made[0].id)
        assert attempt is not None
        await desk.repository.mark_sending(attempt, is_harmless=True)
        clip = await page.studio.generations.get(page.clip.id)
        await GalleryPublisher(page.folder).send(parcel_of(clip, one.uuid), lambda _a, _b: None)
        assert captions(page.folder) == ["One"]
        # killed here; at the next start the disk is not there
        page.unplug()
        await desk.resume()

        async def waits() -> bool:
            now = await desk.delivery(one.id)
            return now.state is D.WAITING and now.attempts == 2

        await eventually(waits)
        await desk.unpublish([page.clip.id])
        assert (await closed(page.studio, one.id)).reason == "Unpublished."
        page.plug_in()
        await eventually(page.all_removed)
        assert captions(page.folder) == []


@pytest.mark.parametrize("is_killed", [False, True])
async def test_one_that_was_being_sent_when_it_was_unpublished_is_not_tried_again(
    tmp_path: Path, is_killed: bool
) -> None:
    async with a_page(tmp_path / "gallery", is_begun=False) as page:
        store = page.desk.repository
        made, _planned = await store.publish([page.wish("One")])
        one, attempt = await store.begin(made[0].id)
        assert attempt is not None
        await store.unpublish([page.clip.id])
        if is_killed:
            (one,) = await store.recover()
        else:
            one = await store.end(one.id, attempt, D.WAITING, outcome="not taken now")
        assert (one.state, one.reason) == (D.CANCELLED, "Unpublished.")


async def test_one_that_is_published_again_while_it_is_being_sent_stays(tmp_path: Path) -> None:
    async with a_page(tmp_path / "gallery", is_begun=False) as page:
        store = page.desk.repository
        (first,), _planned = await store.publish([page.wish("One")])
        await store.begin(first.id)
        await store.unpublish([page.clip.id])
        (second,), _planned = await store.publish([page.wish("Two")])
        assert second.id != first.id
        await page.desk.resume()
        found = await page.settled()
        assert [(one.state, one.removed_at) for one in found] == [(D.DELIVERED, None)] * 2
        assert captions(page.folder) == ["Two"]


async def test_one_that_failed_is_not_repeated_for_a_clip_that_is_unpublished_since(
    page: Page,
) -> None:
    (page.folder / "mine.txt").write_text("A folder of mine")
    await page.desk.publish([page.wish("One")])
    one = await closed(page.studio, (await page.desk.deliveries())[0].id)
    assert one.state is D.FAILED
    await page.desk.unpublish([page.clip.id])
    (page.folder / "mine.txt").unlink()
    with pytest.raises(ValueError, match="not published any more"):
        await page.desk.again(one.id)
    await page.settled()
    assert list(page.folder.iterdir()) == []
    # published again, it may be
    await page.desk.publish([PublishWish(page.clip.id)])
    await page.desk.again(one.id)
    found = await page.settled()
    assert [(found[0].state, found[0].removed_at)] == [(D.DELIVERED, None)]
    assert captions(page.folder) == ["One"]


async def test_what_was_taken_away_there_is_not_brought_back_by_new_words(page: Page) -> None:
    await page.shows("One")
    newest = await page.shows("Two")
    await page.desk.remove_there(newest.id)
    assert captions(page.folder) == []
    await page.desk.publish([PublishWish(page.clip.id, "Three")])
    found = await page.settled()
    assert len(found) == 2
    assert all(one.removed_at for one in found)
    assert captions(page.folder) == []
    # asked for by name it is there again
    await page.shows("Four")
