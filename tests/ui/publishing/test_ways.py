"""What a target does not take goes there another way: smaller, or as a link to a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtTest import QTest

from tests.publishing.scripted import Place, a_clip, a_target, plugged
from tests.ui.publishing.conftest import Desk, until
from veo_studio.core.publishing.models import TargetKind, Way


@pytest.fixture
def places() -> Iterator[tuple[Place, Place]]:
    """A channel and a store."""
    channel, store = Place(TargetKind.TELEGRAM), Place(TargetKind.S3)
    with plugged(channel, store):
        yield channel, store


async def test_a_refused_clip_is_published_once_a_way_is_chosen(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    options = {"folder": str(tmp_path / "page")}
    target = await desk.studio.publishing.add_target("The page", TargetKind.GALLERY, options, {})
    (fine,) = await desk.clips()
    assert fine.video_path is not None
    # as an editor exports it
    other = tmp_path / "boat.avi"
    other.write_bytes(fine.video_path.read_bytes())
    refused = await a_clip(desk.studio, video_path=str(other))
    dialog = await desk.open_publish([fine, refused])
    assert dialog.targets is not None
    row = dialog.targets.rows[target.id]
    row.tick.click()
    await until(lambda: bool(row.refusal.text()))
    assert row.refusal.text() == "Browsers do not show AVI files. (1 of 2 clips)"
    assert dialog.problem.text() == "Choose how The page gets what it does not take."
    assert not dialog.yes.isEnabled()
    (smaller,) = row.ways.buttons
    assert smaller.text() == "A smaller copy"
    smaller.click()
    assert dialog.yes.isEnabled()
    # only what is refused travels otherwise
    first, second = dialog.model.wishes()
    assert [wish.way for wish in (*first.targets, *second.targets)] == [Way.AS_IS, Way.SMALLER]
    row.tick.click()
    assert row.refusal.isHidden()
    assert dialog.yes.isEnabled()
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)


async def test_a_link_to_a_store_can_be_chosen_where_links_are_taken(
    desk: Desk, places: tuple[Place, Place]
) -> None:
    channel, store = places
    first = await a_target(desk.studio, channel, "Boats")
    second = await a_target(desk.studio, store, "Attic")
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.clip is not None
    assert dialog.targets is not None
    QTest.keyClicks(dialog.clip.caption, "By link")
    row = dialog.targets.rows[first.id]
    row.tick.click()
    await until(lambda: not row.ways.isHidden())
    assert row.ways.value is Way.AS_IS
    next(one for one in row.ways.buttons if one.option.value is Way.LINK).click()
    assert not row.store.isHidden()
    (wish,) = dialog.model.wishes()
    (target,) = wish.targets
    assert (target.way, target.link_target_id) == (Way.LINK, second.id)
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)
