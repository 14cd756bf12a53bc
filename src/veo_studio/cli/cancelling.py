"""`cancel`: end what waits or runs, with what that means for the money said before."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput, check_environment, every_provider
from veo_studio.cli.following import ProgressView, wait_for_all
from veo_studio.cli.opening import Seat, open_workplace, take_seat
from veo_studio.cli.terminal import ExitCode, Output, can_ask
from veo_studio.core.errors import FolderInUse
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import Generation, GenerationState

_S = GenerationState
_FETCH_LIMIT_S = 600.0


async def cancel(number: int, output: Output, *, is_agreed: bool) -> int:
    """Raises BadInput where nothing can be cancelled, FolderInUse where another program runs it."""
    check_environment(every_provider())
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        studio = seat.studio
        if seat.is_scheduler:
            # what an ended program was sending is unknown from now on
            await studio.queue.recover()
        try:
            generation = await studio.generations.get(number)
        except LookupError as error:
            raise BadInput(str(error.args[0])) from error
        _check(seat, generation)
        if generation.state is not _S.PENDING and not _agreed(
            seat, generation, output, is_agreed=is_agreed
        ):
            return ExitCode.INTERRUPTED
        if seat.is_scheduler:
            ended = await studio.queue.cancel(number)
        else:
            await seat.end_unsent(number, is_cancelled=True)
            ended = await studio.generations.get(number)
        if not ended.state.is_terminal:
            ended = await _fetched(seat, ended, output)
    return _report(ended, output)


def _check(seat: Seat, generation: Generation) -> None:
    number, state = generation.id, generation.state
    if state.is_terminal:
        raise BadInput(f"Generation {number} is {state.value}: there is nothing to cancel.")
    if state is _S.UNKNOWN:
        raise BadInput(
            f"Whether generation {number} runs at the provider is not known: "
            f"`veo-studio attention {number}` shows what you can do."
        )
    if not seat.is_scheduler and state is not _S.PENDING:
        raise FolderInUse(
            f"Another Veo Studio works on generation {number}.",
            action="Cancel it in its window, or end that program first.",
        )


def _agreed(seat: Seat, generation: Generation, output: Output, *, is_agreed: bool) -> bool:
    provider = seat.studio.catalog.providers.get(generation.provider)
    meaning = provider.cancel_help if provider is not None else ""
    if is_agreed or not generation.is_priced:
        output.say(meaning)
        return True
    if not can_ask():
        raise BadInput(f"{meaning} Add --yes to agree.".strip())
    if output.ask(f"{meaning} Cancel generation {generation.id}?"):
        return True
    output.say("Nothing was cancelled.")
    return False


async def _fetched(seat: Seat, generation: Generation, output: Output) -> Generation:
    """The provider had finished it: it is paid for, so it arrives."""
    output.say("It was finished before it could be stopped, so it is fetched.")
    try:
        with ProgressView(output, seat.studio) as view:
            view.follow([generation])
            (ended,) = await wait_for_all(seat.studio, [generation.id], limit_s=_FETCH_LIMIT_S)
    except asyncio.CancelledError:
        output.say(f"Interrupted: {words.GOES_ON}.")
        raise
    return ended


def _report(ended: Generation, output: Output) -> int:
    if output.is_json:
        output.json(generation_json(ended))
    elif ended.video_path is not None and ended.state is _S.COMPLETED:
        output.path(ended.video_path)
    if ended.state is not _S.COMPLETED:
        output.say(words.outcome_sentence(ended))
    return ExitCode.DONE if ended.state is _S.CANCELLED else words.exit_code_for([ended])
