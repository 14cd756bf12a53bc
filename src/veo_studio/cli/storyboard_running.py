"""`storyboard price|run|approve|redo`: what a storyboard costs, and making it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from veo_studio.cli import storyboard_report as report
from veo_studio.cli.bad_input import BadInput, check_environment, checking_input, every_provider
from veo_studio.cli.following import settle_after_interrupt
from veo_studio.cli.opening import Seat, open_studio, open_workplace, take_seat
from veo_studio.cli.storyboard_agreeing import (
    Earlier,
    earlier_runs,
    is_accepted,
    run_command,
)
from veo_studio.cli.storyboard_finding import find, scene_of
from veo_studio.cli.storyboard_following import follow
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core.models import GenerationState
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import (
    ModelRef,
    Run,
    RunGoal,
    RunState,
    SceneState,
    Step,
    Storyboard,
)
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.views import BoardView
from veo_studio.core.studio import Studio

_CODES = {
    RunState.DONE: ExitCode.DONE,
    RunState.FAILED: ExitCode.PROVIDER_FAILED,
    RunState.CANCELLED: ExitCode.INTERRUPTED,
    RunState.RUNNING: ExitCode.WAITING,
    # it did what it was told to
    RunState.APPROVAL: ExitCode.DONE,
    RunState.WAITING: ExitCode.WAITING,
}


@dataclass(frozen=True)
class RunWish:
    """What the user typed; `scenes` from 1, none for all."""

    board: str
    rehearses: bool = False
    is_pictures_only: bool = False
    is_approved: bool = False
    scenes: tuple[int, ...] = ()
    model: str | None = None
    picture_model: str | None = None
    resolution: str | None = None
    is_price_accepted: bool = False

    @property
    def goal(self) -> RunGoal:
        if self.rehearses and self.is_pictures_only:
            raise BadInput("--rehearse makes no pictures: leave --pictures-only out.")
        if self.rehearses:
            return RunGoal.REHEARSAL
        return RunGoal.PICTURES if self.is_pictures_only else RunGoal.FILM


async def price(wish: RunWish, output: Output) -> int:
    """Stores nothing but a file that was not taken in before. The code is that of a run."""
    goal = wish.goal
    check_environment(every_provider())
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        board = await _board(studio, wish.board, output)
        told = await studio.storyboards.price(board, goal, _uuids(board, wish.scenes))
    _say(told, output)
    if output.is_json:
        output.json(report.price_document(board, told))
    elif told.count or not told.problems:
        output.text(report.price_words(told))
    if told.problems:
        return ExitCode.BAD_INPUT
    return ExitCode.BUDGET if told.shortage else ExitCode.DONE


async def run(wish: RunWish, output: Output) -> int:
    """Everything that is missing, or what an earlier run still has to do. Raises BadInput, StudioError."""
    goal = wish.goal
    check_environment(every_provider())
    async with AsyncExitStack() as stack:
        seat = await _seat(stack)
        studio = seat.studio
        board = await _board(studio, wish.board, output)
        changed = _settled(studio, board, wish)
        scenes = _uuids(board, wish.scenes)
        told = await studio.storyboards.price(changed, goal, scenes)
        earlier = await earlier_runs(studio, changed, goal, scenes)
        _say(told, output)
        if told.problems:
            return _refused(board, told, output)
        is_agreed = wish.is_price_accepted
        if not await is_accepted(studio, told, earlier, output, is_agreed=is_agreed):
            return ExitCode.INTERRUPTED
        if changed != board:
            # kept, so that the next run is like this one
            board = await studio.storyboards.repository.save(changed)
        running = await _begun(seat, board, goal, scenes, told, earlier, output)
        if running is None:
            return await _nothing_missing(studio, board, goal, output)
        again = run_command(board, running, approves=wish.is_approved)
        return await _followed(seat, running, output, again, approves=wish.is_approved)


async def _begun(
    seat: Seat,
    board: Storyboard,
    goal: RunGoal,
    scenes: tuple[str, ...] | None,
    told: RunPrice,
    earlier: Earlier,
    output: Output,
) -> Run | None:
    """Once the price is agreed to; None where nothing is to be done. Raises BadInput, StudioError."""
    runner = seat.studio.storyboards.runner
    resumed: list[Run] = []
    with checking_input():
        # what cannot be paid is refused as a whole: then the earlier runs stay where they are, too
        if not told.shortage:
            resumed = await _resumed(seat, board, earlier, output)
        if told.count:
            return await runner.start(board, goal, scenes)
    return next((run for run in resumed if run.goal is goal), resumed[-1] if resumed else None)


async def _resumed(seat: Seat, board: Storyboard, earlier: Earlier, output: Output) -> list[Run]:
    if not earlier.runs:
        return []
    resumed = await seat.studio.storyboards.runner.resume(board.scenario.uuid, earlier.ids)
    if resumed:
        output.say("It goes on where it was; nothing is paid twice.")
    return resumed


async def approve(
    word: str, numbers: tuple[int, ...], output: Output, *, is_approved: bool = True
) -> int:
    """Stored at once; a run that waits for it in a window goes on."""
    check_environment(every_provider())
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        board = await _board(studio, word, output)
        before = await studio.storyboards.view(board)
        wanted = _uuids(board, numbers)
        for one in before.scenes:
            is_named = wanted is not None and one.scene.uuid in wanted
            if is_named and (one.picture is None or not one.picture.has_file):
                raise BadInput(f"Scene {one.number} has no picture yet that could be approved.")
        board = await studio.storyboards.runner.approve(board.scenario.uuid, wanted, is_approved)
        view = await studio.storyboards.view(board)
    count = sum(scene.choices.is_approved for scene in board.scenes)
    output.say(f"{count} of {len(board.scenes)} scenes approved.")
    if output.is_json:
        output.json(report.document(view))
    return ExitCode.DONE


async def redo(word: str, number: int, what: str, output: Output, *, is_agreed: bool) -> int:
    """One step of a scene, priced and followed like a run."""
    try:
        step = Step(what.strip().lower())
    except ValueError:
        raise BadInput(f"A scene has a picture, a clip and a rehearsal, no {what!r}.") from None
    check_environment(every_provider())
    async with AsyncExitStack() as stack:
        seat = await _seat(stack)
        studio = seat.studio
        board = await _board(studio, word, output)
        scene = scene_of(board, number)
        runner = studio.storyboards.runner
        with checking_input():
            told = await runner.price_of_redo(board, scene.uuid, step)
        earlier = await earlier_runs(studio, board, told.goal, [scene.uuid], is_anew=True)
        _say(told, output)
        if told.problems:
            return _refused(board, told, output)
        if not await is_accepted(studio, told, earlier, output, is_agreed=is_agreed):
            return ExitCode.INTERRUPTED
        with checking_input():
            if not told.shortage:
                await _resumed(seat, board, earlier, output)
            running = await runner.redo(board.scenario.uuid, scene.uuid, step)
        again = run_command(board, running)
        anew = f"`veo-studio storyboard redo {board.id} {number} {step.value}`"
        return await _followed(seat, running, output, again, anew)


async def _seat(stack: AsyncExitStack) -> Seat:
    seat = await take_seat(stack, open_workplace())
    if seat.is_scheduler:
        # what was being sent when the program before ended is lost or there: so is its price
        await seat.studio.queue.recover()
    return seat


async def _board(studio: Studio, word: str, output: Output) -> Storyboard:
    return await find(word, studio.storyboards.repository, studio.client.files, output)


def _settled(studio: Studio, board: Storyboard, wish: RunWish) -> Storyboard:
    """With what the options say of all scenes; not stored yet."""
    told: dict[str, object] = {}
    with checking_input():
        if wish.resolution is not None:
            told["resolution"] = wish.resolution.replace("x", ":")
        if wish.model is not None:
            told["clip_model"] = _model(studio, wish.model, makes_pictures=False)
        if wish.picture_model is not None:
            told["picture_model"] = _model(studio, wish.picture_model, makes_pictures=True)
        return edits.change_scenario(board, **told)


def _model(studio: Studio, name: str, *, makes_pictures: bool) -> ModelRef:
    model = studio.catalog.find(name, ready=studio.providers.ready())
    if model.makes_pictures is not makes_pictures:
        option, makes = (
            ("--picture-model", "pictures") if makes_pictures else ("--model", "clips")
        )  # fmt: skip
        raise ValueError(f"{model.name} makes no {makes}: choose another model for {option}.")
    return ModelRef(model.provider, model.id)


def _uuids(board: Storyboard, numbers: tuple[int, ...]) -> tuple[str, ...] | None:
    """None for all."""
    return tuple(scene_of(board, number).uuid for number in dict.fromkeys(numbers)) or None


def _say(told: RunPrice, output: Output) -> None:
    for sentence in (*told.notes, *told.problems, report.kept_words(told), told.shortage):
        if sentence:
            output.say(sentence)


def _refused(board: Storyboard, told: RunPrice, output: Output) -> int:
    """Its sentences were said already."""
    output.say("Nothing was made and nothing was charged.")
    if output.is_json:
        error = {
            "status": "error",
            "error": " ".join(told.problems),
            "error_kind": "invalid_request",
        }
        output.json({**report.price_document(board, told), **error})
    return ExitCode.BAD_INPUT


async def _nothing_missing(studio: Studio, board: Storyboard, goal: RunGoal, output: Output) -> int:
    view = await studio.storyboards.view(board)
    output.say("Nothing is missing: everything is there.")
    _results(view, goal, output)
    return ExitCode.DONE


async def _followed(
    seat: Seat,
    running: Run,
    output: Output,
    again: str,
    anew: str = "",
    *,
    approves: bool = False,
) -> int:
    """To its end, or to where only a person can go on with it; then the files and the code.

    `again` is the command that goes on with it, `anew` the one after it failed.
    """
    runner = seat.studio.storyboards.runner
    if not seat.is_scheduler:
        output.say("Veo Studio is open on this folder and makes the clips; following it.")
    is_interrupted = False
    try:
        running = await follow(seat, running, output, approves=approves)
    except asyncio.CancelledError:
        is_interrupted = True
        await _settle(seat, running)
    view = await runner.view(running.scenario_uuid)
    code = ExitCode.INTERRUPTED if is_interrupted else await _code(seat.studio, view, running)
    if is_interrupted:
        output.say(f"Interrupted: {again} goes on, and pays for nothing twice.")
    else:
        _say_end(view, running, output, again, anew or again)
    # at the stop between, the pictures are what there is to look at
    has_stopped = running.state is RunState.APPROVAL and not is_interrupted
    _results(view, RunGoal.PICTURES if has_stopped else running.goal, output)
    return code


async def _settle(seat: Seat, running: Run) -> None:
    """What is being sent in this moment may get its answer; everything else stays as it is stored."""
    if not seat.is_scheduler:
        return
    keyed = await seat.studio.storyboards.repository.takes(running.scenario_uuid)
    sending = [
        one.generation.id for one in keyed if one.generation.state is GenerationState.SUBMITTING
    ]
    await settle_after_interrupt(seat, sending)


async def _code(studio: Studio, view: BoardView, running: Run) -> ExitCode:
    if running.state is RunState.WAITING:
        told = await studio.storyboards.price(view.board, running.goal, running.scene_uuids)
        return ExitCode.BUDGET if told.shortage else ExitCode.WAITING
    states = {view.scene(uuid).state for uuid in _still_there(view, running)}
    if running.state is RunState.APPROVAL and SceneState.ATTENTION in states:
        return ExitCode.WAITING
    if running.state is RunState.APPROVAL and SceneState.FAILED in states:
        return ExitCode.PROVIDER_FAILED
    return _CODES[running.state]


def _still_there(view: BoardView, running: Run) -> set[str]:
    return {one.scene.uuid for one in view.scenes} & set(running.scene_uuids)


def _say_end(view: BoardView, running: Run, output: Output, again: str, anew: str) -> None:
    for one in view.scenes:
        if one.problem:
            output.say(f"Scene {one.number}: {one.problem}")
    if running.state is RunState.APPROVAL:
        output.say(
            "The pictures are ready. Look at them, then "
            f"`veo-studio storyboard approve {view.board.id}` and {again}."
        )
    elif running.state is RunState.WAITING:
        output.say(f"{running.reason} {again} goes on then.".strip())
    elif running.state is RunState.FAILED:
        output.say(f"{running.reason} {anew} makes what is missing.".strip())
    elif running.state is RunState.CANCELLED:
        output.say("It was cancelled.")


def _results(view: BoardView, goal: RunGoal, output: Output) -> None:
    if output.is_json:
        output.json(report.document(view))
        return
    for path in report.made_paths(view, goal):
        output.path(path)
