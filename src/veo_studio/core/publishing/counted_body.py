"""The body of a delivery, counted while it is handed to the system; apart, because it brings aiohttp."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

# each is waited for: aiohttp lets no more than 64 KiB pass without
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True)
class FilePart:
    """The bytes of a file of `size_bytes`; a file of another size is not sent."""

    path: Path
    size_bytes: int


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
        self.whole_bytes = sum(
            part.size_bytes if isinstance(part, FilePart) else len(part) for part in parts
        )
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
        try:
            file = await asyncio.to_thread(_opened, part)
        except OSError as error:
            raise self._failed(part, error.strerror) from error
        try:
            left = part.size_bytes
            while left:
                try:
                    piece = await asyncio.to_thread(file.read, min(left, _PIECE_BYTES))
                except OSError as error:
                    raise self._failed(part, error.strerror) from error
                if not piece:
                    raise self._failed(part, "it became shorter")
                left -= len(piece)
                await self._write_piece(writer, piece)
        finally:
            file.close()

    async def _write_piece(self, writer: AbstractStreamWriter, piece: bytes) -> None:
        self._handed += len(piece)
        # before it is done: a break from here on may come after the last byte
        self.is_handed_over = self._handed >= self.whole_bytes
        self._on_piece(self._handed, self.whole_bytes)
        await writer.write(piece)

    def _failed(self, part: FilePart, reason: str | None) -> OSError:
        self.problem = f"{part.path.name} could not be read to its end ({reason or 'unknown'})."
        return OSError("a file of the delivery")

    async def close(self) -> None:
        """Nothing is open."""

    def __repr__(self) -> str:
        return f"<CountedBody of {self.whole_bytes} bytes>"


def _opened(part: FilePart) -> io.FileIO:
    file = io.FileIO(part.path)
    if os.fstat(file.fileno()).st_size != part.size_bytes:
        file.close()
        raise OSError(0, "it changed meanwhile")
    return file
