"""A workflow on its way to become a template: what was guessed of it, and what the user made of that."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from veo_studio.core.fitting import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.core.workflow_fields import Guess, guess_fields, title_of, value_at
from veo_studio.core.workflows import (
    FORMAT,
    Graph,
    Slot,
    Workflow,
    frame_rule,
    id_from,
    workflow_from,
)

FRAME_RULES = ("n", "4n+1", "8n+1")
_ASPECTS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
_LINES = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080, "2k": 1440, "4k": 2160}
_USUAL_FPS = 24.0


@dataclass(frozen=True)
class Draft:
    """`sizes` are those that will be offered, in pixels by aspect ratio; `fields` as in a template.

    `are_pictures_optional`: the graph works without them, too.
    """

    graph: Graph
    name: str
    fields: Mapping[str, tuple[Slot, ...]]
    frame_rule: str
    fps: float
    longest_s: int
    sizes: Mapping[str, tuple[int, int]]
    are_pictures_optional: bool = False
    guess: Guess = field(default_factory=Guess)

    def with_field(self, name: str, *slots: Slot) -> Draft:
        """The field in these places, or in none."""
        fields = {key: found for key, found in self.fields.items() if key != name}
        if slots:
            fields[name] = slots
        return replace(self, fields=fields)

    @property
    def durations_s(self) -> list[int]:
        """Whole seconds that will be offered; one where the graph has no place for a number of frames."""
        longest = min(max(self.longest_s, MIN_DURATION_S), MAX_DURATION_S)
        return list(range(MIN_DURATION_S, longest + 1)) if "frames" in self.fields else [longest]

    @property
    def resolution(self) -> str:
        """The name of the size that it makes."""
        width, height = next(iter(self.sizes.values()), (1280, 720))
        lines = math.sqrt(width * height * 9 / 16)
        return min(_LINES, key=lambda name: abs(_LINES[name] - lines))

    @property
    def modes(self) -> list[str]:
        if "first_image" not in self.fields:
            return ["text"]
        fullest = "frames" if "last_image" in self.fields else "first_frame"
        every = ["text", "first_frame", "frames"]
        return every[: every.index(fullest) + 1] if self.are_pictures_optional else [fullest]

    def build(self) -> Workflow:
        """The template; ValueError with a sentence for what does not fit."""
        if "prompt" not in self.fields:
            raise ValueError("Choose where the prompt goes.")
        if "last_image" in self.fields and "first_image" not in self.fields:
            raise ValueError("A last frame needs a place for the first frame, too.")
        if not self.sizes:
            raise ValueError("Choose at least one shape.")
        _check_places(self.graph, self.fields)
        durations = self.durations_s
        resolution = self.resolution
        images = {"first_frame": 1, "frames": 2}
        entry = {
            "id": id_from(self.name),
            "name": self.name.strip(),
            "note": "Your own workflow on your own ComfyUI.",
            "durations_s": durations,
            "aspect_ratios": list(self.sizes),
            "resolutions": [resolution],
            "default_duration_s": durations[-1],
            "default_aspect_ratio": next(iter(self.sizes)),
            "default_resolution": resolution,
            "modes": {
                mode: {"max_images": images[mode]} if mode in images else {} for mode in self.modes
            },
        }
        return workflow_from(
            {
                "format": FORMAT,
                "catalogue": entry,
                "fields": {
                    name: [[slot.node, slot.input] for slot in slots]
                    for name, slots in self.fields.items()
                },
                "rules": {
                    "frames": self.frame_rule,
                    "fps": self.fps,
                    "sizes": {
                        f"{shape} {resolution}": list(px) for shape, px in self.sizes.items()
                    },
                },
                "workflow": self.graph,
            }
        )


def draft_of(graph: Graph, name: str) -> Draft:
    """What the graph itself says, to be corrected by whoever knows it."""
    guess = guess_fields(graph)
    fps = guess.fps or _USUAL_FPS
    longest = round(guess.frames / fps) if guess.frames else 5
    return Draft(
        graph,
        name,
        guess.fields,
        _rule_of(graph, guess),
        fps,
        min(max(longest, MIN_DURATION_S), MAX_DURATION_S),
        shapes_of(guess, has_places={"width", "height"} <= set(guess.fields)),
        guess=guess,
    )


def shapes_of(guess: Guess, *, has_places: bool) -> dict[str, tuple[int, int]]:
    """The size that it makes now, and where it can be told another one: upright, and square."""
    width, height = guess.width or 1280, guess.height or 720
    shapes = {aspect_of(width, height): (width, height)}
    if has_places:
        grain = next((g for g in (32, 16, 8) if width % g == 0 and height % g == 0), 2)
        side = round(math.sqrt(width * height) / grain) * grain
        for pixels in ((height, width), (side, side)):
            shapes.setdefault(aspect_of(*pixels), pixels)
    return shapes


def aspect_of(width: int, height: int) -> str:
    """The usual name that is nearest."""

    def distance(name: str) -> float:
        across, down = name.split(":")
        return abs(math.log(width / height) - math.log(int(across) / int(down)))

    return min(_ASPECTS, key=distance)


def lengths_in_words(draft: Draft) -> str:
    """What the offered lengths really become: '2 s → 2.06 s (33 frames), ...'; "" where they are exact."""
    step, plus = frame_rule(draft.frame_rule)
    words = []
    for seconds in draft.durations_s:
        frames = step * max(1, math.ceil((math.ceil(seconds * draft.fps) - plus) / step)) + plus
        words.append(f"{seconds} s → {frames / draft.fps:.2f} s ({frames} frames)")
    return ", ".join(words)


def place_in_words(graph: Graph, slots: Iterable[Slot]) -> str:
    """'CLIP Text Encode (6), text' for each place."""
    return "; ".join(f"{title_of(graph, slot.node)} ({slot.node}), {slot.input}" for slot in slots)


def _rule_of(graph: Graph, guess: Guess) -> str:
    """By the number of frames that it makes now: Wan and Hunyuan count 4n+1, LTX 8n+1."""
    frames = guess.frames
    if frames is None:
        return "n"
    makers = {graph[slot.node]["class_type"] for slot in guess.fields.get("frames", ())}
    if frames % 8 == 1 and any("ltx" in maker.lower() for maker in makers):
        return "8n+1"
    return "4n+1" if frames % 4 == 1 else "n"


def _check_places(graph: Graph, fields: Mapping[str, tuple[Slot, ...]]) -> None:
    taken: dict[Slot, str] = {}
    for name, slots in fields.items():
        for slot in slots:
            value = value_at(graph, slot)
            if value is None:
                raise ValueError(f"The workflow has no input {slot} for the {words_of(name)}.")
            if isinstance(value, list | dict):
                raise ValueError(
                    f"{slot} is linked to another node; choose the input that holds the value."
                )
            if slot in taken:
                raise ValueError(
                    f"{slot} cannot hold both the {words_of(taken[slot])} and the {words_of(name)}."
                )
            taken[slot] = name


def words_of(name: str) -> str:
    """A field, as it is called in a sentence."""
    return {
        "negative": "negative prompt",
        "frames": "number of frames",
        "fps": "frames per second",
        "first_image": "first frame",
        "last_image": "last frame",
    }.get(name, name)
