"""When Python looks for garbage."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from veo_studio.ui import garbage


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[garbage._Looks]:
    garbage.collect_from_now_on()
    [made] = qapp.findChildren(garbage._Looks)
    yield made
    made.stop()
    made.setParent(None)
    gc.unfreeze()


class Circle:
    """Only a look for garbage takes it away; remembers by whom."""

    taken_in: list[threading.Thread]

    def __init__(self, taken_in: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: taken_in.append(threading.current_thread()))


def test_garbage_goes_on_the_windows_own_thread(looks: garbage._Looks, qtbot: QtBot) -> None:
    taken_in: list[threading.Thread] = []

    def litter() -> None:
        Circle(taken_in)
        # more than enough for Python to look by itself, in this thread
        kept = [[number] for number in range(5000)]
        kept.clear()

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    assert taken_in == []

    more: list[list[int]] = []

    def is_gone() -> bool:
        # Python counts what is made and stays
        more.extend([number] for number in range(1000))
        return bool(taken_in)

    qtbot.waitUntil(is_gone, timeout=20000)
    assert taken_in == [threading.main_thread()]
    assert not gc.isenabled()


def test_what_the_start_made_is_not_walked_through_and_one_timer_looks(
    looks: garbage._Looks, qapp: QApplication
) -> None:
    assert gc.get_freeze_count() > 0
    garbage.collect_from_now_on()
    assert qapp.findChildren(garbage._Looks) == [looks]


def test_everything_is_walked_through_later_and_seldom(looks: garbage._Looks) -> None:
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    try:
        looks._look_at_everything()
        assert seen == [1], "the first time what is there stays"
        looks._look_at_everything()
        assert seen == [1, 1], "not so soon"
        assert looks._all_at_s is not None
        looks._all_at_s -= garbage._EVERYTHING_AFTER_S
        looks._look_at_everything()
        assert seen == [1, 1, 2]
    finally:
        gc.callbacks.remove(note)
