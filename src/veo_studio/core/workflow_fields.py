"""Where in a graph a prompt, a size or a picture belongs: a guess along the links, for people to correct.

A class name alone says nothing: every graph has two text encoders, and only the sampler's inputs tell
which of them is the negative one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from veo_studio.core.plain import plain
from veo_studio.core.workflows import FIELDS, Graph, Slot

_TEXT_INPUTS = ("text", "prompt", "positive_prompt", "negative_prompt", "string", "value")
_SEED_INPUTS = ("seed", "noise_seed")
_FRAME_INPUTS = (
    "length", "num_frames", "frames", "video_frames", "frame_count", "frames_number", "video_length",
)  # fmt: skip
_FPS_INPUTS = ("fps", "frame_rate", "framerate")
_VALUE_INPUTS = ("value", "int", "float", "number")
_FIRST_INPUTS = ("start_image", "first_image", "first_frame", "start_frame", "image", "images")
_LAST_INPUTS = ("end_image", "last_image", "last_frame", "end_frame")
_LONGEST_TITLE = 60
# links that lead to loaders, never to words
_NO_WORDS = ("clip", "vae", "model", "control_net", "clip_vision", "clip_vision_output")


@dataclass(frozen=True)
class Guess:
    """`fields` as in a template; the numbers are those that the graph holds now, None where it has none."""

    fields: dict[str, tuple[Slot, ...]] = field(default_factory=dict)
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None


def guess_fields(graph: Graph) -> Guess:
    """Follow the links from what samples to what is typed, counted and loaded."""
    found = {
        "prompt": _words(graph, "positive"),
        "negative": _words(graph, "negative"),
        "seed": _seeds(graph),
        "fps": _numbers(graph, _FPS_INPUTS),
        "first_image": _pictures(graph, _FIRST_INPUTS),
        "last_image": _pictures(graph, _LAST_INPUTS),
    }
    # one prompt for both, or none for the negative one: then there is no negative prompt
    found["negative"] = tuple(s for s in found["negative"] if s not in found["prompt"])
    found["first_image"] = tuple(s for s in found["first_image"] if s not in found["last_image"])
    found |= _size(graph)
    fields = {name: found[name] for name in FIELDS if found.get(name)}
    return Guess(
        fields,
        width=_whole(graph, fields.get("width")),
        height=_whole(graph, fields.get("height")),
        frames=_whole(graph, fields.get("frames")),
        fps=_number(graph, fields.get("fps")),
    )


def candidates(graph: Graph, name: str) -> list[Slot]:
    """The inputs that could hold this field: those with a value of its kind, and of no link."""
    return [slot for slot, value in _own_values(graph) if _could_hold(name, slot, value)]


def value_at(graph: Graph, slot: Slot) -> Any:
    """What an input holds now; None for one that is not there."""
    return graph.get(slot.node, {}).get("inputs", {}).get(slot.input)


def title_of(graph: Graph, node: str) -> str:
    """What ComfyUI shows on a node, as one short line."""
    found = graph.get(node, {})
    meta = found.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    words = title if isinstance(title, str) and title.strip() else str(found.get("class_type", ""))
    line = " ".join(plain(words).split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"


def _could_hold(name: str, slot: Slot, value: Any) -> bool:
    if name in ("prompt", "negative"):
        return isinstance(value, str)
    if name in ("first_image", "last_image"):
        return isinstance(value, str) and slot.input in ("image", "file", "path")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number if name == "fps" else is_number and value == int(value)


def _own_values(graph: Graph) -> Iterator[tuple[Slot, Any]]:
    for node, entry in graph.items():
        for name, value in entry["inputs"].items():
            if not isinstance(value, list | dict):
                yield Slot(node, name), value


def _link(graph: Graph, node: str, name: str) -> str | None:
    """The node that an input comes from; None for a value of its own and for a link to nowhere."""
    value = graph[node]["inputs"].get(name)
    if isinstance(value, list) and len(value) == 2 and value[0] in graph:
        return str(value[0])
    return None


def _samplers(graph: Graph) -> list[str]:
    """What has a positive prompt and is no step on the way of another one's."""
    with_words = [node for node in graph if _link(graph, node, "positive")]
    sources = {_link(graph, node, role) for node in with_words for role in ("positive", "negative")}
    return [node for node in with_words if node not in sources] or with_words


def _words(graph: Graph, role: str) -> tuple[Slot, ...]:
    found: dict[Slot, None] = {}
    samplers = _samplers(graph)
    for node in samplers:
        for slot in _words_behind(graph, _link(graph, node, role), role, set()):
            found[slot] = None
    if not found and role == "positive":
        # guiders without a negative side
        for node in graph:
            source = _link(graph, node, "conditioning") if node not in samplers else None
            for slot in _words_behind(graph, source, role, set()):
                found[slot] = None
    return tuple(found)


def _words_behind(graph: Graph, node: str | None, role: str, seen: set[str]) -> list[Slot]:
    if node is None or node in seen:
        return []
    seen.add(node)
    inputs = graph[node]["inputs"]
    if _link(graph, node, role):
        # it hands both prompts on: what it takes for this role is what it gives for it
        return _words_behind(graph, _link(graph, node, role), role, seen)
    named = [name for name in _TEXT_INPUTS if isinstance(inputs.get(name), str)]
    if named:
        return [Slot(node, named[0])]
    ways = [name for name in inputs if name in _TEXT_INPUTS and _link(graph, node, name)]
    ways = ways or [name for name in inputs if name not in _NO_WORDS and _link(graph, node, name)]
    return [
        slot for name in ways for slot in _words_behind(graph, _link(graph, node, name), role, seen)
    ]


def _seeds(graph: Graph) -> tuple[Slot, ...]:
    """All that draw noise; a second sampler that adds none follows the first."""
    found = []
    for node, entry in graph.items():
        inputs = entry["inputs"]
        if inputs.get("add_noise") in ("disable", False):
            continue
        for name in _SEED_INPUTS:
            found += _number_behind(graph, node, name)
    return tuple(dict.fromkeys(found))


def _numbers(graph: Graph, names: tuple[str, ...]) -> tuple[Slot, ...]:
    found = [
        slot
        for node, entry in graph.items()
        for name in names
        if name in entry["inputs"]
        for slot in _number_behind(graph, node, name)
    ]
    return tuple(dict.fromkeys(found))


def _number_behind(graph: Graph, node: str, name: str, depth: int = 0) -> list[Slot]:
    value = graph[node]["inputs"].get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [Slot(node, name)]
    source = _link(graph, node, name)
    if source is None or depth > 8:
        return []
    # a node that only holds a number for others
    for own in (name, *_VALUE_INPUTS):
        if own in graph[source]["inputs"]:
            return _number_behind(graph, source, own, depth + 1)
    return []


def _size(graph: Graph) -> dict[str, tuple[Slot, ...]]:
    """Width, height and frames belong to one node: the one that makes the empty clip."""
    best: dict[str, tuple[Slot, ...]] = {}
    for node, entry in graph.items():
        inputs = entry["inputs"]
        frames = next((name for name in _FRAME_INPUTS if name in inputs), None)
        found = {
            "width": tuple(_number_behind(graph, node, "width")),
            "height": tuple(_number_behind(graph, node, "height")),
            "frames": tuple(_number_behind(graph, node, frames)) if frames else (),
        }
        if found["width"] and found["height"] and sum(map(bool, found.values())) > len(best):
            best = {name: slots for name, slots in found.items() if slots}
    return best


def _pictures(graph: Graph, names: tuple[str, ...]) -> tuple[Slot, ...]:
    """Files that are loaded, along links of these names."""
    for name in names:
        for node in graph:
            if found := _picture_behind(graph, _link(graph, node, name), 0):
                return (found,)
    return ()


def _picture_behind(graph: Graph, node: str | None, depth: int) -> Slot | None:
    if node is None or depth > 16:
        return None
    inputs = graph[node]["inputs"]
    for name in ("image", "file", "path"):
        if isinstance(inputs.get(name), str):
            return Slot(node, name)
    for name in ("image", "images", "pixels", "input"):
        if found := _picture_behind(graph, _link(graph, node, name), depth + 1):
            return found
    return None


def _number(graph: Graph, slots: tuple[Slot, ...] | None) -> float | None:
    value = value_at(graph, slots[0]) if slots else None
    return float(value) if isinstance(value, int | float) else None


def _whole(graph: Graph, slots: tuple[Slot, ...] | None) -> int | None:
    value = _number(graph, slots)
    return None if value is None else int(value)
