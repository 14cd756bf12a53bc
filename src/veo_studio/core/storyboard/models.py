"""What a storyboard is: a scenario with its scenes, cast and film, as frozen values.

A `Storyboard` is one value: every edit makes another one, so that undo is the one before. What the
user writes is the document; which pictures and takes were chosen for a scene are its choices, stored
apart, because a run makes them while somebody else writes. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from pathlib import Path

from veo_studio.core.models import MediaInput

# of a scene that says nothing else
DEFAULT_DURATION_S = 5
# where a scenario has none
FALLBACK_RESOLUTION = "720:1280"
MAX_SCENES = 1000
MAX_TAKES = 8
MAX_TITLE = 200
MAX_NOTES = 4000


class Cut(Enum):
    """How a scene of the film begins after the one before."""

    CUT = "cut"
    CROSS_FADE = "cross_fade"


class Step(Enum):
    """The two things that are made for a scene; a rehearsal makes its clip for nothing."""

    PICTURE = "picture"
    CLIP = "clip"
    REHEARSAL = "rehearsal"


@dataclass(frozen=True)
class CastMember:
    """A named reference picture: `@name` in a prompt. Names are letters, digits and _, at most 32."""

    name: str
    picture: MediaInput
    note: str = ""


@dataclass(frozen=True)
class Soundtrack:
    """A sound file under the whole film. `volume` 0.0-1.0, fades in seconds, `clip_volume` of the clips."""

    path: Path
    volume: float = 1.0
    fade_in_s: float = 0.0
    fade_out_s: float = 2.0
    clip_volume: float = 1.0

    def fades_within(self, length_s: float) -> tuple[float, float]:
        """In and out, of `length_s` that are heard: both shorter in proportion where they would meet."""
        both_s = self.fade_in_s + self.fade_out_s
        share = min(1.0, max(0.0, length_s) / both_s) if both_s > 0 else 1.0
        return self.fade_in_s * share, self.fade_out_s * share


@dataclass(frozen=True)
class SceneCut:
    """How the chosen take of a scene stands in the film: None is the take's own start or end.

    `fade_s` is how long a cross-fade lasts. `title` is shown over the start of the scene, `subtitle`
    under the whole of it.
    """

    in_s: float | None = None
    out_s: float | None = None
    cut: Cut = Cut.CUT
    fade_s: float = 0.5
    title: str = ""
    subtitle: str = ""


@dataclass(frozen=True)
class Choices:
    """Which generations stand for a scene, by their ids; None where there is none yet.

    `rounds` counts how often a step was asked for anew: 0 is the first time. It is part of the keys
    under which generations are asked for, so that a run that is killed asks for nothing twice.
    """

    picture_id: int | None = None
    take_id: int | None = None
    rehearsal_id: int | None = None
    is_approved: bool = False
    picture_round: int = 0
    clip_round: int = 0
    rehearsal_round: int = 0


@dataclass(frozen=True)
class Scene:
    """One shot. `image_prompt` is what its picture shows, `visual_prompt` what moves in the clip.

    `follows`: its first picture is the last one of the scene before, so that it needs no picture of
    its own. `reference` is a picture that its picture is made after. `raw` is what is stored of a scene
    that cannot be read, as JSON: the scene is empty then, and `raw` stays until somebody writes into it.
    """

    uuid: str
    image_prompt: str = ""
    visual_prompt: str = ""
    duration_s: int = DEFAULT_DURATION_S
    takes: int = 1
    notes: str = ""
    reference: MediaInput | None = None
    follows: bool = False
    cut: SceneCut = field(default_factory=SceneCut)
    choices: Choices = field(default_factory=Choices)
    raw: str = ""

    @property
    def is_unread(self) -> bool:
        """Nothing but what cannot be read."""
        return bool(self.raw) and replace(self, raw="", choices=Choices()) == Scene(self.uuid)

    @property
    def has_prompts(self) -> bool:
        return bool(self.visual_prompt.strip() or self.image_prompt.strip())


@dataclass(frozen=True)
class ModelRef:
    """A model of the catalogue."""

    provider: str
    model: str


@dataclass(frozen=True)
class Scenario:
    """What holds for all scenes. `resolution` is WIDTH:HEIGHT of the clips in pixels, "" where none is chosen.

    `picture_model`, `clip_model`: None where the program chooses. `seed` is the same for all scenes, None
    for a new one each time. `stops_for_approval`: clips wait until somebody has seen the pictures.
    """

    uuid: str
    title: str
    resolution: str = ""
    style: str = ""
    seed: int | None = None
    picture_model: ModelRef | None = None
    clip_model: ModelRef | None = None
    has_sound: bool = True
    stops_for_approval: bool = True
    cast: tuple[CastMember, ...] = ()
    soundtrack: Soundtrack | None = None
    has_burnt_titles: bool = True
    has_burnt_subtitles: bool = False


@dataclass(frozen=True)
class Storyboard:
    """`id` and `revision` are the database's: 0 before it is stored. `revision` counts stored documents."""

    scenario: Scenario
    scenes: tuple[Scene, ...] = ()
    id: int = 0
    revision: int = 0
    updated_at: datetime | None = None

    @cached_property
    def _places(self) -> dict[str, int]:
        return {scene.uuid: place for place, scene in enumerate(self.scenes)}

    def scene(self, uuid: str) -> Scene:
        """Raises LookupError."""
        return self.scenes[self.place_of(uuid)]

    def place_of(self, uuid: str) -> int:
        """From 0. Raises LookupError."""
        place = self._places.get(uuid)
        if place is None:
            raise LookupError("This scene is not in the storyboard any more.")
        return place

    @property
    def duration_s(self) -> int:
        """What is planned, without trims and fades."""
        return sum(scene.duration_s for scene in self.scenes)


@dataclass(frozen=True)
class StoryboardEntry:
    """A storyboard in a list of them."""

    id: int
    uuid: str
    title: str
    scenes: int
    duration_s: int
    updated_at: datetime


class SceneState(Enum):
    """Where a scene stands; it follows from its generations (`scene_states.py`), nothing stores it."""

    # nothing to make it from
    EMPTY = "empty"
    READY = "ready"
    WAITING = "waiting"
    MAKING_PICTURE = "making_picture"
    APPROVAL = "approval"
    MAKING_CLIP = "making_clip"
    DONE = "done"
    # its prompts are others than those its take was made from
    CHANGED = "changed"
    # what was chosen is gone from the disk or the library
    MISSING = "missing"
    FAILED = "failed"
    ATTENTION = "attention"


class RunGoal(Enum):
    """How far a run goes."""

    PICTURES = "pictures"
    # pictures, then clips: with a stop between where the scenario wants one
    FILM = "film"
    CLIPS = "clips"
    REHEARSAL = "rehearsal"


class RunState(Enum):
    RUNNING = "running"
    # every picture is there and somebody has to look at them
    APPROVAL = "approval"
    # no tokens, no budget, no key, or a clip that needs a decision: `reason` says which
    WAITING = "waiting"
    DONE = "done"
    # some scenes failed, everything else is there
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


@dataclass(frozen=True)
class KeyPrice:
    """What one thing of a run cost when somebody agreed to it; `cost_usd` None where nobody knew.

    `provider` and `model` make it: nobody else is paid in its name.
    """

    tokens: int
    cost_usd: Decimal | None
    provider: str = ""
    model: str = ""


@dataclass(frozen=True)
class Run:
    """One click on Make: stored before anything is asked for, so that a start finds it again.

    `keys` are the idempotency keys of all that it may ask for (`keys.py`): nothing else is ever paid for
    in its name. `prices` are theirs, in the same order: nothing is asked for at a higher one. Empty for
    a run that was begun before they were stored.
    """

    id: int
    scenario_uuid: str
    goal: RunGoal
    scene_uuids: tuple[str, ...]
    state: RunState
    started_at: datetime
    reason: str = ""
    finished_at: datetime | None = None
    keys: tuple[str, ...] = ()
    prices: tuple[KeyPrice | None, ...] = ()

    @property
    def agreed(self) -> dict[str, KeyPrice]:
        """By the key, where it is known."""
        told = zip(self.keys, self.prices, strict=False)
        return {key: price for key, price in told if price is not None}


# scene uuid -> how far it is
Percents = Mapping[str, int]
