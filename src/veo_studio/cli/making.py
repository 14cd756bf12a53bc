"""From requests to files: asked about the price, stored, followed, told. `generate` and all that is like it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.following import (
    ProgressView,
    settle_after_interrupt,
    wait_beside_another,
)
from veo_studio.cli.in_line import wait_in_line
from veo_studio.cli.opening import Seat
from veo_studio.cli.pausing import needs_user, pause_sentence
from veo_studio.cli.safety import help_refused, is_refused
from veo_studio.cli.terminal import ExitCode, Output, can_ask
from veo_studio.core.capabilities import both
from veo_studio.core.errors import NotEnoughTokens
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import (
    Generation,
    GenerationRequest,
    GenerationState,
    Pause,
    PauseKind,
)
from veo_studio.core.store import budgets
from veo_studio.core.store import pauses as stored_pauses
from veo_studio.core.store.line import LineRepository
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.studio import Studio

_S = GenerationState
_AFTER_DEADLINE_S = 60.0


async def make(
    seat: Seat,
    requests: Sequence[GenerationRequest],
    output: Output,
    *,
    is_price_accepted: bool,
    is_list: bool,
) -> int:
    """Make these, all or none, and print their paths; with `is_list` the JSON is a list.

    Raises BadInput where a price has to be agreed to, StudioError.
    """
    studio = seat.studio
    for provider in dict.fromkeys(request.provider for request in requests):
        await _refuse_where_paused(studio, provider)
    if not await _price_is_accepted(studio, requests, output, is_accepted=is_price_accepted):
        return ExitCode.INTERRUPTED
    storing = asyncio.ensure_future(
        studio.queue.enqueue(requests) if seat.is_scheduler else _store(studio, requests)
    )
    try:
        generations = await asyncio.shield(storing)
        with ProgressView(output, studio) as view:
            view.follow(generations)
            generations = await _follow(seat, requests, generations, output, view)
    except asyncio.CancelledError:
        # What was stored in that moment must be known, or a later start would send it.
        return await _interrupted(seat, await storing, output)
    pause = await _end_unsent(seat, generations, output)
    generations = [await studio.generations.get(entry.id) for entry in generations]
    clips = await _with_samples(studio, generations)
    names = [studio.catalog.providers[request.provider].name for request in requests]
    provider = names[0] if len(set(names)) == 1 else ""
    return report(clips, output, is_list=is_list, pause=pause, provider=provider)


async def _refuse_where_paused(studio: Studio, provider: str) -> None:
    """Before anything is stored: what the user paused is not sent, and must not be sent later unasked."""
    await studio.database.read(lambda connection: stored_pauses.refuse(connection, provider))


async def _price_is_accepted(
    studio: Studio, requests: Sequence[GenerationRequest], output: Output, *, is_accepted: bool
) -> bool:
    """Free is never asked about; a price is asked on a terminal and needs --yes elsewhere."""
    estimates = [
        studio.wallet.estimate(studio.catalog.find(one.model, one.provider), one.config)
        for one in requests
    ]
    tokens = sum(estimate.tokens for estimate in estimates)
    costs = [estimate.cost_usd for estimate in estimates]
    known = [cost for cost in costs if cost is not None]
    cost_usd = sum(known, Decimal(0)) if len(known) == len(costs) else None
    if tokens == 0 and cost_usd == 0:
        return True
    balance = await studio.wallet.balance()
    if tokens > balance:
        raise NotEnoughTokens(needed=tokens, balance=balance)
    # asked again with the charge itself; here, so that nobody agrees to what is refused then
    await studio.database.read(lambda connection: budgets.check(connection, costs, utc_now()))
    paid = [one.provider for one, estimate in zip(requests, estimates, strict=True)
            if estimate.tokens or estimate.cost_usd != 0]  # fmt: skip
    names = dict.fromkeys(studio.catalog.providers[provider].name for provider in paid)
    price = words.price_words(tokens, cost_usd, both(names))
    if is_accepted:
        output.say(f"This takes {price}.")
        return True
    if not can_ask():
        raise BadInput(f"This takes {price}. Add --yes to agree to the price.")
    if output.ask(f"This takes {price}; the wallet holds {balance} tokens. Generate?"):
        return True
    output.say("Nothing was generated and nothing was charged.")
    return False


async def _store(studio: Studio, requests: Sequence[GenerationRequest]) -> list[Generation]:
    """Rows and charges for the scheduler that is already there."""
    new = []
    for request in requests:
        model = studio.catalog.find(request.model, request.provider)
        price = studio.wallet.estimate(model, request.config)
        new.append(NewGeneration(request, price.tokens, price.cost_usd))
    return await studio.generations.create(new)


async def _with_samples(studio: Studio, generations: Sequence[Generation]) -> list[Generation]:
    """Each followed by the further clips of its submit."""
    found: list[Generation] = []
    for first in generations:
        found.append(first)
        for number in range(2, first.config.samples + 1):
            if (sample := await studio.generations.sample(first, number)) is not None:
                found.append(sample)
    return found


async def _follow(
    seat: Seat,
    requests: Sequence[GenerationRequest],
    generations: Sequence[Generation],
    output: Output,
    view: ProgressView,
) -> list[Generation]:
    studio, ids = seat.studio, [generation.id for generation in generations]
    if not seat.is_scheduler:
        output.say("Veo Studio is open on this folder and makes it; following it.")

        async def take_over() -> None:
            # The keys are stored, so this starts the same rows and pays for nothing twice.
            await studio.queue.enqueue(requests)
            sent = [n for n in ids if (await studio.generations.get(n)).operation_id is not None]
            if sent:
                await studio.queue.collect(sent)

        await wait_beside_another(seat, ids, take_over, view)
    providers = studio.catalog.providers
    limits_s = {
        request.provider: providers[request.provider].pacing.deadline_s + _AFTER_DEADLINE_S
        for request in requests
    }
    return await wait_in_line(studio, generations, limits_s)


async def _end_unsent(
    seat: Seat, generations: Sequence[Generation], output: Output
) -> Pause | None:
    """What the provider never took is given back: no later start may send it unasked.

    Returns the pause that kept it from being sent, where there was one; says it where there was no reason.
    """
    unsent = [generation for generation in generations if generation.state is _S.PENDING]
    if not unsent:
        return None
    if seat.is_scheduler:
        pauses = seat.studio.queue.pauses
    else:
        pauses = await LineRepository(seat.studio.database).pauses()
    found = {one.provider: needs_user(pauses, one.provider) for one in unsent}
    late = 0
    for generation in unsent:
        await seat.end_unsent(generation.id)
        ended = await seat.studio.generations.get(generation.id)
        late += ended.state is _S.CANCELLED and found[ended.provider] is None
    if late:
        output.say(_late_sentence(late, len(generations)))
    return next((pause for pause in found.values() if pause is not None), None)


def _late_sentence(late: int, count: int) -> str:
    which = "It was" if count == 1 else f"{late:,} of {count:,} were"
    are, them = ("it is", "it") if late == 1 else ("they are", "them")
    return (
        f"{which} never sent, because the provider took nothing more in time: {are} ended, and "
        f"nothing was charged for {them}."
    )


async def _interrupted(seat: Seat, generations: Sequence[Generation], output: Output) -> int:
    ids = [generation.id for generation in generations]
    settled = await settle_after_interrupt(seat, ids)
    unsent = [entry for entry in settled if entry.state is _S.CANCELLED]
    done = [entry for entry in settled if entry.state is _S.COMPLETED]
    if len(unsent) + len(done) < len(settled):
        output.say(f"Interrupted: {words.GOES_ON}.")
    else:
        output.say(
            "Interrupted: nothing was sent and nothing was charged." if unsent else "Interrupted."
        )
    if output.is_json:
        documents = [generation_json(entry) for entry in settled]
        output.json(documents if len(documents) > 1 else documents[0])
    else:
        for entry in done:
            if entry.video_path is not None:
                output.path(entry.video_path)
    return ExitCode.INTERRUPTED


def report(
    generations: Sequence[Generation],
    output: Output,
    *,
    is_list: bool,
    pause: Pause | None = None,
    provider: str = "",
) -> int:
    """Paths or one document on stdout, a sentence for each that has no file on stderr."""
    if pause is not None and pause.kind is not PauseKind.KEY:
        output.say(pause_sentence(pause))
    for generation in generations:
        if generation.state is not _S.COMPLETED:
            output.say(words.outcome_sentence(generation))
            if is_refused(generation):
                help_refused(generation, output)
        elif generation.video_path is not None and not output.is_json:
            output.path(generation.video_path)
    if provider and (cost := words.cost_sentence(generations, provider)):
        output.say(cost)
    if output.is_json:
        documents = [generation_json(generation) for generation in generations]
        output.json(documents if is_list else documents[0])
    code = words.exit_code_for(generations)
    if code is ExitCode.PROVIDER_FAILED and pause is not None:
        # not the provider kept them from being sent
        return {PauseKind.USER: ExitCode.BUDGET, PauseKind.BOOKS: ExitCode.STORAGE}.get(
            pause.kind, code
        )
    return code
