"""Everything that is stored about one generation, in one read; and sums over many."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import BindParameter, Connection, bindparam, select

from veo_studio.core.models import (
    Attempt,
    Generation,
    GenerationState,
    StateChange,
    WalletEntry,
)
from veo_studio.core.store import rows
from veo_studio.core.store.ledger import dollars
from veo_studio.core.store.tables import attempts, generations, state_changes, wallet_entries

# as many as a pane can show; who wants all of them opens the library
MOST_RELATIVES = 60
_NEAR = 1000

_ID: BindParameter[int] = bindparam("id")
_g = generations.c
_ATTEMPTS = select(attempts).where(attempts.c.generation_id == _ID).order_by(attempts.c.id)
_CHANGES = (
    select(state_changes).where(state_changes.c.generation_id == _ID).order_by(state_changes.c.id)
)
_ENTRIES = (
    select(wallet_entries)
    .where(wallet_entries.c.generation_id == _ID)
    .order_by(wallet_entries.c.id)
)
_TAKES = (
    select(generations)
    .where(
        # one click stores its takes one after another: no need to look through the whole library
        _g.id.between(bindparam("id") - _NEAR, bindparam("id") + _NEAR),
        _g.take_group == bindparam("group"),
        _g.deleted_at.is_(None),
    )
    .order_by(_g.take_number, _g.id)
    .limit(MOST_RELATIVES)
)
_RELATIVES = (
    "SELECT g.id, g.deleted_at IS NOT NULL FROM lineage JOIN generations AS g ON g.id = {wanted} "
    "WHERE {known} = ? ORDER BY g.id"
)
_THESE = (
    "FROM library AS l NOT INDEXED "
    "WHERE l.is_deleted = 0 AND l.id IN (SELECT value FROM json_each(:ids))"
)
_SUM = f"SELECT count(*), coalesce(sum(l.length_s), 0), coalesce(sum(l.size_bytes), 0) {_THESE}"
# what was given back is in the books, not in the rows of the generations
_BOOKED = (
    "SELECT coalesce(-sum(tokens), 0), coalesce(-sum(cost_micros), 0) FROM wallet_entries "  # noqa: S608
    f"WHERE generation_id IN (SELECT l.id {_THESE})"
)


@dataclass(frozen=True)
class StoredDetails:
    """`takes` are those of the same click, this one among them; deleted relatives are only counted."""

    generation: Generation
    changes: tuple[StateChange, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    entries: tuple[WalletEntry, ...] = ()
    takes: tuple[Generation, ...] = ()
    parents: tuple[Generation, ...] = ()
    deleted_parents: int = 0
    children: tuple[Generation, ...] = ()
    deleted_children: int = 0
    more_children: int = 0


@dataclass(frozen=True)
class Sum:
    """Of several generations; `tokens` and `spent_usd` are what the wallet has booked for them."""

    count: int = 0
    length_s: float = 0.0
    size_bytes: int = 0
    tokens: int = 0
    spent_usd: Decimal = Decimal(0)


def read(connection: Connection, generation_id: int) -> StoredDetails:
    """Raises LookupError where there is no such generation."""
    generation = rows.get(connection, generation_id)
    wanted = {"id": generation_id}
    parents, deleted_parents, _ = _relatives(connection, "parent_id", "child_id", generation_id)
    children, deleted_children, more = _relatives(
        connection, "child_id", "parent_id", generation_id
    )
    takes: tuple[Generation, ...] = ()
    if generation.take_group:
        found = connection.execute(_TAKES, {"id": generation_id, "group": generation.take_group})
        takes = tuple(rows.to_generation(row) for row in found)
    return StoredDetails(
        generation=generation,
        changes=_changes(connection, generation_id),
        attempts=tuple(Attempt(*row) for row in connection.execute(_ATTEMPTS, wanted)),
        entries=_entries(connection, generation_id),
        takes=takes,
        parents=parents,
        deleted_parents=deleted_parents,
        children=children,
        deleted_children=deleted_children,
        more_children=more,
    )


def sum_of(connection: Connection, ids: Collection[int]) -> Sum:
    """Those that are deleted or unknown count nothing."""
    values = {"ids": json.dumps(list(ids))}
    count, length_s, size = connection.exec_driver_sql(_SUM, values).one()
    tokens, micros = connection.exec_driver_sql(_BOOKED, values).one()
    return Sum(int(count), float(length_s), int(size), int(tokens), dollars(int(micros)))


def _changes(connection: Connection, generation_id: int) -> tuple[StateChange, ...]:
    return tuple(
        StateChange(
            from_state=GenerationState(row.from_state) if row.from_state else None,
            to_state=GenerationState(row.to_state),
            at=row.at,
            cause=row.cause,
        )
        for row in connection.execute(_CHANGES, {"id": generation_id})
    )


def _entries(connection: Connection, generation_id: int) -> tuple[WalletEntry, ...]:
    return tuple(
        WalletEntry(
            id=row.id,
            kind=row.kind,
            tokens=row.tokens,
            balance_after=row.balance_after,
            at=row.at,
            cause=row.cause,
            generation_id=row.generation_id,
            refund_of=row.refund_of,
            cost_usd=dollars(row.cost_micros),
        )
        for row in connection.execute(_ENTRIES, {"id": generation_id})
    )


def _relatives(
    connection: Connection, wanted: str, known: str, generation_id: int
) -> tuple[tuple[Generation, ...], int, int]:
    """Those that are there, how many are deleted, and how many more there are than are read."""
    sql = _RELATIVES.format(wanted=wanted, known=known)
    found = connection.exec_driver_sql(sql, (generation_id,)).all()
    living = [int(row[0]) for row in found if not row[1]]
    read_now = [rows.get(connection, one) for one in living[:MOST_RELATIVES]]
    return tuple(read_now), len(found) - len(living), len(living) - len(read_now)
