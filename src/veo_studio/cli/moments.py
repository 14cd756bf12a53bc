"""Moments and lengths of time as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from veo_studio.cli.bad_input import BadInput

_LENGTH = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment_of(text: str, now: datetime | None = None) -> datetime:
    """`2026-12-24 18:00`, with an offset or in local time; `18:00` is the next one. Raises BadInput.

    A moment that has passed is refused.
    """
    now = now or datetime.now(UTC)
    told, is_day = text.strip(), False
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", told):
            at = _next(told, now)
        else:
            at = datetime.fromisoformat(told)
            is_day = "T" not in told.upper() and " " not in told
    except ValueError:
        raise BadInput(
            f'{text!r} is no time. Write it as "2026-12-24 18:00", with an offset such as +01:00 if '
            "it is not local, or as 18:00 for the next one."
        ) from None
    if is_day:
        raise BadInput(f'{text} has no time of day. Write it as "{at:%Y-%m-%d} 18:00".')
    # without an offset it is what the user's clock will show, in summer and in winter
    at = at.astimezone(UTC)
    if at <= now:
        raise BadInput(f"{text} has passed. Leave --at away to publish now.")
    return at


def length_of(text: str) -> timedelta:
    """`90m`, `24h`, `7d`. Raises BadInput."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise BadInput(f"{text!r} is no length of time. Write it as 30m, 24h or 7d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _next(clock: str, now: datetime) -> datetime:
    here = now.astimezone()
    hour, minute = clock.split(":")
    at = here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0, tzinfo=None)
    if at <= here.replace(tzinfo=None):
        at += timedelta(days=1)
    return at
