"""Rows of prompts, presets and lists: proper item models, drawn in both themes, and quick."""

from __future__ import annotations

import time

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QPixmap
from PyQt6.QtWidgets import QApplication, QListView

from veo_studio.core.catalog import Catalog
from veo_studio.ui.delegates.text_row import TextRow
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.preset_model import SIDE_ROLE, PresetModel, PromptRows, ShelfRows

LONG = "A red kite over the sea at dusk, " * 10


def test_the_models_keep_qts_rules(qapp, qtmodeltester):
    rows = PromptRows()
    rows.show(("a kite", "two\nlines", LONG))
    qtmodeltester.check(rows)
    presets = PresetModel()
    for part in ("presets", "lists"):
        qtmodeltester.check(ShelfRows(presets, part))


def test_a_row_is_one_line_of_words_with_its_number_and_the_whole_in_its_tool_tip(qapp):
    rows = PromptRows()
    rows.show(("a kite", "two\n lines <b>"))
    index = rows.index(1, 0)
    assert index.data() == "two lines <b>"
    assert index.data(SIDE_ROLE) == "2"
    assert "&lt;b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("scale", [1, 2])
def test_rows_are_drawn_whatever_is_in_them(qtbot, theme, lines, scale):
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    Theme().apply(app, theme)
    view = QListView()
    qtbot.addWidget(view)
    font = QFont(view.font())
    font.setPixelSize(13 * scale)
    view.setFont(font)
    view.setItemDelegate(TextRow(lines, view))
    rows = PromptRows(view)
    view.setModel(rows)
    rows.show(("a", LONG, "x" * 3000, "\u05d0" * 50, "👩‍👩‍👧" * 80))
    view.setCurrentIndex(rows.index(1, 0))
    view.resize(260, 300)
    picture = QPixmap(view.size())
    view.render(picture)
    height = view.sizeHintForRow(0)
    assert height >= lines * view.fontMetrics().lineSpacing()
    assert all(view.sizeHintForRow(row) == height for row in range(rows.rowCount()))


def test_a_thousand_prompts_are_found_while_somebody_types(qapp):
    form = FormModel(Catalog.load())
    words = "{a|b|c|d|e|f|g|h|i|j}" * 3 + " and what else is seen in this clip, in many words " * 20
    form.set_prompt(words)
    began = time.perf_counter()
    for number in range(5):
        form.set_prompt(f"{words}{number}")
        assert len(form.prompts()) == 1000
        assert form.characters_left > 0
    # about 3 ms each on an idle machine
    assert (time.perf_counter() - began) / 5 < 0.25
