"""The database: moves, money in the same transaction, search, and files it refuses."""

from __future__ import annotations

import asyncio
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from veo_studio.core.errors import (
    DatabaseTooNew,
    FolderInUse,
    LedgerDamaged,
    NotEnoughTokens,
    OutcomeUnknown,
    StorageError,
)
from veo_studio.core.models import (
    ALLOWED_MOVES,
    Charge,
    GenerationRequest,
    GenerationState,
    VideoConfig,
)
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.tables import SCHEMA_VERSION, metadata
from veo_studio.core.wallet import Wallet

S = GenerationState


def new(prompt: str = "A red kite", tokens: int = 10, key: str | None = None) -> NewGeneration:
    request = GenerationRequest(
        prompt, "gemini", "gemini-omni-1.2-flash", VideoConfig(), idempotency_key=key
    )
    return NewGeneration(request, tokens, Decimal("0.56"))


async def test_a_generation_is_stored_with_its_charge(
    repository: GenerationRepository, database: Database
) -> None:
    (generation,) = await repository.create([new()])
    assert generation.state is S.PENDING
    assert generation.charge is Charge.CHARGED
    assert generation.price_usd == Decimal("0.56")
    entries = await Wallet(database).entries()
    assert [(entry.kind, entry.tokens, entry.balance_after) for entry in entries] == [
        ("charge", -10, 90),
        ("grant", 100, 100),
    ]
    assert entries[0].generation_id == generation.id


async def test_a_batch_that_costs_too_much_stores_nothing(
    repository: GenerationRepository, database: Database
) -> None:
    with pytest.raises(NotEnoughTokens) as caught:
        await repository.create([new() for _ in range(11)])
    assert (caught.value.needed, caught.value.balance) == (10, 0)
    assert await repository.count() == 0
    assert await Wallet(database).balance() == 100


async def test_the_same_idempotency_key_is_one_generation_and_one_charge(
    repository: GenerationRepository, database: Database
) -> None:
    clicks = await asyncio.gather(*(repository.create([new(key="one click")]) for _ in range(10)))
    assert len({click[0].id for click in clicks}) == 1
    assert await Wallet(database).balance() == 90


@pytest.mark.parametrize("start", list(S))
@pytest.mark.parametrize("goal", list(S))
async def test_only_the_table_of_moves_is_allowed(
    repository: GenerationRepository,
    database: Database,
    start: GenerationState,
    goal: GenerationState,
) -> None:
    (generation,) = await repository.create([new()])
    await repository.update(generation.id, state=start.value, operation_id="v1_abc")
    if goal in ALLOWED_MOVES[start] or goal is start:
        moved = await repository.move(generation.id, goal, "test")
        assert moved.state is goal
    else:
        with pytest.raises(StorageError):
            await repository.move(generation.id, goal, "test")
        assert (await repository.get(generation.id)).state is start


async def test_a_failure_refunds_once_however_many_ask(
    repository: GenerationRepository, database: Database
) -> None:
    (generation,) = await repository.create([new()])
    await asyncio.gather(*(repository.move(generation.id, S.FAILED, "test") for _ in range(20)))
    assert (await repository.get(generation.id)).charge is Charge.NOT_CHARGED
    assert [entry.kind for entry in await Wallet(database).entries()] == [
        "refund",
        "charge",
        "grant",
    ]
    assert await Wallet(database).balance() == 100


async def test_an_accepted_one_stays_charged_when_cancelled(
    repository: GenerationRepository, database: Database
) -> None:
    (generation,) = await repository.create([new()])
    attempt = await repository.begin_attempt(generation.id, {"input": "A red kite"}, "0" * 64)
    await repository.end_attempt(attempt, S.PROCESSING, "accepted", operation_id="v1_abc")
    cancelled = await repository.move(generation.id, S.CANCELLED, "by the user")
    assert cancelled.charge is Charge.CHARGED
    assert await Wallet(database).balance() == 90


async def test_every_move_and_attempt_is_kept_with_its_cause(
    repository: GenerationRepository,
) -> None:
    (generation,) = await repository.create([new()])
    attempt = await repository.begin_attempt(generation.id, {"input": "A red kite"}, "0" * 64)
    accepted = await repository.end_attempt(
        attempt, S.PROCESSING, "accepted", operation_id="v1_abc"
    )
    assert accepted.operation_id == "v1_abc"
    assert accepted.submitted_at == attempt.started_at
    changes = await repository.state_changes(generation.id)
    assert [(change.to_state, change.cause) for change in changes] == [
        (S.PENDING, "asked for"),
        (S.SUBMITTING, "sent to the provider"),
        (S.PROCESSING, "accepted"),
    ]
    (stored,) = await repository.attempts(generation.id)
    assert stored.request == {"input": "A red kite"}
    assert (stored.outcome, stored.operation_id) == ("accepted", "v1_abc")


async def test_an_operation_belongs_to_one_generation(repository: GenerationRepository) -> None:
    first, second = await repository.create([new(), new("Two foxes")])
    for_first = await repository.begin_attempt(first.id, {}, "0" * 64)
    for_second = await repository.begin_attempt(second.id, {}, "0" * 64)
    await repository.end_attempt(for_first, S.PROCESSING, "accepted", operation_id="v1_abc")
    with pytest.raises(OutcomeUnknown):
        await repository.end_attempt(for_second, S.PROCESSING, "accepted", operation_id="v1_abc")
    assert (await repository.get(second.id)).state is S.SUBMITTING


async def test_wallet_entries_cannot_be_changed_or_deleted(
    repository: GenerationRepository, database: Database
) -> None:
    await repository.create([new()])
    for statement in ("UPDATE wallet_entries SET tokens = 0", "DELETE FROM wallet_entries"):
        with pytest.raises(Exception, match="append-only"):
            await database.write(lambda c, sql=statement: c.exec_driver_sql(sql))
    assert await Wallet(database).balance() == 90


async def test_d07_a_balance_edited_by_hand_stops_spending_at_the_next_start(
    tmp_path: Path, database: Database
) -> None:
    (paid,) = await GenerationRepository(database).create([new()])
    await database.write(lambda c: c.exec_driver_sql("DROP TRIGGER wallet_entries_no_update"))
    await database.write(
        lambda c: c.exec_driver_sql("UPDATE wallet_entries SET balance_after = 999")
    )
    again = Database.open(database.path)
    try:
        repository = GenerationRepository(again)
        with pytest.raises(LedgerDamaged, match="I01"):
            await repository.create([new()])
        with pytest.raises(LedgerDamaged):
            await repository.begin_attempt(paid.id, {}, "0" * 64)
        # it is told, not repaired, and what is there stays readable
        assert [words.split(":")[0] for words in await Wallet(again).check()] == ["I01"]
        assert [entry.id for entry in await repository.page()] == [paid.id]
        assert await Wallet(again).balance() == 999
    finally:
        again.close()


async def test_d07_a_deleted_entry_stops_spending_at_the_next_start(database: Database) -> None:
    await GenerationRepository(database).create([new(), new()])
    await database.write(lambda c: c.exec_driver_sql("DROP TRIGGER wallet_entries_no_delete"))
    await database.write(lambda c: c.exec_driver_sql("DELETE FROM wallet_entries WHERE id = 2"))
    again = Database.open(database.path)
    try:
        with pytest.raises(LedgerDamaged, match="missing"):
            await GenerationRepository(again).create([new()])
    finally:
        again.close()


@pytest.mark.parametrize("tokens", [0, -1, True, 1.5, "10", None])
async def test_only_positive_whole_tokens_are_granted(database: Database, tokens: object) -> None:
    with pytest.raises(ValueError, match="whole number of 1 or more"):
        await Wallet(database).grant(tokens, "test")  # type: ignore[arg-type]
    assert await Wallet(database).balance() == 100


async def test_search_finds_word_beginnings_newest_first(repository: GenerationRepository) -> None:
    await repository.create(
        [new("A red kite", 0), new("Two foxes at dawn", 0), new("A kitesurfer, Ümlaut", 0)]
    )
    assert [g.prompt for g in await repository.page(search="kit")] == [
        "A kitesurfer, Ümlaut",
        "A red kite",
    ]
    assert [g.prompt for g in await repository.page(search="umlaut")] == ["A kitesurfer, Ümlaut"]
    assert [g.prompt for g in await repository.page(search="red kite")] == ["A red kite"]
    assert await repository.count("foxes") == 1
    for strange in ('"', "NOT", "a AND", "(*", "kite OR", "-", "%"):
        await repository.page(search=strange)


async def test_pages_follow_each_other_without_gaps(repository: GenerationRepository) -> None:
    await repository.create([new(f"Clip number {number}", 0) for number in range(25)])
    seen: list[int] = []
    before = None
    while page := await repository.page(before_id=before, limit=10):
        seen += [generation.id for generation in page]
        before = page[-1].id
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 25


async def test_a_forgotten_one_leaves_the_lists_and_comes_back(
    repository: GenerationRepository,
) -> None:
    (generation,) = await repository.create([new()])
    await repository.forget(generation.id)
    assert await repository.page() == []
    assert await repository.count() == 0
    await repository.remember(generation.id)
    assert [g.id for g in await repository.page()] == [generation.id]


def test_migrations_and_tables_agree(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection):  # type: ignore[no-untyped-def]
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _parents: (
                    not (
                        kind == "table"
                        and (name.startswith("generations_fts") or name == "alembic_version")
                    )
                )
            },
        )
        return compare_metadata(context, metadata)

    assert database.write_now(differences) == []


def test_e04_a_newer_database_is_refused_and_stays_byte_identical(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    Database.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE about SET value = '9.9.9' WHERE name = 'written_by'")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir() if entry.is_file()}
    with pytest.raises(DatabaseTooNew, match=r"written by Veo Studio 9\.9\.9") as caught:
        Database.open(path)
    assert caught.value.written_by == "9.9.9"
    assert {
        entry.name: entry.read_bytes() for entry in tmp_path.iterdir() if entry.is_file()
    } == before


@pytest.mark.parametrize("content", [b"\x89PNG not a database", b"x" * 4096])
def test_e03_another_file_in_its_place_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "veo-studio.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is not a Veo Studio database"):
        Database.open(path)
    assert path.read_bytes() == content


def test_e01_one_scheduler_per_folder(tmp_path: Path) -> None:
    first = Database.open(tmp_path / "veo-studio.db")
    second = Database.open(tmp_path / "veo-studio.db")
    first.acquire_scheduler()
    first.acquire_scheduler()
    with pytest.raises(FolderInUse):
        second.acquire_scheduler()
    first.release_scheduler()
    with pytest.raises(FolderInUse):
        second.acquire_scheduler()
    first.release_scheduler()
    second.acquire_scheduler()
    first.close()
    second.close()


async def test_e02_two_connections_that_read_and_then_write_never_fail(tmp_path: Path) -> None:
    databases = [Database.open(tmp_path / "veo-studio.db") for _ in range(4)]
    repositories = [GenerationRepository(database) for database in databases]
    await asyncio.gather(*(r.create([new(tokens=0)]) for r in repositories for _ in range(25)))
    assert await repositories[0].count() == 100
    assert await Wallet(databases[0]).balance() == 100
    for database in databases:
        await asyncio.to_thread(database.close)


async def test_a_moment_without_a_time_zone_is_not_stored(repository: GenerationRepository) -> None:
    from datetime import datetime

    (generation,) = await repository.create([new()])
    with pytest.raises(Exception, match="without a time zone"):
        await repository.update(generation.id, finished_at=datetime(2026, 1, 1))


async def test_a_column_that_does_not_exist_is_not_silently_left_out(
    repository: GenerationRepository,
) -> None:
    (generation,) = await repository.create([new()])
    with pytest.raises(TypeError, match="colour"):
        await repository.update(generation.id, colour="red")


def test_e04_a_newer_version_that_is_still_in_the_log_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "veo-studio.db"
    Database.open(path).close()
    crashed = sqlite3.connect(path)
    crashed.execute("PRAGMA wal_autocheckpoint=0")
    crashed.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    crashed.commit()
    names = ("veo-studio.db", "veo-studio.db-wal")
    before = [(tmp_path / name).read_bytes() for name in names]
    with pytest.raises(DatabaseTooNew):
        Database.open(path)
    assert [(tmp_path / name).read_bytes() for name in names] == before
    crashed.close()
