"""Publishing through the dialog: with and without targets, now and later, one clip and several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PyQt6.QtCore import QDate, QPoint, QTime
from PyQt6.QtGui import QFont
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from tests.publishing.scripted import eventually
from tests.ui.publishing.conftest import Desk, type_into, until
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.publishing.models import DeliveryState, TargetKind
from veo_studio.ui import theme
from veo_studio.ui.views.publish_moment import MomentEdit


async def test_without_a_target_a_clip_is_published_and_the_dialog_says_where(desk: Desk) -> None:
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.targets is not None
    assert "goes nowhere else" in dialog.targets.note.text()
    assert dialog.clip is not None
    QTest.keyClicks(dialog.clip.caption, "A boat in the rain")
    QTest.keyClicks(dialog.clip.tags, "rain, boat")
    assert dialog.clip.counter.text() == "18 / 2,200"
    await desk.accept(dialog)
    (now,) = await desk.now([clip.id])
    assert now.published_at is not None
    assert now.caption == "A boat in the rain"
    assert set(now.tags) == {"rain", "boat"}
    assert any("under Explore" in words for words in desk.notices)
    assert await desk.studio.publishing.deliveries() == []


async def test_a_caption_that_is_too_long_is_counted_and_refused(desk: Desk) -> None:
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.clip is not None
    dialog.clip.caption.setPlainText("x" * 2203)
    assert dialog.problem.text() == "The caption is 3 characters too long."
    assert not dialog.yes.isEnabled()
    dialog.clip.caption.setPlainText("x" * 2200)
    assert dialog.yes.isEnabled()
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)
    (now,) = await desk.now([clip.id])
    assert now.published_at is None


async def test_who_has_no_target_comes_to_one_and_back_with_what_was_typed(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "Shared & kept"
    folder.mkdir()
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.clip is not None
    assert dialog.targets is not None
    QTest.keyClicks(dialog.clip.caption, "Typed before")
    dialog.targets.new.click()
    targets = await desk.targets_dialog()
    page = await desk.new_target(targets, TargetKind.FOLDER)
    type_into(page, "targetName", "The share")
    type_into(page, "field-folder", str(folder))
    await desk.save_target(targets)
    await desk.close_targets(targets)
    await until(lambda: bool(dialog.model.targets))
    (target,) = dialog.model.targets
    row = dialog.targets.rows[target.id]
    assert row.tick.isChecked()
    assert row.tick.text() == "The share"
    assert dialog.clip.caption.toPlainText() == "Typed before"
    await desk.accept(dialog)
    (delivery,) = await desk.studio.publishing.deliveries()
    done = await desk.studio.publishing.wait(delivery.id)
    assert done.state is DeliveryState.DELIVERED
    (copy,) = folder.iterdir()
    assert clip.video_path is not None
    assert copy.read_bytes() == clip.video_path.read_bytes()
    await until(lambda: any("Delivered to The share" in words for words in desk.notices))


async def test_several_clips_have_their_own_words(desk: Desk) -> None:
    first, second = await desk.clips(2)
    dialog = await desk.open_publish([first, second])
    part = dialog.clip
    assert part is not None
    assert part.stepper.place.text() == "Clip 1 of 2"
    QTest.keyClicks(part.caption, "One")
    QTest.keyClicks(part.tags, "sea")
    part.stepper.on.click()
    assert part.stepper.place.text() == "Clip 2 of 2"
    assert part.caption.toPlainText() == ""
    QTest.keyClicks(part.caption, "Two")
    part.stepper.back.click()
    assert part.caption.toPlainText() == "One"
    await desk.accept(dialog)
    one, two = await desk.now([first.id, second.id])
    assert (one.caption, two.caption) == ("One", "Two")
    assert (one.tags, two.tags) == (("sea",), ())
    assert one.published_at is not None
    assert two.published_at is not None


async def test_the_same_words_go_to_all_at_a_click(desk: Desk) -> None:
    clips = await desk.clips(2)
    dialog = await desk.open_publish(clips)
    assert dialog.clip is not None
    QTest.keyClicks(dialog.clip.caption, "Both")
    QTest.keyClicks(dialog.clip.tags, "sea")
    dialog.clip.same.click()
    await desk.accept(dialog)
    for one in await desk.now([clip.id for clip in clips]):
        assert (one.caption, one.tags) == ("Both", ("sea",))


async def test_the_cover_is_found_by_scrubbing(desk: Desk) -> None:
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.clip is not None
    cover = dialog.clip.cover
    await until(lambda: not cover.image.isNull())
    assert cover.words.text() == "from the middle"
    middle = cover.image.copy()
    cover.slider.setValue(250)
    assert cover.words.text() == "at 0.25 s"
    await until(lambda: cover.image != middle)
    assert cover.image.size() == middle.size()
    await desk.accept(dialog)
    (now,) = await desk.now([clip.id])
    assert now.cover_at_s == 0.25


async def test_a_moment_that_is_over_is_refused_and_a_later_one_is_planned(desk: Desk) -> None:
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.moment is not None
    dialog.moment.later.click()
    assert dialog.yes.text() == "&Plan"
    assert dialog.yes.isEnabled()
    yesterday = (datetime.now() - timedelta(days=1)).replace(second=0, microsecond=0)
    _set(dialog.moment.at, yesterday)
    assert dialog.problem.text() == "This moment is over. Choose a later one."
    assert not dialog.yes.isEnabled()
    tomorrow = yesterday + timedelta(days=2)
    _set(dialog.moment.at, tomorrow)
    assert dialog.yes.isEnabled()
    assert "If the program is closed then" in dialog.moment.note.text()
    await desk.accept(dialog)
    (now,) = await desk.now([clip.id])
    assert now.published_at is None
    (plan,) = await desk.studio.publishing.schedules()
    assert plan.due_at == tomorrow.astimezone(UTC)
    assert any("Planned for" in words for words in desk.notices)


async def test_what_is_published_can_be_said_otherwise_and_goes_back_to_the_drafts(
    desk: Desk,
) -> None:
    (clip,) = await desk.clips()
    await desk.accept(await desk.open_publish([clip]))
    (published,) = await desk.now([clip.id])
    dialog = await desk.open_publish([published])
    assert dialog.targets is None
    assert dialog.moment is None
    assert dialog.clip is not None
    QTest.keyClicks(dialog.clip.caption, "Better words")
    await desk.accept(dialog)
    (said,) = await desk.now([clip.id])
    assert said.caption == "Better words"
    assert said.published_at == published.published_at
    desk.driver.window.requests.unpublish_requested.emit([said])
    # it was nowhere else, so nothing is said of other places
    await until(lambda: "Back in Drafts." in desk.notices)
    (draft,) = await desk.now([clip.id])
    assert draft.published_at is None
    assert draft.caption == "Better words"
    offer = desk.driver.window.telling.last_undo()
    assert offer is not None
    offer.action_button.click()
    await until(lambda: desk.driver.window.telling.last_undo() is None)
    assert await eventually(lambda: _is_published(desk, clip.id))


async def _is_published(desk: Desk, clip_id: int) -> bool:
    (now,) = await desk.now([clip_id])
    return now.published_at is not None


async def test_what_is_not_finished_is_left_out_and_nothing_at_all_is_said(desk: Desk) -> None:
    (clip,) = await desk.clips()
    unfinished = _unfinished(clip)
    desk.driver.window.requests.publish_requested.emit([unfinished])
    assert any("Only a finished clip" in words for words in desk.notices)
    assert desk.publishing.asking.dialog is None
    dialog = await desk.open_publish([clip, unfinished])
    assert len(dialog.model.clips) == 1
    assert "is not finished" in dialog.left_out.text()
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)


async def test_a_refusal_of_the_core_leaves_the_dialog_as_it_is(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    target = await desk.studio.publishing.add_target(
        "The share", TargetKind.FOLDER, {"folder": str(folder)}, {}
    )
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    assert dialog.clip is not None
    assert dialog.targets is not None
    QTest.keyClicks(dialog.clip.caption, "Still here")
    dialog.targets.rows[target.id].tick.click()
    # meanwhile, somewhere else
    await desk.studio.publishing.delete_target(target.id)
    dialog.yes.click()
    await until(lambda: bool(dialog.problem.text()))
    assert desk.publishing.asking.dialog is dialog
    assert dialog.clip.caption.toPlainText() == "Still here"
    (now,) = await desk.now([clip.id])
    assert now.published_at is None
    assert now.caption == ""
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)


async def test_a_tick_moves_nothing_under_the_pointer(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    target = await desk.studio.publishing.add_target(
        "The share", TargetKind.FOLDER, {"folder": str(folder)}, {}
    )
    dialog = await desk.open_publish(await desk.clips())
    assert dialog.targets is not None
    row = dialog.targets.rows[target.id]
    places = []
    for is_on in (row.tick.isChecked(), not row.tick.isChecked()):
        if row.tick.isChecked() != is_on:
            row.tick.click()
        dialog.grab()
        places.append(dialog.moment.mapTo(dialog, QPoint(0, 0)))
        assert ("as well" in dialog.targets.note.text()) == is_on
    assert places[0] == places[1]
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)


async def test_delivering_publishes_nothing(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    target = await desk.studio.publishing.add_target(
        "The share", TargetKind.FOLDER, {"folder": str(folder)}, {}
    )
    (clip,) = await desk.clips()
    dialog = await desk.open_deliver([clip])
    assert dialog.clip is None
    assert dialog.problem.text() == "Choose where it goes."
    assert dialog.targets is not None
    dialog.targets.rows[target.id].tick.click()
    await desk.accept(dialog)
    (delivery,) = await desk.studio.publishing.deliveries()
    done = await desk.studio.publishing.wait(delivery.id)
    assert done.state is DeliveryState.DELIVERED
    (now,) = await desk.now([clip.id])
    assert now.published_at is None


def _set(edit: MomentEdit, local: datetime) -> None:
    """As the keyboard does."""
    wanted = edit.dateTime()
    wanted.setDate(QDate(local.year, local.month, local.day))
    wanted.setTime(QTime(local.hour, local.minute))
    edit.setDateTime(wanted)


def _unfinished(clip: Generation) -> Generation:
    return replace(clip, id=clip.id + 1000, state=GenerationState.PROCESSING, video_path=None)


@pytest.fixture(params=[1.0, 2.0])
def letters(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Usual ones, and larger ones."""
    before = QFont(qapp.font())
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * request.param)
    qapp.setFont(font)
    yield
    qapp.setFont(before)


async def test_cover_and_caption_begin_on_one_line(letters: None, desk: Desk) -> None:
    (clip,) = await desk.clips()
    dialog = await desk.open_publish([clip])
    page = dialog.clip
    assert page is not None
    label = next(one for one in page.findChildren(QLabel) if one.buddy() is page.caption)

    def top(part: QWidget) -> int:
        return part.mapTo(page, QPoint(0, 0)).y()

    # else the words stand under the cover
    page.setMinimumWidth(theme.body_px() * 60)
    await until(lambda: page.cover.x() + page.cover.width() < page.caption.x())
    await until(lambda: top(label) == top(page.cover.label))
    await until(lambda: top(page.caption) == top(page.cover.frame))
    dialog.reject()
    await until(lambda: desk.publishing.asking.dialog is None)
