"""Publishing: when a clip was published and its cover; targets, deliveries, schedules and rules."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE generations ADD COLUMN cover_at_s FLOAT")
    _publish_in_library()
    _create_targets()
    _create_deliveries()
    _create_schedules()
    _create_rules()


def _publish_in_library() -> None:
    op.execute("ALTER TABLE library ADD COLUMN published_at VARCHAR(32)")
    op.execute(
        "UPDATE library SET published_at = published.at FROM (SELECT id, published_at AS at "
        "FROM generations WHERE published_at IS NOT NULL) AS published "
        "WHERE library.id = published.id"
    )
    shown = sa.text("is_deleted = 0")
    op.create_index("library_by_published", "library", ["published_at"], sqlite_where=shown)
    op.execute(
        "CREATE TRIGGER library_update_published_at AFTER UPDATE OF published_at ON generations "
        "WHEN old.published_at IS NOT new.published_at BEGIN "
        "UPDATE library SET published_at = new.published_at WHERE id = new.id; "
        # programs that show publications look at this number
        "INSERT INTO about (name, value) VALUES ('publications', '1') "
        "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1; END"
    )
    # a row that is stored as published, by an import: its narrow row is there, whichever comes first
    op.execute(
        "CREATE TRIGGER library_insert_published AFTER INSERT ON library "
        "WHEN (SELECT published_at FROM generations WHERE id = new.id) IS NOT NULL BEGIN "
        "UPDATE library SET published_at = "
        "(SELECT published_at FROM generations WHERE id = new.id) WHERE id = new.id; END"
    )


def _create_targets() -> None:
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(256), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("deleted_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "targets_by_name",
        "targets",
        ["folded"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), nullable=False),
        sa.Column("target_id", sa.Integer, sa.ForeignKey("targets.id"), nullable=False),
        sa.Column("target_name", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("link_target_id", sa.Integer, sa.ForeignKey("targets.id")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("rule_id", sa.Integer),
        sa.Column("schedule_id", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("action", sa.Text),
        sa.Column("error_kind", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("waits", sa.Integer, nullable=False),
        sa.Column("waited_s", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.String(32)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("delivered_at", sa.String(32)),
        sa.Column("receipt", sa.JSON),
        sa.Column("link_until", sa.String(32)),
        sa.Column("removal_wanted_at", sa.String(32)),
        sa.Column("removed_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
    for name, indexed, is_unique, where in (
        ("deliveries_by_generation", ["generation_id", "target_id"], False, None),
        ("deliveries_open", ["target_id", "state"], False, "state IN ('waiting', 'sending')"),
        ("deliveries_of_attention", ["state"], False, "state IN ('failed', 'maybe_sent')"),
        (
            "deliveries_to_remove",
            ["target_id"],
            False,
            "removal_wanted_at IS NOT NULL AND removed_at IS NULL",
        ),
        ("one_delivery_by_rule", ["generation_id", "target_id"], True, "rule_id IS NOT NULL"),
    ):
        condition = None if where is None else sa.text(where)
        op.create_index(name, "deliveries", indexed, unique=is_unique, sqlite_where=condition)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("sending_at", sa.String(32)),
        sa.Column("is_harmless", sa.Boolean, nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )
    op.create_index("delivery_attempts_by_delivery", "delivery_attempts", ["delivery_id"])


def _create_schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), nullable=False),
        sa.Column("wish", sa.JSON, nullable=False),
        sa.Column("due_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("done_at", sa.String(32)),
        sa.Column("was_missed", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    planned = sa.text("state = 'planned'")
    op.create_index(
        "one_plan_per_generation",
        "schedules",
        ["generation_id"],
        unique=True,
        sqlite_where=planned,
    )
    op.create_index("schedules_planned", "schedules", ["due_at"], sqlite_where=planned)


def _create_rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("targets", sa.JSON, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("providers", sa.JSON, nullable=False),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("takes_rehearsals", sa.Boolean, nullable=False),
        sa.Column("seen_change_id", sa.Integer, nullable=False),
        sa.Column("deleted_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
