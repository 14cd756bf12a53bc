"""The real window for people without a mouse, with a screen reader or with large letters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.window.conftest import QUIET_MACHINE, Driver, running
from veo_studio.core.paths import Paths


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
async def driver(
    qapp: QApplication, studio_home: Path, no_task_left: None
) -> AsyncIterator[Driver]:
    async with running(Paths.default()) as made:
        yield made


@pytest.fixture
async def small(
    qapp: QApplication, large_letters: None, studio_home: Path, no_task_left: None
) -> AsyncIterator[Driver]:
    """800 x 600 with large letters."""
    async with running(Paths.default(), width=800, height=600) as made:
        yield made
