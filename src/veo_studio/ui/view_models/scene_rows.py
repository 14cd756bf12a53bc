"""The scenes of a storyboard as an item model: rows keep their place and their selection while they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, Qt
from PyQt6.QtGui import QPixmap

from veo_studio.core.models import Generation
from veo_studio.core.storyboard.edits import move_scenes
from veo_studio.core.storyboard.models import Scene
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.scene_words import (
    is_only_rehearsed,
    prompt_of,
    state_of,
    state_words,
)
from veo_studio.ui.view_models.storyboard_model import BoardDocument

if TYPE_CHECKING:
    from veo_studio.core.storyboard.views import SceneView

SceneRole = Qt.ItemDataRole.UserRole + 1
ViewRole = Qt.ItemDataRole.UserRole + 2
PictureRole = Qt.ItemDataRole.UserRole + 3

SCENES_MIME = "application/x-veo-studio-scenes"


class SceneRows(QAbstractListModel):
    """Follows a `BoardDocument`; `pictures` makes the small pictures of what stands for a scene."""

    def __init__(
        self, document: BoardDocument, pictures: ClipPictures, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.pictures = pictures
        self._scenes: tuple[Scene, ...] = ()
        self._views: dict[str, SceneView] = {}
        document.opened.connect(self._reset)
        document.board_changed.connect(self._follow)
        document.view_changed.connect(self._take_view)
        pictures.made.connect(self._on_picture)
        self._reset()

    # what it shows

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._scenes)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._scenes):
            return None
        scene = self._scenes[index.row()]
        if role == SceneRole:
            return scene
        if role == ViewRole:
            return self._views.get(scene.uuid)
        if role == PictureRole:
            return self._picture(scene)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            view = self._views.get(scene.uuid)
            return tr(
                "Scene {n}: {prompt}, {seconds} s, {state}",
                n=index.row() + 1,
                prompt=prompt_of(scene) or tr("nothing written yet"),
                seconds=scene.duration_s,
                state=state_words(
                    state_of(scene, view),
                    0 if view is None else view.percent,
                    is_rehearsed=is_only_rehearsed(view),
                ),
            )
        return None

    def _picture(self, scene: Scene) -> QPixmap | None:
        shown = self._shown(scene)
        return None if shown is None else self.pictures.wanted(shown)

    def _shown(self, scene: Scene) -> Generation | None:
        """What stands for the scene: its take, else its picture, else its rehearsal."""
        view = self._views.get(scene.uuid)
        if view is None:
            return None
        found = (view.take, view.picture, view.rehearsal)
        return next((one for one in found if one is not None and one.has_file), None)

    def scene(self, index: QModelIndex) -> Scene | None:
        return self._scenes[index.row()] if 0 <= index.row() < len(self._scenes) else None

    def index_of(self, uuid: str) -> QModelIndex:
        """An invalid one where it is not there."""
        place = next((n for n, one in enumerate(self._scenes) if one.uuid == uuid), -1)
        return self.index(place, 0)

    # following

    def _reset(self) -> None:
        self.beginResetModel()
        board = self.document.board
        self._scenes = () if board is None else board.scenes
        self._views = {}
        self.endResetModel()

    def _follow(self) -> None:
        board = self.document.board
        new = () if board is None else board.scenes
        old_ids = [scene.uuid for scene in self._scenes]
        new_ids = [scene.uuid for scene in new]
        if old_ids == new_ids:
            changed = [n for n, scene in enumerate(new) if scene is not self._scenes[n]]
            self._scenes = new
            self._tell(changed)
        elif set(old_ids) == set(new_ids):
            self._rearrange(new, new_ids)
        else:
            self._replace(new, old_ids, new_ids)

    def _rearrange(self, new: tuple[Scene, ...], new_ids: Sequence[str]) -> None:
        """The same scenes elsewhere: who is selected stays selected."""
        self.layoutAboutToBeChanged.emit()
        place = {uuid: number for number, uuid in enumerate(new_ids)}
        before = self.persistentIndexList()
        after = [self.index(place[self._scenes[one.row()].uuid], 0) for one in before]
        self._scenes = new
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _replace(
        self, new: tuple[Scene, ...], old_ids: Sequence[str], new_ids: Sequence[str]
    ) -> None:
        """What is alike at both ends stays; only the middle goes and comes."""
        most = min(len(old_ids), len(new_ids))
        head = next((n for n in range(most) if old_ids[n] != new_ids[n]), most)
        tail = next(
            (n for n in range(most - head) if old_ids[-1 - n] != new_ids[-1 - n]), most - head
        )
        if len(old_ids) > head + tail:
            self.beginRemoveRows(QModelIndex(), head, len(old_ids) - tail - 1)
            self._scenes = (*self._scenes[:head], *self._scenes[len(old_ids) - tail :])
            self.endRemoveRows()
        if len(new_ids) > head + tail:
            self.beginInsertRows(QModelIndex(), head, len(new_ids) - tail - 1)
            self._scenes = new
            self.endInsertRows()
        self._scenes = new
        # those behind have other numbers
        self._tell(range(len(new)))

    def _take_view(self) -> None:
        view = self.document.view
        new = {} if view is None else {one.scene.uuid: one for one in view.scenes}
        changed = [
            number
            for number, scene in enumerate(self._scenes)
            if new.get(scene.uuid) != self._views.get(scene.uuid)
        ]
        self._views = new
        self._tell(changed)

    def _tell(self, rows: Iterable[int]) -> None:
        found = list(rows)
        if found:
            self.dataChanged.emit(self.index(min(found), 0), self.index(max(found), 0))

    def _on_picture(self, generation_id: int) -> None:
        self._tell(
            number
            for number, scene in enumerate(self._scenes)
            if (shown := self._shown(scene)) is not None and shown.id == generation_id
        )

    # dragging

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            # between the scenes, never onto one
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [SCENES_MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        rows = sorted({index.row() for index in indexes})
        mime = QMimeData()
        mime.setData(SCENES_MIME, "\n".join(self._scenes[row].uuid for row in rows).encode())
        return mime

    def move(self, mime: QMimeData | None, to: int) -> bool:
        """Put the scenes of a drag before row `to`; False for what is no drag of these."""
        board = self.document.board
        if board is None or mime is None or not mime.hasFormat(SCENES_MIME):
            return False
        uuids = mime.data(SCENES_MIME).data().decode().split("\n")
        if any(not self.index_of(uuid).isValid() for uuid in uuids):
            return False
        words = tr_n("Move a scene", "Move {n} scenes", len(uuids))
        self.document.edit(words, move_scenes(board, uuids, to))
        return True
