"""What a generation is: requests, states and the moves between them, and what providers answer.

Everything here is frozen and free of behaviour that waits. Moments are aware UTC datetimes,
durations are seconds, sizes are bytes or pixels, money is Decimal US dollars, tokens are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from veo_studio.core.video_config import InputMode as InputMode
from veo_studio.core.video_config import InputRole as InputRole
from veo_studio.core.video_config import MediaInput as MediaInput
from veo_studio.core.video_config import Quality as Quality
from veo_studio.core.video_config import Task as Task
from veo_studio.core.video_config import VideoConfig as VideoConfig


class GenerationKind(Enum):
    VIDEO = "video"
    IMAGE = "image"


class GenerationState(Enum):
    """Where a generation stands; `ALLOWED_MOVES` holds the moves."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    DOWNLOADING = "downloading"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    HELD = "held"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_STATES

    @property
    def is_active(self) -> bool:
        """True while the program itself works on it (not waiting for the user)."""
        return self in ACTIVE_STATES


_S = GenerationState

# the cause that is stored when a user marks one as failed
GIVEN_UP = "given up by the user"

TERMINAL_STATES = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED})
ACTIVE_STATES = frozenset({_S.PENDING, _S.SUBMITTING, _S.PROCESSING, _S.DOWNLOADING})
ATTENTION_STATES = frozenset({_S.UNKNOWN, _S.HELD})

ALLOWED_MOVES: Mapping[GenerationState, frozenset[GenerationState]] = {
    _S.PENDING: frozenset({_S.SUBMITTING, _S.FAILED, _S.CANCELLED}),
    # back to pending only where the provider surely accepted nothing
    _S.SUBMITTING: frozenset({_S.PROCESSING, _S.PENDING, _S.UNKNOWN, _S.FAILED}),
    _S.PROCESSING: frozenset({_S.DOWNLOADING, _S.FAILED, _S.CANCELLED, _S.HELD}),
    # a link that expired goes back to asking the operation
    _S.DOWNLOADING: frozenset({_S.COMPLETED, _S.PROCESSING, _S.HELD, _S.FAILED, _S.CANCELLED}),
    # found at the provider after all, surely never arrived, given up with refund
    _S.UNKNOWN: frozenset({_S.PROCESSING, _S.PENDING, _S.FAILED}),
    _S.HELD: frozenset({_S.PROCESSING, _S.DOWNLOADING, _S.FAILED, _S.CANCELLED}),
    _S.COMPLETED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}


class Charge(Enum):
    """What a generation cost the user, as far as anybody knows."""

    NOT_CHARGED = "not_charged"
    CHARGED = "charged"
    UNKNOWN = "unknown"


class ErrorKind(Enum):
    """Why a generation failed or waits; finer than the public `error_type`."""

    AUTH = "auth"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    QUOTA_EXCEEDED = "quota_exceeded"
    RATE_LIMITED = "rate_limited"
    INVALID_REQUEST = "invalid_request"
    CONTENT_FILTERED = "content_filtered"
    GENERATION_FAILED = "generation_failed"
    TIMEOUT = "timeout"
    NETWORK = "network"
    NOT_FOUND = "not_found"
    SERVER_ERROR = "server_error"
    SUBMIT_UNKNOWN = "submit_unknown"
    DOWNLOAD_FAILED = "download_failed"
    STORAGE = "storage"
    BUDGET = "budget"


class PauseKind(Enum):
    """Why nothing is sent to a provider."""

    USER = "user"
    KEY = "key"
    # the provider said when to come back, or a backoff runs
    TOLD = "told"
    # the books contradict themselves: nothing is paid for until a person has looked
    BOOKS = "books"


class BudgetPeriod(Enum):
    """What a limit in money holds for: a calendar day or month where the user lives, or one click."""

    DAY = "day"
    MONTH = "month"
    BATCH = "batch"


class Choice(Enum):
    """What a user can do about a generation that waits for one."""

    CHECK = "check"
    COLLECT = "collect"
    MARK_FAILED = "mark_failed"
    SEND_AGAIN = "send_again"
    OPEN_PROVIDER = "open_provider"


class Stage(Enum):
    """The five stages of a run, in order."""

    STARTING = "starting"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    DOWNLOADING = "downloading"
    COMPLETE = "complete"


class ErrorType(Enum):
    """The public API's coarse `error_type`."""

    QUOTA_EXCEEDED = "quota_exceeded"
    TIMEOUT = "timeout"
    GENERATION_FAILED = "generation_failed"
    UNKNOWN = "unknown"


_ERROR_TYPES = {
    ErrorKind.INSUFFICIENT_CREDITS: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.QUOTA_EXCEEDED: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.RATE_LIMITED: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.TIMEOUT: ErrorType.TIMEOUT,
    ErrorKind.CONTENT_FILTERED: ErrorType.GENERATION_FAILED,
    ErrorKind.GENERATION_FAILED: ErrorType.GENERATION_FAILED,
    ErrorKind.INVALID_REQUEST: ErrorType.GENERATION_FAILED,
}


def error_type_of(kind: ErrorKind) -> ErrorType:
    """Fold a finer kind into the public API's four."""
    return _ERROR_TYPES.get(kind, ErrorType.UNKNOWN)


@dataclass(frozen=True)
class GenerationRequest:
    """What the user asked for: everything needed to make the clip again."""

    prompt: str
    provider: str
    model: str
    config: VideoConfig
    kind: GenerationKind = GenerationKind.VIDEO
    idempotency_key: str | None = None
    take_group: str | None = None
    take_number: int = 1
    output_dir: Path | None = None


@dataclass(frozen=True)
class Generation:
    """One stored generation, as it was when it was read."""

    id: int
    uuid: str
    kind: GenerationKind
    provider: str
    model: str
    prompt: str
    config: VideoConfig
    state: GenerationState
    state_cause: str
    charge: Charge
    tokens: int
    price_usd: Decimal | None
    created_at: datetime
    updated_at: datetime
    operation_id: str | None = None
    result: ResultRef | None = None
    output_dir: Path | None = None
    video_path: Path | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    length_s: float | None = None
    has_audio: bool | None = None
    error: str | None = None
    error_kind: ErrorKind | None = None
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    next_attempt_at: datetime | None = None
    take_group: str | None = None
    take_number: int = 1
    queue_position: int = 0
    priority: int = 0
    # what the provider reported; `price_usd` stays the estimate of the click
    cost_usd: Decimal | None = None
    # what the user thinks of it: 0 is not rated, at most 5
    favourite: bool = False
    rating: int = 0
    rejected: bool = False
    caption: str = ""
    tags: tuple[str, ...] = ()

    @property
    def is_priced(self) -> bool:
        """True where it costs tokens or money."""
        return self.tokens > 0 or bool(self.price_usd)

    @property
    def is_picture(self) -> bool:
        return self.kind is GenerationKind.IMAGE

    @property
    def has_file(self) -> bool:
        return self.state is GenerationState.COMPLETED and self.video_path is not None

    @property
    def awaits_clips(self) -> bool:
        """True where it is complete and further clips of the same submit may still arrive."""
        return self.has_file and self.result is not None and bool(self.result.more)

    def to_request(self) -> GenerationRequest:
        """The request that this was made from."""
        return GenerationRequest(
            prompt=self.prompt,
            provider=self.provider,
            model=self.model,
            config=self.config,
            kind=self.kind,
            take_group=self.take_group,
            take_number=self.take_number,
            output_dir=self.output_dir,
        )

    def to_operation(self) -> Operation:
        """The provider's name for it; only an accepted generation has one (I08)."""
        assert self.operation_id is not None, "polling implies an operation"
        return Operation(
            self.provider, self.operation_id, self.model, self.submitted_at, self.config
        )


@dataclass(frozen=True)
class Operation:
    """A provider's own name for an accepted generation.

    `config` is what was asked for, where the answer has to be read by it; `cost_usd` what the provider
    said at the submit that it takes.
    """

    provider: str
    operation_id: str
    model: str
    submitted_at: datetime | None = None
    config: VideoConfig | None = None
    cost_usd: Decimal | None = None


@dataclass(frozen=True)
class ResultRef:
    """Where a provider keeps a finished file; never opened as anything but https or its own origin.

    `more` are the further clips of a submit that made several; `note` is `Done.note`.
    """

    uri: str
    mime_type: str = "video/mp4"
    more: tuple[str, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        stored: dict[str, Any] = {"uri": self.uri, "mime_type": self.mime_type}
        if self.more:
            stored["more"] = list(self.more)
        return {**stored, "note": self.note} if self.note else stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ResultRef:
        more = tuple(stored.get("more", ()))
        return cls(stored["uri"], stored["mime_type"], more, stored.get("note", ""))


@dataclass(frozen=True)
class Running:
    """Not done yet. `fraction` (0.0-1.0) only where the provider itself reports one.

    `is_held_back`: the provider waits for the user's other work; that does not count as its own time.
    """

    fraction: float | None = None
    status: str = ""
    is_queued: bool = False
    is_held_back: bool = False


@dataclass(frozen=True)
class Done:
    """Finished at the provider; `cost_usd` where it reports what it charged.

    `note` is one sentence for people about what is missing although it was finished.
    """

    result: ResultRef
    cost_usd: Decimal | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """Ended without a result: `kind` and the provider's own words; `cost_usd` where it told the cost.

    `may_be_billed`: it is not documented whether the provider gives the money back.
    """

    kind: ErrorKind
    reason: str
    code: str | None = None
    cost_usd: Decimal | None = None
    may_be_billed: bool = False


@dataclass(frozen=True)
class CancelledByProvider:
    """The provider says that the operation was cancelled."""


PollResult = Running | Done | Refused | CancelledByProvider


class CancelOutcome(Enum):
    """What a provider said to a cancel."""

    CONFIRMED = "confirmed"
    UNSUPPORTED = "unsupported"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class PollPacing:
    """A provider's own rhythm: seconds to the first poll, seconds between polls, retention in hours."""

    first_s: float
    interval_s: float
    deadline_s: float
    retention_h: float


@dataclass(frozen=True)
class Progress:
    """How far a run is. `percent` 0-100 never falls; `is_estimate` marks guesses from past runs."""

    percent: int
    stage: Stage
    status: str
    is_estimate: bool = False
    remaining_s: float | None = None
    bytes_done: int | None = None
    bytes_total: int | None = None
    bytes_per_s: float | None = None


@dataclass(frozen=True)
class WalletEntry:
    """One line of the wallet; `tokens` is signed, `balance_after` is the balance it left.

    `cost_usd` is what the provider takes, signed like the tokens: an estimate until a "correction".
    Kinds: grant, charge, refund, again (sent again at the user's risk), correction.
    """

    id: int
    kind: str
    tokens: int
    balance_after: int
    at: datetime
    cause: str
    generation_id: int | None = None
    refund_of: int | None = None
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Pause:
    """Nothing is sent to `provider` ("" for all of them) until it is lifted or `until` has come."""

    provider: str
    kind: PauseKind
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class BudgetState:
    """A limit in money and what counts against it; no limit is None. One click has spent nothing.

    `reserved_usd` is the part of `spent_usd` that only waits in the queue: nobody has taken it yet.
    """

    period: BudgetPeriod
    limit_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class StateChange:
    """One stored move of a generation."""

    from_state: GenerationState | None
    to_state: GenerationState
    at: datetime
    cause: str


@dataclass(frozen=True)
class Attempt:
    """One submit on the wire: the exact body without secrets, and what became of it."""

    id: int
    generation_id: int
    uuid: str
    request: Mapping[str, Any]
    body_sha256: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    http_status: int | None = None
    operation_id: str | None = None
