"""Save as preset: under which name, and what of the form belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.presets import MAX_NAME_CHARS, Preset
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_12, SPACE_16, SPACE_24, accent_button, heading_font
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_presets import preset_of
from veo_studio.ui.view_models.preset_model import PresetModel, settings_words
from veo_studio.ui.views.labels import SmallLabel, field_label


@dataclass(frozen=True)
class SaveWish:
    name: str
    keeps_prompt: bool
    keeps_seed: bool
    keeps_model: bool

    def preset(self, form: FormModel) -> Preset:
        """What of the form is wished for."""
        return preset_of(
            form,
            self.name,
            keeps_prompt=self.keeps_prompt,
            keeps_seed=self.keeps_seed,
            keeps_model=self.keeps_model,
        )


class SavePreset(QDialog):
    """Opened with `run_dialog`; `told` is what the user chose."""

    def __init__(
        self, form: FormModel, presets: PresetModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("savePreset")
        self.setWindowTitle(tr("Save as preset"))
        self._form = form
        self._presets = presets
        heading = QLabel(tr("Save as preset"))
        heading_font(heading)
        self.name = QLineEdit()
        self.name.setObjectName("presetName")
        self.name.setMaxLength(MAX_NAME_CHARS)
        self.keeps_prompt = QCheckBox(tr("With the &prompt"))
        self.keeps_prompt.setEnabled(bool(form.prompt.strip()))
        self.keeps_prompt.setChecked(bool(form.prompt.strip()))
        self.keeps_seed = QCheckBox(tr("With the &seed"))
        if form.seed is not None:
            self.keeps_seed.setText(tr("With the &seed {seed}", seed=form.seed))
        self.keeps_seed.setVisible(form.seed is not None)
        self.keeps_model = QCheckBox(tr("Keep the &model, {model}", model=form.model.name))
        # else a rehearsal's look brings the rehearsal back to whoever has a service by then
        self.keeps_model.setChecked(form.model.provider != "rehearsal")
        self.words = SmallLabel()
        self.hint = SmallLabel()
        box = QDialogButtonBox()
        self.yes = box.addButton(tr("Sa&ve"), QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert self.yes is not None and no is not None  # noqa: PT018
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(heading)
        column.addWidget(field_label(tr("&Name"), self.name))
        column.addWidget(self.name)
        column.addWidget(self.keeps_prompt)
        column.addWidget(self.keeps_seed)
        column.addWidget(self.keeps_model)
        column.addWidget(self.words)
        column.addWidget(self.hint)
        column.addWidget(box)
        self.setMinimumWidth(420)
        self.name.textChanged.connect(self._show)
        for tick in (self.keeps_prompt, self.keeps_seed, self.keeps_model):
            tick.toggled.connect(self._show)
        self._show()
        self.name.setFocus()

    def told(self) -> SaveWish:
        return SaveWish(
            " ".join(self.name.text().split()),
            self.keeps_prompt.isChecked(),
            self.keeps_seed.isChecked(),
            self.keeps_model.isChecked(),
        )

    def _show(self) -> None:
        told = self.told()
        preset = told.preset(self._form)
        self.words.show_words(tr("Settings: {words}.", words=settings_words(preset)))
        there = self._presets.library.presets.find(told.name) if told.name else None
        hint = ""
        if there is not None:
            hint = tr("Takes the place of “{name}”.", name=there.name)
        elif "{" in preset.prompt:
            hint = tr("Its variables are asked for wherever it is used.")
        self.hint.show_words(hint)
        assert self.yes is not None
        self.yes.setEnabled(bool(told.name))
