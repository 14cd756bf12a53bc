"""Everything about one clip or picture: what is stored, and what its file says."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.media import MediaFacts, probe
from veo_studio.core.models import Generation
from veo_studio.core.picture_file import is_picture_name
from veo_studio.core.provenance import Provenance, provenance_of
from veo_studio.core.recipe_files import own_recipe
from veo_studio.core.store import details
from veo_studio.core.store.database import Database
from veo_studio.core.store.details import StoredDetails as StoredDetails
from veo_studio.core.store.details import Sum as Sum


@dataclass(frozen=True)
class FileFacts:
    """What a file is now. `problem` is a sentence where it is gone or cannot be read.

    `media` is None for a picture and where it cannot be read; `recipe` lies beside the file.
    """

    path: Path
    is_there: bool = True
    size_bytes: int | None = None
    media: MediaFacts | None = None
    provenance: Provenance = field(default_factory=Provenance)
    recipe: Path | None = None
    problem: str = ""


class ClipDetails:
    """Reads only; whoever asks shows it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stored(self, generation_id: int) -> StoredDetails:
        """Raises LookupError where there is no such generation."""
        return await self._database.read(lambda c: details.read(c, generation_id))

    async def sum_of(self, ids: Collection[int]) -> Sum:
        return await self._database.read_apart(lambda c: details.sum_of(c, ids))

    async def file_facts(self, generation: Generation) -> FileFacts | None:
        """Of its file, read in a thread; None where it never had one."""
        if generation.video_path is None:
            return None
        return await asyncio.to_thread(_file_facts, generation, generation.video_path)


def _file_facts(generation: Generation, path: Path) -> FileFacts:
    try:
        size = path.stat().st_size
    except OSError as error:
        words = f"{path.name} is not there ({error.strerror})."
        return FileFacts(path, is_there=False, problem=words)
    media, problem = None, ""
    try:
        provenance = provenance_of(path)
        if not is_picture_name(path):
            media = probe(path)
    except (StorageError, DownloadError) as error:
        provenance, problem = Provenance(), error.message
    return FileFacts(
        path=path,
        size_bytes=size,
        media=media,
        provenance=provenance,
        recipe=own_recipe(generation),
        problem=problem,
    )
