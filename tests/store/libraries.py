"""Libraries for the tests of the store: filled ones, and files of the first released schema."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

import veo_studio.core.store.migrations
from veo_studio.core.models import GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.core.store.schema import APPLICATION_ID

# how much of what takes long is tried: 1 in `make test`, more at night
SCALE = float(os.environ.get("VEO_STUDIO_TEST_SCALE", "1"))
CONFIG = json.dumps(VideoConfig().to_json())
AT = "2026-11-20T09:30:00.000000+00:00"


def new(prompt: str = "A red kite", tokens: int = 0) -> NewGeneration:
    request = GenerationRequest(prompt, "gemini", "gemini-omni-1.2-flash", VideoConfig())
    return NewGeneration(request, tokens, Decimal("0.56") if tokens else None)


def store_generations(database: Database, count: int, tokens: int = 0) -> list[int]:
    """`count` waiting ones in one transaction; their ids."""
    created = database.write_now(
        lambda c: moves.create(c, [new(f"Clip {n}", tokens) for n in range(count)], utc_now())
    )
    return [generation.id for generation in created]


def follow(database: Database, generation_id: int, operation_id: str) -> None:
    """Accepted by the provider as `operation_id`, paid for, not yet fetched."""

    def work(connection: Any) -> None:
        attempt = moves.begin_attempt(connection, generation_id, {}, "0" * 64, utc_now())
        connection.exec_driver_sql(
            "UPDATE attempts SET operation_id = ? WHERE id = ?", (operation_id, attempt.id)
        )
        moves.move(
            connection, generation_id, GenerationState.PROCESSING, "accepted", utc_now(),
            operation_id=operation_id,
        )  # fmt: skip

    database.write_now(work)


def filled(path: Path, count: int = 60) -> int:
    """A closed library of `count` generations, one of them paid; its balance is returned: 90."""
    database = Database.open(path)
    store_generations(database, 1, tokens=10)
    store_generations(database, count - 1)
    database.close()
    return 90


def schema_one(path: Path, count: int = 5) -> None:
    """A file as the first released schema left it: `count` generations, the first of them paid."""
    path.parent.mkdir(parents=True, exist_ok=True)
    upgraded(path, "0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for number in range(1, count + 1):
            tokens = 10 if number == 1 else 0
            connection.execute(
                "INSERT INTO generations (id, uuid, kind, provider, model, prompt, config, state, "
                "state_cause, charge, tokens, price_usd, queue_position, next_attempt_at, "
                "created_at, updated_at) VALUES (?, ?, 'video', 'gemini', 'gemini-omni-1.2-flash', "
                "?, ?, 'pending', 'asked for', 'charged', ?, '0.56', ?, ?, ?, ?)",
                (number, str(uuid.uuid4()), f"Clip {number}", CONFIG, tokens, number, AT, AT, AT),
            )
            connection.execute(
                "INSERT INTO state_changes (generation_id, to_state, at, cause) "
                "VALUES (?, 'pending', ?, 'asked for')",
                (number, AT),
            )
            connection.execute(
                "INSERT INTO wallet_entries (kind, tokens, balance_after, generation_id, at, cause) "
                "VALUES ('charge', ?, 90, ?, ?, 'video')",
                (-tokens, number, AT),
            )
        connection.execute("INSERT INTO about VALUES ('written_by', '0.1.0')")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def upgraded(path: Path, revision: str) -> None:
    """Bring a file to the schema of an earlier version; its marks are left to the caller."""
    from sqlalchemy import URL, create_engine

    config = Config()
    scripts = Path(veo_studio.core.store.migrations.__file__).parent
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, revision)
    engine.dispose()


def scalar(path: Path, query: str) -> Any:
    """One value, read without changing anything."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchone()[0]


def balance(path: Path) -> int:
    return int(scalar(path, "SELECT balance_after FROM wallet_entries ORDER BY id DESC LIMIT 1"))


def is_whole(path: Path) -> bool:
    return bool(scalar(path, "PRAGMA integrity_check") == "ok")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and what is in it."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
