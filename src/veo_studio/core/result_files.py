"""The two kinds of finished files, clips and pictures: how each is known, checked and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import DownloadError
from veo_studio.core.models import GenerationKind
from veo_studio.core.mp4 import check_mp4
from veo_studio.core.mp4 import is_signature as is_mp4
from veo_studio.core.picture_file import MAX_PICTURE_BYTES, check_picture, extension_of_picture


@dataclass(frozen=True)
class FileKind:
    """`check` blocks, and raises CutShort, DownloadError or StorageError for what is not whole."""

    word: str
    max_bytes: int
    extension_of: Callable[[bytes], str | None]
    check: Callable[[Path], None]

    def refuse_other(self, head: bytes) -> None:
        """Raises DownloadError for a file of another kind, told by its first 12 bytes."""
        if self.extension_of(head) is not None:
            return
        other = next((kind for kind in (VIDEO, PICTURE) if kind.extension_of(head)), None)
        if other is not None:
            raise DownloadError(f"The provider sent a {other.word} in place of a {self.word}.")
        raise DownloadError(f"The provider sent something that is not a {self.word}.")


def _extension_of_video(head: bytes) -> str | None:
    return "mp4" if is_mp4(head) else None


VIDEO = FileKind("video", 2 * 1024**3, _extension_of_video, check_mp4)
PICTURE = FileKind("picture", MAX_PICTURE_BYTES, extension_of_picture, check_picture)


def kind_of(mime_type: str) -> FileKind:
    """What an adapter says that its result is."""
    return PICTURE if mime_type.startswith("image/") else VIDEO


def check_kind(kind: GenerationKind, mime_type: str) -> None:
    """Raises DownloadError where a provider made something else than it was asked for."""
    asked, made = PICTURE if kind is GenerationKind.IMAGE else VIDEO, kind_of(mime_type)
    if made is not asked:
        raise DownloadError(f"The provider made a {made.word} in place of a {asked.word}.")
