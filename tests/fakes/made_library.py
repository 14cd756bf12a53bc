"""A library with known endings, made through the same moves that the queue makes."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.models import (
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    VideoConfig,
)
from veo_studio.core.store import ledger, moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration

_S = GenerationState
_numbers = itertools.count(1)
OMNI = ("gemini", "gemini-omni-1.2-flash")
SKETCH = ("rehearsal", "rehearsal-1")


class MadeLibrary:
    """Fills `database`; every generation is sent when it is asked for."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.write_now(lambda c: ledger.grant(c, 10_000, moves.utc_now(), "for this test"))

    def make(
        self,
        at: datetime,
        state: GenerationState = _S.COMPLETED,
        *,
        took_s: float = 60.0,
        of: tuple[str, str] = OMNI,
        tokens: int = 10,
        price: str | None = "0.50",
        cost: str | None = None,
        kind: ErrorKind = ErrorKind.SERVER_ERROR,
        **columns: Any,
    ) -> Generation:
        """One that was asked for at `at`, and is in `state` so many seconds later; `cost` was reported."""
        if of == SKETCH:
            tokens, price = 0, "0"
        ended = at + timedelta(seconds=took_s)

        def work(connection: Connection) -> Generation:
            (made,) = moves.create(connection, [_new(of, tokens, price)], at)
            if state is _S.PENDING:
                return made
            if state is _S.CANCELLED:
                return moves.move(connection, made.id, state, "by the user", ended)
            moves.begin_attempt(connection, made.id, {}, "0" * 64, at)
            moves.move(connection, made.id, _S.PROCESSING, "accepted", at,
                       operation_id=f"operation-{next(_numbers)}", submitted_at=at)  # fmt: skip
            if state is _S.PROCESSING:
                return made
            facts: dict[str, Any] = {} if cost is None else {"cost_usd": Decimal(cost)}
            if state is _S.FAILED:
                facts |= {"error": "No.", "error_kind": kind.value}
            else:
                moves.move(connection, made.id, _S.DOWNLOADING, "done", ended, **facts)
                facts = {"length_s": 8.0}
            return moves.move(connection, made.id, state, "ended", ended, **facts, **columns)

        return self.database.write_now(work)


def _new(of: tuple[str, str], tokens: int, price: str | None) -> NewGeneration:
    provider, model = of
    request = GenerationRequest(
        "A paper boat", provider, model, VideoConfig(), kind=GenerationKind.VIDEO
    )
    return NewGeneration(request, tokens, None if price is None else Decimal(price))
