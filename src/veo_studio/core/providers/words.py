"""What providers say in words and headers, made fit to be stored and shown."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from veo_studio.core.plain import masked

MAX_REASON_LENGTH = 1000
_LONGEST_WAIT_S = 7 * 24 * 3600.0


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
