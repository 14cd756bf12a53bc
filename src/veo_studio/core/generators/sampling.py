"""The further clips of a submit that made several: each fetched, placed and stored before the first is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from veo_studio.core import download, media
from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import Generation, ResultRef

Fetch = Callable[[ResultRef, Path], Awaitable[download.Fetched]]


async def fetch_samples(tools: RunTools, first: Generation, folder: Path, fetch: Fetch) -> None:
    """Do it for every one that is not stored yet; raises what `fetch` raises, StorageError."""
    assert first.result is not None, "the first clip was fetched from it"
    for number, uri in enumerate(first.result.more, 2):
        if await tools.repository.sample(first, number) is not None:
            continue
        part = tools.part_of(first)
        part = part.with_name(f"{part.stem}-{number}{part.suffix}")
        fetched = await fetch(ResultRef(uri, first.result.mime_type), part)
        target = await _place(tools, first, folder, fetched, number)
        facts = await asyncio.to_thread(_facts, target)
        facts |= {"sha256": fetched.sha256, "size_bytes": fetched.size_bytes}
        stored = await tools.repository.add_sample(first, number, target, facts)
        tools.events.emit(GenerationEvent(EventKind.ADDED, stored))


async def _place(
    tools: RunTools, first: Generation, folder: Path, fetched: download.Fetched, number: int
) -> Path:
    """Beside the first one, under its name with a number; after a crash the file that is there already."""
    name = Path(download.file_name(first.prompt, first.created_at))
    target = folder / f"{name.stem}_{number}{name.suffix}"
    while True:
        try:
            return await asyncio.to_thread(download.finish, fetched.path, target, fetched.sha256)
        except download.NameTaken:
            if await _is_left_over(tools, first, target, fetched.sha256):
                await asyncio.to_thread(download.discard, fetched.path)
                return target
            target = await asyncio.to_thread(download.reserve_name, folder, target.name)


async def _is_left_over(tools: RunTools, first: Generation, target: Path, sha256: str) -> bool:
    """True where the program died between placing this very clip and storing it."""
    if await tools.repository.has_file_of_another(first.id, target):
        return False
    try:
        return await asyncio.to_thread(download.sha256_of, target) == sha256
    except StorageError:
        return False


def _facts(path: Path) -> dict[str, object]:
    try:
        facts = media.probe(path)
    except StudioError:
        return {"error": "The file may be damaged: it cannot be read as a clip."}
    return {
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "length_s": facts.duration_s,
        "has_audio": facts.has_audio,
    }
