"""The first schema: generations, their moves and attempts, the wallet, and search.

Revision 0001 writes its tables out in full: it must not change when `tables.py` does.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What a new wallet holds: ten videos.
OPENING_GRANT_TOKENS = 100


def upgrade() -> None:
    op.create_table(
        "about",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _create_generations()
    _create_histories()
    _create_wallet()
    _create_search()


def _create_generations() -> None:
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("idempotency_key", sa.String(128), unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_cause", sa.Text, nullable=False),
        sa.Column("charge", sa.String(16), nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("price_usd", sa.String(32)),
        sa.Column("queue_position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.String(32)),
        sa.Column("operation_id", sa.String(512)),
        sa.Column("result", sa.JSON),
        sa.Column("output_dir", sa.Text),
        sa.Column("target_path", sa.Text),
        sa.Column("video_path", sa.Text),
        sa.Column("size_bytes", sa.Integer),
        sa.Column("sha256", sa.String(64)),
        sa.Column("width_px", sa.Integer),
        sa.Column("height_px", sa.Integer),
        sa.Column("length_s", sa.Float),
        sa.Column("has_audio", sa.Boolean),
        sa.Column("error", sa.Text),
        sa.Column("error_kind", sa.String(32)),
        sa.Column("take_group", sa.String(36)),
        sa.Column("take_number", sa.Integer, nullable=False, server_default="1"),
        sa.Column("caption", sa.Text),
        sa.Column("published_at", sa.String(32)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("submitted_at", sa.String(32)),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("deleted_at", sa.String(32)),
        sa.CheckConstraint("tokens >= 0", name="tokens_not_negative"),
        sqlite_autoincrement=True,
    )
    op.create_index("generations_by_state", "generations", ["state"])
    op.create_index("generations_by_model", "generations", ["provider", "model", "state"])
    op.create_index("generations_by_queue_position", "generations", ["queue_position"])
    op.create_index("generations_by_deleted_at", "generations", ["deleted_at"])
    op.create_index(
        "generations_by_operation", "generations", ["provider", "operation_id"], unique=True
    )


def _create_histories() -> None:
    op.create_table(
        "state_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), nullable=False),
        sa.Column("from_state", sa.String(16)),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )
    op.create_index("state_changes_by_generation", "state_changes", ["generation_id"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("http_status", sa.Integer),
        sa.Column("operation_id", sa.String(512)),
    )
    op.create_index("attempts_by_generation", "attempts", ["generation_id"])


def _create_wallet() -> None:
    op.create_table(
        "wallet_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("balance_after", sa.Integer, nullable=False),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id")),
        sa.Column("refund_of", sa.Integer, sa.ForeignKey("wallet_entries.id"), unique=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.CheckConstraint("balance_after >= 0", name="balance_not_negative"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "one_charge_per_generation",
        "wallet_entries",
        ["generation_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'charge'"),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER wallet_entries_no_{verb.lower()} BEFORE {verb} ON wallet_entries "
            "BEGIN SELECT RAISE(ABORT, 'wallet entries are append-only'); END"
        )
    op.get_bind().exec_driver_sql(
        "INSERT INTO wallet_entries (kind, tokens, balance_after, at, cause) "
        "VALUES ('grant', ?, ?, ?, 'opening grant')",
        (
            OPENING_GRANT_TOKENS,
            OPENING_GRANT_TOKENS,
            datetime.now(UTC).isoformat(timespec="microseconds"),
        ),
    )


def _create_search() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE generations_fts USING fts5(prompt, model, content='generations', content_rowid='id', "
        "tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3')"
    )
    op.execute(
        "CREATE TRIGGER generations_fts_insert AFTER INSERT ON generations BEGIN "
        "INSERT INTO generations_fts (rowid, prompt, model) VALUES (new.id, new.prompt, new.model); END"
    )
    op.execute(
        "CREATE TRIGGER generations_fts_delete AFTER DELETE ON generations BEGIN "
        "INSERT INTO generations_fts (generations_fts, rowid, prompt, model) "
        "VALUES ('delete', old.id, old.prompt, old.model); END"
    )
    op.execute(
        "CREATE TRIGGER generations_fts_update AFTER UPDATE OF prompt, model ON generations BEGIN "
        "INSERT INTO generations_fts (generations_fts, rowid, prompt, model) "
        "VALUES ('delete', old.id, old.prompt, old.model); "
        "INSERT INTO generations_fts (rowid, prompt, model) VALUES (new.id, new.prompt, new.model); END"
    )
