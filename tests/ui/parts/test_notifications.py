"""Notifications against a real service on a private bus, and what they say about many endings."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.notification_service import KINDS, NotificationService, notification_service
from tests.ui.parts.samples import generation
from tests.ui.waiting import becomes, emitted
from veo_studio.core.models import Generation, GenerationKind, GenerationState
from veo_studio.ui.desktop_notifications import DesktopNotifications
from veo_studio.ui.telling import Telling
from veo_studio.ui.work_news import Ending, title_of

_numbers = itertools.count(1)


class Away(QWidget):
    """A window that is in front only where a test says so."""

    is_in_front = False

    def isActiveWindow(self) -> bool:
        return self.is_in_front

    def come_forward(self) -> None:
        self.is_in_front = True
        QApplication.sendEvent(self, QEvent(QEvent.Type.WindowActivate))


@pytest.fixture(params=KINDS)
def service(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path: Path
) -> Iterator[NotificationService]:
    # short: the name of a socket has 107 characters at the most
    with notification_service(request.param, tmp_path) as running:
        yield running


@pytest.fixture
async def telling(
    service: NotificationService, qapp: QApplication, no_task_left: None
) -> AsyncIterator[Telling]:
    window = Away()
    made = Telling(window, ())
    name = f"test-{next(_numbers)}"
    made.notifications.use(
        DesktopNotifications(lambda: QDBusConnection.connectToBus(service.address, name))
    )
    yield made
    await made.scope.close()
    made.notifications.close()
    window.deleteLater()


def away(telling: Telling) -> Away:
    window = telling.news.parent()
    assert isinstance(window, Away)
    return window


async def shown(service: NotificationService, count: int = 1) -> str:
    """The title of the newest notification, once there were so many calls."""
    await becomes(lambda: len(service.shown) >= count, service.called)
    assert len(service.shown) == count
    return service.shown[-1].title


def began(telling: Telling, *numbers: int) -> list[Generation]:
    """What one click stored, still running."""
    made = [generation(n, state=GenerationState.PROCESSING) for n in numbers]
    for one in made:
        telling.news.began(one)
    return made


async def test_a_ready_clip_is_told_with_its_picture(
    telling: Telling, service: NotificationService, tmp_path: Path
) -> None:
    small = tmp_path / "small picture.jpg"
    asked: list[str] = []

    async def picture_of(uuid: str, _path: Path) -> Path | None:
        asked.append(uuid)
        return small

    telling.news.open(picture_of)
    one = generation(3, prompt="A <b>boat</b> & a bridge", video_path=tmp_path / "a.mp4")
    telling.notify_ready(one)
    assert await shown(service) == "Your clip is ready"
    (told,) = service.shown
    assert told.body == "A \u2039b\u203aboat\u2039/b\u203a \uff06 a bridge"
    assert told.hints["image-path"] == small.as_uri()
    assert told.hints["desktop-entry"] == "veo-studio"
    assert told.actions == ["default", "Open"]
    assert asked == [one.uuid]


async def test_a_click_opens_what_it_is_about(
    telling: Telling, service: NotificationService
) -> None:
    one = generation(3)
    telling.notify_ready(one)
    await shown(service)
    # another program's notification, and another button of ours, are none of it
    service.click(service.shown[0].number + 1)
    service.click(service.shown[0].number, "else")
    service.click(service.shown[0].number)
    assert await emitted(telling.news.opened) == ([one],)


async def test_what_ends_while_it_is_up_joins_it(
    telling: Telling, service: NotificationService
) -> None:
    telling.notify_ready(generation(1))
    await shown(service)
    telling.notify_ready(generation(2))
    assert await shown(service, 2) == "2 clips are ready"
    telling.news.ended(generation(3, state=GenerationState.FAILED), Ending.FAILED)
    assert await shown(service, 3) == "2 clips are ready, 1 failed"
    assert {one.replaces for one in service.shown[1:]} == {service.shown[0].number}
    service.click(service.shown[0].number)
    (opened,) = await emitted(telling.news.opened)
    assert [one.id for one in opened] == [1, 2, 3]


async def test_one_that_was_dismissed_is_not_told_again(
    telling: Telling, service: NotificationService
) -> None:
    telling.notify_ready(generation(1))
    await shown(service)
    service.dismiss(service.shown[0].number)
    await becomes(lambda: not telling.notifications.is_up, telling.notifications.gone)
    telling.notify_ready(generation(2))
    assert await shown(service, 2) == "Your clip is ready"
    assert service.shown[1].replaces == 0


async def test_one_click_is_one_notification(
    telling: Telling, service: NotificationService
) -> None:
    first, second, third = began(telling, 1, 2, 3)
    telling.notify_ready(first)
    telling.news.ended(second, Ending.FAILED)
    telling.notify_ready(third)
    assert await shown(service) == "2 clips are ready, 1 failed"


async def test_what_the_user_cancelled_is_no_news_and_holds_nobody_up(
    telling: Telling, service: NotificationService
) -> None:
    first, second = began(telling, 1, 2)
    telling.notify_ready(first)
    telling.news.settled(second)
    assert await shown(service) == "Your clip is ready"
    assert service.shown[0].replaces == 0


async def test_the_ready_ones_do_not_wait_for_ever(
    telling: Telling, service: NotificationService
) -> None:
    first, second, last = began(telling, 1, 2, 3)
    telling.notify_ready(first)
    telling.notify_ready(second)
    telling.news.tell_what_waits()
    assert await shown(service) == "2 clips are ready"
    telling.notify_ready(last)
    assert await shown(service, 2) == "3 clips are ready"


async def test_what_needs_the_user_is_told_at_once(
    telling: Telling, service: NotificationService
) -> None:
    held, _running = began(telling, 1, 2)
    telling.notify_needs_user(held)
    assert await shown(service) == "A clip needs you"


async def test_nothing_is_told_in_front_of_the_user_or_when_it_is_switched_off(
    telling: Telling, service: NotificationService
) -> None:
    window = away(telling)
    window.is_in_front = True
    telling.notify_ready(generation(1))
    window.is_in_front = False
    telling.news.is_on = False
    telling.notify_ready(generation(2))
    telling.news.is_on = True
    telling.notify_ready(generation(3))
    assert await shown(service) == "Your clip is ready"


async def test_coming_forward_takes_it_away(telling: Telling, service: NotificationService) -> None:
    first, second = began(telling, 1, 2)
    telling.notify_ready(generation(4))
    await shown(service)
    telling.notify_ready(first)
    window = away(telling)
    window.come_forward()
    await becomes(lambda: bool(service.withdrawn), service.called)
    assert service.withdrawn == [service.shown[0].number]
    # what was seen is not told later
    window.is_in_front = False
    telling.notify_ready(second)
    assert await shown(service, 2) == "Your clip is ready"


async def test_a_service_that_refuses_ends_in_silence(
    telling: Telling, service: NotificationService
) -> None:
    service.refuses = "org.freedesktop.DBus.Error.LimitsExceeded"
    telling.notify_ready(generation(1))
    await emitted(telling.notifications.gone)
    service.refuses = ""
    telling.notify_ready(generation(2))
    assert await shown(service) == "Your clip is ready"


async def test_no_bus_is_no_trouble(qapp: QApplication, no_task_left: None, tmp_path: Path) -> None:
    window = Away()
    telling = Telling(window, ())
    nowhere = f"unix:path={tmp_path / 'nothing'}"
    desktop = DesktopNotifications(lambda: QDBusConnection.connectToBus(nowhere, "test-nowhere"))
    telling.notifications.use(desktop)
    assert not await desktop.open()
    telling.notify_ready(generation(1))
    await telling.scope.close()
    telling.notifications.close()
    window.deleteLater()


def test_the_words_count_what_ended() -> None:
    ready, failed, waits = Ending.READY, Ending.FAILED, Ending.NEEDS_USER
    clip, still = generation(1), generation(2, kind=GenerationKind.IMAGE)
    for told, words in (
        ([(ready, still)], "Your picture is ready"),
        ([(failed, still)], "A picture failed"),
        ([(waits, still)], "A picture needs you"),
        ([(failed, clip)], "A clip failed"),
        ([(ready, still), (ready, still)], "2 pictures are ready"),
        ([(ready, clip), (ready, still)], "2 clips and pictures are ready"),
        ([(ready, clip), (waits, clip)], "1 clip is ready, 1 needs you"),
        ([(ready, clip)] * 12 + [(failed, clip)], "12 clips are ready, 1 failed"),
        ([(failed, clip), (failed, clip)], "2 of your clips and pictures: 2 failed"),
    ):
        assert title_of(told) == words
