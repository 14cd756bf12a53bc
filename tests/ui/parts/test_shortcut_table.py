"""The table of shortcuts is what docs/keyboard.md lists and what the panes ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from veo_studio import ui
from veo_studio.ui.shortcut_table import GROUP_WORDS, SHORTCUTS, Group, Shortcut

UI = Path(ui.__file__).parent
DOCS = UI.parents[2] / "docs" / "keyboard.md"


def line_of(one: Shortcut) -> str:
    keys = ", ".join(f"`{key}`" for key in one.keys) or "none"
    return f"| {one.words} | {keys}{' (fixed)' if one.is_fixed else ''} |"


def test_the_documentation_lists_every_key() -> None:
    lines = DOCS.read_text("utf-8").splitlines()
    wanted = [line_of(one) for one in SHORTCUTS.values()]
    listed = [line for line in lines if re.match(r"\| .* \| (`|none)", line)]
    assert listed == wanted
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert [GROUP_WORDS[group] for group in Group] == headings[-len(Group) :]


def test_every_command_that_is_asked_for_is_in_the_table() -> None:
    """A mistyped id would be a key that never works."""
    groups = "|".join(group.value for group in Group)
    for file in UI.rglob("*.py"):
        code = file.read_text("utf-8")
        asked = re.findall(
            rf"shortcuts\.(?:matches|bind|key|told)\([^)]*\"((?:{groups})\.\w+)\"", code
        )
        assert set(asked) <= set(SHORTCUTS), file.name


def test_every_command_of_the_window_is_bound() -> None:
    code = (UI / "menus.py").read_text("utf-8")
    for one in SHORTCUTS.values():
        if one.group is Group.WINDOW:
            assert f'"{one.id.partition(".")[2]}"' in code, one.id


@pytest.mark.parametrize("group", list(Group))
def test_the_id_of_a_command_says_where_it_works(group: Group) -> None:
    found = [one for one in SHORTCUTS.values() if one.group is group]
    assert found
    assert all(one.id.startswith(f"{group.value}.") for one in found)
