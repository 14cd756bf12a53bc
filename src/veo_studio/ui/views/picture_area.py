"""What Image to Video starts from: the picture large, its place in the clip, and how it fills its shape."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.framing import Framing
from veo_studio.core.models import InputRole, MediaInput, Task
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_framing import FRAME_ROLES
from veo_studio.ui.view_models.form_inputs import Slot
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.inputs_field import InputsField
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.picture_loading import PictureLoader
from veo_studio.ui.views.picture_preview import PictureDrop, PicturePreview
from veo_studio.ui.views.segments import Option, Segments

_LEAST_PX, _MOST_PX = 96, 260


class PictureArea(QWidget):
    """Shows what `FormModel` is given; reading files is somebody else's.

    Signals:
        wanted(role, item): a file for this place, in the place of `item` where that is not None.
        library_wanted(role, item): the same from the library.
        framing_wanted(item, Framing): crop it, fit it, or leave it.
        crop_wanted(item): choose what is cut out.
        arranged(): there are other buttons than before.
    """

    wanted = pyqtSignal(object, object)
    library_wanted = pyqtSignal(object, object)
    framing_wanted = pyqtSignal(object, object)
    crop_wanted = pyqtSignal(object)
    arranged = pyqtSignal()

    def __init__(self, model: FormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pictures")
        self._model = model
        self._item: MediaInput | None = None
        self._known: list[MediaInput] = []
        self._room_px = _MOST_PX
        self._loader = PictureLoader(self)
        self._loader.loaded.connect(lambda _path: self._show_preview())
        self.drop = PictureDrop()
        self.preview = PicturePreview()
        self.tiles = InputsField(self._loader)
        self.caption = ElidedLabel(token="dim")
        theme.secondary_font(self.caption)
        self.crop = _button("crop", tr("Choose what is cut out"))
        self.replace = _button("folder", tr("Replace by a file"))
        self.library = _button("film", tr("Replace from the library"))
        self.swap = _button("swap", tr("Swap first and last frame"))
        self.remove = _button("trash", tr("Remove (Del)"))
        self.buttons = (self.crop, self.replace, self.library, self.swap, self.remove)
        self.note = SmallLabel("text")
        self.use_own = QPushButton()
        self.use_own.setProperty("link", True)
        self.framing = Segments()
        self.framing.setAccessibleName(tr("How the picture fills the clip"))
        self._lay_out()
        self._bind()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_8)
        column.addWidget(self.drop)
        column.addWidget(self.preview)
        facts = QVBoxLayout()
        facts.setSpacing(theme.SPACE_4)
        facts.addWidget(self.caption)
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE_4)
        for button in self.buttons[:-1]:
            tools.addWidget(button)
        tools.addStretch(1)
        tools.addWidget(self.remove)
        facts.addLayout(tools)
        column.addLayout(facts)
        shape = QHBoxLayout()
        shape.setSpacing(theme.SPACE_8)
        shape.addWidget(self.note, 1)
        shape.addWidget(self.use_own)
        column.addLayout(shape)
        column.addWidget(self.framing)
        column.addWidget(self.tiles)

    def _bind(self) -> None:
        self.drop.choose_requested.connect(lambda: self.wanted.emit(self.place(), None))
        self.drop.library_requested.connect(lambda: self.library_wanted.emit(self.place(), None))
        self.preview.activated.connect(lambda: self._with_item(self._crop))
        self.tiles.wanted.connect(lambda role: self.wanted.emit(role, None))
        self.tiles.selected.connect(self._select)
        self.tiles.removed.connect(self._model.remove_input)
        self.crop.clicked.connect(lambda: self._with_item(self._crop))
        self.replace.clicked.connect(
            lambda: self._with_item(lambda item: self.wanted.emit(item.role, item))
        )
        self.library.clicked.connect(
            lambda: self._with_item(lambda item: self.library_wanted.emit(item.role, item))
        )
        self.swap.clicked.connect(self._model.swap_frames)
        self.remove.clicked.connect(lambda: self._with_item(self._model.remove_input))
        self.use_own.clicked.connect(self._on_use_own)
        self.framing.chosen.connect(
            lambda how: self._with_item(lambda item: self.framing_wanted.emit(item, how))
        )

    def _with_item(self, do_it) -> None:  # type: ignore[no-untyped-def]
        if self._item is not None:
            do_it(self._item)

    def _crop(self, item: MediaInput) -> None:
        if self.crop.isVisibleTo(self):
            self.crop_wanted.emit(item)

    def _on_use_own(self) -> None:
        note = None if self._item is None else self._model.shape_note(self._item)
        if note is not None and note.own_aspect:
            self._model.set_aspect_ratio(note.own_aspect)

    # what is asked of it

    @property
    def item(self) -> MediaInput | None:
        """The picture that is seen large."""
        return self._item

    def place(self) -> InputRole:
        """Where a picture goes that nobody chose a place for."""
        return self._model.place_for()

    def slot_at(self, position: QPoint) -> Slot | None:
        """The place under a point of this widget: a tile, or the one that is seen large."""
        if (slot := self.tiles.slot_at(self.tiles.mapFrom(self, position))) is not None:
            return slot
        if self._item is not None and self.preview.geometry().contains(position):
            return Slot(self._item.role, "", self._item)
        return None

    def order(self) -> list[QWidget]:
        """For the tab key."""
        return [
            self.drop.choose,
            self.drop.library,
            *self.buttons,
            self.use_own,
            *self.framing.buttons,
            *self.tiles.tiles,
        ]

    def set_room(self, height_px: int) -> None:
        """The pane is that high: the words and settings stay in sight below the picture."""
        self._room_px = max(_LEAST_PX, min(_MOST_PX, round(height_px * 0.36)))
        self._fit_preview()

    def _fit_preview(self) -> None:
        """As high as the picture needs at this width, within the room there is."""
        shape = self.preview.shape or 16 / 9
        self.preview.setFixedHeight(max(_LEAST_PX, min(self._room_px, round(self.width() / shape))))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_preview()

    # showing

    def show_model(self) -> None:
        model = self._model
        slots = model.slots()
        items = [slot.item for slot in slots if slot.item is not None]
        self._choose_item(items)
        is_arranged = self.tiles.show_slots(slots, model.input_path)
        has_others = len(slots) > 1 or model.task is not Task.CREATE
        self.tiles.setVisible(has_others)
        self.drop.setVisible(not items and model.task is Task.CREATE)
        self.drop.hint.show_words(_hint(slots))
        self._show_item()
        if is_arranged:
            self.arranged.emit()

    def _choose_item(self, items: Sequence[MediaInput]) -> None:
        """The one that just came, else the one of before, in whatever shape it is now."""
        pictures = [item for item in items if item.role is not InputRole.SOURCE]
        came = [item for item in pictures if item not in self._known]
        before = self._item
        self._known = list(pictures)
        if before in pictures:
            self._item = came[-1] if came else before
        else:
            same = [one for one in pictures if before is not None and one.role is before.role]
            self._item = next(iter(came or same or pictures), None)

    def _select(self, item: MediaInput) -> None:
        if item.role is not InputRole.SOURCE:
            self._item = item
            self._show_item()

    def _show_item(self) -> None:
        item, model = self._item, self._model
        self.tiles.show_selected(item)
        note = None if item is None else model.shape_note(item)
        for widget in (self.preview, self.caption, self.replace, self.library, self.remove):
            widget.setVisible(item is not None)
        self.crop.setVisible(note is not None)
        has_both = len(model.config().inputs_of(InputRole.LAST_FRAME)) == 1
        self.swap.setVisible(item is not None and has_both and item.role in FRAME_ROLES)
        self.note.show_words("" if note is None else note.words)
        own = "" if note is None else note.own_aspect
        self.use_own.setText(tr("Use {aspect}", aspect=own))
        self.use_own.setVisible(bool(own))
        is_new = note is not None and self.framing.show_options(_ways(), note.how)
        self.framing.setVisible(note is not None)
        if item is not None:
            label = next((slot.label for slot in model.slots() if slot.item == item), "")
            words = tr("{place}: {name}", place=label, name=item.name)
            self.caption.set_text(words)
            self.preview.setAccessibleName(words)
            self.remove.setAccessibleName(tr("Remove {name}", name=item.name))
        self._show_preview()
        if is_new:
            self.arranged.emit()

    def _show_preview(self) -> None:
        item = self._item
        path = None if item is None else self._model.input_path(item)
        image = None if path is None else self._loader.picture(path)
        words = tr("Preparing…") if self._model.is_preparing else ""
        if image is not None and image.isNull():
            words = words or tr("This picture is not kept any more")
        self.preview.show_picture(image, words)
        self._fit_preview()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if event is not None and event.key() in keys and self._item is not None:
            self._model.remove_input(self._item)
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            theme.secondary_font(self.caption)


def _ways() -> list[Option]:
    return [
        Option(Framing.CROP, tr("Crop"), tip=tr("Cut to the shape of the clip")),
        Option(Framing.PAD, tr("Fit whole"), tip=tr("All of it, with a blurred copy beside it")),
        Option(Framing.KEEP, tr("Leave"), tip=tr("As it is: the service decides what it does with it")),
    ]  # fmt: skip


def _hint(slots: Sequence[Slot]) -> str:
    """What else there is room for."""
    if any(slot.role is InputRole.REFERENCE for slot in slots):
        return tr("Several at once become references.")
    return ""


def _button(icon_name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "text", 16))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
