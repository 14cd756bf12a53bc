"""Every move of a generation's state, together with what it does to the wallet.

One rule: the state, its row in `state_changes` and the wallet entry are one transaction, the
caller's. `move` is the only place that changes a state.
"""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Insert, func, select, update

from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.models import (
    ALLOWED_MOVES,
    Attempt,
    Charge,
    Generation,
    GenerationRequest,
    GenerationState,
)
from veo_studio.core.store import ledger, rows
from veo_studio.core.store.tables import attempts, generations, state_changes

_g = generations.c
_S = GenerationState


@dataclass(frozen=True)
class NewGeneration:
    """A request with its price, ready to be stored."""

    request: GenerationRequest
    tokens: int
    price_usd: Decimal | None


def utc_now() -> datetime:
    return datetime.now(UTC)


def move(
    connection: Connection,
    generation_id: int,
    to: GenerationState,
    cause: str,
    at: datetime,
    **fields: Any,
) -> Generation:
    """Change one state inside the caller's transaction.

    FAILED gives the charge back; so does CANCELLED of a generation that was never sent. Asking for
    the state that is already there changes nothing, so that two workers may decide the same.
    Raises StorageError where the table of moves forbids it: then nothing is written.
    """
    before = rows.get(connection, generation_id)
    if before.state is to:
        if fields:
            set_fields(connection, generation_id, at, fields)
        return rows.get(connection, generation_id)
    if to not in ALLOWED_MOVES[before.state]:
        raise StorageError(
            f"Generation {generation_id} cannot go from {before.state.value} to {to.value} ({cause})."
        )
    is_refunded = to is _S.FAILED or (to is _S.CANCELLED and before.state is _S.PENDING)
    if is_refunded:
        ledger.refund(connection, generation_id, at, cause)
    if to.is_terminal:
        fields.setdefault("finished_at", at)
        fields.setdefault("next_attempt_at", None)
    charge = _charge_after(before.tokens, to, is_refunded)
    set_fields(
        connection,
        generation_id,
        at,
        {**fields, "state": to.value, "state_cause": cause, "charge": charge.value},
    )
    _log_move(connection, generation_id, before.state, to, at, cause)
    return rows.get(connection, generation_id)


def _charge_after(tokens: int, to: GenerationState, is_refunded: bool) -> Charge:
    if tokens == 0 or is_refunded:
        return Charge.NOT_CHARGED
    return Charge.UNKNOWN if to is _S.UNKNOWN else Charge.CHARGED


def failure_fields(error: StudioError) -> dict[str, Any]:
    """The columns that say why a generation failed or waits."""
    return {"error": error.message, "error_kind": error.kind.value}


def create(connection: Connection, new: Sequence[NewGeneration], at: datetime) -> list[Generation]:
    position = connection.execute(
        select(func.coalesce(func.max(_g.queue_position), 0))
    ).scalar_one()
    created: list[Generation] = []
    for item in new:
        request = item.request
        key = request.idempotency_key
        if key is not None:
            known = connection.execute(select(generations).where(_g.idempotency_key == key)).first()
            if known is not None:
                created.append(rows.to_generation(known))
                continue
        position += 1
        generation_id = _insert(
            connection,
            generations.insert().values(
                uuid=str(uuids.uuid4()),
                idempotency_key=key,
                kind=request.kind.value,
                provider=request.provider,
                model=request.model,
                prompt=request.prompt,
                config=request.config.to_json(),
                state=_S.PENDING.value,
                state_cause="asked for",
                charge=_charge_after(item.tokens, _S.PENDING, False).value,
                tokens=item.tokens,
                price_usd=item.price_usd,
                queue_position=position,
                output_dir=str(request.output_dir) if request.output_dir else None,
                take_group=request.take_group,
                take_number=request.take_number,
                created_at=at,
                updated_at=at,
                next_attempt_at=at,
            ),
        )
        ledger.charge(
            connection, generation_id, item.tokens, at, f"{request.kind.value} {generation_id}"
        )
        _log_move(connection, generation_id, None, _S.PENDING, at, "asked for")
        created.append(rows.get(connection, generation_id))
    return created


def begin_attempt(
    connection: Connection,
    generation_id: int,
    body: Mapping[str, Any],
    body_sha256: str,
    at: datetime,
) -> Attempt:
    before = rows.get(connection, generation_id)
    if before.state is not _S.PENDING:
        # two runs of one row: the second must not send it again
        raise StorageError(f"Generation {generation_id} is {before.state.value}: it is not sent.")
    move(connection, generation_id, _S.SUBMITTING, "sent to the provider", at, next_attempt_at=None)
    uuid = str(uuids.uuid4())
    attempt_id = _insert(
        connection,
        attempts.insert().values(
            generation_id=generation_id,
            uuid=uuid,
            request=dict(body),
            body_sha256=body_sha256,
            started_at=at,
        ),
    )
    return Attempt(attempt_id, generation_id, uuid, dict(body), body_sha256, at)


def outcome_words(to: GenerationState) -> str:
    return {_S.PROCESSING: "accepted", _S.PENDING: "not_accepted", _S.FAILED: "refused"}.get(
        to, "unknown"
    )


def set_fields(
    connection: Connection, generation_id: int, at: datetime, fields: Mapping[str, Any]
) -> None:
    connection.execute(
        update(generations).where(_g.id == generation_id).values(**{**fields, "updated_at": at})
    )


def _log_move(
    connection: Connection,
    generation_id: int,
    from_state: GenerationState | None,
    to: GenerationState,
    at: datetime,
    cause: str,
) -> None:
    connection.execute(
        state_changes.insert().values(
            generation_id=generation_id,
            from_state=from_state.value if from_state else None,
            to_state=to.value,
            at=at,
            cause=cause,
        )
    )


def _insert(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])
