"""`workflows`: the ComfyUI workflows that are models here, and importing one of the user's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.listing import table_of
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.paths import Paths
from veo_studio.core.workflow_draft import draft_of, lengths_in_words, place_in_words, words_of
from veo_studio.core.workflow_fields import title_of
from veo_studio.core.workflow_folder import remove_workflow, save_workflow
from veo_studio.core.workflows import (
    FIELDS,
    MAX_FILE_BYTES,
    Slot,
    Workflow,
    frame_rule,
    graph_from,
    load_workflows,
    parse_json,
)


@dataclass(frozen=True)
class Wish:
    """What was said about a file to import; `places` are NODE.input by field, "none" for no place."""

    file: Path
    name: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    frames: str | None = None
    longest_s: int | None = None
    are_pictures_optional: bool = False


async def show(output: Output) -> int:
    """List the shipped and the own ones, and those that are left out."""
    found, problems = await asyncio.to_thread(load_workflows, Paths.default().workflows)
    if output.is_json:
        listed = [_json(workflow) for workflow in found]
        output.json({"workflows": listed, "problems": problems})
        return ExitCode.DONE
    table = table_of("id", "name", "from", "lengths", "shapes", "takes")
    for workflow in found:
        able = workflow.model().capabilities
        table.add_row(
            Text(workflow.id),
            Text(plain(str(workflow.entry["name"]))),
            "you" if _is_own(workflow) else "Veo Studio",
            able.durations_in_words(),
            ", ".join(able.aspect_ratios),
            ", ".join(mode.value.replace("_", " ") for mode in able.modes),
        )
    output.table(table)
    for problem in problems:
        output.say(problem)
    return ExitCode.DONE


async def take(wish: Wish, output: Output) -> int:
    """Import an exported workflow; says where it puts what."""

    def work() -> Workflow:
        try:
            with wish.file.open("rb") as file:
                graph = graph_from(parse_json(file.read(MAX_FILE_BYTES + 1)))
        except OSError as error:
            raise BadInput(f"{wish.file} cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise BadInput(f"{wish.file.name}: {error}") from error
        try:
            draft = draft_of(graph, wish.name or wish.file.stem)
            for name, place in wish.places.items():
                places = () if place.lower() == "none" else map(Slot.parse, place.split(","))
                draft = draft.with_field(name, *places)
            if wish.frames is not None:
                frame_rule(wish.frames)
                draft = replace(draft, frame_rule=wish.frames)
            if wish.longest_s is not None:
                draft = replace(draft, longest_s=wish.longest_s)
            draft = replace(draft, are_pictures_optional=wish.are_pictures_optional)
            built = draft.build()
            path = save_workflow(built, Paths.default().workflows)
        except ValueError as error:
            raise BadInput(str(error)) from error
        if "frames" in draft.fields:
            output.say(f"Lengths: {lengths_in_words(draft)}.")
        return replace(built, path=path)

    workflow = await asyncio.to_thread(work)
    if output.is_json:
        output.json(_json(workflow))
        return ExitCode.DONE
    for name in FIELDS:
        slots = workflow.fields.get(name)
        where = place_in_words(workflow.graph, slots) if slots else "no place"
        output.say(f"{words_of(name)}: {where}")
    output.text(workflow.id)
    return ExitCode.DONE


async def remove(name: str, output: Output) -> int:
    """Take an own one away."""
    try:
        path = await asyncio.to_thread(remove_workflow, name, Paths.default().workflows)
    except ValueError as error:
        raise BadInput(str(error)) from error
    if output.is_json:
        output.json({"removed": name, "path": str(path)})
    else:
        output.say(f"'{name}' is removed. Clips that were made with it stay.")
    return ExitCode.DONE


def _is_own(workflow: Workflow) -> bool:
    return workflow.path is not None and workflow.path.parent == Paths.default().workflows


def _json(workflow: Workflow) -> dict[str, Any]:
    model = workflow.model()
    rules = workflow.rules
    return {
        "id": workflow.id,
        "name": model.name,
        "is_own": _is_own(workflow),
        "path": str(workflow.path) if workflow.path else None,
        "durations_s": list(model.capabilities.durations_s),
        "lengths_s": [round(rules.length_s(s), 3) for s in model.capabilities.durations_s],
        "fps": rules.fps,
        "frame_rule": rules.frame_rule,
        "sizes": {f"{shape} {size}": list(pixels) for (shape, size), pixels in rules.sizes.items()},
        "modes": [mode.value for mode in model.capabilities.modes],
        "fields": {
            name: [{"node": s.node, "input": s.input, "title": title_of(workflow.graph, s.node)}
                   for s in slots]
            for name, slots in workflow.fields.items()
        },
    }  # fmt: skip
