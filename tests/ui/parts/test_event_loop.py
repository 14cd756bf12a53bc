"""The loop's last turn: what it wakes goes on as in any other."""

from __future__ import annotations

import asyncio

from PyQt6.QtCore import QTimer
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
