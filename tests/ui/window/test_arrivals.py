"""A clip that becomes ready takes the player only where nobody works in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation
from veo_studio.ui.notices import Notice


async def made(driver: Driver, count: int) -> Generation:
    """One more clip; `count` are there then."""
    driver.choose_text(f"A paper boat, number {count}")
    driver.window.form.generate_requested.emit()
    await driver.until_ready(count)
    return driver.rows[0]


async def left_alone(driver: Driver) -> Generation:
    """The first clip was shown by itself, played, and ended."""
    first = await made(driver, 1)
    player = driver.window.player
    await becomes(
        lambda: player.path == first.video_path and player.sources.duration_ms > 0,
        player.sources.picture_changed,
        player.sources.duration_changed,
    )
    player.stop()
    player.seek(0)
    await becomes(
        lambda: not player.is_playing and player.position_ms == 0, player.position_changed
    )
    driver.window.form.prompt.setFocus()
    return first


def ready(driver: Driver) -> list[Notice]:
    bar = driver.window.telling.notices_of("queue")
    return [one for one in bar.notices if "ready" in one.text]


async def test_what_was_left_alone_gives_way_to_the_next(driver: Driver):
    await left_alone(driver)
    second = await made(driver, 2)
    await driver.until(lambda: driver.window.player.path == second.video_path)
    assert ready(driver) == []


def _mark_range(driver: Driver) -> None:
    driver.window.player.set_in()


def _focus(driver: Driver) -> None:
    driver.window.player.setFocus()


def _look_into_library(driver: Driver) -> None:
    QTest.keyClick(driver.window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)


@pytest.mark.parametrize("work", [_mark_range, _focus, _look_into_library])
async def test_who_works_in_the_player_keeps_it(driver: Driver, work: Callable[[Driver], None]):
    first = await left_alone(driver)
    driver.choose_text("A paper boat, the second")
    driver.window.form.generate_requested.emit()
    work(driver)
    bar = driver.window.telling.notices_of("queue")
    await becomes(lambda: ready(driver) != [], bar.shown, timeout_s=60.0)
    player = driver.window.player
    assert player.path == first.video_path
    (notice,) = ready(driver)
    driver.click(notice.action_button)
    assert player.generation is not None
    assert player.generation.id != first.id
    assert ready(driver) == []


async def test_who_paused_in_the_middle_keeps_it(driver: Driver):
    first = await left_alone(driver)
    player = driver.window.player
    player.seek(player.sources.duration_ms // 2)
    await becomes(lambda: player.position_ms > 200, player.position_changed)
    await made(driver, 2)
    await driver.until(lambda: ready(driver) != [])
    assert player.path == first.video_path
