"""The library: marks, tags, collections, saved searches, lineage, and search over all words of a clip.

`library` repeats in narrow rows what a view filters and sorts by. Triggers keep it in step, whoever
writes: the queue, the command line, or an import.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SEARCHED = ("prompt", "model", "caption", "tag_words")
# column of `library`: how it follows from a row of `generations`, and the columns that it follows from
_FACTS = {
    "is_deleted": ("{0}.deleted_at IS NOT NULL", "deleted_at"),
    "created_at": ("{0}.created_at", "created_at"),
    "favourite": ("{0}.favourite", "favourite"),
    "rating": ("{0}.rating", "rating"),
    "rejected": ("{0}.rejected", "rejected"),
    "kind": ("{0}.kind", "kind"),
    "state": ("{0}.state", "state"),
    "charge": ("{0}.charge", "charge"),
    "provider": ("{0}.provider", "provider"),
    "model": ("{0}.model", "model"),
    "aspect": (
        "CASE WHEN json_valid({0}.config) THEN json_extract({0}.config, '$.aspect_ratio') END",
        "config",
    ),
    "length_s": ("{0}.length_s", "length_s"),
    "size_bytes": ("{0}.size_bytes", "size_bytes"),
    "cost_micros": (
        "CASE {0}.charge WHEN 'not_charged' THEN 0 ELSE "
        "CAST(round(CAST(coalesce({0}.cost_usd, {0}.price_usd) AS REAL) * 1000000) AS INTEGER) END",
        "charge, cost_usd, price_usd",
    ),
    "worth": (
        "CASE WHEN {0}.rejected THEN -1 ELSE {0}.rating * 2 + {0}.favourite END",
        "favourite, rating, rejected",
    ),
    "prompt_start": ("substr({0}.prompt, 1, 48)", "prompt"),
}
# what changes together, so that a move of the state touches no index that it need not
_GROUPS = (
    ("is_deleted",),
    ("favourite", "rating", "rejected", "worth"),
    ("state", "charge", "cost_micros"),
    ("length_s", "size_bytes"),
    ("created_at", "kind", "provider", "model", "aspect", "prompt_start"),
)


def upgrade() -> None:
    for column in (
        "favourite BOOLEAN DEFAULT 0 NOT NULL CHECK (favourite IN (0, 1))",
        "rating INTEGER DEFAULT 0 NOT NULL CHECK (rating BETWEEN 0 AND 5)",
        "rejected BOOLEAN DEFAULT 0 NOT NULL CHECK (rejected IN (0, 1))",
        "tag_words TEXT DEFAULT '' NOT NULL",
    ):
        op.execute(f"ALTER TABLE generations ADD COLUMN {column}")
    _create_library()
    _create_names()
    _create_lineage()
    _create_search()
    _create_insights()


def _create_library() -> None:
    op.create_table(
        "library",
        sa.Column("id", sa.Integer, sa.ForeignKey("generations.id"), primary_key=True),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("favourite", sa.Boolean, nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("charge", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("aspect", sa.String(16)),
        sa.Column("length_s", sa.Float),
        sa.Column("size_bytes", sa.Integer),
        sa.Column("cost_micros", sa.Integer),
        sa.Column("worth", sa.Integer, nullable=False),
        sa.Column("prompt_start", sa.String(48, collation="NOCASE"), nullable=False),
        sa.Column("is_late", sa.Boolean, nullable=False),
    )
    _fill_library()


def _fill_library() -> None:
    names = ", ".join(_FACTS)

    def values(row: str) -> str:
        return ", ".join(expression.format(row) for expression, _source in _FACTS.values())

    op.execute(
        f"INSERT INTO library (id, {names}, is_late) "  # noqa: S608
        f"SELECT id, {values('generations')}, coalesce(created_at < max(created_at) OVER "
        "(ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) FROM generations"
    )
    for name, indexed in (
        ("created_at", ["is_late", "created_at"]),
        ("length", ["length_s"]),
        ("size", ["size_bytes"]),
        ("cost", ["cost_micros"]),
        ("worth", ["worth"]),
        ("prompt", ["prompt_start"]),
        ("model", ["provider", "model", "aspect"]),
    ):
        shown = sa.text("is_deleted = 0")
        op.create_index(f"library_by_{name}", "library", indexed, sqlite_where=shown)
    op.create_index(
        "library_of_deleted",
        "library",
        ["is_late", "created_at"],
        sqlite_where=sa.text("is_deleted = 1"),
    )
    op.execute(
        "CREATE TRIGGER library_insert AFTER INSERT ON generations BEGIN "  # noqa: S608
        f"INSERT INTO library (id, {names}, is_late) VALUES (new.id, {values('new')}, "
        "coalesce(new.id < (SELECT max(id) FROM library), 0) "
        "OR EXISTS (SELECT 1 FROM library "
        "WHERE is_deleted = 0 AND is_late = 0 AND created_at > new.created_at) "
        "OR EXISTS (SELECT 1 FROM library "
        "WHERE is_deleted = 1 AND is_late = 0 AND created_at > new.created_at)); END"
    )
    op.execute(
        "CREATE TRIGGER library_delete BEFORE DELETE ON generations BEGIN "
        "DELETE FROM library WHERE id = old.id; END"
    )
    for columns in _GROUPS:
        sources = {name for column in columns for name in _FACTS[column][1].split(", ")}
        changes = ", ".join(f"{column} = {_FACTS[column][0].format('new')}" for column in columns)
        if "created_at" in columns:
            changes += ", is_late = is_late OR created_at <> new.created_at"
        op.execute(
            f"CREATE TRIGGER library_update_{columns[0]} "  # noqa: S608
            f"AFTER UPDATE OF {', '.join(sorted(sources))} ON generations BEGIN "
            f"UPDATE library SET {changes} WHERE id = new.id; END"
        )


def _create_names() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(256), nullable=False, unique=True),
    )
    op.create_table(
        "generation_tags",
        sa.Column("tag_id", sa.Integer, sa.ForeignKey("tags.id"), primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("generation_tags_by_generation", "generation_tags", ["generation_id"])
    op.create_table(
        "collections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(256), nullable=False, unique=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "collection_items",
        sa.Column("collection_id", sa.Integer, sa.ForeignKey("collections.id"), primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), primary_key=True),
        sa.Column("added_at", sa.String(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("collection_items_by_generation", "collection_items", ["generation_id"])
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(256), nullable=False, unique=True),
        sa.Column("query", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )


def _create_lineage() -> None:
    op.create_table(
        "lineage",
        sa.Column("child_id", sa.Integer, sa.ForeignKey("generations.id"), primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("generations.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("lineage_by_parent", "lineage", ["parent_id"])
    # only an older one that is there: what an imported recipe names may be another library's number
    op.execute(
        "INSERT OR IGNORE INTO lineage (child_id, parent_id) "
        "SELECT child.id, parent.id FROM generations AS child, "
        "json_each(child.config, '$.inputs') AS input "
        "JOIN generations AS parent ON parent.id = "
        # what is no object is no JSON of its own
        "CASE input.type WHEN 'object' THEN json_extract(input.value, '$.generation_id') END "
        "WHERE instr(child.config, '\"generation_id\"') AND json_valid(child.config) "
        "AND parent.id < child.id"
    )


def _create_search() -> None:
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER generations_fts_{event}")
    op.execute("DROP TABLE generations_fts")
    names = ", ".join(_SEARCHED)
    old = ", ".join(f"old.{name}" for name in _SEARCHED)
    new = ", ".join(f"new.{name}" for name in _SEARCHED)
    op.execute(
        f"CREATE VIRTUAL TABLE generations_fts USING fts5({names}, content='generations', "
        "content_rowid='id', tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3')"
    )
    put_in = f"INSERT INTO generations_fts (rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
    take_out = (
        f"INSERT INTO generations_fts (generations_fts, rowid, {names}) "  # noqa: S608
        f"VALUES ('delete', old.id, {old});"
    )
    op.execute(
        f"CREATE TRIGGER generations_fts_insert AFTER INSERT ON generations BEGIN {put_in} END"
    )
    op.execute(
        f"CREATE TRIGGER generations_fts_delete AFTER DELETE ON generations BEGIN {take_out} END"
    )
    op.execute(
        f"CREATE TRIGGER generations_fts_update AFTER UPDATE OF {names} ON generations "
        f"BEGIN {take_out} {put_in} END"
    )
    op.execute("INSERT INTO generations_fts (generations_fts) VALUES ('rebuild')")


def _create_insights() -> None:
    """Covering indexes: what the insights count is read from these alone, in the order of its groups."""
    op.execute(
        "ALTER TABLE generations ADD COLUMN took_s FLOAT GENERATED ALWAYS AS ("
        "CASE WHEN state = 'completed' THEN "
        "round((julianday(finished_at) - julianday(submitted_at)) * 86400, 1) END) VIRTUAL"
    )
    ending = "provider model state finished_at error_kind favourite rejected deleted_at length_s"
    op.create_index("generations_by_ending", "generations", ending.split())
    op.create_index(
        "generations_by_took", "generations", ["provider", "model", "took_s", "finished_at"]
    )
    op.create_index("generations_by_price", "generations", ["id", "provider", "model", "cost_usd"])
    op.create_index(
        "wallet_entries_of_generations",
        "wallet_entries",
        ["booked_at", "generation_id", "cost_micros", "tokens"],
        sqlite_where=sa.text("generation_id IS NOT NULL AND (cost_micros <> 0 OR tokens <> 0)"),
    )
