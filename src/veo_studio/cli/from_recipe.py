"""`generate --recipe` and `export`: what made a clip, once more or into a copy of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.cli.bad_input import BadInput, check_environment, checking_input
from veo_studio.cli.opening import open_workplace, take_seat
from veo_studio.cli.pictures import with_file
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core import recipe as recipes
from veo_studio.core.embedding import export_copy
from veo_studio.core.models import GenerationKind, Task, VideoConfig
from veo_studio.core.recipe import Recipe
from veo_studio.core.recipe_files import SUFFIX, of_clip
from veo_studio.core.studio import Studio

if TYPE_CHECKING:
    from veo_studio.cli.wishes import Wish


async def with_recipe(studio: Studio, wish: Wish, file: Path, output: Output) -> Wish:
    """What was not said is as the recipe says; pictures or a clip of the user's own replace all of its.

    Raises BadInput where it is no recipe, or names what is not kept here.
    """
    with checking_input():
        recipe = await found(studio, file)
    if recipe.is_changed:
        output.say(f"{file.name} was changed after it was made; this is how it was made.")
    own = bool(wish.pictures) or wish.has_first_frame or wish.source is not None
    made_as = recipe.config
    if own:
        made_as = replace(made_as, inputs=(), task=Task.CREATE)
    if missing := [
        item.name for item in made_as.inputs if not studio.client.files.path(item).is_file()
    ]:
        names = " and ".join(missing)
        raise BadInput(
            f"{names} of this recipe is not kept here. Give it with --image, --last-frame, "
            "--reference or --edit."
        )
    says_model = wish.model is not None or wish.provider is not None
    is_new_prompt = bool(wish.prompt.strip())
    if is_new_prompt:
        made_as = replace(made_as, original_prompt="")
    return replace(
        wish,
        prompt=wish.prompt if is_new_prompt else recipe.prompt,
        model=wish.model if says_model else recipe.request.model,
        provider=wish.provider if says_model else recipe.request.provider,
        is_picture=wish.is_picture or recipe.request.kind is GenerationKind.IMAGE,
        # with inputs of their own the model's defaults fill what was not said
        **(_told(wish, made_as) if own else {"made_as": made_as}),
    )


async def found(studio: Studio, file: Path) -> Recipe:
    """From a recipe or a clip. Raises ValueError with a sentence."""
    if file.suffix.lower() == SUFFIX:
        return await asyncio.to_thread(recipes.read, file)
    return await of_clip(file, studio.generations.by_digest)


def once_more(wish: Wish, made_as: VideoConfig) -> VideoConfig:
    """The settings of the recipe, except for what was said."""
    quality = (wish.duration_s, wish.resolution, wish.audio)
    return replace(
        made_as,
        aspect_ratio=wish.aspect or made_as.aspect_ratio,
        duration_s=made_as.duration_s if wish.duration_s is None else wish.duration_s,
        resolution=(wish.resolution or made_as.resolution).lower(),
        negative_prompt=made_as.negative_prompt if wish.negative is None else wish.negative,
        seed=made_as.seed if wish.seed is None else wish.seed,
        enable_audio=made_as.enable_audio if wish.audio is None else wish.audio,
        samples=made_as.samples if wish.samples is None else wish.samples,
        final=made_as.final if quality == (None, None, None) else None,
    )


def _told(wish: Wish, made_as: VideoConfig) -> dict[str, object]:
    """The settings of the recipe as if they had been typed."""
    config = once_more(wish, made_as)
    shape = (config.aspect_ratio, config.duration_s) if wish.source is None else (None, None)
    return {
        "aspect": shape[0],
        "duration_s": shape[1] or None,
        "resolution": config.resolution,
        "negative": config.negative_prompt,
        "seed": config.seed,
        "audio": config.enable_audio,
        "samples": config.samples,
    }


async def export(number: int, target: Path, output: Output) -> int:
    """Copy a clip with its recipe inside. Raises BadInput, StudioError."""
    check_environment()
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        generation = await with_file(seat.studio, number)
        assert generation.video_path is not None
        source = generation.video_path
        target = await asyncio.to_thread(_free_name, target, source)
        recipe = recipes.of_generation(generation)
        with checking_input():
            await asyncio.to_thread(export_copy, source, target, recipe)
    if output.is_json:
        output.json({"id": number, "path": str(target)})
    else:
        output.path(target)
    return ExitCode.DONE


def _free_name(target: Path, source: Path) -> Path:
    """BadInput where there is something already, or nowhere to put it."""
    if target.is_dir():
        target = target / source.name
    if target.exists():
        raise BadInput(f"There is a file {target} already. Choose another name.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}.")
    return target
