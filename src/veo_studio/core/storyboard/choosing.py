"""Which models make a storyboard: those that were chosen, else what is connected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind, InputMode
from veo_studio.core.storyboard.models import ModelRef, Scenario

_REHEARSAL = "rehearsal"
# why a provider cannot be used, "" where it can
Locked = Callable[[str], str]


@dataclass(frozen=True)
class BoardModels:
    """None with a sentence in `problems` where there is none."""

    picture: ModelInfo | None
    clip: ModelInfo | None
    rehearsal: ModelInfo
    picture_problem: str = ""
    clip_problem: str = ""


def models_of(scenario: Scenario, catalog: Catalog, locked: Locked) -> BoardModels:
    """Both from one service where nobody chose; without any service both from the rehearsal engine."""
    rehearsal = next(
        model for model in catalog.of_kind(GenerationKind.VIDEO) if model.provider == _REHEARSAL
    )
    clip, clip_problem = _told(scenario.clip_model, GenerationKind.VIDEO, catalog, locked)
    if scenario.clip_model is None:
        clip = _first(catalog, GenerationKind.VIDEO, locked, near=scenario.picture_model)
    if clip is not None and InputMode.FIRST_FRAME not in clip.capabilities.modes:
        clip_problem = f"{clip.name} makes no clips from a picture: choose another model."
        clip = None
    picture, picture_problem = _told(scenario.picture_model, GenerationKind.IMAGE, catalog, locked)
    if scenario.picture_model is None:
        near = None if clip is None else ModelRef(clip.provider, clip.id)
        near = scenario.clip_model or near
        picture = _first(catalog, GenerationKind.IMAGE, locked, near=near)
        if clip is not None and picture is not None and _is_sketch_for_paid(picture, clip):
            picture = None
            picture_problem = (
                "No connected service makes pictures: connect one in Settings > Services, "
                "or choose a picture model."
            )
    return BoardModels(picture, clip, rehearsal, picture_problem, clip_problem)


def _told(
    chosen: ModelRef | None, kind: GenerationKind, catalog: Catalog, locked: Locked
) -> tuple[ModelInfo | None, str]:
    if chosen is None:
        return None, ""
    try:
        model = catalog.find(chosen.model, chosen.provider)
    except ValueError as error:
        return None, str(error)
    if model.kind is not kind:
        things = "pictures" if kind is GenerationKind.IMAGE else "clips"
        return None, f"{model.name} does not make {things}: choose another model."
    if reason := locked(model.provider):
        return None, f"{catalog.providers[model.provider].name}: {reason}"
    return model, ""


def _first(
    catalog: Catalog, kind: GenerationKind, locked: Locked, *, near: ModelRef | None
) -> ModelInfo | None:
    """The first that is connected and can do it alone, of the service of `near` where that has one."""
    mode = InputMode.TEXT if kind is GenerationKind.IMAGE else InputMode.FIRST_FRAME
    able = [
        model
        for model in catalog.of_kind(kind)
        if mode in model.capabilities.modes and not locked(model.provider)
    ]
    real = [model for model in able if model.provider != _REHEARSAL]
    beside = [model for model in able if near is not None and model.provider == near.provider]
    return next(iter([*beside, *real, *able]), None)


def _is_sketch_for_paid(picture: ModelInfo, clip: ModelInfo) -> bool:
    """Nobody wants to pay for a clip of a sketch, unless they choose to."""
    return picture.provider == _REHEARSAL and clip.provider != _REHEARSAL
