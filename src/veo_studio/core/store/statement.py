"""The wallet's entries as people read them: with the prompt beside the number, without empty ones."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select

from veo_studio.core.models import WalletEntry
from veo_studio.core.statement import StatementLine
from veo_studio.core.store.ledger import dollars
from veo_studio.core.store.tables import generations, wallet_entries

_PROMPT_CHARS = 200
_e = wallet_entries.c
_g = generations.c


def lines(
    connection: Connection,
    limit: int,
    *,
    before_id: int | None = None,
    kinds: Collection[str] | None = None,
    search: str = "",
) -> list[StatementLine]:
    """The newest first; `search` looks in causes and prompts.

    What moved neither tokens nor money, a free rehearsal, is left out: the books and the export
    have it.
    """
    prompt = func.substr(_g.prompt, 1, _PROMPT_CHARS).label("prompt")
    query = (
        select(wallet_entries, prompt)
        .outerjoin_from(wallet_entries, generations, _g.id == _e.generation_id)
        .where(or_(_e.tokens != 0, _e.cost_micros != 0))
        .order_by(_e.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(_e.id < before_id)
    if kinds is not None:
        query = query.where(_e.kind.in_(list(kinds)))
    if words := search.strip():
        query = query.where(
            or_(
                _e.cause.contains(words, autoescape=True),
                _g.prompt.contains(words, autoescape=True),
            )
        )
    return [
        StatementLine(
            WalletEntry(
                id=row.id,
                kind=row.kind,
                tokens=row.tokens,
                balance_after=row.balance_after,
                at=row.at,
                cause=row.cause,
                generation_id=row.generation_id,
                refund_of=row.refund_of,
                cost_usd=dollars(row.cost_micros),
            ),
            row.prompt or "",
        )
        for row in connection.execute(query)
    ]
