"""What went wrong in the worker, as it goes through a pipe, and the error that it is on the other side."""

from __future__ import annotations

import errno
from pathlib import Path

from veo_studio.core.errors import DiskFull, StorageError, StudioError
from veo_studio.core.exporting.tasks import Unreadable

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})

# a kind ("full", "storage", "input" or "damaged"), a sentence, and what can be done about it
Failure = tuple[str, tuple[str, str | None]]


def failure_of(error: BaseException, what: str, part: Path | None = None) -> Failure:
    """`what` is said of errors that have no words of their own; `part` is the file that was written."""
    if isinstance(error, StudioError):
        kind = "storage" if isinstance(error, StorageError) else "damaged"
        return "full" if isinstance(error, DiskFull) else kind, (error.message, error.action)
    reason = str(getattr(error, "strerror", "") or type(error).__name__).rstrip(".")
    is_theirs = type(error).__module__.startswith("av")
    if isinstance(error, OSError) and part is not None:
        if error.errno in _FULL:
            return "full", (f"The disk of {part.parent} is full.", None)
        if not is_theirs or not part.exists():
            return "storage", (f"{part.parent} cannot be written ({reason}).", None)
    if isinstance(error, ValueError) and not is_theirs:
        return "input", (str(error), None)
    return "damaged", (f"{what} ({reason}).", None)


def error_of(kind: str, answer: tuple[str, str | None]) -> StudioError | ValueError:
    """The error that `failure_of` told of."""
    sentence, action = answer
    if kind == "input":
        return ValueError(sentence)
    kinds: dict[str, type[StorageError]] = {"full": DiskFull, "damaged": Unreadable}
    error = kinds.get(kind, StorageError)(sentence)
    error.action = action
    return error
