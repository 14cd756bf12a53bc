"""The errors of the world, as opposed to bugs of ours.

What is not a `StudioError` is a bug: it is logged with its traceback and shown as one calm notice.

::

    StudioError
    ├── ProviderError(provider, status, request_id)
    │   ├── AuthError                   key missing, wrong or expired
    │   ├── APIQuotaExceededError
    │   │   ├── RateLimited             too many requests now; retry_after_s
    │   │   └── QuotaExceeded           daily, monthly or spend limit reached
    │   │       └── InsufficientCredits prepaid balance is empty
    │   ├── InvalidRequest              parameters refused
    │   │   └── NotFoundError           model, operation or file does not exist (any more)
    │   ├── GenerationFailedError       accepted, then failed at the provider
    │   │   └── ContentRefused          refused by a safety system; reason as the provider gave it
    │   ├── ProviderUnavailable         5xx, time-out, no connection
    │   │   ├── NotSent                 surely nothing reached the provider
    │   │   └── GenerationTimeoutError  a deadline passed, ours or the provider's
    │   ├── ProtocolError               an answer we do not understand
    │   └── OutcomeUnknown              a paid request whose answer was lost
    ├── DownloadError                   a result that cannot be fetched or is not what was announced
    │   └── LinkExpired                 the result's link no longer works
    ├── StorageError                    folder or database cannot be used
    │   ├── DiskFull                    needed_bytes
    │   ├── DatabaseTooNew              written_by
    │   ├── DatabaseDamaged         the file is broken or gone; backup, backup_at
    │   ├── LedgerDamaged               the stored books are wrong: spending is stopped
    │   └── FolderInUse                 another Veo Studio works on this folder
    ├── BudgetError
    │   ├── NotEnoughTokens             needed, balance
    │   └── BudgetExceeded              period, limit_usd, spent_usd, needed_usd
    ├── QueueFull                       limit
    ├── QueuePaused                     provider
    ├── NoLongerWaiting                 it was sent meanwhile, so it cannot be changed
    ├── StillRunning                    provider; it was given up here, and goes on there
    └── PublishError

Raise where the facts are, with fields rather than prose. `GenerationError` is the public API's name
for `StudioError`: one `except GenerationError` catches everything that is not a bug.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.error_kinds import ErrorKind

if TYPE_CHECKING:
    from veo_studio.core.bookings import BudgetPeriod


class StudioError(Exception):
    """Something in the world went wrong; the message is plain text without secrets.

    `kind` is the finer kind stored with a generation. `action` is what the user can do next, as one
    sentence, where the place that raised knows better than `ui/error_text.py`.
    """

    kind: ErrorKind = ErrorKind.GENERATION_FAILED

    def __init__(self, message: str, *, action: str | None = None) -> None:
        super().__init__(message)
        self.action = action

    @property
    def message(self) -> str:
        return str(self.args[0])

    @property
    def whole(self) -> str:
        """The message, and what to do next where that is known."""
        return " ".join(filter(None, (self.message, self.action)))


GenerationError = StudioError


class ProviderError(StudioError):
    """A provider said no, or said something we cannot use."""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        status: int | None = None,
        request_id: str | None = None,
        code: str | None = None,
        kind: ErrorKind | None = None,
        action: str | None = None,
    ) -> None:
        super().__init__(message, action=action)
        self.provider = provider
        self.status = status
        self.request_id = request_id
        self.code = code
        if kind is not None:
            self.kind = kind


class AuthError(ProviderError):
    """The key is missing, wrong, expired, or lacks a permission or region."""

    kind = ErrorKind.AUTH


class APIQuotaExceededError(ProviderError):
    """The provider accepts no more for now: `RateLimited` for a moment, `QuotaExceeded` for longer."""

    kind = ErrorKind.QUOTA_EXCEEDED


class RateLimited(APIQuotaExceededError):
    """Too many requests now; nothing was accepted. `retry_after_s` is None where none was told."""

    kind = ErrorKind.RATE_LIMITED

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        provider: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(message, provider=provider, status=status)
        self.retry_after_s = retry_after_s


class QuotaExceeded(APIQuotaExceededError):
    """A daily, monthly or spend limit at the provider is reached."""

    kind = ErrorKind.QUOTA_EXCEEDED


class InsufficientCredits(QuotaExceeded):
    """The prepaid balance at the provider is empty."""

    kind = ErrorKind.INSUFFICIENT_CREDITS


class InvalidRequest(ProviderError):
    """The provider refused the parameters; nothing was accepted."""

    kind = ErrorKind.INVALID_REQUEST


class NotFoundError(InvalidRequest):
    """The model, operation or file does not exist, or does not exist any more."""

    kind = ErrorKind.NOT_FOUND


class GenerationFailedError(ProviderError):
    """The provider accepted the generation and then failed."""

    kind = ErrorKind.GENERATION_FAILED


class ContentRefused(GenerationFailedError):
    """A safety system refused the prompt, the input or the output; the message is its reason."""

    kind = ErrorKind.CONTENT_FILTERED


class ProviderUnavailable(ProviderError):
    """5xx, time-out or a broken connection: says nothing about the generation."""

    kind = ErrorKind.SERVER_ERROR

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        provider: str = "",
        status: int | None = None,
        kind: ErrorKind | None = None,
    ) -> None:
        super().__init__(message, provider=provider, status=status, kind=kind)
        self.retry_after_s = retry_after_s


class NotSent(ProviderUnavailable):
    """DNS, refused connection or TLS failure: surely nothing reached the provider."""

    kind = ErrorKind.NETWORK


class GenerationTimeoutError(ProviderUnavailable):
    """A deadline passed; the generation may well go on at the provider."""

    kind = ErrorKind.TIMEOUT


class ProtocolError(ProviderError):
    """The provider answered something that its protocol does not know."""

    kind = ErrorKind.SERVER_ERROR


class OutcomeUnknown(ProviderError):
    """A paid request was sent and its answer was lost: it may have been billed."""

    kind = ErrorKind.SUBMIT_UNKNOWN


class DownloadError(StudioError):
    """A finished result cannot be fetched, or is not the file that was announced."""

    kind = ErrorKind.DOWNLOAD_FAILED


class LinkExpired(DownloadError):
    """The result's link no longer works; the operation may give a new one."""


class StorageError(StudioError):
    """A folder, a file or the database cannot be used."""

    kind = ErrorKind.STORAGE


class DiskFull(StorageError):
    """No room: `needed_bytes` more are needed at least (None: not known)."""

    def __init__(self, message: str, *, needed_bytes: int | None = None) -> None:
        super().__init__(message)
        self.needed_bytes = needed_bytes


class DatabaseTooNew(StorageError):
    """The database was written by a newer Veo Studio, named in `written_by`."""

    def __init__(self, message: str, *, written_by: str) -> None:
        super().__init__(message)
        self.written_by = written_by


class DatabaseDamaged(StorageError):
    """The database file is broken, empty or gone; nothing is written to it any more.

    `backup` is the newest good backup, made at `backup_at`; both None where there is none.
    """

    def __init__(
        self, message: str, *, backup: Path | None = None, backup_at: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.backup = backup
        self.backup_at = backup_at


class LedgerDamaged(StorageError):
    """What is stored breaks an invariant (I01-I09): nothing is spent until a person has looked."""


class FolderInUse(StorageError):
    """Another Veo Studio works on this data folder."""


class BudgetError(StudioError):
    """The user's own budget does not allow this."""

    kind = ErrorKind.BUDGET


class NotEnoughTokens(BudgetError):
    """The wallet holds fewer tokens than the generation costs; nothing was stored or sent."""

    def __init__(self, *, needed: int, balance: int, kept: str = "") -> None:
        """`kept` says what of the balance is spoken for."""
        super().__init__(
            f"This needs {needed} tokens and the wallet holds {balance}"
            + (f": {kept}." if kept else "."),
            action="Add tokens: Wallet > Top up, or `veo-studio wallet add N`.",
        )
        self.needed = needed
        self.balance = balance


class BudgetExceeded(BudgetError):
    """The user's own limit in money does not allow this; nothing was stored or sent.

    `needed_usd` is None where no price is known, so that no limit could hold.
    """

    def __init__(
        self,
        period: BudgetPeriod,
        *,
        limit_usd: Decimal,
        spent_usd: Decimal,
        needed_usd: Decimal | None,
        reserved_usd: Decimal = Decimal(0),
    ) -> None:
        name = {"day": "today", "month": "this month", "batch": "one click"}[period.value]
        if needed_usd is None:
            words = f"The price of this model is not known, so the budget for {name} cannot hold."
        else:
            words = (
                f"This costs about ${needed_usd:.2f}; the budget for {name} is ${limit_usd:.2f}"
                + (f" and ${spent_usd:.2f} of it is spent" if spent_usd else "")
                + (
                    f" and ${reserved_usd:.2f} of it is kept for storyboards"
                    if reserved_usd
                    else ""
                )
                + "."
            )
        super().__init__(
            words,
            action="Choose a cheaper model or fewer takes, or raise the budget in the wallet.",
        )
        self.period = period
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.needed_usd = needed_usd


class QueueFull(StudioError):
    """More than `limit` generations would wait; nothing was stored or charged."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The queue holds at most {limit:,} waiting generations.",
            action="Wait until some are done, or clear what you no longer need.",
        )
        self.limit = limit


class QueuePaused(StudioError):
    """The user paused the queue ("") or this provider; nothing was stored, sent or charged."""

    def __init__(self, provider: str = "") -> None:
        place = f"The provider {provider}" if provider else "The queue"
        super().__init__(
            f"{place} is paused, so nothing was sent and nothing was charged.",
            action="Resume it in the window, or with "
            f"`veo-studio queue resume{f' {provider}' if provider else ''}`.",
        )
        self.provider = provider


class NoLongerWaiting(StudioError):
    """Only a waiting generation can be changed, and this one was sent or ended meanwhile."""

    def __init__(self) -> None:
        super().__init__("This generation no longer waits, so it cannot be changed any more.")


class StillRunning(StudioError):
    """It was given up here, and its provider still works on it: paying again may be for nothing."""

    def __init__(self, *, provider: str = "") -> None:
        super().__init__("The provider still works on this one, and may have billed it.")
        self.provider = provider


class PublishError(StudioError):
    """A delivery failed; the generation and its charge are untouched."""
