"""A preset into the form, as far as a connected model can do it, and the form as a preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veo_studio.core.presets import Preset
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.ui.view_models.form_model import FormModel


def apply_preset(form: FormModel, preset: Preset) -> None:
    """Take over what the preset says; what had to become something else is told as refitted.

    Pictures, the seed (where the preset has none) and the variables stay as they are.
    """
    before, said = form.model, list[str]()
    wanted = form.connected(preset.provider, preset.model)
    if wanted is None and preset.model:
        said.append(tr("{model} is not connected", model=preset.model))
    form.turn_to(preset.kind, wanted)
    if form.model is not before and form.model is not wanted:
        said.append(tr("model {before} → {now}", before=before.name, now=form.model.name))
    config = preset.applied_to(form.config())
    if preset.prompt:
        form.set_prompt(preset.prompt)
        form.enhanced = None
    if preset.prompt or preset.negative_prompt:
        form.negative_prompt = preset.negative_prompt
    if preset.takes is not None:
        form.set_takes(preset.takes)
    if "seed" in preset.config:
        form.set_seed(config.seed, is_locked=True)
    if config.enable_audio is not None:
        form.wants_sound = config.enable_audio
    form.fit_to(config, said)


def preset_of(
    form: FormModel, name: str, *, keeps_prompt: bool, keeps_seed: bool, keeps_model: bool = True
) -> Preset:
    """What the form holds now, under a name."""
    return Preset.of(
        name,
        form.prompt.strip() if keeps_prompt else "",
        form.model.provider if keeps_model else "",
        form.model.id if keeps_model else "",
        form.config(),
        kind=form.kind,
        takes=form.takes,
        keeps_seed=keeps_seed and form.seed is not None,
    )
