"""Under the form while a waiting generation is edited: save it, or keep it as it was."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, accent_button


class EditBar(QWidget):
    """Stands where Generate stands; what its buttons do is the form's to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editBar")
        self.words = QLabel(tr("Editing a waiting generation"))
        mark = QLabel()
        mark.setPixmap(icon("edit", "accent").pixmap(QSize(20, 20)))
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(mark)
        head.addWidget(self.words, 1)
        self.save = QPushButton(tr("&Save"))
        self.save.setObjectName("saveEdit")
        shortcuts.bind_tip(
            self.save,
            "window.generate",
            lambda key: tr("It keeps its place in the line ({key})", key=key),
        )
        accent_button(self.save)
        self.keep = QPushButton(tr("&Keep as it was"))
        self.keep.setObjectName("keepEdit")
        self.keep.setToolTip(tr("Change nothing, and bring back what was here before (Esc)"))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_8)
        layout.addLayout(head, 0, 0, 1, 2)
        layout.addWidget(self.save, 1, 0)
        layout.addWidget(self.keep, 1, 1)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)
