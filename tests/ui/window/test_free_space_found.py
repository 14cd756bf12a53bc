"""Free space beside a library that finds its clips again: what has a row by now is never touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import Opening
from tests.ui.window.conftest import Driver, running
from tests.ui.window.test_dragging import made
from tests.ui.window.test_free_space import becomes, looked, stray, ticking
from veo_studio.core.errors import StorageError
from veo_studio.core.free_space import Stray
from veo_studio.core.paths import Paths
from veo_studio.ui.dialogs import Question
from veo_studio.ui.view_models.space_model import SpaceModel, SpaceRow


@pytest.fixture
async def driver(qapp: QApplication, paths: Paths, no_task_left: None) -> AsyncIterator[Driver]:
    async with running(paths) as made_driver:
        yield made_driver


async def find_again(driver: Driver, number: int, path: Path) -> None:
    """As another process does it: nobody here is told."""
    await driver.window.library_tools.freeing._studio.library.relocate(number, path, {})


async def test_a_file_that_was_found_again_leaves_the_list(qapp: QApplication):
    model = SpaceModel(None, lambda *_args, **_named: None)
    found, other = Path("/x/found.mp4"), Path("/x/other.mp4")
    model.strays.put([SpaceRow.of(Stray(path, 5)) for path in (found, other)])
    model.on_moved(7, found)
    await becomes(lambda: [row.path for row in model.strays.rows] == [other], model.changed)


async def test_what_has_a_row_by_now_does_not_go_to_the_trash(driver: Driver, paths: Paths):
    (clip,) = await made(driver, 1)
    first, second = stray(paths, 1), stray(paths, 2)
    dialog = await looked(driver)
    dialog.strays.select_all.click()
    await find_again(driver, clip.id, first)
    dialog.strays.buttons["trash"].click()
    await becomes(lambda: not dialog.model.strays.rows, dialog.model.changed)
    await becomes(lambda: not second.exists(), ticking(driver))
    assert first.exists()
    assert first.with_suffix(".json").exists()


async def test_what_gets_a_row_while_the_question_stands_is_not_deleted(
    driver: Driver, paths: Paths
):
    (clip,) = await made(driver, 1)
    first, second = stray(paths, 1), stray(paths, 2)

    def refuse(_path: Path) -> None:
        raise StorageError("no trash here")

    driver.window.library_tools.freeing._trash = refuse
    dialog = await looked(driver)
    dialog.strays.select_all.click()
    opening = Opening(Question)
    dialog.strays.buttons["trash"].click()
    question = await asyncio.wait_for(opening.shown, 60)
    await find_again(driver, clip.id, first)
    question.do_it.click()
    await becomes(lambda: not second.exists(), ticking(driver))
    await becomes(lambda: not dialog.model.strays.rows, ticking(driver))
    assert first.exists()
