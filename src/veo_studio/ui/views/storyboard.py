"""The Storyboard tab: which storyboard, its scenes and the one that is edited, and the film of them."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.place import Place
from veo_studio.ui.views.scene_editor import SceneEditor
from veo_studio.ui.views.scene_list import SceneList
from veo_studio.ui.views.storyboard_bar import FILM, SCENES, StoryboardBar

# list, editor, cast and settings
_FIRST_SIZES_PX = [420, 520, 320]


class StoryboardView(QWidget):
    """Shows a `BoardDocument`. Others put their parts into `run_place`, `side_place` and `film_place`.

    Signals:
        new_requested(): the user wants a storyboard.
        part_shown(str): SCENES or FILM came into sight.
    """

    new_requested = pyqtSignal()
    part_shown = pyqtSignal(str)

    def __init__(self, document: BoardDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("storyboard")
        self.document = document
        self.top = StoryboardBar(document)
        self.list = SceneList(document)
        self.editor = SceneEditor(document)
        self.run_place = Place()
        self.side_place = Place()
        self.film_place = Place()
        self.empty = EmptyState("film")
        self.notices = NoticeBar(self)
        self._lay_out()
        self.top.part_chosen.connect(self.show_part)
        self.empty.action_requested.connect(self.new_requested)
        document.opened.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        for part in (self.list, self.editor, self.side_place):
            self.across.addWidget(part)
        for number, stretch in enumerate((1, 1, 0)):
            self.across.setStretchFactor(number, stretch)
        self.across.setSizes(_FIRST_SIZES_PX)
        scenes = QVBoxLayout()
        scenes.setContentsMargins(0, 0, 0, 0)
        scenes.setSpacing(0)
        scenes.addWidget(self.across, 1)
        scenes.addWidget(self.run_place)
        self._scenes = QWidget()
        self._scenes.setLayout(scenes)
        self._parts = QStackedWidget()
        for page in (self.empty, self._scenes, self.film_place):
            self._parts.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self._parts, 1)

    @property
    def part(self) -> str:
        """SCENES or FILM."""
        return FILM if self._parts.currentWidget() is self.film_place else SCENES

    def show_part(self, part: str) -> None:
        """The scenes, or the film that they make."""
        if self.document.board is None:
            return
        self._parts.setCurrentWidget(self.film_place if part == FILM else self._scenes)
        self.top.show_part(part)
        self.part_shown.emit(part)

    def _show(self) -> None:
        if self.document.board is None:
            self.empty.set_content(
                tr("No storyboard yet. Begin one, and write what happens scene by scene."),
                tr("New storyboard"),
            )
            self._parts.setCurrentWidget(self.empty)
        elif self._parts.currentWidget() is self.empty:
            self.show_part(SCENES)
