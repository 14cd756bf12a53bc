"""Pauses on the command line: who can end one, and how long one lasts, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.pauses import EVERYTHING

__all__ = ["EVERYTHING", "needs_user", "pause_sentence", "place_words", "wait_words"]

_COUNTDOWN_S = 300.0


def needs_user(pauses: Mapping[str, Pause], provider: str) -> Pause | None:
    """The pause that holds back this provider until a person ends it."""
    for place in (EVERYTHING, provider):
        pause = pauses.get(place)
        if pause is not None and pause.kind is not PauseKind.TOLD:
            return pause
    return None


def pause_sentence(pause: Pause, now: datetime | None = None) -> str:
    """What is paused, why, until when, and how to go on."""
    place, name = place_words(pause.provider), f" {pause.provider}" if pause.provider else ""
    reason = " ".join(pause.reason.split()).rstrip(".")
    match pause.kind:
        case PauseKind.USER:
            return f"{place} is paused by you; `veo-studio queue resume{name}` ends that."
        case PauseKind.KEY:
            return (
                f"{place} is paused because the key was refused ({reason}). Correct the key "
                f"(`veo-studio doctor` says where it comes from), then `veo-studio queue resume{name}`."
            )
        case PauseKind.TOLD if pause.until is not None:
            return f"{place} waits, {wait_words(pause.until, now)}: {reason}."
    return f"{place} is paused: {reason}. See `veo-studio doctor`."


def place_words(provider: str) -> str:
    """The subject of a sentence."""
    return f"The provider {provider}" if provider else "The queue"


def wait_words(until: datetime, now: datetime | None = None) -> str:
    """`42 s left`; the local time of day where it is more than five minutes."""
    left_s = (until - (now or datetime.now(UTC))).total_seconds()
    if left_s <= _COUNTDOWN_S:
        minutes, seconds = divmod(max(0, round(left_s)), 60)
        return f"{minutes} min {seconds} s left" if minutes else f"{seconds} s left"
    local = until.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    day = "" if local.date() == today else f"{local:%Y-%m-%d} "
    return f"until {day}{local:%H:%M}"
