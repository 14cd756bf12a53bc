"""Details in the real window: beside the library, and in a window of their own."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.ui.views.details import DetailsPane


def values(pane: DetailsPane) -> dict[str, str]:
    return {
        f"{view.id}/{row.key}": row.value.toPlainText()
        for view in pane.sections
        for row in view.rows
    }


async def read(pane: DetailsPane, generation_id: int) -> None:
    model = pane.model
    await becomes(
        lambda: (
            (known := model.known) is not None
            and known.generation.id == generation_id
            and known.is_file_read
        ),
        model.changed,
    )


async def make_clip(driver: Driver, words: str, count: int) -> None:
    driver.choose_text(words)
    driver.click(driver.window.form.generate)
    await driver.until_ready(count)


async def test_f4_shows_the_selected_clip_and_follows_it(driver: Driver):
    await make_clip(driver, "A paper boat", 1)
    await make_clip(driver, "A red kite", 2)
    second, first = driver.rows
    driver.window.history.select(second.id)
    driver.window.acts.details.trigger()
    details = driver.window.library_tools.details
    dialog = details.dialog
    assert dialog is not None
    await read(dialog.pane, second.id)
    shown = values(dialog.pane)
    assert shown["prompt/prompt"] == "A red kite"
    assert shown["file/video"] == "H.264"
    assert shown["origin/credentials"] == "None in this file."
    assert shown["file/sha256"] == second.sha256
    driver.window.history.select(first.id)
    await read(dialog.pane, first.id)
    assert values(dialog.pane)["prompt/prompt"] == "A paper boat"
    dialog.close()


async def test_a_caption_goes_into_the_library(driver: Driver):
    await make_clip(driver, "A paper boat", 1)
    (row,) = driver.rows
    driver.window.history.select(row.id)
    driver.window.acts.details.trigger()
    dialog = driver.window.library_tools.details.dialog
    assert dialog is not None
    await read(dialog.pane, row.id)
    driver.type("For the opening", dialog.pane.marks.caption)
    dialog.close()
    await driver.until(lambda: driver.rows[0].caption == "For the opening")


async def test_the_library_has_them_beside_it(driver: Driver):
    await make_clip(driver, "A paper boat", 1)
    (row,) = driver.rows
    window = driver.window
    window.acts.tabs[3].trigger()
    view = window.library_tools.view
    pane = window.library_tools.details.pane
    assert pane is not None
    model = view.model
    await becomes(
        lambda: model.rowCount() == 1, model.modelReset, model.rowsInserted, model.dataChanged
    )
    view.grid.setCurrentIndex(model.index(0, 0))
    await read(pane, row.id)
    assert values(pane)["prompt/prompt"] == "A paper boat"
    driver.press(Qt.Key.Key_F4)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert pane.isAncestorOf(focus)
