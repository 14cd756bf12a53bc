"""The pictures, or the clip, that the next click starts from: which places there are, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.batch_file import SUFFIXES as LIST_SUFFIXES
from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.models import Generation, InputMode, InputRole, MediaInput, Task
from veo_studio.ui.text import tr

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_OTHER_SUFFIXES = (".mp4", ".json", *LIST_SUFFIXES)


@dataclass(frozen=True)
class Slot:
    """A place for one picture or clip; `item` None is an empty one."""

    role: InputRole
    label: str
    item: MediaInput | None = None


def slots(model: ModelInfo, inputs: Sequence[MediaInput], task: Task) -> list[Slot]:
    """What the model takes, filled with what there is; frames and references exclude each other."""
    by_role = {role: [item for item in inputs if item.role is role] for role in InputRole}
    if task is not Task.CREATE:
        return [
            Slot(InputRole.SOURCE, source_words(task), item) for item in by_role[InputRole.SOURCE]
        ]
    modes = model.capabilities.modes
    has_frames = bool(by_role[InputRole.FIRST_FRAME] or by_role[InputRole.LAST_FRAME])
    references = by_role[InputRole.REFERENCE]
    found: list[Slot] = []
    if not references:
        first = next(iter(by_role[InputRole.FIRST_FRAME]), None)
        if first or InputMode.FIRST_FRAME in modes or InputMode.FRAMES in modes:
            found.append(Slot(InputRole.FIRST_FRAME, tr("First frame"), first))
        last = next(iter(by_role[InputRole.LAST_FRAME]), None)
        if last or (first and InputMode.FRAMES in modes):
            found.append(Slot(InputRole.LAST_FRAME, tr("Last frame"), last))
    if not has_frames:
        most = model.capabilities.max_images(InputMode.REFERENCES)
        found += [Slot(InputRole.REFERENCE, tr("Reference"), item) for item in references]
        if len(references) < most:
            found.append(Slot(InputRole.REFERENCE, tr("Reference")))
    return found


def with_input(inputs: Sequence[MediaInput], item: MediaInput) -> tuple[MediaInput, ...]:
    """References add up; everything else has one place, and frames exclude references."""
    is_reference = item.role is InputRole.REFERENCE
    kept = [
        other
        for other in inputs
        if (other.role is InputRole.REFERENCE) is is_reference
        and (is_reference or other.role is not item.role)
    ]
    return (*kept, item)


def without_input(inputs: Sequence[MediaInput], item: MediaInput) -> tuple[MediaInput, ...]:
    """A last frame does not stay where the first one goes."""
    kept = [other for other in inputs if other is not item]
    if item.role is InputRole.FIRST_FRAME:
        kept = [other for other in kept if other.role is not InputRole.LAST_FRAME]
    return tuple(kept)


def source_words(task: Task) -> str:
    return {
        Task.EDIT: tr("Clip to edit"),
        Task.EXTEND: tr("Clip to extend"),
        Task.UPSCALE: tr("Clip to make sharper"),
        Task.CREATE: "",
    }[task]


def work_words(task: Task) -> str:
    """A command on a finished clip."""
    return {
        Task.EDIT: tr("Change this clip…"),
        Task.EXTEND: tr("Make this clip longer…"),
        Task.UPSCALE: tr("Make this clip sharper…"),
        Task.CREATE: "",
    }[task]


def tasks_of(models: Iterable[ModelInfo], generation: Generation) -> list[Task]:
    """What these models can make of a finished clip; sharper only where it was made."""
    modes = {mode for model in models for mode in model.capabilities.modes}
    own = {
        mode
        for model in models
        if model.provider == generation.provider
        for mode in model.capabilities.modes
    }
    found = [task for task in (Task.EDIT, Task.EXTEND) if InputMode(task.value) in modes]
    return found + ([Task.UPSCALE] if InputMode.UPSCALE in own else [])


def model_for(
    models: Sequence[ModelInfo], task: Task, current: ModelInfo, provider: str, model_id: str
) -> ModelInfo | None:
    """Who does this to a clip: its own model, another of its provider, the chosen one, or anybody."""
    mode = InputMode(task.value)
    able = [model for model in models if mode in model.capabilities.modes]

    def rank(model: ModelInfo) -> tuple[bool, bool, bool]:
        is_own = model.provider == provider
        return (not (is_own and model.id == model_id), not is_own, model is not current)

    return min(able, key=rank, default=None)


def is_picture(path: Path) -> bool:
    """By its name only; what is in it is looked at when it is taken in."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def may_be_picture(path: Path) -> bool:
    """False for what means something else when it is dropped: a clip, its recipe, a folder."""
    return path.suffix.lower() not in _OTHER_SUFFIXES and not path.is_dir()
