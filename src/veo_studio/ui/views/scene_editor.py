"""What is written about a scene: what its picture shows, what moves, how long, and made after what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QMimeData, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.storyboard.limits import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.core.storyboard.models import DEFAULT_DURATION_S, MAX_TAKES, Scene
from veo_studio.ui import theme
from veo_studio.ui.given import given_in
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.form_inputs import Slot
from veo_studio.ui.view_models.scene_commands import SceneCommands
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.deliberate import Deliberate
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.inputs_field import InputsField
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.picture_loading import PictureLoader
from veo_studio.ui.views.written_field import WrittenField

if TYPE_CHECKING:
    from veo_studio.core.storyboard.views import SceneView

_NARROWEST_PX = 280
_FONT_EVENTS = (QEvent.Type.ApplicationFontChange, QEvent.Type.StyleChange)


class SceneEditor(QWidget):
    """Shows the scene that `look_at` names; length, takes and "goes on" are set for all that are selected.

    Signals:
        reference_wanted(): the user wants to choose a picture for the scene.
        reference_given(Given): one was dropped or pasted.
        command_requested(str): undo or redo.
    """

    reference_wanted = pyqtSignal()
    reference_given = pyqtSignal(object)
    command_requested = pyqtSignal(str)

    def __init__(
        self,
        document: BoardDocument,
        commands: SceneCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sceneEditor")
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.document = document
        self._commands = commands
        self._uuid: str | None = None
        self._shown_uuid: str | None = None
        self._selected: tuple[str, ...] = ()
        self._path_of: Callable[[MediaInput], Path | None] = lambda _item: None
        self._make_fields()
        self._lay_out()
        self._bind()
        self._show()

    # building

    def _make_fields(self) -> None:
        self.heading = QLabel()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        theme.heading_font(self.heading)
        self.state_line = SmallLabel()
        self.problem_line = SmallLabel("warn")
        self.refused_line = SmallLabel("bad")
        self.picture = WrittenField(4, 12)
        self.picture.setObjectName("imagePrompt")
        self.picture.setPlaceholderText(tr("What the first picture shows"))
        self.motion = WrittenField(4, 12)
        self.motion.setObjectName("visualPrompt")
        self.motion.setPlaceholderText(tr("What moves, and how the camera moves"))
        self.notes = WrittenField(2, 6)
        self.notes.setObjectName("notes")
        self.notes.setPlaceholderText(tr("For you alone; no service reads them"))
        self.subtitle = WrittenField(2, 4)
        self.subtitle.setObjectName("sceneSubtitle")
        self.subtitle.setPlaceholderText(tr("Shown below the picture of the film"))
        self.texts = {
            "image_prompt": self.picture,
            "visual_prompt": self.motion,
            "subtitle": self.subtitle,
            "notes": self.notes,
        }
        self.seconds = QSpinBox()
        self.seconds.setObjectName("seconds")
        self.seconds.setRange(MIN_DURATION_S, MAX_DURATION_S)
        self.seconds.setSuffix(tr(" s"))
        self.takes = QSpinBox()
        self.takes.setObjectName("sceneTakesCount")
        self.takes.setRange(1, MAX_TAKES)
        for box in (self.seconds, self.takes):
            box.setKeyboardTracking(False)
        self.follows = QCheckBox(tr("&Goes on from the scene before"))
        self.follows.setToolTip(_follows_tip(is_first=False))
        self._loader = PictureLoader(self)
        self.reference = InputsField(self._loader)
        self.for_all = SmallLabel()
        # the wheel over a field that has no focus scrolls
        self._deliberate = Deliberate(self)
        self._deliberate.watch(self.seconds, self.takes)

    def _lay_out(self) -> None:
        small = QHBoxLayout()
        small.setSpacing(SPACE_8)
        small.addWidget(field_label(tr("&Length"), self.seconds))
        small.addWidget(self.seconds)
        small.addSpacing(SPACE_8)
        small.addWidget(field_label(tr("&Takes"), self.takes))
        small.addWidget(self.takes)
        small.addStretch(1)
        fields = QVBoxLayout()
        fields.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_16)
        fields.setSpacing(SPACE_4)
        fields.addWidget(self.heading)
        fields.addWidget(self.state_line)
        fields.addWidget(self.problem_line)
        for words, field, stretch in (
            (tr("Pict&ure"), self.picture, 2),
            (tr("&Motion"), self.motion, 2),
        ):
            fields.addSpacing(SPACE_8)
            fields.addWidget(field_label(words, field))
            fields.addWidget(field, stretch)
        fields.addWidget(self.refused_line)
        fields.addSpacing(SPACE_8)
        fields.addLayout(small)
        fields.addWidget(self.for_all)
        fields.addWidget(self.follows)
        fields.addSpacing(SPACE_4)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.reference)
        fields.addLayout(row)
        fields.addSpacing(SPACE_8)
        fields.addWidget(field_label(tr("Su&btitle"), self.subtitle))
        fields.addWidget(self.subtitle)
        fields.addSpacing(SPACE_8)
        fields.addWidget(field_label(tr("N&otes"), self.notes))
        fields.addWidget(self.notes, 1)
        fields.addStretch(1)
        inside = QWidget()
        inside.setLayout(fields)
        self.scroller = FieldsScroller(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.scroller)
        self.setMinimumWidth(_NARROWEST_PX)

    def _bind(self) -> None:
        for field, edit in self.texts.items():
            edit.written.connect(lambda words, field=field: self._write(field, words))
            edit.command_requested.connect(self.command_requested)
            edit.left.connect(self.document.end_typing)
            edit.pictures_pasted.connect(self._take)
        self.seconds.valueChanged.connect(
            lambda value: self._change(tr("Length"), duration_s=int(value))
        )
        self.takes.valueChanged.connect(lambda value: self._change(tr("Takes"), takes=int(value)))
        self.follows.toggled.connect(lambda is_on: self._change(tr("Goes on"), follows=bool(is_on)))
        self.reference.wanted.connect(lambda _role: self.reference_wanted.emit())
        self.reference.selected.connect(lambda _item: self.reference_wanted.emit())
        self.reference.removed.connect(
            lambda _item: self._change(tr("Remove the reference"), is_one=True, reference=None)
        )
        self.document.board_changed.connect(self._show)
        self.document.view_changed.connect(self._show_state)

    # which one

    @property
    def scene(self) -> Scene | None:
        board = self.document.board
        if board is None or self._uuid is None:
            return None
        return next((one for one in board.scenes if one.uuid == self._uuid), None)

    def look_at(self, uuid: str | None, selected: Sequence[str]) -> None:
        """The scene that is edited, and those that are selected."""
        if uuid != self._uuid:
            self.document.end_typing()
            self.refused_line.show_words("")
        self._uuid, self._selected = uuid, tuple(selected)
        self._show()

    def set_path_of(self, path_of: Callable[[MediaInput], Path | None]) -> None:
        """Where the file of a reference is."""
        self._path_of = path_of
        self._show()

    def write(self) -> None:
        """Put the focus where the next words go."""
        scene = self.scene
        empty = scene is not None and scene.image_prompt.strip() and not scene.visual_prompt.strip()
        field = self.motion if empty else self.picture
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def split_place(self) -> int | None:
        """Where the cursor stands in the prompt that a split divides, None where it is elsewhere."""
        scene = self.scene
        if scene is None:
            return None
        field = self.motion if scene.visual_prompt.strip() else self.picture
        if not field.hasFocus():
            return None
        before = field.toPlainText().encode("utf-16-le")[: 2 * field.textCursor().position()]
        return len(before.decode("utf-16-le", errors="ignore"))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in _FONT_EVENTS:
            theme.heading_font(self.heading)

    # what the user does

    def _write(self, field: str, words: str) -> None:
        if self._uuid is None:
            return
        try:
            self._commands.write(self._uuid, field, words)
        except ValueError as error:
            # what does not fit is not kept: nothing is shown that is not stored
            self.refused_line.show_words(str(error))
            self._show()
        else:
            self.refused_line.show_words("")

    def _change(self, words: str, *, is_one: bool = False, **fields: object) -> None:
        if self._uuid is not None:
            one = (self._uuid,)
            chosen = one if is_one or self._uuid not in self._selected else self._selected
            self._commands.change(words, chosen, **fields)

    def set_reference(self, uuid: str, picture: MediaInput) -> None:
        """A picture that was taken in is what the scene's picture is made after."""
        self._commands.change(tr("Reference picture"), (uuid,), reference=picture)

    # showing

    def _show(self) -> None:
        scene, board = self.scene, self.document.board
        self.setEnabled(scene is not None)
        is_other = self._shown_uuid != (None if scene is None else scene.uuid)
        self._shown_uuid = None if scene is None else scene.uuid
        if scene is None or board is None:
            self.heading.setText("")
            for edit in self.texts.values():
                edit.show_text("")
            self.reference.show_slots([], self._path_of)
            self.for_all.show_words("")
            self._show_numbers(DEFAULT_DURATION_S, 1, follows=False)
            self._show_state()
            return
        place, count = board.place_of(scene.uuid) + 1, len(board.scenes)
        self.heading.setText(tr("Scene {n} of {count}", n=place, count=count))
        for field, edit in self.texts.items():
            words = scene.cut.subtitle if field == "subtitle" else getattr(scene, field)
            edit.show_text(words, is_other=is_other)
        self._show_numbers(scene.duration_s, scene.takes, follows=scene.follows)
        self.follows.setEnabled(place > 1 or scene.follows)
        self.follows.setToolTip(_follows_tip(is_first=place == 1))
        item = None if scene.reference is None else scene.reference
        slot = Slot(InputRole.REFERENCE, tr("Made after a picture"), item)
        if self.reference.show_slots([slot], self._path_of):
            order = (self.follows, *self.reference.tiles, self.subtitle, self.notes)
            for before, after in pairwise(order):
                self.setTabOrder(before, after)
        several = len(self._selected) if scene.uuid in self._selected else 1
        self.for_all.show_words(
            tr_n("", "Length, takes and “goes on” are set for all {n} selected scenes.", several)
        )
        self._show_state()

    def _show_numbers(self, seconds: int, takes: int, *, follows: bool) -> None:
        for box, value in ((self.seconds, seconds), (self.takes, takes)):
            with QSignalBlocker(box):
                box.setValue(value)
        with QSignalBlocker(self.follows):
            self.follows.setChecked(follows)

    def _show_state(self) -> None:
        stands = self._stands()
        self.state_line.show_words("" if stands is None else stands.words)
        problem = "" if stands is None else stands.problem
        self.problem_line.show_words(
            problem if stands is not None and problem != stands.words else ""
        )

    def _stands(self) -> SceneView | None:
        view, scene = self.document.view, self.scene
        if view is None or scene is None:
            return None
        return next((one for one in view.scenes if one.scene.uuid == scene.uuid), None)

    # dropping

    def _take(self, mime: QMimeData | None) -> bool:
        given = given_in(mime)
        if given is None or self.scene is None:
            return False
        self.reference_given.emit(given)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        is_one = event is not None and given_in(event.mimeData()) is not None
        if event is not None and is_one and self.scene is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and self._take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()


def _follows_tip(*, is_first: bool) -> str:
    if is_first:
        return tr("The first scene has none before it")
    return tr("Its first picture is the last one of the scene before: no picture is made for it")
