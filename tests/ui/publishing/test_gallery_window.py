"""A gallery shows what is published with its words of now, whatever part of the window they come from."""

from __future__ import annotations

from pathlib import Path

from tests.ui.publishing.conftest import Desk, until
from tests.ui.window.test_details_window import read
from veo_studio.core.models import Generation
from veo_studio.core.publishing.gallery_list import LIST_NAME
from veo_studio.core.publishing.gallery_list import read as read_list
from veo_studio.core.publishing.models import PublishWish, TargetKind, TargetWish


def captions(folder: Path) -> list[str]:
    """Of the page, the newest first."""
    path = folder / LIST_NAME
    if not path.exists():
        return []
    return [one.caption for one in read_list(path.read_bytes()).newest_first()]


async def shown(desk: Desk, folder: Path, count: int = 1) -> list[Generation]:
    """So many clips that are published there, the oldest first."""
    folder.mkdir()
    core = desk.studio.publishing
    target = await core.add_target("Page", TargetKind.GALLERY, {"folder": str(folder)}, {})
    clips = await desk.clips(count)
    for number, clip in enumerate(clips, 1):
        words = f"Words {number}"
        await core.publish([PublishWish(clip.id, words, targets=(TargetWish(target.id),))])
    wanted = [f"Words {number}" for number in range(count, 0, -1)]
    await until(lambda: captions(folder) == wanted)
    return await desk.now([one.id for one in clips])


async def test_a_caption_that_is_edited_in_explore_reaches_the_gallery(
    desk: Desk, tmp_path: Path
) -> None:
    (clip,) = await shown(desk, tmp_path / "gallery")
    window, asking = desk.driver.window, desk.publishing.asking
    window.pages.show("explore")
    window.exploring.view.caption_requested.emit(clip)
    await until(lambda: asking.dialog is not None and asking.dialog.model.is_read)
    dialog = asking.dialog
    assert dialog is not None
    assert dialog.clip is not None
    dialog.clip.caption.setPlainText("Other words")
    await desk.accept(dialog)
    await until(lambda: captions(tmp_path / "gallery") == ["Other words"])
    (now,) = await desk.now([clip.id])
    assert now.published_at == clip.published_at


async def test_a_caption_that_is_typed_into_the_details_reaches_the_gallery(
    desk: Desk, tmp_path: Path
) -> None:
    (clip,) = await shown(desk, tmp_path / "gallery")
    window = desk.driver.window
    window.pages.show("library")
    view, pane = window.library_tools.view, window.library_tools.details.pane
    assert pane is not None
    await until(lambda: view.model.row_of(clip.id) is not None)
    view.select(clip.id)
    await read(pane, clip.id)
    pane.marks.caption.setPlainText("Other words")
    await until(lambda: captions(tmp_path / "gallery") == ["Other words"])
    (now,) = await desk.now([clip.id])
    assert now.published_at == clip.published_at


async def test_undo_of_unpublish_gives_back_the_place_in_feed_and_gallery(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "gallery"
    older, newer = await shown(desk, folder, 2)
    window = desk.driver.window
    window.requests.unpublish_requested.emit([older])
    await until(lambda: captions(folder) == ["Words 2"])
    await until(lambda: window.telling.last_undo() is not None)
    offer = window.telling.last_undo()
    assert offer is not None
    offer.action_button.click()
    await until(lambda: captions(folder) == ["Words 2", "Words 1"])
    now = await desk.now([older.id, newer.id])
    assert [one.published_at for one in now] == [older.published_at, newer.published_at]
    await desk.studio.publishing.undo_unpublish([older], now)
    assert await desk.now([older.id, newer.id]) == now, "once is enough"
