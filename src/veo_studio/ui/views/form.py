"""The form of Text to Video: what is asked for, what it costs, and the one button.

It lays out and binds; `FormModel` decides. Price and Generate stay in sight while the rest scrolls.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QTextCursor
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import Generation
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.theme import (
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
)
from veo_studio.ui.view_models.form_memory import MAX_TAKES
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormState
from veo_studio.ui.view_models.form_settings import MAX_PROMPT_CHARS
from veo_studio.ui.views.aspect_picker import AspectPicker
from veo_studio.ui.views.deliberate import Deliberate
from veo_studio.ui.views.duration_field import DurationField
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.form_foot import FormFoot
from veo_studio.ui.views.inputs_field import InputsField
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.model_list import ModelList
from veo_studio.ui.views.prompt_edit import PromptEdit
from veo_studio.ui.views.seed_field import SeedField

_PROMPT_LINES = 6
_MOST_PROMPT_LINES = 14


class FormView(QWidget):
    """The left pane.

    Signals:
        generate_requested(): the button or its shortcut.
        picture_wanted(role), picture_dropped(path, role): for what the clip is made from.
        connect_requested(): the user wants to use a service that is not connected.
        compare_requested(): the user wants to see the models side by side.
        save_requested(), keep_requested(): what becomes of the waiting one that is edited.
    """

    generate_requested = pyqtSignal()
    picture_wanted = pyqtSignal(object)
    picture_dropped = pyqtSignal(object, object)
    connect_requested = pyqtSignal()
    compare_requested = pyqtSignal()
    save_requested = pyqtSignal()
    keep_requested = pyqtSignal()

    def __init__(self, model: FormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("form")
        self._model = model
        self._shown_model: object = None
        self._is_showing = False
        self._guests: list[tuple[QWidget, QWidget]] = []

        self.prompt = PromptEdit(_PROMPT_LINES, _MOST_PROMPT_LINES)
        self.prompt.setObjectName("prompt")
        self.prompt.setPlaceholderText(
            tr("Describe the clip: what is seen, how it moves, from where, in which light")
        )
        self.prompt.setAccessibleName(tr("Prompt"))
        self.counter = SmallLabel()
        self.counter.setWordWrap(False)
        self.counter.show()
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight)
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

        self.inputs = InputsField()
        self.inputs_label = field_label(tr("Made from"), self.inputs)
        self.models = ModelList()
        self.models.setObjectName("model")
        self.connect_line = QPushButton(tr("Connect a service…"))
        self.connect_line.setObjectName("connectService")
        self.connect_line.setProperty("link", True)
        self.compare_line = QPushButton(tr("Compare…"))
        self.compare_line.setAccessibleName(tr("Compare models"))
        self.compare_line.setToolTip(tr("All models side by side, with what this clip costs there"))
        self.compare_line.setObjectName("compareModels")
        self.compare_line.setProperty("link", True)
        self.refit_line = SmallLabel()
        self.refit_line.setObjectName("refitLine")

        self.aspect = AspectPicker()
        self.aspect.setAccessibleName(tr("Aspect ratio"))
        self.duration = DurationField()
        self.duration.setAccessibleName(tr("Duration in seconds"))
        self.resolution = QComboBox()
        self.resolution.setObjectName("resolution")
        self.resolution.setAccessibleName(tr("Resolution"))
        self.seed = SeedField()
        self.seed.setAccessibleName(tr("Seed"))
        self.sound = QCheckBox(tr("S&ound"))
        self.sound.setObjectName("sound")
        self.sound_line = SmallLabel()
        self.takes = QSpinBox()
        self.takes.setObjectName("takes")
        self.takes.setRange(1, MAX_TAKES)
        self.takes.setAccessibleName(tr("Takes"))
        self.takes.setToolTip(tr("How many variations one click makes, each with its own seed"))
        self.samples = QSpinBox()
        self.samples.setObjectName("samples")
        self.samples.setAccessibleName(tr("Clips per request"))
        self.samples.setToolTip(tr("How many clips the service makes of one request; each is paid"))
        self.notices = NoticeBar(self)
        self.foot = FormFoot(model)
        self.price = self.foot.price
        self.blocked = self.foot.blocked
        self.unblock = self.foot.unblock
        self.generate = self.foot.generate
        self.edit_bar = self.foot.edit_bar
        self.top_up_requested = self.foot.top_up_requested
        self.budget_requested = self.foot.budget_requested

        self._deliberate = Deliberate(self)
        self._deliberate.watch(
            self.models, self.resolution, self.takes, self.samples, self.duration.slider,
            self.duration.box,
        )  # fmt: skip
        self._lay_out()
        self._bind()
        self._show_model()

    # layout

    def _lay_out(self) -> None:
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_12)
        column.setSpacing(SPACE_4)

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
        column.addWidget(self.inputs_label)
        column.addWidget(self.inputs)
        column.addLayout(self.under_inputs)
        column.addSpacing(SPACE_8)
        self._negative_label = field_label(tr("&Negative prompt"), self.negative)
        column.addWidget(self._negative_label)
        column.addWidget(self.negative)
        column.addSpacing(SPACE_8)

        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_12)
        grid.setVerticalSpacing(SPACE_8)
        grid.setColumnStretch(1, 1)
        hints = QVBoxLayout()
        hints.setSpacing(SPACE_4)
        hints.addWidget(self.models)
        links = QHBoxLayout()
        links.setSpacing(SPACE_12)
        links.addWidget(self.compare_line)
        links.addWidget(self.connect_line)
        links.addStretch(1)
        hints.addLayout(links)
        hints.addWidget(self.refit_line)
        self._seed_label = field_label(tr("See&d"), self.seed)
        sound = QVBoxLayout()
        sound.setSpacing(0)
        sound.addWidget(self.sound)
        sound.addWidget(self.sound_line)
        takes = QHBoxLayout()
        takes.addWidget(self.takes)
        takes.addStretch(1)
        samples = QHBoxLayout()
        samples.addWidget(self.samples)
        samples.addStretch(1)
        self._samples_label = field_label(tr("C&lips each"), self.samples)
        self._aspect_label = field_label(tr("&Aspect"), self.aspect)
        self._duration_label = field_label(tr("D&uration"), self.duration)
        rows: list[tuple[QWidget, QWidget | QVBoxLayout | QHBoxLayout]] = [
            (field_label(tr("&Model"), self.models), hints),
            (self._aspect_label, self.aspect),
            (self._duration_label, self.duration),
            (field_label(tr("&Resolution"), self.resolution), self.resolution),
            (self._seed_label, self.seed),
            (field_label(tr("&Takes"), self.takes), takes),
            (self._samples_label, samples),
            (QLabel(), sound),
        ]
        top = Qt.AlignmentFlag.AlignTop
        for number, (label, field) in enumerate(rows):
            if field is hints:
                label.setMinimumHeight(self.models.sizeHint().height())
                grid.addWidget(label, number, 0, top)
            else:
                grid.addWidget(label, number, 0)
            if isinstance(field, QWidget):
                grid.addWidget(field, number, 1)
            else:
                grid.addLayout(field, number, 1)
        column.addLayout(grid)
        column.addStretch()

        self.scroller = FieldsScroller(fields)
        self.scroller.setObjectName("formFields")

        everything = QVBoxLayout(self)
        everything.setContentsMargins(0, 0, 0, 0)
        everything.setSpacing(0)
        everything.addWidget(self.scroller, 1)
        everything.addWidget(self.foot)

        self._order_tabs()

    def add_to_tab_order(self, widget: QWidget, *, after: QWidget) -> None:
        """The tab key comes to `widget` after `after`: a field of the form, or one added before."""
        self._guests.append((widget, after))
        self._order_tabs()

    def remove_from_tab_order(self, widget: QWidget) -> None:
        """Before `widget` is deleted, and after those that were added behind it."""
        self._guests = [guest for guest in self._guests if guest[0] is not widget]

    def _order_tabs(self) -> None:
        """As the eye goes; again whenever buttons were made anew, which come last otherwise."""
        order = [
            self.prompt,
            *self.inputs.tiles,
            self.negative,
            self.models,
            self.compare_line,
            self.connect_line,
            *self.aspect.findChildren(QAbstractButton),
            self.duration.slider,
            self.duration.box,
            self.resolution,
            self.seed.edit,
            *self.seed.findChildren(QAbstractButton),
            self.takes,
            self.samples,
            self.sound,
            self.unblock,
            self.generate,
            self.edit_bar.save,
            self.edit_bar.keep,
        ]
        for widget, place in self._guests:
            order.insert(order.index(place) + 1, widget)
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    # binding

    def _bind(self) -> None:
        model = self._model
        self.prompt.textChanged.connect(lambda: model.set_prompt(self.prompt.toPlainText()))
        self.negative.textChanged.connect(
            lambda: model.set_negative_prompt(self.negative.toPlainText())
        )
        self.models.chosen.connect(model.choose)
        self.aspect.value_changed.connect(self._when_idle(model.set_aspect_ratio))
        self.duration.value_changed.connect(self._when_idle(model.set_duration))
        self.resolution.currentTextChanged.connect(self._when_idle(model.set_resolution))
        self.seed.changed.connect(self._on_seed_changed)
        self.sound.toggled.connect(self._when_idle(model.set_wants_sound))
        self.takes.valueChanged.connect(self._when_idle(model.set_takes))
        self.samples.valueChanged.connect(self._when_idle(model.set_samples))
        self.inputs.wanted.connect(self.picture_wanted)
        self.inputs.dropped.connect(self.picture_dropped)
        self.inputs.removed.connect(model.remove_input)
        self.connect_line.clicked.connect(self.connect_requested)
        self.compare_line.clicked.connect(self.compare_requested)
        self.generate.clicked.connect(self.generate_requested)
        self.edit_bar.save.clicked.connect(self.save_requested)
        self.edit_bar.keep.clicked.connect(self.keep_requested)
        model.changed.connect(self._show_model)
        model.refitted.connect(self._show_refit)
        model.prompt_refused.connect(self._on_prompt_refused)

    def _when_idle(self, setter):  # type: ignore[no-untyped-def]
        """Pass what the user sets; what the model itself shows is no news to it."""

        def passed(value: object) -> None:
            if not self._is_showing and value not in ("", None):
                setter(value)

        return passed

    def _on_seed_changed(self) -> None:
        if not self._is_showing:
            self._model.set_seed(self.seed.seed(), is_locked=self.seed.is_locked())

    def _on_prompt_refused(self, _sentence: str) -> None:
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_prompt(self) -> None:
        self.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.prompt.selectAll()

    def edit_prompt(self) -> None:
        """Put the cursor at the end of the prompt."""
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
        self.prompt.moveCursor(QTextCursor.MoveOperation.End)

    def put(self, state: FormState) -> None:
        self._model.put(state)
        self.edit_prompt()

    def load(self, generation: Generation) -> None:
        self._model.load(generation)
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
        super().keyPressEvent(event)

    # showing

    def _show_model(self) -> None:
        self._is_showing = True
        try:
            self._show_fields()
            self.foot.show_model()
        finally:
            self._is_showing = False

    def _show_fields(self) -> None:
        model = self._model
        for edit, words in ((self.prompt, model.prompt), (self.negative, model.negative_prompt)):
            if edit.toPlainText() != words:
                edit.setPlainText(words)
        used = MAX_PROMPT_CHARS - model.characters_left
        self.counter.setText(tr("{n}/{most}", n=used, most=MAX_PROMPT_CHARS))
        self.counter.set_token("bad" if model.characters_left < 0 else "dim")
        self.prompt_problem.show_words(model.prompt_problem)

        self._show_models()
        self._show_inputs()
        able = model.able
        key = (model.model.provider, model.model.id, model.mode)
        if key != self._shown_model:
            self._shown_model = key
            self.models.setToolTip(model.model.note)
            self._negative_label.setVisible(able.has_negative_prompt)
            self.negative.setVisible(able.has_negative_prompt)
            self.aspect.set_options(list(able.aspect_ratios))
            self._order_tabs()
            self.duration.set_stops(able.durations_s)
            self.resolution.clear()
            self.resolution.addItems(able.resolutions)
            self._seed_label.setVisible(able.has_seed)
            self.seed.setVisible(able.has_seed)
            self.sound.setVisible(model.offers_sound_choice)
            self.sound_line.show_words(model.sound_words)
            shape = (self._aspect_label, self.aspect, self._duration_label, self.duration)
            _show(shape, not model.follows_source)
            _show((self._samples_label, self.samples), able.max_samples > 1)
            self.samples.setRange(1, able.max_samples)
        self.aspect.set_value(model.aspect_ratio)
        self.duration.set_value(model.duration_s)
        self.resolution.setCurrentText(model.resolution)
        if self.seed.seed() != model.seed:
            self.seed.set_seed(model.seed)
        self.seed.set_locked(model.is_seed_locked)
        self.sound.setChecked(model.wants_sound)
        self.takes.setValue(model.takes)
        self.samples.setValue(model.samples)

    def _show_inputs(self) -> None:
        slots = self._model.slots()
        if self.inputs.show_slots(slots, self._model.input_path):
            self._order_tabs()
        _show((self.inputs_label, self.inputs), bool(slots))

    def _show_models(self) -> None:
        model = self._model
        self.models.show_choices(model.choices(), model.choice().model)
        # how each is unlocked stands in its settings
        self.connect_line.setVisible(bool(self.models.locked))

    def _show_refit(self, words: str) -> None:
        self.refit_line.show_words(words)


def _show(widgets: Sequence[QWidget], is_shown: bool) -> None:
    for widget in widgets:
        widget.setVisible(is_shown)
