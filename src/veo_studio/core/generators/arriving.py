"""A file that arrived whole gets its place, and is found there again after a crash."""

from __future__ import annotations

import asyncio
from pathlib import Path

from veo_studio.core import download, media
from veo_studio.core.errors import StudioError
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import Generation
from veo_studio.core.picture_file import is_picture_name, picture_size


async def put_in_place(
    tools: RunTools, generation: Generation, folder: Path, fetched: download.Fetched
) -> Path:
    """Store the name first, then make the file: after a crash the row says where to look."""
    name = download.file_name(generation.prompt, generation.created_at, fetched.extension)
    while True:
        target = await asyncio.to_thread(download.reserve_name, folder, name)
        await tools.repository.update(
            generation.id,
            target_path=str(target),
            sha256=fetched.sha256,
            size_bytes=fetched.size_bytes,
        )
        try:
            return await asyncio.to_thread(download.finish, fetched.path, target, fetched.sha256)
        except download.NameTaken:
            continue  # two clips of the same second and words: the next name is free


async def finished_before_crash(tools: RunTools, generation: Generation, part: Path) -> Path | None:
    """Where the file is in its place but the row does not say so: the program died between the two."""
    target = await tools.repository.target_path(generation.id)
    digest = generation.sha256
    if target is None or digest is None or not target.is_file():
        return None
    if await asyncio.to_thread(download.sha256_of, target) != digest:
        return None
    if await tools.repository.has_file_of_another(generation.id, target):
        return None  # equal clips have files of their own
    await asyncio.to_thread(download.discard, part)
    return target


def facts_of(path: Path) -> dict[str, object]:
    """The columns that say what a clip is, or in `error` that it may be damaged. Blocks.

    A picture has pixels, and neither length nor sound.
    """
    try:
        if is_picture_name(path):
            width_px, height_px = picture_size(path)
            return {"width_px": width_px, "height_px": height_px}
        facts = media.probe(path)
    except StudioError as error:
        return {"error": f"The file may be damaged. {error.message}"}
    return {
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "length_s": facts.duration_s,
        "has_audio": facts.has_audio,
    }
