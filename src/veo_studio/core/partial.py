"""A result on its way to the disk: `.<uuid>.part`, with what is needed to go on in `.part.json`.

Everything here blocks and runs in threads. The part lies in the output folder, so that it becomes the
finished file by a rename; it is private and never opened through a link.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import DiskFull, StorageError
from veo_studio.core.mp4 import SIGNATURE_BYTES

_MIB = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_KEPT_FREE_BYTES = 500 * 1000 * 1000
_SIDECAR_LIMIT_BYTES = 4096
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Partial:
    """One part file and its sidecar; made with `open`, to be closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        # a strong ETag, without which nothing is ever appended to what is there
        self.validator: str | None = None
        self.total: int | None = None
        self.head = b""
        self._sha256 = hashlib.sha256()
        # of bytes that another process has written
        self._adopted: str | None = None
        self._descriptor: int | None = None
        # A number that was closed may be another file's already: no close while a thread writes.
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Partial:
        """Open or create, and read back what can be continued. Raises StorageError."""
        partial = cls(path)
        with storage_errors(path.parent):
            partial._open()
            try:
                partial._recall()
            except BaseException:
                partial.close()
                raise
        return partial

    @property
    def sha256(self) -> str:
        """Of the bytes so far, in hex."""
        return self._adopted or self._sha256.hexdigest()

    def restart(self, validator: str | None, total: int | None) -> None:
        """Forget every byte; what follows belongs to `validator`."""
        with storage_errors(self.path.parent):
            os.ftruncate(self._open_descriptor(), 0)
            os.lseek(self._open_descriptor(), 0, os.SEEK_SET)
            self.size, self.head = 0, b""
            self._sha256, self._adopted = hashlib.sha256(), None
            self.note(validator, total)

    def note(self, validator: str | None, total: int | None) -> None:
        """Store what the bytes belong to; always before the first of them is written."""
        self.validator, self.total = validator, total
        written = {"validator": validator, "total": total, "boot": _boot_id()}
        with storage_errors(self.path.parent):
            sidecar = sidecar_of(self.path)
            with contextlib.suppress(FileNotFoundError):
                sidecar.unlink()
            descriptor = os.open(sidecar, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600)
            with open(descriptor, "w", encoding="ascii") as file:
                json.dump(written, file)

    def write(self, data: bytes) -> None:
        """Append; after an error the bytes that did arrive still count."""
        assert self._adopted is None, "another process writes here"
        with storage_errors(self.path.parent, self._missing(len(data))), self._lock:
            view = memoryview(data)
            while view:
                count = os.write(self._open_descriptor(), view)
                self._sha256.update(view[:count])
                if len(self.head) < SIGNATURE_BYTES:
                    self.head += bytes(view[: SIGNATURE_BYTES - len(self.head)])
                self.size += count
                view = view[count:]
                crash_point("K15")

    def adopt(self, size: int, sha256: str, head: bytes) -> None:
        """Another process has written up to here; nothing is appended by this one any more."""
        self.size, self._adopted, self.head = size, sha256, head

    def check_room(self, total: int | None, max_bytes: int) -> int:
        """How large the file may get, in bytes. Raises DiskFull where `total` does not fit.

        500 MB stay free for everything else, or a twentieth of a disk that is smaller than 10 GB.
        """
        with storage_errors(self.path.parent):
            usage = shutil.disk_usage(self.path.parent)
        room = self.size + usage.free - min(_KEPT_FREE_BYTES, usage.total // 20)
        if total is not None and total > room:
            raise disk_full(self.path.parent, total - room)
        return min(max_bytes, max(room, 0))

    def close(self) -> None:
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _open(self) -> None:
        flags = os.O_RDWR | _NO_FOLLOW
        with contextlib.suppress(FileNotFoundError):
            found = os.lstat(self.path)
            if _is_ours(found):
                descriptor = os.open(self.path, flags)
                # Looked at again through the descriptor: the name may have changed hands.
                if _is_ours(os.fstat(descriptor)):
                    self._descriptor = descriptor
                    return
                os.close(descriptor)
            # A link, a pipe, or a file with a second name: never written through, only unnamed.
            self.path.unlink()
        self._descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        crash_point("K14")

    def _recall(self) -> None:
        known = _read_sidecar(sidecar_of(self.path))
        validator, total = known.get("validator"), known.get("total")
        size = os.fstat(self._open_descriptor()).st_size
        # After a power cut a file can hold zeros where bytes were written but not yet on the disk.
        is_trusted = isinstance(validator, str) and known.get("boot", "") == _boot_id()
        if size == 0 or not is_trusted:
            os.ftruncate(self._open_descriptor(), 0)
            return
        self.validator = validator
        self.total = total if isinstance(total, int) else None
        while chunk := os.read(self._open_descriptor(), _MIB):
            self._sha256.update(chunk)
            self.head += chunk[: SIGNATURE_BYTES - len(self.head)]
            self.size += len(chunk)

    def _open_descriptor(self) -> int:
        assert self._descriptor is not None, "used after close"
        return self._descriptor

    def _missing(self, at_least: int) -> int:
        return max(at_least, (self.total or 0) - self.size)


def sidecar_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


@contextlib.contextmanager
def storage_errors(folder: Path, needed_bytes: int | None = None) -> Iterator[None]:
    """Turns an OSError into StorageError, or DiskFull with `needed_bytes`; names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder, needed_bytes) from error
        reason = (error.strerror or type(error).__name__).rstrip(".")
        raise StorageError(f"The folder {folder} cannot be used ({reason}).") from error


def disk_full(folder: Path, needed_bytes: int | None) -> DiskFull:
    if needed_bytes is None:
        return DiskFull(f"The disk of {folder} is full.")
    megabytes = max(1, -(-needed_bytes // 1_000_000))
    return DiskFull(
        f"The disk of {folder} is full: {megabytes} MB more are needed.", needed_bytes=needed_bytes
    )


def _is_ours(found: os.stat_result) -> bool:
    """A plain file of one name that belongs to us (Windows tells no owner)."""
    owner = getattr(os, "geteuid", lambda: found.st_uid)()
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == owner


def _read_sidecar(path: Path) -> dict[str, Any]:
    """What is known about a part; anything odd means that nothing is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            found = json.loads(file.read(_SIDECAR_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _boot_id() -> str:
    """Changes with every start of the computer; "" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
