"""Which unfinished files a process has on its hands, so that the next start can take them away.

Each process that exports has a note and a lock of its own in one folder of ours; the lock goes with the
process, however it ends. Everything here blocks.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import threading
import uuid
from pathlib import Path

from filelock import FileLock, Timeout

from veo_studio.core.partial import storage_errors
from veo_studio.core.placing import discard

_log = logging.getLogger(__name__)
_NAME = re.compile(r"\.veo-studio-[0-9a-f]{32}\.part")
_MOST_NOTE_BYTES = 1024 * 1024


class Parts:
    """The parts of this process; `folder` is private."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._id = uuid.uuid4().hex
        self._lock: FileLock | None = None
        self._open: set[Path] = set()
        self._guard = threading.Lock()

    def new(self, target_folder: Path) -> Path:
        """An empty file with a hidden name beside the target, noted first. Raises StorageError."""
        part = target_folder / f".veo-studio-{uuid.uuid4().hex}.part"
        with self._guard:
            self._open.add(part)
            with storage_errors(self._folder):
                self._write()
        with storage_errors(target_folder):
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        return part

    def done(self, part: Path) -> None:
        """Its file has its name by now, or is not wanted: what is left of it goes."""
        discard(part)
        with self._guard:
            self._open.discard(part)
            with contextlib.suppress(OSError):
                self._write()

    def close(self) -> None:
        with self._guard:
            if self._lock is not None:
                self._note().unlink(missing_ok=True)
                self._lock.release()
                with contextlib.suppress(OSError):
                    Path(self._lock.lock_file).unlink(missing_ok=True)
                self._lock = None

    def sweep(self) -> int:
        """Remove what processes left that are gone; how many parts that were."""
        count = 0
        with contextlib.suppress(OSError):
            for note in self._folder.glob("*.json"):
                lock = FileLock(note.with_suffix(".lock"), timeout=0)
                with contextlib.suppress(Timeout, OSError), lock:
                    for part in _noted(note):
                        if part.is_file() and not part.is_symlink():
                            discard(part)
                            count += 1
                    note.unlink(missing_ok=True)
                    Path(lock.lock_file).unlink(missing_ok=True)
        if count:
            _log.info("%d unfinished exports were removed", count)
        return count

    def _note(self) -> Path:
        return self._folder / f"{self._id}.json"

    def _write(self) -> None:
        if self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = FileLock(self._note().with_suffix(".lock"), timeout=5)
            self._lock.acquire()
        written = json.dumps([os.fsdecode(part) for part in self._open])
        fresh = self._note().with_suffix(".tmp")
        fresh.write_text(written, encoding="ascii")
        os.replace(fresh, self._note())


def _noted(note: Path) -> list[Path]:
    """Only what has the name of a part of ours: a note that was changed removes nothing else."""
    try:
        content = note.read_bytes()[:_MOST_NOTE_BYTES]
        names = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(names, list):
        return []
    paths = [Path(name) for name in names if isinstance(name, str) and "\0" not in name]
    return [path for path in paths if path.is_absolute() and _NAME.fullmatch(path.name)]
