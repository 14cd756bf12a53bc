"""The scenes of a storyboard, one below the other."""

from __future__ import annotations

from PyQt6.QtWidgets import QListView, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.view_models.storyboard_model import BoardDocument


class SceneList(QListView):
    def __init__(self, document: BoardDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setAccessibleName(tr("Scenes"))
