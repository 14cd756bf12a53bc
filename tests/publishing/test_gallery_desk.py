"""A gallery follows the studio: published, new words, unpublished, a new title, back again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from tests.publishing.scripted import a_clip, closed, eventually, money, studio_with
from veo_studio.core.publishing.gallery_list import LIST_NAME, read
from veo_studio.core.publishing.models import (
    DeliveryState,
    PublishWish,
    TargetKind,
    TargetWish,
)


def captions(folder: Path) -> list[str]:
    return [one.caption for one in read((folder / LIST_NAME).read_bytes()).newest_first()]


def has(folder: Path, words: str) -> Callable[[], bool]:
    return lambda: words in (folder / "index.html").read_text()


async def test_the_page_follows_what_is_published(tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    async with studio_with() as studio:
        desk = studio.publishing
        await desk.resume()
        target = await desk.add_target(
            "Page", TargetKind.GALLERY, {"folder": str(folder), "title": "Boats"}, {}
        )
        first, second = await a_clip(studio, "A boat"), await a_clip(studio, "A kite")
        before = money()
        to = (TargetWish(target.id),)
        for clip, words in ((first, "First words"), (second, "A kite")):
            await desk.publish([PublishWish(clip.id, words, targets=to)])
        for delivery in await desk.deliveries():
            done = await desk.wait(delivery.id)
            assert done.state is DeliveryState.DELIVERED
            assert done.receipt is not None
            assert done.receipt.facts["path"] == str(folder / "index.html")
        assert captions(folder) == ["A kite", "First words"]

        await desk.publish([PublishWish(first.id, "Second words")])
        await eventually(lambda: captions(folder) == ["A kite", "Second words"])
        await eventually(has(folder, "Second words"))

        await desk.unpublish([second.id])
        await eventually(lambda: captions(folder) == ["Second words"])

        await desk.change_target(target.id, options={"folder": str(folder), "title": "Ships"})
        assert has(folder, "<title>Ships</title>")()

        await desk.publish([PublishWish(second.id, "Again", targets=to)])
        await eventually(lambda: captions(folder) == ["Again", "Second words"])

        # an unplugged disk keeps nobody from changing the target
        await eventually(lambda: has(folder, "Again")())
        open_ones = [one for one in await desk.deliveries() if one.state.is_open]
        await asyncio.gather(*(desk.wait(one.id) for one in open_ones))
        away = folder.rename(tmp_path / "unplugged")
        changed = await desk.change_target(
            target.id, options={"folder": str(folder), "title": "Away"}
        )
        assert changed.options["title"] == "Away"
        away.rename(folder)
        assert "<title>Ships</title>" in (folder / "index.html").read_text()
        # only publishing touches the library; states, charges and wallet are as they were
        assert _without_library(money()) == _without_library(before)


async def test_words_that_are_changed_in_the_library_come_to_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    async with studio_with() as studio:
        desk = studio.publishing
        await desk.resume()
        target = await desk.add_target("Page", TargetKind.GALLERY, {"folder": str(folder)}, {})
        clip, draft = await a_clip(studio, "A boat"), await a_clip(studio, "A kite")
        await desk.publish([PublishWish(clip.id, "First", targets=(TargetWish(target.id),))])
        (one,) = await desk.deliveries()
        await closed(studio, one.id)
        await studio.library.set_caption(clip.id, "Second")
        await eventually(has(folder, "Second"))
        await studio.library.add_tags([clip.id, draft.id], ["harbour"])
        await eventually(has(folder, "harbour"))
        await studio.library.change_tags([clip.id, draft.id], [], ["harbour"])
        await eventually(lambda: not has(folder, "harbour")())
        assert {each.generation_id for each in await desk.deliveries()} == {clip.id}


async def test_who_ends_after_unpublishing_waits_until_it_is_off_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    async with studio_with() as studio:
        desk = studio.publishing
        target = await desk.add_target("Page", TargetKind.GALLERY, {"folder": str(folder)}, {})
        clip = await a_clip(studio)
        to = (TargetWish(target.id),)
        await desk.publish([PublishWish(clip.id, "A boat", targets=to)])
        (one,) = await desk.deliveries()
        await closed(studio, one.id)
        away = folder.rename(tmp_path / "unplugged")
        await desk.unpublish([clip.id])
        assert [left.id for left in await desk.taken_away([clip.id])] == [one.id]
        assert await desk.taken_away([clip.id + 1]) == []
    async with studio_with(is_scheduler=False) as guest:
        # it is another one's work
        assert await guest.publishing.taken_away() == []
    away.rename(folder)
    assert captions(folder) == ["A boat"]
    async with studio_with() as studio:
        assert await studio.publishing.taken_away() == []
    assert captions(folder) == []


def _without_library(text: str) -> dict[str, object]:
    rows: dict[str, object] = json.loads(text)
    return {name: rows[name] for name in rows if name not in ("generations", "library")}
