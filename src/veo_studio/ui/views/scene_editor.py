"""What is written about a scene."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from veo_studio.ui.view_models.storyboard_model import BoardDocument


class SceneEditor(QWidget):
    def __init__(self, document: BoardDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
