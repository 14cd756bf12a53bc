"""Sentences of the command line: what happened, and the next step as a command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from veo_studio.cli.terminal import ExitCode
from veo_studio.core.errors import (
    BudgetError,
    BudgetExceeded,
    DatabaseDamaged,
    DownloadError,
    FolderInUse,
    LedgerDamaged,
    OutcomeUnknown,
    QueueFull,
    QueuePaused,
    StorageError,
    StudioError,
)
from veo_studio.core.models import BudgetPeriod, Charge, ErrorKind, Generation, GenerationState

_S = GenerationState
GOES_ON = "the generation goes on at the provider; `veo-studio collect` fetches it"

_NEXT_STEPS = {
    ErrorKind.AUTH: "Check the key: `veo-studio doctor` says where it comes from.",
    ErrorKind.INSUFFICIENT_CREDITS: "Add credit on the provider's site, or choose another model.",
    ErrorKind.QUOTA_EXCEEDED: "Wait until the limit resets, or choose another model.",
    ErrorKind.RATE_LIMITED: "Try again in a minute.",
    ErrorKind.INVALID_REQUEST: "Change the settings; `veo-studio models` shows what is accepted.",
    ErrorKind.CONTENT_FILTERED: "Change the prompt: the same words will be refused again.",
    ErrorKind.GENERATION_FAILED: "Try again, or change the prompt.",
    ErrorKind.TIMEOUT: "Look again later with `veo-studio collect`.",
    ErrorKind.NETWORK: "Check the network and try again.",
    ErrorKind.NOT_FOUND: "Choose another model; `veo-studio models` lists them.",
    ErrorKind.SERVER_ERROR: "Try again in a few minutes.",
    ErrorKind.SUBMIT_UNKNOWN: "It is not sent again by itself: look at the provider's own list.",
    ErrorKind.DOWNLOAD_FAILED: "Fetch it again with `veo-studio collect`; that costs nothing.",
    ErrorKind.STORAGE: "Free some space or choose another folder.",
    ErrorKind.BUDGET: "Add tokens with `veo-studio wallet add N`.",
}


def error_sentence(error: StudioError) -> str:
    """What happened and what to do next, in one line."""
    match error:
        case FolderInUse():
            action = error.action or "Use the window that is open, or close it first."
        case DatabaseDamaged(backup_at=datetime() as at):
            day = f"{at.astimezone():%Y-%m-%d %H:%M}"
            action = f"`veo-studio restore` puts the backup of {day} ({ago(at)}) in its place."
        case DatabaseDamaged():
            action = "There is no good backup. Move the file away to begin an empty library."
        case LedgerDamaged():
            action = "`veo-studio doctor` says what is wrong; nothing is repaired by itself."
        case BudgetExceeded():
            action = (
                "Choose a cheaper model or fewer takes, or raise it with "
                f"`veo-studio wallet budget {budget_word(error.period)} AMOUNT`."
            )
        case QueueFull():
            action = "Wait until some are done; `veo-studio queue` lists them."
        case StorageError() if error.action is None and _ends_with_advice(error):
            action = ""
        case _:
            action = error.action or _NEXT_STEPS[error.kind]
    return f"{_sentence(error.message)} {action}".strip()


def _ends_with_advice(error: StorageError) -> bool:
    """Some storage errors say the next step themselves, after the fact."""
    return error.message.rstrip(".").count(". ") > 0


def budget_word(period: BudgetPeriod) -> str:
    """What the user types for it."""
    return "click" if period is BudgetPeriod.BATCH else period.value


def exit_code_of(error: StudioError) -> ExitCode:
    """The exit code of an error before anything was stored or sent."""
    if isinstance(error, StorageError):
        return ExitCode.STORAGE
    if isinstance(error, BudgetError | QueueFull | QueuePaused):
        return ExitCode.BUDGET
    if isinstance(error, OutcomeUnknown | DownloadError):
        return ExitCode.WAITING
    return ExitCode.PROVIDER_FAILED


def error_kind_of(error: StudioError) -> str:
    """For scripts: the kinds of generations, and two that only a command has."""
    if isinstance(error, QueueFull):
        return "queue_full"
    return "paused" if isinstance(error, QueuePaused) else error.kind.value


def outcome_sentence(generation: Generation) -> str:
    """What became of a generation that has no file, and what to do next."""
    number, words = generation.id, _sentence(generation.error or "")
    match generation.state:
        case _S.UNKNOWN:
            return (
                f"Generation {number}: the connection broke while it was sent, so it may have been "
                f"charged. It is not sent again by itself; `veo-studio attention {number}` shows what "
                "you can do."
            )
        case _S.HELD:
            return (
                f"Generation {number} is finished but could not be fetched or stored. {words} "
                f"Run `veo-studio collect {number}` when the cause is gone."
            )
        case _S.CANCELLED:
            return f"Generation {number} was cancelled. {money_words(generation)}".strip()
        case _S.FAILED:
            kind = generation.error_kind or ErrorKind.GENERATION_FAILED
            happened = words or "It failed at the provider."
            return f"Generation {number}: {happened} {_NEXT_STEPS[kind]} {money_words(generation)}".strip()
        case _S.PENDING:
            return f"Generation {number} was not sent yet; it waits in the queue."
    return (
        f"Generation {number} is still running at the provider; "
        f"`veo-studio collect {number}` fetches it."
    )


def exit_code_for(generations: Sequence[Generation]) -> ExitCode:
    """One code for all of them: what waits for the user counts most, then what failed."""
    states = {generation.state for generation in generations}
    if states - {_S.COMPLETED, _S.FAILED, _S.CANCELLED}:
        return ExitCode.WAITING
    failed = [generation for generation in generations if generation.state is _S.FAILED]
    if any(generation.error_kind is ErrorKind.STORAGE for generation in failed):
        return ExitCode.STORAGE
    if any(generation.error_kind is ErrorKind.BUDGET for generation in failed):
        return ExitCode.BUDGET
    return ExitCode.DONE if states <= {_S.COMPLETED} else ExitCode.PROVIDER_FAILED


def money_words(generation: Generation) -> str:
    """What a generation without a file cost."""
    if not generation.tokens and not generation.price_usd:
        return ""
    if generation.charge is Charge.NOT_CHARGED:
        return "Nothing was charged."
    return "It was charged." if generation.charge is Charge.CHARGED else "It may have been charged."


def price_words(tokens: int, cost_usd: Decimal | None, provider: str) -> str:
    """`10 tokens and about $0.56 at Google Gemini`."""
    cost = f"about ${cost_usd:.2f}" if cost_usd is not None else "an unknown price"
    return f"{tokens} tokens and {cost} at {provider}"


def cost_sentence(generations: Sequence[Generation], provider: str) -> str:
    """What the provider reported that these cost, beside what was expected; "" where it told nothing."""
    told = [entry for entry in generations if entry.cost_usd is not None and entry.is_priced]
    if not told:
        return ""
    cost_usd = sum((entry.cost_usd or Decimal(0) for entry in told), Decimal(0))
    known = [entry.price_usd for entry in told if entry.price_usd is not None]
    expected = f", about ${sum(known):.2f} was expected" if len(known) == len(told) else ""
    return f"It cost ${cost_usd:.2f} at {provider}{expected}."


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long ago, short: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date."""
    age_s = ((now or datetime.now(UTC)) - at).total_seconds()
    if age_s < 60:
        return "just now"
    if age_s < 3600:
        return f"{int(age_s // 60)} min ago"
    if age_s < 24 * 3600:
        return f"{int(age_s // 3600)} h ago"
    days = int(age_s // (24 * 3600))
    if days < 7:
        return f"{days} day{'s' if days > 1 else ''} ago"
    return at.astimezone().strftime("%Y-%m-%d")


def size_words(size_bytes: int) -> str:
    """`640 bytes`, `5.2 MB`, `1.3 GB`."""
    size, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"


def _sentence(words: str) -> str:
    line = " ".join(words.split())
    if len(line) > 400:
        line = line[:399].rstrip() + "…"
    return line if not line or line[-1] in ".!?…" else f"{line}."
