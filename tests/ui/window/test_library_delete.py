"""Many clips go into the trash: told while it goes on, stopped on request."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from tests.ui.window.conftest import running
from tests.ui.window.shown_library import LibraryDriver, fill
from tests.ui.window.test_library_commands import Bench, a_clip
from veo_studio.core.paths import Paths

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_stop_leaves_the_rest_and_the_undo(tmp_path: Path):
    clips = [a_clip(tmp_path, number) for number in (1, 2, 3)]
    bench = Bench(tmp_path, *clips)
    deleted = await bench.commands.delete(clips, lambda done: done < 2)
    assert [one.id for one, _in_trash in deleted.rows] == [1, 2]
    assert [clip.video_path.exists() for clip in clips] == [False, False, True]
    await bench.commands.undo(deleted)
    assert all(clip.video_path.exists() for clip in clips)


async def test_more_than_fifty_are_told_and_all_go(
    qapp: QApplication, paths: Paths, no_task_left: None
):
    fill(paths, [f"Clip {number}" for number in range(51)])
    async with running(paths) as driver:
        shown = LibraryDriver(driver)
        await shown.open()
        await shown.until(lambda: shown.view.model.rowCount() == 51, timeout_s=120.0)
        told: list[str] = []
        shown.view.notices.shown.connect(told.append)
        shown.view.grid.setFocus()
        shown.press(Qt.Key.Key_A, CTRL)
        shown.press(Qt.Key.Key_Delete)
        # each one is a transaction of its own, and the disk may have other work
        await shown.until(lambda: shown.view.model.rowCount() == 0, timeout_s=120.0)
        await shown.until(lambda: shown.notices == ["51 clips moved to the trash."])
        assert told[0] == "Moving to the trash: 0 of 51."
        assert shown.view.empty.isVisible()
        shown.undo()
        await shown.until(lambda: shown.view.model.rowCount() == 51, timeout_s=120.0)
