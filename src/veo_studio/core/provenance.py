"""What a clip or picture says about where it comes from. It is read, never verified.

Content credentials (C2PA) are signed by whoever made a file; that a file has none says nothing, for
most programs leave them out when they save. The file is a stranger's: little of it is read, and whatever
is wrong with it, it only lacks what cannot be read. Sources: C2PA Technical Specification 2.2, appendix A
(embedding manifests); PNG (third edition) 5; ISO/IEC 10918-1 B.1; WebP container specification;
XMP part 3.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from veo_studio.core.embedding import embedded_recipe
from veo_studio.core.errors import StorageError
from veo_studio.core.jumbf import Claim, read_claim
from veo_studio.core.plain import plain

_MOST_PARTS = 20_000
_MOST_BYTES = 8 * 1024 * 1024
_MOST_XMP = 1024 * 1024
_MOST_WORDS = 120
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_SOURCE_TYPE = re.compile(rb"DigitalSourceType[^>]{0,200}?digitalsourcetype/([A-Za-z]{1,60})")


@dataclass(frozen=True)
class Provenance:
    """`credentials` is the claim of its content credentials, not verified; None where there are none.

    `source_type` is the IPTC code in its XMP data ("trainedAlgorithmicMedia"), "" where there is none.
    `has_recipe`: a recipe of ours is inside.
    """

    credentials: Claim | None = None
    source_type: str = ""
    has_recipe: bool = False


@dataclass
class _Found:
    """The raw parts, in the order of the file."""

    store: bytes = b""
    xmp: bytes = b""
    pieces: dict[int, list[bytes]] = field(default_factory=dict)


# Google says that the pictures and sound of its models carry SynthID, and that its Gemini app looks for
# it in clips of up to 90 s and 100 MB. Source: its announcement of 18 December 2025, read 2026-11-21.
_SYNTHID = frozenset({"gemini", "vertex"})


def has_synthid(provider: str) -> bool:
    """Whether the provider documents a SynthID watermark; it is in picture and sound, not in the file."""
    return provider in _SYNTHID


def provenance_of(path: Path) -> Provenance:
    """What the file carries. Blocks. Raises StorageError where it cannot be opened."""
    found = _Found()
    try:
        # what came before a damage counts
        with path.open("rb") as file, contextlib.suppress(ValueError):
            _read(file, os.fstat(file.fileno()).st_size, found)
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    store = found.store or b"".join(b"".join(parts) for parts in found.pieces.values())
    source = _SOURCE_TYPE.search(found.xmp)
    return Provenance(
        credentials=_claim(store) if store else None,
        source_type=source[1].decode("ascii") if source else "",
        has_recipe=embedded_recipe(path) is not None,
    )


def _claim(store: bytes) -> Claim:
    """Credentials that cannot be read are credentials all the same."""
    try:
        claim = read_claim(store)
    except ValueError:
        return Claim()
    return Claim(_words(claim.signer), _words(claim.generator), _words(claim.source_type))


def _words(text: str) -> str:
    return " ".join(plain(text).split())[:_MOST_WORDS]


def _read(file: BinaryIO, size: int, found: _Found) -> None:
    head = file.read(12)
    if head[4:8] == b"ftyp":
        _read_mp4(file, size, found)
    elif head.startswith(_PNG):
        _read_png(file, size, found)
    elif head.startswith(_JPEG):
        _read_jpeg(file, found)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        _read_webp(file, size, found)


def _taken(file: BinaryIO, size: int, most: int = _MOST_BYTES) -> bytes:
    """So many bytes, and no more than anybody needs for this. Raises ValueError."""
    if not 0 <= size <= most:
        raise ValueError("a part is too large")
    content = file.read(size)
    if len(content) != size:
        raise ValueError("a part is cut short")
    return content


def _read_mp4(file: BinaryIO, size: int, found: _Found) -> None:
    position = 0
    for _ in range(_MOST_PARTS):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return
        length, start = int.from_bytes(head[:4]), 8
        if length == 1:
            length, start = int.from_bytes(head[8:]), 16
        elif length == 0:
            length = size - position
        if length < start or position + length > size:
            return
        if head[4:8] == b"uuid":
            file.seek(position + start)
            _take_box(file, file.read(16), length - start - 16, found)
        position += length


def _take_box(file: BinaryIO, name: bytes, size: int, found: _Found) -> None:
    if name == _XMP_BOX and not found.xmp:
        found.xmp = _taken(file, size, _MOST_XMP)
    if name != _C2PA_BOX or found.store:
        return
    body = _taken(file, size)
    # version and flags, what it is for, and where further parts begin
    purpose, _, rest = body[4:].partition(b"\0")
    if purpose in (b"manifest", b"original", b"update") and len(rest) > 8:
        found.store = rest[8:]


def _read_png(file: BinaryIO, size: int, found: _Found) -> None:
    position = len(_PNG)
    for _ in range(_MOST_PARTS):
        file.seek(position)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        if len(head) < 8 or kind == b"IEND" or position + length > size:
            return
        if kind == b"caBX" and not found.store:
            found.store = _taken(file, length)
        elif kind == b"iTXt" and not found.xmp and length <= _MOST_XMP:
            text = _taken(file, length)
            if text.startswith(_PNG_XMP):
                found.xmp = text
        position += length + 12


def _read_jpeg(file: BinaryIO, found: _Found) -> None:
    file.seek(2)
    read = 0
    for marker, size in _segments(file):
        if marker not in (0xE1, 0xEB):
            file.seek(size, os.SEEK_CUR)
            continue
        content = _taken(file, size)
        read += size
        if read > _MOST_BYTES:
            return
        if marker == 0xE1 and content.startswith(_JPEG_XMP) and not found.xmp:
            found.xmp = content
        elif marker == 0xEB:
            _take_piece(content, found)


def _segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Marker and size of each segment up to the picture itself; whoever gets them reads or skips them."""
    for _ in range(_MOST_PARTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):
            return
        size = int.from_bytes(head[2:]) - 2
        if size < 0:
            return
        yield head[1], size


def _take_piece(content: bytes, found: _Found) -> None:
    """A part of a JUMBF box: "JP", its number, which part it is, and the box's head in every one."""
    if content[:2] != b"JP" or content[12:16] != b"jumb":
        return
    number = int.from_bytes(content[2:4])
    head = 16 if int.from_bytes(content[8:12]) == 1 else 8
    if number in found.pieces:
        found.pieces[number].append(content[8 + head :])
    elif b"c2pa" in content[:80] and not found.pieces:
        found.pieces[number] = [content[8:]]


def _read_webp(file: BinaryIO, size: int, found: _Found) -> None:
    position = 12
    for _ in range(_MOST_PARTS):
        file.seek(position)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8 or position + length > size:
            return
        if head[:4] == b"C2PA" and not found.store:
            found.store = _taken(file, length)
        elif head[:4] == b"XMP " and not found.xmp:
            found.xmp = _taken(file, length, _MOST_XMP)
        position += 8 + length + length % 2
