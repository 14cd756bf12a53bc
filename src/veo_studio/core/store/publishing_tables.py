"""The tables of publishing: where clips go, what is on its way, what is planned, what happens by itself.

Nothing here is read by the queue or the ledger, and nothing of theirs is written with it.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from veo_studio.core.store.column_types import UtcDateTime
from veo_studio.core.store.table_metadata import metadata

targets = Table(
    "targets",
    metadata,
    Column("id", Integer, primary_key=True),
    # secrets in the keyring are named by it
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    # what two spellings of one name have in common
    Column("folded", String(256), nullable=False),
    Column("kind", String(16), nullable=False),
    # no secret: those are in the keyring
    Column("options", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Index("targets_by_name", "folded", unique=True, sqlite_where=text("deleted_at IS NULL")),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("generation_id", ForeignKey("generations.id"), nullable=False),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    # as they were when it was asked for
    Column("target_name", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("way", String(16), nullable=False),
    Column("link_target_id", ForeignKey("targets.id")),
    Column("state", String(16), nullable=False),
    Column("origin", String(16), nullable=False),
    # who asked where it was no person; no foreign keys, since both may be thrown away
    Column("rule_id", Integer),
    Column("schedule_id", Integer),
    Column("reason", Text, nullable=False),
    # what to do about it
    Column("action", Text),
    Column("error_kind", String(32)),
    Column("attempts", Integer, nullable=False),
    # how often, and for how long in all, the place asked to wait without taking a try in between
    Column("waits", Integer, nullable=False),
    Column("waited_s", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    # place, facts of the target and public address; no signed link
    Column("receipt", JSON),
    # how long the last signed link works
    Column("link_until", UtcDateTime),
    # it shall be taken away there, and was
    Column("removal_wanted_at", UtcDateTime),
    Column("removed_at", UtcDateTime),
    Index("deliveries_by_generation", "generation_id", "target_id"),
    Index(
        "deliveries_open",
        "target_id",
        "state",
        sqlite_where=text("state IN ('waiting', 'sending')"),
    ),
    Index(
        "deliveries_of_attention",
        "state",
        sqlite_where=text("state IN ('failed', 'maybe_sent')"),
    ),
    Index(
        "deliveries_to_remove",
        "target_id",
        sqlite_where=text("removal_wanted_at IS NOT NULL AND removed_at IS NULL"),
    ),
    # a clip goes to a place by itself once, however many rules and programs ask
    Index(
        "one_delivery_by_rule",
        "generation_id",
        "target_id",
        unique=True,
        sqlite_where=text("rule_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    # from here on something may have arrived
    Column("sending_at", UtcDateTime),
    # whether a second time leaves one
    Column("is_harmless", Boolean, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", String(32), nullable=False),
    Column("cause", Text, nullable=False),
    Index("delivery_attempts_by_delivery", "delivery_id"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation_id", ForeignKey("generations.id"), nullable=False),
    Column("wish", JSON, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("was_missed", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Index(
        "one_plan_per_generation",
        "generation_id",
        unique=True,
        sqlite_where=text("state = 'planned'"),
    ),
    Index("schedules_planned", "due_at", sqlite_where=text("state = 'planned'")),
    sqlite_autoincrement=True,
)

rules = Table(
    "rules",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("targets", JSON, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("providers", JSON, nullable=False),
    Column("models", JSON, nullable=False),
    Column("takes_rehearsals", Boolean, nullable=False),
    # the newest of `state_changes` that it was applied to: what comes after it is still to be looked at
    Column("seen_change_id", Integer, nullable=False),
    Column("deleted_at", UtcDateTime),
    sqlite_autoincrement=True,
)
