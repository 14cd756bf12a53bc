"""Limits in money, kept beside the books they limit: window, command line and API obey the same ones.

`check` runs in the transaction that charges, so that two clicks cannot both take the last dollar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from veo_studio.core.errors import BudgetExceeded
from veo_studio.core.models import BudgetPeriod, BudgetState, GenerationState
from veo_studio.core.store.ledger import dollars
from veo_studio.core.store.tables import budgets, generations, wallet_entries

_LARGEST_USD = Decimal(1_000_000)
_LIMITS = select(budgets)
_BOOKED_SINCE = select(func.coalesce(func.sum(wallet_entries.c.cost_micros), 0)).where(
    wallet_entries.c.booked_at >= bindparam("start")
)
_entry, _booked = wallet_entries.c, wallet_entries.alias("booked").c
_LAST_BOOKED = (
    select(func.max(_booked.id))
    .where(_booked.generation_id == generations.c.id, _booked.kind.in_(("charge", "again")))
    .scalar_subquery()
)


def _sum_since(name: str) -> ColumnElement[int]:
    is_counted = _entry.booked_at >= bindparam(name, type_=_entry.booked_at.type)
    return func.coalesce(func.sum(case((is_counted, _entry.cost_micros), else_=0)), 0)


# made once, and for both periods in one look at what waits
_RESERVED_SINCE = (
    select(_sum_since("day"), _sum_since("month"))
    .select_from(generations)
    .join(wallet_entries, _entry.id == _LAST_BOOKED)
    .where(generations.c.state == GenerationState.PENDING.value)
)


def states(connection: Connection, at: datetime) -> list[BudgetState]:
    """Every period with its limit and what counts against it at the moment `at`."""
    limits = _limits(connection)
    reserved = _reserved(connection, at)
    return [
        BudgetState(
            period,
            limits.get(period),
            _spent(connection, period, at),
            reserved.get(period, Decimal(0)),
        )
        for period in BudgetPeriod
    ]


def set_limit(connection: Connection, period: BudgetPeriod, limit_usd: Decimal | None) -> None:
    """None takes the limit away. ValueError for anything but 0 to 1,000,000 dollars."""
    if limit_usd is None:
        connection.execute(delete(budgets).where(budgets.c.period == period.value))
        return
    try:
        is_usable = limit_usd.is_finite() and 0 <= limit_usd <= _LARGEST_USD
    except (AttributeError, InvalidOperation):
        is_usable = False
    if not is_usable:
        raise ValueError("A budget must be an amount of 0 to 1,000,000 dollars.")
    statement = insert(budgets).values(period=period.value, limit_usd=limit_usd)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["period"], set_={"limit_usd": statement.excluded.limit_usd}
        )
    )


def check(
    connection: Connection,
    costs_usd: Sequence[Decimal | None],
    at: datetime,
    *,
    reserved_usd: Decimal = Decimal(0),
) -> None:
    """BudgetExceeded where these generations together would break a limit; free ones never do.

    `reserved_usd` is kept for others, who have not asked for it yet.
    """
    priced = [cost for cost in costs_usd if cost is None or cost > 0]
    if not priced or not (limits := _limits(connection)):
        return
    needed = None if None in priced else sum((cost for cost in priced if cost), Decimal(0))
    for period, limit_usd in limits.items():
        spent = _spent(connection, period, at)
        kept = Decimal(0) if period is BudgetPeriod.BATCH else reserved_usd
        if needed is None or spent + kept + needed > limit_usd:
            raise BudgetExceeded(
                period,
                limit_usd=limit_usd,
                spent_usd=spent,
                needed_usd=needed,
                reserved_usd=kept,
            )


def _limits(connection: Connection) -> dict[BudgetPeriod, Decimal]:
    found = {row.period: row.limit_usd for row in connection.execute(_LIMITS)}
    return {period: found[period.value] for period in BudgetPeriod if period.value in found}


def _reserved(connection: Connection, at: datetime) -> dict[BudgetPeriod, Decimal]:
    """What is booked for those that wait: of one that is sent again only what that booked."""
    starts = {"day": _start(BudgetPeriod.DAY, at), "month": _start(BudgetPeriod.MONTH, at)}
    day, month = connection.execute(_RESERVED_SINCE, starts).one()
    return {BudgetPeriod.DAY: dollars(-int(day)), BudgetPeriod.MONTH: dollars(-int(month))}


def _start(period: BudgetPeriod, at: datetime) -> datetime:
    # the user's own midnight, not that of UTC
    start = at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if period is BudgetPeriod.MONTH:
        start = start.replace(day=1)
    # a summer time that began in between has another offset at the start
    return start.replace(tzinfo=None).astimezone()


def _spent(connection: Connection, period: BudgetPeriod, at: datetime) -> Decimal:
    if period is BudgetPeriod.BATCH:
        return Decimal(0)
    start = _start(period, at)
    spent = connection.execute(_BOOKED_SINCE, {"start": start}).scalar_one()
    return dollars(-int(spent))
