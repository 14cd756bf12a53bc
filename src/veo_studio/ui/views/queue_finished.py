"""The end of the queue pane: what came out of it last, to be played or dragged away at once."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, dim_text, secondary_font
from veo_studio.ui.view_models.finished_model import FinishedModel
from veo_studio.ui.view_models.generation_rows import QueueRole
from veo_studio.ui.views.queue_list import QueueList

_MOST_ROWS = 2


class FinishedPart(QWidget):
    """A heading and at most two rows; not there while there is nothing to show, or no room.

    Signals:
        play_requested(Generation), shelf_requested(list), copy_prompt_requested(Generation)
    """

    play_requested = pyqtSignal(object)
    shelf_requested = pyqtSignal(list)
    copy_prompt_requested = pyqtSignal(object)

    def __init__(self, model: FinishedModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._room_px = 0
        self.title = QLabel(tr("Finished"))
        secondary_font(self.title)
        dim_text(self.title)
        self.clear_button = QToolButton()
        self.clear_button.setIcon(icon("close", "dim"))
        self.clear_button.setIconSize(QSize(16, 16))
        self.clear_button.setMinimumSize(28, 28)
        self.clear_button.setToolTip(tr("Take these out of the queue; the history keeps them"))
        self.clear_button.setAccessibleName(tr("Clear what is finished"))
        self.list = QueueList(model, tr("Finished"), command="queue.choice")
        self.list.setObjectName("finishedList")
        self.list.let_files_be_dragged()
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_12, SPACE_4, SPACE_8, SPACE_4)
        head.addWidget(self.title, 1)
        head.addWidget(self.clear_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list)
        self.clear_button.clicked.connect(model.clear)
        self.list.button_clicked.connect(self._on_play)
        self.list.edit_asked.connect(self._on_play)
        self.list.menu_requested.connect(self._on_menu_requested)
        model.count_changed.connect(self._fit)
        self.hide()

    def minimumSizeHint(self) -> QSize:
        """It takes room from nobody."""
        return QSize(120, 0)

    def set_room(self, room_px: int) -> None:
        """So much of the pane's height is free for it."""
        self._room_px = room_px
        self._fit()

    def _fit(self) -> None:
        count = min(self._model.rowCount(), _MOST_ROWS)
        layout = self.layout()
        assert layout is not None
        head_px = layout.sizeHint().height() - self.list.sizeHint().height()
        row_px = self.list.row_height()
        while count > 0 and max(0, head_px) + count * row_px > self._room_px:
            count -= 1
        if count:
            self.list.setFixedHeight(count * row_px)
        self.setVisible(count > 0)

    def _on_play(self, index: QModelIndex) -> None:
        generation: Generation | None = index.data(QueueRole.GENERATION)
        if generation is not None:
            self.play_requested.emit(generation)

    def actions_for(self, generation: Generation) -> list[QAction]:
        """What can be done with one row."""
        play = QAction(icon("play", "text", 16), self._model.button_words(generation), self)
        play.triggered.connect(lambda: self.play_requested.emit(generation))
        shelf = QAction(icon("shelf", "text", 16), tr("Add to the shelf"), self)
        shelf.triggered.connect(lambda: self.shelf_requested.emit([generation]))
        copy = QAction(icon("copy", "text", 16), tr("Copy prompt"), self)
        copy.triggered.connect(lambda: self.copy_prompt_requested.emit(generation))
        return [play, shelf, copy]

    def _on_menu_requested(self, index: QModelIndex, at: QPoint) -> None:
        generation: Generation | None = index.data(QueueRole.GENERATION)
        if generation is None or QApplication.activePopupWidget() is not None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self.actions_for(generation):
            action.setParent(menu)
            menu.addAction(action)
        # not exec: a menu must not start a loop of its own
        menu.popup(at)
