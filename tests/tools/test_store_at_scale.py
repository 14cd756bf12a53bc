"""What is asked at every click, start or run must not read the whole library."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, event

from veo_studio.core.models import (
    ACTIVE_STATES,
    ATTENTION_STATES,
    GenerationRequest,
    GenerationState,
    VideoConfig,
)
from veo_studio.core.store.database import Database
from veo_studio.core.store.line import LineRepository
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository


async def plans_of(path: Path) -> dict[str, str]:
    """Each SELECT that the everyday questions send, with SQLite's plan for it."""
    database = Database.open(path)
    # once per process the books are read as a whole, which is no everyday question
    await LineRepository(database).audit()
    seen: dict[str, str] = {}

    def before(
        connection: Connection, _cursor: object, statement: str, values: object, *_: object
    ) -> None:
        if statement.startswith("SELECT") and statement not in seen:
            seen[statement] = ""
            raw = connection.connection.cursor()
            rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            seen[statement] = "; ".join(row[3] for row in rows)

    for engine in (database._read_engine, database._write_engine):
        event.listen(engine, "before_cursor_execute", before)
    try:
        repository = GenerationRepository(database)
        request = GenerationRequest("A red kite", "gemini", "gemini-omni-1.2-flash", VideoConfig())
        await repository.create([NewGeneration(request, 10, None)])
        await repository.count()
        await repository.page(limit=40)
        await repository.page(limit=40, before_id=1000)
        await repository.page(limit=40, states=[GenerationState.HELD])
        await repository.in_states(ACTIVE_STATES | ATTENTION_STATES)
        await repository.seconds_taken("kie", "never-used")
    finally:
        database.close()
    return seen


async def test_everyday_questions_use_an_index(tmp_path: Path) -> None:
    plans = await plans_of(tmp_path / "veo-studio.db")
    asked = {
        statement: plan for statement, plan in plans.items() if "FROM generations" in statement
    }
    assert len(asked) >= 7
    for statement, plan in asked.items():
        assert "SCAN generations" not in plan, (statement, plan)


async def test_the_time_of_a_model_is_read_from_that_model_only(tmp_path: Path) -> None:
    plans = await plans_of(tmp_path / "veo-studio.db")
    (plan,) = [plan for statement, plan in plans.items() if "submitted_at IS NOT NULL" in statement]
    assert "generations_by_model (provider=? AND model=? AND state=?)" in plan


async def test_the_end_of_the_queue_is_found_at_once(tmp_path: Path) -> None:
    plans = await plans_of(tmp_path / "veo-studio.db")
    (plan,) = [
        plan for statement, plan in plans.items() if "max(" in statement and "queue" in statement
    ]
    assert plan == "SEARCH generations USING COVERING INDEX generations_by_queue_position"
