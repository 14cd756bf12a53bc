"""Every test of the window runs on Qt's loop, offscreen, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PyQt6.QtWidgets import QApplication

_QT_FIXTURES = {"qapp", "qtbot"}


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Qt's loop for what touches widgets, asyncio's own for the rest."""
    if not _QT_FIXTURES & set(getattr(item, "fixturenames", ())):
        return {"plain": asyncio.new_event_loop}

    def qt_loop() -> asyncio.AbstractEventLoop:
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        app.setQuitOnLastWindowClosed(False)
        return qasync.QEventLoop(app)

    return {"qt": qt_loop}


@pytest.fixture(autouse=True)
def quick_and_contained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls that do not make tests wait, and a trash inside the test's own folder."""
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg-data"))


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails where a test leaves a task behind."""
    before = asyncio.all_tasks()
    yield
    before.add(asyncio.current_task())
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    assert not left, f"tasks left behind: {left}"
