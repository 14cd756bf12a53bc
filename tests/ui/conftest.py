"""Every test of the window runs on Qt's loop, offscreen, in a folder of its own."""

from __future__ import annotations

import asyncio
import importlib.abc
import os
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import pytestqt.plugin
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QApplication

from veo_studio.ui.event_loop import EventLoop

_QT_FIXTURES = {"qapp", "qtbot"}
_LOOPS: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()
_process_events = pytestqt.plugin._process_events


def _process_events_unless_a_loop_stands_still() -> None:
    """Before and after the call of an async test its loop is open and does not run.

    Its timers are Qt's: turned by hand, tasks would go on without a running loop, and the first that
    makes another task breaks ("no running event loop"; its coroutine is then never awaited).
    """
    if all(loop.is_closed() for loop in _LOOPS):
        _process_events()


class _QtOnTheMainThreadOnly(importlib.abc.MetaPathFinder):
    """A module of Qt that a thread sets up is known to sip before its types exist.

    A widget that the main thread wraps at that moment crashes the program (sip's `convertPass`).
    """

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if (
            name.startswith("PyQt6.Qt")
            and threading.current_thread() is not threading.main_thread()
        ):
            raise AssertionError(f"{name} is imported in a thread")


sys.meta_path.insert(0, _QtOnTheMainThreadOnly())


pytestqt.plugin._process_events = _process_events_unless_a_loop_stands_still


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
        loop = EventLoop(app)
        _LOOPS.add(loop)
        return loop

    return {"qt": qt_loop}


@pytest.fixture(autouse=True)
def quick_and_contained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls that do not make tests wait, and a trash inside the test's own folder."""
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg-data"))


@pytest.fixture
def large_letters(qapp: QApplication) -> Iterator[None]:
    """The system's font at 200 %."""
    before = QFont(qapp.font())
    large = QFont(before)
    large.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(large)
    yield
    qapp.setFont(before)


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails where a test leaves a task behind."""
    before = asyncio.all_tasks()
    yield
    before.add(asyncio.current_task())
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    assert not left, f"tasks left behind: {left}"
