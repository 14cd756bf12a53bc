"""The scenes of a storyboard, one below the other: chosen, dragged to another place, deleted."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
)
from PyQt6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.delegates.scene_delegate import SceneDelegate
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.scene_rows import SCENES_MIME, SceneRows

_SELECT = QItemSelectionModel.SelectionFlag


class SceneList(QListView):
    """Shows `SceneRows`.

    Signals:
        chosen(): another scene is current, or others are selected.
        delete_requested(), edit_requested(): of what is selected.
        menu_requested(QPoint): at a global position.
    """

    chosen = pyqtSignal()
    delete_requested = pyqtSignal()
    edit_requested = pyqtSignal()
    menu_requested = pyqtSignal(QPoint)

    def __init__(self, rows: SceneRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        self.setModel(rows)
        self.setItemDelegate(SceneDelegate(self))
        self.setObjectName("scenes")
        self.setAccessibleName(tr("Scenes"))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setMinimumWidth(220)
        self.doubleClicked.connect(lambda _index: self.edit_requested.emit())
        self._selection().selectionChanged.connect(self._on_selection)
        self._selection().currentChanged.connect(self._on_selection)

    def _selection(self) -> QItemSelectionModel:
        found = self.selectionModel()
        assert found is not None
        return found

    # which ones

    @property
    def current(self) -> str | None:
        """The uuid of the scene that is edited."""
        scene = self.rows.scene(self.currentIndex())
        return None if scene is None else scene.uuid

    def selected(self) -> tuple[str, ...]:
        """Their uuids from top to bottom; the current one where nothing is selected."""
        indexes = sorted(self.selectedIndexes(), key=QModelIndex.row)
        scenes = [scene for one in indexes if (scene := self.rows.scene(one)) is not None]
        if not scenes and self.current is not None:
            return (self.current,)
        return tuple(scene.uuid for scene in scenes)

    def choose(self, *uuids: str) -> None:
        """Select these, the first one is current; what is not there is left out."""
        indexes = [one for uuid in uuids if (one := self.rows.index_of(uuid)).isValid()]
        if not indexes:
            return
        selection = self._selection()
        selection.setCurrentIndex(indexes[0], _SELECT.ClearAndSelect)
        for index in indexes[1:]:
            selection.select(index, _SELECT.Select)
        self.scrollTo(indexes[-1])
        self.scrollTo(indexes[0])

    def choose_row(self, row: int) -> None:
        """The one at this place, or the nearest."""
        row = max(0, min(row, self.rows.rowCount() - 1))
        scene = self.rows.scene(self.rows.index(row, 0))
        if scene is not None:
            self.choose(scene.uuid)

    def step(self, by: int) -> None:
        """To the next scene or the one before."""
        self.choose_row(self.currentIndex().row() + by)

    def _on_selection(self, *_: object) -> None:
        self.chosen.emit()

    # keys and the menu

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if shortcuts.matches(event, "scenes.delete"):
            self.delete_requested.emit()
        elif shortcuts.matches(event, "scenes.edit"):
            self.edit_requested.emit()
        elif event is not None and shortcuts.command(event, Group.SCENES) is not None:
            # the page does it; a list would only select with some of these keys
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            viewport = self.viewport()
            assert viewport is not None
            at = viewport.mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(at)

    # dragging

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        # Qt calls this from its own mouse-move handler: a plain event, no task on the stack
        drag = QDrag(self)
        drag.setMimeData(self.rows.mimeData(self.selectedIndexes()))
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and _is_of_scenes(event):
            super().dragEnterEvent(event)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        if event is not None and _is_of_scenes(event):
            # for the line between the scenes
            super().dragMoveEvent(event)
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None:
            return
        here = event.position().toPoint()
        index = self.indexAt(here)
        to = self.rows.rowCount()
        if index.isValid():
            to = index.row() + (here.y() > self.visualRect(index).center().y())
        if self.rows.move(event.mimeData(), to):
            event.acceptProposedAction()
        # the line between the scenes goes
        self.setState(QAbstractItemView.State.NoState)
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()


def _is_of_scenes(event: QDropEvent) -> bool:
    mime = event.mimeData()
    return mime is not None and mime.hasFormat(SCENES_MIME)
