"""Answers that are read as a whole: bounded in size, decompressed here, and JSON or nothing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import ClientResponse


@dataclass(frozen=True)
class JsonAnswer:
    """A whole answer. `json` is None where the body is no JSON (`is_json` False)."""

    status: int
    headers: Mapping[str, str]
    json: Any
    is_json: bool


class TooLarge(Exception):
    """The body is beyond its limit, or its compression is broken."""


async def read_limited(response: ClientResponse, max_bytes: int) -> bytes:
    """The body, decompressed here so that neither form ever takes more than `max_bytes`."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    received = 0
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        received += len(chunk)
        if received > max_bytes:
            raise TooLarge
        if unpacker is not None:
            try:
                chunk = unpacker.decompress(chunk, max_bytes - size + 1)
            except zlib.error:
                raise TooLarge from None
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge
        parts.append(chunk)
    return b"".join(parts)


def parsed(raw: bytes) -> tuple[Any, bool]:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant), True
    except (ValueError, RecursionError):
        # RecursionError is what deep nesting raises, and it is no ValueError
        return None, False


def _no_constant(name: str) -> None:
    raise ValueError(name)
