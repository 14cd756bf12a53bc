"""Proposed scenes as a table: corrected in place, moved, left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPlainTextEdit, QSpinBox
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from veo_studio.core.storyboard.drafts import SceneDraft
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.scene_drafts import (
    MOTION,
    NUMBER,
    PICTURE,
    SECONDS,
    SUBTITLE,
    SceneDrafts,
)
from veo_studio.ui.views.draft_rows import DraftRows

DRAFTS = (
    SceneDraft("A harbour at dawn", "gulls rise", 4, "wide", "Once there was a boat."),
    SceneDraft("A boat", "it leaves", 6),
    SceneDraft("The open sea", "waves", 60),
)


@pytest.fixture
def drafts(qtbot: QtBot) -> SceneDrafts:
    made = SceneDrafts()
    made.show_rows(DRAFTS)
    return made


@pytest.fixture
def rows(qtbot: QtBot, theme: Theme, drafts: SceneDrafts) -> Iterator[DraftRows]:
    view = DraftRows(drafts)
    view.resize(900, 400)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    # before its model, or its selection complains
    sip.delete(view)


def test_it_is_a_sound_model(drafts: SceneDrafts, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(drafts)


def test_cells_say_what_a_scene_will_be(drafts: SceneDrafts) -> None:
    said = [str(drafts.index(0, column).data()) for column in range(drafts.columnCount())]
    assert said == [
        "1", "A harbour at dawn", "gulls rise", "4 s", "Once there was a boat.", "wide",
    ]  # fmt: skip
    assert drafts.duration_s == 70
    assert drafts.headerData(SUBTITLE, Qt.Orientation.Horizontal) == "Subtitle"
    role = Qt.ItemDataRole.AccessibleTextRole
    assert drafts.index(1, PICTURE).data(role) == "Picture: A boat"


def test_a_corrected_cell_is_the_scene(drafts: SceneDrafts, qtbot: QtBot) -> None:
    with qtbot.waitSignal(drafts.edited):
        assert drafts.setData(drafts.index(1, MOTION), "  it leaves\u202e slowly ")
    assert drafts.rows[1].visual_prompt == "it leaves slowly"
    assert not drafts.setData(drafts.index(1, MOTION), "it leaves slowly")
    assert not drafts.setData(drafts.index(1, NUMBER), "7")


@pytest.mark.parametrize(
    ("typed", "kept"), [("9", 9), ("1", 2), ("400", 60), ("ten", 6), ("-3", 6)]
)
def test_a_length_is_one_that_a_clip_can_have(drafts: SceneDrafts, typed: str, kept: int) -> None:
    drafts.setData(drafts.index(1, SECONDS), typed)
    assert drafts.rows[1].duration_s == kept


def test_rows_are_moved_and_left_out(drafts: SceneDrafts) -> None:
    assert drafts.move(0, 1)
    assert [row.image_prompt for row in drafts.rows] == [
        "A boat",
        "A harbour at dawn",
        "The open sea",
    ]
    assert drafts.index(0, NUMBER).data() == "1"
    assert not drafts.move(0, -1)
    assert not drafts.move(2, 1)
    drafts.remove([0, 2])
    assert [row.image_prompt for row in drafts.rows] == ["A harbour at dawn"]
    drafts.remove([0])
    assert drafts.rowCount() == 0


def test_typing_in_a_cell_changes_it(rows: DraftRows, drafts: SceneDrafts) -> None:
    rows.setCurrentIndex(drafts.index(1, PICTURE))
    rows.edit(drafts.index(1, PICTURE))
    editor = rows.viewport().findChild(QPlainTextEdit)
    assert editor is not None
    assert editor.accessibleName() == "Picture"
    QTest.keyClicks(editor, "A ship")
    # a line of its own, then the end of it
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor, "with red sails")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert drafts.rows[1].image_prompt == "A ship\nwith red sails"


def test_what_is_typed_counts_when_the_rows_are_taken(rows: DraftRows, drafts: SceneDrafts) -> None:
    rows.setCurrentIndex(drafts.index(2, SECONDS))
    rows.edit(drafts.index(2, SECONDS))
    spin = rows.viewport().findChild(QSpinBox)
    assert spin is not None
    spin.setValue(12)
    rows.end_editing()
    assert drafts.rows[2].duration_s == 12


def test_prompts_can_be_read_in_a_narrow_window(rows: DraftRows) -> None:
    wide = rows.columnWidth(PICTURE)
    rows.resize(400, 400)
    assert rows.fontMetrics().averageCharWidth() * 20 < rows.columnWidth(PICTURE) < wide
    assert rows.columnWidth(MOTION) == rows.columnWidth(PICTURE)


def test_keys_ask_for_what_buttons_do(rows: DraftRows, drafts: SceneDrafts, qtbot: QtBot) -> None:
    rows.selectRow(1)
    assert rows.selected_places() == [1]
    with qtbot.waitSignal(rows.remove_requested):
        QTest.keyClick(rows, Qt.Key.Key_Delete)
    with qtbot.waitSignal(rows.move_requested) as moved:
        QTest.keyClick(rows, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert moved.args == [-1]
