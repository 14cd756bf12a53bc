"""The settings of the form in a grid: model, shape, length, size, seed, takes and sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
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

from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.form_memory import MAX_TAKES
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.aspect_picker import AspectPicker
from veo_studio.ui.views.deliberate import Deliberate
from veo_studio.ui.views.duration_field import DurationField
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.model_list import ModelList
from veo_studio.ui.views.seed_field import SeedField

_COMMAND = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_HELD = (Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_Shift, Qt.Key.Key_AltGr)


class FormGrid(QWidget):
    """Shows only what the chosen model can do.

    Signals:
        arranged(): there are other buttons than before.
    """

    arranged = pyqtSignal()

    def __init__(self, model: FormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown_model: object = None
        self._is_showing = False
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
        self._deliberate = Deliberate(self)
        self._deliberate.watch(
            self.models, self.resolution, self.takes, self.samples, self.duration.slider,
            self.duration.box,
        )  # fmt: skip
        self._lay_out()
        self._bind()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
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

    def _bind(self) -> None:
        model = self._model
        self.models.chosen.connect(model.choose)
        self.aspect.value_changed.connect(self._when_idle(model.set_aspect_ratio))
        self.duration.value_changed.connect(self._when_idle(model.set_duration))
        length = self.duration.box.lineEdit()
        assert length is not None
        length.textEdited.connect(lambda _text: self._on_length_typed())
        self.duration.box.installEventFilter(self)
        self.resolution.currentTextChanged.connect(self._when_idle(model.set_resolution))
        self.seed.changed.connect(self._on_seed_changed)
        self.sound.toggled.connect(self._when_idle(model.set_wants_sound))
        self.takes.valueChanged.connect(self._when_idle(model.set_takes))
        self.samples.valueChanged.connect(self._when_idle(model.set_samples))
        model.refitted.connect(self.refit_line.show_words)

    def _when_idle(self, setter: Callable[..., None]) -> Callable[[object], None]:
        """Pass what the user sets; what the model itself shows is no news to it."""

        def passed(value: object) -> None:
            if not self._is_showing and value not in ("", None):
                setter(value)

        return passed

    def _on_length_typed(self) -> None:
        # the price follows every length there is; others are settled when the field is left
        typed = self._typed_s()
        if typed in self.duration.stops:
            self._model.set_duration(typed)

    def _typed_s(self) -> int | None:
        words = self.duration.box.cleanText().strip()
        return int(words) if words.isascii() and words.isdigit() else None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.modifiers() & _COMMAND
            and event.key() not in _HELD
            and self._typed_s() != self._model.duration_s
        ):
            # a command that would buy what the field does not say settles that first, and no more
            event.accept()
            self.duration.box.interpretText()
            self.duration.set_value(self._model.duration_s)
            return True
        return super().eventFilter(watched, event)

    def _on_seed_changed(self) -> None:
        if not self._is_showing:
            self._model.set_seed(self.seed.seed(), is_locked=self.seed.is_locked())

    def order(self) -> list[QWidget]:
        """For the tab key."""
        return [
            self.models,
            self.compare_line,
            self.connect_line,
            *self.aspect.findChildren(QAbstractButton),
            # those that stand for a field inside them come first: Tab goes through them to it, and
            # round in a ring where they stand elsewhere
            self.duration,
            self.duration.slider,
            self.duration.box,
            self.resolution,
            self.seed,
            self.seed.edit,
            *self.seed.findChildren(QAbstractButton),
            self.takes,
            self.samples,
            self.sound,
        ]

    # showing

    def show_model(self) -> None:
        self._is_showing = True
        try:
            self._show_fields()
        finally:
            self._is_showing = False

    def _show_fields(self) -> None:
        model = self._model
        self.models.show_choices(model.choices(), model.choice().model)
        # how each is unlocked stands in its settings
        self.connect_line.setVisible(bool(self.models.locked))
        able = model.able
        key = (model.model.provider, model.model.id, model.mode)
        if key != self._shown_model:
            self._shown_model = key
            self.models.setToolTip(model.model.note)
            self.aspect.set_options(list(able.aspect_ratios))
            self.arranged.emit()
            if not model.model.makes_pictures:
                self.duration.set_stops(able.durations_s)
            self.resolution.clear()
            self.resolution.addItems(able.resolutions)
            self._seed_label.setVisible(able.has_seed)
            self.seed.setVisible(able.has_seed)
            self.sound.setVisible(model.offers_sound_choice)
            self.sound_line.show_words("" if model.model.makes_pictures else model.sound_words)
            _show((self._aspect_label, self.aspect), not model.follows_source)
            has_length = not (model.follows_source or model.model.makes_pictures)
            _show((self._duration_label, self.duration), has_length)
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


def _show(widgets: Sequence[QWidget], is_shown: bool) -> None:
    for widget in widgets:
        widget.setVisible(is_shown)
