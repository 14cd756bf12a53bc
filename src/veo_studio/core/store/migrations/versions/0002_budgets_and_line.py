"""Budgets in money, pauses and priorities that survive a restart, and a history that only grows.

Queue positions are spread, so that one generation can be put between two others without touching
them. The triggers make the history of states append-only, as the wallet is since 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SPREAD = 1024
_VERBS = ("UPDATE", "DELETE")


def upgrade() -> None:
    op.add_column(
        "generations", sa.Column("priority", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("generations", sa.Column("cost_usd", sa.String(32)))
    op.execute(f"UPDATE generations SET queue_position = queue_position * {_SPREAD}")  # noqa: S608
    op.create_index("generations_by_operation_id", "generations", ["operation_id"])
    _add_money()
    op.create_table(
        "budgets",
        sa.Column("period", sa.String(16), primary_key=True),
        sa.Column("limit_usd", sa.String(32), nullable=False),
    )
    op.create_table(
        "pauses",
        sa.Column("provider", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("until", sa.String(32)),
    )
    _make_append_only("state_changes", "the history of states is append-only")


def _make_append_only(table: str, words: str) -> None:
    for verb in _VERBS:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )


def _add_money() -> None:
    op.add_column(
        "wallet_entries", sa.Column("cost_micros", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column(
        "wallet_entries", sa.Column("booked_at", sa.String(32), nullable=False, server_default="")
    )
    # the new columns of old entries are filled once; in this transaction nobody else can write
    for verb in _VERBS:
        op.execute(f"DROP TRIGGER wallet_entries_no_{verb.lower()}")
    op.execute("UPDATE wallet_entries SET booked_at = at")
    op.execute(
        "UPDATE wallet_entries SET booked_at = (SELECT c.at FROM wallet_entries AS c "
        "WHERE c.id = wallet_entries.refund_of) WHERE refund_of IS NOT NULL"
    )
    op.execute(
        "UPDATE wallet_entries SET cost_micros = (CASE kind WHEN 'charge' THEN -1 ELSE 1 END) * "
        "coalesce((SELECT CAST(round(CAST(g.price_usd AS REAL) * 1000000) AS INTEGER) "
        "FROM generations AS g WHERE g.id = wallet_entries.generation_id), 0) "
        "WHERE kind IN ('charge', 'refund')"
    )
    _make_append_only("wallet_entries", "wallet entries are append-only")
    # covering: the books of a generation, and what was spent this month, are read from these alone
    op.create_index(
        "wallet_entries_by_generation",
        "wallet_entries",
        ["generation_id", "kind", "tokens", "cost_micros"],
    )
    op.create_index("wallet_entries_by_booked_at", "wallet_entries", ["booked_at", "cost_micros"])
