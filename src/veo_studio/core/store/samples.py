"""Further clips of one submit: rows of their own, free of charge, because the first one was charged for all."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from veo_studio.core.models import Charge, Generation, GenerationState
from veo_studio.core.store import ledger, lineage, rows
from veo_studio.core.store.tables import generations, state_changes


def key_of(first: Generation, number: int) -> str:
    """The idempotency key of the sample with this number, from 2 on."""
    return f"{first.uuid}#{number}"


def find(connection: Connection, key: str) -> Generation | None:
    query = select(generations).where(generations.c.idempotency_key == key)
    return rows.optional(connection.execute(query).first())


def add(
    connection: Connection,
    first: Generation,
    number: int,
    path: Path,
    facts: Mapping[str, Any],
    at: datetime,
) -> Generation:
    """Store a clip whose file is in its place, once; `facts` are its columns from size to sound."""
    key = key_of(first, number)
    if (known := find(connection, key)) is not None:
        return known
    cause = f"clip {number} of generation {first.id}"
    done = GenerationState.COMPLETED.value
    result = connection.execute(
        insert(generations).values(
            uuid=str(uuids.uuid4()),
            idempotency_key=key,
            kind=first.kind.value,
            provider=first.provider,
            model=first.model,
            prompt=first.prompt,
            config=first.config.to_json(),
            state=done,
            state_cause=cause,
            charge=Charge.NOT_CHARGED.value,
            tokens=0,
            operation_id=f"{first.operation_id}#{number}",
            output_dir=str(first.output_dir) if first.output_dir else None,
            video_path=str(path),
            target_path=str(path),
            take_group=first.take_group,
            take_number=first.take_number,
            created_at=first.created_at,
            submitted_at=first.submitted_at,
            finished_at=at,
            updated_at=at,
            **facts,
        )
    )
    (generation_id,) = result.inserted_primary_key or (0,)
    lineage.record(connection, generation_id, first.config)
    ledger.charge(connection, generation_id, 0, None, at, cause)
    connection.execute(
        insert(state_changes).values(
            generation_id=generation_id, from_state=None, to_state=done, at=at, cause=cause
        )
    )
    return rows.get(connection, generation_id)
