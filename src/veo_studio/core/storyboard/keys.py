"""Under which keys the generations of a storyboard are asked for, so that nothing is asked for twice.

`scene:{scenario}:{scene}:{step}:{round}:{number}`: a round more is everything anew, a number more
another take, or another try after one that failed.
"""

from __future__ import annotations

from dataclasses import dataclass

from veo_studio.core.storyboard.models import Choices, Step

_KEY = "scene"
_PARTS = 6


@dataclass(frozen=True)
class Place:
    """What a generation of a storyboard stands for. `round` counts from 0, `number` from 1."""

    scenario_uuid: str
    scene_uuid: str
    step: Step
    round: int
    number: int

    @property
    def key(self) -> str:
        where = f"{self.scene_uuid}:{self.step.value}:{self.round}:{self.number}"
        return f"{prefix_of(self.scenario_uuid)}{where}"

    @property
    def take_group(self) -> str:
        """The same for all takes of a round; 36 characters are kept."""
        return f"{self.scene_uuid.replace('-', '')[:32]}:{self.step.value[0]}{self.round}"


def prefix_of(scenario_uuid: str) -> str:
    """What all keys of a storyboard begin with."""
    return f"{_KEY}:{scenario_uuid}:"


def place_of(key: str) -> Place | None:
    """None for a key of something else."""
    parts = key.split(":")
    if len(parts) != _PARTS or parts[0] != _KEY:
        return None
    try:
        return Place(parts[1], parts[2], Step(parts[3]), int(parts[4]), int(parts[5]))
    except ValueError:
        return None


def round_of(choices: Choices, step: Step) -> int:
    """The round that counts now."""
    match step:
        case Step.PICTURE:
            return choices.picture_round
        case Step.CLIP:
            return choices.clip_round
        case Step.REHEARSAL:
            return choices.rehearsal_round
