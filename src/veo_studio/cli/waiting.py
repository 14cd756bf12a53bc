"""`queue`: what runs and waits, and the pauses, which are stored and hold for every program.

A window on the same folder looks at the stored pauses each second and takes them over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.opening import Workplace, open_database, open_workplace
from veo_studio.cli.pausing import EVERYTHING, pause_sentence, place_words
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.cli.words import ago
from veo_studio.core.catalog import Catalog
from veo_studio.core.json_view import generation_json, moment
from veo_studio.core.models import ACTIVE_STATES, GenerationState, Pause, PauseKind
from veo_studio.core.store.line import LineRepository, waiting
from veo_studio.core.store.repositories import GenerationRepository

_S = GenerationState
_OF_THE_USER = (PauseKind.USER, PauseKind.KEY)


async def show(output: Output) -> int:
    """What runs first, then what waits in its order, then the pauses."""
    async with open_database(open_workplace()) as database:
        running = await GenerationRepository(database).in_states(ACTIVE_STATES - {_S.PENDING})
        line = await database.read(waiting)
        pauses = list((await LineRepository(database).pauses()).values())
    pauses = [pause for pause in pauses if not _is_over(pause)]
    if output.is_json:
        output.json(
            {
                "pauses": [_pause_json(pause) for pause in pauses],
                "running": [generation_json(generation) for generation in running],
                "waiting": [generation_json(generation) for generation in line],
            }
        )
        return ExitCode.DONE
    if running or line:
        table = table_of("id", "state", "model", "prompt", "asked for")
        for generation in (*running, *line):
            state = "waiting" if generation.state is _S.PENDING else generation.state.value
            cells = (
                str(generation.id),
                state,
                generation.model,
                shortened(generation.prompt, 60),
                ago(generation.created_at),
            )
            table.add_row(*(Text(plain(cell)) for cell in cells))
        output.table(table)
    else:
        output.say("Nothing runs and nothing waits.")
    for pause in pauses:
        output.say(pause_sentence(pause))
    return ExitCode.DONE


async def pause(provider: str, output: Output) -> int:
    """Raises BadInput for a provider that nobody knows."""
    workplace = open_workplace()
    place = _known(provider, workplace)
    pause = Pause(place, PauseKind.USER, "Paused by you.", datetime.now(UTC))
    async with open_database(workplace) as database:
        line = LineRepository(database)
        await line.store_pause(pause)
    if output.is_json:
        output.json({"pauses": [_pause_json(pause)]})
    else:
        output.say(pause_sentence(pause))
    return ExitCode.DONE


async def resume(provider: str, output: Output) -> int:
    """Ends a pause by the user or for a refused key; a provider's "come back later" stays."""
    workplace = open_workplace()
    place = _known(provider, workplace)
    async with open_database(workplace) as database:
        line = LineRepository(database)
        found = (await line.pauses()).get(place)
        if found is not None and found.kind in _OF_THE_USER:
            await line.remove_pause(place)
        left = [entry for entry in (await line.pauses()).values() if not _is_over(entry)]
    if output.is_json:
        output.json({"pauses": [_pause_json(entry) for entry in left]})
        return ExitCode.DONE
    if found is None:
        output.say(f"{place_words(place)} was not paused.")
    elif found.kind in _OF_THE_USER:
        output.say(f"{place_words(place)} sends again.")
    for entry in left:
        output.say(pause_sentence(entry))
    return ExitCode.DONE


def _known(provider: str, workplace: Workplace) -> str:
    name = provider.strip().lower()
    known = Catalog.load(workplace.paths.user_catalog).providers
    if name and name not in known:
        raise BadInput(f"There is no provider {provider!r}. Known: {', '.join(known)}.")
    return name or EVERYTHING


def _is_over(pause: Pause) -> bool:
    """The program that stored it may have ended before its time came."""
    return pause.until is not None and pause.until <= datetime.now(UTC)


def _pause_json(pause: Pause) -> dict[str, Any]:
    return {
        "provider": pause.provider or None,
        "kind": pause.kind.value,
        "reason": pause.reason,
        "since": moment(pause.since),
        "until": moment(pause.until),
    }
