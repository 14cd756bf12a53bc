"""Sentences of the batch dialog."""

from __future__ import annotations

from veo_studio.ui.text import tr
from veo_studio.ui.view_models.batch_model import BatchModel, BatchState
from veo_studio.ui.view_models.batch_table import BatchTable


def problem_words(table: BatchTable, place: int) -> str:
    """All that is wrong with one row: its state has room for few words."""
    row = table.rows[place] if 0 <= place < len(table.rows) else None
    if row is None or not row.problems:
        return ""
    problems = " ".join(one.sentence for one in row.problems)
    return tr("Row {row}: {problems}", row=row.number, problems=problems)


def empty_words(model: BatchModel) -> tuple[str, str | None, str]:
    """What stands in the place of rows: words, the action, an icon."""
    if model.state is BatchState.READING and model.path is not None:
        return tr("Reading {name}…", name=model.path.name), None, "list"
    if model.problem:
        return model.problem, tr("Choose another file…"), "warning"
    if model.path is not None and model.state is BatchState.READY:
        return tr("No row is left."), tr("Choose a file…"), "list"
    words = tr(
        "Choose or drop a file: one prompt per line, or a table (CSV) or JSON Lines with a "
        "column for each setting. Nothing starts before you have seen every row and the price."
    )
    return words, tr("Choose a file…"), "list"
