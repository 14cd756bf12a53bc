"""Workflow templates: a ComfyUI graph, and the places in it that hold prompt, size, length and pictures.

A template is a file of its own: shipped ones in `catalogue/workflows`, the user's beside `models.toml`.
It brings its entry of the catalogue with it, so every template is a model like all others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.catalog_file import model_from
from veo_studio.core.models import InputMode

PROVIDER = "comfyui"
FORMAT = 1
SHIPPED_FOLDER = Path(__file__).with_name("catalogue") / "workflows"
# the settings of ours that a graph can have a place for, in the order in which people see them
FIELDS = (
    "prompt", "negative", "seed", "width", "height", "frames", "fps", "first_image", "last_image",
)  # fmt: skip
MAX_FILE_BYTES = 8 * 1024 * 1024
_MAX_NODES = 5000
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_FRAME_RULE = re.compile(r"(\d{0,3})n(?:\+(\d{1,3}))?\Z")
_MODE_FIELDS = {
    InputMode.TEXT: (),
    InputMode.FIRST_FRAME: ("first_image",),
    InputMode.FRAMES: ("first_image", "last_image"),
}
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, InvalidOperation,
           RecursionError)  # fmt: skip

Graph = Mapping[str, Any]


@dataclass(frozen=True)
class Slot:
    """One input of one node."""

    node: str
    input: str

    def __str__(self) -> str:
        return f"{self.node}.{self.input}"

    @classmethod
    def parse(cls, text: str) -> Slot:
        """Read "6.text"; raises ValueError."""
        node, dot, name = text.strip().rpartition(".")
        if not dot or not node or not name:
            raise ValueError(
                f"{text[:80]!r} names no input; write it as NODE.input, such as 6.text."
            )
        return cls(node, name)


@dataclass(frozen=True)
class Rules:
    """What a video model accepts: `step` n + `plus` frames, at `fps`, in these pixels.

    `sizes` is by aspect ratio and resolution.
    """

    step: int
    plus: int
    fps: float
    sizes: Mapping[tuple[str, str], tuple[int, int]]

    def frames(self, duration_s: float) -> int:
        """The fewest frames that the model can make and that last as long; more than asked for, not less."""
        wanted = math.ceil(round(duration_s * self.fps, 6))
        return self.step * max(1, math.ceil((wanted - self.plus) / self.step)) + self.plus

    def length_s(self, duration_s: float) -> float:
        """How long a clip really becomes that was asked for with `duration_s`."""
        return self.frames(duration_s) / self.fps

    @property
    def frame_rule(self) -> str:
        step = "" if self.step == 1 else str(self.step)
        return f"{step}n+{self.plus}" if self.plus else f"{step}n"


@dataclass(frozen=True)
class Workflow:
    """One template; `entry` is its part of the catalogue as it was written, `path` its file."""

    entry: Mapping[str, Any]
    fields: Mapping[str, tuple[Slot, ...]]
    rules: Rules
    graph: Graph
    path: Path | None = None

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    def model(self) -> ModelInfo:
        """The entry of the catalogue that stands for this template."""
        free = {size: "0" for size in self.entry["resolutions"]}
        entry = {
            "tokens": 0,
            "price_per_second_usd": free,
            "price_source": "your own machine",
            "has_negative_prompt": "negative" in self.fields,
            "has_seed": "seed" in self.fields,
            "audio": AudioSupport.NEVER.value,
            **self.entry,
            "provider": PROVIDER,
        }
        return replace(model_from(entry), recipe=self)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "catalogue": dict(self.entry),
            "fields": {
                name: [[slot.node, slot.input] for slot in slots]
                for name, slots in self.fields.items()
            },
            "rules": {
                "frames": self.rules.frame_rule,
                "fps": self.rules.fps,
                "sizes": {
                    f"{aspect} {size}": list(pixels)
                    for (aspect, size), pixels in self.rules.sizes.items()
                },
            },
            "workflow": dict(self.graph),
        }


def parse_json(content: bytes) -> Any:
    """Read a file that somebody chose; raises ValueError with a sentence."""
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"The file is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError("The file is no JSON.") from None


def graph_from(value: Any) -> Graph:
    """The graph of an exported workflow; ValueError with a sentence for everything else."""
    if isinstance(value, dict) and isinstance(value.get("nodes"), list):
        raise ValueError(
            "This is an ordinary saved workflow. In ComfyUI choose Workflow > Export (API) "
            "and import the file that it writes."
        )
    if isinstance(value, dict) and isinstance(value.get("prompt"), dict):
        value = value["prompt"]
    is_graph = isinstance(value, dict) and value and all(map(_is_node, value.values()))
    if not is_graph:
        raise ValueError(
            "This is no ComfyUI workflow. In ComfyUI choose Workflow > Export (API) "
            "and import the file that it writes."
        )
    if len(value) > _MAX_NODES:
        raise ValueError(f"A workflow of more than {_MAX_NODES} nodes is not taken.")
    graph: Graph = value
    return graph


def workflow_from(value: Any, path: Path | None = None) -> Workflow:
    """Read a template; raises ValueError with a sentence for what does not fit."""
    try:
        if value["format"] != FORMAT:
            raise ValueError(f"its format is {str(value['format'])[:20]}, not {FORMAT}")
        graph = graph_from(value["workflow"])
        fields = {name: _slots(value["fields"][name]) for name in value["fields"]}
        workflow = Workflow(dict(value["catalogue"]), fields, _rules(value["rules"]), graph, path)
        _check(workflow)
    except ValueError:
        raise
    except _BROKEN as error:
        raise ValueError(f"it has a part that does not fit ({error!r:.200})") from error
    return workflow


def read_workflow(path: Path) -> Workflow:
    """Read a template's file; raises ValueError with a sentence. Blocks."""
    return workflow_from(parse_json(_content(path)), path)


def load_workflows(folder: Path | None) -> tuple[list[Workflow], list[str]]:
    """The shipped templates and those of `folder`, and a sentence for each that is left out. Blocks.

    A broken file of the user's takes nothing else away: the other models stay usable.
    """
    found = {
        workflow.id: workflow
        for workflow in map(read_workflow, sorted(SHIPPED_FOLDER.glob("*.json")))
    }
    problems = []
    for path in sorted(folder.glob("*.json")) if folder is not None else ():
        try:
            workflow = read_workflow(path)
        except ValueError as error:
            problems.append(f"The workflow {path} is left out: {error}".rstrip(".") + ".")
        else:
            found[workflow.id] = workflow
    return list(found.values()), problems


def id_from(name: str) -> str:
    """The id of a template that people call `name`; ValueError where nothing of it is left."""
    words = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:60].rstrip("-.")
    if not words:
        raise ValueError("The workflow needs a name of letters or digits.")
    return words


def frame_rule(text: str) -> tuple[int, int]:
    """Step and rest of "4n+1"; raises ValueError."""
    found = _FRAME_RULE.match(text.replace(" ", ""))
    if not found or not (step := int(found[1] or 1)):
        raise ValueError(f"{text[:40]!r} is no rule for frames; write n, 4n+1 or 8n+1.")
    return step, int(found[2] or 0)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error


def _is_node(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_type"), str)
        and isinstance(value.get("inputs"), dict)
    )


def _slots(stored: Sequence[Any]) -> tuple[Slot, ...]:
    """One [node, input], or a list of them."""
    pairs = [stored] if isinstance(stored[0], str) else stored
    slots = []
    for node, name in pairs:
        if not isinstance(node, str) or not isinstance(name, str):
            raise ValueError("a field names a node and one of its inputs")
        slots.append(Slot(node, name))
    return tuple(slots)


def _rules(stored: Mapping[str, Any]) -> Rules:
    sizes = {}
    for words, (width, height) in stored["sizes"].items():
        aspect, space, resolution = words.partition(" ")
        if not space:
            raise ValueError(f"a size is named like '16:9 720p', not {words[:40]!r}")
        if not (16 <= int(width) <= 16384 and 16 <= int(height) <= 16384):
            raise ValueError(f"{width} x {height} is no size of a picture")
        sizes[aspect, resolution] = (int(width), int(height))
    fps = float(stored["fps"])
    if not 1 <= fps <= 240:
        raise ValueError(f"{fps} frames per second is not usable")
    return Rules(*frame_rule(stored["frames"]), fps, sizes)


def _check(workflow: Workflow) -> None:
    """What it promises in the catalogue has to have a place in the graph."""
    if not ID.match(workflow.id):
        raise ValueError("its id may hold small letters, digits, dots and dashes only")
    for name, slots in workflow.fields.items():
        if name not in FIELDS:
            raise ValueError(f"there is no field {name[:40]!r}")
        for slot in slots:
            if slot.input not in workflow.graph.get(slot.node, {}).get("inputs", {}):
                raise ValueError(f"its {name} is in {slot}, which the graph does not have")
    if "prompt" not in workflow.fields:
        raise ValueError("no place is chosen for the prompt")
    able = workflow.model().capabilities
    if (able.has_seed and "seed" not in workflow.fields) or (
        able.has_negative_prompt and "negative" not in workflow.fields
    ):
        raise ValueError("it promises a seed or a negative prompt without a place for it")
    if able.audio is AudioSupport.SWITCHABLE or able.max_samples != 1:
        raise ValueError("sound cannot be switched and there is one clip per request")
    for mode in able.modes:
        needed = _MODE_FIELDS.get(mode)
        if needed is None or any(name not in workflow.fields for name in needed):
            raise ValueError(f"it has no place for what the mode {mode.value!r} needs")
    if not (able.durations_s and able.aspect_ratios and able.resolutions and able.modes):
        raise ValueError("it offers no length, shape or size")
    if len(able.durations_s) > 1 and "frames" not in workflow.fields:
        raise ValueError("it offers several lengths without a place for the number of frames")
    missing = [
        f"{aspect} {size}"
        for aspect in able.aspect_ratios
        for size in able.resolutions
        if (aspect, size) not in workflow.rules.sizes
    ]
    if missing:
        raise ValueError(f"there is no size in pixels for {missing[0]}")
    sizes = {workflow.rules.sizes[a, s] for a in able.aspect_ratios for s in able.resolutions}
    if len(sizes) > 1 and not {"width", "height"} <= set(workflow.fields):
        raise ValueError("it offers several sizes without a place for width and height")


def _no_constant(name: str) -> None:
    raise ValueError(name)
