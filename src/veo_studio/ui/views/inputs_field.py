"""The pictures, or the clip, that a generation starts from: a tile for each, to fill, look at and empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QImage,
    QImageReader,
    QKeyEvent,
    QPixmap,
)
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.form_inputs import Slot, is_picture

_PICTURE = QSize(72, 48)
# as the style sheet makes it
_TILE = QSize(92, 76)


class _Loaded(QObject):
    ready = pyqtSignal(str, QImage)


class _Load(QRunnable):
    """Reads a picture in a thread, small; the window would stand still for a large one."""

    def __init__(self, path: Path, done: _Loaded) -> None:
        super().__init__()
        self._path = path
        self._done = done

    def run(self) -> None:
        reader = QImageReader(str(self._path))
        size = reader.size()
        if size.isValid():
            reader.setScaledSize(size.scaled(_PICTURE * 2, Qt.AspectRatioMode.KeepAspectRatio))
        self._done.ready.emit(str(self._path), reader.read())


class InputTile(QToolButton):
    """One slot; `is_small` while nothing is chosen at all. Signals: removed(item)."""

    removed = pyqtSignal(object)

    def __init__(self, slot: Slot, is_small: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slot = slot
        style = Qt.ToolButtonStyle
        beside, under = style.ToolButtonTextBesideIcon, style.ToolButtonTextUnderIcon
        self.setToolButtonStyle(beside if is_small else under)
        self.setIconSize(_PICTURE if slot.item else QSize(20, 20))
        self.setProperty("edge" if is_small else "tile", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText(slot.label)
        item = slot.item
        if item is None:
            self.setIcon(icon("plus", "dim", 20))
            self.setToolTip(tr("Choose a picture, or drop one here"))
            self.setAccessibleName(tr("{slot}: empty", slot=slot.label))
            return
        is_clip = item.role is InputRole.SOURCE
        self.setIcon(icon("film" if is_clip else "image", "dim", 20))
        self.setAccessibleName(tr("{slot}: {name}", slot=slot.label, name=item.name))
        self.setToolTip(plain_tool_tip(_facts(item)))
        self.remove = QToolButton(self)
        self.remove.setIcon(icon("close", "text", 12))
        self.remove.setToolTip(tr("Remove (Del)"))
        self.remove.setAccessibleName(tr("Remove {name}", name=item.name))
        self.remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.remove.setFixedSize(20, 20)
        self.remove.setProperty("overlay", True)
        self.remove.move(_TILE.width() - 25, 4)
        self.remove.clicked.connect(lambda: self.removed.emit(item))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if event is not None and event.key() in keys and self.slot.item is not None:
            self.removed.emit(self.slot.item)
            return
        super().keyPressEvent(event)


class InputsField(QWidget):
    """Tiles side by side; the last frame and the next reference appear when they can be used.

    Signals:
        wanted(role): the user wants to choose a file for it.
        dropped(path, role): a picture was dropped on a tile.
        removed(item): the user empties a tile.
    """

    wanted = pyqtSignal(object)
    dropped = pyqtSignal(object, object)
    removed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputs")
        self.setAcceptDrops(True)
        self._slots: list[Slot] = []
        self.tiles: list[InputTile] = []
        self._path_of: Callable[[MediaInput], Path | None] = lambda _item: None
        self._pictures: dict[str, QImage] = {}
        self._loaded = _Loaded(self)
        self._loaded.ready.connect(self._on_loaded)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        self._rows: list[QHBoxLayout] = []
        self._column = column

    def show_slots(
        self, slots: Sequence[Slot], path_of: Callable[[MediaInput], Path | None]
    ) -> bool:
        """Built anew only where something is another one (True); the focus stays at its place."""
        self._path_of = path_of
        if list(slots) == self._slots:
            return False
        focused = next((n for n, tile in enumerate(self.tiles) if tile.hasFocus()), None)
        self._slots = list(slots)
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        for row in self._rows:
            self._column.removeItem(row)
        self._rows = []
        self.tiles = [self._tile(slot) for slot in slots]
        for number, tile in enumerate(self.tiles):
            if number % 3 == 0:
                row = QHBoxLayout()
                row.setSpacing(SPACE_8)
                row.addStretch(1)
                self._rows.append(row)
                self._column.addLayout(row)
            self._rows[-1].insertWidget(self._rows[-1].count() - 1, tile)
        if focused is not None and self.tiles:
            self.tiles[min(focused, len(self.tiles) - 1)].setFocus()
        return True

    def _tile(self, slot: Slot) -> InputTile:
        tile = InputTile(slot, all(other.item is None for other in self._slots), self)
        tile.removed.connect(self.removed)
        tile.clicked.connect(lambda: self._on_clicked(slot))
        item = slot.item
        path = None if item is None or item.role is InputRole.SOURCE else self._path_of(item)
        if path is not None:
            if (known := self._pictures.get(str(path))) is not None:
                tile.setIcon(_as_icon(known))
            else:
                pool = QThreadPool.globalInstance()
                assert pool is not None
                pool.start(_Load(path, self._loaded))
        return tile

    def _on_clicked(self, slot: Slot) -> None:
        if slot.role is not InputRole.SOURCE:
            self.wanted.emit(slot.role)

    def _on_loaded(self, path: str, image: QImage) -> None:
        if image.isNull():
            return
        self._pictures[path] = image
        for tile in self.tiles:
            item = tile.slot.item
            if item is not None and str(self._path_of(item)) == path:
                tile.setIcon(_as_icon(image))

    # drops

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and self._pictures_in(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """On a tile: into it; beside them: into the first that is empty."""
        if event is None or not (paths := self._pictures_in(event)):
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        here = event.position().toPoint()
        hit = next((tile.slot for tile in self.tiles if tile.geometry().contains(here)), None)
        empty = [slot for slot in self._slots if slot.item is None]
        chosen = hit if hit is not None else next(iter(empty), None)
        if chosen is not None:
            self.dropped.emit(paths[0], chosen.role)

    def _pictures_in(self, event: QDropEvent) -> list[Path]:
        data = event.mimeData()
        if data is None or not any(slot.role is not InputRole.SOURCE for slot in self._slots):
            return []
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        return [path for path in paths if is_picture(path)]


def _as_icon(image: QImage) -> QIcon:
    return QIcon(QPixmap.fromImage(image))


def _facts(item: MediaInput) -> str:
    size = f"{item.width_px} × {item.height_px}" if item.width_px else ""
    length = tr("{seconds:.1f} s", seconds=item.length_s) if item.length_s else ""
    return "\n".join(filter(None, (item.name, " · ".join(filter(None, (size, length))))))
