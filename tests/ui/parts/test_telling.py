"""Work that a click starts, and what becomes of it when the window closes at the same moment."""

from __future__ import annotations

import gc

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from veo_studio.ui.telling import Telling


@pytest.mark.parametrize("is_closed_first", [False, True])
async def test_work_that_never_began_ends_in_silence(qtbot: QtBot, is_closed_first: bool) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    telling = Telling(window, ())
    begun = []

    async def work() -> None:
        begun.append(True)

    if is_closed_first:
        await telling.scope.close()
    telling.run(work(), "form")
    await telling.scope.close()
    telling.notifications.close()
    # a coroutine that was never awaited is a warning, and warnings fail tests
    gc.collect()
    assert begun == []
