"""What holds for all scenes of a storyboard: resolution, models, style line, seed, sound, approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.storyboard.models import FALLBACK_RESOLUTION, ModelRef, Scenario
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_12
from veo_studio.ui.view_models.form_parts import ModelChoice
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.seed_field import SeedField
from veo_studio.ui.views.written_field import WrittenField

_VALUE = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class SettingWords:
    """What settings become for the models of now, a sentence each; "" where there is nothing to say."""

    resolution: str = ""
    picture: str = ""
    clip: str = ""


class _Choice(QComboBox):
    """A field whose entries carry values. Signals: chosen(value)."""

    chosen = pyqtSignal(object)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(words)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at, _VALUE)))

    def show_items(self, items: QStandardItemModel) -> None:
        # Qt deletes the one before
        items.setParent(self)
        self.setModel(items)

    def show_value(self, value: object) -> None:
        for at in range(self.count()):
            is_it = self.itemData(at, _VALUE) == value
            if is_it and self.model().index(at, 0).flags() & Qt.ItemFlag.ItemIsSelectable:
                self.setCurrentIndex(at)
                return


def _item(words: str, value: object, tip: str = "") -> QStandardItem:
    item = QStandardItem(words)
    item.setData(value, _VALUE)
    item.setToolTip(plain_tool_tip(tip) if tip else "")
    return item


class ScenarioSettings(QWidget):
    """Shows a scenario; whoever owns it edits.

    Signals:
        changed(str, dict, str): what the step is called, the fields of `Scenario`, and where typing
            in one field is one step its name, else "".
        command_requested(str): undo or redo, by its id.
        left(): what is typed from here on is a step of its own.
    """

    changed = pyqtSignal(str, dict, str)
    command_requested = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scenarioSettings")
        self._scenario: Scenario | None = None
        self._resolutions: tuple[str, ...] = ()
        self._models: dict[str, tuple[tuple[ModelChoice, ...], ModelInfo | None]] = {}
        self._make_fields()
        self._lay_out()
        self._bind()

    def _make_fields(self) -> None:
        self.resolution = _Choice(tr("Resolution"))
        self.resolution.setObjectName("scenarioResolution")
        self.resolution_words = SmallLabel()
        self.picture_model = _Choice(tr("Model for pictures"))
        self.picture_model.setObjectName("scenarioPictureModel")
        self.picture_words = SmallLabel()
        self.clip_model = _Choice(tr("Model for clips"))
        self.clip_model.setObjectName("scenarioClipModel")
        self.clip_words = SmallLabel()
        self.style_line = WrittenField(2, 4)
        self.style_line.setObjectName("scenarioStyle")
        self.style_line.setAccessibleName(tr("Style line"))
        self.style_line.setPlaceholderText(tr("soft morning light, 35 mm film"))
        self.style_line.setToolTip(tr("Put behind every prompt of this storyboard"))
        self.seed = SeedField()
        self.seed.lock.hide()
        self.seed.edit.setPlaceholderText(tr("another one each time"))
        self.seed.edit.setToolTip(
            tr(
                "The same seed for every scene helps them to look alike. Empty: a new one each time."
            )
        )
        self.has_sound = QCheckBox(tr("Clips with sound"))
        self.stops = QCheckBox(tr("Loo&k at the pictures before clips are made"))
        self.stops.setObjectName("stopsForApproval")

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE_12, SPACE_12, SPACE_12, SPACE_12)
        column.setSpacing(SPACE_4)

        def add(label: QLabel, *widgets: QWidget) -> None:
            column.addWidget(label)
            for widget in widgets:
                column.addWidget(widget)
            column.addSpacing(SPACE_12 - SPACE_4)

        add(field_label(tr("Resolut&ion"), self.resolution), self.resolution, self.resolution_words)
        add(field_label(tr("&Pictures by"), self.picture_model), self.picture_model,
            self.picture_words)  # fmt: skip
        add(field_label(tr("Clip&s by"), self.clip_model), self.clip_model, self.clip_words)
        add(field_label(tr("Style li&ne"), self.style_line), self.style_line)
        add(field_label(tr("Seed"), self.seed.edit), self.seed)
        column.addWidget(self.has_sound)
        column.addWidget(self.stops)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(FieldsScroller(inside))

    def _bind(self) -> None:
        self.resolution.chosen.connect(
            lambda value: self._change(tr("Change the resolution"), "resolution", value)
        )
        self.picture_model.chosen.connect(
            lambda value: self._change(tr("Change the picture model"), "picture_model", value)
        )
        self.clip_model.chosen.connect(
            lambda value: self._change(tr("Change the clip model"), "clip_model", value)
        )
        self.style_line.written.connect(self._on_style)
        self.style_line.command_requested.connect(self.command_requested)
        self.style_line.left.connect(self.left)
        self.seed.changed.connect(self._on_seed)
        self.has_sound.clicked.connect(
            lambda is_on: self._change(tr("Switch the sound"), "has_sound", is_on)
        )
        self.stops.clicked.connect(
            lambda is_on: self._change(tr("Switch the approval"), "stops_for_approval", is_on)
        )

    # what the user does

    def _change(self, text: str, name: str, value: object, field: str = "") -> None:
        if self._scenario is not None and getattr(self._scenario, name) != value:
            self.changed.emit(text, {name: value}, field)

    def _on_style(self, words: str) -> None:
        self._change(tr("Write the style line"), "style", words, "style")

    def _on_seed(self) -> None:
        self._change(tr("Change the seed"), "seed", self.seed.seed(), "seed")

    # showing

    def offer(
        self,
        resolutions: Sequence[str],
        pictures: Sequence[ModelChoice],
        picture_usual: ModelInfo | None,
        clips: Sequence[ModelChoice],
        clip_usual: ModelInfo | None,
    ) -> None:
        """What can be chosen; `usual` is what is taken where nothing is."""
        self._resolutions = tuple(resolutions)
        offered = {
            "picture_model": (tuple(pictures), picture_usual),
            "clip_model": (tuple(clips), clip_usual),
        }
        if offered != self._models:
            self._models = offered
            for field, name in (
                (self.picture_model, "picture_model"),
                (self.clip_model, "clip_model"),
            ):
                field.show_items(_model_items(*offered[name]))
        if self._scenario is not None:
            self.show_scenario(self._scenario)

    def show_scenario(self, scenario: Scenario | None) -> None:
        """None while no storyboard is open."""
        self._scenario = None  # what is put into fields is no change of the user's
        self.setEnabled(scenario is not None)
        if scenario is not None:
            self._show_resolutions(scenario.resolution)
            self.picture_model.show_value(scenario.picture_model)
            self.clip_model.show_value(scenario.clip_model)
            self.style_line.show_text(scenario.style)
            if self.seed.seed() != scenario.seed:
                self.seed.set_seed(scenario.seed)
            self.has_sound.setChecked(scenario.has_sound)
            self.stops.setChecked(scenario.stops_for_approval)
        self._scenario = scenario

    def show_words(self, words: SettingWords) -> None:
        """Under the fields."""
        self.resolution_words.show_words(words.resolution)
        self.picture_words.show_words(words.picture)
        self.clip_words.show_words(words.clip)

    def _show_resolutions(self, now: str) -> None:
        known = [one for one in self._resolutions if one]
        wanted = ["", *known, *([now] if now and now not in known else [])]
        shown = [self.resolution.itemData(at, _VALUE) for at in range(self.resolution.count())]
        if shown != wanted:
            items = QStandardItemModel()
            for one in wanted:
                items.appendRow(_item(resolution_words(one), one))
            self.resolution.show_items(items)
        self.resolution.show_value(now)


def resolution_words(resolution: str) -> str:
    """`1280 × 720, wide`."""
    if not resolution:
        size = FALLBACK_RESOLUTION.replace(":", " × ")
        return tr("Not chosen ({size})", size=size)
    width, _colon, height = resolution.partition(":")
    shape = (
        tr("square") if width == height else tr("wide") if int(width) > int(height) else tr("upright")
    )  # fmt: skip
    return tr("{width} × {height}, {shape}", width=width, height=height, shape=shape)


def _model_items(choices: Sequence[ModelChoice], usual: ModelInfo | None) -> QStandardItemModel:
    """Grouped by provider; locked ones show a lock and say how to unlock them."""
    items = QStandardItemModel()
    words = tr("The usual one") if usual is None else tr("Usual: {name}", name=usual.name)
    items.appendRow(_item(words, None))
    provider = None
    for choice in choices:
        if choice.provider_name != provider:
            provider = choice.provider_name
            heading = QStandardItem(provider)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            items.appendRow(heading)
        ref = ModelRef(choice.model.provider, choice.model.id)
        item = _item(choice.model.name, ref, choice.locked or choice.model.note)
        if choice.locked is not None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setIcon(icon("lock", "dim", 16))
        items.appendRow(item)
    return items
