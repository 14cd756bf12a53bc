"""The body of a paid request; apart, because it brings aiohttp with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from veo_studio.core.crash import crash_point

# each is waited for: aiohttp lets no more than 64 KiB pass without
_PIECE_BYTES = 128 * 1024


class PaidBody(Payload):
    """Bytes, handed to the system piece by piece.

    Until `is_handed_over` nobody can have the whole of it; `on_piece` is told of each piece, and with
    True of the last one.
    """

    def __init__(self, content: bytes, on_piece: Callable[[bool], None]) -> None:
        super().__init__(content, content_type="application/json")
        self._content = content
        self._size = len(content)
        self._on_piece = on_piece
        self.is_handed_over = False

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._content.decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self._content

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        last = max(0, len(self._content) - 1) // _PIECE_BYTES * _PIECE_BYTES
        for start in range(0, last, _PIECE_BYTES):
            await writer.write(self._content[start : start + _PIECE_BYTES])
            self._on_piece(False)
        # before it is done: a break from here on may come after the last byte
        self.is_handed_over = True
        self._on_piece(True)
        await writer.write(self._content[last:])
        crash_point("K05")

    async def close(self) -> None:
        """Nothing is open."""

    def __repr__(self) -> str:
        return f"<PaidBody of {self._size} bytes>"


def is_cut(body: Any) -> bool:
    """True for a paid body of which the last piece never left: what was sent is no request."""
    return isinstance(body, PaidBody) and not body.is_handed_over
