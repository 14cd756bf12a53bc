"""A storyboard whose scenes have real clips; the brightness of a clip tells its moment."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.ui.parts.samples import generation
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import SceneState, Storyboard
from veo_studio.core.storyboard.views import BoardView, SceneView
from veo_studio.ui.view_models.storyboard_model import BoardDocument

CLIP_S = 2.0


def no_task(work: Coroutine[Any, Any, Any], *, name: str) -> None:
    """A document that nobody saves."""
    work.close()


def board_of(count: int) -> Storyboard:
    board = edits.new_board("The paper boat")
    for number in range(1, count + 1):
        board = edits.add_scene(board, edits.new_scene(visual_prompt=f"Scene {number}"))
    return board


def view_of(board: Storyboard, takes: Sequence[Path | None], length_s: float = CLIP_S) -> BoardView:
    """Each scene with its take; None for one that has none yet."""
    views = []
    for number, (scene, path) in enumerate(zip(board.scenes, takes, strict=True), 1):
        take = (
            None if path is None else generation(number, video_path=path, length_s=length_s)
        )  # fmt: skip
        state = SceneState.READY if take is None else SceneState.DONE
        views.append(SceneView(scene, number, state, 100, "", take=take))
    return BoardView(board, tuple(views))


def opened(takes: Sequence[Path | None]) -> BoardDocument:
    """A document with a scene for each take; its views do not follow its edits by themselves.

    For it no time passes: typing in one field is one step of undo, however busy the machine is.
    """
    document = BoardDocument(no_task, clock_s=lambda: 0.0)
    board = board_of(len(takes))
    document.open(board)
    document.set_view(view_of(board, takes))
    return document


def with_rehearsal(view: BoardView, place: int, path: Path) -> BoardView:
    """This scene has a rehearsal and no take."""
    made = replace(
        view.scenes[place],
        take=None,
        rehearsal=generation(90 + place, video_path=path, length_s=CLIP_S),
    )
    return replace(view, scenes=(*view.scenes[:place], made, *view.scenes[place + 1 :]))
