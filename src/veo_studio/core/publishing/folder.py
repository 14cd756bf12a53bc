"""Delivery into a folder: a copy under its own readable name, which lasts as long as the folder does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from veo_studio.core.answers import ErrorKind
from veo_studio.core.publishing.base import (
    KindInfo,
    NotTaken,
    OnProgress,
    Options,
    TargetField,
)
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, TargetKind


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


class FolderPublisher:
    """A copy that is there already, byte for byte and under its name, is the same delivery."""

    repeats_harmlessly = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def check(self) -> str:
        raise NotImplementedError

    def refusal(self, parcel: Parcel) -> Refusal | None:
        """It takes everything."""
        return None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        """`facts`: `path` of the file and its `sha256`."""
        raise NotImplementedError

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        """There is none: it is a file of this computer."""
        return None

    async def remove(self, receipt: Receipt) -> None:
        """A file that was changed since stays, and is told."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held."""
