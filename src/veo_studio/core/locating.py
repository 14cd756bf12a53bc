"""Finding the files of clips that were moved, and forgetting those that are gone for good.

A clip is its bytes: the same SHA-256 is the same clip under any name. Another file is taken only
where the user says so.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.generators.arriving import facts_of
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.picture_file import PICTURE_EXTENSIONS, is_picture_name
from veo_studio.core.placing import sha256_of
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.repositories import GenerationRepository

_BLOCK = 1000
# a folder of that many files is somebody's whole disk
_MOST_FILES = 500_000
CLIP_EXTENSIONS = ("mp4", "webm", "mov", "mkv", "m4v")

# of Linux and of Windows; that of macOS is hidden
_THROWN_AWAY = frozenset({"trash", "$recycle.bin", "recycler"})

# how many files were looked at, how many were found
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Candidate:
    """A file that may be a clip's; `facts` are the columns that describe it."""

    path: Path
    facts: dict[str, Any]
    # the very bytes that were made; False where they are others, or nobody knows what they were
    is_same: bool


@dataclass(frozen=True)
class Searched:
    """What a search in a folder came to; `is_whole` is False where there were too many files."""

    found: tuple[tuple[Generation, Candidate], ...]
    files: int
    is_whole: bool = True


class PictureCache(Protocol):
    """What is asked of the thumbnails."""

    def drop(self, uuid: str) -> None: ...


class Locator:
    """One per studio; `emit` tells every view what changed. `apart` are folders of the program's own."""

    def __init__(
        self,
        library: LibraryRepository,
        generations: GenerationRepository,
        pictures: PictureCache,
        emit: Callable[[GenerationEvent], None],
        apart: Sequence[Path] = (),
    ) -> None:
        self._library = library
        self._generations = generations
        self._pictures = pictures
        self._emit = emit
        self._apart = apart

    async def examine(self, generation: Generation, path: Path) -> Candidate:
        """Read a file that the user takes for the clip's; nothing is changed.

        Raises ValueError with a sentence for what cannot be it, StorageError where it cannot be read.
        """
        # one file has one path, whatever way led to it
        path = Path(await asyncio.to_thread(os.path.realpath, path))
        if is_picture_name(path) is not generation.is_picture:
            raise ValueError(
                f"{path.name} is no picture."
                if generation.is_picture
                else f"{path.name} is no clip."
            )
        if await self._generations.has_file_of_another(generation.id, path):
            raise ValueError(f"{path.name} belongs to another clip of your library.")
        candidate = await asyncio.to_thread(_examined, generation, path)
        if problem := candidate.facts.get("error"):
            raise ValueError(f"{path.name} cannot be used. {problem}")
        return candidate

    async def take(self, generation: Generation, candidate: Candidate) -> Generation:
        """The clip lies there from now on."""
        stored = await self._library.relocate(generation.id, candidate.path, candidate.facts)
        self._pictures.drop(generation.uuid)
        self._emit(GenerationEvent(EventKind.UPDATED, stored))
        return stored

    async def put_back(self, before: Sequence[Generation]) -> None:
        """Undo `take`: everything about these files is as it was."""
        for one in before:
            assert one.video_path is not None
            stored = await self._library.relocate(one.id, one.video_path, _facts_of_row(one))
            self._pictures.drop(one.uuid)
            self._emit(GenerationEvent(EventKind.UPDATED, stored))

    async def missing(self) -> list[Generation]:
        """All clips whose file is not where it should be."""
        query = LibraryQuery(states=frozenset({GenerationState.COMPLETED}))
        ids = await self._library.ids(query)
        gone: list[Generation] = []
        for start in range(0, len(ids), _BLOCK):
            block = await self._library.by_ids(ids[start : start + _BLOCK])
            gone += await asyncio.to_thread(_without_file, block)
        return gone

    async def search(
        self, folder: Path, wanted: Sequence[Generation], report: Report = lambda *_: None
    ) -> Searched:
        """Look for the files of these in a folder and below it; nothing is changed.

        What is thrown away, hidden or the program's own is passed over, unless it is that very folder.
        By their size first, then by their bytes; where nobody knows the bytes, by name and size.
        `report` is called in a thread. Raises StorageError where the folder cannot be read.
        """
        asked = _Stop()
        try:
            searched = await asyncio.to_thread(
                _searched, folder, wanted, report, asked, self._apart
            )
        finally:
            # a caller that is cancelled ends the thread, too
            asked.is_set = True
        free: list[tuple[Generation, Candidate]] = []
        for generation, candidate in searched.found:
            if not await self._generations.has_file_of_another(generation.id, candidate.path):
                free.append((generation, candidate))
        return Searched(tuple(free), searched.files, searched.is_whole)

    async def forget(self, generations: Sequence[Generation]) -> list[Generation]:
        """Leave rows out of every list; money and history stay, and so does any file. Those it was done to."""
        done = []
        for generation in generations:
            if generation.state.is_terminal:
                await self._generations.forget(generation.id)
                self._emit(GenerationEvent(EventKind.REMOVED, generation))
                done.append(generation)
        return done

    async def remember(self, generations: Sequence[Generation]) -> None:
        """Undo `forget`."""
        for generation in generations:
            stored = await self._generations.remember(generation.id)
            self._emit(GenerationEvent(EventKind.ADDED, stored))


class _Stop:
    is_set = False


def _examined(generation: Generation, path: Path) -> Candidate:
    try:
        size_bytes = path.stat().st_size
        digest = sha256_of(path)
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    is_same = generation.sha256 is not None and digest == generation.sha256
    if is_same:
        # what was stored about it is still true, damaged or not
        facts = _facts_of_row(generation)
        return Candidate(path, {**facts, "size_bytes": size_bytes, "sha256": digest}, True)
    facts = {"length_s": None, "has_audio": None, **facts_of(path)}
    return Candidate(path, {**facts, "size_bytes": size_bytes, "sha256": digest}, False)


def _facts_of_row(generation: Generation) -> dict[str, Any]:
    return {
        "size_bytes": generation.size_bytes,
        "sha256": generation.sha256,
        "width_px": generation.width_px,
        "height_px": generation.height_px,
        "length_s": generation.length_s,
        "has_audio": generation.has_audio,
    }


def _without_file(generations: Sequence[Generation]) -> list[Generation]:
    return [
        one for one in generations if one.video_path is not None and not _is_there(one.video_path)
    ]


def _is_there(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _searched(
    folder: Path,
    wanted: Sequence[Generation],
    report: Report,
    stop: _Stop,
    apart: Sequence[Path],
) -> Searched:
    by_size: dict[int, list[Generation]] = {}
    for one in wanted:
        if one.size_bytes is not None:
            by_size.setdefault(one.size_bytes, []).append(one)
    found: list[tuple[Generation, Candidate]] = []
    taken: set[Path] = set()
    files = 0
    for path, size_bytes in _files(folder, apart):
        files += 1
        if stop.is_set or files > _MOST_FILES:
            return Searched(tuple(found), files, is_whole=False)
        if files % _BLOCK == 0:
            report(files, len(found))
        among = by_size.get(size_bytes)
        if not among:
            continue
        real = Path(os.path.realpath(path))
        match = _match(among, real) if real not in taken else None
        if match is not None:
            among.remove(match[0])
            taken.add(real)
            found.append(match)
            report(files, len(found))
    return Searched(tuple(found), files)


def _match(among: Sequence[Generation], path: Path) -> tuple[Generation, Candidate] | None:
    # of two equal clips each takes the file that has its name
    ordered = sorted(
        among, key=lambda one: one.video_path is None or one.video_path.name != path.name
    )
    digest = None
    for one in ordered:
        has_name = one.video_path is not None and one.video_path.name == path.name
        if one.sha256 is None and not has_name:
            continue
        if digest is None:
            try:
                digest = sha256_of(path)
            except OSError:
                return None
        if one.sha256 in (None, digest):
            facts = {**_facts_of_row(one), "sha256": digest}
            return one, Candidate(path, facts, one.sha256 == digest)
    return None


def _files(folder: Path, apart: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Clips and pictures below a folder with their sizes; links to folders are not followed."""
    endings = tuple(f".{one}" for one in (*CLIP_EXTENSIONS, *PICTURE_EXTENSIONS))
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise StorageError(f"{folder.name} cannot be read ({error.strerror}).") from error
    passed = {os.path.realpath(one) for one in apart}
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name.casefold() not in _THROWN_AWAY
            and os.path.realpath(os.path.join(here, name)) not in passed
        )
        for name in sorted(names):
            if not name.lower().endswith(endings) or name.startswith("."):
                continue
            path = Path(here, name)
            try:
                facts = path.stat()
            except OSError:
                continue
            if stat.S_ISREG(facts.st_mode):
                yield path, facts.st_size
