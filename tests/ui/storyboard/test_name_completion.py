"""An @ in a prompt offers the cast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from veo_studio.ui.theme import Theme
from veo_studio.ui.views.name_completion import NameCompletion
from veo_studio.ui.views.prompt_edit import PromptEdit

NAMES = ("keeper", "Lighthouse", "lamp", "größe")


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> Iterator[tuple[PromptEdit, NameCompletion]]:
    window = QWidget()
    edit = PromptEdit(3, 6)
    QVBoxLayout(window).addWidget(edit)
    completion = NameCompletion(edit, lambda: NAMES)
    window.resize(400, 200)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus, timeout=20_000)
    yield edit, completion
    completion.completer.popup().hide()
    window.close()
    window.deleteLater()


def offered(completion: NameCompletion) -> list[str]:
    if not completion.is_open:
        return []
    model = completion.completer.completionModel()
    assert model is not None
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_names_are_offered_as_they_are_typed(field: tuple[PromptEdit, NameCompletion]) -> None:
    edit, completion = field
    QTest.keyClicks(edit, "Near the @")
    assert offered(completion) == list(NAMES)
    QTest.keyClicks(edit, "l")
    assert offered(completion) == ["Lighthouse", "lamp"]
    QTest.keyClicks(edit, "am")
    assert offered(completion) == ["lamp"]
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "Near the @lamp "
    assert not completion.is_open


def test_tab_takes_the_name_and_leaves_no_field(field: tuple[PromptEdit, NameCompletion]) -> None:
    edit, _completion = field
    QTest.keyClicks(edit, "@ke")
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "@keeper "
    assert edit.hasFocus()
    edit.undo()
    assert edit.toPlainText() == "@ke"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_the_list_takes_the_keys_that_a_desktop_sends_it(
    field: tuple[PromptEdit, NameCompletion], key: Qt.Key
) -> None:
    edit, completion = field
    QTest.keyClicks(edit, "@l")
    popup = completion.completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, key)
    assert edit.toPlainText() == "@lamp "
    assert not completion.is_open


def test_in_front_of_a_space_no_other_is_put(field: tuple[PromptEdit, NameCompletion]) -> None:
    edit, _completion = field
    edit.setPlainText(" walks")
    QTest.keyClicks(edit, "@ke")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "@keeper walks"


def test_escape_leaves_what_is_typed(field: tuple[PromptEdit, NameCompletion]) -> None:
    edit, completion = field
    QTest.keyClicks(edit, "@l")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert not completion.is_open
    assert edit.toPlainText() == "@l"


@pytest.mark.parametrize("typed", ["me@l", "@@l", "@zebra", "@lamp", "no name"])
def test_nothing_is_offered_where_none_is_meant(
    field: tuple[PromptEdit, NameCompletion], typed: str
) -> None:
    edit, completion = field
    QTest.keyClicks(edit, typed)
    assert not completion.is_open


def test_a_text_that_is_put_in_opens_nothing(field: tuple[PromptEdit, NameCompletion]) -> None:
    edit, completion = field
    edit.clearFocus()
    edit.setPlainText("@l")
    assert not completion.is_open
