"""Delivery into a folder: a copy under its own readable name, which lasts as long as the folder does."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.exporting.names import free_name
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import storage_errors
from veo_studio.core.placing import discard, finish, sha256_of, sync_folder
from veo_studio.core.publishing.base import (
    KindInfo,
    NotTaken,
    OnProgress,
    Options,
    TargetField,
)
from veo_studio.core.publishing.copying import (
    PART_PREFIX,
    Work,
    check_place,
    copy_into,
    in_thread,
    try_place,
)
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, Target, TargetKind

_PREFIX = f"{PART_PREFIX}copy-"
# of a part: a copy that is alive writes every few seconds
_LEFT_AFTER_S = 24 * 3600.0


def folder_problem(text: str) -> str:
    """What is wrong with the path of a folder as it is typed, or ""."""
    if not text.strip() or not Path(text).expanduser().is_absolute() or "\0" in text:
        return "Give the whole path of a folder, from its beginning."
    return ""


INFO = {
    TargetKind.FOLDER: KindInfo(
        kind=TargetKind.FOLDER,
        label="Folder",
        about="Copies clips into a folder: a disk, a share, or one that another program keeps in step.",
        fields=(
            TargetField(
                "folder",
                "Folder",
                help="It has to be there already: a disk that is not plugged in is not filled by accident.",
                asks="folder",
                check=folder_problem,
            ),
        ),
        can_remove=True,
    )
}


def make(kind: TargetKind, options: Options) -> FolderPublisher:
    """Raises NotTaken where the folder is no path."""
    return FolderPublisher(folder_of(options))


def folder_of(options: Options) -> Path:
    """Raises NotTaken where it is no path."""
    if problem := folder_problem(options["folder"]):
        raise NotTaken(problem, ErrorKind.INVALID_REQUEST, action="Choose the folder again.")
    return Path(options["folder"]).expanduser()


def absence_of(target: Target) -> str:
    """A warning where the folder of a target is not there now, else "". Looks at the disk."""
    if target.kind is not TargetKind.FOLDER:
        return ""
    folder = Path(target.options.get("folder", "")).expanduser()
    if os.path.isdir(folder):
        return ""
    return (
        f"There is no folder {folder} now: its disk may not be plugged in. "
        "Nothing is delivered there until it is."
    )


class FolderPublisher:
    """A copy that is there already, byte for byte and under its name, is the same delivery."""

    repeats_harmlessly = True
    max_bytes: int | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def check(self) -> str:
        """Raises TryAgain where the folder is not there."""
        await in_thread(lambda _work: try_place(self._folder))
        return "The folder is there and can be written."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        """It takes everything."""
        return None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        """`facts`: `path` of the file and its `sha256`."""
        path = await in_thread(lambda work: self._copy(parcel, work), on_progress)
        return Receipt(str(path), {"path": str(path), "sha256": parcel.sha256})

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        """There is none: it is a file of this computer."""
        return None

    async def remove(self, receipt: Receipt) -> None:
        """A file that was changed since stays, and is told."""
        facts = receipt.facts
        await in_thread(lambda _work: _remove(Path(facts["path"]), facts["sha256"]))

    async def close(self) -> None:
        """Nothing is held."""

    def _copy(self, parcel: Parcel, work: Work) -> Path:
        check_place(self._folder)
        _sweep(self._folder)
        # what a try before this one left has the same name
        part = self._folder / f"{_PREFIX}{parcel.delivery_uuid}.part"
        name = Path(parcel.name)
        if there := _same(self._folder, name, parcel):
            discard(part)
            return there
        copy_into(parcel.file, part, parcel.sha256, work.told)
        crash_point("folder-copied")
        try:
            while True:
                work.check()
                with suppress(NameTaken):
                    # another program's came meanwhile: the next name is looked for
                    path = finish(part, free_name(self._folder, name.stem, name.suffix))
                    crash_point("folder-placed")
                    return path
        finally:
            discard(part)


def _same(folder: Path, name: Path, parcel: Parcel) -> Path | None:
    """This very file, where it is in the folder already under its name or one with a number."""
    path, number = folder / name.name, 1
    with storage_errors(folder):
        while os.path.lexists(path):
            found = path.lstat()
            is_like = stat.S_ISREG(found.st_mode) and found.st_size == parcel.size_bytes
            # the clip itself is no copy of it: whoever takes the copy away must not take the clip
            is_copy = is_like and not os.path.samefile(path, parcel.file)
            if is_copy and sha256_of(path) == parcel.sha256:
                return path
            number += 1
            path = folder / f"{name.stem}_{number}{name.suffix}"
    return None


def _sweep(folder: Path) -> None:
    """Parts that nobody has written to for long: their programs were killed."""
    with suppress(OSError):
        for part in folder.glob(f"{_PREFIX}*.part"):
            if time.time() - part.lstat().st_mtime > _LEFT_AFTER_S:
                discard(part)


def _remove(path: Path, sha256: str) -> None:
    check_place(path.parent)
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file() or sha256_of(path) != sha256:
        raise NotTaken(
            f"{path.name} was changed since it was delivered; it stays.",
            ErrorKind.STORAGE,
            action="Look at the file, and delete it yourself if it is not needed.",
        )
    with storage_errors(path.parent):
        path.unlink()
        sync_folder(path.parent)
