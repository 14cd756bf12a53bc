"""Storyboards for tests: stored in a real library, made by real engines."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.core.studios import open_studio
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.edits import add_scenes, change_scenario, new_board, new_scene
from veo_studio.core.storyboard.models import Run, RunGoal, RunState, Storyboard
from veo_studio.core.storyboard.views import BoardView
from veo_studio.core.studio import Studio

# clips of 854 x 480: the smallest that the engine draws
SMALL = "854:480"


def a_board(count: int = 2, *, resolution: str = SMALL, **scenario: Any) -> Storyboard:
    """Not stored yet; scenes of two seconds, and no stop for approval unless it is asked for."""
    board = new_board("A night by the sea", resolution=resolution)
    wished: dict[str, Any] = {"seed": 7, "stops_for_approval": False, "has_sound": False}
    board = change_scenario(board, **{**wished, **scenario})
    scenes = [
        new_scene(
            image_prompt=f"A harbour in the morning, view {number}",
            visual_prompt=f"Boats leave the harbour, take {number}",
            duration_s=2,
        )
        for number in range(1, count + 1)
    ]
    return add_scenes(board, scenes)


@asynccontextmanager
async def a_studio(settings: Settings | None = None) -> AsyncIterator[Studio]:
    """With its queue and its storyboards taken up, as the window does."""
    async with open_studio(settings) as studio:
        await studio.queue.recover()
        await studio.queue.resume()
        await studio.storyboards.resume()
        yield studio


async def made(
    studio: Studio,
    board: Storyboard,
    goal: RunGoal = RunGoal.FILM,
    scenes: Collection[str] | None = None,
) -> Run:
    """Start it and wait until it needs somebody, or nobody."""
    run = await studio.storyboards.runner.start(board, goal, scenes)
    return await rested(studio, run)


async def rested(studio: Studio, run: Run) -> Run:
    async with asyncio.timeout(150):
        return await studio.storyboards.runner.wait(run.id)


async def until_state(studio: Studio, run: Run, state: RunState) -> None:
    """Whoever makes it, and however often it waits on the way."""
    changed = asyncio.Event()
    end = studio.storyboards.runner.subscribe(lambda _uuid: changed.set())
    try:
        async with asyncio.timeout(150):
            while (await studio.storyboards.repository.run(run.id)).state is not state:
                await changed.wait()
                changed.clear()
    finally:
        end()


async def seen(studio: Studio, board: Storyboard) -> BoardView:
    return await studio.storyboards.runner.view(board.scenario.uuid)


async def asked(studio: Studio, board: Storyboard) -> list[tuple[str, GenerationState]]:
    """What was ever asked for, without the uuids: `clip:0:1`."""
    keyed = await studio.storyboards.repository.takes(board.scenario.uuid)
    return [(one.key.split(":", 3)[3], one.generation.state) for one in keyed]


async def everything(studio: Studio) -> list[Generation]:
    return await studio.generations.page(limit=1000)


async def booked(studio: Studio) -> Counter[str]:
    """Entries of the wallet by their kind, but for the gift at the start."""
    entries = await studio.wallet.entries(limit=-1)
    return Counter(entry.kind for entry in entries if entry.kind != "grant")


def files_in(folder: Path) -> list[Path]:
    """Clips and pictures that lie there, without the recipes beside them."""
    return sorted(path for path in folder.iterdir() if path.suffix != ".json")
