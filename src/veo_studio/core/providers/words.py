"""What providers say in words and headers, made fit to be stored and shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from veo_studio.core.models import ErrorKind
from veo_studio.core.plain import masked

MAX_REASON_LENGTH = 1000
_LONGEST_WAIT_S = 7 * 24 * 3600.0


@dataclass(frozen=True)
class WireError:
    """An answer that is no success; `is_own` False means that the body is not the provider's JSON."""

    is_own: bool
    kind: ErrorKind
    message: str
    code: str | None = None
    retry_after_s: float | None = None


def fraction_of(value: object) -> float | None:
    """How far a provider says that it is, 0.0 to 1.0; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    return None


def plain(text: object) -> str:
    """A provider's words, for people: without secrets and controls, of bounded length; "" for no text."""
    if not isinstance(text, str):
        return ""
    return masked(text[: 4 * MAX_REASON_LENGTH]).strip()[:MAX_REASON_LENGTH]


def retry_after_s(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait by a Retry-After header, at most a week; None for garbage and the past."""
    if header is None or len(header) > 100:
        return None
    header = header.strip()
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        seconds = (until - (now or datetime.now(UTC))).total_seconds()
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, _LONGEST_WAIT_S)
