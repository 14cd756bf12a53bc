"""Under which key each thing of a storyboard is asked for: the same thing never twice."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from veo_studio.core.storyboard.models import Step

# of take groups: a column of 36 characters holds a uuid, and no more
_GROUPS = uuid.UUID("6d1c1f0e-52a5-4f0b-9a53-1d0f6c0a7e44")


@dataclass(frozen=True)
class SceneKey:
    """What a generation was asked for as. `round` from 0, `take` from 1."""

    scenario_uuid: str
    scene_uuid: str
    step: Step
    round: int
    take: int

    def __str__(self) -> str:
        """At most 128 characters, as the column has."""
        return (
            f"{prefix_of(self.scenario_uuid)}{self.scene_uuid}:{self.step.value}"
            f":{self.round}:{self.take}"
        )

    @property
    def take_group(self) -> str:
        """The same for all takes of one step and round of a scene, as a uuid."""
        return str(uuid.uuid5(_GROUPS, str(self).rpartition(":")[0]))


def prefix_of(scenario_uuid: str) -> str:
    """What all keys of a storyboard begin with."""
    return f"scene:{scenario_uuid}:"


def read_key(key: str) -> SceneKey | None:
    """None for keys of anything else."""
    parts = key.split(":")
    if len(parts) != 6 or parts[0] != "scene":
        return None
    _, scenario_uuid, scene_uuid, step, round_, take = parts
    try:
        return SceneKey(scenario_uuid, scene_uuid, Step(step), int(round_), int(take))
    except ValueError:
        return None


def is_of_scene(take_group: str | None) -> bool:
    """Whether it is a take group of ours: only these are made out of a name (version 5)."""
    try:
        group = uuid.UUID(take_group or "")
    except ValueError:
        return False
    # those of batches are plain digits, which may look like any version
    return group.version == 5 and str(group) == take_group
