"""The runs of storyboards: what was clicked is stored before anything is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from veo_studio.core.store.tables import scenario_runs, scenarios
from veo_studio.core.storyboard.models import KeyPrice, Run, RunGoal, RunState

_r = scenario_runs.c


def begin(
    connection: Connection,
    scenario_uuid: str,
    goal: RunGoal,
    scene_uuids: tuple[str, ...],
    keys: tuple[str, ...],
    prices: tuple[KeyPrice | None, ...],
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
            keys=_stored(keys, prices),
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


def agree(connection: Connection, run_id: int, prices: Mapping[str, KeyPrice]) -> Run:
    """Somebody has seen what these keys cost now; those of the others stay."""
    run = get(connection, run_id)
    now = {**run.agreed, **prices}
    stored = _stored(run.keys, tuple(now.get(key) for key in run.keys))
    connection.execute(update(scenario_runs).where(_r.id == run_id).values(keys=stored))
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


def _stored(keys: Sequence[str], prices: Sequence[KeyPrice | None]) -> list[Any]:
    told = [*prices, *([None] * (len(keys) - len(prices)))]
    return [
        key
        if price is None
        else [key, price.tokens, _words(price.cost_usd), price.provider, price.model]
        for key, price in zip(keys, told, strict=True)
    ]


def _price(item: Any) -> KeyPrice | None:
    if isinstance(item, str):
        return None
    _, tokens, cost_usd, provider, model = item
    return KeyPrice(tokens, None if cost_usd is None else Decimal(cost_usd), provider, model)


def _words(cost_usd: Decimal | None) -> str | None:
    return None if cost_usd is None else str(cost_usd)


def _run(row: Row[Any]) -> Run:
    stored = row._mapping["keys"]
    return Run(
        id=row.id,
        scenario_uuid=row.scenario_uuid,
        goal=RunGoal(row.goal),
        scene_uuids=tuple(row.scene_uuids),
        state=RunState(row.state),
        started_at=row.started_at,
        reason=row.reason,
        finished_at=row.finished_at,
        keys=tuple(item if isinstance(item, str) else item[0] for item in stored),
        prices=tuple(_price(item) for item in stored),
    )
