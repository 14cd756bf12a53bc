"""Pictures and takes of the scene that is looked at: choose, approve, compare, make one anew."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.core.plain import masked
from veo_studio.core.storyboard.models import Step
from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.form_price import one_price_words
from veo_studio.ui.view_models.run_model import RunModel
from veo_studio.ui.view_models.run_words import state_words
from veo_studio.ui.view_models.scene_words import is_only_rehearsed
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.flow_layout import FlowLayout
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.take_tile import TakeTile

# more are compared by choosing among them in the library
_MOST_COMPARED = 4


class TakeRow(QWidget):
    """A heading, tiles that flow, and what can be done below them.

    Signals:
        chosen(Generation), play_requested(Generation).
    """

    chosen = pyqtSignal(object)
    play_requested = pyqtSignal(object)

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        """`name` is what a tile is called, with `{n}`."""
        super().__init__(parent)
        self._name = name
        self.title = QLabel(title)
        self.note = SmallLabel()
        self.tiles: list[TakeTile] = []
        self._area = QWidget()
        self._flow = FlowLayout(self._area, spacing=SPACE_4)
        below = QWidget()
        self.buttons = FlowLayout(below, spacing=SPACE_8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        for part in (self.title, self._area, self.note):
            column.addWidget(part)
        column.addWidget(below)

    def add_button(self, button: QPushButton) -> None:
        self.buttons.addWidget(button)

    def show_takes(
        self, generations: Sequence[Generation], chosen: Generation | None, pictures: ClipPictures
    ) -> None:
        """Built anew only where there are other ones; the focus stays at its place."""
        if [tile.generation.id for tile in self.tiles] != [one.id for one in generations]:
            self._build(generations)
        for tile, one in zip(self.tiles, generations, strict=True):
            tile.show_generation(one)
            tile.setChecked(chosen is not None and one.id == chosen.id)
            tile.show_picture(pictures.wanted(one))
        self._area.setVisible(bool(self.tiles))

    def show_picture(self, generation_id: int, pictures: ClipPictures) -> None:
        for tile in self.tiles:
            if tile.generation.id == generation_id:
                tile.show_picture(pictures.at_hand(tile.generation))

    def _build(self, generations: Sequence[Generation]) -> None:
        focused = next((n for n, tile in enumerate(self.tiles) if tile.hasFocus()), None)
        for tile in self.tiles:
            self._flow.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self.tiles = []
        for number, one in enumerate(generations, 1):
            tile = TakeTile(one, tr(self._name, n=number), self._area)
            tile.clicked.connect(lambda _on=False, tile=tile: self.chosen.emit(tile.generation))
            tile.play_requested.connect(lambda tile=tile: self.play_requested.emit(tile.generation))
            self._flow.addWidget(tile)
            tile.show()
            self.tiles.append(tile)
        if focused is not None and self.tiles:
            self.tiles[min(focused, len(self.tiles) - 1)].setFocus()
        self._area.updateGeometry()


class SceneTakes(QWidget):
    """Shows the scene that a `RunModel` looks at.

    Signals:
        chosen(str, Generation): of the scene with this uuid, let it stand for the scene.
        approve_requested(str, bool): its picture is as it should be, or not any more.
        redo_requested(Step): its price was shown.
        compare_requested(list), play_requested(Generation).
    """

    chosen = pyqtSignal(str, object)
    approve_requested = pyqtSignal(str, bool)
    redo_requested = pyqtSignal(object)
    compare_requested = pyqtSignal(list)
    play_requested = pyqtSignal(object)

    def __init__(
        self, model: RunModel, pictures: ClipPictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sceneTakes")
        self.model = model
        self._pictures = pictures
        # had the focus until it was used
        self._left: QPushButton | None = None
        # never by Tab: only in the place of a button that was used
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._make()
        self._lay_out()
        self._bind()
        self._show_model()

    def _make(self) -> None:
        self.heading = QLabel()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setWordWrap(True)
        theme.heading_font(self.heading)
        self.words = SmallLabel()
        self.problem = SmallLabel("bad")
        self.pictures = TakeRow(tr("Pictures"), "Picture {n}")
        self.takes = TakeRow(tr("Takes"), "Take {n}")
        self.rehearsal = TakeRow(tr("Rehearsal"), "Animatic")
        self.approve = QPushButton(tr("A&pprove"))
        self.approve.setObjectName("approveScene")
        self.redo_picture = QPushButton()
        self.redo_picture.setObjectName("redoPicture")
        self.redo_clip = QPushButton()
        self.redo_clip.setObjectName("redoClip")
        self.compare = QPushButton(tr("Compare ta&kes"))
        self.compare.setObjectName("compareTakes")
        self.compare.setToolTip(plain_tool_tip(tr("Two to four takes side by side, in step")))
        self.pictures.add_button(self.approve)
        self.pictures.add_button(self.redo_picture)
        self.takes.add_button(self.compare)
        self.takes.add_button(self.redo_clip)
        self.empty = EmptyState("image")
        self.empty.set_content(tr("Select a scene to see its pictures and takes."))

    def _lay_out(self) -> None:
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(SPACE_12, SPACE_12, SPACE_12, SPACE_12)
        column.setSpacing(SPACE_4)
        for label in (self.heading, self.words, self.problem):
            column.addWidget(label)
        for row in (self.pictures, self.takes, self.rehearsal):
            column.addSpacing(SPACE_8)
            column.addWidget(row)
        column.addStretch(1)
        self._scroller = FieldsScroller(self._inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroller, 1)
        whole.addWidget(self.empty, 1)

    def _bind(self) -> None:
        self.model.changed.connect(self._show_model)
        self._pictures.made.connect(self._on_picture)
        for row in (self.pictures, self.takes, self.rehearsal):
            row.chosen.connect(self._on_chosen)
            row.play_requested.connect(self.play_requested)
        self.approve.clicked.connect(self._on_approve)
        self.redo_picture.clicked.connect(lambda: self.redo_requested.emit(Step.PICTURE))
        self.redo_clip.clicked.connect(lambda: self.redo_requested.emit(Step.CLIP))
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self.compared()))

    # what the user does

    def compared(self) -> list[Generation]:
        """The chosen take and the newest others, in their order."""
        scene = self.model.scene
        finished = [one for one in scene.takes if one.has_file] if scene is not None else []
        if scene is None or len(finished) <= _MOST_COMPARED:
            return finished
        chosen = scene.take.id if scene.take is not None else None
        others = [one for one in finished if one.id != chosen][-_MOST_COMPARED:]
        kept = others if chosen is None else others[1:]
        return [one for one in finished if one.id == chosen or one in kept]

    def _on_chosen(self, generation: Generation) -> None:
        if self.model.scene is not None:
            self.chosen.emit(self.model.scene.scene.uuid, generation)

    def _on_approve(self) -> None:
        scene = self.model.scene
        if scene is not None:
            is_approved = scene.scene.choices.is_approved
            self.approve_requested.emit(scene.scene.uuid, not is_approved)

    # showing

    def _on_picture(self, generation_id: int) -> None:
        for row in (self.pictures, self.takes, self.rehearsal):
            row.show_picture(generation_id, self._pictures)

    def _show_model(self) -> None:
        view = self.model.scene
        self._scroller.setVisible(view is not None)
        self.empty.setVisible(view is None)
        if view is None:
            for button in (self.redo_picture, self.redo_clip):
                button.setEnabled(False)
            return
        words = tr("rehearsed") if is_only_rehearsed(view) else state_words(view.state)
        self.heading.setText(tr("Scene {n}: {state}", n=view.number, state=words))
        # the heading may say all of it
        is_said = view.words.casefold() == words.casefold()
        self.words.show_words("" if is_said else masked(view.words))
        self.problem.show_words("" if view.problem == view.words else masked(view.problem))
        self.pictures.show_takes(view.pictures, view.picture, self._pictures)
        self.takes.show_takes(view.takes, view.take, self._pictures)
        rehearsals = () if view.rehearsal is None else (view.rehearsal,)
        self.rehearsal.show_takes(rehearsals, view.rehearsal, self._pictures)
        self.rehearsal.setVisible(bool(rehearsals))
        self.pictures.note.show_words(
            "" if view.pictures else tr("Made before the clip, or chosen by you.")
        )
        self.takes.note.show_words("" if view.takes else tr("No clip yet."))
        self._show_buttons()

    def _show_buttons(self) -> None:
        view, model = self.model.scene, self.model
        assert view is not None
        choices = view.scene.choices
        can_approve = view.picture is not None and view.picture.has_file
        asks = model.document.board is not None and model.document.board.scenario.stops_for_approval
        self.approve.setVisible(can_approve and asks)
        self.approve.setText(tr("Take back a&pproval") if choices.is_approved else tr("A&pprove"))
        self.approve.setToolTip(
            plain_tool_tip(
                tr("Approved: its clip may be made. Take that back to look at it again.")
                if choices.is_approved
                else tr("This picture is right: its clip may be made")
            )
        )
        finished = sum(one.has_file for one in view.takes)
        self.compare.setVisible(finished > 1)
        for button, step, made, words in (
            (self.redo_picture, Step.PICTURE, view.pictures, tr("New p&icture")),
            (self.redo_clip, Step.CLIP, view.takes, tr("&New take")),
        ):
            price = model.redo_prices.get(step)
            button.setVisible(bool(made))
            cost = "" if price is None else one_price_words(price)
            button.setText(tr("{words}: {cost}", words=words, cost=cost) if cost else words)
            reason = "" if price is None else price.shortage or "\n".join(price.problems)
            is_ready = price is not None and price.is_possible and not model.is_starting
            self._enable(button, is_ready and not view.is_busy)
            tip = tr("Made once more; what is there stays and can be chosen again.")
            button.setToolTip(plain_tool_tip(reason or tip))

    def _enable(self, button: QPushButton, is_on: bool) -> None:
        """The focus stays here while a button cannot be used, and comes back to it."""
        if not is_on and button.hasFocus():
            self._left = button
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        button.setEnabled(is_on)
        if is_on and self._left is button:
            self._left = None
            if self.hasFocus():
                button.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.heading)
