"""What is known of every paid request: whether it was answered, and which name it got."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from veo_studio.core.errors import OutcomeUnknown
from veo_studio.core.models import Attempt, GenerationState
from veo_studio.core.store import rows
from veo_studio.core.store.tables import attempts, generations

_g = generations.c
_S = GenerationState
# what became of a submit of which nobody knows whether it arrived
_LOST = "unknown"
_IS_LOST = or_(attempts.c.outcome == _LOST, attempts.c.outcome.is_(None))
# made once: see `rows.py`
_INSERT = attempts.insert()
_COUNT_LOST = (
    select(func.count())
    .select_from(attempts)
    .where(attempts.c.generation_id == bindparam("generation_id"), _IS_LOST)
)
_SETTLE_NEWEST = update(attempts).where(
    attempts.c.id
    == select(func.max(attempts.c.id))
    .where(attempts.c.generation_id == bindparam("row_of"))
    .scalar_subquery(),
    _IS_LOST,
)


def begin(
    connection: Connection,
    generation_id: int,
    body: Mapping[str, Any],
    body_sha256: str,
    at: datetime,
) -> Attempt:
    """Written down before it is sent."""
    uuid = str(uuids.uuid4())
    values = {
        "generation_id": generation_id,
        "uuid": uuid,
        "request": dict(body),
        "body_sha256": body_sha256,
        "started_at": at,
    }
    key = connection.execute(_INSERT, values).inserted_primary_key
    assert key is not None
    return Attempt(int(key[0]), generation_id, uuid, dict(body), body_sha256, at)


def lost(connection: Connection, generation_id: int) -> int:
    """How many submits of it may have been accepted without anybody knowing."""
    return int(connection.execute(_COUNT_LOST, {"generation_id": generation_id}).scalar_one())


def settle(connection: Connection, generation_id: int, to: GenerationState) -> None:
    """What became of the newest one, once it was found out some other way than by its answer."""
    settled = {"row_of": generation_id, "outcome": outcome_words(to)}
    connection.execute(_SETTLE_NEWEST, settled)


def require_own_name(connection: Connection, generation_id: int, operation_id: str) -> None:
    """OutcomeUnknown where the provider's name belongs to another generation of that provider."""
    provider = rows.get(connection, generation_id).provider
    owner = connection.execute(
        select(_g.id).where(_g.provider == provider, _g.operation_id == operation_id)
    ).scalar()
    if owner is not None and owner != generation_id:
        raise OutcomeUnknown(
            f"The provider gave the name that generation {owner} has already. "
            "The request may have been accepted and may be billed.",
            provider=provider,
        )


def outcome_words(to: GenerationState) -> str:
    """What a submit came to, by where its generation went."""
    return {_S.PROCESSING: "accepted", _S.PENDING: "not_accepted", _S.FAILED: "refused"}.get(
        to, _LOST
    )
