"""What somebody agrees to before a run begins or goes on, and the command with which it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from veo_studio.cli import storyboard_report as report
from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.terminal import Output, can_ask
from veo_studio.core.storyboard.models import Run, RunGoal, Storyboard
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.studio import Studio


@dataclass(frozen=True)
class Earlier:
    """Runs that go on once the price is agreed to; `further` is what they ask for beyond the wish."""

    runs: tuple[Run, ...] = ()
    further: tuple[RunPrice, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(run.id for run in self.runs)


async def earlier_runs(
    studio: Studio,
    board: Storyboard,
    goal: RunGoal,
    scenes: Sequence[str] | None,
    *,
    is_anew: bool = False,
) -> Earlier:
    """Those of the board that are not over: what they have in the line may be what the wish waits for.

    A rehearsal is free and waits for nothing that is paid, so that it wakes no other runs.
    """
    mine = frozenset(scenes if scenes is not None else (scene.uuid for scene in board.scenes))
    there = frozenset(scene.uuid for scene in board.scenes)
    runs, further = [], []
    for run in await studio.storyboards.repository.unfinished_runs():
        is_of_board = run.scenario_uuid == board.scenario.uuid
        if not is_of_board or (goal is RunGoal.REHEARSAL) is not (run.goal is RunGoal.REHEARSAL):
            continue
        runs.append(run)
        theirs = there & frozenset(run.scene_uuids)
        is_inside = theirs <= mine and (run.goal is goal or goal is RunGoal.FILM)
        if theirs and (is_anew or not is_inside):
            ordered = tuple(scene.uuid for scene in board.scenes if scene.uuid in theirs)
            told = await studio.storyboards.price(board, run.goal, ordered)
            if told.count and not told.problems:
                further.append(told)
    return Earlier(tuple(runs), tuple(further))


async def is_accepted(
    studio: Studio, told: RunPrice, earlier: Earlier, output: Output, *, is_agreed: bool
) -> bool:
    """Free is never asked about; a price is asked on a terminal and needs --yes elsewhere."""
    parts = [report.price_words(told)] if told.count else []
    parts += [f"an earlier run goes on with {report.price_words(one)}" for one in earlier.further]
    words = "; ".join(parts)
    is_free = told.is_free and all(one.is_free for one in earlier.further)
    if is_free or is_agreed or told.shortage:
        # what is short is refused with its own error and code
        if words:
            output.say(f"{words[0].upper()}{words[1:]}.")
        return True
    if not can_ask():
        raise BadInput(f"{words[0].upper()}{words[1:]}. Add --yes to agree to the price.")
    balance = await studio.wallet.balance()
    if output.ask(f"{words}; the wallet holds {balance} tokens. Make them?"):
        return True
    output.say("Nothing was made and nothing was charged.")
    return False


def run_command(board: Storyboard, run: Run, *, approves: bool = False) -> str:
    """In backquotes: what goes on with the run, or makes what it left."""
    words = f"veo-studio storyboard run {board.id}"
    if run.goal is RunGoal.REHEARSAL:
        words += " --rehearse"
    elif run.goal is RunGoal.PICTURES:
        words += " --pictures-only"
    numbers = [
        number for number, scene in enumerate(board.scenes, 1) if scene.uuid in run.scene_uuids
    ]
    if len(numbers) < len(board.scenes):
        words += "".join(f" --scene {number}" for number in numbers)
    if approves and run.goal is RunGoal.FILM:
        words += " --approve"
    return f"`{words}`"
