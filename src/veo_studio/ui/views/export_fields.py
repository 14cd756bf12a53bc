"""The fields of an export that belong to a form: size, quality, sound, and what only some forms have."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from veo_studio.core.exporting.presets import (
    GIF_RATES,
    LEAST_PX,
    MOST_PX,
    MOST_RATE,
    RATES,
    ExportPreset,
    Form,
    Inside,
    ProRes,
    Quality,
    Size,
)
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12
from veo_studio.ui.view_models.export_model import ExportModel
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.segments import Option, Segments


class ExportFields(QWidget):
    """Bound to the model's preset; a row that does not belong to its form is not there."""

    def __init__(self, model: ExportModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._make_fields()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_12)
        self._grid.setVerticalSpacing(SPACE_8)
        self._grid.setColumnStretch(1, 1)
        self._rows = {
            "size": self._row(tr("Si&ze"), self.size_of, _beside(self.size_of, self._box)),
            "quality": self._row(tr("&Quality"), self.quality, _beside(self.quality, self.rate)),
            "prores": self._row(tr("Prof&ile"), self.prores),
            "gif": self._row(tr("&Width"), self.gif_width, _beside(self.gif_width, self.gif_fps)),
            "still": self._row(
                tr("&Moment"), self.still_at, _beside(self.still_at, self.still_kind)
            ),
            "inside": self._row(tr("Inside the &file"), self.inside),
            "sound": self._row("", self.sound),
        }
        self.hint = SmallLabel()
        self._grid.addWidget(self.hint, self._grid.rowCount(), 1)
        self._bind()
        model.changed.connect(self.show_preset)
        self.show_preset()

    def _make_fields(self) -> None:
        self.size_of = _combo(
            (
                (Size.KEEP, tr("As it is")),
                (Size.P1080, "1080p"),
                (Size.P720, "720p"),
                (Size.FIT, tr("Fit into")),
            )
        )
        self.box_width = _spin(LEAST_PX, MOST_PX, tr("Width of the box in pixels"))
        self.box_height = _spin(LEAST_PX, MOST_PX, tr("Height of the box in pixels"))
        self._box = _beside(self.box_width, QLabel("\u00d7"), self.box_height, QLabel("px"))
        self.quality = Segments()
        self.quality.setAccessibleName(tr("Quality"))
        self.rate = _spin(0, 63, tr("The encoder's own number; lower is better"))
        self.prores = _combo(
            (
                (ProRes.PROXY, tr("422 Proxy (small)")),
                (ProRes.LT, "422 LT"),
                (ProRes.STANDARD, "422"),
                (ProRes.HQ, tr("422 HQ (large)")),
            )
        )
        self.gif_width = _spin(LEAST_PX, MOST_PX, tr("Width of the GIF in pixels"))
        self.gif_width.setSuffix(" px")
        self.gif_fps = _combo([(rate, tr("{n} pictures a second", n=rate)) for rate in GIF_RATES])
        self.gif_fps.setAccessibleName(tr("Pictures a second"))
        self.still_at = QDoubleSpinBox()
        self.still_at.setDecimals(2)
        self.still_at.setKeyboardTracking(False)
        self.still_at.setSuffix(" s")
        self.still_at.setSpecialValueText(tr("In point, or the middle"))
        self.still_kind = _combo((("png", "PNG"), ("jpg", "JPEG")))
        self.still_kind.setAccessibleName(tr("Kind of picture"))
        self.inside = _combo(
            (
                (Inside.AS_IT_IS, tr("What is there already")),
                (Inside.RECIPE, tr("Prompt and recipe")),
                (Inside.NOTHING, tr("Nothing but picture and sound")),
            )
        )
        self.sound = QCheckBox(tr("With &sound"))

    def _row(self, words: str, field: QWidget, whole: QWidget | None = None) -> tuple[QWidget, ...]:
        number = self._grid.rowCount()
        label: QWidget = field_label(words, field) if words else QLabel()
        self._grid.addWidget(label, number, 0)
        self._grid.addWidget(whole or field, number, 1)
        return label, whole or field

    def _bind(self) -> None:
        model = self._model
        self.size_of.activated.connect(lambda _at: model.change(size=self.size_of.currentData()))
        self.box_width.valueChanged.connect(lambda px: model.change(width_px=px))
        self.box_height.valueChanged.connect(lambda px: model.change(height_px=px))
        self.quality.chosen.connect(lambda value: model.change(quality=value, rate=None))
        self.rate.valueChanged.connect(lambda number: model.change(rate=number))
        self.prores.activated.connect(lambda _at: model.change(prores=self.prores.currentData()))
        self.gif_width.valueChanged.connect(lambda px: model.change(gif_width_px=px))
        self.gif_fps.activated.connect(lambda _at: model.change(gif_fps=self.gif_fps.currentData()))
        self.still_at.valueChanged.connect(
            lambda at_s: model.change(still_at_s=None if at_s < 0 else at_s)
        )
        self.still_kind.activated.connect(
            lambda _at: model.change(still_kind=self.still_kind.currentData())
        )
        self.inside.activated.connect(lambda _at: model.change(inside=self.inside.currentData()))
        self.sound.toggled.connect(lambda is_on: model.change(has_sound=is_on))

    def show_preset(self) -> None:
        preset = self._model.preset
        fields = (
            self.size_of, self.box_width, self.box_height, self.quality, self.rate, self.prores, self.gif_width,
            self.gif_fps, self.still_at, self.still_kind, self.inside, self.sound,
        )  # fmt: skip
        blocked = [QSignalBlocker(field) for field in fields]
        self._show_rows(preset)
        _choose(self.size_of, preset.size)
        self._box.setVisible(preset.size is Size.FIT)
        self.box_width.setValue(preset.width_px)
        self.box_height.setValue(preset.height_px)
        self._show_quality(preset)
        _choose(self.prores, preset.prores)
        self.gif_width.setValue(preset.gif_width_px)
        _choose(self.gif_fps, preset.gif_fps)
        self._show_still(preset)
        _choose(self.inside, preset.inside)
        self.sound.setChecked(preset.has_sound)
        self.hint.show_words(self._hint(preset))
        del blocked

    def _show_rows(self, preset: ExportPreset) -> None:
        form = preset.form
        shown = {
            "size": form.is_clip or form is Form.STILL,
            "quality": form in RATES or (form is Form.STILL and preset.still_kind == "jpg"),
            "prores": form is Form.PRORES,
            "gif": form is Form.GIF,
            "still": form is Form.STILL,
            "inside": form is not Form.GIF,
            "sound": (form.is_clip or form is Form.COPY) and self._model.has_clips,
        }
        for name, row in self._rows.items():
            for widget in row:
                widget.setVisible(shown[name])

    def _show_quality(self, preset: ExportPreset) -> None:
        options = [
            Option(Quality.BEST, tr("Best")),
            Option(Quality.GOOD, tr("Good")),
            Option(Quality.SMALL, tr("Small")),
        ]
        self.quality.show_options(options, preset.quality)
        self.rate.setVisible(preset.form in RATES)
        self.rate.setRange(0, MOST_RATE.get(preset.form, 63))
        self.rate.setValue(preset.crf or 0)

    def _show_still(self, preset: ExportPreset) -> None:
        # one step below nothing is "nobody said"
        self.still_at.setRange(-0.01, max(0.0, self._model.length_s) or 3600.0)
        self.still_at.setSingleStep(0.1)
        self.still_at.setValue(-0.01 if preset.still_at_s is None else preset.still_at_s)
        has_moment = self._model.has_clips
        self.still_at.setVisible(has_moment)
        _choose(self.still_kind, preset.still_kind)

    def _hint(self, preset: ExportPreset) -> str:
        if preset.form is Form.GIF:
            return tr("A GIF has no sound and no room for a recipe.")
        if preset.inside is Inside.NOTHING:
            return tr("No prompt, no recipe, no content credentials.")
        if preset.inside is Inside.RECIPE and preset.form is Form.COPY:
            return tr("Content credentials of the original do not come along.")
        return ""


def _combo(entries: Sequence[tuple[object, str]]) -> QComboBox:
    box = QComboBox()
    for value, words in entries:
        box.addItem(words, value)
    return box


def _choose(box: QComboBox, value: object) -> None:
    for number in range(box.count()):
        stored = box.itemData(number)
        if stored is value or (not isinstance(value, Enum) and stored == value):
            box.setCurrentIndex(number)
            return


def _spin(least: int, most: int, name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setAccessibleName(name)
    box.setToolTip(name)
    # a number that is being typed is no wish yet
    box.setKeyboardTracking(False)
    return box


def _beside(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE_8)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QComboBox | Segments) else 0)
    if not any(isinstance(widget, QComboBox | Segments) for widget in widgets):
        row.addStretch(1)
    return holder
