"""What stands for a scene: chosen by a run when it arrives, by a person at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from veo_studio.core.storyboard.models import Choices, Scene, Step
from veo_studio.core.storyboard.standing import Standing, chosen_id, round_of

_ID = {Step.PICTURE: "picture_id", Step.CLIP: "take_id", Step.REHEARSAL: "rehearsal_id"}
_ROUND = {
    Step.PICTURE: "picture_round",
    Step.CLIP: "clip_round",
    Step.REHEARSAL: "rehearsal_round",
}


def settled_choices(standing: Standing, scene: Scene) -> Callable[[Choices], Choices] | None:
    """How its choices follow from what has arrived; None where nothing is to be chosen.

    A rehearsal is replaced by a newer one; a picture or a take only where none is chosen.
    """
    arrived: list[tuple[Step, int, int]] = []
    for step in Step:
        there = [made for made in standing.in_round(scene, step) if made.is_there]
        if not there:
            continue
        chosen = chosen_id(scene.choices, step)
        if step is Step.REHEARSAL and chosen != there[-1].generation.id:
            arrived.append((step, there[-1].key.round, there[-1].generation.id))
        elif chosen is None and (made := standing.ready(scene, step)) is not None:
            arrived.append((step, made.key.round, made.generation.id))
    if not arrived:
        return None

    def choose(now: Choices) -> Choices:
        for step, number, generation_id in arrived:
            is_free = step is Step.REHEARSAL or chosen_id(now, step) is None
            # somebody may have asked for it anew, or chosen, in this very moment
            if is_free and round_of(now, step) == number:
                now = _with(now, step, generation_id)
        return now

    return choose


def begun_anew(standing: Standing, scene: Scene, step: Step) -> Choices:
    """The choices with one more round of a step; ValueError where that step is being made just now."""
    place = standing.board.place_of(scene.uuid) + 1
    thing = "clip" if step is Step.CLIP else step.value
    if standing.coming(scene, step):
        raise ValueError(f"Scene {place}: its {thing} is being made already.")
    if step is Step.PICTURE and scene.follows and place > 1:
        raise ValueError(f"Scene {place} begins with the last picture of the scene before.")
    choices = _with(scene.choices, step, None)
    if standing.in_round(scene, step):
        further: dict[str, Any] = {_ROUND[step]: round_of(choices, step) + 1}
        choices = replace(choices, **further)
    if step is Step.PICTURE:
        choices = replace(choices, is_approved=False)
    return choices


def with_choice(standing: Standing, scene: Scene, generation_id: int) -> Choices:
    """LookupError for what was not made for the scene, ValueError for what is not there."""
    for step in Step:
        for made in standing.all_of(scene, step):
            if made.generation.id == generation_id:
                if not made.is_there:
                    raise ValueError("Only what is complete can stand for a scene.")
                return _with(scene.choices, step, generation_id)
    raise LookupError(f"Generation {generation_id} was not made for this scene.")


def _with(choices: Choices, step: Step, generation_id: int | None) -> Choices:
    changed: dict[str, Any] = {_ID[step]: generation_id}
    return replace(choices, **changed)
