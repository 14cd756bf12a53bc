"""The body of a delivery, counted while it is handed to the system; apart, because it brings aiohttp."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from veo_studio.core.publishing.sending import FilePart, whole_bytes

# each is waited for: aiohttp lets no more than 64 KiB pass without
_PIECE_BYTES = 256 * 1024

# which file it is: its number on the disk, and when it was written last
_Stamp = tuple[int, int]


class CountedBody(Payload):
    """Text and files one after another, with their exact length.

    Until `is_handed_over` nobody can have the whole of it. `on_piece` is told of each piece, with the bytes
    so far and with all of them at the last one only. `problem` is a sentence about a file that failed.
    """

    def __init__(
        self,
        parts: Sequence[bytes | FilePart],
        content_type: str,
        on_piece: Callable[[int, int], None],
    ) -> None:
        super().__init__(None, content_type=content_type)
        self._parts = parts
        self.whole_bytes = whole_bytes(parts)
        self._size = self.whole_bytes
        self._on_piece = on_piece
        self._handed = 0
        self.is_handed_over = False
        self.problem = ""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return ""

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b""

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        for part in self._parts:
            if isinstance(part, FilePart):
                await self._write_file(writer, part)
            else:
                await self._write_piece(writer, part)

    async def _write_file(self, writer: AbstractStreamWriter, part: FilePart) -> None:
        done, stamp = 0, None
        while done < part.size_bytes:
            try:
                piece, stamp = await asyncio.to_thread(_read, part, done, stamp)
            except OSError as error:
                self.problem = (
                    f"{part.path.name} could not be read to its end "
                    f"({error.strerror or 'unknown'})."
                )
                raise OSError("a file of the delivery") from error
            done += len(piece)
            await self._write_piece(writer, piece)

    async def _write_piece(self, writer: AbstractStreamWriter, piece: bytes) -> None:
        self._handed += len(piece)
        # before it is done: a break from here on may come after the last byte
        self.is_handed_over = self._handed >= self.whole_bytes
        self._on_piece(self._handed, self.whole_bytes)
        await writer.write(piece)

    async def close(self) -> None:
        """Nothing is open."""

    def __repr__(self) -> str:
        return f"<CountedBody of {self.whole_bytes} bytes>"


def _read(part: FilePart, start: int, stamp: _Stamp | None) -> tuple[bytes, _Stamp]:
    """The next piece, and which file it is of; opened for each, for nobody waits for a thread at the end.

    Raises OSError, also where it is not the file of `stamp` any more.
    """
    with part.path.open("rb", buffering=0) as file:
        facts = os.fstat(file.fileno())
        found = (facts.st_ino, facts.st_mtime_ns)
        if facts.st_size != part.size_bytes or stamp not in (None, found):
            raise OSError(0, "it changed meanwhile")
        file.seek(start)
        piece = file.read(min(part.size_bytes - start, _PIECE_BYTES))
    if not piece:
        raise OSError(0, "it became shorter")
    return piece, found
