"""`generate`, `collect` and the sample: what starts generations and follows them to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput, check_environment, checking_input, every_provider
from veo_studio.cli.enhancing import enhanced
from veo_studio.cli.following import ProgressView, wait_beside_another
from veo_studio.cli.from_recipe import with_recipe
from veo_studio.cli.making import make, report
from veo_studio.cli.opening import open_workplace, take_seat
from veo_studio.cli.pictures import shape_hints
from veo_studio.cli.templates import dry_run, say_list, with_model, with_prompts, with_settings
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.cli.wishes import (
    Wish,
    absolute,
    build_requests,
    check_before_opening,
    choose_model,
    source_of,
)
from veo_studio.core.models import ACTIVE_STATES, ATTENTION_STATES
from veo_studio.core.paths import ensure_folder

SAMPLE_PROMPT = "A paper boat drifts down a rainy street at dusk"


async def generate(wish: Wish, output: Output) -> int:
    """Make the clips and print their paths. Raises BadInput, StudioError."""
    wish = await with_prompts(wish, output)
    check_before_opening(wish)
    workplace = open_workplace()
    if wish.output_dir is not None:
        ensure_folder(absolute(wish.output_dir))
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, workplace)
        studio = seat.studio
        if wish.recipe is not None:
            wish = await with_recipe(studio, wish, wish.recipe, output)
            check_before_opening(wish)
        source = await source_of(studio, wish)
        with checking_input():
            wish = with_model(studio, wish, output)
            model = choose_model(studio, wish, source)
            wish = with_settings(studio, model, wish, output)
            requests = await build_requests(studio, model, wish, source)
        for hint in shape_hints(wish.fit, requests[0].config):
            output.say(hint)
        if wish.is_draft and requests[0].config.final is None:
            output.say(f"{model.name} has no cheaper settings than these: no draft is needed.")
        is_stand_in = model.provider == "rehearsal" and wish.provider is None
        if is_stand_in and (wish.model or model.id).lower() not in (model.id, "rehearsal"):
            output.say(f"No service is connected: {model.name} stands in for {wish.model}, free.")
        if wish.is_dry_run:
            return await dry_run(studio, wish, requests, output)
        say_list(wish, requests, output)
        if wish.is_enhanced:
            requests = await enhanced(studio, requests, output, is_agreed=wish.is_price_accepted)
        return await make(
            seat,
            requests,
            output,
            is_price_accepted=wish.is_price_accepted,
            is_list=sum(request.config.samples for request in requests) > 1,
        )


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
                elif seat.is_scheduler:
                    # also where nothing waits: what a killed program left half done is put right
                    await studio.queue.collect(numbers)
        except asyncio.CancelledError:
            output.say(f"Interrupted: {words.GOES_ON}.")
            return ExitCode.INTERRUPTED
        generations = [await studio.generations.get(number) for number in numbers]
    if not generations:
        output.say("Nothing is waiting at a provider.")
    return report(generations, output, is_list=True)
