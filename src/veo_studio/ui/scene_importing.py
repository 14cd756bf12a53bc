"""Scenes from a text or a table: the dialog over the Storyboard tab, and files that are dropped on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QDropEvent

from veo_studio.core.storyboard import edits
from veo_studio.ui.shortcuts import bind_tip
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.scene_import import SceneImportDialog
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"


class SceneImporting(QObject):
    """Made with the tab; what is taken is one step of the document's undo."""

    def __init__(self, view: StoryboardView, telling: Telling, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._document = view.document
        self._telling = telling
        self._studio: Studio | None = None
        self.dialog: SceneImportDialog | None = None
        words = tr("Scenes from a text or a table…")
        self.button = view.top.add_button("list", words)
        bind_tip(self.button, "scenes.from_text", lambda keys: f"{words} ({keys})")
        self.button.setObjectName("scenesFromText")
        self.button.clicked.connect(lambda _on=False: self.show())
        view.from_text_requested.connect(self.show)
        self._document.opened.connect(self._show_button)
        self._show_button()
        # of what is dropped on the page, scripts; its parts take the rest
        view.setAcceptDrops(True)
        view.installEventFilter(self)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio

    def _show_button(self) -> None:
        self.button.setEnabled(self._document.board is not None)

    def show(self, path: Path | None = None) -> None:
        """Open the dialog, with the text or the table of this file."""
        board = self._document.board
        if self._studio is None or board is None:
            return
        if self.dialog is None:
            from veo_studio.ui.storyboard_access import BoardTexts
            from veo_studio.ui.view_models.scene_import_model import SceneImportModel
            from veo_studio.ui.views.scene_import import SceneImportDialog

            spawn = self._telling.scope.spawn
            model = SceneImportModel(BoardTexts(self._studio.enhancers), spawn)
            model.present = len(board.scenes)
            self.dialog = SceneImportDialog(model, spawn, self._view)
            model.setParent(self.dialog)
            self.dialog.taken.connect(self._on_taken)
            self.dialog.finished.connect(self._on_import_closed)
            self.dialog.open()
        if path is not None:
            self.dialog.open_file(path)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QDropEvent) or self._document.board is None:
            return False
        from veo_studio.ui.views.scene_import import script_in

        path = script_in(event)
        if path is None or self._studio is None:
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self.show(path)
        return True

    def _on_import_closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _on_taken(self, drafts: tuple[object, ...], replaces: bool) -> None:
        from veo_studio.core.storyboard.drafts import scenes_from

        board = self._document.board
        if board is None:
            return
        try:
            scenes = scenes_from(drafts)  # type: ignore[arg-type]
            changed = (
                edits.replace_scenes(board, scenes) if replaces else edits.add_scenes(board, scenes)
            )
        except ValueError as error:
            self._telling.show_error(error, PANE)
            return
        words = tr_n("Take a scene from a text", "Take {n} scenes from a text", len(scenes))
        self._document.edit(words, changed)
        self._view.list.choose(scenes[0].uuid)
