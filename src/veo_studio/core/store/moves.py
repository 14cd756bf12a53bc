"""Every move of a generation's state, together with what it does to the wallet.

One rule: the state, its row in `state_changes` and the wallet entry are one transaction, the
caller's. `move` is the only place that changes a state.
"""

from __future__ import annotations

import dataclasses
import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, func, select, update

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import (
    NoLongerWaiting,
    QueueFull,
    StorageError,
    StudioError,
)
from veo_studio.core.models import (
    ALLOWED_MOVES,
    ATTENTION_STATES,
    GIVEN_UP,
    Attempt,
    Charge,
    ErrorKind,
    Generation,
    GenerationRequest,
    GenerationState,
)
from veo_studio.core.store import books, budgets, ledger, lineage, rows, submits
from veo_studio.core.store.tables import generations, state_changes

_g = generations.c
_S = GenerationState
_BEFORE_ANSWER = frozenset({_S.SUBMITTING, _S.UNKNOWN})
_COLUMNS = frozenset(_g.keys())
# made once: see `rows.py`
_SET = update(generations).where(_g.id == bindparam("generation_id"))
_COUNT_WAITING = select(func.count()).select_from(generations).where(_g.state == _S.PENDING.value)
_LAST_POSITION = select(func.coalesce(func.max(_g.queue_position), 0))
_INSERT = generations.insert()
_INSERT_CHANGE = state_changes.insert()

MAX_WAITING = 1000
# room between two places in the line, so that a third fits between them
POSITION_STEP = 1024


@dataclass(frozen=True)
class NewGeneration:
    """A request with its price, ready to be stored."""

    request: GenerationRequest
    tokens: int
    price_usd: Decimal | None

    @property
    def is_priced(self) -> bool:
        return self.tokens > 0 or bool(self.price_usd)


def utc_now() -> datetime:
    return datetime.now(UTC)


def move(
    connection: Connection,
    generation_id: int,
    to: GenerationState,
    cause: str,
    at: datetime,
    *,
    is_settled: bool = True,
    may_be_billed: bool = False,
    only_from: GenerationState | None = None,
    before: Generation | None = None,
    **fields: Any,
) -> Generation:
    """Change one state inside the caller's transaction.

    FAILED gives the charge back; so does CANCELLED of a generation that was never sent. Asking for
    the state that is already there changes nothing, so that two workers may decide the same.
    `only_from`: what the decision was made on; another program may have moved it meanwhile.
    `before`: the row, where this transaction has read it already.
    `may_be_billed`: the tokens come back, but the provider has or had the result.
    `is_settled` False: what became of the lost submit stays unknown although it goes on.
    Raises StorageError where the table of moves forbids it: then nothing is written.
    """
    before = before or rows.get(connection, generation_id)
    if only_from is not None and before.state is not only_from:
        raise StorageError(
            f"Generation {generation_id} is {before.state.value} meanwhile: look again ({cause})."
        )
    if before.state is to:
        if fields:
            set_fields(connection, generation_id, at, fields)
        return rows.get(connection, generation_id)
    if to not in ALLOWED_MOVES[before.state]:
        raise StorageError(
            f"Generation {generation_id} cannot go from {before.state.value} to {to.value} ({cause})."
        )
    is_refunded = to is _S.FAILED or (to is _S.CANCELLED and before.state is _S.PENDING)
    if is_settled and before.state in _BEFORE_ANSWER and to in (_S.PROCESSING, _S.PENDING):
        submits.settle(connection, generation_id, to)
    may_be_billed = is_refunded and (may_be_billed or _may_be_billed(connection, before))
    if is_refunded:
        ledger.refund(connection, generation_id, at, cause, may_be_billed=may_be_billed)
    if fields.get("cost_usd") is not None:
        # what is reported is the price of the answered submit; a lost one may be billed as well, and
        # where the catalogue has no price it is worth what the same request cost now
        told: Decimal = fields["cost_usd"]
        lost = submits.lost(connection, generation_id) * (before.price_usd or told)
        ledger.correct(connection, generation_id, told + lost, at, "reported by the provider")
    if to.is_terminal:
        fields.setdefault("finished_at", at)
        fields.setdefault("next_attempt_at", None)
    charge = charge_after(before, to, is_refunded, may_be_billed)
    if is_refunded and before.is_priced and fields.get("cost_usd"):
        # the provider told what it took for nothing: the tokens come back, its money does not
        charge = Charge.CHARGED
    elif is_refunded and before.cost_usd is not None:
        fields.setdefault("cost_usd", None)  # it was told at the submit, and came to nothing
    set_fields(
        connection,
        generation_id,
        at,
        {**fields, "state": to.value, "state_cause": cause, "charge": charge.value},
    )
    _log_move(connection, generation_id, before.state, to, at, cause)
    after = rows.get(connection, generation_id)
    books.check_generation(connection, generation_id, after.state, after.operation_id)
    return after


def mark_failed(connection: Connection, generation_id: int, at: datetime) -> Generation:
    """UNKNOWN or HELD to FAILED because the user says so; FAILED stays as it is.

    Raises StorageError for all others: a clip that arrives in this moment is not thrown away.
    """
    before = rows.get(connection, generation_id)
    if before.state not in ATTENTION_STATES and before.state is not _S.FAILED:
        raise StorageError(
            f"Generation {generation_id} is {before.state.value} now: it does not wait for you."
        )
    return move(connection, generation_id, _S.FAILED, GIVEN_UP, at, before=before)


def charge_after(
    before: Generation, to: GenerationState, is_refunded: bool, may_be_billed: bool
) -> Charge:
    """What the user knows about the provider's bill once `before` has gone to `to`."""
    if not before.is_priced:
        return Charge.NOT_CHARGED
    if to is _S.UNKNOWN or may_be_billed:
        return Charge.UNKNOWN
    return Charge.NOT_CHARGED if is_refunded else Charge.CHARGED


def _may_be_billed(connection: Connection, before: Generation) -> bool:
    """True where the tokens come back, but the provider may have taken its money all the same.

    It has the result, or a submit whose answer was lost was sent again and that one came to nothing.
    """
    if before.state in ATTENTION_STATES:
        return True
    return submits.lost(connection, before.id) > 0


def failure_fields(error: StudioError) -> dict[str, Any]:
    """The columns that say why a generation failed or waits."""
    return {"error": error.message, "error_kind": error.kind.value}


def create(connection: Connection, new: Sequence[NewGeneration], at: datetime) -> list[Generation]:
    """Store and charge all of them or none; a known idempotency key gives what is stored already.

    Raises NotEnoughTokens, BudgetExceeded, QueueFull, LedgerDamaged.
    """
    if any(item.is_priced for item in new):
        books.require_sound(connection)
    crash_point("K01")
    known = {
        item.request.idempotency_key: row
        for item in new
        if item.request.idempotency_key is not None
        and (row := _by_key(connection, item.request.idempotency_key)) is not None
    }
    fresh = {
        item.request.idempotency_key or number: item
        for number, item in enumerate(new)
        if item.request.idempotency_key not in known
    }
    _check_room(connection, len(fresh))
    budgets.check(connection, [item.price_usd for item in fresh.values()], at)
    position = last_position(connection)
    created: list[Generation] = []
    for item in new:
        key = item.request.idempotency_key
        if key is not None and (row := known.get(key)) is not None:
            if (row.prompt, row.model) != (item.request.prompt, item.request.model):
                raise ValueError("This idempotency key belongs to another request.")
            created.append(row)
            continue
        position += POSITION_STEP
        generation = _insert_generation(connection, item, at, position)
        if key is not None:
            known[key] = generation
        created.append(generation)
    return created


def replace(
    connection: Connection, generation_id: int, item: NewGeneration, at: datetime
) -> tuple[Generation, Generation]:
    """A waiting generation makes room for its edited form, which takes its place in the line.

    Returns the old one (cancelled, refunded, left out of lists) and the new one. Raises
    NoLongerWaiting and what `create` raises.
    """
    if item.is_priced:
        books.require_sound(connection)
    # it is another request now: whoever sends the old one's key again means the old one
    item = dataclasses.replace(
        item, request=dataclasses.replace(item.request, idempotency_key=None)
    )
    before = require_waiting(connection, generation_id)
    old = move(
        connection, generation_id, _S.CANCELLED, "replaced by an edited one", at,
        before=before, deleted_at=at,
    )  # fmt: skip
    budgets.check(connection, [item.price_usd], at)
    return old, _insert_generation(
        connection, item, at, before.queue_position, priority=before.priority
    )


def send_again(connection: Connection, generation_id: int, at: datetime) -> Generation:
    """UNKNOWN to PENDING because the user says so; the money is booked a second time.

    Raises BudgetExceeded, LedgerDamaged, and StorageError where it is no longer unknown.
    """
    books.require_sound(connection)
    before = rows.get(connection, generation_id)
    cause = "sent again by the user"
    if before.state is not _S.UNKNOWN:
        raise StorageError(f"Generation {generation_id} is {before.state.value}: it is not sent.")
    budgets.check(connection, [before.price_usd], at)
    ledger.charge_again(connection, generation_id, before.price_usd, at, cause)
    return move(
        connection, generation_id, _S.PENDING, cause, at, is_settled=False, before=before,
        next_attempt_at=at, error=None, error_kind=None,
    )  # fmt: skip


def give_up(
    connection: Connection, generation_id: int, at: datetime, *, is_cancelled: bool = False
) -> Generation:
    """End one that was never sent: FAILED where it has a reason, else or with `is_cancelled` CANCELLED.

    Raises NoLongerWaiting: the scheduler of another process may have sent it in this moment.
    """
    before = require_waiting(connection, generation_id)
    is_failed = bool(before.error) and not is_cancelled
    is_refused_key = is_failed and before.error_kind is ErrorKind.AUTH
    cause = "the key was refused" if is_refused_key else "the caller stopped waiting"
    to = _S.FAILED if is_failed else _S.CANCELLED
    return move(connection, generation_id, to, cause, at, before=before)


def require_waiting(connection: Connection, generation_id: int) -> Generation:
    """The row; NoLongerWaiting where it was sent or ended, LookupError where there is none."""
    generation = rows.get(connection, generation_id)
    if generation.state is not _S.PENDING:
        raise NoLongerWaiting()
    return generation


def last_position(connection: Connection) -> int:
    """The end of the line."""
    return int(connection.execute(_LAST_POSITION).scalar_one())


def _check_room(connection: Connection, count: int) -> None:
    waiting = connection.execute(_COUNT_WAITING).scalar_one()
    if count and waiting + count > MAX_WAITING:
        raise QueueFull(MAX_WAITING)


def _by_key(connection: Connection, key: str) -> Generation | None:
    return rows.optional(
        connection.execute(select(generations).where(_g.idempotency_key == key)).first()
    )


def _insert_generation(
    connection: Connection, item: NewGeneration, at: datetime, position: int, *, priority: int = 0
) -> Generation:
    request = item.request
    generation_id = _insert(
        connection,
        _INSERT,
        {
            "uuid": str(uuids.uuid4()),
            "idempotency_key": request.idempotency_key,
            "kind": request.kind.value,
            "provider": request.provider,
            "model": request.model,
            "prompt": request.prompt,
            "config": request.config.to_json(),
            "state": _S.PENDING.value,
            "state_cause": "asked for",
            "charge": (Charge.CHARGED if item.is_priced else Charge.NOT_CHARGED).value,
            "tokens": item.tokens,
            "price_usd": item.price_usd,
            "queue_position": position,
            "priority": priority,
            "output_dir": str(request.output_dir) if request.output_dir else None,
            "take_group": request.take_group,
            "take_number": request.take_number,
            "created_at": at,
            "updated_at": at,
            "next_attempt_at": at,
        },
    )
    crash_point("K02")
    ledger.charge(
        connection, generation_id, item.tokens, item.price_usd, at,
        f"{request.kind.value} {generation_id}",
    )  # fmt: skip
    lineage.record(connection, generation_id, request.config)
    _log_move(connection, generation_id, None, _S.PENDING, at, "asked for")
    return rows.get(connection, generation_id)


def begin_attempt(
    connection: Connection,
    generation_id: int,
    body: Mapping[str, Any],
    body_sha256: str,
    at: datetime,
) -> Attempt:
    before = rows.get(connection, generation_id)
    if before.is_priced:
        books.require_sound(connection)
    if before.state is not _S.PENDING:
        # two runs of one row: the second must not send it again
        raise StorageError(f"Generation {generation_id} is {before.state.value}: it is not sent.")
    move(
        connection, generation_id, _S.SUBMITTING, "sent to the provider", at,
        before=before, next_attempt_at=None,
    )  # fmt: skip
    return submits.begin(connection, generation_id, body, body_sha256, at)


def set_fields(
    connection: Connection, generation_id: int, at: datetime, fields: Mapping[str, Any]
) -> None:
    if unknown := fields.keys() - _COLUMNS:
        raise TypeError(f"A generation has no {', '.join(sorted(unknown))}.")
    connection.execute(_SET, {**fields, "updated_at": at, "generation_id": generation_id})


def _log_move(
    connection: Connection,
    generation_id: int,
    from_state: GenerationState | None,
    to: GenerationState,
    at: datetime,
    cause: str,
) -> None:
    connection.execute(
        _INSERT_CHANGE,
        {
            "generation_id": generation_id,
            "from_state": from_state.value if from_state else None,
            "to_state": to.value,
            "at": at,
            "cause": cause,
        },
    )


def _insert(connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
    key = connection.execute(statement, values).inserted_primary_key
    assert key is not None
    return int(key[0])
