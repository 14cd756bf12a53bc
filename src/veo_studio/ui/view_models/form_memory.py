"""The form between two starts: what is written into the settings, and what of it still fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from veo_studio.core.catalog import Catalog, ModelInfo
from veo_studio.core.models import MediaInput, Task, VideoConfig
from veo_studio.ui.view_models.form_parts import Enhanced, FormTab

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.view_models.form_model import FormModel

MAX_TAKES = 8
MAX_SEED = 2**31 - 1


def stored_model(
    catalog: Catalog, model_id: str | None, provider: object, default: ModelInfo
) -> ModelInfo:
    """The model of last time, at its provider if it is still there."""
    models = [model for model in catalog.models if model.id == model_id]
    return next((m for m in models if m.provider == provider), (*models, default)[0])


def stored_config(model: ModelInfo, stored: Mapping[str, Any]) -> VideoConfig | None:
    """The settings of last time as they were stored; None where they cannot be read."""
    try:
        return VideoConfig.from_json({**model.default_config().to_json(), **stored})
    except (KeyError, TypeError, ValueError):
        return None


def stored_takes(stored: Mapping[str, Any]) -> int:
    takes = stored.get("takes")
    return takes if isinstance(takes, int) and 1 <= takes <= MAX_TAKES else 1


def stored_seed(stored: Mapping[str, Any]) -> tuple[int, bool] | None:
    """The seed and whether it is locked."""
    seed = stored.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED:
        return seed, stored.get("is_seed_locked") is True
    return None


def stored_values(stored: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in for the variables of prompts."""
    values = stored.get("variables")
    if not isinstance(values, dict):
        return {}
    return {name: text for name, text in values.items() if isinstance(text, str)}


def stored_tab(stored: Mapping[str, Any], config: VideoConfig) -> FormTab:
    """Image to Video wherever there is something to see there."""
    is_of_words = stored.get("tab") != FormTab.PICTURES.value and not config.inputs
    return FormTab.TEXT if is_of_words else FormTab.PICTURES


def stored_enhanced(stored: Mapping[str, Any]) -> Enhanced | None:
    """The user's own words behind proposed ones."""
    found = stored.get("enhanced")
    original, words = (
        (found.get("original"), found.get("words")) if isinstance(found, dict) else (None, None)
    )
    if not isinstance(original, str) or not isinstance(words, str):
        return None
    return Enhanced(original, words)


def stored_meant(
    stored: Mapping[str, Any], name: str = "meant"
) -> tuple[tuple[MediaInput, ...], Task]:
    """What was put aside: in Image to Video, or for a clip that is worked on."""
    meant = stored.get(name)
    try:
        read = VideoConfig.from_json({**VideoConfig().to_json(), **(meant or {})})
    except (KeyError, TypeError, ValueError):
        return (), Task.CREATE
    return read.inputs, read.task


def stored_chosen(catalog: Catalog, stored: Mapping[str, Any]) -> list[ModelInfo]:
    """The models that were chosen, as far as they are still sold."""
    named = stored.get("models")
    keys = [tuple(key) for key in named if isinstance(key, list)] if isinstance(named, list) else []
    return [model for model in catalog.models if (model.provider, model.id) in keys]


def restore(form: FormModel, catalog: Catalog, settings: Settings) -> None:
    """Take up what the last window left; anything that does not fit any more is left out."""
    stored = dict(settings.last_config)
    form.prompt = settings.last_prompt
    form.model = stored_model(catalog, settings.last_model, stored.get("provider"), form.model)
    config = stored_config(form.model, stored)
    if config is None:
        config, stored = form.model.default_config(), {}
    fitted, _changes = catalog.fit(form.model, config)
    form.aspect_ratio = fitted.aspect_ratio
    form.duration_s = fitted.duration_s or form.duration_s
    form.resolution = fitted.resolution
    form.inputs, form.task, form.samples = fitted.inputs, fitted.task, fitted.samples
    tab = stored_tab(stored, fitted)
    form.mean(*(stored_meant(stored) if tab is FormTab.TEXT else (fitted.inputs, fitted.task)))
    form.take_up(tab, stored_chosen(catalog, stored))
    form.put_aside, _task = stored_meant(stored, "put_aside")
    form.enhanced = stored_enhanced(stored)
    form.is_draft = stored.get("is_draft") is True
    form.negative_prompt = config.negative_prompt
    form.takes = stored_takes(stored)
    form.texts.set_values(stored_values(stored))
    form.wants_sound = stored.get("wants_sound") is not False
    if (seed := stored_seed(stored)) is not None:
        form.seed, form.is_seed_locked = seed


def remember(form: FormModel, settings: Settings) -> None:
    """Write the form into `settings`."""
    settings.last_prompt = form.prompt
    settings.last_model = form.model.id
    meant = VideoConfig(inputs=form.meant, task=form.meant_task).to_json()
    aside = VideoConfig(inputs=form.put_aside).to_json()
    enhanced = form.enhanced
    settings.last_config = {
        **form.config().to_json(),
        "tab": form.tab.value,
        "meant": {name: meant[name] for name in ("inputs", "task") if name in meant},
        "put_aside": {"inputs": aside["inputs"]} if form.put_aside else {},
        "enhanced": (
            None if enhanced is None else {"original": enhanced.original, "words": enhanced.words}
        ),
        "is_draft": form.is_draft,
        "models": [[model.provider, model.id] for model in form.chosen_models().values()],
        "negative_prompt": form.negative_prompt,
        "seed": form.seed,
        "provider": form.model.provider,
        "takes": form.takes,
        "wants_sound": form.wants_sound,
        "is_seed_locked": form.is_seed_locked,
        "variables": dict(form.texts.values),
    }
