"""What is done to the scenes of a storyboard; each command is one step of its undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Storyboard
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.storyboard_model import BoardDocument


class SceneCommands:
    """All raise ValueError with a sentence where it cannot be done; those that make scenes tell their uuids."""

    def __init__(self, document: BoardDocument) -> None:
        self.document = document

    def _board(self) -> Storyboard:
        if self.document.board is None:
            raise ValueError(tr("Open a storyboard first."))
        return self.document.board

    def add(self, after: str | None) -> tuple[str, ...]:
        """An empty one behind the scene `after`, at the end for None."""
        board = self._board()
        at = None if after is None else board.place_of(after) + 1
        return self._made(tr("New scene"), edits.add_scene(board, at=at))

    def duplicate(self, uuids: Sequence[str]) -> tuple[str, ...]:
        words = tr_n("Duplicate a scene", "Duplicate {n} scenes", len(uuids))
        return self._made(words, edits.duplicate_scenes(self._board(), uuids))

    def split(self, uuid: str, at_char: int | None) -> tuple[str, ...]:
        """`at_char` is a place in the motion prompt, or in the picture prompt where that is empty."""
        return self._made(tr("Split a scene"), edits.split_scene(self._board(), uuid, at_char))

    def _made(self, words: str, board: Storyboard) -> tuple[str, ...]:
        before = {scene.uuid for scene in self._board().scenes}
        self.document.edit(words, board)
        return tuple(scene.uuid for scene in board.scenes if scene.uuid not in before)

    def delete(self, uuids: Sequence[str]) -> None:
        words = tr_n("Delete a scene", "Delete {n} scenes", len(uuids))
        self.document.edit(words, edits.delete_scenes(self._board(), uuids))

    def move(self, uuids: Sequence[str], by: int) -> None:
        """One place up (-1) or down (1), together."""
        board = self._board()
        places = sorted(board.place_of(uuid) for uuid in uuids)
        if not places:
            return
        to = places[0] - 1 if by < 0 else places[-1] + 2
        if 0 <= to <= len(board.scenes):
            words = tr_n("Move a scene", "Move {n} scenes", len(uuids))
            self.document.edit(words, edits.move_scenes(board, uuids, to))

    def change(self, words: str, uuids: Sequence[str], **fields: Any) -> None:
        """The same fields of several scenes."""
        self.document.edit(words, edits.change_scenes(self._board(), uuids, **fields))

    def write(self, uuid: str, field: str, text: str) -> None:
        """What is typed in a field; a pause or another field begins the next step of undo."""
        board = self._board()
        if field == "subtitle":
            cut = replace(board.scene(uuid).cut, subtitle=text)
            board = edits.change_scene(board, uuid, cut=cut)
        else:
            board = edits.change_scene(board, uuid, **{field: text})
        self.document.edit(tr("Typing"), board, field=f"{uuid}:{field}")

    def rename(self, title: str) -> None:
        self.document.edit(tr("Rename"), edits.change_scenario(self._board(), title=title))
