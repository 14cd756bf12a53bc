"""The page of the keyboard shortcuts, as its user has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from veo_studio.ui.shortcuts import Shortcuts
from veo_studio.ui.theme import Theme
from veo_studio.ui.views.shortcuts_page import ShortcutsPage

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keys() -> Shortcuts:
    return Shortcuts()


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, keys: Shortcuts) -> Iterator[ShortcutsPage]:
    made = ShortcutsPage(keys)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def press(page: ShortcutsPage, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(page.field, key, modifiers or Qt.KeyboardModifier.NoModifier)


def names(keys: Shortcuts, shortcut_id: str) -> list[str]:
    return [QKeySequence(one).toString() for one in keys.keys(shortcut_id)]


def visible(page: ShortcutsPage) -> list[str]:
    return [
        over.child(row).text(0)
        for number in range(page.list.topLevelItemCount())
        if not (over := page.list.topLevelItem(number)).isHidden()
        for row in range(over.childCount())
        if not over.child(row).isHidden()
    ]


def test_a_key_is_given_by_pressing_it(qtbot: QtBot, page: ShortcutsPage, keys: Shortcuts) -> None:
    action = QAction(page)
    keys.bind(action, "window.wallet")
    page.select("window.wallet")
    page.field.click()
    assert "Press a key" in page.field.text()
    with qtbot.waitSignal(page.edited, timeout=10_000):
        press(page, Qt.Key.Key_F9)
    assert page.field.text() == "F9"
    # at once, without another start
    assert [one.toString() for one in action.shortcuts()] == ["F9"]
    page.reset.click()
    assert names(keys, "window.wallet") == ["Ctrl+Shift+W"]
    assert not page.reset.isEnabled()


def test_escape_leaves_the_key_as_it_is(page: ShortcutsPage, keys: Shortcuts) -> None:
    page.select("window.wallet")
    page.field.click()
    press(page, Qt.Key.Key_Escape)
    assert page.isVisible()
    assert not page.field.is_waiting
    assert keys.stored() == {}


def test_a_modifier_alone_is_waited_over(page: ShortcutsPage, keys: Shortcuts) -> None:
    page.select("window.wallet")
    page.field.click()
    press(page, Qt.Key.Key_Control, CTRL)
    assert page.field.is_waiting
    press(page, Qt.Key.Key_J, CTRL)
    assert names(keys, "window.wallet") == ["Ctrl+J"]


def test_a_taken_key_is_told_with_the_name_and_a_choice(
    page: ShortcutsPage, keys: Shortcuts
) -> None:
    page.select("window.wallet")
    page.field.click()
    press(page, Qt.Key.Key_E, CTRL)
    assert page.told.text() == "Ctrl+E is “Enhance the prompt” already."
    assert page.take.isVisible()
    assert keys.stored() == {}
    page.leave.click()
    assert not page.take.isVisible()
    assert names(keys, "window.wallet") == ["Ctrl+Shift+W"]
    page.field.click()
    press(page, Qt.Key.Key_E, CTRL)
    page.take.click()
    assert names(keys, "window.wallet") == ["Ctrl+E"]
    assert names(keys, "window.enhance") == []
    assert not page.take.isVisible()


def test_keys_of_the_system_are_refused_with_a_sentence(
    page: ShortcutsPage, keys: Shortcuts
) -> None:
    page.select("window.wallet")
    page.field.click()
    press(page, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    assert page.told.text() == "Alt+F4 belongs to the system. Press another key."
    page.field.click()
    press(page, Qt.Key.Key_Tab)
    assert page.told.text().startswith("Tab moves")
    page.field.click()
    press(page, Qt.Key.Key_G)
    assert page.told.text().startswith("G alone")
    assert keys.stored() == {}


def test_a_fixed_key_is_shown_and_stays(page: ShortcutsPage) -> None:
    page.select("form.paste")
    assert not page.field.isEnabled()
    assert page.told.text().startswith("This key is the same")


def test_a_letter_is_good_in_a_pane(page: ShortcutsPage, keys: Shortcuts) -> None:
    page.select("player.mute")
    page.field.click()
    press(page, Qt.Key.Key_Question, SHIFT)
    assert names(keys, "player.mute") == ["?"]
    page.no_key.click()
    assert names(keys, "player.mute") == []
    assert page.field.text() == "No key"
    page.reset_all.click()
    assert keys.stored() == {}


def test_the_search_finds_words_and_keys(page: ShortcutsPage) -> None:
    everything = visible(page)
    QTest.keyClicks(page.search, "wallet")
    assert visible(page) == ["Wallet"]
    assert page.name.text() == "Wallet"
    page.search.setText("ctrl+shift+a")
    assert visible(page) == ["Go to what needs attention"]
    page.search.setText("nothing like it")
    assert visible(page) == []
    page.search.clear()
    assert visible(page) == everything


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_the_search_leads_into_the_list(page: ShortcutsPage, key: Qt.Key) -> None:
    page.search.setFocus()
    page.search.setText("nothing like it")
    QTest.keyClick(page.search, key)
    assert QApplication.focusWidget() is page.search
    page.search.setText("wallet")
    QTest.keyClick(page.search, key)
    assert QApplication.focusWidget() is page.list
    assert page.name.text() == "Wallet"
    assert not page.field.is_waiting


def test_return_on_a_row_asks_for_its_key(qtbot: QtBot, page: ShortcutsPage) -> None:
    page.select("window.batch")
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert page.isVisible()
    assert page.field.is_waiting
    assert QApplication.focusWidget() is page.field
    page.search.setFocus()
    assert not page.field.is_waiting


def test_the_field_says_what_it_is(page: ShortcutsPage) -> None:
    page.select("window.batch")
    assert page.field.accessibleName() == "Key of Batch from a file: Ctrl+B"
    page.field.wait()
    assert "waiting for a key" in page.field.accessibleName()
