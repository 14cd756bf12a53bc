"""Where pictures and clips that generations are made from lie: each under the digest of its content."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.partial import storage_errors
from veo_studio.core.video_config import PICTURE_TYPES, SUFFIXES


class InputFiles:
    """The folder of everything that was taken in (`inputs.py`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, item: MediaInput) -> Path:
        """Always inside the folder; ValueError for what would not be."""
        item.check_place()
        return self.folder / f"{item.sha256}{SUFFIXES[item.mime_type]}"

    def picture(self, sha256: str) -> Path | None:
        """The picture with that digest, whatever its type; None where it is not kept any more.

        ValueError for what is no digest.
        """
        for mime_type in PICTURE_TYPES:
            item = MediaInput(InputRole.REFERENCE, sha256, mime_type, 0, "")
            if (path := self.path(item)).is_file():
                return path
        return None

    def keep(self, item: MediaInput, content: bytes) -> None:
        """Write it, durably, unless it is there already; raises StorageError. Blocks."""
        target = self.path(item)
        if target.exists():
            # chosen again: how long nobody used it is told by its age
            with suppress(OSError):
                os.utime(target)
                return
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        with storage_errors(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
