"""Beside the scenes: the takes of the one that is looked at, the cast, and what holds for all of them."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QTabWidget, QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.views.labels import name_tabs


class StoryboardSide(QTabWidget):
    """Three tabs."""

    def __init__(
        self, takes: QWidget, cast: QWidget, settings: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("storyboardSide")
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.addTab(takes, tr("Takes"))
        self.addTab(cast, tr("Cast"))
        self.addTab(settings, tr("Settings"))
        name_tabs(self, tr("About the scenes"))

    def minimumSizeHint(self) -> QSize:
        return QSize(max(240, super().minimumSizeHint().width()), 160)
