"""The loop's last turn: what it wakes goes on as in any other."""

from __future__ import annotations

import asyncio
import time

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from veo_studio.ui.event_loop import EventLoop


def test_a_task_that_wakes_in_the_last_turn_can_make_another(qapp: QApplication) -> None:
    loop = EventLoop(qapp)
    failed: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _loop, context: failed.append(context))
    running: list[bool] = []

    async def other() -> None:
        pass

    def wake() -> None:
        # as a step of a task is woken: by Qt, not by asyncio
        running.append(asyncio.events._get_running_loop() is loop)

    async def main() -> None:
        asyncio.get_running_loop().create_task(other())
        QTimer.singleShot(0, lambda: QTimer.singleShot(0, wake))

    try:
        loop.run_until_complete(main())
        loop.run_until_complete(asyncio.sleep(0.05))
        assert running
        assert all(running)
        assert asyncio.events._get_running_loop() is None
        assert not failed
        assert not loop.is_running()
    finally:
        loop.close()


def test_the_window_has_its_turn_between_callbacks(qapp: QApplication) -> None:
    loop = EventLoop(qapp)
    told: list[str] = []

    def long_work(number: int) -> None:
        told.append(f"callback {number}")
        until = time.perf_counter() + 0.005
        while time.perf_counter() < until:
            pass

    async def main() -> None:
        for number in range(6):
            asyncio.get_running_loop().call_soon(long_work, number)
        QTimer.singleShot(0, lambda: told.append("window"))
        await asyncio.sleep(0.1)

    try:
        loop.run_until_complete(main())
        assert [one for one in told if one != "window"] == [f"callback {n}" for n in range(6)]
        # before the last of six that take longer than a turn
        assert told.index("window") < told.index("callback 5")
    finally:
        loop.close()


def test_the_line_goes_on_inside_a_loop_of_qt(qapp: QApplication) -> None:
    """A drag into another program has a loop of its own, inside of what called it."""
    loop = EventLoop(qapp)
    told: list[str] = []

    def drag() -> None:
        inner = QEventLoop()
        loop.call_soon(lambda: (told.append("inside"), inner.quit()))
        QTimer.singleShot(5000, inner.quit)
        inner.exec()
        told.append("after")

    async def main() -> None:
        asyncio.get_running_loop().call_soon(drag)
        asyncio.get_running_loop().call_soon(told.append, "next")
        await asyncio.sleep(0.1)

    try:
        loop.run_until_complete(main())
        assert told == ["next", "inside", "after"]
    finally:
        loop.close()


def test_what_was_cancelled_is_not_called(qapp: QApplication) -> None:
    loop = EventLoop(qapp)
    told: list[str] = []
    try:
        handle = loop.call_soon(told.append, "cancelled")
        handle.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        assert not told
    finally:
        loop.close()
