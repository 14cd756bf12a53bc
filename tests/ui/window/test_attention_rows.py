"""A row that needs the user: all of its words are read, all of its choices reached by keyboard."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.fakes.generations import a_generation
from tests.ui.window.test_queue_view import asked, attention
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Choice
from veo_studio.ui.delegates.queue_delegate import RowPart
from veo_studio.ui.view_models.queue_model import QueueRole


def activate(qtbot, view) -> None:
    """Only an active window gives the focus to anybody."""
    with qtbot.waitActive(view):
        view.activateWindow()


@pytest.mark.parametrize("width", [280, 430, 900])
def test_a_long_sentence_wraps_and_its_buttons_stay_in_the_row(qtbot, width):
    _queue, view = attention(qtbot)
    view.resize(width, 400)
    index = view._model.attention.index(0)
    qtbot.waitUntil(
        lambda: view.attention.visualRect(index).width() == view.attention.viewport().width()
    )
    delegate, row = view.attention._delegate, view.attention.visualRect(index)
    lines = [text for text, _dim in delegate.lines(index)]
    shown = " ".join(lines)
    assert index.data(QueueRole.WORDS) in shown
    assert shown.endswith(index.data(QueueRole.DETAIL)), "nothing is cut"
    button, more = view.attention.button_rect(index), view.attention.more_rect(index)
    assert row.contains(button)
    assert row.contains(more)
    assert not button.intersects(more)
    assert view.attention.height() >= row.height()


def test_tab_goes_through_row_button_and_menu_and_keys_press_them(qtbot):
    _queue, view = attention(qtbot)
    activate(qtbot, view)
    opened, chosen = asked(view.attention.menu_requested), asked(view.choice_requested)
    view.attention.menu_requested.disconnect(view._on_menu_requested)
    view.attention.setFocus(Qt.FocusReason.TabFocusReason)
    parts = []
    for _ in range(3):
        parts.append(view.attention.part)
        QTest.keyClick(view.attention, Qt.Key.Key_Space)
        QTest.keyClick(view.attention, Qt.Key.Key_Tab)
    assert parts == [RowPart.ROW, RowPart.BUTTON, RowPart.MORE]
    assert [choice for _one, choice in chosen] == [Choice.CHECK]
    assert len(opened) == 1
    assert not view.attention.hasFocus(), "the next Tab leaves the list"
    view.attention.setFocus(Qt.FocusReason.BacktabFocusReason)
    assert view.attention.part is RowPart.MORE


@pytest.mark.parametrize("name", ["attention", "rows"])
def test_shift_f10_opens_the_menu_of_the_current_row(qtbot, name):
    queue, view = attention(qtbot)
    queue.waiting = (8,)
    view._model.on_event(GenerationEvent(EventKind.ADDED, a_generation(id=8)))
    view._model.flush()
    activate(qtbot, view)
    rows = getattr(view, name)
    rows.menu_requested.disconnect(view._on_menu_requested)
    opened = asked(rows.menu_requested)
    rows.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(rows, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    ((index, _where),) = opened
    menu = view.menu_for(index.data(QueueRole.GENERATION))
    words = [one.text().split("\t")[0] for one in menu.actions()]
    assert ("Send again…" if name == "attention" else "Edit…") in words
