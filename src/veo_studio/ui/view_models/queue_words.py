"""The words of the queue: what waits and for what, what can be done, and what it means for the money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from veo_studio.core.models import Choice, Generation, GenerationState, Pause, PauseKind
from veo_studio.ui.text import seconds_words, tr, tr_n

# up to here a countdown is read, beyond it people look at a clock
LONGEST_COUNTDOWN_S = 300.0
_PAUSE_ORDER = (PauseKind.KEY, PauseKind.USER, PauseKind.TOLD)

CHOICE_ICONS = {
    Choice.CHECK: "eye",
    Choice.COLLECT: "collect",
    Choice.MARK_FAILED: "cross",
    Choice.SEND_AGAIN: "retry",
    Choice.OPEN_PROVIDER: "external",
}


def moment_words(until: datetime, now: datetime) -> str:
    """`in 42 s`, or the time on the wall where that is more than five minutes away."""
    left_s = (until - now).total_seconds()
    if left_s <= LONGEST_COUNTDOWN_S:
        return tr("in {wait}", wait=seconds_words(max(1.0, left_s)))
    there, here = until.astimezone(), now.astimezone()
    at = there.strftime("%H:%M")
    if there.date() == here.date():
        return tr("at {time}", time=at)
    return tr("on {date} at {time}", date=there.date().isoformat(), time=at)


def pause_words(pause: Pause, provider: str, waiting: int, now: datetime) -> str:
    """One sentence about a pause and one about what it holds back."""
    if pause.kind is PauseKind.KEY:
        what = tr("{provider} does not accept the key.", provider=provider)
    elif pause.kind is PauseKind.TOLD:
        when = moment_words(pause.until, now) if pause.until is not None else ""
        what = (
            tr("{provider} takes nothing now; it goes on {when}.", provider=provider, when=when)
            if when
            else tr("{provider} takes nothing now.", provider=provider)
        )
    elif pause.provider:
        what = tr("You paused {provider}.", provider=provider)
    else:
        what = tr("You paused the queue.")
    if not waiting:
        return what
    held = tr_n("{n} generation waits.", "{shown} generations wait.", waiting,
                shown=number_words(waiting))  # fmt: skip
    return f"{what} {held}"


@dataclass(frozen=True)
class PauseLine:
    """One pause as it is shown."""

    provider: str
    kind: PauseKind
    words: str


def pause_lines(
    pauses: Iterable[Pause],
    waiting: Mapping[str, int],
    name_of: Callable[[str], str],
    now: datetime,
) -> list[PauseLine]:
    """Every pause in words, what needs the user first; `waiting` counts by provider."""
    lines = [
        PauseLine(
            pause.provider,
            pause.kind,
            pause_words(
                pause,
                name_of(pause.provider),
                waiting.get(pause.provider, 0) if pause.provider else sum(waiting.values()),
                now,
            ),
        )
        for pause in pauses
    ]
    return sorted(lines, key=lambda line: (_PAUSE_ORDER.index(line.kind), line.provider))


def number_words(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def held_words(generation: Generation, now: datetime) -> str:
    """When one that is on hold is tried again by itself."""
    if generation.state is not GenerationState.HELD or generation.next_attempt_at is None:
        return ""
    if generation.next_attempt_at <= now:
        return tr("Tried again now.")
    when = moment_words(generation.next_attempt_at, now)
    return tr("Tried again by itself {when}.", when=when)


def choice_words(choice: Choice, generation: Generation, provider: str) -> str:
    """What a button or a menu says for one of the choices of a generation that needs attention."""
    if choice is Choice.MARK_FAILED and generation.tokens:
        return tr_n(
            "Mark as failed: {n} token comes back",
            "Mark as failed: {n} tokens come back",
            generation.tokens,
        )
    return {
        Choice.CHECK: tr("Check the provider"),
        Choice.COLLECT: tr("Fetch it"),
        Choice.MARK_FAILED: tr("Mark as failed"),
        Choice.SEND_AGAIN: tr("Send again…"),
        Choice.OPEN_PROVIDER: tr("Open the page of {provider}", provider=provider),
    }[choice]


def short_choice_words(choice: Choice) -> str:
    """The same for a button, where room is short."""
    return {
        Choice.CHECK: tr("Check"),
        Choice.COLLECT: tr("Fetch it"),
        Choice.MARK_FAILED: tr("Mark as failed"),
        Choice.SEND_AGAIN: tr("Send again…"),
        Choice.OPEN_PROVIDER: tr("Open its page"),
    }[choice]


def price_words(generations: Iterable[Generation]) -> str:
    """`20 tokens, about $1.12`; "" where all of them are free."""
    chosen = list(generations)
    tokens = sum(generation.tokens for generation in chosen)
    cost = sum((one.price_usd or Decimal(0) for one in chosen), Decimal(0))
    parts = []
    if tokens:
        parts.append(tr_n("{n} token", "{shown} tokens", tokens, shown=number_words(tokens)))
    if cost:
        parts.append(tr("about ${cost}", cost=f"{cost:.2f}"))
    return ", ".join(parts)
