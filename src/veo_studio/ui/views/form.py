"""The form of Text to Video and Image to Video: what is asked for, what it costs, and the one button.

It lays out and binds; `FormModel` decides. Price and Generate stay in sight while the rest scrolls.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PyQt6.QtCore import QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
)
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from veo_studio.core.models import Generation, GenerationKind, GenerationRequest
from veo_studio.ui.given import given_in
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.theme import (
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
)
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormState, FormTab
from veo_studio.ui.view_models.form_settings import MAX_PROMPT_CHARS
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.form_foot import FormFoot
from veo_studio.ui.views.form_grid import FormGrid
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.picture_area import PictureArea
from veo_studio.ui.views.prompt_edit import PromptEdit
from veo_studio.ui.views.segments import Option, Segments

_PROMPT_LINES = 6
_MOST_PROMPT_LINES = 14
_SEED = "seed"
_KEY = "form"


class FormView(QWidget):
    """The left pane.

    Signals:
        generate_requested(): the button or its shortcut.
        pictures_given(Given, role, item): dropped or pasted; into the place `role` where that is not
            None, in the place of `item` where that is not None.
        connect_requested(): the user wants to use a service that is not connected.
        compare_requested(): the user wants to see the models side by side.
        save_requested(), keep_requested(): what becomes of the waiting one that is edited.
    """

    generate_requested = pyqtSignal()
    pictures_given = pyqtSignal(object, object, object)
    connect_requested = pyqtSignal()
    compare_requested = pyqtSignal()
    save_requested = pyqtSignal()
    keep_requested = pyqtSignal()

    def __init__(self, model: FormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form")
        self.setAcceptDrops(True)
        self._model = model
        self._guests: list[tuple[QWidget, QWidget, int]] = []
        self._shown_tab = model.tab

        self.prompt = PromptEdit(_PROMPT_LINES, _MOST_PROMPT_LINES)
        self.prompt.setObjectName("prompt")
        self.prompt.setAccessibleName(tr("Prompt"))
        self.counter = SmallLabel()
        self.counter.setWordWrap(False)
        self.counter.show()
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.prompt_problem = SmallLabel("bad")
        self.prompt_problem.setObjectName("promptProblem")
        # for those who add to the prompt: links beside the counter, whatever else below
        self.prompt_tools = QHBoxLayout()
        self.prompt_tools.setSpacing(SPACE_12)
        self.under_prompt = QVBoxLayout()
        self.under_prompt.setSpacing(SPACE_4)
        self.under_inputs = QVBoxLayout()

        self.negative = PromptEdit(2, 2)
        self.negative.setObjectName("negativePrompt")
        self.negative.setPlaceholderText(tr("What the clip should not show"))
        self.negative.setAccessibleName(tr("Negative prompt"))

        self.kind = Segments()
        self.kind.setAccessibleName(tr("What is made"))
        self.pictures = PictureArea(model)
        self.inputs = self.pictures.tiles
        self.grid = FormGrid(model)
        self.models = self.grid.models
        self.connect_line = self.grid.connect_line
        self.compare_line = self.grid.compare_line
        self.refit_line = self.grid.refit_line
        self.aspect = self.grid.aspect
        self.duration = self.grid.duration
        self.resolution = self.grid.resolution
        self.seed = self.grid.seed
        self.sound = self.grid.sound
        self.sound_line = self.grid.sound_line
        self.takes = self.grid.takes
        self.samples = self.grid.samples
        self.notices = NoticeBar(self)
        self.foot = FormFoot(model)
        self.price = self.foot.price
        self.blocked = self.foot.blocked
        self.unblock = self.foot.unblock
        self.generate = self.foot.generate
        self.edit_bar = self.foot.edit_bar
        self.top_up_requested = self.foot.top_up_requested
        self.budget_requested = self.foot.budget_requested

        self._lay_out()
        self._bind()
        self._show_model()

    # layout

    def _lay_out(self) -> None:
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_12)
        column.setSpacing(SPACE_4)

        column.addWidget(self.pictures)
        column.addLayout(self.under_inputs)
        column.addWidget(self.kind)
        self._space = QWidget()
        self._space.setFixedHeight(SPACE_8)
        column.addWidget(self._space)
        column.addWidget(field_label(tr("&Prompt"), self.prompt))
        column.addWidget(self.prompt, 1)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_12)
        foot.addLayout(self.prompt_tools)
        foot.addStretch(1)
        foot.addWidget(self.counter)
        column.addLayout(foot)
        column.addWidget(self.prompt_problem)
        column.addLayout(self.under_prompt)
        column.addSpacing(SPACE_8)
        self._negative_label = field_label(tr("&Negative prompt"), self.negative)
        column.addWidget(self._negative_label)
        column.addWidget(self.negative)
        column.addSpacing(SPACE_8)

        column.addWidget(self.grid)
        column.addStretch()

        self.scroller = FieldsScroller(fields)
        self.scroller.setObjectName("formFields")

        everything = QVBoxLayout(self)
        everything.setContentsMargins(0, 0, 0, 0)
        everything.setSpacing(0)
        everything.addWidget(self.scroller, 1)
        everything.addWidget(self.foot)
        self.notices.stand_on(self.foot)
        self.scroller.keep_clear_of(self.notices)

        self._order_tabs()

    def add_to_tab_order(
        self, widget: QWidget, *, after: QWidget | None = None, before: QWidget | None = None
    ) -> None:
        """The tab key comes to `widget` beside one of these: a field of the form, or one added before."""
        place = after or before
        assert place is not None
        self._guests.append((widget, place, 1 if after is not None else 0))
        self._order_tabs()

    def remove_from_tab_order(self, widget: QWidget) -> None:
        """Before `widget` is deleted, and after those that were added behind it."""
        self._guests = [guest for guest in self._guests if guest[0] is not widget]

    def _order_tabs(self) -> None:
        """As the eye goes; again whenever buttons were made anew, which come last otherwise."""
        order = [
            *self.pictures.order(),
            *self.kind.buttons,
            self.prompt,
            self.negative,
            *self.grid.order(),
            self.unblock,
            self.foot.draft,
            self.generate,
            self.edit_bar.save,
            self.edit_bar.keep,
        ]
        for widget, place, step in self._guests:
            order.insert(order.index(place) + step, widget)
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    # binding

    def _bind(self) -> None:
        model = self._model
        self.prompt.textChanged.connect(lambda: model.set_prompt(self.prompt.toPlainText()))
        self.negative.textChanged.connect(
            lambda: model.set_negative_prompt(self.negative.toPlainText())
        )
        self.kind.chosen.connect(model.set_kind)
        self.prompt.pictures_pasted.connect(self._on_pasted)
        self.negative.pictures_pasted.connect(self._on_pasted)
        self.pictures.arranged.connect(self._order_tabs)
        self.grid.arranged.connect(self._order_tabs)
        self.connect_line.clicked.connect(self.connect_requested)
        self.compare_line.clicked.connect(self.compare_requested)
        self.generate.clicked.connect(self.generate_requested)
        self.edit_bar.save.clicked.connect(self.save_requested)
        self.edit_bar.keep.clicked.connect(self.keep_requested)
        model.changed.connect(self._show_model)
        model.means_changed.connect(self.foot.show_means)
        model.prompt_refused.connect(self._on_prompt_refused)

    def _on_prompt_refused(self, _sentence: str) -> None:
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_prompt(self) -> None:
        self.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.prompt.selectAll()

    def edit_prompt(self) -> None:
        """Put the cursor at the end of the prompt."""
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
        self.prompt.moveCursor(QTextCursor.MoveOperation.End)

    def is_taken(self) -> bool:
        """Say so where a waiting one is edited here: nothing of another one goes into it."""
        if not self._model.is_editing:
            return False
        self._say(tr("A waiting clip is being changed in the form. Save or keep it first."))
        return True

    def put(self, state: FormState) -> None:
        """Into the user's own form, also while that waits for the end of an edit."""
        self._model.put(state)
        if self._model.is_editing:
            self._say(tr("Your own form is as it was; it comes back when the edit ends."))
        self.edit_prompt()

    def undo(self, before: FormState, brought: FormState) -> None:
        """As `put`; what was written since something was `brought` is one click away."""
        is_own, now = not self._model.is_editing, self._model.state()
        self.put(before)
        if is_own and now != brought:
            self._say(tr("Undone."), tr("Bring back what I wrote"), lambda: self.put(now))

    def _say(
        self, words: str, action: str | None = None, on_action: Callable[[], None] | None = None
    ) -> None:
        self.notices.dismiss(_KEY)
        self.notices.show_notice(
            words, level="info", key=_KEY, action_text=action, on_action=on_action
        )

    def load(self, generation: Generation | GenerationRequest, *, says_seed: bool = True) -> None:
        """A recipe, with a word about the seed that it locked unless somebody else says it."""
        self._model.load(generation)
        words = self._model.seed_words() if says_seed else ""
        if words:
            self.notices.dismiss(_SEED)
            self.notices.show_notice(
                words,
                key=_SEED,
                action_text=tr("Unlock"),
                on_action=lambda: self._model.set_seed(None, is_locked=False),
                timeout_ms=15_000,
            )
        self.edit_prompt()

    # editing a waiting one

    def show_editing(self, generation: Generation | None) -> None:
        """Offer to save it instead of generating; None ends that."""
        is_on = generation is not None
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.edit_bar.setVisible(is_on)
        self.generate.setVisible(not is_on)
        self.takes.setEnabled(not is_on)
        self.takes.setToolTip(
            tr("One waiting generation is edited: it stays one")
            if is_on
            else tr("How many variations one click makes, each with its own seed")
        )
        if is_on or had_focus:
            self.edit_prompt()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self.edit_bar.isVisible():
            self.keep_requested.emit()
            return
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            clipboard = QGuiApplication.clipboard()
            assert clipboard is not None
            self._on_pasted(clipboard.mimeData())
            return
        super().keyPressEvent(event)

    # pictures

    def _on_pasted(self, mime: QMimeData | None) -> None:
        if (given := given_in(mime)) is not None:
            self.pictures_given.emit(given, None, None)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and given_in(event.mimeData()) is not None:
            self.pictures.drop.show_over(True)
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self.pictures.drop.show_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """On a picture: in its place; anywhere else: into the first place that is empty."""
        self.pictures.drop.show_over(False)
        if event is None or (given := given_in(event.mimeData())) is None:
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        here = self.pictures.mapFrom(self, event.position().toPoint())
        slot = self.pictures.slot_at(here) if self.pictures.isVisible() else None
        if slot is None:
            self.pictures_given.emit(given, None, None)
        else:
            self.pictures_given.emit(given, slot.role, slot.item)

    # showing

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.pictures.set_room(self.height())

    def _show_model(self) -> None:
        model = self._model
        if not model.is_seed_locked:
            self.notices.dismiss(_SEED)
        for edit, words in ((self.prompt, model.prompt), (self.negative, model.negative_prompt)):
            if edit.toPlainText() != words:
                edit.setPlainText(words)
        used = MAX_PROMPT_CHARS - model.characters_left
        self.counter.setText(tr("{n}/{most}", n=used, most=MAX_PROMPT_CHARS))
        self.counter.set_token("bad" if model.characters_left < 0 else "dim")
        self.prompt_problem.show_words(model.prompt_problem)
        is_video = model.kind is GenerationKind.VIDEO
        self.prompt.setPlaceholderText(
            tr("Describe the clip: what is seen, how it moves, from where, in which light")
            if is_video
            else tr("Describe the picture: what is seen, from where, in which light")
        )
        has_negative = is_video and model.able.has_negative_prompt
        self._negative_label.setVisible(has_negative)
        self.negative.setVisible(has_negative)
        has_pictures = model.tab is FormTab.PICTURES
        self.pictures.setVisible(has_pictures)
        if has_pictures:
            self.pictures.show_model()
        has_kinds = self._show_kinds()
        self._space.setVisible(has_pictures or has_kinds)
        self.grid.show_model()
        self.foot.show_model()
        if model.tab is not self._shown_tab:
            # another form: what stands on top of it was somewhere else in the one before
            self._shown_tab = model.tab
            self.scroller.to_top()

    def _show_kinds(self) -> bool:
        """Clip or picture, with what either costs; False where there is nothing to choose."""
        kinds = self._model.kinds()
        words = {GenerationKind.VIDEO: tr("Video"), GenerationKind.IMAGE: tr("Picture")}
        options = [Option(kind, words[kind], self._model.kind_price(kind)) for kind in kinds]
        if self.kind.show_options(options, self._model.kind):
            self._order_tabs()
        self.kind.setVisible(len(kinds) > 1)
        return len(kinds) > 1
