"""Connections that go wrong on purpose: silence, and a reset before or after some bytes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct

from aiohttp import web


def reset(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Break the connection the hard way; what is returned never reaches the client."""
    transport = request.transport
    if isinstance(transport, asyncio.WriteTransport):
        raw = transport.get_extra_info("socket")
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return response or web.Response(status=500)


async def drained(request: web.Request) -> None:
    """Let the bytes that were written reach the client before the connection breaks."""
    for _ in range(200):
        transport = request.transport
        if transport is None or transport.is_closing():
            return
        if isinstance(transport, asyncio.WriteTransport) and not transport.get_write_buffer_size():
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def hold(request: web.Request, closing: asyncio.Event) -> None:
    """Say nothing until the client leaves or the engine closes."""
    while request.transport is not None and not request.transport.is_closing():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), 0.25)
            return
