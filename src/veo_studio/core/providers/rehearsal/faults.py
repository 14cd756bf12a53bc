"""Failures on request: what can go wrong at a provider, to be practised at no cost.

A specification is a comma-separated list of `kind[:argument][*times]`, such as `429:7*2`,
`500*3,cut:50%` or `never`. Without `*times` a kind has its own sensible number: a submit goes wrong
once, a download link breaks once, while an ending such as `fail` meets every interaction. `*always`
means without end. `FAULT_HELP` describes every kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class FaultKind(Enum):
    """Grouped by the moment at which they strike."""

    # submit
    RATE_LIMIT = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    QUOTA = "quota"
    CREDITS = "credits"
    RESET = "reset"
    DROP = "drop"
    SILENT = "silent"
    GARBAGE = "garbage"
    # every call
    AUTH = "auth"
    # the interaction
    NEVER = "never"
    SLOW_QUEUE = "slow-queue"
    FAIL = "fail"
    REFUSE = "refuse"
    # poll
    POLL_500 = "poll-500"
    POLL_429 = "poll-429"
    POLL_HTML = "poll-html"
    POLL_RESET = "poll-reset"
    GONE = "gone"
    # download
    CUT = "cut"
    SHORT = "short"
    EXPIRED = "expired"
    EXPIRED_FOREVER = "expired-forever"
    DOWNLOAD_500 = "download-500"
    HTML = "html"
    SLOW = "slow"
    REDIRECT = "redirect"


SUBMIT_KINDS = frozenset(
    {
        FaultKind.RATE_LIMIT, FaultKind.SERVER_ERROR, FaultKind.UNAVAILABLE, FaultKind.QUOTA,
        FaultKind.CREDITS, FaultKind.RESET, FaultKind.DROP, FaultKind.SILENT, FaultKind.GARBAGE,
    }
)  # fmt: skip
INTERACTION_KINDS = frozenset(
    {FaultKind.NEVER, FaultKind.SLOW_QUEUE, FaultKind.FAIL, FaultKind.REFUSE}
)
POLL_KINDS = frozenset(
    {
        FaultKind.POLL_500, FaultKind.POLL_429, FaultKind.POLL_HTML, FaultKind.POLL_RESET,
        FaultKind.GONE,
    }
)  # fmt: skip
DOWNLOAD_KINDS = frozenset(
    {
        FaultKind.CUT, FaultKind.SHORT, FaultKind.EXPIRED, FaultKind.EXPIRED_FOREVER,
        FaultKind.DOWNLOAD_500, FaultKind.HTML, FaultKind.SLOW, FaultKind.REDIRECT,
    }
)  # fmt: skip

FAULT_HELP: dict[str, str] = {
    "429": "submit: too many requests; 429:7 asks to wait 7 s (default 1); nothing is accepted",
    "500": "submit: internal error, nothing accepted; 500:accepted runs it all the same",
    "503": "submit: overloaded; nothing is accepted",
    "quota": "submit: the daily quota is used up",
    "credits": "submit: the prepaid credits are used up",
    "reset": "submit: accepted, but the connection is reset before any answer",
    "drop": "submit: the connection is reset and nothing was accepted",
    "silent": "submit: accepted, but the answer never comes",
    "garbage": "submit: accepted, but the answer is a web page",
    "auth": "every call: the key is refused; auth:401 (default), auth:403 or auth:400; always",
    "never": "the generation never ends; always",
    "slow-queue": "the generation stays queued for 30 s, or slow-queue:SECONDS; always",
    "fail": "the generation ends with an error, or with the text in fail:TEXT; always",
    "refuse": "the safety system refuses: a completed answer with text and no video; always",
    "poll-500": "poll: internal error, twice",
    "poll-429": "poll: too many requests; poll-429:3 asks to wait 3 s (default 1)",
    "poll-html": "poll: a web page in place of an answer",
    "poll-reset": "poll: the connection is reset",
    "gone": "poll: the generation is unknown (404); always",
    "cut": "download: the connection breaks after half, or after cut:BYTES or cut:PERCENT%",
    "short": "download: ends early without an error and without an announced length",
    "expired": "download: the link has expired; a new poll gives a link that works",
    "expired-forever": "download: every link has expired; always",
    "download-500": "download: internal error",
    "html": "download: a web page that claims to be a video",
    "slow": "download: 1000 bytes a second, or slow:BYTES; always",
    "redirect": "download: moved to another address, which must not receive the key; always",
}

FAULT_GRAMMAR = (
    "KIND*N strikes N times, as in 503*3; KIND*always every time. Without it a fault strikes once,",
    "unless its line says otherwise. What stands after a colon comes first: 429:7*2.",
    "Several faults, separated by commas, strike in their order: 429:2*2,cut:50%.",
)

_DEFAULT_TIMES: dict[FaultKind, int | None] = {
    kind: None if FAULT_HELP[kind.value].endswith("always") else 1 for kind in FaultKind
}
_DEFAULT_TIMES[FaultKind.POLL_500] = 2

_NUMBER = re.compile(r"\d+(\.\d+)?$")
_ARGUMENTS: dict[FaultKind, re.Pattern[str]] = {
    FaultKind.RATE_LIMIT: _NUMBER,
    FaultKind.POLL_429: _NUMBER,
    FaultKind.SLOW_QUEUE: _NUMBER,
    FaultKind.SERVER_ERROR: re.compile("accepted$"),
    FaultKind.AUTH: re.compile("40[013]$"),
    FaultKind.FAIL: re.compile(r".+$"),
    FaultKind.CUT: re.compile(r"\d+%?$"),
    FaultKind.SHORT: re.compile(r"\d+%?$"),
    FaultKind.SLOW: re.compile(r"[1-9]\d*$"),
}


@dataclass(frozen=True)
class Fault:
    """One failure; `times` is how often it strikes, None for always."""

    kind: FaultKind
    times: int | None
    argument: str | None


def parse_faults(spec: str) -> list[Fault]:
    """Read a specification; raises ValueError with a sentence that lists the kinds."""
    return [_parse(part.strip()) for part in spec.split(",") if part.strip()]


def _parse(text: str) -> Fault:
    match = re.fullmatch(r"(?P<kind>[^:*]+)(:(?P<argument>[^*]*))?(\*(?P<times>[^*]+))?", text)
    try:
        kind = FaultKind(match["kind"].strip().lower()) if match else None
    except ValueError:
        kind = None
    if match is None or kind is None:
        kinds = ", ".join(FAULT_HELP)
        raise ValueError(f"There is no fault {text!r}. The kinds are: {kinds}.")
    argument = match["argument"].strip() if match["argument"] else None
    times = _DEFAULT_TIMES[kind]
    if match["times"]:
        word = match["times"].strip()
        if word == "always":
            times = None
        elif word.isdigit() and int(word) > 0:
            times = int(word)
        else:
            raise ValueError(f"In fault {text!r}, after * stands a number of times or 'always'.")
    if argument is not None:
        pattern = _ARGUMENTS.get(kind)
        if pattern is None or not pattern.match(argument):
            raise ValueError(
                f"In fault {text!r}, {argument!r} is not understood. "
                f"{kind.value}: {FAULT_HELP[kind.value]}."
            )
    return Fault(kind, times, argument)


class FaultPlan:
    """Counts how often each fault has struck."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._left: list[tuple[Fault, list[int | None]]] = [
            (fault, [fault.times]) for fault in faults
        ]

    def has(self, kind: FaultKind) -> bool:
        return any(fault.kind is kind for fault, _ in self._left)

    def take(self, kinds: frozenset[FaultKind]) -> Fault | None:
        """The next fault of these kinds that has not struck often enough yet."""
        for fault, left in self._left:
            if fault.kind in kinds and left[0] != 0:
                if left[0] is not None:
                    left[0] -= 1
                return fault
        return None


def part_of(argument: str | None, size_bytes: int) -> int:
    """How many bytes `cut` and `short` let through; half without an argument."""
    text = argument or "50%"
    if text.endswith("%"):
        return size_bytes * min(100, int(text[:-1])) // 100
    return min(int(text), size_bytes)
