"""E02: other programs in the same file: waited for, told when it takes too long, nothing lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.store.libraries import SCALE, balance, is_whole, scalar, store_generations
from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationState
from veo_studio.core.store import books
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository

ROOT = Path(__file__).parents[2]
TRANSACTIONS = int(1000 * SCALE)
WORKERS = 9

_COUNT = """
import sys
from pathlib import Path
from tests.store.test_e02_locks import count_up
count_up(Path(sys.argv[1]), int(sys.argv[2]))
"""


def add_one(connection: Connection) -> None:
    """Reads and then writes what it read, as every charge does."""
    seen = int(
        connection.exec_driver_sql("SELECT value FROM about WHERE name = 'count'").scalar_one()
    )
    connection.exec_driver_sql("UPDATE about SET value = ? WHERE name = 'count'", (str(seen + 1),))


def count_up(path: Path, times: int) -> None:
    database = Database.open(path)
    try:
        for _ in range(times):
            database.write_now(add_one)
    finally:
        database.close()


def test_threads_and_a_process_that_read_and_then_write_never_see_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    database = Database.open(path)
    database.write_now(
        lambda c: c.exec_driver_sql("INSERT INTO about (name, value) VALUES ('count', '0')")
    )
    share = TRANSACTIONS // WORKERS
    process = subprocess.Popen(
        [sys.executable, "-c", _COUNT, str(path), str(share)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    with ThreadPoolExecutor(WORKERS - 1) as threads:
        for done in [threads.submit(count_up, path, share) for _ in range(WORKERS - 1)]:
            done.result()
    assert process.wait(timeout=240) == 0
    database.close()
    assert scalar(path, "SELECT value FROM about WHERE name = 'count'") == str(share * WORKERS)
    assert is_whole(path)


def lock(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_a_lock_of_three_seconds_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    database = Database.open(path)
    (first,) = store_generations(database, 1, tokens=10)
    other = lock(path)
    start = time.monotonic()
    threading.Timer(3.0, lambda: (other.execute("ROLLBACK"), other.close())).start()
    repository = GenerationRepository(database)
    moving = asyncio.create_task(repository.move(first, GenerationState.CANCELLED, "by the user"))
    # whoever only looks does not wait at all
    assert (await repository.get(first)).state is GenerationState.PENDING
    assert time.monotonic() - start < 2.5
    assert (await moving).state is GenerationState.CANCELLED
    assert time.monotonic() - start >= 2.5
    await asyncio.to_thread(database.close)
    assert balance(path) == 100


async def test_a_lock_that_stays_is_told_and_nothing_is_half_done(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    Database.open(path).close()
    database = Database.open(path, busy_timeout_s=0.3)
    (first,) = store_generations(database, 1, tokens=10)
    other = lock(path)
    repository = GenerationRepository(database)
    with pytest.raises(StorageError, match=r"keeps the database .* locked"):
        await repository.move(first, GenerationState.CANCELLED, "by the user")
    assert (await repository.get(first)).state is GenerationState.PENDING
    other.execute("ROLLBACK")
    other.close()
    moved = await repository.move(first, GenerationState.CANCELLED, "by the user")
    assert moved.state is GenerationState.CANCELLED
    assert database.write_now(books.audit) == []
    await asyncio.to_thread(database.close)
    assert balance(path) == 100


def test_a_library_that_is_locked_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    Database.open(path).close()
    other = lock(path)
    database = Database.open(path, busy_timeout_s=0.3)
    assert database.read_now(lambda c: c.exec_driver_sql("SELECT 1").scalar_one()) == 1
    database.close()
    other.close()
