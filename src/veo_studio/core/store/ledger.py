"""The wallet's entries: append-only, one charge per generation, at most one refund per charge.

Every function takes the connection of the transaction that also changes the state, so that money
and state are never apart. The running balance stands in each entry (`balance_after`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from veo_studio.core.errors import NotEnoughTokens, StorageError
from veo_studio.core.models import WalletEntry
from veo_studio.core.store.tables import wallet_entries

_e = wallet_entries.c


def balance(connection: Connection) -> int:
    """Tokens in the wallet."""
    newest = connection.execute(select(_e.balance_after).order_by(_e.id.desc()).limit(1)).scalar()
    return int(newest or 0)


def check(connection: Connection) -> None:
    """StorageError where the entries do not add up: then nothing may be spent (I01)."""
    total = connection.execute(select(func.coalesce(func.sum(_e.tokens), 0))).scalar_one()
    if total != balance(connection):
        raise StorageError(
            f"The wallet's entries add up to {total} tokens but its balance says {balance(connection)}. "
            "Nothing can be spent until this is resolved; the history stays readable."
        )


def grant(connection: Connection, tokens: int, at: datetime, cause: str) -> int:
    """Add tokens; returns the new balance. ValueError for anything but a positive whole number."""
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens <= 0:
        raise ValueError("The number of tokens must be a whole number of 1 or more.")
    if tokens > 1_000_000_000:
        raise ValueError("The number of tokens must be 1,000,000,000 or less.")
    return _append(connection, "grant", tokens, at, cause)


def charge(
    connection: Connection, generation_id: int, tokens: int, at: datetime, cause: str
) -> None:
    """Take `tokens` (0 in rehearsal: the entry still says that this generation was accounted for)."""
    held = balance(connection)
    if tokens > held:
        raise NotEnoughTokens(needed=tokens, balance=held)
    _append(connection, "charge", -tokens, at, cause, generation_id=generation_id)


def refund(connection: Connection, generation_id: int, at: datetime, cause: str) -> bool:
    """Give back what this generation was charged; False where that has already happened."""
    charged = connection.execute(
        select(_e.id, _e.tokens).where(_e.generation_id == generation_id, _e.kind == "charge")
    ).first()
    if charged is None:
        return False
    if connection.execute(select(_e.id).where(_e.refund_of == charged.id)).first() is not None:
        return False
    _append(
        connection,
        "refund",
        -charged.tokens,
        at,
        cause,
        generation_id=generation_id,
        refund_of=charged.id,
    )
    return True


def entries(connection: Connection, limit: int) -> list[WalletEntry]:
    """The newest entries first."""
    rows = connection.execute(select(wallet_entries).order_by(_e.id.desc()).limit(limit))
    return [WalletEntry(**row._mapping) for row in rows]


def _append(
    connection: Connection,
    kind: str,
    tokens: int,
    at: datetime,
    cause: str,
    *,
    generation_id: int | None = None,
    refund_of: int | None = None,
) -> int:
    after = balance(connection) + tokens
    connection.execute(
        wallet_entries.insert().values(
            kind=kind,
            tokens=tokens,
            balance_after=after,
            generation_id=generation_id,
            refund_of=refund_of,
            at=at,
            cause=cause,
        )
    )
    return after
