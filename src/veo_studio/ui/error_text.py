"""The one place that knows what to tell about an error: what happened, what to do next, one action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from veo_studio.core import errors
from veo_studio.core.errors import StudioError
from veo_studio.core.models import Charge, ErrorKind, Generation, GenerationState
from veo_studio.core.plain import masked
from veo_studio.ui import error_words, own_error_words
from veo_studio.ui.error_words import (
    ACTION_IDS,
    CHANGE_SETTINGS,
    CHOOSE_FOLDER,
    COLLECT,
    COPY_DETAILS,
    EDIT_PROMPT,
    OPEN_SETTINGS,
    OPEN_WALLET,
    TRY_AGAIN,
    ErrorText,
    quoted,
)
from veo_studio.ui.text import tr

__all__ = [
    "ACTION_IDS",
    "CHANGE_SETTINGS",
    "CHOOSE_FOLDER",
    "COLLECT",
    "COPY_DETAILS",
    "EDIT_PROMPT",
    "OPEN_SETTINGS",
    "OPEN_WALLET",
    "TRY_AGAIN",
    "ErrorText",
    "describe",
    "describe_generation",
    "quoted",
]


def describe(error: StudioError) -> ErrorText:
    """What to tell about `error`; a class without words of its own speaks like its parent."""
    for known in type(error).__mro__:
        if known in _BY_CLASS:
            text = _BY_CLASS[known](error)
            if error.action:
                return replace(text, next_step=masked(error.action))
            return text
    raise TypeError(f"{type(error).__name__} is not a StudioError")


def describe_generation(generation: Generation) -> ErrorText:
    """What to tell about a generation that failed, was stopped or waits for the user."""
    kind = generation.error_kind
    if generation.state is GenerationState.UNKNOWN:
        return error_words.unknown()
    if generation.state is GenerationState.HELD:
        return error_words.held(generation)
    if generation.state is GenerationState.CANCELLED:
        return ErrorText(tr("This was cancelled."), _money(generation), TRY_AGAIN, tr("Try again"))
    if kind is ErrorKind.SUBMIT_UNKNOWN:
        return error_words.given_up(generation.error or "")
    text = _BY_KIND[kind or ErrorKind.GENERATION_FAILED](generation.error or "")
    money = _money(generation)
    return ErrorText(
        text.happened, f"{text.next_step} {money}".strip(), text.action_id, text.action_text
    )


def _money(generation: Generation) -> str:
    if generation.charge is Charge.NOT_CHARGED:
        return tr("Nothing was charged.")
    if generation.charge is Charge.UNKNOWN:
        return tr("It is not known whether it was charged.")
    return tr("It was charged.") if generation.tokens or generation.price_usd else ""


_BY_CLASS: dict[type, Callable[[StudioError], ErrorText]] = {
    errors.StudioError: error_words.studio,
    errors.ProviderError: error_words.provider_said,
    errors.AuthError: error_words.auth,
    errors.APIQuotaExceededError: error_words.quota,
    errors.RateLimited: error_words.rate,
    errors.QuotaExceeded: error_words.quota,
    errors.InsufficientCredits: error_words.credits,
    errors.InvalidRequest: error_words.invalid,
    errors.NotFoundError: error_words.not_found,
    errors.GenerationFailedError: error_words.failed,
    errors.ContentRefused: error_words.refused,
    errors.ProviderUnavailable: error_words.unavailable,
    errors.NotSent: error_words.not_sent,
    errors.GenerationTimeoutError: error_words.timeout,
    errors.ProtocolError: error_words.protocol,
    errors.OutcomeUnknown: error_words.outcome_unknown,
    errors.DownloadError: error_words.download,
    errors.LinkExpired: error_words.link,
    errors.StorageError: own_error_words.storage,
    errors.DiskFull: own_error_words.full,
    errors.DatabaseTooNew: own_error_words.too_new,
    errors.DatabaseDamaged: own_error_words.damaged,
    errors.LedgerDamaged: own_error_words.ledger,
    errors.FolderInUse: own_error_words.in_use,
    errors.BudgetError: own_error_words.budget,
    errors.NotEnoughTokens: own_error_words.tokens,
    errors.BudgetExceeded: own_error_words.over_budget,
    errors.QueueFull: own_error_words.queue_full,
    errors.QueuePaused: own_error_words.queue_paused,
    errors.NoLongerWaiting: own_error_words.no_longer_waiting,
    errors.StillRunning: own_error_words.still_running,
    errors.PublishError: error_words.publish,
}


# By kind: what is stored with a generation after the exception is gone. Each is told as the class
# that carries this kind; the words are the stored ones.


def _as(
    kind_class: type[StudioError], told: Callable[[StudioError], ErrorText]
) -> Callable[[str], ErrorText]:
    def tell(words: str) -> ErrorText:
        return told(kind_class(words))

    return tell


_BY_KIND: dict[ErrorKind, Callable[[str], ErrorText]] = {
    ErrorKind.AUTH: _as(errors.AuthError, error_words.auth),
    ErrorKind.INSUFFICIENT_CREDITS: _as(errors.InsufficientCredits, error_words.credits),
    ErrorKind.QUOTA_EXCEEDED: _as(errors.QuotaExceeded, error_words.quota),
    ErrorKind.RATE_LIMITED: _as(errors.RateLimited, error_words.rate),
    ErrorKind.INVALID_REQUEST: _as(errors.InvalidRequest, error_words.invalid),
    ErrorKind.CONTENT_FILTERED: _as(errors.ContentRefused, error_words.refused),
    ErrorKind.GENERATION_FAILED: _as(errors.GenerationFailedError, error_words.failed),
    ErrorKind.TIMEOUT: _as(errors.GenerationTimeoutError, error_words.timeout),
    ErrorKind.NETWORK: _as(errors.NotSent, error_words.not_sent),
    ErrorKind.NOT_FOUND: _as(errors.NotFoundError, error_words.not_found),
    ErrorKind.SERVER_ERROR: _as(errors.ProviderUnavailable, error_words.unavailable),
    ErrorKind.SUBMIT_UNKNOWN: _as(errors.OutcomeUnknown, error_words.outcome_unknown),
    ErrorKind.DOWNLOAD_FAILED: _as(errors.DownloadError, error_words.download),
    ErrorKind.STORAGE: _as(errors.StorageError, own_error_words.storage),
    ErrorKind.BUDGET: _as(errors.BudgetError, own_error_words.budget),
}
