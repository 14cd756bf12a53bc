"""The runs of storyboards: what was clicked is stored before anything is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from veo_studio.core.store.tables import scenario_runs, scenarios
from veo_studio.core.storyboard.models import Run, RunGoal, RunState

_r = scenario_runs.c


def begin(
    connection: Connection,
    scenario_uuid: str,
    goal: RunGoal,
    scene_uuids: tuple[str, ...],
    keys: tuple[str, ...],
    at: datetime,
) -> Run:
    """Raises LookupError where there is no such storyboard."""
    board_id = connection.execute(
        select(scenarios.c.id).where(
            scenarios.c.uuid == scenario_uuid, scenarios.c.deleted_at.is_(None)
        )
    ).scalar()
    if board_id is None:
        raise LookupError(f"There is no storyboard {scenario_uuid}.")
    run_id = connection.execute(
        insert(scenario_runs)
        .values(
            scenario_id=board_id,
            goal=goal.value,
            scene_uuids=list(scene_uuids),
            keys=list(keys),
            state=RunState.RUNNING.value,
            reason="",
            started_at=at,
        )
        .returning(_r.id)
    ).scalar_one()
    return get(connection, int(run_id))


def set_state(
    connection: Connection, run_id: int, state: RunState, reason: str, at: datetime
) -> Run:
    connection.execute(
        update(scenario_runs)
        # one that is over stays so: whoever decided on what was true before comes too late
        .where(_r.id == run_id, _r.finished_at.is_(None))
        .values(state=state.value, reason=reason, finished_at=at if state.is_over else None)
    )
    return get(connection, run_id)


def unfinished(connection: Connection) -> list[Run]:
    query = (
        _runs().where(_r.finished_at.is_(None), scenarios.c.deleted_at.is_(None)).order_by(_r.id)
    )
    return [_run(row) for row in connection.execute(query)]


def last(connection: Connection, scenario_uuid: str) -> Run | None:
    query = _runs().where(scenarios.c.uuid == scenario_uuid).order_by(_r.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _run(row)


def get(connection: Connection, run_id: int) -> Run:
    """Raises LookupError."""
    row = connection.execute(_runs().where(_r.id == run_id)).first()
    if row is None:
        raise LookupError(f"There is no run {run_id}.")
    return _run(row)


def _runs() -> Select[Any]:
    return select(scenario_runs, scenarios.c.uuid.label("scenario_uuid")).join(
        scenarios, scenarios.c.id == _r.scenario_id
    )


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        scenario_uuid=row.scenario_uuid,
        goal=RunGoal(row.goal),
        scene_uuids=tuple(row.scene_uuids),
        state=RunState(row.state),
        started_at=row.started_at,
        reason=row.reason,
        finished_at=row.finished_at,
        keys=tuple(row._mapping["keys"]),
    )
