"""Over a storyboard: which one, what it is together, and whether its scenes or its film are shown."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from veo_studio.ui import theme
from veo_studio.ui.text import clock, tr, tr_n
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.segments import Option, Segments

SCENES = "scenes"
FILM = "film"


class StoryboardBar(QWidget):
    """Signals:
    part_chosen(str): SCENES or FILM.
    """

    part_chosen = pyqtSignal(str)

    def __init__(self, document: BoardDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        theme.dim_text(self.summary)
        self.parts = Segments()
        self.parts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.parts.chosen.connect(lambda part: self.part_chosen.emit(str(part)))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8)
        row.setSpacing(theme.SPACE_8)
        row.addWidget(self.summary, 1)
        row.addWidget(self.parts)
        self.show_part(SCENES)
        document.board_changed.connect(self._show)
        self._show()

    def show_part(self, part: str) -> None:
        self.parts.show_options([Option(SCENES, tr("Scenes")), Option(FILM, tr("Film"))], part)

    def _show(self) -> None:
        board = self._document.board
        self.parts.setEnabled(board is not None)
        if board is None:
            self.summary.setText("")
            return
        scenes = tr_n("{n} scene", "{n} scenes", len(board.scenes))
        self.summary.setText(f"{scenes} \u00b7 {clock(board.duration_s)}")
