"""What the `storyboard` commands print: tables, sentences about prices, and the JSON document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.terminal import plain
from veo_studio.core.json_view import moment
from veo_studio.core.models import Generation
from veo_studio.core.storyboard.models import Run, RunGoal, SceneState, Step, Storyboard
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.views import BoardView, SceneView

_STATES = {
    SceneState.EMPTY: "empty",
    SceneState.READY: "to make",
    SceneState.WAITING: "waiting",
    SceneState.MAKING_PICTURE: "picture {n} %",
    SceneState.APPROVAL: "approve?",
    SceneState.MAKING_CLIP: "clip {n} %",
    SceneState.DONE: "ready",
    SceneState.CHANGED: "changed",
    SceneState.MISSING: "missing",
    SceneState.FAILED: "failed",
    SceneState.ATTENTION: "needs you",
}


def table(view: BoardView) -> Table:
    """A line per scene."""
    made = table_of("scene", "what is seen", "seconds", "state", "%", "")
    for one in view.scenes:
        scene = one.scene
        cells = (
            str(one.number),
            shortened(scene.image_prompt or scene.visual_prompt, 50),
            str(scene.duration_s),
            state_words(one),
            str(one.percent),
            shortened(one.problem or one.words, 60),
        )
        made.add_row(*(Text(plain(cell)) for cell in cells))
    return made


def state_words(one: SceneView) -> str:
    """What the window calls it, too."""
    is_rehearsed = one.rehearsal is not None and one.picture is None
    if one.state is SceneState.READY and is_rehearsed:
        return "rehearsed"
    return _STATES[one.state].format(n=one.percent)


def document(view: BoardView) -> dict[str, Any]:
    """Everything that scripts may want to know of a storyboard."""
    board = view.board
    scenario = board.scenario
    return {
        "id": board.id,
        "uuid": scenario.uuid,
        "title": scenario.title,
        "resolution": scenario.resolution,
        "style": scenario.style,
        "seed": scenario.seed,
        "duration_s": board.duration_s,
        "updated_at": None if board.updated_at is None else moment(board.updated_at),
        "percent": view.percent,
        "run": run_document(view.run),
        "scenes": [_scene(one) for one in view.scenes],
    }


def run_document(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": run.id,
        "goal": run.goal.value,
        "state": run.state.value,
        "reason": run.reason,
        "started_at": moment(run.started_at),
        "finished_at": None if run.finished_at is None else moment(run.finished_at),
    }


def _scene(one: SceneView) -> dict[str, Any]:
    scene = one.scene
    return {
        "number": one.number,
        "uuid": scene.uuid,
        "image_prompt": scene.image_prompt,
        "visual_prompt": scene.visual_prompt,
        "duration_s": scene.duration_s,
        "takes": scene.takes,
        "notes": scene.notes,
        "title": scene.cut.title,
        "subtitle": scene.cut.subtitle,
        "follows": scene.follows,
        "state": one.state.value,
        "percent": one.percent,
        "words": one.words,
        "problem": one.problem,
        "is_approved": scene.choices.is_approved,
        "picture": _media(one.picture),
        "take": _media(one.take),
        "rehearsal": _media(one.rehearsal),
    }


def _media(made: Generation | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "id": made.id,
        "status": made.state.value,
        "provider": made.provider,
        "model": made.model,
        "path": None if made.video_path is None else str(made.video_path),
    }


def price_document(board: Storyboard, price: RunPrice) -> dict[str, Any]:
    return {
        "id": board.id,
        "title": board.scenario.title,
        "goal": price.goal.value,
        "tokens": price.tokens,
        "price_usd": None if price.cost_usd is None else str(price.cost_usd),
        "pictures": price.pictures,
        "clips": price.clips,
        "rehearsals": price.rehearsals,
        "kept_pictures": price.kept_pictures,
        "kept_clips": price.kept_clips,
        "picture_model": price.picture_model,
        "clip_model": price.clip_model,
        "problems": list(price.problems),
        "shortage": price.shortage,
        "notes": list(price.notes),
    }


def price_words(price: RunPrice) -> str:
    """`3 pictures and 3 clips: 33 tokens and about $1.20`."""
    if price.is_free:
        return f"{count_words(price)}: nothing to pay"
    cost = "an unknown price" if price.cost_usd is None else f"about ${price.cost_usd:.2f}"
    tokens = "1 token" if price.tokens == 1 else f"{price.tokens:,} tokens"
    return f"{count_words(price)}: {tokens} and {cost}"


def count_words(price: RunPrice) -> str:
    counts = (
        (price.pictures, "picture"), (price.clips, "clip"), (price.rehearsals, "rehearsal"),
    )  # fmt: skip
    parts = [f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return " and ".join(parts) or "nothing"


def kept_words(price: RunPrice) -> str:
    """What is there already; "" where nothing is."""
    counts = ((price.kept_pictures, "picture"), (price.kept_clips, "clip"))
    parts = [f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    is_one = sum(count for count, _ in counts) == 1
    return f"{' and '.join(parts)} {'is' if is_one else 'are'} there already." if parts else ""


def made_paths(view: BoardView, goal: RunGoal) -> list[Path]:
    """The files that a run was for, in the order of the scenes."""
    step = {RunGoal.PICTURES: Step.PICTURE, RunGoal.REHEARSAL: Step.REHEARSAL}.get(goal, Step.CLIP)
    chosen = {
        Step.PICTURE: [one.picture for one in view.scenes],
        Step.CLIP: [one.take for one in view.scenes],
        Step.REHEARSAL: [one.rehearsal for one in view.scenes],
    }[step]
    return [
        made.video_path
        for made in chosen
        if made is not None and made.has_file and made.video_path is not None
    ]
