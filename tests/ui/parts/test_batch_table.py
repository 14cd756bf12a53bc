"""The table of a batch as a model: its cells, its editing, and what was made of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from veo_studio.core.batch_file import FileRow
from veo_studio.core.batch_rows import BatchDefaults, RowChecker
from veo_studio.core.catalog import Catalog
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.batch_table import (
    LOOK_ROLE,
    PRICE,
    PROBLEM_ROLE,
    PROMPT,
    ROW,
    STATE,
    BatchTable,
)
from veo_studio.ui.views.batch_rows import BatchRows

CATALOG = Catalog.load()
ROWS = (
    FileRow(2, {"prompt": "A red kite", "duration": "4"}),
    FileRow(3, {"prompt": "ab", "duration": "99"}),
    FileRow(5, {}, "This line is not JSON."),
)


@pytest.fixture
def table(qtbot: QtBot) -> BatchTable:
    model = CATALOG.find("gemini-omni-1.2-flash", "gemini")
    checker = RowChecker(CATALOG, BatchDefaults(model), Path(), lambda _: None)
    made = BatchTable()
    made.show_rows([checker.check(row) for row in ROWS], ("duration", "prompt"), checker.check)
    return made


def words(table: BatchTable, row: int) -> list[str]:
    return [str(table.index(row, column).data()) for column in range(table.columnCount())]


def test_it_is_a_sound_model(table: BatchTable, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(table)


def test_a_row_says_what_it_makes_and_costs(table: BatchTable) -> None:
    row = words(table, 0)
    assert row[ROW : PROMPT + 2] == ["2", "Fits", row[PRICE], "A red kite", "4"]
    assert row[PRICE].startswith("10 tokens · $")
    assert row[-1].startswith("Omni 1.2 Flash · 4 s 720p")
    headings = [
        table.headerData(column, Qt.Orientation.Horizontal) for column in range(table.columnCount())
    ]
    assert headings == ["Row", "State", "Price", "Prompt", "Seconds", "Clip"]


def test_a_mistake_stands_in_its_cell_and_in_the_state(table: BatchTable) -> None:
    assert words(table, 1)[STATE] == "Prompt too short (min 3 characters)"
    assert table.index(1, STATE).data(LOOK_ROLE) == ("warning", "bad")
    assert table.index(1, PROMPT).data(PROBLEM_ROLE) == "Prompt too short (min 3 characters)"
    assert "from 2 to 60, not 99" in str(table.index(1, PROMPT + 1).data(PROBLEM_ROLE))
    assert "not JSON" in words(table, 2)[STATE]
    assert table.next_problem(-1) == 1
    assert table.next_problem(1) == 2
    assert table.next_problem(2) == 1


def test_another_word_is_looked_at_at_once(table: BatchTable, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.rows_changed):
        assert table.setData(table.index(1, PROMPT), "A boat")
    assert not table.index(1, PROMPT).data(PROBLEM_ROLE)
    assert table.rows[1].problem_of("duration")
    assert table.setData(table.index(1, PROMPT + 1), "")
    assert words(table, 1)[STATE] == "Fits"
    # a row that could not be read counts as written anew
    assert table.setData(table.index(2, PROMPT), "A fox")
    assert words(table, 2)[STATE] == "Fits"
    assert table.next_problem(-1) is None
    assert not table.setData(table.index(0, STATE), "ready")
    assert not table.index(0, STATE).flags() & Qt.ItemFlag.ItemIsEditable


def test_ten_thousand_rows_are_as_quick_as_ten(table: BatchTable) -> None:
    rows = list(table.rows) * 3334
    table.show_rows(rows, ("prompt",), None)
    assert table.rowCount() == 10_002
    table.remove(range(2, 10_002))
    assert table.rowCount() == 2


def test_what_is_wrong_takes_the_room_of_the_price(
    qtbot: QtBot, table: BatchTable, theme: Theme
) -> None:
    view = BatchRows(table)
    qtbot.addWidget(view)
    assert [view.columnSpan(row, STATE) for row in range(3)] == [1, 2, 2]
    assert table.setData(table.index(1, table.column_of("duration")), "4")
    assert table.setData(table.index(1, PROMPT), "A blue boat")
    assert [view.columnSpan(row, STATE) for row in range(3)] == [1, 1, 2]
    table.remove([0, 1])
    assert view.columnSpan(0, STATE) == 2
