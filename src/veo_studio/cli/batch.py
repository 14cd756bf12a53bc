"""`batch`: a file of prompts checked, priced, stored as a whole, and followed to its results."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from veo_studio.cli import batch_report as report
from veo_studio.cli import words
from veo_studio.cli.bad_input import (
    BadInput,
    check_environment,
    check_storable,
    checking_input,
    every_provider,
)
from veo_studio.cli.batch_following import follow
from veo_studio.cli.opening import Seat, open_workplace, take_seat
from veo_studio.cli.terminal import ExitCode, Output, can_ask
from veo_studio.cli.wishes import absolute
from veo_studio.core.batch import Batch, check_file, made_folders
from veo_studio.core.batch_file import BatchFile, read_batch
from veo_studio.core.batch_results import (
    BatchRun,
    check_target,
    further_clips,
    last_run,
    run_of,
    write_results,
)
from veo_studio.core.batch_rows import BatchDefaults, RowChecker
from veo_studio.core.errors import NotEnoughTokens, StorageError
from veo_studio.core.generators.requests import check_request
from veo_studio.core.models import Generation, GenerationRequest, GenerationState
from veo_studio.core.preset_file import PresetFile
from veo_studio.core.store import budgets
from veo_studio.core.store import pauses as stored_pauses
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.studio import Studio

_S = GenerationState


@dataclass(frozen=True)
class BatchWish:
    """What the user typed; `cells` are what rows get that do not say it themselves."""

    file: Path
    cells: Mapping[str, str] = field(default_factory=dict)
    is_dry_run: bool = False
    is_again: bool = False
    expands: bool = False
    results: Path | None = None
    is_price_accepted: bool = False


async def batch(wish: BatchWish, output: Output) -> int:
    """Make every row of a file, or none. Raises BadInput, StudioError."""
    check_environment(every_provider())
    await asyncio.to_thread(_check_results, wish)
    with checking_input():
        file = await asyncio.to_thread(read_batch, wish.file)
    workplace = open_workplace()
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        checked = await _checked(seat.studio, file, wish)
        if file.note:
            output.say(file.note)
        earlier = await last_run(seat.studio.generations, checked.digest)
        if wish.is_dry_run:
            return await _dry_run(seat.studio, checked, earlier, output)
        if earlier is not None and not (wish.is_again and earlier.is_at_its_end):
            report.say_earlier(earlier, output, is_again=wish.is_again)
            return await _follow(seat, checked, earlier, wish, output)
        if (code := report.problems(checked, output)) or (
            code := await _forbidden(seat.studio, checked, output)
        ):
            return code
        if not await _price_is_accepted(seat.studio, checked, wish, output):
            return ExitCode.INTERRUPTED
        number = 1 if earlier is None else earlier.number + 1
        run = await _start(seat, checked, number, output)
        return await _follow(seat, checked, run, wish, output)


def _check_results(wish: BatchWish) -> None:
    """Before anything is paid: where the results are to go."""
    if wish.results is None:
        return
    if wish.is_dry_run:
        raise BadInput("--dry-run makes nothing, so there are no results: leave --results out.")
    path = absolute(wish.results)
    check_storable(path, "The file of --results")
    with checking_input():
        check_target(path, wish.file)


async def _checked(studio: Studio, file: BatchFile, wish: BatchWish) -> Batch:
    """Every row against its model; BadInput where an option is wrong for all of them."""
    ready = studio.providers.ready()
    with checking_input():
        if "model" in wish.cells:
            studio.catalog.find(wish.cells["model"], wish.cells.get("provider"), ready=ready)
        elif "provider" not in wish.cells and (problems := studio.providers.problems()):
            # whoever set up a service must not get a rehearsal without a word
            raise ValueError(problems[0])
    lists = {}
    if wish.expands:
        presets = await asyncio.to_thread(PresetFile(studio.paths.presets).load)
        lists = presets.texts()
    defaults = BatchDefaults(
        studio.catalog.default_model(ready), wish.cells, expands=wish.expands, lists=lists
    )

    def locked(provider: str) -> str | None:
        available = studio.providers.availability(provider)
        return None if available.is_ready else available.reason

    checker = RowChecker(studio.catalog, defaults, absolute(file.path).parent, locked)
    return await asyncio.to_thread(check_file, file, checker)


async def _dry_run(studio: Studio, checked: Batch, earlier: BatchRun | None, output: Output) -> int:
    """The table and the price, and the code that a start would end with."""
    if not output.is_json:
        output.table(report.table(checked))
    if earlier is not None:
        report.say_earlier(earlier, output, is_dry_run=True)
    total = checked.total
    if total.rows > total.rows_with_problems:
        output.say(report.total_words(total))
    code = report.problems(checked, output, is_document=False)
    code = code or await _forbidden(studio, checked, output, is_dry_run=True)
    if output.is_json:
        output.json(report.document(checked, None, {}))
    return code


async def _forbidden(
    studio: Studio, checked: Batch, output: Output, *, is_dry_run: bool = False
) -> int:
    """What the user's own limits say: a code, or the exception that says it."""
    if sentence := checked.too_large():
        if is_dry_run:
            output.say(sentence)
        else:
            output.error(sentence, "queue_full")
        return ExitCode.BUDGET
    providers = dict.fromkeys(row.model.provider for row in checked.rows if row.model)
    total = checked.total
    balance = await studio.wallet.balance()
    costs = checked.costs()
    try:
        for provider in providers:
            await studio.database.read(partial(stored_pauses.refuse, provider=provider))
        if total.tokens > balance:
            raise NotEnoughTokens(needed=total.tokens, balance=balance)
        # asked again with the charge itself; here, so that nobody agrees to what is refused then
        await studio.database.read(lambda connection: budgets.check(connection, costs, utc_now()))
    except report.LIMITS as error:
        if not is_dry_run:
            raise
        output.say(words.error_sentence(error))
        return words.exit_code_of(error)
    return ExitCode.DONE


async def _price_is_accepted(
    studio: Studio, checked: Batch, wish: BatchWish, output: Output
) -> bool:
    """Free is never asked about; a price is asked on a terminal and needs --yes elsewhere."""
    total = checked.total
    if total.is_free:
        return True
    price = report.price_words(total)
    if wish.is_price_accepted:
        output.say(f"This takes {price}.")
        return True
    if not can_ask():
        raise BadInput(f"This takes {price}. Add --yes to agree to the price.")
    balance = await studio.wallet.balance()
    clips = "1 clip" if total.clips == 1 else f"{total.clips:,} clips"
    if output.ask(f"This takes {price}; the wallet holds {balance} tokens. Generate {clips}?"):
        return True
    output.say("Nothing was generated and nothing was charged.")
    return False


async def _start(seat: Seat, checked: Batch, number: int, output: Output) -> BatchRun:
    """Take the pictures in, then store and charge all of them in one step."""
    studio = seat.studio
    with checking_input():
        requests = await asyncio.to_thread(checked.requests, studio.client.files, number)
    folders = checked.folders()
    for folder in folders:
        check_storable(folder, f"The folder {folder}")
    async with made_folders(folders):
        await _stored(seat, requests)
    run = await run_of(studio.generations, checked.digest, number)
    assert run is not None
    output.say(f"{len(run.keyed):,} generation{'s' if len(run.keyed) > 1 else ''} stored.")
    return run


async def _stored(seat: Seat, requests: Sequence[GenerationRequest]) -> None:
    """All of them, or none; to its end also where the user leaves in that moment."""
    studio = seat.studio
    if seat.is_scheduler:
        storing = asyncio.ensure_future(studio.queue.enqueue(requests))
    else:
        storing = asyncio.ensure_future(_store(studio, requests))
    try:
        await asyncio.shield(storing)
    except asyncio.CancelledError:
        # what was stored in that moment is told by the next start of the same file
        await asyncio.gather(storing, return_exceptions=True)
        raise


async def _store(studio: Studio, requests: Sequence[GenerationRequest]) -> list[Generation]:
    """Rows and charges for the scheduler that is already there."""
    new = []
    for request in requests:
        ready = check_request(studio.catalog, request)
        model = studio.catalog.find(ready.model, ready.provider)
        price = studio.wallet.estimate(model, ready.config)
        new.append(NewGeneration(ready, price.tokens, price.cost_usd))
    return await studio.generations.create(new)


async def _follow(
    seat: Seat, checked: Batch, run: BatchRun, wish: BatchWish, output: Output
) -> int:
    """To the end of all of them, then the paths, the results and the code."""
    repository = seat.studio.generations
    is_interrupted = False
    try:
        await follow(seat, checked.digest, run, output)
    except asyncio.CancelledError:
        is_interrupted = True
    now = await run_of(repository, checked.digest, run.number) or run
    further = await further_clips(repository, now.generations)
    report.say_ends(now, output, is_interrupted=is_interrupted)
    # paid for: whatever becomes of the file of results, they are told
    if output.is_json:
        output.json(report.document(checked, now, further))
    else:
        report.paths(now, further, output)
    code = ExitCode.INTERRUPTED if is_interrupted else words.exit_code_for(now.generations)
    if wish.results is None:
        return code
    rows = [(row.number, row.cells) for row in checked.rows]
    path = absolute(wish.results)
    try:
        await asyncio.to_thread(check_target, path, wish.file)
        await asyncio.to_thread(
            write_results, path, checked.file.columns, rows, now.by_row(), further
        )
    except (ValueError, StorageError) as error:
        reason = words.error_sentence(error) if isinstance(error, StorageError) else str(error)
        output.say(f"The results could not be written. {reason}")
        output.say("The same command with another --results writes them; nothing is paid again.")
        return code or ExitCode.STORAGE
    output.say(f"The results are in {path}.")
    return code
