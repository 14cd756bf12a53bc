"""The dialog that makes a model of an exported ComfyUI workflow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from tests.ui.waiting import becomes, emitted
from veo_studio.core.task_scope import TaskScope
from veo_studio.core.workflows import SHIPPED_FOLDER, Slot, read_workflow
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.workflow_import import WorkflowImportModel
from veo_studio.ui.views.workflow_import import WorkflowImportDialog, import_workflow


def export(folder: Path, shipped: str = "wan-2.2-text", name: str = "my wan.json") -> Path:
    """What ComfyUI's Export (API) writes."""
    document = json.loads((SHIPPED_FOLDER / f"{shipped}.json").read_text())
    file = folder / name
    file.write_text(json.dumps(document["workflow"]))
    return file


@pytest.fixture
async def scope() -> AsyncIterator[TaskScope]:
    made = TaskScope(lambda error: pytest.fail(repr(error)))
    yield made
    await made.close()


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, tmp_path: Path, scope: TaskScope) -> WorkflowImportDialog:
    made = WorkflowImportDialog(WorkflowImportModel(tmp_path / "workflows", scope.spawn))
    qtbot.addWidget(made)
    made.show()
    return made


async def read(dialog: WorkflowImportDialog, file: Path) -> None:
    dialog.model.read(file)
    await becomes(lambda: not dialog.model.is_busy, dialog.model.changed)


def choose(dialog: WorkflowImportDialog, name: str, words: str) -> None:
    """As a person does: the entry of the list that begins with these words."""
    box = dialog.places[name].box
    number = next(n for n in range(box.count()) if box.itemText(n).startswith(words))
    box.setCurrentIndex(number)
    box.activated.emit(number)


async def test_without_a_file_there_is_nothing_to_import(dialog: WorkflowImportDialog) -> None:
    assert "Export (API)" in dialog.intro.text()
    assert not dialog.do_import.isEnabled()
    assert not dialog.name.isVisible()


async def test_what_was_guessed_is_shown_and_can_be_imported(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    await read(dialog, export(tmp_path))
    prompt, first = dialog.places["prompt"], dialog.places["first_image"]
    assert prompt.box.currentText() == "Prompt (7), text"
    assert prompt.mark.text() == "guessed"
    assert dialog.places["frames"].box.currentText().endswith("length: 81")
    assert first.box.currentText() == "No place for it"
    assert first.mark.text() == ""
    assert "5 s → 5.06 s (81 frames)" in dialog.lengths.text()
    assert "words alone" in dialog.takes.text()
    dialog.do_import.click()
    (workflow,) = await emitted(dialog.model.imported)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert workflow is dialog.workflow
    assert read_workflow(tmp_path / "workflows" / "my-wan.json").fields == workflow.fields


async def test_the_user_corrects_places_lengths_and_shapes(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    await read(dialog, export(tmp_path))
    choose(dialog, "negative", "No place")
    choose(dialog, "prompt", "Negative prompt (8)")
    assert dialog.places["prompt"].mark.text() == ""
    dialog.longest.setValue(8)
    dialog.fps.setValue(24)
    dialog.rule.setCurrentIndex(2)
    dialog.rule.activated.emit(2)
    dialog._boxes["1:1"].click()
    dialog.name.selectAll()
    dialog.name.insert("Upright")
    dialog.name.textEdited.emit("Upright")
    dialog.do_import.click()
    (workflow,) = await emitted(dialog.model.imported)
    model = workflow.model()
    assert workflow.fields["prompt"] == (Slot("8", "text"),)
    assert not model.capabilities.has_negative_prompt
    assert model.capabilities.durations_s == tuple(range(2, 9))
    assert model.capabilities.aspect_ratios == ("16:9", "9:16")
    assert (workflow.rules.frame_rule, workflow.rules.fps) == ("8n+1", 24)
    assert (workflow.id, model.name) == ("upright", "Upright")


async def test_two_fields_in_one_place_are_named_and_stop_the_import(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    await read(dialog, export(tmp_path))
    choose(dialog, "negative", "Prompt (7)")
    assert "7.text cannot hold both the prompt and the negative prompt" in dialog.problem.text()
    assert not dialog.do_import.isEnabled()
    for box in dialog._boxes.values():
        box.setChecked(False)
    choose(dialog, "negative", "Negative prompt (8)")
    assert "at least one shape" in dialog.problem.text()


async def test_a_field_without_a_place_takes_its_choices_away(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    await read(dialog, export(tmp_path))
    choose(dialog, "frames", "No place")
    assert "One length" in dialog.lengths.text()
    choose(dialog, "width", "No place")
    assert list(dialog._boxes) == ["16:9"]
    choose(dialog, "width", "EmptyHunyuanLatentVideo (9), width")
    assert list(dialog._boxes) == ["16:9", "9:16", "1:1"]


async def test_pictures_may_be_optional(dialog: WorkflowImportDialog, tmp_path: Path) -> None:
    await read(dialog, export(tmp_path, "wan-2.2-image"))
    assert dialog.takes.text() == "Makes clips from a first and a last frame."
    dialog.optional.click()
    assert "words alone, a first frame" in dialog.takes.text()
    choose(dialog, "first_image", "No place")
    assert "needs a place for the first frame" in dialog.problem.text()


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "no JSON"), ('{"nodes": [], "links": []}', "Export (API)"), ("[1]", "Export (API)")],
)
async def test_another_file_is_refused_in_its_place(
    dialog: WorkflowImportDialog, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    await read(dialog, file)
    assert words in dialog.problem.text()
    assert not dialog.do_import.isEnabled()
    await read(dialog, tmp_path / "not there.json")
    assert "cannot be read" in dialog.problem.text()
    await read(dialog, export(tmp_path))
    assert dialog.problem.text() == ""
    assert dialog.do_import.isEnabled()


async def test_a_name_that_is_taken_is_said_and_can_be_changed(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "my-wan.json").write_text("{}")
    await read(dialog, export(tmp_path))
    dialog.do_import.click()
    await becomes(lambda: not dialog.model.is_busy, dialog.model.changed)
    assert "'my-wan' already" in dialog.problem.text()
    dialog.model.set_name("Another")
    assert dialog.do_import.isEnabled()


async def test_words_of_a_workflow_are_never_markup(
    dialog: WorkflowImportDialog, tmp_path: Path
) -> None:
    file = export(tmp_path)
    graph: dict[str, Any] = json.loads(file.read_text())
    graph["7"]["_meta"]["title"] = "<img src=http://x/y>" * 20
    graph["7"]["inputs"]["text"] = "line\nline " * 100
    file.write_text(json.dumps(graph))
    await read(dialog, file)
    assert "\n" not in dialog.places["prompt"].box.currentText()
    assert len(dialog.places["prompt"].box.currentText()) < 160
    assert "<img" not in dialog.places["prompt"].box.toolTip()


async def test_escape_leaves_it_and_other_work_goes_on(
    qtbot: QtBot, theme: Theme, tmp_path: Path, scope: TaskScope
) -> None:
    asked = asyncio.ensure_future(import_workflow(tmp_path / "workflows", scope.spawn))
    turn = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turn.set_result, None)
    await turn
    from PyQt6.QtWidgets import QApplication

    (shown,) = [
        widget for widget in QApplication.topLevelWidgets()
        if isinstance(widget, WorkflowImportDialog) and widget.isVisible()
    ]  # fmt: skip
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert await asked is None
