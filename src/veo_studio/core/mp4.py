"""Whether a file is a whole mp4: its boxes have to end exactly where the file ends.

A body that was cut cleanly, a length that was announced too small and a web page named video/mp4
raise nothing in any HTTP library; this walk sees all three. Source: ISO/IEC 14496-12, section 4.2.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from veo_studio.core.errors import DownloadError, StorageError

SIGNATURE_BYTES = 12
_MAX_BOXES = 1_000_000


class CutShort(DownloadError):
    """The file is the beginning of an mp4; the rest of it may still be had."""


def is_signature(head: bytes) -> bool:
    """True if a file that starts with `head` (12 bytes or more) can be an mp4."""
    return len(head) >= SIGNATURE_BYTES and head[4:8] == b"ftyp"


def check_mp4(path: Path) -> None:
    """Walk the top-level boxes to the end of the file.

    Raises CutShort where they end later, or where one that a video needs is still missing,
    DownloadError for what is no mp4, StorageError where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            _walk(file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error


def _walk(file: BinaryIO, size: int) -> None:
    if size == 0:
        raise DownloadError("The result is empty.")
    position = 0
    found: set[bytes] = set()
    for _ in range(_MAX_BOXES):
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            raise _cut_short()
        length, kind = struct.unpack(">I4s", header[:8])
        if position == 0 and kind != b"ftyp":
            raise DownloadError("The result is not an mp4 file.")
        smallest = 8
        if length == 1:
            if len(header) < 16:
                raise _cut_short()
            length, smallest = struct.unpack(">Q", header[8:])[0], 16
        elif length == 0:
            # "to the end of the file"
            length = size - position
        if length < smallest or not all(32 <= byte < 127 or byte == 0xA9 for byte in kind):
            raise DownloadError("The result is damaged: its parts do not follow each other.")
        position += length
        found.add(kind)
        if position > size:
            raise _cut_short()
        if position == size:
            break
    else:
        raise DownloadError("The result is damaged: it has too many parts.")
    if not {b"moov", b"mdat"} <= found:
        raise CutShort("The result is cut short: it holds no complete video.")


def _cut_short() -> CutShort:
    return CutShort("The result is cut short: it ends in the middle of a part.")
