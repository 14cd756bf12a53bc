"""The Explore tab in the real window: real clips play in its cards, one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from tests.ui.parts.timed_clips import files_held, timed_clip
from tests.ui.waiting import becomes
from tests.ui.window.conftest import running
from tests.ui.window.feed_clips import FeedDriver, fill
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.paths import Paths
from veo_studio.core.publishing.models import MAX_CAPTION_LENGTH, PublishWish
from veo_studio.core.settings import Settings

COUNT = 8


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return timed_clip(tmp_path_factory.mktemp("feed") / "clip.mp4", size=(320, 180))


@pytest.fixture
async def feed(
    qapp: QApplication, paths: Paths, clip: Path, no_task_left: None
) -> AsyncIterator[FeedDriver]:
    """Eight published clips in one column, the newest at the top, before the tab was shown."""
    fill(paths, clip, COUNT)
    settings = Settings.load(paths.settings)
    # whatever the system of this machine wishes
    settings.window_state["feed_plays"] = "1"
    settings.save(paths.settings)
    async with running(paths, width=800, height=640) as made:
        yield FeedDriver(made)


def held(paths: Paths) -> set[Path]:
    """The clips that are open in this process."""
    return {
        path for path in files_held() if path.suffix == ".mp4" and paths.outputs in path.parents
    }


async def test_the_card_that_is_seen_plays_and_no_other(feed: FeedDriver, paths: Paths) -> None:
    await feed.open(COUNT)
    view = feed.view
    assert [feed.id_at(row) for row in range(COUNT)] == list(range(COUNT, 0, -1))
    assert view.list.cells.measures.columns == 1
    first = feed.card(0)
    assert first is not None
    assert first.caption == f"Caption {first.id}"
    await feed.until_playing(first.id)
    assert held(paths) == {first.video_path}
    # a little of it has left: it goes on
    bar = view.list.verticalScrollBar()
    bar.setValue(view.list.picture_rect(0).height() // 4)
    assert view.autoplay.playing_id == first.id
    # most of it has left: it stops at once, and the next one begins when the list rests
    bar.setValue(view.list.picture_rect(0).height() * 3 // 4)
    assert view.autoplay.playing_id is None
    second = feed.card(1)
    assert second is not None
    await feed.until_playing(second.id)
    assert held(paths) == {second.video_path}
    feed.scroll_to(5)
    assert view.autoplay.playing_id is None
    await feed.until_playing(feed.id_at(5))
    assert len(held(paths)) == 1


async def test_nothing_plays_behind_anything(feed: FeedDriver, paths: Paths) -> None:
    await feed.open(COUNT)
    newest = feed.id_at(0)
    await feed.until_playing(newest)
    feed.window.pages.show("library")
    await feed.until_playing(None)
    assert not held(paths) - {feed.window.player.path}
    feed.window.pages.show("explore")
    await feed.until_playing(newest)
    feed.window.setWindowState(Qt.WindowState.WindowMinimized)
    await feed.until_playing(None)
    feed.window.setWindowState(Qt.WindowState.WindowNoState)
    await feed.until_playing(newest)
    dialog = QDialog(feed.window)
    dialog.setModal(True)
    dialog.open()
    await feed.until_playing(None)
    dialog.close()
    dialog.deleteLater()
    await feed.until_playing(newest)
    # the switch, which is remembered
    feed.driver.click(feed.view.plays, feed.view.plays.rect().bottomLeft() / 2)
    await feed.until_playing(None)
    assert feed.window.exploring._settings.window_state["feed_plays"] == "0"


async def test_a_click_opens_the_viewer_and_arrows_walk(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    await feed.until_playing(feed.id_at(0))
    view, player = feed.view, feed.window.player
    assert not view.viewer.isVisible()
    feed.click(0)
    assert view.viewer.isVisible()
    assert view.autoplay.playing_id is None
    await feed.until(lambda: player.is_playing)
    assert player.generation is not None
    assert player.generation.id == feed.id_at(0)
    assert not player.is_muted
    assert view.viewer.caption.text == f"Caption {feed.id_at(0)}"
    assert view.viewer.place.text() == f"1 of {COUNT}"
    assert not view.viewer.before.isEnabled()
    assert player.hasFocus()
    for key, number in ((Qt.Key.Key_Right, 2), (Qt.Key.Key_Down, 3), (Qt.Key.Key_Left, 2)):
        QTest.keyClick(player, key)
        assert view.viewer.place.text() == f"{number} of {COUNT}"
        assert player.generation.id == feed.id_at(number - 1)
    await feed.until(lambda: player.is_playing)
    assert view.autoplay.playing_id is None
    QTest.keyClick(player, Qt.Key.Key_Escape)
    assert not view.viewer.isVisible()
    assert not player.is_playing
    assert view.list.hasFocus()
    assert view.list.currentIndex().row() == 1
    await feed.until_playing(feed.id_at(1))
    # and by keys alone
    for wanted in (view.plays, view.list):
        feed.window.commands.cycle(1)
        assert wanted.hasFocus()
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    QTest.keyClick(view.list, Qt.Key.Key_Return)
    assert view.viewer.place.text() == f"3 of {COUNT}"
    for widget in (view.viewer.back, player):
        feed.window.commands.cycle(1)
        assert widget.hasFocus()
    feed.window.pages.show("library")
    assert not player.is_playing
    assert feed.window.library.side.isAncestorOf(player)


async def test_the_viewer_waits_while_the_window_is_out_of_sight(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    view, window, player = feed.view, feed.window, feed.window.player
    player.set_looping(True)
    feed.click(0)
    await feed.until(lambda: player.is_playing)
    window.setWindowState(Qt.WindowState.WindowMinimized)
    await feed.until(lambda: not player.is_playing)
    # what begins meanwhile waits as well
    view.walk(1)
    assert player.generation is not None
    assert player.generation.id == feed.id_at(1)
    await feed.until(lambda: not player.is_playing)
    window.setWindowState(Qt.WindowState.WindowNoState)
    await feed.until(lambda: player.is_playing)
    dialog = QDialog(window)
    dialog.setModal(True)
    dialog.open()
    await feed.until(lambda: not player.is_playing)
    dialog.close()
    await feed.until(lambda: player.is_playing)
    # what stood still before goes on standing still
    player.pause()
    dialog.open()
    dialog.close()
    dialog.deleteLater()
    assert not player.is_playing
    assert view.viewer.isVisible()


async def test_keys_of_the_viewer_work_on_its_buttons(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    feed.click(0)
    viewer, player = feed.view.viewer, feed.window.player
    number = 1
    for button in (viewer.back, viewer.after):
        for key, step in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Left, -1)):
            button.setFocus()
            QTest.keyClick(button, key)
            number += step
            assert viewer.place.text() == f"{number} of {COUNT}"
            assert button.hasFocus()
    # a button at the end of the feed gives the keyboard to the player
    for button in (viewer.after, viewer.before):
        button.setFocus()
        for _ in range(COUNT):
            if button.isEnabled():
                QTest.keyClick(button, Qt.Key.Key_Space)
        assert not button.isEnabled()
        assert player.hasFocus()
    viewer.after.setFocus()
    QTest.keyClick(viewer.after, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


async def test_the_viewer_is_closed_when_another_page_takes_its_player(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    view, window, player = feed.view, feed.window, feed.window.player
    studio = feed.driver.program.studio
    assert studio is not None
    draft, shown = feed.id_at(1), feed.id_at(0)
    await studio.publishing.unpublish([draft])
    await feed.until(lambda: view.model.rowCount() == COUNT - 1)

    def plays(generation_id: int) -> bool:
        return player.generation is not None and player.generation.id == generation_id

    feed.click(0)
    await feed.until(lambda: player.is_playing and plays(shown))
    window.pages.show("drafts")
    drafts = window.drafts.page
    await feed.until(lambda: drafts.model.is_loaded and drafts.model.row_of(draft) is not None)
    drafts.select(draft)
    await feed.until(lambda: plays(draft))
    # the draft that is in the player now is not shown under the words of another clip
    window.pages.show("explore")
    assert not view.viewer.isVisible()
    feed.click(0)
    await feed.until(lambda: player.is_playing and plays(shown))
    assert view.viewer.place.text() == f"1 of {COUNT - 1}"
    # and beside the drafts it shows what is selected there
    window.pages.show("drafts")
    await feed.until(lambda: plays(draft))
    assert not player.is_playing


async def test_its_file_is_let_go_of_before_it_is_deleted(feed: FeedDriver, paths: Paths) -> None:
    await feed.open(COUNT)
    doomed = feed.card(0)
    assert doomed is not None
    assert doomed.video_path is not None
    await feed.until_playing(doomed.id)
    seen = []
    feed.window.requests.delete_requested.connect(lambda _chosen: seen.append(held(paths)))
    view = feed.view
    view.select(doomed.id)
    QTest.keyClick(view.list, Qt.Key.Key_Delete)
    await feed.until(lambda: view.model.rowCount() == COUNT - 1)
    assert seen == [set()]
    assert not doomed.video_path.exists()
    await feed.until_playing(feed.id_at(0))
    # others that move files say so, too; it is not opened again before that has happened
    moved = feed.card(0)
    assert moved is not None
    feed.window.requests.files_leaving.emit([moved])
    assert not held(paths)
    assert view.autoplay.best() != 0
    studio = feed.driver.program.studio
    assert studio is not None
    studio.events.emit(GenerationEvent(EventKind.UPDATED, moved))
    assert view.autoplay.best() == 0
    await feed.until_playing(moved.id)


async def test_publishing_is_seen_at_once_and_unpublishing_too(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    view = feed.view
    studio = feed.driver.program.studio
    assert studio is not None
    gone = feed.id_at(1)
    await studio.publishing.unpublish([gone])
    await feed.until(lambda: view.model.row_of(gone) is None)
    await studio.publishing.publish([PublishWish(gone, caption="Back again", cover_at_s=0.4)])
    await feed.until(lambda: view.model.row_of(gone) == 0)
    await feed.until(lambda: feed.card(0) is not None)
    one = feed.card(0)
    assert one is not None
    assert one.caption == "Back again"
    cover = studio.thumbnails.path_for(one.uuid, 0.4)
    view.list.scrollToTop()
    # another process makes it
    await feed.until(cover.exists, timeout_s=120)
    await feed.until(lambda: view.total.text() == f"{COUNT} clips")


async def test_a_clip_that_cannot_play_keeps_its_cover(feed: FeedDriver, paths: Paths) -> None:
    await feed.open(COUNT)
    view = feed.view
    bad = feed.card(3)
    assert bad is not None
    assert bad.video_path is not None
    bad.video_path.write_bytes(b"no clip any more" * 1000)
    feed.scroll_to(3)
    failed = view.autoplay.playback.failed
    await becomes(lambda: bad.id in view.autoplay._bad, failed)
    assert not view.list.card.is_playing
    feed.scroll_to(4)
    await feed.until_playing(feed.id_at(4))
    feed.scroll_to(3)
    assert view.autoplay.best() != 3


async def test_what_can_be_done_with_a_card(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    view, window = feed.view, feed.window
    view.select(feed.id_at(0))
    one = feed.card(0)
    assert one is not None
    words = {
        action.text().replace("&", "").partition("\t")[0]
        for action in view.actions_for([one])
        if action is not None
    }
    assert {"Play", "Edit caption…", "Deliver to…", "Unpublish", "Show in the library"} <= words
    assert {"Copy caption", "Copy path", "Show in folder", "Delete"} <= words
    # the window's own menu speaks of the same clips
    assert window.library_tools.clips_view is view
    view.copy_caption(one)
    assert QApplication.clipboard().text() == one.caption
    view.library_requested.emit(one)
    await feed.until(lambda: window.pages.current == "library")
    await feed.until(
        lambda: [chosen.id for chosen in window.library_tools.view.selected()] == [one.id]
    )


async def test_the_caption_of_a_card_is_edited(feed: FeedDriver) -> None:
    await feed.open(COUNT)
    view, one = feed.view, feed.card(0)
    assert one is not None
    view.caption_requested.emit(one)
    asking = feed.window.publishing.asking
    await feed.until(lambda: asking.dialog is not None and asking.dialog.model.is_read)
    dialog = asking.dialog
    assert dialog is not None
    assert dialog.clip is not None
    words = dialog.clip.caption
    assert words.toPlainText() == one.caption
    words.setPlainText("x" * (MAX_CAPTION_LENGTH + 1))
    assert not dialog.yes.isEnabled()
    words.setPlainText("<b>Foxes</b> at night")
    dialog.yes.click()
    await feed.until(lambda: asking.dialog is None)

    def is_shown() -> bool:
        card = feed.card(0)
        return card is not None and card.caption == "<b>Foxes</b> at night"

    await feed.until(is_shown)


async def test_an_empty_feed_says_what_to_do(
    qapp: QApplication, paths: Paths, no_task_left: None
) -> None:
    async with running(paths) as driver:
        feed = FeedDriver(driver)
        await feed.open(0)
        await feed.until(lambda: feed.view.empty.isVisible())
        assert "Nothing is published yet" in feed.view.empty.text
        feed.driver.click(feed.view.empty.button)
        assert feed.window.pages.current == "drafts"
