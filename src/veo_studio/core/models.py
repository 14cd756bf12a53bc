"""What a generation is: requests, states and the moves between them.

Everything here is frozen and free of behaviour that waits. Moments are aware UTC datetimes,
durations are seconds, sizes are bytes or pixels, money is Decimal US dollars, tokens are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from veo_studio.core.answers import CancelledByProvider as CancelledByProvider
from veo_studio.core.answers import CancelOutcome as CancelOutcome
from veo_studio.core.answers import Done as Done
from veo_studio.core.answers import ErrorKind as ErrorKind
from veo_studio.core.answers import ErrorType as ErrorType
from veo_studio.core.answers import Operation as Operation
from veo_studio.core.answers import PollPacing as PollPacing
from veo_studio.core.answers import PollResult as PollResult
from veo_studio.core.answers import Refused as Refused
from veo_studio.core.answers import ResultRef as ResultRef
from veo_studio.core.answers import Running as Running
from veo_studio.core.answers import error_type_of as error_type_of
from veo_studio.core.bookings import BudgetPeriod as BudgetPeriod
from veo_studio.core.bookings import BudgetState as BudgetState
from veo_studio.core.bookings import Charge as Charge
from veo_studio.core.bookings import Pause as Pause
from veo_studio.core.bookings import PauseKind as PauseKind
from veo_studio.core.bookings import WalletEntry as WalletEntry
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
    # None: a draft
    published_at: datetime | None = None
    # the moment of the clip that stands for it, in seconds; None: its middle
    cover_at_s: float | None = None

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
