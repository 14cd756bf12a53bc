"""What is said of errors of our own side: folders, wallet, budgets, the line of waiting clips."""

from __future__ import annotations

from decimal import Decimal

from veo_studio.core import errors
from veo_studio.core.errors import StudioError
from veo_studio.core.models import BudgetPeriod
from veo_studio.core.plain import masked
from veo_studio.ui.error_words import (
    CHOOSE_FOLDER,
    COPY_DETAILS,
    EDIT_PROMPT,
    OPEN_WALLET,
    ErrorText,
    as_sentence,
    quoted,
)
from veo_studio.ui.text import ago, money_words, size_words, tr


def storage(error: StudioError) -> ErrorText:
    return ErrorText(
        as_sentence(error.message) or tr("A folder cannot be used."),
        tr("Check the folder and its permissions, or choose another one."),
        CHOOSE_FOLDER,
        tr("Choose folder"),
    )


def full(error: StudioError) -> ErrorText:
    needed = getattr(error, "needed_bytes", None)
    happened = (
        tr("The disk is full: {size} more are needed.", size=size_words(needed))
        if needed
        else tr("The disk is full.")
    )
    return ErrorText(
        happened,
        tr("Free some space or choose a folder on another disk; finished clips wait at the provider."),
        CHOOSE_FOLDER,
        tr("Choose folder"),
    )  # fmt: skip


def too_new(error: StudioError) -> ErrorText:
    written_by = " ".join(masked(getattr(error, "written_by", "")).split())[:40]
    return ErrorText(
        tr("The library was written by Veo Studio {version}, which is newer.", version=written_by),
        tr("Update Veo Studio, or start it with another data folder. Nothing was changed."),
    )


def damaged(error: StudioError) -> ErrorText:
    made_at = getattr(error, "backup_at", None)
    if made_at is None:
        next_step = tr("There is no backup. Move the damaged file away to begin an empty library.")
    else:
        next_step = tr(
            "Close and start Veo Studio again to restore the backup of {day} ({age}). "
            "The damaged file is kept.",
            day=f"{made_at.astimezone():%Y-%m-%d %H:%M}",
            age=ago(made_at),
        )
    return ErrorText(as_sentence(error.message) or tr("The library is damaged."), next_step)


def in_use(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("Another Veo Studio already works with this library."),
        tr("Use the window that is open, or close it first."),
    )


def budget(error: StudioError) -> ErrorText:
    return ErrorText(
        as_sentence(error.message) or tr("The budget does not allow this."),
        tr("Raise the budget in the wallet, or choose a cheaper model."),
        OPEN_WALLET,
        tr("Open wallet"),
    )


def tokens(error: StudioError) -> ErrorText:
    needed, balance = getattr(error, "needed", 0), getattr(error, "balance", 0)
    return ErrorText(
        tr("This needs {needed} tokens and the wallet holds {balance}.", needed=needed,
           balance=balance),
        tr("Add tokens, or make fewer takes."),
        OPEN_WALLET,
        tr("Add tokens"),
    )  # fmt: skip


def over_budget(error: StudioError) -> ErrorText:
    assert isinstance(error, errors.BudgetExceeded)
    return ErrorText(
        over_budget_words(error.period, error.limit_usd, error.spent_usd, error.needed_usd),
        tr("Nothing was sent. Choose a cheaper model or fewer takes, or raise the budget."),
        OPEN_WALLET,
        tr("Open wallet"),
    )


def over_budget_words(
    period: BudgetPeriod, limit_usd: Decimal, spent_usd: Decimal, needed_usd: Decimal | None
) -> str:
    """Which limit in money a click would break, and by what; the form says the same before it."""
    limit = money_words(limit_usd)
    budget = {
        BudgetPeriod.DAY: tr("the budget of {limit} per day", limit=limit),
        BudgetPeriod.MONTH: tr("the budget of {limit} per month", limit=limit),
        BudgetPeriod.BATCH: tr("the budget of {limit} per click", limit=limit),
    }[period]
    if needed_usd is None:
        return tr("The price of this model is not known, so {budget} cannot be kept.",
                  budget=budget)  # fmt: skip
    needed = money_words(needed_usd)
    if period is BudgetPeriod.BATCH:
        return tr("This costs about {needed}, more than {budget}.", needed=needed, budget=budget)
    left = limit_usd - spent_usd
    if left <= 0:
        return tr("This costs about {needed}, and {budget} is used up.",
                  needed=needed, budget=budget)  # fmt: skip
    return tr("This costs about {needed}, and {left} is left of {budget}.",
              needed=needed, left=money_words(left), budget=budget)  # fmt: skip


def queue_full(error: StudioError) -> ErrorText:
    limit = getattr(error, "limit", 0)
    return ErrorText(
        tr("The queue is full: {limit} clips may wait at the most.", limit=f"{limit:,}"),
        tr("Nothing was charged. Wait until some are done, or cancel what you no longer need."),
    )


def queue_paused(error: StudioError) -> ErrorText:
    return ErrorText(
        as_sentence(error.message), tr("Resume it in the queue, then generate once more.")
    )


def ledger(error: StudioError) -> ErrorText:
    words = quoted(error.message)
    return ErrorText(
        tr("The wallet's books do not add up, so nothing is spent. {words}", words=words).strip(),
        tr("Your clips and the history can be used as before. Restore a backup, or report the details."),
        COPY_DETAILS,
        tr("Copy details"),
    )  # fmt: skip


def no_longer_waiting(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("This clip was sent or has ended meanwhile, so it cannot be changed any more."),
        tr("Nothing was changed. Use its prompt and settings for a new clip."),
        EDIT_PROMPT,
        tr("Use prompt and settings"),
    )


def still_running(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The service still works on this one, although it was given up here."),
        tr("Try again later: when it is done it is fetched, and nothing is paid twice."),
    )
