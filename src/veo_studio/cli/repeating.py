"""`again` and `final`: a stored generation once more, varied, or at full quality."""

from __future__ import annotations

import uuid
from contextlib import AsyncExitStack
from dataclasses import replace

from veo_studio.cli.bad_input import BadInput, check_environment, checking_input, every_provider
from veo_studio.cli.making import make, report
from veo_studio.cli.opening import open_workplace, take_seat
from veo_studio.cli.terminal import Output
from veo_studio.cli.wishes import MAX_TAKES
from veo_studio.cli.words import error_kind_of, error_sentence, exit_code_of
from veo_studio.core.again import Variation, as_takes, similar
from veo_studio.core.again import again as same
from veo_studio.core.drafting import final_of
from veo_studio.core.errors import StudioError
from veo_studio.core.generators.requests import check_prompt, check_request
from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationRequest, GenerationState
from veo_studio.core.studio import Studio

_S = GenerationState


async def again(
    number: int,
    output: Output,
    *,
    is_similar: bool,
    vary: str | None,
    prompt: str | None,
    count: int,
    is_price_accepted: bool,
    pays_again: bool = False,
) -> int:
    """Raises BadInput, StudioError; a failed or stopped one whose clip can be had is fetched for nothing.

    Unless `pays_again`: then nobody is asked about the old one.
    """
    variation = _variation(vary)
    if not 1 <= count <= MAX_TAKES:
        raise BadInput(f"The number of takes must be between 1 and {MAX_TAKES}.")
    if prompt is not None:
        with checking_input():
            check_prompt(prompt)
    check_environment(every_provider())
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        studio = seat.studio
        old = await _stored(studio, number)
        is_varied = is_similar or variation is not None or prompt is not None
        is_asked = not is_varied and count == 1 and not pays_again
        if is_asked and (code := await _without_paying(studio, old, output)) is not None:
            return code
        made = same(old)
        if is_varied:
            made = similar(old, variation or Variation.SEED, prompt=prompt)
        with checking_input():
            checked = _checked(studio, made)
        if made.prompt != old.prompt:
            output.say(f"Prompt: {made.prompt}")
        return await make(
            seat,
            [_keyed(one) for one in as_takes(checked, count, _most_seed(studio, checked))],
            output,
            is_price_accepted=is_price_accepted,
            is_list=count > 1,
        )


async def _without_paying(studio: Studio, old: Generation, output: Output) -> int | None:
    """The code where the old clip could be had, or where nobody knows; None where a new one is left."""
    try:
        found = await studio.queue.bring_back(old.id)
    except StudioError as error:
        way_round = f"`veo-studio again {old.id} --pay-again` makes a new one all the same."
        output.error(f"{error_sentence(error)} {way_round}", error_kind_of(error))
        return exit_code_of(error)
    if found:
        output.say(f"Generation {old.id} was there after all: fetched, nothing is paid.")
        return report(found, output, is_list=len(found) > 1)
    if old.state in ATTENTION_STATES:
        raise BadInput(
            f"Generation {old.id} is {old.state.value}: "
            f"`veo-studio attention {old.id}` shows what you can do without paying again."
        )
    return None


async def final(number: int, output: Output, *, is_price_accepted: bool) -> int:
    """A draft at the quality that was meant, with what that costs more. Raises BadInput, StudioError."""
    check_environment(every_provider())
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        studio = seat.studio
        draft = await _stored(studio, number)
        with checking_input():
            checked = _checked(studio, final_of(draft))
        model = studio.catalog.find(checked.model, checked.provider)
        price = studio.wallet.estimate(model, checked.config)
        if price.cost_usd is not None and draft.price_usd is not None and price.cost_usd:
            output.say(
                f"Full quality: about ${price.cost_usd:.2f}; the draft was ${draft.price_usd:.2f}."
            )
        return await make(
            seat, [_keyed(checked)], output, is_price_accepted=is_price_accepted, is_list=False
        )


def _variation(vary: str | None) -> Variation | None:
    if vary is None:
        return None
    try:
        return Variation(vary.strip().lower())
    except ValueError as error:
        known = ", ".join(one.value for one in Variation)
        raise BadInput(f"There is no variation {vary!r}. Known: {known}.") from error


async def _stored(studio: Studio, number: int) -> Generation:
    try:
        return await studio.generations.get(number)
    except LookupError as error:
        raise BadInput(str(error.args[0])) from error


def _checked(studio: Studio, request: GenerationRequest) -> GenerationRequest:
    """By the models of today: one that is gone says what to use instead."""
    available = studio.providers.availability(request.provider)
    if not available.is_ready:
        raise ValueError(available.reason)
    return check_request(studio.catalog, request)


def _most_seed(studio: Studio, request: GenerationRequest) -> int:
    return studio.catalog.find(request.model, request.provider).capabilities.max_seed


def _keyed(request: GenerationRequest) -> GenerationRequest:
    return replace(request, idempotency_key=uuid.uuid4().hex)
