"""A paid service that does what a test arms: it keeps what it accepted, whatever the program believes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    MediaInput,
    Operation,
    PollPacing,
    PollResult,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.providers.base import Body, ConnectionReport

SUBMIT = (
    "lost",
    "vanished",
    "429",
    "429 in 7 s",
    "429 in 1 h",
    "503",
    "500",
    "400",
    "not sent",
    "same",
    "slow",
)
POLL = ("404", "500", "429 in 60 s", "nonsense", "refused", "cancelled")
DOWNLOAD = ("cut", "short", "expired", "html", "429 in 7 s", "503", "replaced")
CANCEL = ("unsupported", "error", "too late")


@dataclass
class Accepted:
    """One paid request, as the service has it."""

    operation_id: str
    attempt_uuid: str
    at_s: float
    done_at_s: float
    link: int = 0
    version: int = 0
    outcome: str = ""
    """What it was told to end with; "" while it runs or is done."""
    decided: bool = False
    """True once the program was told how it ended."""


@dataclass
class Service:
    """Knobs: the four lines of modes, `key_is_good`, `takes_s`; counters: `accepted`, `broken`."""

    id: str
    can_find: bool
    clip: bytes
    time: Callable[[], float]
    on_submit: Callable[[str], None] = lambda _provider: None
    submits: deque[str] = field(default_factory=deque)
    polls: deque[str] = field(default_factory=deque)
    downloads: deque[str] = field(default_factory=deque)
    cancels: deque[str] = field(default_factory=deque)
    key_is_good: bool = True
    takes_s: float = 20.0
    cost_usd: Decimal | None = None
    accepted: list[Accepted] = field(default_factory=list)
    # nothing may be asked before this moment; and what was asked all the same
    told_until_s: float = 0.0
    # of that, what a restart still knows: it was told to a paid request and stored
    stored_until_s: float = 0.0
    broken: list[str] = field(default_factory=list)

    def lift(self) -> None:
        """The user knows better than the service when to come back."""
        self.told_until_s = self.stored_until_s = 0.0

    def quiet(self) -> None:
        """No more faults; what runs is done soon."""
        for line in (self.submits, self.polls, self.downloads, self.cancels):
            line.clear()
        self.key_is_good = True
        self.takes_s = 5.0
        for accepted in self.accepted:
            accepted.done_at_s = min(accepted.done_at_s, self.time() + 5)

    def by_name(self, operation_id: str) -> Accepted | None:
        found = [a for a in self.accepted if a.operation_id == operation_id]
        return found[0] if found else None

    def file_of(self, accepted: Accepted) -> bytes:
        """A whole clip that no other operation has: a free box at its end carries the name."""
        tail = f"{accepted.operation_id} {accepted.version}".encode()
        return self.clip + (len(tail) + 8).to_bytes(4) + b"free" + tail

    def served(self, operation_id: str) -> set[str]:
        """SHA-256 of every file that this operation ever had."""
        accepted = self.by_name(operation_id)
        assert accepted is not None, f"{operation_id} was never accepted"
        last = accepted.version
        found = set()
        for accepted.version in range(last + 1):
            found.add(hashlib.sha256(self.file_of(accepted)).hexdigest())
        return found

    def asked(self, what: str) -> None:
        until_s = self.told_until_s
        if what == "a submit":
            until_s = max(until_s, self.stored_until_s)
        if self.time() < until_s - 0.001:
            left_s = until_s - self.time()
            self.broken.append(f"I11: {what} at {self.id}, told to come back in {left_s:.1f} s")
        if not self.key_is_good:
            raise AuthError("API key not valid.", provider=self.id, status=401)

    def tell(self, mode: str) -> RateLimited:
        """ "429 in 7 s" as the error that an adapter makes of it."""
        _, _, words = mode.partition(" in ")
        seconds = {"": None, "7 s": 7.0, "60 s": 60.0, "1 h": 3600.0}[words]
        if seconds is not None:
            self.told_until_s = max(self.told_until_s, self.time() + seconds)
        return RateLimited("Slow down.", retry_after_s=seconds, provider=self.id, status=429)


class ServiceProvider:
    """Our own protocol, spoken with a `Service`; ends with the process that made it."""

    def __init__(self, service: Service, pacing: PollPacing, is_alive: Callable[[], bool]) -> None:
        self._service = service
        self._is_alive = is_alive
        self.id = service.id
        self.pacing = pacing
        self.can_find = service.can_find

    def use_key(self, key: str | None) -> None:
        """Whether a key is good is the service's knob."""

    async def upload(self, item: MediaInput, path: Path) -> str:
        return f"files/{item.sha256[:16]}"

    async def prepare(self) -> None:
        """Nothing is needed before a submit."""

    async def check_connection(self) -> ConnectionReport:
        return ConnectionReport("It answers.")

    async def close(self) -> None:
        """Nothing is held."""

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return {"prompt": request.prompt, "model": request.model}

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        self._live()
        service = self._service
        service.on_submit(self.id)
        service.asked("a submit")
        mode = service.submits.popleft() if service.submits else "accepted"
        if mode.startswith("429"):
            raise service.tell(mode)
        match mode:
            case "503":
                raise ProviderUnavailable("Overloaded.", provider=self.id, status=503)
            case "400":
                raise InvalidRequest("No such size.", provider=self.id, status=400)
            case "vanished":
                raise OutcomeUnknown("The answer was lost.", provider=self.id)
            case "not sent":
                raise NotSent("No connection.", provider=self.id)
        name = f"{self.id}-{len(service.accepted) + 1}"
        if mode == "same" and service.accepted:
            name = service.accepted[-1].operation_id
        now = service.time()
        service.accepted.append(Accepted(name, attempt_uuid, now, now + service.takes_s))
        if mode == "slow":
            await asyncio.sleep(3)
            self._live()
        if mode in ("lost", "500"):
            raise OutcomeUnknown("The answer was lost.", provider=self.id)
        return Operation(self.id, name, body["model"])

    async def poll(self, operation: Operation) -> PollResult:
        self._live()
        service = self._service
        service.asked("a poll")
        await asyncio.sleep(0)
        self._live()
        accepted = service.by_name(operation.operation_id)
        if accepted is None:
            raise NotFoundError("No such operation.", provider=self.id, status=404)
        mode = service.polls.popleft() if service.polls else ""
        if mode.startswith("429"):
            raise service.tell(mode)
        match mode:
            case "404":
                raise NotFoundError("No such operation.", provider=self.id, status=404)
            case "500":
                raise ProviderUnavailable("Internal.", provider=self.id, status=500)
            case "nonsense":
                raise ProtocolError("Not JSON.", provider=self.id)
            case "refused" | "cancelled" if not accepted.decided:
                accepted.outcome = mode
        if accepted.outcome:
            accepted.decided = True
            if accepted.outcome == "cancelled":
                return CancelledByProvider()
            return Refused(ErrorKind.CONTENT_FILTERED, "The prompt was refused.")
        if service.time() < accepted.done_at_s:
            return Running(None, "running")
        accepted.decided = True
        accepted.link += 1
        uri = f"https://{self.id}.test/{operation.operation_id}/{accepted.link}"
        return Done(ResultRef(uri), service.cost_usd)

    @asynccontextmanager
    async def open_result(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AsyncIterator[Body]:
        self._live()
        service = self._service
        if not service.key_is_good:
            raise AuthError("API key not valid.", provider=self.id, status=401)
        _, _, name, _link = result.uri.removeprefix("https:").split("/")[1:]
        accepted = service.by_name(name)
        assert accepted is not None, result
        mode = service.downloads.popleft() if service.downloads else ""
        if mode.startswith("429"):
            raise RateLimited("Slow down.", retry_after_s=7, provider=self.id, status=429)
        if mode == "503":
            raise ProviderUnavailable("Overloaded.", provider=self.id, status=503)
        if mode == "expired":
            raise LinkExpired("The link has expired.")
        if mode == "replaced":
            accepted.version += 1
        content = service.file_of(accepted)
        etag = f'"{name}.{accepted.version}"'
        start = offset if validator == etag else 0
        kind = "text/html" if mode == "html" else "video/mp4"
        status = 206 if start else 200
        chunks = self._chunks(content[start:], mode)
        yield Body(status, start, len(content), etag, kind, chunks)

    async def cancel(self, operation: Operation) -> CancelOutcome:
        self._live()
        accepted = self._service.by_name(operation.operation_id)
        mode = self._service.cancels.popleft() if self._service.cancels else ""
        await asyncio.sleep(0)
        self._live()
        if mode == "error":
            raise ProviderUnavailable("Internal.", provider=self.id, status=500)
        if accepted is None or mode == "unsupported":
            return CancelOutcome.UNSUPPORTED
        if accepted.outcome or mode == "too late" or self._service.time() >= accepted.done_at_s:
            accepted.done_at_s = min(accepted.done_at_s, self._service.time())
            return CancelOutcome.TOO_LATE
        accepted.outcome = "cancelled"
        return CancelOutcome.CONFIRMED

    async def find(self, attempt_uuid: str) -> Operation | None:
        self._live()
        self._service.asked("a look-up")
        for accepted in self._service.accepted:
            if accepted.attempt_uuid == attempt_uuid:
                return Operation(self.id, accepted.operation_id, "")
        return None

    async def _chunks(self, content: bytes, mode: str) -> AsyncIterator[bytes]:
        half = len(content) // 2
        for piece in (content[:half], content[half:]):
            await asyncio.sleep(0)
            self._live()
            yield piece
            if mode == "cut":
                raise ProviderUnavailable("Reset.", provider=self.id, kind=ErrorKind.NETWORK)
            if mode == "short":
                return

    def _live(self) -> None:
        if not self._is_alive():
            raise asyncio.CancelledError("the process is gone")


__all__ = ["CANCEL", "DOWNLOAD", "POLL", "SUBMIT", "ProviderError", "Service", "ServiceProvider"]
