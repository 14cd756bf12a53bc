"""Questions whose answers may hold clips or pictures: received into files, and kept so that they come once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path
from typing import Any

from veo_studio.core.errors import ProtocolError, ProviderUnavailable, StorageError
from veo_studio.core.models import ErrorKind
from veo_studio.core.providers.base import Body
from veo_studio.core.providers.http import HttpGateway, JsonAnswer
from veo_studio.core.providers.inline_results import SCHEME, InlineAnswer, InlineResults

# four clips of a slow line; a trickle is given up at last
_LONGEST_ANSWER_S = 1800.0
_SWEPT_EVERY_S = 3600.0


class Receiving:
    """For one adapter: `field` is where its service puts what it made, as base64."""

    def __init__(self, gateway: HttpGateway, folder: Path, field: str, max_bytes: int) -> None:
        self.results = InlineResults(folder)
        self._gateway = gateway
        self._field = field
        self._max_bytes = max_bytes
        self._swept_at = -math.inf

    async def remembered(self, owner: str) -> Any:
        """The answer that was kept for `owner`, or None where it has to be asked for."""
        if time.monotonic() - self._swept_at >= _SWEPT_EVERY_S:
            self._swept_at = time.monotonic()
            await asyncio.to_thread(self.results.sweep)
        return await asyncio.to_thread(self.results.remembered, owner)

    async def remember(self, owner: str, answer: Any) -> None:
        """Keep an answer that was received whole; raises ProviderUnavailable where it cannot be kept."""
        await self._stored(self.results.remember, owner, answer)

    async def ask(
        self,
        method: str,
        url: str,
        owner: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str],
    ) -> JsonAnswer:
        """One exchange that costs nothing; each file in the answer is named by its address here.

        Raises NotSent, ProviderUnavailable, ProtocolError.
        """
        inline = InlineAnswer(self.results.folder, owner, self._field, self._max_bytes)
        try:
            async with (
                asyncio.timeout(_LONGEST_ANSWER_S),
                self._gateway.open_answer(method, url, body, headers=headers) as answer,
            ):
                if answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise ProtocolError("The provider sent an encoding that nobody asked for.")
                chunks: AsyncIterator[bytes] = answer.chunks()
                async with aclosing(chunks):  # type: ignore[type-var]
                    async for chunk in chunks:
                        await self._stored(inline.feed, chunk)
                value = inline.finish()
                return JsonAnswer(answer.status, answer.headers, value, value is not None)
        except TimeoutError:
            raise ProviderUnavailable(
                "The provider's answer did not end.", kind=ErrorKind.TIMEOUT
            ) from None
        finally:
            await asyncio.to_thread(inline.close)

    def open(
        self, uri: str, offset: int, validator: str | None
    ) -> AbstractAsyncContextManager[Body]:
        """A received file; raises LinkExpired where it is no longer here."""
        return self.results.open(uri, offset, validator)

    async def _stored(self, write: Callable[..., None], *arguments: Any) -> None:
        """Write in a thread; a disk that is full says nothing about the generation."""
        try:
            await asyncio.to_thread(write, *arguments)
        except StorageError as error:
            raise ProviderUnavailable(
                f"The answer cannot be kept: {error.message}", kind=ErrorKind.STORAGE
            ) from error


def is_received(uri: str) -> bool:
    """True for the address of a file that came inside an answer."""
    return uri.startswith(SCHEME)
