"""`attention`: generations whose outcome is unknown, clips that cannot be fetched, and what to do.

Nothing here pays without a yes. Beside a window that is open on the same folder, giving up and
sending again work through the database; asking the provider is the window's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from rich.text import Text

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput, check_environment, every_provider
from veo_studio.cli.following import ProgressView, wait_beside_another, wait_for_all
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.opening import Seat, open_studio, open_workplace, take_seat
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.core.errors import FolderInUse
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import ATTENTION_STATES, Choice, Generation, GenerationState
from veo_studio.core.store import pauses
from veo_studio.core.store.line import LineRepository
from veo_studio.core.store.moves import utc_now
from veo_studio.core.studio import Studio

_S = GenerationState
_OPTIONS = {
    Choice.CHECK: "--check",
    Choice.COLLECT: "--fetch",
    Choice.MARK_FAILED: "--mark-failed",
    Choice.SEND_AGAIN: "--send-again",
}
_AFTER_DEADLINE_S = 60.0


async def attend(
    number: int | None, wanted: Sequence[str], output: Output, *, is_agreed: bool
) -> int:
    """The list, one of them with its choices, or what the user chose. Raises BadInput, StudioError."""
    if len(wanted) > 1:
        options = " and ".join(_OPTIONS[Choice(name)] for name in wanted)
        raise BadInput(f"{options} exclude each other. Choose one.")
    if wanted and number is None:
        raise BadInput("Name the generation: `veo-studio attention` lists the numbers.")
    check_environment(every_provider())
    workplace = open_workplace()
    if not wanted:
        async with open_studio(workplace, is_scheduler=False) as studio:
            return await _show(studio, number, output)
    assert number is not None
    choice = Choice(wanted[0])
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        if seat.is_scheduler:
            # what an ended program was sending is unknown from now on
            await seat.studio.queue.recover()
        generation = await _found(seat.studio, number)
        _require(seat.studio, generation, choice)
        match choice:
            case Choice.MARK_FAILED:
                return await _mark_failed(seat, generation, output, is_agreed=is_agreed)
            case Choice.SEND_AGAIN:
                return await _send_again(seat, generation, output, is_agreed=is_agreed)
        return await _look_again(seat, generation, output)


async def _show(studio: Studio, number: int | None, output: Output) -> int:
    if number is None:
        found = await studio.generations.in_states(ATTENTION_STATES)
    else:
        generation = await _found(studio, number)
        found = [generation] if generation.state in ATTENTION_STATES else []
        if not found:
            output.say(f"Generation {number} is {generation.state.value}: it needs nobody.")
    if output.is_json:
        output.json([_json_of(studio, generation) for generation in found])
        return ExitCode.DONE
    if not found:
        if number is None:
            output.say("Nothing needs your attention.")
        return ExitCode.DONE
    table = table_of("id", "state", "prompt", "price", "what happened", "choices")
    for generation in found:
        cells = (
            str(generation.id),
            generation.state.value,
            shortened(generation.prompt, 40),
            _price(studio, generation),
            shortened(generation.error or generation.state_cause, 120),
            " ".join(_options(studio, generation)),
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    for page in dict.fromkeys(filter(None, (_page(studio, entry) for entry in found))):
        output.say(f"What the provider billed: {page}")
    return ExitCode.DONE


async def _mark_failed(
    seat: Seat, generation: Generation, output: Output, *, is_agreed: bool
) -> int:
    number, tokens = generation.id, generation.tokens
    if generation.state is _S.HELD:
        thing = "picture" if generation.is_picture else "clip"
        loss = f"The {thing} of generation {number} is paid for and would not be fetched any more"
    else:
        loss = f"Generation {number} may have been billed, and would not be looked for any more"
    question = f"{loss}; {tokens} tokens come back. Give it up?"
    if not _agreed(question, f"{loss}. Add --yes to give it up.", output, is_agreed=is_agreed):
        return ExitCode.INTERRUPTED
    ended = await seat.studio.queue.mark_failed(number)
    if output.is_json:
        output.json(generation_json(ended))
    output.say(f"Generation {number} is given up; {tokens} tokens came back.")
    return ExitCode.DONE


async def _send_again(
    seat: Seat, generation: Generation, output: Output, *, is_agreed: bool
) -> int:
    studio, number = seat.studio, generation.id
    line = LineRepository(studio.database, utc_now)
    await studio.database.read(lambda connection: pauses.refuse(connection, generation.provider))
    warning = (
        f"Generation {number} may have been billed already, so this may be billed twice: "
        f"{_money(studio, generation)} once more"
    )
    question = f"{warning}. Send it again?"
    if not _agreed(question, f"{warning}. Add --yes to agree.", output, is_agreed=is_agreed):
        return ExitCode.INTERRUPTED
    if seat.is_scheduler:
        await studio.queue.send_again(number)
    else:
        output.say("Veo Studio is open on this folder and sends it; following it.")
        await line.send_again(number)
    return await _follow(seat, generation, output)


async def _look_again(seat: Seat, generation: Generation, output: Output) -> int:
    if not seat.is_scheduler:
        raise FolderInUse(
            "Veo Studio is open on this folder, and only one program may ask the provider.",
            action='Use "Needs attention" in its window, or close it first.',
        )
    await seat.studio.queue.retry(generation.id)
    return await _follow(seat, generation, output)


async def _follow(seat: Seat, generation: Generation, output: Output) -> int:
    """Until it has a file or needs somebody again; nothing is sent here."""
    studio, number = seat.studio, generation.id
    deadline_s = studio.catalog.providers[generation.provider].pacing.deadline_s
    try:
        with ProgressView(output, studio) as view:
            view.follow([await studio.generations.get(number)])
            if not seat.is_scheduler:
                # what is not sent by then waits for the next start: it was asked for
                await wait_beside_another(
                    seat, [number], lambda: studio.queue.collect([number]), view
                )
            (ended,) = await wait_for_all(studio, [number], limit_s=deadline_s + _AFTER_DEADLINE_S)
    except asyncio.CancelledError:
        output.say(f"Interrupted: {words.GOES_ON}.")
        return ExitCode.INTERRUPTED
    if output.is_json:
        output.json(generation_json(ended))
    elif ended.video_path is not None and ended.state is _S.COMPLETED:
        output.path(ended.video_path)
    if ended.state is not _S.COMPLETED:
        output.say(words.outcome_sentence(ended))
    return words.exit_code_for([ended])


async def _found(studio: Studio, number: int) -> Generation:
    try:
        return await studio.generations.get(number)
    except LookupError as error:
        raise BadInput(str(error.args[0])) from error


def _require(studio: Studio, generation: Generation, choice: Choice) -> None:
    """BadInput where this is no choice for this generation, with what is."""
    if choice in studio.queue.choices(generation):
        return
    number, options = generation.id, _options(studio, generation)
    if not options:
        raise BadInput(f"Generation {number} is {generation.state.value}: it needs nobody.")
    reason = f"{_OPTIONS[choice]} is no choice for generation {number}, which is {generation.state.value}"
    if choice is Choice.CHECK and (page := _page(studio, generation)):
        reason = f"This provider cannot be asked about a lost answer; look at {page}"
    raise BadInput(f"{reason}. Possible: {', '.join(options)}.")


def _agreed(question: str, without_terminal: str, output: Output, *, is_agreed: bool) -> bool:
    if is_agreed:
        return True
    if not can_ask():
        raise BadInput(without_terminal)
    if output.ask(question):
        return True
    output.say("Nothing was changed.")
    return False


def _options(studio: Studio, generation: Generation) -> list[str]:
    choices = studio.queue.choices(generation)
    return [_OPTIONS[choice] for choice in choices if choice in _OPTIONS]


def _price(studio: Studio, generation: Generation) -> str:
    entry = studio.catalog.providers.get(generation.provider)
    name = entry.name if entry is not None else generation.provider
    if not generation.tokens and not generation.price_usd:
        return "free"
    return words.price_words(generation.tokens, generation.price_usd, name)


def _money(studio: Studio, generation: Generation) -> str:
    """What a second submit costs: money at the provider, no tokens."""
    if generation.price_usd is None:
        return "an unknown price"
    return (
        f"about ${generation.price_usd:.2f} at {studio.catalog.providers[generation.provider].name}"
    )


def _page(studio: Studio, generation: Generation) -> str:
    """Where the provider shows what it billed, for one of unknown outcome."""
    entry = studio.catalog.providers.get(generation.provider)
    return entry.usage_page if entry is not None and generation.state is _S.UNKNOWN else ""


def _json_of(studio: Studio, generation: Generation) -> dict[str, Any]:
    return {
        **generation_json(generation),
        "choices": [choice.value for choice in studio.queue.choices(generation)],
        "usage_page": _page(studio, generation) or None,
    }
