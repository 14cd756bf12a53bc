"""The rows of storyboards and scenes; every function runs inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationState
from veo_studio.core.store import batches
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.store.library_sql import ids_json
from veo_studio.core.store.tables import generations, scenarios, scenes
from veo_studio.core.storyboard import documents
from veo_studio.core.storyboard.keys import prefix_of
from veo_studio.core.storyboard.models import Choices, Scene, Storyboard, StoryboardEntry

_b = scenarios.c
_s = scenes.c
_NO_BOARD = "There is no storyboard {}."
_BY_IDS = select(generations).where(
    text("generations.id IN (SELECT value FROM json_each(:ids))")
)  # fmt: skip


def create(
    connection: Connection, board: Storyboard, source_sha256: str | None, at: datetime
) -> Storyboard:
    values = {
        "uuid": board.scenario.uuid,
        "title": board.scenario.title,
        "document": documents.scenario_to_json(board.scenario),
        "revision": 1,
        "source_sha256": source_sha256,
        "created_at": at,
        "updated_at": at,
    }
    try:
        made = connection.execute(insert(scenarios).values(values).returning(_b.id))
        board_id = int(made.scalar_one())
        _insert(connection, board_id, list(enumerate(board.scenes)))
    except IntegrityError as error:
        raise ValueError("This storyboard, or a scene of it, is stored already.") from error
    return get(connection, board_id)


def get(connection: Connection, board: int | str) -> Storyboard:
    """Raises LookupError, also for one that was deleted; StorageError for what cannot be read.

    A scene that cannot be read is an empty one.
    """
    row = connection.execute(
        select(scenarios).where(_is(board), _b.deleted_at.is_(None))
    ).first()  # fmt: skip
    if row is None:
        raise LookupError(_NO_BOARD.format(board))
    stored = connection.execute(
        select(scenes)
        .where(_s.scenario_id == row.id, _s.deleted_at.is_(None))
        .order_by(_s.position, _s.id)
    )
    try:
        scenario = documents.scenario_from_json(row.document, row.uuid)
    except ValueError as error:
        raise StorageError(
            f"What is stored of storyboard {row.id} cannot be read. {error}",
            action="Open it with the newest Veo Studio, or delete it.",
        ) from error
    return Storyboard(
        scenario,
        tuple(_scene(one) for one in stored),
        id=row.id,
        revision=row.revision,
        updated_at=row.updated_at,
    )


def of_source(connection: Connection, source_sha256: str) -> Storyboard | None:
    found = connection.execute(
        select(_b.id)
        .where(_b.source_sha256 == source_sha256, _b.deleted_at.is_(None))
        .order_by(_b.id.desc())
    ).first()
    return None if found is None else get(connection, int(found.id))


def entries(connection: Connection) -> list[StoryboardEntry]:
    query = (
        select(
            _b.id,
            _b.uuid,
            _b.title,
            func.count(_s.id),
            func.coalesce(func.sum(_s.duration_s), 0),
            _b.updated_at,
        )
        .select_from(
            scenarios.outerjoin(scenes, (_s.scenario_id == _b.id) & _s.deleted_at.is_(None))
        )
        .where(_b.deleted_at.is_(None))
        .group_by(_b.id)
        .order_by(_b.updated_at.desc(), _b.id.desc())
    )
    return [StoryboardEntry(*row) for row in connection.execute(query)]


def save(connection: Connection, board: Storyboard, at: datetime) -> Storyboard:
    """The document of a board that is stored; the caller has compared the revisions."""
    board_id = connection.execute(
        update(scenarios)
        .where(_b.uuid == board.scenario.uuid)
        .values(
            title=board.scenario.title,
            document=documents.scenario_to_json(board.scenario),
            revision=_b.revision + 1,
            updated_at=at,
        )
        .returning(_b.id)
    ).scalar_one()
    stored = {
        row.uuid: row
        for row in connection.execute(select(scenes).where(_s.scenario_id == board_id))
    }
    new: list[tuple[int, Scene]] = []
    for position, scene in enumerate(board.scenes):
        row = stored.pop(scene.uuid, None)
        if row is None:
            new.append((position, scene))
            continue
        values = {
            "position": position,
            "duration_s": scene.duration_s,
            "document": documents.scene_to_json(scene),
            "deleted_at": None,
        }
        # of two hundred scenes one has changed
        if any(row._mapping[name] != value for name, value in values.items()):
            connection.execute(update(scenes).where(_s.id == row.id).values(values))
    for row in stored.values():
        if row.deleted_at is None:
            connection.execute(update(scenes).where(_s.id == row.id).values(deleted_at=at))
    try:
        _insert(connection, int(board_id), new)
    except IntegrityError as error:
        raise ValueError("A scene is part of another storyboard: duplicate it.") from error
    return get(connection, int(board_id))


def set_deleted(connection: Connection, board_id: int, at: datetime | None) -> None:
    """Whatever is in it: nothing of it is read. `at` None brings it back."""
    found = connection.execute(
        update(scenarios).where(_b.id == board_id).values(deleted_at=at).returning(_b.id)
    ).first()
    if found is None:
        raise LookupError(_NO_BOARD.format(board_id))


def choose(
    connection: Connection,
    scenario_uuid: str,
    chosen: Mapping[str, Choices | Callable[[Choices], Choices]],
) -> Storyboard:
    board = get(connection, scenario_uuid)
    stored = connection.execute(select(scenes).where(_s.scenario_id == board.id)).all()
    for row in stored:
        wanted = chosen.get(row.uuid)
        if wanted is None:
            continue
        now = _choices(row)
        choices = wanted(now) if callable(wanted) else wanted
        if choices != now:
            connection.execute(
                update(scenes).where(_s.id == row.id).values(_choice_values(choices))
            )
    return get(connection, scenario_uuid)


def takes(connection: Connection, scenario_uuid: str) -> list[KeyedGeneration]:
    found = batches.beginning_with(connection, prefix_of(scenario_uuid))
    known = {item.generation.id for item in found}
    chosen = connection.execute(
        select(_s.picture_id, _s.take_id, _s.rehearsal_id)
        .join(scenarios, _s.scenario_id == _b.id)
        .where(_b.uuid == scenario_uuid, _s.deleted_at.is_(None))
    )
    # a copy of a scene shows what was made for another one
    others = {number for row in chosen for number in row if number is not None} - known
    if others:
        rows = connection.execute(_BY_IDS, {"ids": ids_json(sorted(others))})
        found += [batches.keyed(row) for row in rows]
        found.sort(key=lambda item: item.generation.id)
    return found


def made_as(connection: Connection, digests: Collection[str]) -> dict[str, int]:
    # no index: all of them in one walk over the library
    g = generations.c
    query = (
        select(g.sha256, g.id)
        .where(text("generations.sha256 IN (SELECT value FROM json_each(:digests))"))
        .where(g.deleted_at.is_(None), g.state == GenerationState.COMPLETED.value)
        .order_by(g.id)
    )
    found = connection.execute(query, {"digests": json.dumps(sorted(digests))})
    return {row.sha256: row.id for row in found}


def _is(board: int | str) -> Any:
    return _b.id == board if isinstance(board, int) else _b.uuid == board


def _insert(connection: Connection, board_id: int, placed: list[tuple[int, Scene]]) -> None:
    if not placed:
        return
    connection.execute(
        insert(scenes),
        [
            {
                "uuid": scene.uuid,
                "scenario_id": board_id,
                "position": position,
                "duration_s": scene.duration_s,
                "document": documents.scene_to_json(scene),
                **_choice_values(scene.choices),
            }
            for position, scene in placed
        ],
    )


def _scene(row: Row[Any]) -> Scene:
    scene = documents.stored_scene(row.document, row.uuid)
    return replace(scene, choices=_choices(row))


def _choices(row: Row[Any]) -> Choices:
    return Choices(
        picture_id=row.picture_id,
        take_id=row.take_id,
        rehearsal_id=row.rehearsal_id,
        is_approved=row.is_approved,
        picture_round=row.picture_round,
        clip_round=row.clip_round,
        rehearsal_round=row.rehearsal_round,
    )


def _choice_values(choices: Choices) -> dict[str, Any]:
    return {
        "picture_id": choices.picture_id,
        "take_id": choices.take_id,
        "rehearsal_id": choices.rehearsal_id,
        "is_approved": choices.is_approved,
        "picture_round": choices.picture_round,
        "clip_round": choices.clip_round,
        "rehearsal_round": choices.rehearsal_round,
    }
