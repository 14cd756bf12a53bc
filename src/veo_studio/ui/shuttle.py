"""How fast clips play: the speeds that are offered, and what J and L make of the speed of now."""

from __future__ import annotations

RATES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
SLOWEST, FASTEST = RATES[0], RATES[-1]
# Moments are whole milliseconds, and the first of a frame lies up to this much before its start.
_ROUNDED_OFF_MS = 0.999


def shuttled(rate: float, direction: int) -> float:
    """The rate after J (-1) or L (1) was pressed at `rate`, 0 while it stands: 1, 2, then 4 times."""
    if rate * direction <= 0:
        return float(direction)
    return direction * min(FASTEST, 2.0 if abs(rate) < 2 else 4.0)


def next_rate(rate: float, direction: int) -> float:
    """The next faster (1) or slower (-1) of `RATES`."""
    if direction > 0:
        return next((one for one in RATES if one > rate + 0.001), FASTEST)
    return next((one for one in reversed(RATES) if one < rate - 0.001), SLOWEST)


def rate_words(rate: float) -> str:
    """ "2×", "−1×" backwards."""
    sign = "\u2212" if rate < 0 else ""
    return f"{sign}{abs(rate):g}\u00d7"


def frame_at(position_ms: float, frame_ms: float) -> int:
    """The number of the frame that is shown at a moment in whole ms, from 0."""
    return int((position_ms + _ROUNDED_OFF_MS) / frame_ms)


def timecode(position_ms: float, frame_ms: float) -> str:
    """Hours, minutes, seconds and frames, as editors write it: "00:00:03:12"."""
    frames_a_second = max(1, round(1000 / frame_ms))
    frame = frame_at(position_ms, frame_ms)
    seconds, rest = divmod(frame, frames_a_second)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}:{rest:02}"
