"""What every provider can do. An adapter knows one wire format, and nothing of time, retry or storage."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from veo_studio.core.errors import DownloadError
from veo_studio.core.models import (
    CancelOutcome,
    GenerationRequest,
    MediaInput,
    Operation,
    PollPacing,
    PollResult,
    ResultRef,
)


@dataclass(frozen=True)
class Body:
    """A result as it arrives: `chunks` start at byte `offset` of a file of `total_bytes` (None: not told).

    `status` is 200 for the whole file, 206 for the rest of it. `validator` is a strong ETag or None:
    without one, two answers can never be put together. `encoding` is what the server did to the
    bytes ("" for nothing), which nobody here asked for.
    """

    status: int
    offset: int
    total_bytes: int | None
    validator: str | None
    content_type: str
    chunks: AsyncIterator[bytes]
    encoding: str = ""
    digests: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class ConnectionReport:
    """What a test of the connection proved, in one sentence, and what is left there to spend.

    `balance` is in the provider's own words ("1,250 credits, about $12.50"), "" where it tells none.
    """

    proved: str
    balance: str = ""


class RangeRefused(DownloadError):
    """The server has nothing from the asked offset on (416); `total_bytes` where it says how much it has."""

    def __init__(self, message: str, *, total_bytes: int | None = None) -> None:
        super().__init__(message)
        self.total_bytes = total_bytes


class Provider(Protocol):
    """One service that generates; stateless, so that any stored row can be continued at any time."""

    @property
    def id(self) -> str: ...

    @property
    def pacing(self) -> PollPacing: ...

    @property
    def can_find(self) -> bool:
        """True where `find` can settle a submit whose answer was lost."""
        ...

    def use_key(self, key: str | None) -> None:
        """Send this key from now on; also for generations that are under way."""
        ...

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Bring an input to the provider; returns what `build_body` names it by. Costs nothing.

        The answer holds for at least an hour. Raises what `poll` raises, InvalidRequest for a file
        that the provider does not take, ValueError where it takes none at all.
        """
        ...

    async def prepare(self) -> None:
        """What a submit needs and costs nothing: signing in, a line that must be open, a balance.

        Called before the submit is stored as being sent, so that whatever ends in here was surely
        never sent. May be called often; raises what `poll` raises.
        """
        ...

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        """The exact body of the submit, without secrets; it is stored before it is sent.

        `uploads` are the answers of `upload`, one for each of `request.config.inputs`. Raises
        ValueError for a setting that the service has no field for: nothing is dropped silently.
        """
        ...

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once.

        Raises NotSent, RateLimited, ProviderUnavailable (nothing was accepted: may be sent again),
        OutcomeUnknown (may have been billed: never send again by itself), AuthError, QuotaExceeded,
        InvalidRequest, ContentRefused (refused: nothing was accepted).
        """
        ...

    async def poll(self, operation: Operation) -> PollResult:
        """Ask once how `operation` is doing; never waits for progress.

        Raises RateLimited, ProviderUnavailable, ProtocolError (say nothing about the generation),
        NotFoundError, AuthError.
        """
        ...

    def open_result(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AbstractAsyncContextManager[Body]:
        """Open a finished file, from `offset` on if the file still has the strong `validator`.

        The answer says itself where its bytes start. Raises LinkExpired, RangeRefused, DownloadError,
        RateLimited, ProviderUnavailable, AuthError.
        """
        ...

    async def cancel(self, operation: Operation) -> CancelOutcome:
        """Ask the provider to stop; raises what `poll` raises."""
        ...

    async def check_connection(self) -> ConnectionReport:
        """Ask for something that costs nothing; raises what `poll` raises."""
        ...

    async def close(self) -> None:
        """Give back what is held beside the shared gateway."""
        ...

    async def find(self, attempt_uuid: str) -> Operation | None:
        """What became of a submit whose answer was lost: its operation, or None if it never arrived.

        Raises what `poll` raises, and NotImplementedError where `can_find` is False.
        """
        ...
