"""The pictures and clips that `generate` is given: found, brought to the clip's shape, taken in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from veo_studio.cli.bad_input import BadInput
from veo_studio.core.framing import Frame, Framing, has_other_shape, ratio_of, shape_words
from veo_studio.core.inputs import take_in_clip, take_in_frame, take_in_picture
from veo_studio.core.models import Generation, GenerationKind, InputRole, MediaInput, VideoConfig
from veo_studio.core.studio import Studio

_FRAMES = (InputRole.FIRST_FRAME, InputRole.LAST_FRAME)


def check_fit(told: str) -> Framing:
    """BadInput names what there is."""
    try:
        return Framing(told.strip().lower())
    except ValueError:
        raise BadInput(f"--fit is keep, crop or pad, not {told!r}.") from None


async def with_file(studio: Studio, number: int) -> Generation:
    """The generation of that number. Raises BadInput where it is none, or has no file."""
    try:
        generation = await studio.generations.get(number)
    except LookupError as error:
        raise BadInput(str(error.args[0])) from error
    if generation.video_path is None or not generation.has_file:
        raise BadInput(f"Generation {generation.id} is {generation.state.value}: it has no clip.")
    return generation


def frame_for(fit: str | None, aspect_ratio: str, model_name: str) -> Frame | None:
    """ValueError where the model takes the shape of the picture, so that there is nothing to fit."""
    how = Framing.KEEP if fit is None else check_fit(fit)
    if how is Framing.KEEP:
        return None
    try:
        ratio_of(aspect_ratio)
    except ValueError:
        raise ValueError(f"{model_name} keeps the shape of the picture: leave --fit out.") from None
    return Frame(aspect_ratio, how)


async def take_in(
    studio: Studio,
    pictures: Sequence[tuple[InputRole, Path]],
    frame: Frame | None,
    *,
    continued: Generation | None,
    source: Generation | None,
) -> list[MediaInput]:
    """ValueError with a sentence for what is none, StorageError where it cannot be kept."""
    files = studio.client.files
    taken = []
    if continued is not None and continued.video_path is not None:
        path, role = continued.video_path, InputRole.FIRST_FRAME
        if continued.kind is GenerationKind.VIDEO:
            taken.append(
                await asyncio.to_thread(
                    take_in_frame, files, path, role, at="last", made_by=continued, frame=frame
                )
            )
        else:
            # a picture is its own last one
            taken.append(await asyncio.to_thread(take_in_picture, files, path, role, frame))
    for role, path in pictures:
        shape = frame if role in _FRAMES else None
        taken.append(await asyncio.to_thread(take_in_picture, files, path, role, shape))
    if source is not None and source.video_path is not None:
        path = source.video_path
        taken.append(await asyncio.to_thread(take_in_clip, files, path, InputRole.SOURCE, source))
    return taken


def shape_hints(fit: str | None, config: VideoConfig) -> list[str]:
    """A sentence for each frame of another shape than the clip, where nothing was said about it."""
    if fit is not None:
        return []
    return [
        f"{item.name} is {shape_words(item.width_px, item.height_px)}, the clip "
        f"{config.aspect_ratio}: add --fit crop or --fit pad, or the service decides what is seen."
        for item in config.inputs
        if item.role in _FRAMES
        and item.width_px is not None
        and item.height_px is not None
        and has_other_shape(item.width_px, item.height_px, config.aspect_ratio)
    ]
