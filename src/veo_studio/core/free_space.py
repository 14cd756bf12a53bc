"""Where the space went: clips that are gone, files without a row, the largest ones, and what can be made again.

Looking changes nothing. Only files of ours are ever named: with the name that we give and a recipe that tells
their size, in a folder that clips were asked for into, not a link, not of running work. The moving and removing
is asked for one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from veo_studio.core import recipe as recipes
from veo_studio.core.partial import storage_errors
from veo_studio.core.paths import Paths
from veo_studio.core.recipe_files import SUFFIX, recipe_path
from veo_studio.core.store.free_space import FileRows, Known, KnownFile

MOST_LARGEST = 100
# as `file_names` makes them: a time, then words; "20250105_143025.jpg" is a phone's
_ENDS = ("mp4", "png", "jpg", "webp")
_OURS = re.compile(
    r"\d{8}_\d{6}_(?=[^_.]*[A-Za-z])[A-Za-z0-9_\-]{1,90}\.(?P<end>mp4|png|jpg|webp|json)"
)
_INPUT = re.compile(r"(?P<digest>[0-9a-f]{64})\.[a-z0-9]{2,5}")
# as `posters` makes them, and what one that died left half done
_POSTER = re.compile(r"\.?[0-9a-f-]{1,36}(\.strip)?\.jpg(\.\d+\.tmp)?")
_DIGEST = re.compile(rb"[0-9a-f]{64}")
# what is so young may be somebody's who works right now
_YOUNG_S = 600.0
_YOUNG_INPUT_S = 24 * 3600.0
_TELL_EVERY = 250
_MOST_TEXT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Stray:
    """A file of ours that no row names; `recipe` lies beside it and goes with it.

    `generation` is the uuid that its recipe tells.
    """

    path: Path
    size_bytes: int
    recipe: Path | None = None
    generation: str | None = None


@dataclass(frozen=True)
class Taken:
    """What a part of the program takes; `removable` are files that nothing needs."""

    name: str
    size_bytes: int
    count: int
    removable: tuple[Path, ...] = ()
    removable_bytes: int = 0


@dataclass(frozen=True)
class Space:
    """One look at everything; sizes in bytes."""

    gone: tuple[KnownFile, ...]
    strays: tuple[Stray, ...]
    largest: tuple[KnownFile, ...]
    takes: tuple[Taken, ...]
    clips_bytes: int
    clips_count: int

    def taken(self, name: str) -> Taken:
        return next(one for one in self.takes if one.name == name)


class Stopped(Exception):
    """Nobody waits for the answer any more."""


Tell = Callable[[int, int], None]


class FreeSpace:
    """`outputs` is where clips go now; `paths.outputs` may be another folder."""

    def __init__(
        self,
        rows: FileRows,
        paths: Paths,
        outputs: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows = rows
        self._paths = paths
        self._outputs = outputs
        self._now = now

    async def look(self, tell: Tell = lambda _done, _count: None) -> Space:
        """`tell` gets how many of how many rows were looked at, in a thread. Can be cancelled."""
        known = await self._rows.known(self._now())
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(None, self._look, known, tell, stop)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            # the thread stops within a few files, and nobody is told that it did
            work.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    async def still_strays(self, wanted: Sequence[Stray]) -> list[Stray]:
        """Of these, what still belongs to no row; asked for directly before they are moved or deleted."""
        known = await self._rows.known(self._now())

        def ask() -> list[Stray]:
            owners = _Owners(known)
            return [one for one in wanted if not owners.have(one)]

        return await asyncio.to_thread(ask)

    async def clear_caches(self) -> int:
        """Posters and strips are made again when they are looked at. The bytes that became free."""
        return await asyncio.to_thread(self._clear_caches)

    async def remove_inputs(self, wanted: Sequence[Path]) -> int:
        """Of these, what still nobody uses. The bytes that became free. Raises StorageError."""
        in_use = await self._rows.inputs_in_use(self._now())
        return await asyncio.to_thread(self._remove_inputs, wanted, in_use)

    def _look(self, known: Known, tell: Tell, stop: threading.Event) -> Space:
        there, gone = [], []
        count = len(known.files)
        for number, one in enumerate(known.files):
            if number % _TELL_EVERY == 0:
                if stop.is_set():
                    raise Stopped
                tell(number, count)
                # whoever paints goes first
                time.sleep(0)
            size = _size(one.path)
            if size is None:
                gone.append(one)
            else:
                there.append(replace(one, size_bytes=size))
        tell(count, count)
        return Space(
            gone=tuple(gone),
            strays=tuple(self._strays(known, stop)),
            largest=tuple(heapq.nlargest(MOST_LARGEST, there, key=lambda one: one.size_bytes)),
            takes=tuple(self._takes(known.inputs, stop)),
            clips_bytes=sum(one.size_bytes for one in there),
            clips_count=len(there),
        )

    # files without a row

    def _strays(self, known: Known, stop: threading.Event) -> Iterator[Stray]:
        owners = _Owners(known)
        folders = (*known.folders, self._outputs, self._paths.outputs)
        for folder in sorted({Path(os.path.realpath(one)) for one in folders}):
            if stop.is_set():
                raise Stopped
            yield from _strays_in(folder, owners, stop)

    # what the program itself keeps

    def _takes(self, in_use: frozenset[str], stop: threading.Event) -> Iterator[Taken]:
        paths = self._paths
        posters = tuple(_posters_in(paths.thumbnails))
        size = sum(found.st_size for _, found in posters)
        yield Taken("caches", size, len(posters), tuple(path for path, _ in posters), size)
        inputs = list(_inputs_in(paths.inputs))
        unused = [one for one in inputs if not self._is_in_use(one, in_use | self._told())]
        yield Taken(
            "inputs",
            sum(found.st_size for _, found in inputs),
            len(inputs),
            tuple(path for path, _ in unused),
            sum(found.st_size for _, found in unused),
        )
        for name, folder in (
            ("backups", paths.backups),
            ("rehearsal", paths.rehearsal),
            ("logs", paths.logs),
        ):
            found_there = tuple(_below(folder, stop))
            yield Taken(name, sum(found.st_size for _, found in found_there), len(found_there))
        size = sum(
            _size(paths.database.with_name(paths.database.name + end)) or 0
            for end in ("", "-wal", "-shm")
        )
        yield Taken("library", size, 1)

    def _is_in_use(self, one: tuple[Path, os.stat_result], in_use: frozenset[str]) -> bool:
        path, found = one
        return path.stem in in_use or time.time() - found.st_mtime < _YOUNG_INPUT_S

    def _told(self) -> frozenset[str]:
        """Digests that the form, presets and whatever else is remembered still name."""
        found: set[str] = set()
        with contextlib.suppress(OSError):
            for file in self._paths.config.iterdir():
                with contextlib.suppress(OSError):
                    if file.is_file() and file.stat().st_size <= _MOST_TEXT_BYTES:
                        found.update(one.decode() for one in _DIGEST.findall(file.read_bytes()))
        return frozenset(found)

    def _clear_caches(self) -> int:
        freed = 0
        for path, found in list(_posters_in(self._paths.thumbnails)):
            with contextlib.suppress(OSError):
                path.unlink()
                freed += found.st_size
        return freed

    def _remove_inputs(self, wanted: Iterable[Path], in_use: frozenset[str]) -> int:
        known = dict(_inputs_in(self._paths.inputs))
        still_told = in_use | self._told()
        freed = 0
        for path in wanted:
            found = known.get(path)
            if found is None or self._is_in_use((path, found), still_told):
                continue
            with storage_errors(path.parent), contextlib.suppress(FileNotFoundError):
                path.unlink()
                freed += found.st_size
        return freed


def _strays_in(folder: Path, owners: _Owners, stop: threading.Event) -> Iterator[Stray]:
    """A name is not enough: a file that was exported there may have the same."""
    files = {name: found for name, found in _plain_files(folder) if _OURS.fullmatch(name)}
    clip_names = {name for name in files if not name.endswith(SUFFIX)}
    stems = {os.path.splitext(name)[0] for name in clip_names}
    for number, (name, found) in enumerate(sorted(files.items())):
        if number % _TELL_EVERY == 0 and stop.is_set():
            raise Stopped
        path = folder / name
        if owners.name(path) or time.time() - found.st_mtime < _YOUNG_S:
            continue
        stray = None
        if name in clip_names:
            beside = recipe_path(path)
            told = _recipe(beside) if beside.name in files else None
            if told is not None and told.size_bytes == found.st_size:
                stray = Stray(path, found.st_size, beside, told.generation)
        elif name.removesuffix(SUFFIX) not in stems and (told := _recipe(path)) is not None:
            stray = Stray(path, found.st_size, None, told.generation)
        if stray is not None and not owners.have(stray):
            yield stray


class _Owners:
    """Which files belong to rows: those that they name, and those that rows whose file is gone look for."""

    def __init__(self, known: Known) -> None:
        self._real = _Real()
        self._named = {self._real.place(one.path) for one in known.files}
        self._named |= {self._real.place(path) for path in known.reserved}
        self._by_name: dict[str, list[KnownFile]] = {}
        for one in known.files:
            self._by_name.setdefault(one.path.name, []).append(one)
        self._by_uuid = {one.uuid: one for one in known.files}

    def name(self, path: Path) -> bool:
        """True for the clip of a row, and for the recipe of one."""
        place = self._real.place(path)
        if path.suffix == SUFFIX:
            return any(place.with_suffix(f".{end}") in self._named for end in _ENDS)
        return place in self._named

    def have(self, stray: Stray) -> bool:
        if self.name(stray.path):
            return True
        rows = [
            one
            for one in self._by_name.get(stray.path.name, ())
            if one.size_bytes in (0, stray.size_bytes)
        ]
        if stray.generation in self._by_uuid:
            rows.append(self._by_uuid[stray.generation])
        return any(_size(one.path) is None for one in rows)


class _Real:
    """Paths with their folder's links followed, so that two ways to one file are one."""

    def __init__(self) -> None:
        self._folders: dict[Path, Path] = {}

    def folder(self, folder: Path) -> Path:
        if folder not in self._folders:
            self._folders[folder] = Path(os.path.realpath(folder))
        return self._folders[folder]

    def place(self, path: Path) -> Path:
        return self.folder(path.parent) / path.name


def _size(path: Path) -> int | None:
    """None where there is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _plain_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """No links, no folders, no files with a second name."""
    try:
        with os.scandir(folder) as found:
            for one in found:
                with contextlib.suppress(OSError):
                    is_plain = one.is_file(follow_symlinks=False)
                    # Windows tells the number of names only when it is asked for anew
                    facts = one.stat(follow_symlinks=False)
                    if is_plain and facts.st_nlink <= 1:
                        yield one.name, facts
    except OSError:
        return  # a folder that is not there now has nothing to free


def _below(folder: Path, stop: threading.Event) -> Iterator[tuple[Path, os.stat_result]]:
    for place, folders, _ in os.walk(folder, followlinks=False):
        if stop.is_set():
            raise Stopped
        folders[:] = [name for name in folders if not os.path.islink(os.path.join(place, name))]
        for name, found in _plain_files(Path(place)):
            yield Path(place) / name, found


def _inputs_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for name, found in _plain_files(folder):
        if _INPUT.fullmatch(name):
            yield folder / name, found


def _posters_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Nothing else there is ours to remove: clips may have been asked for into that very folder."""
    for name, found in _plain_files(folder):
        if _POSTER.fullmatch(name):
            yield folder / name, found


def _recipe(path: Path) -> recipes.Recipe | None:
    """None for what is no recipe of ours."""
    try:
        return recipes.read(path)
    except (OSError, ValueError, RecursionError):
        return None
