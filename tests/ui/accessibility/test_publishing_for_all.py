"""Names, keyboard and large letters in the windows about publishing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from tests.publishing.scripted import Place, a_target, closed, plugged
from tests.ui.accessibility import looking
from tests.ui.accessibility.test_window_for_all import close, eventually, unnamed
from tests.ui.publishing.conftest import Desk, until
from tests.ui.window.conftest import Driver
from veo_studio.core.publishing.models import PublishWish, TargetKind, TargetWish
from veo_studio.ui.views.rules_dialog import RulesDialog

DIALOGS = ("publish", "caption", "targets", "deliveries", "rules")
LONG = "Every clip of the spring goes to the shelf at the long wall"


@pytest.fixture
def places() -> Iterator[tuple[Place, Place]]:
    """A channel that also takes a link, and a store that has one."""
    channel, store = Place(TargetKind.TELEGRAM), Place(TargetKind.S3)
    with plugged(channel, store):
        yield channel, store


async def filled(driver: Driver, places: tuple[Place, Place]) -> Desk:
    """A channel and a store with long names, and two rules."""
    driver.window.beginning.end()
    desk = Desk(driver)
    channel = await a_target(desk.studio, places[0], LONG)
    await a_target(desk.studio, places[1], "Attic")
    for name in (LONG, "Two"):
        await desk.studio.publishing.add_rule(name, [TargetWish(channel.id)])
    return desk


async def opened(desk: Desk, name: str) -> QDialog:
    if name == "publish":
        dialog = await desk.open_publish(await desk.clips())
        assert dialog.targets is not None
        await until(lambda: dialog.targets is not None and len(dialog.targets.rows) == 2)
        for row in dialog.targets.rows.values():
            row.tick.click()
        return dialog
    if name == "caption":
        (clip,) = await desk.clips()
        await desk.studio.publishing.publish([PublishWish(clip.id, "A boat")])
        return await desk.open_publish(await desk.now([clip.id]))
    if name == "deliveries":
        (clip,) = await desk.clips()
        (first, *_) = await desk.studio.publishing.targets()
        wish = PublishWish(clip.id, "A boat", targets=(TargetWish(first.id),))
        await desk.studio.publishing.publish([wish])
        (delivery,) = await desk.studio.publishing.deliveries()
        await closed(desk.studio, delivery.id)
        deliveries = await desk.open_deliveries()
        await until(lambda: bool(deliveries.details.buttons))
        return deliveries
    if name == "rules":
        return await rules(desk)
    targets = await desk.open_targets()
    await until(lambda: targets.page is not None)
    return targets


async def rules(desk: Desk) -> RulesDialog:
    desk.publishing.show_rules()
    setting = desk.publishing.rules
    await until(lambda: setting.dialog is not None and len(setting.dialog.rows) == 2)
    assert setting.dialog is not None
    return setting.dialog


@pytest.mark.parametrize("name", DIALOGS)
async def test_everything_has_a_name_and_tab_goes_through_it_from_top_to_bottom(
    driver: Driver, places: tuple[Place, Place], name: str
):
    dialog = await opened(await filled(driver, places), name)
    # all of it is in sight at once
    dialog.resize(900, 1600)
    assert await eventually(lambda: unnamed(dialog)) == []
    dialog.activateWindow()

    def missed() -> list[str]:
        return looking.unreached(dialog, dialog.focusWidget() or dialog)

    assert await eventually(missed) == []

    def wrong_way() -> list[str]:
        stops = looking.walked(dialog.focusWidget() or dialog)
        found = looking.backwards([*stops, *stops[:1]])
        # once around, from the last to the first
        return [] if len(found) == 1 else found or ["nowhere"]

    assert await eventually(wrong_way) == []
    await close(dialog)


@pytest.mark.parametrize("name", DIALOGS)
async def test_nothing_is_cut_with_large_letters(
    small: Driver, places: tuple[Place, Place], name: str
):
    dialog = await opened(await filled(small, places), name)
    screen = QApplication.primaryScreen()
    assert screen is not None
    # as small as it can be made
    dialog.resize(1, 1)
    assert await eventually(lambda: looking.cut(dialog)) == []
    assert dialog.width() <= screen.availableSize().width()
    await close(dialog)


async def test_the_pages_of_new_targets_have_room_with_large_letters(small: Driver):
    small.window.beginning.end()
    desk = Desk(small)
    dialog = await desk.open_targets()
    screen = QApplication.primaryScreen()
    assert screen is not None
    for kind in TargetKind:
        assert await eventually(lambda: looking.cut(dialog)) == []
        page = await desk.new_target(dialog, kind)
        # what was not touched is left without a question
        assert not page.draft.is_changed
        assert await eventually(lambda: looking.cut(dialog)) == []
        assert dialog.minimumSizeHint().width() <= screen.availableSize().width()
        dialog.new.click()
    await desk.close_targets(dialog)


async def test_the_focus_stays_with_a_rule_that_is_switched_and_goes_on_from_a_deleted_one(
    driver: Driver, places: tuple[Place, Place]
):
    dialog = await rules(await filled(driver, places))
    dialog.activateWindow()
    # it begins at the top
    assert dialog.focusWidget() is dialog.rows[0].tick
    second = dialog.rows[1]
    second.tick.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(second.tick, Qt.Key.Key_Space)
    await until(lambda: second.words.text().startswith("Off."))
    assert dialog.focusWidget() is second.tick
    second.delete.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(second.delete, Qt.Key.Key_Space)
    await until(lambda: len(dialog.rows) == 1)
    assert dialog.focusWidget() is dialog.rows[0].delete
    await close(dialog)
