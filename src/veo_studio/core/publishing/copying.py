"""Copies of clips into folders: durable, read back, and with a part that no other program mistakes for a file.

Work of this kind runs in a thread, is told to stop where its delivery is cancelled, and says what went
wrong in the words of a delivery.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DiskFull, StorageError
from veo_studio.core.partial import disk_full, storage_errors
from veo_studio.core.placing import discard, sha256_of, sync_folder
from veo_studio.core.publishing.base import NotTaken, OnProgress, TryAgain

Result = TypeVar("Result")

PART_PREFIX = ".veo-studio-"
_CHUNK_BYTES = 1024 * 1024
_TOLD_EVERY_S = 0.1


class Stopped(Exception):
    """Nobody waits for it any more."""


class Work:
    """What a thread needs to know of the delivery that it works for."""

    def __init__(self, tell: OnProgress) -> None:
        self._tell = tell
        self._told_at = 0.0
        self.stop = threading.Event()

    def told(self, done: int, total: int) -> None:
        """`done` bytes of `total` are there. Raises Stopped."""
        self.check()
        now = time.monotonic()
        if done >= total or now - self._told_at >= _TOLD_EVERY_S:
            self._told_at = now
            self._tell(done, total)

    def check(self) -> None:
        """Raises Stopped where nobody waits any more."""
        if self.stop.is_set():
            raise Stopped


async def in_thread(
    work: Callable[[Work], Result], on_progress: OnProgress = lambda _done, _total: None
) -> Result:
    """What `work` gives. Cancelled, it comes back when the thread has cleared up.

    Raises TryAgain and NotTaken for what StorageError says.
    """
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        # the loop may be closed by now
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(on_progress, done, total)

    context = Work(tell)
    thread = asyncio.ensure_future(asyncio.to_thread(work, context))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        context.stop.set()
        with suppress(Stopped, StorageError, TryAgain, NotTaken):
            await thread
        raise
    except StorageError as error:
        raise in_words(error) from error


def in_words(error: StorageError) -> TryAgain:
    """What a disk said, as what to do about a delivery."""
    if isinstance(error, DiskFull):
        action = "Make room on that disk, then deliver the clip again."
    else:
        action = "Look after that folder and its disk, then deliver the clip again."
    return TryAgain(error.message, ErrorKind.STORAGE, action=error.action or action)


def check_place(folder: Path) -> None:
    """Raises TryAgain where the folder is not there now, NotTaken where it cannot be written.

    It is never made: below the name of a disk that is not plugged in, it would fill another one.
    """
    with storage_errors(folder):
        is_there = os.path.lexists(folder)
    if not is_there:
        raise TryAgain(
            f"The folder {folder} is not there.",
            ErrorKind.STORAGE,
            action="Plug in its disk, or make the folder again; then deliver the clip again.",
        )
    if not folder.is_dir():
        raise NotTaken(
            f"{folder} is not a folder.",
            ErrorKind.STORAGE,
            action="Choose another folder in the target's settings.",
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise NotTaken(
            f"Nothing can be written into the folder {folder}.",
            ErrorKind.STORAGE,
            action="Change the permissions of the folder, or choose another one for this target.",
        )


def try_place(folder: Path) -> None:
    """`check_place`, and write there: a share may say less than it means. Raises StorageError too."""
    check_place(folder)
    probe = folder / f"{PART_PREFIX}{uuid.uuid4()}.part"
    try:
        with storage_errors(folder), _made(probe) as file:
            file.write(b"?")
    finally:
        discard(probe)


def copy_into(
    source: Path,
    part: Path,
    sha256: str,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Make `part` a copy that is surely on the disk. Blocks.

    It may be read by whom the system lets read new files: it is meant to be seen. Raises NotTaken for a
    source that cannot be read or has not this `sha256`, TryAgain for a disk that gives back other bytes,
    StorageError, and what `told` raises; then there is no part.
    """
    try:
        size_bytes = source.stat().st_size
    except OSError as error:
        raise _not_readable(source, error) from error
    try:
        with storage_errors(part.parent, size_bytes):
            room = shutil.disk_usage(part.parent).free
        if room < size_bytes:
            raise disk_full(part.parent, size_bytes - room)
        if _copy(source, part, size_bytes, told) != sha256:
            raise _not_readable(source)
        if sha256_of(part) != sha256:
            raise TryAgain(
                f"The disk of {part.parent} did not keep what was written.",
                ErrorKind.STORAGE,
                action="Check that disk, or choose another folder.",
            )
    except BaseException:
        discard(part)
        raise


def write_file(path: Path, part: Path, content: bytes) -> None:
    """Give `path` this content in one step; what is there is replaced. Blocks. Raises StorageError."""
    try:
        with storage_errors(path.parent, len(content)):
            with _made(part) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
            sync_folder(path.parent)
    except BaseException:
        discard(part)
        raise


def _copy(source: Path, part: Path, size_bytes: int, told: Callable[[int, int], None]) -> str:
    digest, done = hashlib.sha256(), 0
    try:
        opened = source.open("rb")
    except OSError as error:
        raise _not_readable(source, error) from error
    with opened, storage_errors(part.parent, size_bytes), _made(part) as target:
        while chunk := _read(opened, source):
            digest.update(chunk)
            try:
                target.write(chunk)
            except OSError as error:
                if error.errno == errno.EFBIG:
                    raise _too_large(part.parent) from error
                raise
            done += len(chunk)
            told(done, max(size_bytes, done))
        target.flush()
        os.fsync(target.fileno())
        _forget(target.fileno())
    return digest.hexdigest()


def _made(part: Path) -> BinaryIO:
    """A new file, never through a link that somebody put there."""
    with suppress(FileNotFoundError):
        part.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return open(os.open(part, flags, 0o666), "wb")


def _read(opened: BinaryIO, source: Path) -> bytes:
    try:
        return opened.read(_CHUNK_BYTES)
    except OSError as error:
        raise _not_readable(source, error) from error


def _forget(descriptor: int) -> None:
    """So that reading back asks the disk, not the memory."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _not_readable(file: Path, error: OSError | None = None) -> NotTaken:
    """The clip's own file is gone, or is not the one that was made."""
    reason = (
        f"cannot be read ({error.strerror})" if error else "is not what it was when it was made"
    )
    return NotTaken(
        f"The file {file.name} {reason}.",
        ErrorKind.STORAGE,
        action="Look in the Library whether the clip is still in its place, then deliver it again.",
    )


def _too_large(folder: Path) -> NotTaken:
    return NotTaken(
        f"The disk of {folder} takes no file of this size.",
        ErrorKind.STORAGE,
        action="Deliver a smaller copy, or choose a folder on another disk.",
    )
