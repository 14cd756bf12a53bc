"""The Drafts tab: what is there, what leaves it by its state alone, and what is done with a selection."""

from __future__ import annotations

import asyncio
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from tests.core.studios import omni, scripted_google
from tests.faults.google import done
from tests.faults.google import failed as failed_there
from tests.ui.drafts.conftest import DraftsDriver
from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import running
from tests.ui.window.shown_library import BOAT, FOX, KITE, LAMP
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.publishing.drafts import DraftState
from veo_studio.core.publishing.models import PublishWish
from veo_studio.ui.view_models.publish_when import moment_words
from veo_studio.ui.views.publish_dialog import PublishDialog
from veo_studio.ui.window_pages import DRAFTS, FORMS


async def test_publishing_takes_a_clip_away_by_its_state_alone(drafts: DraftsDriver) -> None:
    assert drafts.prompts == [LAMP, KITE, BOAT, FOX]
    assert drafts.counts == {DraftState.READY: 4}
    kite = next(one for one in drafts.rows if one.prompt == KITE)
    desk = drafts.studio.publishing
    await desk.publish([PublishWish(kite.id, caption="Up and away")])
    await drafts.until(lambda: drafts.prompts == [LAMP, BOAT, FOX])
    await drafts.until(lambda: drafts.counts == {DraftState.READY: 3})
    foot = drafts.page.foot.words
    assert foot.text == "3 clips and pictures"
    await desk.unpublish([kite.id])
    await drafts.until(lambda: drafts.prompts == [LAMP, KITE, BOAT, FOX])
    await drafts.until(lambda: drafts.counts == {DraftState.READY: 4})
    assert foot.text == "4 clips and pictures"
    # the last of a state leaves nothing behind
    await desk.publish([PublishWish(one.id) for one in drafts.rows])
    await drafts.until(lambda: drafts.page.empty.isVisible() and not drafts.counts)
    assert foot.text == ""


async def test_the_library_filters_what_is_published(drafts: DraftsDriver) -> None:
    kite = next(one for one in drafts.rows if one.prompt == KITE)
    await drafts.studio.publishing.publish([PublishWish(kite.id)])
    drafts.window.acts.tabs[3].trigger()
    view = drafts.window.library
    menu, model = view.bar.menu, view.model
    for words, expected in (("&Published", [KITE]), ("Dr&afts", [LAMP, BOAT, FOX])):
        menu.fill()
        next(one for one in menu.actions() if one.text() == words).trigger()

        def prompts() -> list[str | None]:
            found = (model.generation(model.index(n, 0)) for n in range(model.rowCount()))
            return [one.prompt if one is not None else None for one in found]

        await becomes(
            lambda prompts=prompts, expected=expected: prompts() == expected,  # type: ignore[misc]
            model.modelReset, model.dataChanged, model.rowsInserted, model.rowsRemoved,
        )  # fmt: skip
        assert [one.text() for one in view.bar.chips.chips] == [words.replace("&", "")]


async def test_a_planned_draft_says_when(drafts: DraftsDriver) -> None:
    kite = next(one for one in drafts.rows if one.prompt == KITE)
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    desk, model = drafts.studio.publishing, drafts.page.drafts
    await desk.publish([PublishWish(kite.id, at=due)])
    await drafts.until(lambda: model.planned_at(kite.id) == due)
    row = drafts.page.model.index_of(kite.id)
    for role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
        assert f"planned for {moment_words(due)}" in row.data(role), role
    assert KITE in drafts.prompts, "it is a draft until then"
    drafts.page.grab()  # painted with its pill
    (schedule,) = await desk.schedules()
    await desk.cancel_schedule(schedule.id)
    await drafts.until(lambda: model.planned_at(kite.id) is None)


async def test_what_is_selected_is_deleted_and_comes_back(drafts: DraftsDriver) -> None:
    drafts.choose(KITE, FOX)
    assert drafts.page.foot.words.text == "2 selected"
    drafts.press(Qt.Key.Key_Delete)
    await drafts.until(lambda: drafts.prompts == [LAMP, BOAT])
    await drafts.until(lambda: drafts.counts == {DraftState.READY: 2})
    await drafts.until(lambda: drafts.notices == ["2 clips moved to the trash."])
    (notice,) = drafts.page.notices.notices
    drafts.driver.click(notice.action_button)
    await drafts.until(lambda: drafts.prompts == [LAMP, KITE, BOAT, FOX])


async def test_chips_and_search_filter_and_the_way_back_is_one_click(drafts: DraftsDriver) -> None:
    page = drafts.page
    drafts.driver.click(page.bar.chips[DraftState.FAILED])
    await drafts.until(lambda: page.stack.currentWidget() is page.empty)
    assert page.empty.text == "No draft is like this."
    drafts.driver.click(page.empty.button)
    await drafts.until(lambda: drafts.prompts == [LAMP, KITE, BOAT, FOX])
    assert page.bar.all.isChecked()
    drafts.window.acts.focus_search.trigger()
    assert page.bar.search.hasFocus()
    QTest.keyClicks(page.bar.search, "paper")
    await drafts.until(lambda: drafts.prompts == [BOAT])
    QTest.keyClick(page.bar.search, Qt.Key.Key_Down)
    assert page.grid.hasFocus()
    assert [one.prompt for one in page.selected()] == [BOAT]


async def test_publish_asks_for_all_that_is_selected(drafts: DraftsDriver) -> None:
    assert not drafts.page.foot.publish.isEnabled(), "nothing is selected"
    drafts.choose(KITE, BOAT)
    asked: list[list[str]] = []
    drafts.window.requests.publish_requested.connect(
        lambda chosen: asked.append([one.prompt for one in chosen])
    )
    opening = Opening(PublishDialog)
    drafts.press(Qt.Key.Key_P)
    dialog = cast(QDialog, await asyncio.wait_for(opening.shown, 20.0))
    assert asked == [[KITE, BOAT]]
    dialog.reject()
    await becomes(lambda: not dialog.isVisible())


async def test_the_selection_is_written_into_one_zip_file(
    drafts: DraftsDriver, tmp_path: Path
) -> None:
    drafts.choose(KITE, FOX)
    chosen = drafts.page.selected()
    path = tmp_path / "two.zip"
    await drafts.window.drafts.zipping.write(chosen, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for one in chosen:
            assert one.video_path is not None
            assert archive.read(one.video_path.name) == one.video_path.read_bytes()
    bar = drafts.window.drafts.zipping.bar
    assert bar is not None
    assert not bar.isVisible()
    assert drafts.notices[-1].startswith("2 clips are in two.zip (")


async def test_opening_one_shows_it_beside_the_drafts(drafts: DraftsDriver) -> None:
    drafts.choose(KITE)
    drafts.use("open")
    player = drafts.window.player
    await becomes(
        lambda: player.generation is not None and player.generation.prompt == KITE,
        player.sources.picture_changed,
    )
    assert drafts.window.pages.current == DRAFTS
    assert drafts.page.side.isAncestorOf(player)
    assert player.isVisible()
    drafts.window.acts.tabs[0].trigger()
    assert drafts.window.pages.current == FORMS
    assert not drafts.page.side.isAncestorOf(player)


async def test_a_failed_one_is_tried_again_and_paid_once(
    qapp: QApplication, paths: Paths, monkeypatch: pytest.MonkeyPatch, no_task_left: None
) -> None:
    async with scripted_google(monkeypatch) as server, running(paths) as driver:
        drafts = DraftsDriver(driver)
        await drafts.open()
        assert drafts.page.empty.text.startswith("No drafts. ")
        before = await drafts.studio.wallet.balance()
        server.poll_default = failed_there("INTERNAL", "It came to nothing.")
        (first,) = await drafts.studio.queue.enqueue([omni()])
        await drafts.studio.queue.wait(first.id)
        await drafts.until(lambda: drafts.counts == {DraftState.FAILED: 1})
        await drafts.until(lambda: drafts.states == [GenerationState.FAILED])
        assert await drafts.studio.wallet.balance() == before, "a failed one costs nothing"
        server.poll_default = done
        drafts.choose(first.prompt)
        drafts.use("retry")
        key = f"price:{first.id}"
        await drafts.until(lambda: drafts.page.notices.notice(key) is not None)
        offer = drafts.page.notices.notice(key)
        assert offer is not None
        assert offer.text.endswith(" again costs 10 tokens · about $0.07.")
        driver.click(offer.action_button)
        await drafts.until(lambda: drafts.counts == {DraftState.FAILED: 1, DraftState.READY: 1})
        assert await drafts.studio.wallet.balance() == before - 10
        # once more: the one that came is not paid for a second time
        drafts.page.select(first.id)
        drafts.use("retry")
        words = "It was tried again already, and that one is ready."
        await drafts.until(lambda: words in drafts.notices)
        assert await drafts.studio.wallet.balance() == before - 10
        assert len(server.submits) == 2
        both = [GenerationState.COMPLETED, GenerationState.FAILED]
        await drafts.until(lambda: drafts.states == both)


async def test_caption_and_tags_are_told_first(drafts: DraftsDriver) -> None:
    kite = next(one for one in drafts.rows if one.prompt == KITE)
    desk, model = drafts.studio.publishing, drafts.page.model
    await desk.publish([PublishWish(kite.id, "Up & away", ["sky", "red"])])
    await desk.unpublish([kite.id])
    await drafts.until(lambda: any(one.caption == "Up & away" for one in drafts.rows))
    row = model.index_of(kite.id)
    spoken = row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith(f"Up & away, tags: red, sky, {KITE}, ")
    tip = row.data(Qt.ItemDataRole.ToolTipRole)
    assert tip.index("Up") < tip.index("tags: ") < tip.index(KITE)


async def test_after_publishing_with_the_button_the_focus_is_among_the_drafts(
    drafts: DraftsDriver,
) -> None:
    drafts.choose(KITE)
    drafts.page.foot.buttons["publish"].setFocus()
    opening = Opening(PublishDialog)
    drafts.use("publish")
    dialog = cast(PublishDialog, await asyncio.wait_for(opening.shown, 20.0))
    await drafts.until(lambda: dialog.yes.isEnabled())
    dialog.yes.click()
    await drafts.until(lambda: KITE not in drafts.prompts)
    await drafts.until(lambda: any("Published" in words for words in drafts.notices))
    window, grid = drafts.window, drafts.page.grid
    await drafts.until(lambda: window.focusWidget() is grid)
