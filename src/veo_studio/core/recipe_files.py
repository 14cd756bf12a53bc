"""Recipes on the disk: one beside each clip, under its name. Everything here that is no coroutine blocks.

A clip and a picture can share a name but for its ending: the second one's recipe keeps that ending.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from veo_studio.core import recipe as recipes
from veo_studio.core.embedding import embedded_recipe
from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.file_names import NameTaken
from veo_studio.core.models import Generation, GenerationKind
from veo_studio.core.partial import storage_errors
from veo_studio.core.picture_file import is_picture_name
from veo_studio.core.placing import check_folder, discard, finish, sha256_of
from veo_studio.core.recipe import Recipe

_log = logging.getLogger(__name__)
SUFFIX = ".json"

Find = Callable[[str], Awaitable[Generation | None]]


def recipe_path(clip: Path) -> Path:
    """Where the recipe of a clip lies, if there is one and that name was free."""
    return clip.with_suffix(SUFFIX)


def _places(clip: Path) -> tuple[Path, Path]:
    """Where it may lie, the usual one first."""
    return recipe_path(clip), clip.with_name(f"{clip.name}{SUFFIX}")


def own_recipe(generation: Generation) -> Path | None:
    """The recipe of this very generation beside its clip; None for any other file there."""
    if generation.video_path is None:
        return None
    for path in _places(generation.video_path):
        if path.is_symlink() or not path.is_file():
            continue
        with suppress(ValueError):
            if recipes.read(path).generation == generation.uuid:
                return path
    return None


def write_beside(generation: Generation) -> Path:
    """Write the recipe of a clip that is in its place, durably.

    Raises NameTaken where files lie there that are not our recipe of this clip, StorageError, also where
    the clip is gone.
    """
    clip = generation.video_path
    assert clip is not None, "its clip is in its place"
    target = own_recipe(generation)
    is_ours = target is not None
    if target is None:
        target = next((path for path in _places(clip) if not os.path.lexists(path)), None)
    if target is None:
        raise NameTaken(f"There is another file named {recipe_path(clip).name}.")
    # a name that the next start sweeps away if the program dies here (`recovery.py`)
    part = target.with_name(f".{generation.uuid}-0.part")
    check_folder(target.parent)
    try:
        with storage_errors(target.parent):
            part.unlink(missing_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(recipes.to_text(recipes.of_generation(generation)).encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            _check_clip(clip)
            if is_ours:
                os.replace(part, target)
            else:
                finish(part, target)
        try:
            _check_clip(clip)
        except StorageError:
            discard(target)
            raise
        return target
    finally:
        discard(part)


def _check_clip(clip: Path) -> None:
    """The user may have deleted it meanwhile: nothing of it is left behind."""
    if not clip.is_file():
        raise StorageError(f"The clip {clip.name} is gone.")


async def leave_recipe(generation: Generation) -> None:
    """Beside the clip, which is whole whatever becomes of this."""
    try:
        await asyncio.to_thread(write_beside, generation)
    except (StudioError, OSError) as error:
        _log.info("no recipe of generation %d: %s", generation.id, error)


async def of_clip(clip: Path, find: Find) -> Recipe:
    """How the clip was made: from the recipe beside it, the library (`find` by digest), or the clip itself.

    One that was changed since has `is_changed`. Raises ValueError with a sentence, StorageError.
    """
    if not await asyncio.to_thread(clip.is_file):
        raise ValueError(f"There is no file {clip}.")
    there = await asyncio.to_thread(_beside, clip)
    try:
        digest = await asyncio.to_thread(sha256_of, clip)
    except StorageError as error:
        raise ValueError(f"{clip.name} cannot be opened: {error.message}") from error
    for beside in there:
        if beside.sha256 == digest:
            return beside
    if (stored := await find(digest)) is not None:
        return recipes.of_generation(stored)
    if (inside := await asyncio.to_thread(embedded_recipe, clip)) is not None:
        return inside
    for beside in there:
        # that of a clip says nothing about a picture of the same name
        is_picture = beside.request.kind is GenerationKind.IMAGE
        if beside.sha256 is not None and is_picture == is_picture_name(clip):
            return replace(beside, is_changed=True)
    raise ValueError(
        f"{clip.name} has no recipe: none lies beside it, and it was not made in this library."
    )


def _beside(clip: Path) -> list[Recipe]:
    found = []
    for path in reversed(_places(clip)):
        try:
            if path.is_file():
                found.append(recipes.read(path))
        except (OSError, ValueError) as error:
            _log.info("the recipe beside %s is not usable: %s", clip.name, error)
    return found
