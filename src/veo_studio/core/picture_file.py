"""Whether a file is a whole PNG, JPEG or WebP picture: its parts follow each other, and it can be decoded.

A body that was cut cleanly raises nothing in any HTTP library, and some decoders fill what is missing
with grey. Sources: PNG (third edition) section 5, ITU-T T.81 annex B, WebP container specification.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.mp4 import CutShort

if TYPE_CHECKING:
    from PIL import Image

# nothing that claims more is decoded: it would fill the memory, and no service makes it
MAX_PICTURE_PIXELS = 80_000_000
MAX_PICTURE_BYTES = 200 * 1024 * 1024
PICTURE_EXTENSIONS = ("png", "jpg", "webp")
_PNG = b"\x89PNG\r\n\x1a\n"
_FORMATS = ("PNG", "JPEG", "WEBP")
# in the pixels of a JPEG every 0xFF is followed by 0, or by one of the marks for starting anew
_MARK = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END = 0xDA, 0xD9


def extension_of_picture(head: bytes) -> str | None:
    """What the name of a file ends in that starts with `head` (12 bytes or more); None for no picture."""
    if head.startswith(_PNG):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def is_picture_name(path: Path) -> bool:
    """Whether a finished file is named as a picture of ours is."""
    return path.suffix[1:].lower() in PICTURE_EXTENSIONS


def check_picture(path: Path) -> None:
    """Walk its parts, then decode it whole. Blocks.

    Raises CutShort where the rest is missing, DownloadError for what is no picture, is damaged or claims
    too many pixels, StorageError where the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    if not content:
        raise DownloadError("The result is empty.")
    walk = {"png": _walk_png, "jpg": _walk_jpeg, "webp": _walk_webp}.get(
        extension_of_picture(content[:12]) or ""
    )
    if walk is None:
        raise DownloadError("The result is not a PNG, JPEG or WebP picture.")
    walk(content)
    del content
    with opened_picture(path) as image:
        try:
            image.load()
        except Exception as error:
            # a damaged file makes Pillow raise nearly everything that Python has
            raise DownloadError("The result is damaged: it cannot be read as a picture.") from error


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from its head alone. Raises DownloadError, StorageError."""
    with opened_picture(path) as image:
        return image.size


def opened_picture(path: Path) -> Image.Image:
    """Its head read, and nothing decoded yet; to be closed. Raises as `check_picture` does."""
    from PIL import Image

    try:
        image = Image.open(path, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    except Exception as error:
        raise DownloadError("The result is damaged: it cannot be read as a picture.") from error
    if image.width * image.height > MAX_PICTURE_PIXELS:
        image.close()
        raise _too_many_pixels()
    return image


def _too_many_pixels() -> DownloadError:
    return DownloadError(
        f"The result claims more than {MAX_PICTURE_PIXELS // 10**6} million pixels."
    )


def _walk_png(content: bytes) -> None:
    position = len(_PNG)
    while True:
        head = content[position : position + 8]
        end = position + int.from_bytes(head[:4], "big") + 12
        if len(head) < 8 or end > len(content):
            raise _cut_short()
        told = int.from_bytes(content[end - 4 : end], "big")
        if zlib.crc32(memoryview(content)[position + 4 : end - 4]) != told:
            raise DownloadError("The result was damaged on its way.")
        if head[4:] == b"IEND":
            return
        position = end


def _walk_jpeg(content: bytes) -> None:
    position = 2
    while True:
        mark = content[position : position + 4]
        if mark[:2] == b"\xff\xff":
            position += 1  # a mark may be preceded by any number of these
            continue
        if len(mark) >= 2 and mark[0] != 0xFF:
            raise DownloadError("The result is damaged: its parts do not follow each other.")
        if len(mark) >= 2 and mark[1] == _END:
            return
        if len(mark) < 4:
            raise _cut_short()
        position += 2 + int.from_bytes(mark[2:], "big")
        if mark[1] == _START_OF_SCAN:
            found = _MARK.search(content, position)
            if found is None:
                raise _cut_short()
            position = found.end() - 2


def _walk_webp(content: bytes) -> None:
    if int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise _cut_short()


def _cut_short() -> CutShort:
    return CutShort("The result is cut short: the picture does not end.")
