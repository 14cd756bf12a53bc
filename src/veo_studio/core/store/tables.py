"""The tables of the current schema; migrations/versions holds how a file gets there."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from veo_studio.core.store.column_types import Money, UtcDateTime
from veo_studio.core.store.publishing_tables import deliveries as deliveries
from veo_studio.core.store.publishing_tables import delivery_attempts as delivery_attempts
from veo_studio.core.store.publishing_tables import rules as rules
from veo_studio.core.store.publishing_tables import schedules as schedules
from veo_studio.core.store.publishing_tables import targets as targets
from veo_studio.core.store.schema import APPLICATION_ID as APPLICATION_ID
from veo_studio.core.store.schema import SCHEMA_VERSION as SCHEMA_VERSION
from veo_studio.core.store.table_metadata import metadata as metadata

about = Table(
    "about",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

generations = Table(
    "generations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("idempotency_key", String(128), unique=True),
    Column("kind", String(16), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("model", String(128), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_cause", Text, nullable=False),
    Column("charge", String(16), nullable=False),
    Column("tokens", Integer, nullable=False),
    # frozen at the click
    Column("price_usd", Money),
    Column("queue_position", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UtcDateTime),
    Column("operation_id", String(512)),
    Column("result", JSON),
    Column("output_dir", Text),
    Column("target_path", Text),
    Column("video_path", Text),
    Column("size_bytes", Integer),
    Column("sha256", String(64)),
    Column("width_px", Integer),
    Column("height_px", Integer),
    Column("length_s", Float),
    Column("has_audio", Boolean),
    Column("error", Text),
    Column("error_kind", String(32)),
    Column("take_group", String(36)),
    Column("take_number", Integer, nullable=False, server_default="1"),
    Column("caption", Text),
    Column("published_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("submitted_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Column("priority", Integer, nullable=False, server_default="0"),
    # what the provider reported
    Column("cost_usd", Money),
    # what the user thinks of it
    Column("favourite", Boolean, nullable=False, server_default="0"),
    Column("rating", Integer, nullable=False, server_default="0"),
    Column("rejected", Boolean, nullable=False, server_default="0"),
    # the names in `generation_tags`, one a line: what is searched, and read with the row
    Column("tag_words", Text, nullable=False, server_default=""),
    # the moment of the clip that stands for it, in seconds; NULL: its middle
    Column("cover_at_s", Float),
    # seconds from submit to file, to a tenth; SQLite works it out
    Column(
        "took_s",
        Float,
        Computed(
            "CASE WHEN state = 'completed' THEN "
            "round((julianday(finished_at) - julianday(submitted_at)) * 86400, 1) END",
            persisted=False,
        ),
    ),
    CheckConstraint("tokens >= 0", name="tokens_not_negative"),
    Index("generations_by_state", "state"),
    # for how long a model takes: asked at the start of every run
    Index("generations_by_model", "provider", "model", "state"),
    # for the end of the queue: asked at every click
    Index("generations_by_queue_position", "queue_position"),
    # for how many there are: asked when the window opens
    Index("generations_by_deleted_at", "deleted_at"),
    Index("generations_by_operation", "provider", "operation_id", unique=True),
    Index("generations_by_operation_id", "operation_id"),
    # covering, for the insights: what ended when and how, how long it took, what it was spent on
    Index(
        "generations_by_ending",
        "provider",
        "model",
        "state",
        "finished_at",
        "error_kind",
        "favourite",
        "rejected",
        "deleted_at",
        "length_s",
    ),
    Index("generations_by_took", "provider", "model", "took_s", "finished_at"),
    Index("generations_by_price", "id", "provider", "model", "cost_usd"),
    sqlite_autoincrement=True,
)

state_changes = Table(
    "state_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation_id", ForeignKey("generations.id"), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("cause", Text, nullable=False),
    Index("state_changes_by_generation", "generation_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation_id", ForeignKey("generations.id"), nullable=False),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("request", JSON, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", String(32)),
    Column("http_status", Integer),
    Column("operation_id", String(512)),
    Index("attempts_by_generation", "generation_id"),
)

wallet_entries = Table(
    "wallet_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("balance_after", Integer, nullable=False),
    Column("generation_id", ForeignKey("generations.id")),
    Column("refund_of", ForeignKey("wallet_entries.id"), unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("cause", Text, nullable=False),
    # US dollars / 1,000,000, signed like the tokens: whole numbers add up exactly
    Column("cost_micros", Integer, nullable=False, server_default="0"),
    # the moment that a budget counts: of a refund or a correction, that of its charge
    Column("booked_at", UtcDateTime, nullable=False),
    CheckConstraint("balance_after >= 0", name="balance_not_negative"),
    # one charge per generation, whoever asks
    Index(
        "one_charge_per_generation",
        "generation_id",
        unique=True,
        sqlite_where=text("kind = 'charge'"),
    ),
    # covering: what a generation cost is read from the index alone
    Index("wallet_entries_by_generation", "generation_id", "kind", "tokens", "cost_micros"),
    Index("wallet_entries_by_booked_at", "booked_at", "cost_micros"),
    # covering, for the insights: what was spent on which day
    Index(
        "wallet_entries_of_generations",
        "booked_at",
        "generation_id",
        "cost_micros",
        "tokens",
        sqlite_where=text("generation_id IS NOT NULL AND (cost_micros <> 0 OR tokens <> 0)"),
    ),
    sqlite_autoincrement=True,
)

budgets = Table(
    "budgets",
    metadata,
    Column("period", String(16), primary_key=True),
    Column("limit_usd", Money, nullable=False),
)

# what is not sent to, and why; provider "" is the whole queue
pauses = Table(
    "pauses",
    metadata,
    Column("provider", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)

_SHOWN = text("is_deleted = 0")
# what the library is filtered and sorted by, in narrow rows of its own: a hundred thousand of them are
# read in milliseconds. Triggers keep it (migrations 0003 and 0005); nothing here is known nowhere else.
library = Table(
    "library",
    metadata,
    Column("id", ForeignKey("generations.id"), primary_key=True),
    Column("is_deleted", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("favourite", Boolean, nullable=False),
    Column("rating", Integer, nullable=False),
    Column("rejected", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("charge", String(16), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("model", String(128), nullable=False),
    Column("aspect", String(16)),
    Column("length_s", Float),
    Column("size_bytes", Integer),
    # what it costs as far as anybody knows, in US dollars / 1,000,000
    Column("cost_micros", Integer),
    # rejected ones behind all others, favourites before their equals
    Column("worth", Integer, nullable=False),
    Column("prompt_start", String(48, collation="NOCASE"), nullable=False),
    # stored after one that is newer, as a further clip of an older submit is: of all others the order
    # of ids is the order of time
    Column("is_late", Boolean, nullable=False),
    Column("published_at", UtcDateTime),
    # None has all filters: to look at every narrow row takes no longer, and a move of the state would
    # have to be written there too. `is_deleted` is no column of theirs: SQLite would believe that it
    # leaves a few rows, and look there first.
    Index("library_by_created_at", "is_late", "created_at", sqlite_where=_SHOWN),
    Index("library_by_length", "length_s", sqlite_where=_SHOWN),
    Index("library_by_size", "size_bytes", sqlite_where=_SHOWN),
    Index("library_by_cost", "cost_micros", sqlite_where=_SHOWN),
    Index("library_by_worth", "worth", sqlite_where=_SHOWN),
    Index("library_by_prompt", "prompt_start", sqlite_where=_SHOWN),
    Index("library_by_published", "published_at", sqlite_where=_SHOWN),
    Index("library_by_model", "provider", "model", "aspect", sqlite_where=_SHOWN),
    Index("library_of_deleted", "is_late", "created_at", sqlite_where=text("is_deleted = 1")),
)  # fmt: skip

tags = Table(
    "tags",
    metadata,
    Column("id", Integer, primary_key=True),
    # as it was written first; `folded` is what its other spellings have in common
    Column("name", String(64), nullable=False),
    Column("folded", String(256), nullable=False, unique=True),
)

generation_tags = Table(
    "generation_tags",
    metadata,
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
    Column("generation_id", ForeignKey("generations.id"), primary_key=True),
    Index("generation_tags_by_generation", "generation_id"),
    sqlite_with_rowid=False,
)

collections = Table(
    "collections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("folded", String(256), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    # the id of a deleted one stays in saved searches: no other may get it
    sqlite_autoincrement=True,
)

collection_items = Table(
    "collection_items",
    metadata,
    Column("collection_id", ForeignKey("collections.id"), primary_key=True),
    Column("generation_id", ForeignKey("generations.id"), primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Index("collection_items_by_generation", "generation_id"),
    sqlite_with_rowid=False,
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("folded", String(256), nullable=False, unique=True),
    Column("query", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# which clip or picture of ours a generation was made from
lineage = Table(
    "lineage",
    metadata,
    Column("child_id", ForeignKey("generations.id"), primary_key=True),
    Column("parent_id", ForeignKey("generations.id"), primary_key=True),
    Index("lineage_by_parent", "parent_id"),
    sqlite_with_rowid=False,
)

scenarios = Table(
    "scenarios",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    # what holds for all scenes (storyboard/documents.py)
    Column("document", JSON, nullable=False),
    # how often the document was stored: two who write do not overwrite each other
    Column("revision", Integer, nullable=False),
    # of the file that it was made of, so that the same file is taken in once
    Column("source_sha256", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Index("scenarios_by_source", "source_sha256"),
    # the number of a deleted one stays in people's notes and scripts
    sqlite_autoincrement=True,
)

scenes = Table(
    "scenes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("scenario_id", ForeignKey("scenarios.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("duration_s", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    # what was chosen: apart from the document, and no foreign keys, since a take may be thrown away
    Column("picture_id", Integer),
    Column("take_id", Integer),
    Column("rehearsal_id", Integer),
    Column("is_approved", Boolean, nullable=False),
    Column("picture_round", Integer, nullable=False),
    Column("clip_round", Integer, nullable=False),
    Column("rehearsal_round", Integer, nullable=False),
    # not in the document any more; undo brings it back with what was chosen
    Column("deleted_at", UtcDateTime),
    Index("scenes_by_scenario", "scenario_id", "position"),
)

scenario_runs = Table(
    "scenario_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scenario_id", ForeignKey("scenarios.id"), nullable=False),
    Column("goal", String(16), nullable=False),
    Column("scene_uuids", JSON, nullable=False),
    # all that may be asked for in its name: each a key, or [key, tokens, dollars, provider, model] as agreed
    Column("keys", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("scenario_runs_by_scenario", "scenario_id"),
    Index("scenario_runs_unfinished", "state", sqlite_where=text("finished_at IS NULL")),
    sqlite_autoincrement=True,
)
