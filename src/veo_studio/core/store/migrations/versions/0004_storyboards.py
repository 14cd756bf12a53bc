"""Storyboards: scenarios, their scenes, and the runs that make them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("source_sha256", sa.String(64)),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.Column("deleted_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
    op.create_index("scenarios_by_source", "scenarios", ["source_sha256"])
    op.create_table(
        "scenes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("scenario_id", sa.Integer, sa.ForeignKey("scenarios.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("picture_id", sa.Integer),
        sa.Column("take_id", sa.Integer),
        sa.Column("rehearsal_id", sa.Integer),
        sa.Column("is_approved", sa.Boolean, nullable=False),
        sa.Column("picture_round", sa.Integer, nullable=False),
        sa.Column("clip_round", sa.Integer, nullable=False),
        sa.Column("rehearsal_round", sa.Integer, nullable=False),
        sa.Column("deleted_at", sa.String(32)),
    )
    op.create_index("scenes_by_scenario", "scenes", ["scenario_id", "position"])
    op.create_table(
        "scenario_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scenario_id", sa.Integer, sa.ForeignKey("scenarios.id"), nullable=False),
        sa.Column("goal", sa.String(16), nullable=False),
        sa.Column("scene_uuids", sa.JSON, nullable=False),
        sa.Column("keys", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
    op.create_index("scenario_runs_by_scenario", "scenario_runs", ["scenario_id"])
    op.create_index(
        "scenario_runs_unfinished",
        "scenario_runs",
        ["state"],
        sqlite_where=sa.text("finished_at IS NULL"),
    )
