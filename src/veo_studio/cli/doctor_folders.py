"""`doctor` on the folders: what can be written, who else can read, and who works there.

Looks only: no folder is made, no mode is changed, and the lock of the scheduler is not tried,
because even a moment of it could turn away a window that starts just then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from veo_studio.cli.doctor_check import Check
from veo_studio.cli.words import size_words
from veo_studio.core.paths import HOME_VARIABLE, Paths

_LOW_BYTES = 1_000_000_000
_TOO_LOW_BYTES = 50_000_000
_LOCKS = Path("/proc/locks")


def folder_checks(paths: Paths) -> Iterator[Check]:
    """Every folder, then who else reaches the private ones."""
    if os.environ.get(HOME_VARIABLE):
        yield Check("home", "ok", f"{HOME_VARIABLE} is set: all is kept in {paths.data.parent}.")
    for name, folder in paths.folders().items():
        yield _folder(f"folder {name}", folder)
    if os.name == "posix":
        yield _modes(paths)


def _folder(name: str, folder: Path) -> Check:
    place = folder
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return Check(
            name, "fail", f"{folder} cannot be used: {place} is a file.", "Move that file away."
        )
    if not os.access(place, os.W_OK | os.X_OK):
        return Check(
            name, "fail", f"Nothing can be saved in {folder}.",
            "Give yourself the right to write there, or choose another folder.",
        )  # fmt: skip
    free = shutil.disk_usage(place).free
    if place == folder:
        message = f"Files can be saved in {folder}; {size_words(free)} free."
    else:
        message = f"{folder} does not exist yet, the first start makes it; {size_words(free)} free."
    if free < _TOO_LOW_BYTES:
        return Check(name, "fail", message, "Free some space.")
    if free < _LOW_BYTES:
        return Check(name, "warn", message, "Free some space before long.")
    return Check(name, "ok", message)


def _modes(paths: Paths) -> Check:
    """Prompts, prices and names of operations are nobody else's; clips may be."""
    private = (paths.data, paths.config, paths.cache, paths.logs)
    if not (open_ones := [folder for folder in private if _others_may(folder)]):
        return Check("privacy", "ok", "Only you can open your library, settings, cache and logs.")
    return Check(
        "privacy",
        "warn",
        f"Other users of this computer can look into {', '.join(map(str, open_ones))}.",
        "The next start closes that, where the disk knows such rights.",
    )


def _others_may(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def scheduler_checks(lock: Path) -> Iterator[Check]:
    """Who works on this folder, where the system tells without being asked for the lock."""
    try:
        status = lock.stat()
    except FileNotFoundError:
        yield Check("scheduler", "ok", "No Veo Studio is open on this library.")
        return
    device = status.st_dev
    place = f"{os.major(device):02x}:{os.minor(device):02x}:{status.st_ino}"
    try:
        lines = [line.split() for line in _LOCKS.read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError):
        yield Check(
            "scheduler",
            "ok",
            "This system does not tell whether Veo Studio is open on this library.",
        )
        return
    for number, fields in enumerate(lines):
        if place in fields and "->" not in fields:
            process = lines[number][fields.index(place) - 1]
            yield Check(
                "scheduler", "ok", f"Veo Studio is open on this library (process {process})."
            )
            return
    yield Check("scheduler", "ok", "No Veo Studio is open on this library.")
