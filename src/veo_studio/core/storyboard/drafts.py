"""A scene that is proposed, before it is part of a storyboard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from veo_studio.core.storyboard.edits import new_scene
from veo_studio.core.storyboard.models import DEFAULT_DURATION_S, Scene, SceneCut


@dataclass(frozen=True)
class SceneDraft:
    """`subtitle` is what is said or shown as text. Seconds are 2 to 60."""

    image_prompt: str
    visual_prompt: str = ""
    duration_s: int = DEFAULT_DURATION_S
    notes: str = ""
    subtitle: str = ""


def scenes_from(drafts: Iterable[SceneDraft]) -> tuple[Scene, ...]:
    """New scenes of them; ValueError with a sentence where one cannot be."""
    return tuple(
        new_scene(
            image_prompt=draft.image_prompt,
            visual_prompt=draft.visual_prompt,
            duration_s=draft.duration_s,
            notes=draft.notes,
            cut=SceneCut(subtitle=draft.subtitle),
        )
        for draft in drafts
    )
