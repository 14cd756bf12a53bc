"""The pictures, or the clip, that a generation starts from: a small tile for each, to choose and empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QKeyEvent, QPainter, QPixmap, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.view_models.form_inputs import Slot
from veo_studio.ui.views.picture_loading import PictureLoader

_PICTURE = QSize(72, 48)
# as the style sheet makes them: padding and line at either side, and the gap over the words
_SIDES_PX = 10
_GAP_PX = 4


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
        self.remove: QToolButton | None = None
        self._is_small = is_small
        self._fit()
        if item is None:
            self.setIcon(icon("plus", "dim", 20))
            self.setToolTip(tr("Choose a picture, drop one here, or paste it"))
            self.setAccessibleName(tr("{slot}: empty", slot=slot.label))
            return
        is_clip = item.role is InputRole.SOURCE
        self.setCheckable(not is_clip)
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
        self.remove.clicked.connect(lambda: self.removed.emit(item))
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def showEvent(self, event: QShowEvent | None) -> None:
        # the style sheet had its say before
        self._fit()
        super().showEvent(event)

    def _fit(self) -> None:
        """As large as picture and words need: all of them alike."""
        if self._is_small:
            return
        metrics = self.fontMetrics()
        words = max(metrics.horizontalAdvance(words) for words in (self.text(), tr("First frame")))
        width = max(_PICTURE.width(), words) + 2 * _SIDES_PX
        self.setFixedSize(width, _PICTURE.height() + metrics.height() + _GAP_PX + _SIDES_PX)
        if self.remove is not None:
            self.remove.move(width - self.remove.width() - _GAP_PX, _GAP_PX)

    def show_picture(self, image: QImage) -> None:
        """All as large as each other, whatever their shape: the words below stay in line."""
        if image.isNull():
            return
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        ratio = self.devicePixelRatioF()
        small = image.scaled(_PICTURE * ratio, keep, smooth)
        canvas = QPixmap(_PICTURE * ratio)
        canvas.fill(Qt.GlobalColor.transparent)
        painter = QPainter(canvas)
        left, top = canvas.width() - small.width(), canvas.height() - small.height()
        painter.drawImage(left // 2, top // 2, small)
        painter.end()
        canvas.setDevicePixelRatio(ratio)
        self.setIcon(QIcon(canvas))

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
        selected(item): the user wants to see this one.
        removed(item): the user empties a tile.
    """

    wanted = pyqtSignal(object)
    selected = pyqtSignal(object)
    removed = pyqtSignal(object)

    def __init__(self, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputs")
        self._slots: list[Slot] = []
        self.tiles: list[InputTile] = []
        self._path_of: Callable[[MediaInput], Path | None] = lambda _item: None
        self._loader = loader
        self._loader.loaded.connect(self._on_loaded)
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

    def show_selected(self, item: MediaInput | None) -> None:
        """Mark the one that is seen large."""
        for tile in self.tiles:
            tile.setChecked(item is not None and tile.slot.item == item)

    def slot_at(self, position: QPoint) -> Slot | None:
        """The place under a point of this widget."""
        return next((one.slot for one in self.tiles if one.geometry().contains(position)), None)

    def _tile(self, slot: Slot) -> InputTile:
        tile = InputTile(slot, all(other.item is None for other in self._slots), self)
        tile.removed.connect(self.removed)
        tile.clicked.connect(lambda: self._on_clicked(slot))
        item = slot.item
        path = None if item is None or item.role is InputRole.SOURCE else self._path_of(item)
        if path is not None and (known := self._loader.picture(path)) is not None:
            tile.show_picture(known)
        return tile

    def _on_clicked(self, slot: Slot) -> None:
        if slot.item is None:
            self.wanted.emit(slot.role)
        else:
            self.selected.emit(slot.item)

    def _on_loaded(self, path: Path) -> None:
        for tile in self.tiles:
            item = tile.slot.item
            if item is None or item.role is InputRole.SOURCE or self._path_of(item) != path:
                continue
            if (image := self._loader.picture(path)) is not None:
                tile.show_picture(image)


def _facts(item: MediaInput) -> str:
    size = f"{item.width_px} × {item.height_px}" if item.width_px else ""
    length = tr("{seconds:.1f} s", seconds=item.length_s) if item.length_s else ""
    return "\n".join(filter(None, (item.name, " · ".join(filter(None, (size, length))))))
