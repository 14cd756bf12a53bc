"""The list of deliveries: what it says, and what can be done about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PyQt6.QtWidgets import QApplication

from tests.publishing.scripted import Place, a_target, closed, plugged
from tests.ui.publishing.conftest import Desk, until
from tests.ui.waiting import Opening
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import Generation
from veo_studio.core.publishing.base import MaybeSent, NotTaken
from veo_studio.core.publishing.models import (
    Delivery,
    DeliveryState,
    PublishingEvent,
    PublishingEventKind,
    PublishWish,
    TargetKind,
    TargetWish,
)
from veo_studio.ui.dialogs import Question
from veo_studio.ui.views.deliveries import DeliveriesDialog


@pytest.fixture
def place() -> Iterator[Place]:
    """A store whose answers are written down."""
    made = Place(TargetKind.S3, repeats_harmlessly=False)
    with plugged(made):
        yield made


async def _delivered(desk: Desk, place: Place) -> tuple[Generation, Delivery]:
    """One clip that was published there, as it ended."""
    target = await a_target(desk.studio, place)
    (clip,) = await desk.clips()
    wish = PublishWish(clip.id, "A boat", targets=(TargetWish(target.id),))
    await desk.studio.publishing.publish([wish])
    (delivery,) = await desk.studio.publishing.deliveries()
    return clip, await closed(desk.studio, delivery.id)


async def _shown(desk: Desk, state: DeliveryState) -> DeliveriesDialog:
    dialog = await desk.open_deliveries()
    await until(lambda: dialog.rows.rowCount() == 1)
    dialog.list.setCurrentIndex(dialog.rows.index(0, 0))
    await until(lambda: _state(dialog) is state and bool(dialog.details.buttons))
    return dialog


def _state(dialog: DeliveriesDialog) -> DeliveryState | None:
    row = dialog.rows.row(dialog.rows.index(0, 0))
    return None if row is None else row.delivery.state


async def test_a_delivered_clip_has_a_link_that_is_renewed_and_copied(
    desk: Desk, place: Place
) -> None:
    await _delivered(desk, place)
    dialog = await _shown(desk, DeliveryState.DELIVERED)
    assert dialog.details.state.text() == "delivered"
    assert dialog.details.title.text == "A boat"
    assert "Room 1" in dialog.details.lines.text()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    dialog.details.buttons["copy_link"].click()
    await until(lambda: "signature=1" in clipboard.text())
    assert any("Link copied" in words for words in dialog.notices.texts)
    assert "signature" not in " ".join(dialog.notices.texts)
    await until(
        lambda: (
            "copy_link" in dialog.details.buttons
            and dialog.details.buttons["copy_link"].text() == "Renew and copy &link"
        )
    )
    dialog.details.buttons["copy_link"].click()
    await until(lambda: "signature=2" in clipboard.text())


async def test_what_is_heard_late_is_not_counted_as_another_delivery(
    desk: Desk, place: Place
) -> None:
    _clip, arrived = await _delivered(desk, place)
    await until(lambda: any("Delivered to" in one for one in desk.notices))
    before = replace(
        arrived,
        state=DeliveryState.SENDING,
        updated_at=arrived.updated_at - timedelta(seconds=1),
    )
    for one in (before, arrived):
        desk.publishing.news.on_news(PublishingEvent(PublishingEventKind.DELIVERY, one))
    assert not any("have arrived" in one for one in desk.notices)


async def test_unpublishing_says_what_leaves_and_what_stays(desk: Desk, place: Place) -> None:
    page = Place(TargetKind.GALLERY)
    with plugged(place, page):
        targets = [await a_target(desk.studio, one) for one in (place, page)]
        (clip,) = await desk.clips()
        wish = PublishWish(clip.id, targets=tuple(TargetWish(one.id) for one in targets))
        await desk.studio.publishing.publish([wish])
        for one in await desk.studio.publishing.deliveries():
            await closed(desk.studio, one.id)
        desk.driver.window.requests.unpublish_requested.emit(await desk.now([clip.id]))
        store, gallery = (one.name for one in targets)
        said = f"Back in Drafts. It leaves {gallery}. What was delivered stays at {store}."
        await until(lambda: said in desk.notices)


async def test_a_failed_one_says_why_and_goes_again_at_a_click(desk: Desk, place: Place) -> None:
    place.steps = [NotTaken("The room is locked.", ErrorKind.AUTH, action="Unlock it.")]
    _clip, failed = await _delivered(desk, place)
    assert failed.state is DeliveryState.FAILED
    await until(lambda: any("The room is locked. Unlock it." in one for one in desk.notices))
    dialog = await _shown(desk, DeliveryState.FAILED)
    assert "The room is locked. Unlock it." in dialog.details.lines.text()
    dialog.details.buttons["again"].click()
    await until(lambda: _state(dialog) is DeliveryState.DELIVERED)
    assert len(place.arrived) == 1


async def test_one_that_may_have_been_sent_is_never_sent_twice_unasked(
    desk: Desk, place: Place
) -> None:
    place.steps = [MaybeSent("The line broke after all of it was sent.")]
    _clip, maybe = await _delivered(desk, place)
    assert maybe.state is DeliveryState.MAYBE_SENT
    dialog = await _shown(desk, DeliveryState.MAYBE_SENT)
    assert dialog.details.state.text() == "maybe sent"
    opening = Opening(Question)
    dialog.details.buttons["again"].click()
    question = await opening.shown
    assert isinstance(question, Question)
    question.leave_it.click()
    assert place.arrived == []
    dialog.details.buttons["arrived"].click()
    await until(lambda: _state(dialog) is DeliveryState.DELIVERED)
    assert place.arrived == []
    counts = await desk.studio.publishing.counts()
    assert counts.need_attention == 0


async def test_what_was_delivered_is_taken_away_after_a_question(desk: Desk, place: Place) -> None:
    clip, _done = await _delivered(desk, place)
    dialog = await _shown(desk, DeliveryState.DELIVERED)
    opening = Opening(Question)
    dialog.details.buttons["remove"].click()
    question = await opening.shown
    assert isinstance(question, Question)
    question.do_it.click()
    await until(lambda: dialog.details.state.text() == "removed there")
    assert len(place.removed) == 1
    assert "copy_link" not in dialog.details.buttons
    assert clip.video_path is not None
    assert clip.video_path.exists()


async def test_new_deliveries_come_on_top_while_the_list_is_open(desk: Desk, place: Place) -> None:
    dialog = await desk.open_deliveries()
    assert "Nothing was delivered yet" in dialog.empty.text
    clip, _done = await _delivered(desk, place)
    await until(lambda: dialog.rows.rowCount() == 1)
    assert dialog.stack.currentWidget() is dialog.list
    assert dialog.rows.data(dialog.rows.index(0, 0)) == "A boat"
    # those of another clip alone
    desk.publishing.show_deliveries(clip.id + 1)
    await until(lambda: "delivered nowhere" in dialog.empty.text)
    dialog.one.click()
    await until(lambda: dialog.rows.rowCount() == 1)


async def test_what_is_planned_is_moved_and_called_off_with_a_way_back(desk: Desk) -> None:
    (clip,) = await desk.clips()
    due = datetime.now(UTC).replace(microsecond=0, second=0) + timedelta(days=2)
    await desk.studio.publishing.publish([PublishWish(clip.id, "Later", at=due)])
    delivering = desk.publishing.delivering
    delivering.show_planned()
    await until(lambda: delivering.dialog is not None and delivering.dialog.planned.rowCount() == 1)
    dialog = delivering.dialog
    assert dialog is not None
    dialog.plans.setCurrentIndex(dialog.planned.index(0, 0))
    assert dialog.details.title.text == "Later"
    assert "Explore only" in dialog.details.lines.text()
    planning = delivering.planning
    assert planning is not None
    dialog.details.buttons["move"].click()
    await until(lambda: planning.editing is not None and planning.editing.isVisible())
    assert planning.editing is not None
    edit = planning.editing.at
    edit.setDateTime(edit.dateTime().addDays(-9))
    assert planning.editing.problem.text() == "This moment is over. Choose a later one."
    assert not planning.editing.yes.isEnabled()
    edit.setDateTime(edit.dateTime().addDays(10))
    planning.editing.yes.click()
    await until(lambda: _due(dialog) == due + timedelta(days=1))
    dialog.details.buttons["cancel"].click()
    await until(lambda: dialog.planned.rowCount() == 0)
    assert await desk.studio.publishing.schedules() == []
    notice = dialog.notices.notice("plan")
    assert notice is not None
    notice.action_button.click()
    await until(lambda: dialog.planned.rowCount() == 1)
    dialog.plans.setCurrentIndex(dialog.planned.index(0, 0))
    dialog.details.buttons["now"].click()
    await until(lambda: dialog.planned.rowCount() == 0)
    (now,) = await desk.now([clip.id])
    assert now.published_at is not None
    assert now.caption == "Later"


def _due(dialog: DeliveriesDialog) -> datetime | None:
    row = dialog.planned.row(dialog.planned.index(0, 0))
    return None if row is None else row.schedule.due_at


async def test_what_needs_somebody_is_in_sight_until_it_is_settled(
    desk: Desk, place: Place
) -> None:
    window = desk.driver.window
    header, button = window.header.attention, window.drafts.page.bar.deliveries
    assert header.isHidden()
    assert button.text() == "Deliveries"
    place.steps = [NotTaken("The room is gone.", ErrorKind.INVALID_REQUEST)]
    await _delivered(desk, place)
    await until(lambda: header.text() == "1 needs you" and not header.isHidden())
    await until(lambda: button.text() == "Deliveries (1)")
    assert button.accessibleName() == "Deliveries: 1 needs you"
    desk.driver.click(header)
    delivering = desk.publishing.delivering
    await until(lambda: delivering.dialog is not None and delivering.dialog.isVisible())
    dialog = await _shown(desk, DeliveryState.FAILED)
    dialog.details.buttons["cancel"].click()
    await until(header.isHidden)
    await until(lambda: button.text() == "Deliveries")
