"""The Storyboard page as its user has it: keys, what is selected, what is written."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from tests.ui.waiting import becomes
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Scene, Storyboard
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.storyboard import StoryboardView

NO_KEYS = Qt.KeyboardModifier.NoModifier


class Page:
    """`window` is what the page stands in; whoever makes it says where the page is."""

    def __init__(self, window: QWidget, document: BoardDocument) -> None:
        self.window = window
        self.document = document

    @property
    def view(self) -> StoryboardView:
        raise NotImplementedError

    @property
    def board(self) -> Storyboard:
        assert self.document.board is not None
        return self.document.board

    @property
    def scenes(self) -> tuple[Scene, ...]:
        return self.board.scenes

    @property
    def prompts(self) -> list[str]:
        return [scene.image_prompt for scene in self.scenes]

    async def saved(self) -> None:
        await becomes(lambda: not self.document.is_dirty, self.document.saved)

    def write_scenes(self, *prompts: str) -> None:
        scenes = [edits.new_scene(image_prompt=words) for words in prompts]
        self.document.edit("Scenes", edits.add_scenes(self.board, scenes))
        self.view.list.choose_row(0)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Where the focus is; shortcuts of the window have their say first."""
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)

    def in_list(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.view.list.setFocus()
        self.press(key, modifiers)

    def choose(self, *rows: int) -> None:
        self.view.list.choose(*(self.scenes[row].uuid for row in rows))

    @property
    def chosen(self) -> list[int]:
        return [self.board.place_of(uuid) for uuid in self.view.list.selected()]
