"""`generate` with presets, variables and lists: the prompts that come of them, and the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from veo_studio.cli import words
from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.listing import shortened
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core.capabilities import ModelInfo, both
from veo_studio.core.errors import NotEnoughTokens, StudioError
from veo_studio.core.generators.requests import check_prompt
from veo_studio.core.models import GenerationKind, GenerationRequest, InputMode, Task
from veo_studio.core.paths import Paths
from veo_studio.core.preset_file import PresetFile
from veo_studio.core.presets import Library
from veo_studio.core.prompt_lists import MAX_PROMPTS, PromptLists, is_name
from veo_studio.core.store import budgets
from veo_studio.core.store.moves import utc_now
from veo_studio.core.studio import Studio

if TYPE_CHECKING:
    from veo_studio.cli.wishes import Wish

_BEGINNING_CHARS = 60


async def read_library(output: Output) -> Library:
    """Presets and lists, with a sentence for each entry that could not be read."""
    library = await asyncio.to_thread(PresetFile(Paths.default().presets).load)
    if library.kept_aside is not None:
        output.say(f"The file of presets was damaged; it is kept as {library.kept_aside}.")
    for problem in library.problems:
        output.say(f"In {Paths.default().presets.name}: {problem}")
    return library


def values_of(told: Sequence[str]) -> dict[str, str]:
    """`--set NAME=TEXT`, as often as it stands there."""
    values = {}
    for item in told:
        name, sign, text = item.partition("=")
        if not sign or not is_name(name.strip()):
            raise BadInput(
                f'--set takes NAME=TEXT, such as --set subject="a red kite", not {item!r}.'
            )
        values[name.strip()] = text
    return values


async def with_prompts(wish: Wish, output: Output) -> Wish:
    """The prompts of the wish with its preset, lists and variables; nothing is opened or stored.

    Raises BadInput that names what is missing or too long.
    """
    needs_files = wish.preset_name is not None or "{" in wish.prompt
    library = await read_library(output) if needs_files else Library()
    if wish.preset_name is not None:
        if wish.recipe is not None:
            raise BadInput("--preset and --recipe both say how it is made. Choose one.")
        with checking_input():
            preset = library.presets.get(wish.preset_name)
        wish = replace(
            wish,
            preset=preset,
            prompt=wish.prompt if wish.prompt.strip() else preset.prompt,
            count=wish.count if wish.is_count_told else preset.takes or wish.count,
        )
        if not wish.prompt.strip() and wish.task is not Task.UPSCALE:
            raise BadInput(f"The preset '{preset.name}' has no prompt: give one.")
    if not wish.prompt.strip():
        # a recipe or a clip has its own, in which braces are braces
        _refuse_unused(wish.values, ())
        return wish
    found = PromptLists(wish.prompt, library.texts(), wish.values)
    _refuse_unused(wish.values, found.variables)
    if found.missing:
        names = ", ".join(f"{{{name}}}" for name in found.missing)
        options = " ".join(f'--set {name}="…"' for name in found.missing[:3])
        raise BadInput(
            f"Nothing is given for {names}. Add {options}, make a list of that name "
            "(veo-studio lists), or write {{ and }} for braces that are meant."
        )
    with checking_input():
        found.check()
    prompts = tuple(found.expand())
    clips = len(prompts) * wish.count
    if clips > MAX_PROMPTS:
        raise BadInput(
            f"{len(prompts):,} prompts with {wish.count} takes are {clips:,} clips; "
            f"at most {MAX_PROMPTS:,} go at once."
        )
    return replace(wish, prompts=tuple(_checked(prompts)))


def _refuse_unused(values: Mapping[str, str], used: Sequence[str]) -> None:
    """A value for nothing is a typing mistake in one of the two."""
    unused = [name for name in values if name not in used]
    if unused:
        named = f" It has {both([f'{{{name}}}' for name in used])}." if used else ""
        raise BadInput(f"The prompt has no {{{unused[0]}}} for --set {unused[0]}.{named}")


def _checked(prompts: Sequence[str]) -> list[str]:
    checked = []
    for number, prompt in enumerate(prompts, 1):
        try:
            checked.append(check_prompt(prompt))
        except ValueError as error:
            which = ""
            if len(prompts) > 1:
                which = (
                    f": number {number} of {len(prompts)}, “{shortened(prompt, _BEGINNING_CHARS)}”"
                )
            raise BadInput(f"{error}{which}") from error
    return checked


def with_model(studio: Studio, wish: Wish, output: Output) -> Wish:
    """The preset's own model where nothing else is said and it is connected."""
    preset = wish.preset
    if preset is None:
        return wish
    if preset.kind is GenerationKind.IMAGE and wish.mode in (InputMode.TEXT, InputMode.REFERENCES):
        wish = replace(wish, is_picture=True)
    if not preset.model or wish.model is not None or wish.provider is not None:
        return wish
    is_there = studio.catalog.get(preset.provider, preset.model) is not None
    if is_there and preset.provider in studio.providers.ready():
        return replace(wish, model=preset.model, provider=preset.provider)
    output.say(f"{preset.model} of the preset '{preset.name}' is not connected.")
    return wish


def with_settings(studio: Studio, model: ModelInfo, wish: Wish, output: Output) -> Wish:
    """The preset's settings where nothing else is said, as far as `model` can do them; says what is not."""
    preset = wish.preset
    if preset is None:
        return wish
    asked = preset.applied_to(replace(model.default_config(), negative_prompt=""))
    if wish.negative is not None:
        asked = replace(asked, negative_prompt="")
    config, changes = studio.catalog.fit(model, asked)
    if changes:
        output.say(f"Changed for {model.name}: {', '.join(changes)}.")
    # the shape of a clip that is worked on is its own
    said = set(preset.config) - ({"aspect_ratio", "duration"} if wish.source is not None else set())
    return replace(
        wish,
        aspect=wish.aspect or (config.aspect_ratio if "aspect_ratio" in said else None),
        duration_s=config.duration_s
        if wish.duration_s is None and "duration" in said and not model.makes_pictures
        else wish.duration_s,
        resolution=wish.resolution or (config.resolution if "resolution" in said else None),
        audio=config.enable_audio if wish.audio is None and "enable_audio" in said else wish.audio,
        seed=config.seed if wish.seed is None and "seed" in said else wish.seed,
        samples=config.samples if wish.samples is None else wish.samples,
        negative=wish.negative if wish.negative is not None else config.negative_prompt or None,
    )


def say_list(wish: Wish, requests: Sequence[GenerationRequest], output: Output) -> None:
    """How many there are, before the price is asked about."""
    if len(wish.prompts) > 1:
        output.say(f"{len(wish.prompts):,} prompts, {len(requests):,} clips in all.")


async def dry_run(
    studio: Studio, wish: Wish, requests: Sequence[GenerationRequest], output: Output
) -> int:
    """The prompts on stdout and what they cost on stderr; code 4 where that cannot be paid."""
    model = studio.catalog.find(requests[0].model, requests[0].provider)
    # one price for all: they differ in their words
    price = studio.wallet.estimate(model, requests[0].config, len(requests))
    prompts = list(dict.fromkeys(request.prompt for request in requests))
    problem: StudioError | None = None
    try:
        balance = await studio.wallet.balance()
        if price.tokens > balance:
            raise NotEnoughTokens(needed=price.tokens, balance=balance)
        one = studio.wallet.estimate(model, requests[0].config).cost_usd
        costs: list[Decimal | None] = [one] * len(requests)
        await studio.database.read(lambda link: budgets.check(link, costs, utc_now()))
    except StudioError as error:
        problem = error
    sentence = "" if problem is None else words.error_sentence(problem)
    if output.is_json:
        output.json(
            {
                "prompts": prompts,
                "clips": len(requests),
                "provider": model.provider,
                "model": model.id,
                "config": requests[0].config.to_json(),
                "tokens": price.tokens,
                "price_usd": None if price.cost_usd is None else float(price.cost_usd),
                "problem": sentence or None,
            }
        )
    else:
        for prompt in prompts:
            output.text(prompt)
    name = studio.catalog.providers[model.provider].name
    cost = "Free" if not price.tokens and price.cost_usd == 0 else None
    cost = cost or words.price_words(price.tokens, price.cost_usd, name)
    clips = "clip" if len(requests) == 1 else "clips"
    output.say(f"{len(requests):,} {clips} with {model.name}: {cost}. Nothing was sent.")
    if problem is None:
        return ExitCode.DONE
    output.say(sentence)
    return words.exit_code_of(problem)
