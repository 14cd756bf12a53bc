"""A batch from the real window: the file, its mistakes mended in place, the price, the start, the results."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from tests.ui.waiting import becomes, emitted
from tests.ui.window.conftest import NO_KEYS, Driver, running
from veo_studio.core.batch_file import read_batch
from veo_studio.core.models import BudgetPeriod, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.ui.view_models.batch_model import BatchState
from veo_studio.ui.view_models.batch_table import PROBLEM_ROLE, PROMPT, STATE
from veo_studio.ui.views.batch import BatchDialog

CTRL = Qt.KeyboardModifier.ControlModifier
LIMIT_S = 60.0


@pytest.fixture
async def at_google(
    qapp: QApplication, paths: Paths, monkeypatch: pytest.MonkeyPatch, no_task_left: None
) -> AsyncIterator[Driver]:
    """A window of somebody with a key; nothing is sent in these tests."""
    monkeypatch.setenv("GEMINI_API_KEY", "not-a-real-key-0123456789")
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", "http://127.0.0.1:9")
    async with running(paths) as made:
        yield made


async def opened(driver: Driver, path: Path, content: str) -> BatchDialog:
    """The dialog with the rows of a file of this content."""
    path.write_text(content, encoding="utf-8")
    if driver.window.tools.batches.dialog is None:
        driver.press(Qt.Key.Key_B, CTRL)
    else:
        # the offscreen platform gives the focus back to nobody
        driver.window.acts.batch.trigger()
    dialog = driver.window.tools.batches.dialog
    assert dialog is not None
    assert dialog.isVisible()
    dialog.open_file(path)
    model = dialog.model
    # the first change is that it is being read
    await emitted(model.changed)
    await becomes(
        lambda: model.state in (BatchState.READY, BatchState.EMPTY),
        model.changed,
        timeout_s=LIMIT_S,
    )
    return dialog


def shown(dialog: BatchDialog, row: int, column: int) -> str:
    return str(dialog.model.table.index(row, column).data())


def answer(dialog: QFileDialog, path: Path) -> None:
    dialog.setDirectory(str(path.parent))
    line = dialog.findChild(QLineEdit)
    assert line is not None
    line.setText(path.name)
    dialog.accept()


async def test_every_row_becomes_a_clip_and_results_can_be_saved_days_later(
    driver: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    dialog = await opened(driver, path, "prompt,takes\nA red kite,2\nA boat,\n")
    model = dialog.model
    assert dialog.price.text() == "3 clips · free rehearsal"
    assert dialog.start.text() == "&Start 3 clips"
    assert "What a row leaves out comes from the form" in dialog.defaults.text()
    driver.click(dialog.start)
    await becomes(lambda: model.counts_words() == "3 of 3 ready", model.changed, timeout_s=LIMIT_S)
    assert shown(dialog, 0, STATE) == "2 of 2 ready"
    assert shown(dialog, 1, STATE) == "ready"
    assert "3 of 3 ready" in dialog.note.text()
    assert not model.table.flags(model.table.index(0, PROMPT)) & Qt.ItemFlag.ItemIsEditable
    first, second = sorted(row.take_number for row in driver.rows if row.take_group)
    assert (first, second) == (1, 2)
    dialog.close()

    # the same file later: what became of it, and a question before it is made again
    dialog = await opened(driver, path, "prompt,takes\nA red kite,2\nA boat,\n")
    assert dialog.note.text().startswith("Started just now: 3 of 3 ready")
    assert not dialog.start.isVisible()
    out = tmp_path / "out.csv"
    assert await dialog.model.save_results(out) == 3
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["completed"] * 3
    assert all(Path(row["path"]).is_file() for row in rows)
    driver.click(dialog.again)
    question = await modal_of(dialog)
    question.reject()
    driver.click(dialog.again)
    question = await modal_of(dialog)
    question.accept()
    model = dialog.model
    await becomes(lambda: model.run is not None and model.run.number == 2, model.changed)
    assert len(driver.rows) == 6


async def modal_of(dialog: BatchDialog) -> QFileDialog:
    """The question over the dialog, once it is there."""
    async with asyncio.timeout(10.0):
        while (found := QApplication.activeModalWidget()) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found  # type: ignore[return-value]


async def test_mistakes_are_mended_in_place_and_rows_left_out(
    driver: Driver, tmp_path: Path
) -> None:
    content = "prompt,aspect_ratio\nA red kite,5:4\nab,\nA boat,16:9\n"
    dialog = await opened(driver, tmp_path / "a.csv", content)
    model, table = dialog.model, dialog.model.table
    assert dialog.blocked.text() == "2 rows have mistakes. Correct them, or remove the rows."
    assert not dialog.start.isEnabled()
    assert dialog.start.toolTip() == dialog.blocked.text()
    assert "not 5:4" in shown(dialog, 0, STATE)
    aspect = table.column_of("aspect_ratio")
    assert "not 5:4" in dialog.about.text()
    assert "not 5:4" in str(table.index(0, aspect).data(PROBLEM_ROLE))

    # by keyboard: to the mistake, type over it, Enter
    dialog.rows.setCurrentIndex(table.index(2, PROMPT))
    driver.click(dialog.next_mistake)
    assert (dialog.rows.currentIndex().row(), dialog.rows.currentIndex().column()) == (0, aspect)
    QTest.keyClick(dialog.rows, Qt.Key.Key_F2)
    editor = dialog.rows.findChild(QLineEdit)
    assert editor is not None
    editor.setText("9:16")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    await becomes(lambda: shown(dialog, 0, STATE) == "Fits", table.dataChanged)
    assert dialog.blocked.text() == "1 row has a mistake. Correct it, or remove the row."

    driver.click(dialog.next_mistake)
    QTest.keyClick(dialog.rows, Qt.Key.Key_Delete)
    assert table.rowCount() == 2
    assert dialog.blocked.text() == ""
    assert dialog.start.isEnabled()
    assert model.total.clips == 2


async def test_a_budget_stops_the_start_in_the_words_of_the_form(
    at_google: Driver, tmp_path: Path
) -> None:
    driver = at_google
    content = "prompt,model\n" + "A red kite,gemini-omni-1.2-flash\n" * 3
    dialog = await opened(driver, tmp_path / "a.csv", content)
    assert "30 tokens · about $" in dialog.price.text()
    assert dialog.start.isEnabled()
    assert driver.program.studio is not None
    wallet = driver.program.studio.wallet
    await wallet.set_budget(BudgetPeriod.DAY, Decimal("0.05"))
    dialog.open_file(tmp_path / "a.csv")
    model = dialog.model
    await becomes(lambda: "$0.05" in dialog.blocked.text(), model.changed)
    assert "raise the budget" in dialog.blocked.text()
    assert not dialog.start.isEnabled()
    driver.click(dialog.unblock)
    assert driver.window.wallet.dialog is not None
    assert driver.window.wallet.dialog.isVisible()
    await wallet.set_budget(BudgetPeriod.DAY, None)

    more = "prompt,model\n" + "A red kite,gemini-omni-1.2-flash\n" * 11
    dialog = await opened(driver, tmp_path / "c.csv", more)
    assert "This needs 110 tokens and the wallet holds 100." in dialog.blocked.text()
    assert driver.rows == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "prompt,durations\nx,1\n", "Did you mean duration?"),
        ("a.csv", "", "a.csv is empty"),
        ("a.txt", "# nothing\n", "a.txt has no rows"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    driver: Driver, tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    dialog = await opened(driver, tmp_path / name, content)
    assert sentence in dialog.empty.text
    assert not dialog.start.isEnabled()


async def test_ten_thousand_rows_are_shown_and_too_many_for_one_start(
    driver: Driver, tmp_path: Path
) -> None:
    content = "".join(f"A red kite {number}\n" for number in range(10_000))
    dialog = await opened(driver, tmp_path / "a.txt", content)
    assert dialog.model.table.rowCount() == 10_000
    assert "the queue takes 1,000 at once" in dialog.blocked.text()
    assert not dialog.start.isEnabled()
    dialog.model.remove(range(1000, 10_000))
    assert dialog.blocked.text() == ""
    assert dialog.price.text() == "1,000 clips · free rehearsal"


async def test_lists_are_made_of_only_where_the_box_is_ticked(
    driver: Driver, tmp_path: Path
) -> None:
    dialog = await opened(driver, tmp_path / "a.txt", "A {red|blue} kite\n")
    assert dialog.model.total.clips == 1
    dialog.expand.click()
    await becomes(lambda: dialog.model.total.clips == 2, dialog.model.changed)
    assert dialog.price.text() == "2 clips · free rehearsal"


async def test_what_is_said_about_the_form_is_what_the_rows_were_checked_with(
    driver: Driver, tmp_path: Path
) -> None:
    form = driver.window.form_model
    form.set_aspect_ratio("16:9")
    dialog = await opened(driver, tmp_path / "a.txt", "A red kite\n")
    said = dialog.defaults.text()
    assert "16:9" in said
    form.set_aspect_ratio("9:16")
    dialog.model.changed.emit()
    assert dialog.defaults.text() == said
    driver.click(dialog.start)
    await becomes(lambda: dialog.model.run is not None, dialog.model.changed, timeout_s=LIMIT_S)
    assert [row.config.aspect_ratio for row in driver.rows] == ["16:9"]
    # with the form as it is now it is another batch
    dialog = await opened(driver, tmp_path / "a.txt", "A red kite\n")
    assert "9:16" in dialog.defaults.text()
    assert dialog.model.run is None


async def test_a_file_dropped_on_the_window_is_shown_first(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "A red kite", "takes": 2}\n')
    drop(path, driver.window)
    dialog = driver.window.tools.batches.dialog
    assert dialog is not None
    await becomes(lambda: dialog.model.total.clips == 2, dialog.model.changed)
    assert dialog.isVisible()
    assert driver.rows == []


def drop(path: Path, over: QWidget) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    what = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NO_KEYS)
    entering = QDragEnterEvent(QPoint(5, 5), *what)
    QApplication.sendEvent(over, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(over, QDropEvent(QPoint(5, 5).toPointF(), *what))


async def test_a_file_dropped_on_the_dialog_takes_the_place_of_the_one_before(
    driver: Driver, tmp_path: Path
) -> None:
    dialog = await opened(driver, tmp_path / "a.txt", "A red kite\n")
    other = tmp_path / "b.txt"
    other.write_text("A boat\nA fox\n")
    drop(other, dialog)
    await becomes(lambda: dialog.model.total.clips == 2, dialog.model.changed)
    assert dialog.name.text == "b.txt"


async def test_the_template_can_be_saved_and_opened(driver: Driver, tmp_path: Path) -> None:
    driver.press(Qt.Key.Key_B, CTRL)
    dialog = driver.window.tools.batches.dialog
    assert dialog is not None
    driver.click(dialog.template)
    asked = await modal_of(dialog)
    assert isinstance(asked, QFileDialog)
    path = tmp_path / "template.csv"
    answer(asked, path)
    await becomes(lambda: path.exists(), dialog.notices.shown)
    assert len(read_batch(path).rows) == 2


async def test_a_row_that_fails_says_so(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "refuse")
    dialog = await opened(driver, tmp_path / "a.txt", "A red kite\n")
    driver.click(dialog.start)
    model = dialog.model
    await becomes(lambda: "1 failed" in model.counts_words(), model.changed, timeout_s=LIMIT_S)
    assert shown(dialog, 0, STATE).startswith("failed: ")
    assert driver.rows[0].state is GenerationState.FAILED


async def test_what_is_still_typed_in_a_cell_is_checked_before_anything_is_bought(
    driver: Driver, tmp_path: Path
) -> None:
    dialog = await opened(driver, tmp_path / "a.csv", "prompt\nA red kite\n")
    dialog.rows.edit(dialog.model.table.index(0, PROMPT))
    (editor,) = dialog.rows.viewport().findChildren(QLineEdit)
    editor.setText("A green elephant")
    dialog.start.click()
    await becomes(
        lambda: shown(dialog, 0, PROMPT) == "A green elephant", dialog.model.table.dataChanged
    )
    assert dialog.model.run is None
    assert driver.rows == []
    await becomes(lambda: dialog.model.state is BatchState.READY, dialog.model.changed)
    dialog.start.click()
    await driver.until_ready(1)
    assert driver.rows[0].prompt == "A green elephant"
    dialog.close()


async def test_return_presses_the_button_that_has_the_focus(driver: Driver, tmp_path: Path) -> None:
    dialog = await opened(driver, tmp_path / "a.csv", "prompt\nA red kite\nA boat\n")
    for target in (dialog.rows, dialog.expand):
        target.setFocus()
        QTest.keyClick(target, Qt.Key.Key_Return)
    assert dialog.model.run is None, "nothing is pressed from afar"
    assert dialog.model.table.rowCount() == 2
    dialog.rows.selectRow(1)
    dialog.remove.setFocus()
    QTest.keyClick(dialog.remove, Qt.Key.Key_Return)
    assert dialog.model.table.rowCount() == 1
    dialog.leave.setFocus()
    QTest.keyClick(dialog.leave, Qt.Key.Key_Enter)
    assert not dialog.isVisible()
