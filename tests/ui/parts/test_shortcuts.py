"""The keys in force: defaults, what the user changed, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from veo_studio.ui import shortcuts
from veo_studio.ui.key_rules import combination_of
from veo_studio.ui.shortcut_table import SHORTCUTS, Group
from veo_studio.ui.shortcuts import Shortcuts

NOTHING = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keys() -> Iterator[Shortcuts]:
    """The set in force, as it was found."""
    made = shortcuts.current()
    made.load({})
    yield made
    made.load({})


def pressed(key: Qt.Key, modifiers: Qt.KeyboardModifier = NOTHING) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers)


def names(made: Shortcuts, shortcut_id: str) -> list[str]:
    return [QKeySequence(one).toString() for one in made.keys(shortcut_id)]


def combination(name: str) -> shortcuts.QKeyCombination:
    found = combination_of(name)
    assert found is not None
    return found


def test_every_default_is_a_key_that_its_command_may_have() -> None:
    made = Shortcuts()
    for one in SHORTCUTS.values():
        for name in one.keys:
            if not one.is_fixed:
                assert made.refusal(one.id, combination(name)) == "", one.id


def test_no_two_commands_share_a_default_where_both_work() -> None:
    made = Shortcuts()
    for one in SHORTCUTS.values():
        for found in made.keys(one.id):
            other = made.holder(one.id, found)
            # inside its own pane a fixed key may mean what stands nearest
            assert other is None or (one.is_fixed and other.is_fixed), (one.id, other)


def test_a_bound_action_follows_every_change(qtbot: QtBot, keys: Shortcuts) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    action, shortcut = QAction(window), QShortcut(window)
    shortcuts.bind(action, "window.generate")
    shortcuts.bind(shortcut, "window.wallet")
    assert [one.toString() for one in action.shortcuts()] == ["Ctrl+Return", "Ctrl+Enter"]
    keys.set_keys("window.generate", [combination("Ctrl+G")])
    keys.set_keys("window.wallet", [])
    assert [one.toString() for one in action.shortcuts()] == ["Ctrl+G"]
    assert shortcut.keys() == []
    keys.reset_all()
    assert shortcut.keys() == [QKeySequence("Ctrl+Shift+W")]


def test_what_is_gone_is_not_dressed_any_more(qtbot: QtBot, keys: Shortcuts) -> None:
    window = QWidget()
    action = QAction(window)
    shortcuts.bind(action, "window.generate")
    shortcuts.sip.delete(window)
    keys.set_keys("window.generate", [combination("Ctrl+G")])
    assert names(keys, "window.generate") == ["Ctrl+G"]


def test_a_key_that_is_taken_leaves_the_other_command(keys: Shortcuts) -> None:
    wanted = combination("Ctrl+E")
    other = keys.holder("window.generate", wanted)
    assert other is not None
    assert other.id == "window.enhance"
    keys.set_keys("window.generate", [wanted])
    assert names(keys, "window.enhance") == []
    assert keys.stored() == {"window.generate": ["Ctrl+E"], "window.enhance": []}
    keys.reset("window.enhance")
    assert names(keys, "window.enhance") == ["Ctrl+E"]
    assert names(keys, "window.generate") == []


def test_panes_share_keys_and_the_window_shares_with_none(keys: Shortcuts) -> None:
    assert keys.holder("player.mute", combination("Alt+Up")) is None
    taken = keys.holder("player.mute", combination("Ctrl+B"))
    assert taken is not None
    assert taken.id == "window.batch"


def test_what_is_stored_comes_back(keys: Shortcuts) -> None:
    # two that were exchanged
    keys.set_keys("window.enhance", [])
    keys.set_keys("window.generate", [combination("Ctrl+E")])
    keys.set_keys("window.enhance", [combination("Ctrl+Return")])
    stored = keys.stored()
    again = Shortcuts()
    again.load(stored)
    assert names(again, "window.generate") == ["Ctrl+E"]
    assert names(again, "window.enhance") == ["Ctrl+Return"]
    assert again.stored() == stored


def test_a_file_that_makes_no_sense_costs_only_itself() -> None:
    made = Shortcuts()
    made.load(
        {
            "window.generate": ["Nonsense+?", "Ctrl+K, Ctrl+G", "Alt+F4", "A", "Ctrl+G"],
            "window.batch": ["Ctrl+G"],
            "form.paste": ["Ctrl+J"],
            "queue.choice": [],
            "later.command": ["Ctrl+9"],
        }
    )
    assert names(made, "window.generate") == ["Ctrl+G"]
    assert names(made, "window.batch") == []
    assert names(made, "form.paste") == ["Ctrl+V"]
    assert made.stored()["later.command"] == ["Ctrl+9"]


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("window.generate", "Alt+F4"),
        ("window.generate", "Meta+L"),
        ("window.generate", "Ctrl+C"),
        ("window.generate", "G"),
        ("window.generate", "Shift+G"),
        ("window.generate", "Space"),
        ("window.generate", "Return"),
        ("window.generate", "Alt+G"),
        ("window.generate", "Left"),
        ("player.mute", "Tab"),
        ("player.mute", "Esc"),
        ("player.mute", "Alt+M"),
    ],
)
def test_keys_that_others_need_are_refused(command: str, key: str) -> None:
    words = Shortcuts().refusal(command, combination(key))
    assert key in words
    assert words.endswith(".")


@pytest.mark.parametrize(
    ("command", "key"),
    [("window.generate", "F9"), ("window.generate", "Ctrl+Alt+G"), ("player.mute", "S")],
)
def test_other_keys_are_free(command: str, key: str) -> None:
    assert Shortcuts().refusal(command, combination(key)) == ""


def test_an_event_means_the_command_that_has_the_key(keys: Shortcuts) -> None:
    assert shortcuts.matches(pressed(Qt.Key.Key_Space), "player.play")
    assert shortcuts.command(pressed(Qt.Key.Key_Left), Group.PLAYER) == "player.step_back"
    assert shortcuts.command(pressed(Qt.Key.Key_F12), Group.PLAYER) is None
    keypad = Qt.KeyboardModifier.KeypadModifier
    assert shortcuts.matches(pressed(Qt.Key.Key_3, keypad), "clips.rate_3")
    # figures of a French keyboard need Shift
    assert shortcuts.matches(pressed(Qt.Key.Key_3, SHIFT), "clips.rate_3")
    assert not shortcuts.matches(pressed(Qt.Key.Key_X, SHIFT), "clips.reject")
    assert shortcuts.matches(pressed(Qt.Key.Key_Enter), "clips.play")
    keys.set_keys("player.play", [combination("P")])
    assert shortcuts.matches(pressed(Qt.Key.Key_P), "player.play")
    assert not shortcuts.matches(pressed(Qt.Key.Key_Space), "player.play")


def test_a_letter_is_no_shortcut_inside_a_text_field(qtbot: QtBot, keys: Shortcuts) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=10_000)
    assert not shortcuts.matches(pressed(Qt.Key.Key_X), "clips.reject")
    assert not shortcuts.matches(pressed(Qt.Key.Key_Space), "player.play")
    assert shortcuts.matches(pressed(Qt.Key.Key_F2), "queue.edit")
    field.setReadOnly(True)
    assert shortcuts.matches(pressed(Qt.Key.Key_X), "clips.reject")


def test_keys_are_told_as_the_system_writes_them(keys: Shortcuts) -> None:
    assert shortcuts.told("window.next_tab") == "Ctrl+Tab, Ctrl+PgDown"
    assert shortcuts.told("window.clear_waiting") == ""
    assert shortcuts.key("window.clear_waiting").isEmpty()
