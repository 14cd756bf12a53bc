"""Where Tab goes on the Storyboard page, part by part."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from tests.ui.storyboard.test_making import Making, making
from veo_studio.core.storyboard import edits

__all__ = ["making"]


def stops(first: QWidget, within: QWidget) -> list[QWidget]:
    """Where Tab stops after `first`, around once."""
    found, now = [first], first.nextInFocusChain()
    while now is not None and now is not first:
        stops_here = now.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        if stops_here and within.isAncestorOf(now):
            found.append(now)
        now = now.nextInFocusChain()
    return found


async def test_tab_goes_as_the_eye_does(making: Making) -> None:
    view, runs = making.view, making.runs
    board = making.document.board
    assert board is not None
    scene = edits.new_scene(image_prompt="Boat")
    making.document.edit("Scene", edits.add_scene(board, scene))
    view.list.choose_row(0)
    assert runs.importing is not None
    assert runs.bar is not None
    editor, top = view.editor, view.top
    order = stops(top.chooser, view)
    reference = editor.reference.tiles[0]
    assert runs.side is not None
    wanted = [
        top.chooser, top.add, runs.importing.button, top.undo, view.list, editor.picture,
        editor.motion, editor.seconds, editor.takes, editor.follows, reference, editor.subtitle,
        editor.notes, runs.side.tabBar(), runs.bar.make,
    ]  # fmt: skip
    found = [one for one in order if one in wanted]
    assert found == wanted
