"""The core opens as soon as the window was seen, whenever that was."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PyQt6.QtWidgets import QApplication

from veo_studio.app import Program, _first_paint
from veo_studio.core.catalog import Catalog
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.theme import Theme


@pytest.mark.qt_log_ignore("PulseAudio", "audio device", "pipewire", "RHI", "propagateSizeHints")
def test_a_paint_that_came_before_the_first_task_is_not_waited_for(qapp: QApplication) -> None:
    paths = Paths.default()
    paths.ensure()
    program = Program(paths, Settings(), Catalog.load(), Theme())
    program.window.was_painted = True

    async def open_the_core() -> None:
        async with asyncio.timeout(0.9):
            await _first_paint(program.window)

    asyncio.run(open_the_core())
    program.window.player.release()
    program.window.deleteLater()


def test_the_window_is_imported_without_what_it_does_not_need_at_once() -> None:
    heavy = {"sqlalchemy", "alembic", "aiohttp", "av", "PIL", "numpy", "pyqtgraph"}
    code = f"import sys, veo_studio.app; print(*sorted({heavy!r} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [], "the first window waits for these"


def test_the_frame_is_imported_without_the_window_that_it_is_filled_with() -> None:
    late = {
        "tomllib", "sqlite3", "multiprocessing", "veo_studio.core.models", "veo_studio.core.catalog",
        "veo_studio.ui.views.form", "veo_studio.ui.views.history", "veo_studio.ui.window_building",
    }  # fmt: skip
    code = (
        f"import sys, veo_studio.__main__, veo_studio.app; print(*sorted({late!r} & sys.modules.keys()))\n"
        "print(sum(name.startswith('veo_studio') for name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, count = run.stdout.splitlines()
    assert found.split() == [], "the first paint waits for these"
    assert int(count) <= 45, "the first paint waits for so many modules"
