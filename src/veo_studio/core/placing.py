"""How a downloaded part becomes a finished file: durably, under a free name, never over another file.

Everything here blocks and runs in threads.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import StorageError
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import sidecar_of, storage_errors

_COPY_BYTES = 1024 * 1024
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
)


# Where each output folder really is, as it was found at its first use. One that turns into a link
# while the program runs may lead anywhere, and nothing is written there (reliability: C15).
_places: dict[Path, Path] = {}


def prepare_folder(folder: Path) -> Path:
    """Make `folder` if it is missing; raises StorageError where nothing can be written into it."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _places.setdefault(folder, folder.resolve())
    check_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"The folder {folder} cannot be written.")
    return folder


def check_folder(folder: Path) -> None:
    """Raises StorageError where `folder` has come to lead to another place than at its first use."""
    with storage_errors(folder):
        if _places.get(folder) not in (None, folder.resolve()):
            raise StorageError(
                f"The folder {folder} now leads to another place; nothing is written there.",
                action="Put the folder back, or start the program again if this is meant.",
            )


def finish(part: Path, target: Path, sha256: str | None = None) -> Path:
    """Make `part` the finished file `target`, durably and without overwriting anything. Blocks.

    Can be repeated with the same arguments after a crash at any point: a target that is this part
    counts as done, or one with its `sha256` where there is no part any more. Raises NameTaken for any
    other file there (two clips of one second can be equal byte for byte), StorageError.
    """
    check_folder(target.parent)
    with storage_errors(part.parent):
        if not os.path.lexists(part):
            if sha256 is not None and target.is_file() and sha256_of(target) == sha256:
                discard(part)
                return target
            raise StorageError(f"The downloaded file is gone from {part.parent}.")
        if os.path.lexists(target):
            if target.is_symlink() or not os.path.samefile(part, target):
                raise _taken(target)
        else:
            crash_point("K16")
            _sync_part(part)
            crash_point("K17")
            _place(part, target)
        try:
            sync_folder(target.parent)
        except OSError:
            # Not surely on the disk, so not finished: the next try starts from the part.
            if os.path.lexists(part):
                target.unlink()
            raise
        discard(part)
        sync_folder(target.parent)
    return target


def discard(part: Path) -> None:
    """Remove a part and what is known about it; nothing happens if there is none."""
    for path in (part, sidecar_of(part)):
        with contextlib.suppress(OSError):
            path.unlink()


def delete_for_good(path: Path) -> int:
    """Remove one plain file; its bytes. Raises StorageError. Whoever calls has asked the user."""
    found = os.lstat(path) if os.path.lexists(path) else None
    if found is None:
        return 0
    if not stat.S_ISREG(found.st_mode):
        raise StorageError(f"{path.name} is not a plain file; it stays.")
    with storage_errors(path.parent):
        path.unlink()
    return found.st_size


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex. Blocks. Raises StorageError."""
    with storage_errors(path.parent), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut; where folders cannot be synced, nothing can be done."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _sync_part(part: Path) -> None:
    # a descriptor that may only read cannot be synced everywhere
    descriptor = os.open(
        part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        os.fsync(descriptor)
    except OSError:
        # A second fsync would report success although the pages were dropped: fetch it anew.
        discard(part)
        raise
    finally:
        os.close(descriptor)


def _place(part: Path, target: Path) -> None:
    """Give `part` its name. A link fails where a rename would overwrite."""
    try:
        os.link(part, target, follow_symlinks=False)
        return
    except FileExistsError:
        raise _taken(target) from None
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    # A file system without links: an empty file of ours claims the name first.
    try:
        claim = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _taken(target) from None
    try:
        os.close(claim)
        try:
            os.replace(part, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with part.open("rb") as source, target.open("r+b") as copy:
                shutil.copyfileobj(source, copy, _COPY_BYTES)
                copy.flush()
                os.fsync(copy.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink()
        raise


def _taken(target: Path) -> NameTaken:
    return NameTaken(f"There is another file named {target.name} in {target.parent}.")
