"""Following a run of a storyboard: one bar on a terminal, a line for each change of a scene elsewhere."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from veo_studio.cli.opening import Seat
from veo_studio.cli.terminal import Output
from veo_studio.core.storyboard.models import Run, RunState, SceneState
from veo_studio.core.storyboard.views import BoardView

# so often a bar is drawn at most; also how often another program's work is looked at
_LOOK_AGAIN_S = 0.5
# how often an approval is looked for again that whoever makes the clips has not seen yet
_LOOKS = 60
_QUIET = frozenset({SceneState.EMPTY, SceneState.READY, SceneState.WAITING})


class RunLines:
    """What the terminal was told already."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._states: dict[str, SceneState] = {}
        self._is_live = output.errors.is_terminal
        self._progress = Progress(
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=output.errors,
            disable=not self._is_live,
            transient=True,
        )
        self._bar = self._progress.add_task("", total=100)

    def __enter__(self) -> RunLines:
        with suppress(OSError):
            self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._progress.stop()

    def look(self, view: BoardView, *, is_first: bool = False) -> None:
        """Take over how the scenes stand now."""
        for one in view.scenes:
            if self._states.get(one.scene.uuid) is one.state:
                continue
            self._states[one.scene.uuid] = one.state
            is_news = not is_first and one.state not in _QUIET
            if is_news and not self._is_live:
                words = one.words or one.state.value.replace("_", " ")
                self._output.say(f"{view.percent} %: scene {one.number}: {words}")
        if self._is_live:
            busy = [str(one.number) for one in view.scenes if one.is_busy]
            words = f"scene {', '.join(busy[:6])}" if busy else ""
            with suppress(OSError):
                self._progress.update(self._bar, completed=view.percent, description=words)


async def follow(seat: Seat, running: Run, output: Output, *, approves: bool) -> Run:
    """Until it is over or waits for a person; with `approves` pictures are approved as they are ready."""
    runner = seat.studio.storyboards.runner
    uuid = running.scenario_uuid
    changed = asyncio.Event()
    unsubscribe = runner.subscribe(lambda told: changed.set() if told == uuid else None)
    with RunLines(output) as lines:
        lines.look(await runner.view(uuid), is_first=True)
        showing = asyncio.create_task(_show(seat, uuid, lines, changed), name="storyboard lines")
        looks = _LOOKS
        try:
            while True:
                running = await runner.wait(running.id)
                if running.state is not RunState.APPROVAL or not approves or not looks:
                    break
                if (await runner.view(uuid)).awaiting_approval:
                    looks = _LOOKS
                    await runner.approve(uuid)
                else:
                    looks -= 1
                    await asyncio.sleep(_LOOK_AGAIN_S)
        finally:
            unsubscribe()
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
        lines.look(await runner.view(uuid))
    return running


async def _show(seat: Seat, uuid: str, lines: RunLines, changed: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seat.is_scheduler else _LOOK_AGAIN_S):
                await changed.wait()
        changed.clear()
        lines.look(await seat.studio.storyboards.runner.view(uuid))
        await asyncio.sleep(_LOOK_AGAIN_S)
