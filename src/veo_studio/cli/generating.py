"""`generate`, `collect` and the sample: what starts generations and follows them to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput, check_environment, checking_input, every_provider
from veo_studio.cli.following import (
    ProgressView,
    settle_after_interrupt,
    wait_beside_another,
    wait_for_all,
)
from veo_studio.cli.opening import Seat, open_workplace, take_seat
from veo_studio.cli.pausing import needs_user, pause_sentence
from veo_studio.cli.terminal import ExitCode, Output, can_ask
from veo_studio.cli.wishes import (
    Wish,
    absolute,
    build_requests,
    check_before_opening,
    choose_model,
    source_of,
)
from veo_studio.core.catalog import ModelInfo
from veo_studio.core.errors import NotEnoughTokens
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import (
    ACTIVE_STATES,
    ATTENTION_STATES,
    Generation,
    GenerationRequest,
    GenerationState,
    Pause,
    PauseKind,
)
from veo_studio.core.paths import ensure_folder
from veo_studio.core.store import budgets
from veo_studio.core.store import pauses as stored_pauses
from veo_studio.core.store.line import LineRepository
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.studio import Studio

_S = GenerationState
SAMPLE_PROMPT = "A paper boat drifts down a rainy street at dusk"
_AFTER_DEADLINE_S = 60.0


async def generate(wish: Wish, output: Output) -> int:
    """Make the clips and print their paths. Raises BadInput, StudioError."""
    check_before_opening(wish)
    workplace = open_workplace()
    if wish.output_dir is not None:
        ensure_folder(absolute(wish.output_dir))
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        studio = seat.studio
        source = await source_of(studio, wish)
        with checking_input():
            model = choose_model(studio, wish, source)
            requests = await build_requests(studio, model, wish, source)
        is_stand_in = model.provider == "rehearsal" and wish.provider is None
        if is_stand_in and (wish.model or model.id).lower() not in (model.id, "rehearsal"):
            output.say(f"No service is connected: {model.name} stands in for {wish.model}, free.")
        await _refuse_where_paused(studio, model.provider)
        if not await _price_is_accepted(studio, model, requests, wish, output):
            return ExitCode.INTERRUPTED
        storing = asyncio.ensure_future(
            studio.queue.enqueue(requests) if seat.is_scheduler else _store(studio, requests)
        )
        try:
            generations = await asyncio.shield(storing)
            with ProgressView(output, studio) as view:
                view.follow(generations)
                generations = await _follow(seat, model, requests, generations, output, view)
        except asyncio.CancelledError:
            # What was stored in that moment must be known, or a later start would send it.
            return await _interrupted(seat, await storing, output)
        pause = await _end_unsent(seat, generations)
        generations = [await studio.generations.get(entry.id) for entry in generations]
        clips = await _with_samples(studio, generations)
        name = studio.catalog.providers[model.provider].name
    is_list = wish.count * wish.samples > 1
    return _report(clips, output, is_list=is_list, pause=pause, provider=name)


async def make_sample(reason: str) -> int:
    """Where no window can be shown: one clip of the rehearsal engine, to see that all works."""
    output = Output()
    output.say(
        f"No window can be shown here ({reason}): making a sample clip with the rehearsal engine."
    )
    wish = Wish(SAMPLE_PROMPT, provider="rehearsal", duration_s=4, resolution="480p")
    return await generate(wish, output)


async def collect(ids: Sequence[int], output: Output) -> int:
    """Fetch whatever is ready; submits nothing that costs anything."""
    check_environment(every_provider())
    workplace = open_workplace()
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        studio = seat.studio
        if ids:
            try:
                asked = [await studio.generations.get(number) for number in dict.fromkeys(ids)]
            except LookupError as error:
                raise BadInput(str(error.args[0])) from error
        else:
            asked = await studio.generations.in_states(ACTIVE_STATES | ATTENTION_STATES)
        numbers = [generation.id for generation in asked]
        waiting = [entry for entry in asked if not entry.state.is_terminal]
        try:
            with ProgressView(output, studio) as view:
                view.follow(waiting)
                if not seat.is_scheduler and waiting:
                    output.say(
                        "Veo Studio is open on this folder and fetches by itself; following it."
                    )
                    await wait_beside_another(
                        seat, numbers, lambda: studio.queue.collect(numbers), view
                    )
                elif waiting:
                    await studio.queue.collect(numbers)
        except asyncio.CancelledError:
            output.say(f"Interrupted: {words.GOES_ON}.")
            return ExitCode.INTERRUPTED
        generations = [await studio.generations.get(number) for number in numbers]
    if not generations:
        output.say("Nothing is waiting at a provider.")
    return _report(generations, output, is_list=True)


async def _refuse_where_paused(studio: Studio, provider: str) -> None:
    """Before anything is stored: what the user paused is not sent, and must not be sent later unasked."""
    await studio.database.read(lambda connection: stored_pauses.refuse(connection, provider))


async def _price_is_accepted(
    studio: Studio,
    model: ModelInfo,
    requests: Sequence[GenerationRequest],
    wish: Wish,
    output: Output,
) -> bool:
    """Free is never asked about; a price is asked on a terminal and needs --yes elsewhere."""
    estimate = studio.wallet.estimate(model, requests[0].config, len(requests))
    if estimate.tokens == 0 and estimate.cost_usd == 0:
        return True
    balance = await studio.wallet.balance()
    if estimate.tokens > balance:
        raise NotEnoughTokens(needed=estimate.tokens, balance=balance)
    costs = [studio.wallet.estimate(model, request.config).cost_usd for request in requests]
    # asked again with the charge itself; here, so that nobody agrees to what is refused then
    await studio.database.read(lambda connection: budgets.check(connection, costs, utc_now()))
    provider = studio.catalog.providers[model.provider].name
    price = words.price_words(estimate.tokens, estimate.cost_usd, provider)
    if wish.is_price_accepted:
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
    model: ModelInfo,
    requests: Sequence[GenerationRequest],
    generations: Sequence[Generation],
    output: Output,
    view: ProgressView,
) -> list[Generation]:
    studio, ids = seat.studio, [generation.id for generation in generations]
    if not seat.is_scheduler:
        output.say("Veo Studio is open on this folder and makes the clip; following it.")

        async def take_over() -> None:
            # The keys are stored, so this starts the same rows and pays for nothing twice.
            await studio.queue.enqueue(requests)
            sent = [n for n in ids if (await studio.generations.get(n)).operation_id is not None]
            if sent:
                await studio.queue.collect(sent)

        await wait_beside_another(seat, ids, take_over, view)
    deadline_s = studio.catalog.providers[model.provider].pacing.deadline_s
    return await wait_for_all(studio, ids, limit_s=deadline_s + _AFTER_DEADLINE_S)


async def _end_unsent(seat: Seat, generations: Sequence[Generation]) -> Pause | None:
    """What the provider never took is given back: no later start may send it unasked.

    Returns the pause that kept it from being sent, where there was one.
    """
    unsent = [generation for generation in generations if generation.state is _S.PENDING]
    if not unsent:
        return None
    if seat.is_scheduler:
        pauses = seat.studio.queue.pauses
    else:
        pauses = await LineRepository(seat.studio.database).pauses()
    pause = needs_user(pauses, unsent[0].provider)
    for generation in unsent:
        await seat.end_unsent(generation.id)
    return pause


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


def _report(
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
