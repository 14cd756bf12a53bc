"""Free space through the window: looking, the trash with undo, deleting for good, and what the program keeps."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from tests.fakes.generations import a_generation
from tests.ui.waiting import Opening
from tests.ui.waiting import becomes as becomes_in
from tests.ui.window.conftest import Driver, running
from tests.ui.window.test_dragging import made
from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.recipe_files import write_beside
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.dialogs import Question
from veo_studio.ui.view_models.space_model import SpaceModel, SpaceRow, SpaceTable
from veo_studio.ui.views.free_space import FreeSpaceDialog

OLD_S = time.time() - 3 * 86_400


async def becomes(is_so: Callable[[], bool], *signals: object, timeout_s: float = 60.0) -> None:
    """Patiently: processes start on machines that have other work, too."""
    await becomes_in(is_so, *signals, timeout_s=timeout_s)


def stray(paths: Paths, number: int, size: int = 1000) -> Path:
    paths.ensure()
    path = paths.outputs / f"2025010{number}_143025_A_red_kite.mp4"
    path.write_bytes(bytes(size))
    facts = {"video_path": path, "size_bytes": size, "sha256": "a" * 64}
    recipe = write_beside(a_generation(state=GenerationState.COMPLETED, **facts))
    for one in (path, recipe):
        os.utime(one, (OLD_S, OLD_S))
    return path


@pytest.fixture
async def driver(qapp: QApplication, paths: Paths, no_task_left: None) -> AsyncIterator[Driver]:
    async with running(paths) as made:
        yield made


async def looked(driver: Driver) -> FreeSpaceDialog:
    driver.window.acts.free_space.trigger()
    dialog = driver.window.library_tools.freeing.dialog
    model = dialog.model
    await becomes(lambda: model.space is not None and not model.is_looking, model.changed)
    return dialog


def ticking(driver: Driver) -> object:
    timer = QTimer(driver.window)
    timer.start(50)
    return timer.timeout


async def test_files_without_a_row_go_to_the_trash_and_come_back(driver: Driver, paths: Paths):
    first, second = stray(paths, 1), stray(paths, 2)
    dialog = await looked(driver)
    assert dialog.tabs.tabText(1) == "Without a row (2)"
    dialog.tabs.setCurrentWidget(dialog.strays)
    assert not dialog.strays.buttons["trash"].isEnabled()
    dialog.strays.select_all.click()
    assert dialog.strays.chosen.text() == "2 selected, 2.0 kB"
    dialog.strays.buttons["trash"].click()
    await becomes(lambda: not dialog.model.strays.rows, dialog.model.changed)
    await becomes(lambda: dialog.notices.notice("trash") is not None, dialog.notices.shown)
    assert not first.exists()
    assert not second.exists()
    assert dialog.strays.empty.isVisible()
    dialog.notices.notice("trash").action_button.click()
    await becomes(lambda: len(dialog.model.strays.rows) == 2, dialog.model.changed)
    assert first.read_bytes() == second.read_bytes() == bytes(1000)


async def test_what_the_trash_refuses_is_deleted_only_after_a_question(
    driver: Driver, paths: Paths
):
    path = stray(paths, 1, 2500)
    freeing = driver.window.library_tools.freeing

    def refuse(_path: Path) -> None:
        raise StorageError("no trash here")

    freeing._trash = refuse
    dialog = await looked(driver)
    for answer in ("leave_it", "do_it"):
        dialog.strays.select_all.click()
        opening = Opening(Question)
        dialog.strays.buttons["trash"].click()
        question = await asyncio.wait_for(opening.shown, 60)
        assert "(2.5 kB)" in question.words.text()
        assert path.exists()
        getattr(question, answer).click()
        await becomes(lambda question=question: not question.isVisible(), ticking(driver))
    await becomes(lambda: not path.exists() and not dialog.model.strays.rows, ticking(driver))


async def test_inputs_that_nobody_uses_go_after_a_question_and_caches_at_once(
    driver: Driver, paths: Paths
):
    unused = paths.inputs / f"{'a' * 64}.png"
    unused.parent.mkdir(parents=True, exist_ok=True)
    unused.write_bytes(bytes(700))
    os.utime(unused, (OLD_S, OLD_S))
    poster = paths.thumbnails / "a.jpg"
    poster.write_bytes(bytes(300))
    dialog = await looked(driver)
    assert dialog.kept.buttons["inputs"].text() == "Remove unused (700 bytes)"
    opening = Opening(Question)
    dialog.kept.buttons["inputs"].click()
    question = await asyncio.wait_for(opening.shown, 60)
    question.do_it.click()
    await becomes(lambda: not unused.exists(), ticking(driver))
    await becomes(lambda: not dialog.model.is_looking, dialog.model.changed)
    dialog.kept.buttons["caches"].click()
    await becomes(lambda: not poster.exists(), ticking(driver))


async def test_closing_the_page_stops_the_looking(driver: Driver):
    driver.window.acts.free_space.trigger()
    freeing = driver.window.library_tools.freeing
    dialog = freeing.dialog
    assert dialog.again.text() == "Stop looking"
    driver.window.acts.free_space.trigger()
    assert freeing.dialog is dialog, "there is one of them"
    dialog.close()
    assert freeing.dialog is None


async def test_a_page_that_goes_while_it_looks_is_told_nothing(qapp: QApplication):
    class Endless:
        async def look(self, _tell: object) -> None:
            began.set()
            await asyncio.Event().wait()

    began = asyncio.Event()
    errors: list[BaseException] = []
    scope = TaskScope(errors.append)
    model = SpaceModel(Endless(), scope.spawn)
    model.look()
    await asyncio.wait_for(began.wait(), 60)
    model.stop()
    assert not model.is_looking
    sip.delete(model)
    await scope.close()
    assert errors == []


async def test_a_clip_that_is_looked_at_is_let_go_of_before_it_goes(driver: Driver):
    clips = await made(driver, 2)
    dialog = await looked(driver)
    tools, player = driver.window.library_tools, driver.window.player
    tools.comparing.compare(clips)
    player.show_generation(clips[0])
    assert player.generation is not None
    seen = []

    def trash(_path: Path) -> None:
        seen.append((player.generation, tools.comparing.view))
        raise StorageError("not today")

    tools.freeing._trash = trash
    dialog.largest.select_all.click()
    opening = Opening(Question)
    dialog.largest.buttons["delete"].click()
    question = await asyncio.wait_for(opening.shown, 60)
    assert seen == [(None, None)] * 2
    question.leave_it.click()
    await becomes(lambda: not question.isVisible(), ticking(driver))


def rows(count: int) -> list[SpaceRow]:
    return [SpaceRow(Path(f"/x/{at}.mp4"), at, f"Clip {at}", at) for at in range(count)]


def test_the_table_is_a_sound_model(qtmodeltester, qapp):
    table = SpaceTable()
    table.put(rows(5))
    qtmodeltester.check(table)
    table.drop(lambda row: row.generation_id in (1, 3))
    assert [row.generation_id for row in table.rows] == [0, 2, 4]
    assert table.size_bytes == 6


async def test_a_hundred_thousand_that_are_forgotten_are_one_change(qapp):
    model = SpaceModel(None, lambda *_args, **_named: None)
    model.gone.put(rows(100_000))
    resets = []
    model.gone.modelReset.connect(lambda: resets.append(1))
    for at in range(99_990):
        model.on_removed(at)
    model.on_moved(99_995, Path("/found/it.mp4"))
    model.on_moved(99_996, Path("/x/99996.mp4"))
    await becomes(lambda: len(model.gone.rows) == 9, model.changed)
    assert resets == [1]
