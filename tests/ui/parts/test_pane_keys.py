"""The help about keys lists what the panes really handle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from veo_studio.ui import views
from veo_studio.ui.dialogs import ShortcutsDialog
from veo_studio.ui.pane_keys import FORM, HISTORY, PLAYER, QUEUE, pane_keys
from veo_studio.ui.theme import Theme

VIEWS = Path(views.__file__).parent
# the same as a listed one, or what every list and field of the system does
SELF_EVIDENT = {"Enter", "Backspace", "Space"}


def test_the_help_lists_window_and_panes(qtbot: QtBot, theme: Theme) -> None:
    action = QAction("&Generate")
    action.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
    dialog = ShortcutsDialog([action], pane_keys())
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for wanted in ("Ctrl+Return, Ctrl+Enter", "F2", "Alt+Up", "Alt+Home", "Shift+F10", "Space"):
        assert wanted in words
    assert "In the queue" in words
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    for button in box.buttons():
        dialog.show()
        picture = button.style().styleHint(
            button.style().StyleHint.SH_DialogButtonBox_ButtonsHaveIcons, None, box
        )
        assert not picture, "the toolkit's icons do not follow the theme"


@pytest.mark.parametrize(
    ("names", "table"),
    [
        (("history.py", "history_list.py"), HISTORY),
        (("queue.py", "queue_list.py"), QUEUE),
        (("form.py", "inputs_field.py"), FORM),
    ],
)
def test_no_key_of_a_pane_is_left_out(
    names: tuple[str, ...], table: dict[str, tuple[str, str]]
) -> None:
    """Keys that a view names in its own code are in the table that the help shows."""
    code = "".join((VIEWS / name).read_text("utf-8") for name in names)
    named = {
        {"Delete": "Del", "Escape": "Esc"}.get(key, key) for key in re.findall(r"\.Key_(\w+)", code)
    }
    listed = {keys.split("+")[-1] for _words, keys in table.values()}
    assert named - SELF_EVIDENT <= listed


def test_no_key_of_the_player_has_two_meanings() -> None:
    keys = [key for _words, keys in PLAYER.values() for key in keys]
    assert len(set(keys)) == len(keys)
