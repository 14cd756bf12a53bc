"""Clips as one zip file: as they are, under their own names, whole or not at all."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from veo_studio.core.errors import StorageError
from veo_studio.core.models import Generation
from veo_studio.core.partial import storage_errors

_CHUNK_BYTES = 1024 * 1024
_TOLD_EVERY_S = 0.1
# earlier than this a zip file knows no time
_FIRST_YEAR = 1980


@dataclass(frozen=True)
class ZipProgress:
    """How far it is; `name` is the file that is being written."""

    name: str
    number: int
    count: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True)
class Zipped:
    """`missing` are the names of files that were not there any more, and are left out."""

    path: Path
    count: int
    size_bytes: int
    missing: tuple[str, ...] = ()


async def zip_clips(
    generations: Sequence[Generation],
    path: Path,
    on_progress: Callable[[ZipProgress], None] = lambda _progress: None,
) -> Zipped:
    """Write the files of these into `path`, which replaces what is there; whoever calls has asked.

    `on_progress` is called on the loop's thread, ten times a second at most. Cancelled, it leaves
    nothing behind, and what was there stays. Raises StorageError, and ValueError where there is no file.
    """
    loop = asyncio.get_running_loop()
    stop = threading.Event()

    def tell(progress: ZipProgress) -> None:
        # the loop may be closed by now
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(on_progress, progress)

    work = asyncio.ensure_future(asyncio.to_thread(_write, list(generations), path, tell, stop))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        # until the file it began is gone
        with suppress(_Stopped, StorageError, ValueError):
            await work
        raise


class _Stopped(Exception):
    """Nobody waits for it any more."""


def _write(
    generations: list[Generation],
    path: Path,
    tell: Callable[[ZipProgress], None],
    stop: threading.Event,
) -> Zipped:
    files = [one.video_path for one in generations if one.has_file and one.video_path is not None]
    found = [(file, file.stat().st_size) for file in files if file.is_file()]
    missing = tuple(file.name for file in files if not file.is_file())
    if not found:
        raise ValueError("None of these has a file that is still there.")
    part = path.with_name(f".{uuid.uuid4()}.zip.part")
    try:
        with storage_errors(path.parent):
            size = _write_part(found, part, tell, stop)
            os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return Zipped(path, len(found), size, missing)


def _write_part(
    found: list[tuple[Path, int]],
    part: Path,
    tell: Callable[[ZipProgress], None],
    stop: threading.Event,
) -> int:
    """Its size in bytes, once it is surely on the disk."""
    total, done, told_at = sum(size for _file, size in found), 0, 0.0
    taken: set[str] = set()
    with part.open("xb") as out:
        # clips are packed as well as they can be
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for number, (file, size) in enumerate(found):
                name = _free_name(file.name, taken)
                entry = zipfile.ZipInfo(name, _moment(file))
                entry.external_attr = 0o644 << 16
                entry.file_size = size
                with _opened(file) as source, archive.open(entry, "w") as target:
                    while chunk := _read(source, file):
                        target.write(chunk)
                        done += len(chunk)
                        if stop.is_set():
                            raise _Stopped
                        if time.monotonic() - told_at >= _TOLD_EVERY_S:
                            told_at = time.monotonic()
                            tell(ZipProgress(name, number + 1, len(found), done, total))
        out.flush()
        os.fsync(out.fileno())
        return os.fstat(out.fileno()).st_size


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise _unreadable(file, error) from error


def _read(source: BinaryIO, file: Path) -> bytes:
    try:
        return source.read(_CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{file.name} could not be read: {error.strerror}.",
        action="Leave it out, or look after its disk, and try again.",
    )


def _free_name(name: str, taken: set[str]) -> str:
    """Two folders may have files of one name; letters of another case are the same on some systems."""
    stem, dot, ending = name.rpartition(".")
    found, number = name, 2
    while found.casefold() in taken:
        found = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
        number += 1
    taken.add(found.casefold())
    return found


def _moment(file: Path) -> tuple[int, int, int, int, int, int]:
    """When it was written, in local time as zip files have it."""
    at = time.localtime(file.stat().st_mtime)
    if at.tm_year < _FIRST_YEAR:
        return (_FIRST_YEAR, 1, 1, 0, 0, 0)
    return (min(at.tm_year, 2107), at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec)
