"""The picture that a scene's own picture is made after: chosen, dropped or pasted, and copied in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog, QFileDialog

from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.given import Given
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_inputs import PICTURE_SUFFIXES
from veo_studio.ui.views.table_files import documents

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio
    from veo_studio.ui.storyboard_access import BoardPictures
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"


class SceneReferences(QObject):
    """Made with the tab."""

    def __init__(self, view: StoryboardView, telling: Telling, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._telling = telling
        self._files: BoardPictures | None = None
        self._folder = documents()
        view.editor.reference_wanted.connect(self._on_wanted)
        view.editor.reference_given.connect(self._on_given)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        from veo_studio.ui.storyboard_access import BoardPictures

        self._files = BoardPictures(studio)
        self._view.editor.set_path_of(self._files.path_of)

    def _on_wanted(self) -> None:
        self._telling.run(self._choose(), PANE)

    def _on_given(self, given: Given) -> None:
        scene = self._view.editor.scene
        if scene is not None:
            self._telling.run(self.take(scene.uuid, given), PANE)

    async def _choose(self) -> None:
        scene = self._view.editor.scene
        if scene is None:
            return
        dialog = QFileDialog(self._view, tr("Choose a picture"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        dialog.setNameFilter(tr("Pictures ({patterns})", patterns=patterns))
        if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
            path = Path(dialog.selectedFiles()[0])
            self._folder = str(path.parent)
            await self.take(scene.uuid, Given((path,)))

    async def take(self, scene_uuid: str, given: Given) -> None:
        """The first picture of what was given; raises ValueError with a sentence, StorageError."""
        if self._files is None:
            return
        (_name, picture), *_rest = await self._files.take_in(given)
        board = self._view.document.board
        # the storyboard may be another one by now
        if board is not None and any(scene.uuid == scene_uuid for scene in board.scenes):
            self._view.editor.set_reference(scene_uuid, picture)
