"""What a new target is: one button for each kind, with what it is good for."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from veo_studio.core.publishing.base import KindInfo
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.publish_words import KIND_ICONS


class KindChooser(QWidget):
    """Signals:
    chosen(TargetKind): set up one of these.
    """

    chosen = pyqtSignal(object)

    def __init__(self, kinds: Sequence[KindInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("targetKinds")
        title = QLabel(tr("What is it?"))
        theme.heading_font(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_12)
        grid.setVerticalSpacing(SPACE_12)
        grid.setColumnStretch(1, 1)
        self.buttons: list[QPushButton] = []
        for row, info in enumerate(kinds):
            button = QPushButton(info.label.replace("&", "&&"))
            button.setObjectName(f"kind-{info.kind.value}")
            button.setIcon(icon(KIND_ICONS[info.kind], "text", 16))
            button.setStyleSheet("text-align: left;")
            button.setAutoDefault(False)
            button.setAccessibleDescription(info.about)
            button.clicked.connect(lambda _on=False, kind=info.kind: self.chosen.emit(kind))
            about = QLabel(info.about)
            about.setTextFormat(Qt.TextFormat.PlainText)
            about.setWordWrap(True)
            theme.dim_text(about)
            grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(about, row, 1, Qt.AlignmentFlag.AlignVCenter)
            self.buttons.append(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(title)
        column.addSpacing(SPACE_8)
        column.addLayout(grid)
        column.addStretch(1)

    def focus_first(self) -> None:
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
