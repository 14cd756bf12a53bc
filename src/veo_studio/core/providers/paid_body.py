"""The body of a paid request; apart, because it brings aiohttp with it."""

from __future__ import annotations

from aiohttp import BytesPayload
from aiohttp.abc import AbstractStreamWriter

from veo_studio.core.crash import crash_point


class PaidBody(BytesPayload):
    """What aiohttp makes of bytes anyway, and a place to die at once they are handed to the system."""

    async def write(self, writer: AbstractStreamWriter) -> None:
        await super().write(writer)
        crash_point("K05")

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        await super().write_with_length(writer, content_length)
        crash_point("K05")
