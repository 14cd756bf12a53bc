"""The invariants of money and states (I01-I09), checked in production: a broken one stops spending.

`audit` looks at everything, once per start; `check_generation` at what a transaction has touched,
before it is committed. History and everything that is already paid for go on.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection, bindparam, or_, select

from veo_studio.core.errors import LedgerDamaged
from veo_studio.core.models import ALLOWED_MOVES, TERMINAL_STATES, GenerationState
from veo_studio.core.store.tables import wallet_entries

_log = logging.getLogger(__name__)
_S = GenerationState
_STOPPED = "spending_stopped"
_CHECKED = "books_checked"

_CHARGED_STATES = frozenset(
    {_S.PENDING, _S.SUBMITTING, _S.PROCESSING, _S.DOWNLOADING, _S.UNKNOWN, _S.HELD, _S.COMPLETED}
)
_NAMED_STATES = frozenset({_S.PROCESSING, _S.DOWNLOADING, _S.HELD})
_e = wallet_entries.c
_CHARGES_AND_REFUNDS = select(_e.kind, _e.tokens).where(
    _e.generation_id == bindparam("generation_id"),
    or_(_e.kind == "charge", _e.kind == "refund"),
)


def audit(connection: Connection) -> list[str]:
    """Every broken invariant in one sentence each; empty for sound books."""
    found = [
        (number, words, connection.exec_driver_sql(query).scalar_one())
        for number, words, query in _QUERIES
    ]
    counts = connection.exec_driver_sql(_PER_GENERATION).one()
    found += [
        (number, words, count) for (number, words, _), count in zip(_BOOKS, counts, strict=True)
    ]
    return [
        f"{number}: {words} ({count})"
        for number, words, count in sorted(found, key=_number)
        if count
    ] + _unknown_moves(connection)


def _number(found: tuple[str, str, int | None]) -> str:
    return found[0]


def require_sound(connection: Connection) -> None:
    """LedgerDamaged where something is wrong: nothing may be spent then.

    The whole of it is looked at by the first caller of this process; later ones read one row.
    """
    if _CHECKED not in connection.info:
        record(connection, audit(connection))
    # kept beside the row as well: what this transaction wrote is rolled back with it
    found: list[str] = connection.info[_CHECKED]
    stopped = (
        "; ".join(found)
        or connection.exec_driver_sql(
            "SELECT value FROM about WHERE name = ?", (_STOPPED,)
        ).scalar()
    )
    if stopped:
        raise LedgerDamaged(
            f"The books of this library are not sound, so nothing is spent: {stopped}. "
            "History and finished clips stay readable."
        )


def record(connection: Connection, problems: list[str]) -> None:
    """Store the outcome of an audit for every program on this folder."""
    if problems:
        _stop_spending(connection, problems)
    else:
        connection.exec_driver_sql("DELETE FROM about WHERE name = ?", (_STOPPED,))
    connection.info[_CHECKED] = problems


def _stop_spending(connection: Connection, problems: list[str]) -> None:
    connection.exec_driver_sql(
        "INSERT INTO about (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_STOPPED, "; ".join(problems)),
    )


def check_generation(
    connection: Connection, generation_id: int, state: GenerationState, operation_id: str | None
) -> None:
    """Whether this transaction leaves sound books: a move that sends is refused, others stop spending.

    Raises LedgerDamaged for SUBMITTING, which rolls back. What is paid for already goes on whatever
    the books say.
    """
    found = connection.execute(_CHARGES_AND_REFUNDS, {"generation_id": generation_id}).all()
    charges = [row.tokens for row in found if row.kind == "charge"]
    refunds = [row.tokens for row in found if row.kind == "refund"]
    words = None
    if len(charges) != 1 or len(refunds) > 1:
        words = f"it has {len(charges)} charges and {len(refunds)} refunds"
    elif refunds and refunds[0] != -charges[0]:
        words = "its refund is not its charge"
    elif state is _S.FAILED and not refunds:
        words = "it failed and is not refunded"
    elif state in _CHARGED_STATES and refunds:
        words = f"it is {state.value} and refunded"
    elif state in _NAMED_STATES and operation_id is None:
        words = f"it is {state.value} without an operation"
    if words is None:
        return
    words = f"Generation {generation_id}: {words}"
    if state is _S.SUBMITTING:
        raise LedgerDamaged(f"{words}. Nothing was changed.")
    _log.critical("the books are not sound, nothing more is spent: %s", words)
    _stop_spending(connection, [words])


def _unknown_moves(connection: Connection) -> list[str]:
    pairs = connection.exec_driver_sql(
        "SELECT DISTINCT from_state, to_state FROM state_changes WHERE from_state IS NOT NULL"
    )
    return [
        f"I07: {before} went to {after}"
        for before, after in pairs
        if after not in _MOVES.get(before, ())
    ]


# by the names that are stored: a damaged one is a finding, not an exception
_MOVES = {
    before.value: frozenset(after.value for after in allowed)
    for before, allowed in ALLOWED_MOVES.items()
}


def _in(states: frozenset[GenerationState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states, key=lambda s: s.value))


# Only constants of ours are put together here.
_QUERIES = (
    (
        "I01",
        "entries of the wallet do not lead from one balance to the next",
        "SELECT COUNT(*) FROM wallet_entries AS e LEFT JOIN wallet_entries AS b ON b.id = e.id - 1 "
        "WHERE e.balance_after - e.tokens <> COALESCE(b.balance_after, 0)",
    ),
    (
        "I01",
        "entries of the wallet are missing",
        "SELECT COALESCE(MAX(id), 0) - COUNT(*) FROM wallet_entries",
    ),
    ("I02", "balances below zero", "SELECT COUNT(*) FROM wallet_entries WHERE balance_after < 0"),
    (
        "I07",
        "generations whose state is not the end of their history",
        # the newest move of each is in the row that MAX finds, says SQLite of a bare column
        "SELECT COUNT(*) FROM (SELECT generation_id, to_state, MAX(id) FROM state_changes "
        "GROUP BY generation_id) AS c JOIN generations AS g ON g.id = c.generation_id "
        "WHERE c.to_state <> g.state",
    ),
    (
        "I07",
        "generations that moved after their end",
        f"SELECT COUNT(*) FROM state_changes WHERE from_state IN ({_in(TERMINAL_STATES)})",  # noqa: S608
    ),
    (
        "I08",
        "generations that are followed without an operation",
        f"SELECT COUNT(*) FROM generations WHERE state IN ({_in(_NAMED_STATES)}) "  # noqa: S608
        "AND operation_id IS NULL",
    ),
    (
        "I09",
        "waiting generations without a time",
        "SELECT COUNT(*) FROM generations WHERE state = 'pending' AND next_attempt_at IS NULL",
    ),
)
# of each generation beside its entries, in one pass over two indexes
_BOOKS = (
    ("I03", "generations with more than one charge or refund", "charges > 1 OR refunds > 1"),
    ("I03", "refunds that are not their charge", "refunds = 1 AND tokens <> 0"),
    ("I04", "generations without a charge", "COALESCE(charges, 0) <> 1"),
    (
        "I05",
        "failed generations that are not refunded",
        "state = 'failed' AND COALESCE(refunds, 0) <> 1",
    ),
    (
        "I05",
        "refunded generations that are not over",
        f"refunds > 0 AND state IN ({_in(_CHARGED_STATES)})",
    ),
)
_PER_GENERATION = (
    f"SELECT {', '.join(f'SUM({wrong})' for _, _, wrong in _BOOKS)} "  # noqa: S608
    "FROM (SELECT id, state FROM generations) LEFT JOIN (SELECT generation_id, "
    "SUM(kind = 'charge') AS charges, SUM(kind = 'refund') AS refunds, "
    "SUM(CASE WHEN kind IN ('charge', 'refund') THEN tokens ELSE 0 END) AS tokens "
    "FROM wallet_entries WHERE generation_id IS NOT NULL GROUP BY generation_id) "
    "ON generation_id = id"
)
