"""Tokens and money as they are booked, the limits on them, and why nothing is sent.

Everything here is frozen. Moments are aware UTC datetimes, money is Decimal US dollars, tokens are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Charge(Enum):
    """What a generation cost the user, as far as anybody knows."""

    NOT_CHARGED = "not_charged"
    CHARGED = "charged"
    UNKNOWN = "unknown"


class PauseKind(Enum):
    """Why nothing is sent to a provider."""

    USER = "user"
    KEY = "key"
    # the provider said when to come back, or a backoff runs
    TOLD = "told"
    # the books contradict themselves: nothing is paid for until a person has looked
    BOOKS = "books"


class BudgetPeriod(Enum):
    """What a limit in money holds for: a calendar day or month where the user lives, or one click."""

    DAY = "day"
    MONTH = "month"
    BATCH = "batch"


@dataclass(frozen=True)
class WalletEntry:
    """One line of the wallet; `tokens` is signed, `balance_after` is the balance it left.

    `cost_usd` is what the provider takes, signed like the tokens: an estimate until a "correction".
    Kinds: grant, charge, refund, again (sent again at the user's risk), correction.
    """

    id: int
    kind: str
    tokens: int
    balance_after: int
    at: datetime
    cause: str
    generation_id: int | None = None
    refund_of: int | None = None
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Pause:
    """Nothing is sent to `provider` ("" for all of them) until it is lifted or `until` has come."""

    provider: str
    kind: PauseKind
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class BudgetState:
    """A limit in money and what counts against it; no limit is None. One click has spent nothing.

    `reserved_usd` is the part of `spent_usd` that only waits in the queue: nobody has taken it yet.
    """

    period: BudgetPeriod
    limit_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal = Decimal(0)
