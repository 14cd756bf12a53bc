"""What can be done with the scenes that are selected, for menus and buttons."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QAction, QUndoStack
from PyQt6.QtWidgets import QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr, tr_n


def scene_actions(
    owner: QWidget,
    undo: QUndoStack,
    run: Callable[[str], object],
    *,
    count: int,
    has_board: bool,
    can: Callable[[str], bool] = lambda _command: False,
) -> list[QAction | None]:
    """None is a separator; `run` is given the id of a command, `count` is how many scenes are selected.

    `can` says whether a command that others do can be done now.

    Their keys are told, not bound: fields of text have some of the same.
    """

    def made(command: str, words: str, icon_name: str, is_on: bool) -> QAction:
        keys = shortcuts.told(command)
        action = QAction(f"{words}\t{keys}" if keys else words, owner)
        action.setIcon(icon(icon_name, "text", 16))
        action.setEnabled(is_on)
        action.triggered.connect(lambda _checked=False: run(command))
        return action

    undone = tr("Undo: {what}", what=undo.undoText()) if undo.canUndo() else tr("Undo")
    redone = tr("Redo: {what}", what=undo.redoText()) if undo.canRedo() else tr("Redo")
    has_scene = count > 0
    duplicate = tr_n("Duplicate", "Duplicate {n} scenes", count)
    delete = tr_n("Delete", "Delete {n} scenes", count)
    return [
        made("scenes.undo", undone, "undo", undo.canUndo()),
        made("scenes.redo", redone, "retry", undo.canRedo()),
        None,
        made("scenes.add", tr("New scene"), "plus", has_board),
        made("scenes.from_text", tr("Scenes from a text…"), "list", has_board),
        made("scenes.duplicate", duplicate if has_scene else tr("Duplicate"), "copy", has_scene),
        made("scenes.split", tr("Split"), "rows", count == 1),
        None,
        made("scenes.up", tr("Move up"), "up", has_scene),
        made("scenes.down", tr("Move down"), "down", has_scene),
        None,
        made("scenes.delete", delete if has_scene else tr("Delete"), "trash", has_scene),
        None,
        made("scenes.make", tr("Make what is missing"), "sparkle", can("scenes.make")),
        made("scenes.rehearse", tr("Rehearse"), "play", can("scenes.rehearse")),
        made("scenes.approve", tr("Approve the pictures"), "check", can("scenes.approve")),
        made("scenes.new_picture", tr("New picture"), "image", can("scenes.new_picture")),
        made("scenes.new_take", tr("New take"), "retry", can("scenes.new_take")),
        None,
        made("scenes.film", tr("Scenes or film"), "film", has_board),
        made("scenes.export_film", tr("Export the film…"), "download", has_board),
        None,
        made("scenes.new_board", tr("New storyboard…"), "plus", True),
        made("scenes.open_board", tr("Open a storyboard…"), "folder", True),
    ]
