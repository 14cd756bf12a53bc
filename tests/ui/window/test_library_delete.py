"""Many clips go into the trash: told while it goes on, stopped on request."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from tests.ui.window.conftest import running
from tests.ui.window.shown_library import LibraryDriver, fill
from tests.ui.window.test_library_commands import Bench, a_clip
from veo_studio.core.models import Generation
from veo_studio.core.paths import Paths
from veo_studio.core.task_scope import TaskScope

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_stop_leaves_the_rest_and_the_undo(tmp_path: Path):
    clips = [a_clip(tmp_path, number) for number in (1, 2, 3)]
    bench = Bench(tmp_path, *clips)
    deleted = await bench.commands.delete(clips, lambda done: done < 2)
    assert [one.id for one, _in_trash in deleted.rows] == [1, 2]
    assert [clip.video_path.exists() for clip in clips] == [False, False, True]
    await bench.commands.undo(deleted)
    assert all(clip.video_path.exists() for clip in clips)


class Slow:
    """A trash that takes its time; what is cancelled meanwhile is the caller."""

    def __init__(self, bench: Bench) -> None:
        self._move = bench.commands._trash
        self.began, self.go_on = threading.Event(), threading.Event()
        bench.commands._trash = self

    def __call__(self, path: Path) -> Path | None:
        self.began.set()
        assert self.go_on.wait(60)
        return self._move(path)


async def test_a_window_that_closes_leaves_no_row_without_its_file(tmp_path: Path):
    clips = [a_clip(tmp_path, number) for number in (1, 2)]
    bench = Bench(tmp_path, *clips)
    slow = Slow(bench)
    scope = TaskScope()
    scope.spawn(bench.commands.delete(clips), "delete")
    assert await asyncio.to_thread(slow.began.wait, 60)
    scope.cancel()
    closing = asyncio.ensure_future(scope.close())
    slow.go_on.set()
    await closing
    assert [clip.video_path.exists() for clip in clips] == [False, True]
    assert bench.store.forgotten == {1}
    assert [event.generation.id for event in bench.events] == [1]


async def test_an_undo_that_is_cancelled_ends_between_two_clips(tmp_path: Path):
    clips = [a_clip(tmp_path, number) for number in (1, 2)]
    bench = Bench(tmp_path, *clips)
    deleted = await bench.commands.delete(clips)
    remember, asked = bench.store.remember, asyncio.Event()
    go_on = asyncio.Event()

    async def slowly(generation_id: int) -> Generation:
        asked.set()
        await go_on.wait()
        return await remember(generation_id)

    bench.store.remember = slowly
    scope = TaskScope()
    scope.spawn(bench.commands.undo(deleted), "undo")
    await asyncio.wait_for(asked.wait(), 60)
    scope.cancel()
    go_on.set()
    await scope.close()
    assert [clip.video_path.exists() for clip in clips] == [False, True]
    assert bench.store.forgotten == {1}


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
