"""What providers answer, and the names for why something failed.

Everything here is frozen. Durations are seconds, money is Decimal US dollars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from veo_studio.core.error_kinds import ErrorKind as ErrorKind
from veo_studio.core.error_kinds import ErrorType as ErrorType
from veo_studio.core.error_kinds import error_type_of as error_type_of
from veo_studio.core.video_config import VideoConfig


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
