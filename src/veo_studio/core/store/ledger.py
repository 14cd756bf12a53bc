"""The wallet's entries: append-only, one charge per generation, at most one refund per charge.

Every function takes the connection of the transaction that also changes the state, so that money
and state are never apart. The running balance stands in each entry (`balance_after`). Tokens are the
user's own unit; beside them each entry books what the provider takes, in millionths of a US dollar.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import LedgerDamaged, NotEnoughTokens
from veo_studio.core.models import WalletEntry
from veo_studio.core.store.tables import wallet_entries

_e = wallet_entries.c
_refund = wallet_entries.alias("refund")
_of_generation = _e.generation_id == bindparam("generation_id")
MICROS = 1_000_000

_NEWEST = select(_e.balance_after, _e.tokens).order_by(_e.id.desc()).limit(1)
_NEWEST_TWO = select(_e.balance_after, _e.tokens).order_by(_e.id.desc()).limit(2)
_CHARGE = (
    select(_e.id, _e.tokens, _e.booked_at, _refund.c.id.label("refund_id"))
    .outerjoin_from(wallet_entries, _refund, _refund.c.refund_of == _e.id)
    .where(_of_generation, _e.kind == "charge")
)
_NEWEST_SUBMIT = (
    select(_e.booked_at)
    .where(_of_generation, _e.kind.in_(("charge", "again")))
    .order_by(_e.id.desc())
    .limit(1)
)
_BOOKED = select(func.coalesce(func.sum(_e.cost_micros), 0)).where(_of_generation)
_BOOKED_BY_MOMENT = (
    select(_e.booked_at, func.sum(_e.cost_micros).label("cost_micros"))
    .where(_of_generation)
    .group_by(_e.booked_at)
)
_INSERT = wallet_entries.insert()


def balance(connection: Connection) -> int:
    """Tokens in the wallet."""
    return int(connection.execute(_NEWEST).scalar() or 0)


def grant(connection: Connection, tokens: int, at: datetime, cause: str) -> int:
    """Add tokens; returns the new balance. ValueError for anything but a positive whole number."""
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens <= 0:
        raise ValueError("The number of tokens must be a whole number of 1 or more.")
    if tokens > 1_000_000_000:
        raise ValueError("The number of tokens must be 1,000,000,000 or less.")
    return _append(connection, "grant", tokens, at, cause)


def charge(
    connection: Connection,
    generation_id: int,
    tokens: int,
    cost_usd: Decimal | None,
    at: datetime,
    cause: str,
) -> None:
    """Take `tokens` (0 in rehearsal: the entry still says that this generation was accounted for)."""
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0:
        raise ValueError("A charge must be a whole number of 0 or more tokens.")
    held = _linked_balance(connection) if tokens else balance(connection)
    if tokens > held:
        raise NotEnoughTokens(needed=tokens, balance=held)
    _append(
        connection, "charge", -tokens, at, cause,
        generation_id=generation_id, cost_micros=-micros(cost_usd), held=held,
    )  # fmt: skip


def refund(
    connection: Connection,
    generation_id: int,
    at: datetime,
    cause: str,
    *,
    may_be_billed: bool = False,
) -> bool:
    """Give back what this generation was charged; False where that has already happened.

    `may_be_billed`: the tokens come back, but the money stays booked, so that a budget still holds
    if the provider did take it.
    """
    charged = _charge_of(connection, generation_id)
    if charged is None or charged.refund_id is not None:
        return False
    crash_point("K11")
    booked = {} if may_be_billed else _booked_by_moment(connection, generation_id)
    _append(
        connection, "refund", -charged.tokens, at, cause,
        generation_id=generation_id, refund_of=charged.id, booked_at=charged.booked_at,
        cost_micros=-booked.pop(charged.booked_at, 0),
    )  # fmt: skip
    for moment, cost_micros in booked.items():
        # what a second submit booked on another day comes back on that day
        _append(
            connection, "correction", 0, at, cause,
            generation_id=generation_id, booked_at=moment, cost_micros=-cost_micros,
        )  # fmt: skip
    return True


def charge_again(
    connection: Connection, generation_id: int, cost_usd: Decimal | None, at: datetime, cause: str
) -> None:
    """Book the money of a second submit that the user asked for; the tokens were charged already."""
    _append(
        connection, "again", 0, at, cause,
        generation_id=generation_id, cost_micros=-micros(cost_usd),
    )  # fmt: skip


def correct(
    connection: Connection, generation_id: int, cost_usd: Decimal, at: datetime, cause: str
) -> None:
    """Replace the estimate by what the provider says that it took; on the day of the newest submit."""
    booked_at = connection.execute(_NEWEST_SUBMIT, {"generation_id": generation_id}).scalar()
    difference = -micros(cost_usd) - _booked(connection, generation_id)
    if booked_at is None or difference == 0:
        return
    _append(
        connection, "correction", 0, at, cause,
        generation_id=generation_id, cost_micros=difference, booked_at=booked_at,
    )  # fmt: skip


def entries(
    connection: Connection,
    limit: int,
    *,
    before_id: int | None = None,
    kinds: Collection[str] | None = None,
    search: str = "",
) -> list[WalletEntry]:
    """The newest entries first; `search` looks in the causes."""
    query = select(wallet_entries).order_by(_e.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(_e.id < before_id)
    if kinds is not None:
        query = query.where(_e.kind.in_(list(kinds)))
    if search.strip():
        query = query.where(_e.cause.contains(search.strip(), autoescape=True))
    return [_to_entry(row._mapping) for row in connection.execute(query)]


def micros(cost_usd: Decimal | None) -> int:
    """Dollars as whole millionths; an unknown price counts nothing."""
    if cost_usd is None:
        return 0
    return int((cost_usd * MICROS).to_integral_value(ROUND_HALF_UP))


def dollars(cost_micros: int) -> Decimal:
    return Decimal(cost_micros) / MICROS


def _to_entry(row: Any) -> WalletEntry:
    return WalletEntry(
        id=row["id"],
        kind=row["kind"],
        tokens=row["tokens"],
        balance_after=row["balance_after"],
        at=row["at"],
        cause=row["cause"],
        generation_id=row["generation_id"],
        refund_of=row["refund_of"],
        cost_usd=dollars(row["cost_micros"]),
    )


def _charge_of(connection: Connection, generation_id: int) -> Any:
    """Its charge, with the id of the refund where there is one."""
    return connection.execute(_CHARGE, {"generation_id": generation_id}).first()


def _booked_by_moment(connection: Connection, generation_id: int) -> dict[datetime, int]:
    found = connection.execute(_BOOKED_BY_MOMENT, {"generation_id": generation_id})
    return {row.booked_at: int(row.cost_micros) for row in found if row.cost_micros}


def _booked(connection: Connection, generation_id: int) -> int:
    return int(connection.execute(_BOOKED, {"generation_id": generation_id}).scalar_one())


def _linked_balance(connection: Connection) -> int:
    """The balance; LedgerDamaged where it does not follow from the one before it."""
    newest = connection.execute(_NEWEST_TWO).all()
    if len(newest) == 2 and newest[0].balance_after != newest[1].balance_after + newest[0].tokens:
        raise LedgerDamaged("The newest entries of the wallet do not fit together.")
    return int(newest[0].balance_after) if newest else 0


def _append(
    connection: Connection,
    kind: str,
    tokens: int,
    at: datetime,
    cause: str,
    *,
    generation_id: int | None = None,
    refund_of: int | None = None,
    cost_micros: int = 0,
    booked_at: datetime | None = None,
    held: int | None = None,
) -> int:
    """`held`: the balance, where this transaction has read it already."""
    after = (balance(connection) if held is None else held) + tokens
    connection.execute(
        _INSERT,
        {
            "kind": kind,
            "tokens": tokens,
            "balance_after": after,
            "generation_id": generation_id,
            "refund_of": refund_of,
            "at": at,
            "cause": cause,
            "cost_micros": cost_micros,
            "booked_at": booked_at or at,
        },
    )
    crash_point("K13")
    return after
