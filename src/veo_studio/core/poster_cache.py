"""The folder of small pictures: bounded, the least recently used ones go first. All of it blocks.

When a picture was last used is its own access time, set by us: file systems are told not to keep it.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

MOST_BYTES = 1024**3
# room is made for a while, not for one picture
_KEPT = 0.9
# often enough to tell weeks apart
_USE_COUNTS_FOR_S = 6 * 3600
# a file that is still being written is seconds old
_HALF_DONE_S = 600
# so many in one go; whoever waits for a picture does not wait for all of them
_MOST_REMOVED = 5000


def is_due_for_use(facts: os.stat_result) -> bool:
    """True where its last use was noted so long ago that it should be noted again."""
    return abs(time.time() - facts.st_atime) > _USE_COUNTS_FOR_S


def note_use(picture: Path, facts: os.stat_result) -> None:
    with contextlib.suppress(OSError):
        os.utime(picture, ns=(time.time_ns(), facts.st_mtime_ns))


def note_made(picture: Path, source: Path) -> None:
    """It is as new as the file it was made from, also where that one's clock is ahead of ours."""
    with contextlib.suppress(OSError):
        now = time.time_ns()
        os.utime(picture, ns=(now, max(now, source.stat().st_mtime_ns)))


def tidy(folder: Path, most_bytes: int = MOST_BYTES) -> None:
    """Remove what an earlier process left half done, and above the limit the longest unused."""
    pictures: list[tuple[float, int, str]] = []
    total = 0
    now = time.time()
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                if entry.name.endswith(".tmp"):
                    if now - facts.st_mtime > _HALF_DONE_S:
                        os.unlink(entry.path)
                elif entry.name.endswith(".jpg"):
                    pictures.append((facts.st_atime, facts.st_size, entry.path))
                    total += facts.st_size
    if total <= most_bytes:
        return
    for _used_at, size_bytes, path in sorted(pictures)[:_MOST_REMOVED]:
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= size_bytes
        if total <= most_bytes * _KEPT:
            return
