"""What a submit whose answer was lost adds to the books once the provider tells its price."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.core.studios import omni, open_studio
from veo_studio.core.models import GenerationState
from veo_studio.core.store import moves
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.tables import wallet_entries

_S = GenerationState
_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("price", "days"),
    [
        # nothing is known before: both submits are worth what the second one told
        (None, ["0", "-4.00"]),
        # the lost one keeps its estimate, the told price stands on the day of the second
        (Decimal("0.50"), ["-0.50", "-2.00"]),
    ],
)
async def test_a_lost_submit_is_booked_beside_the_one_that_told_its_price(
    price: Decimal | None, days: list[str]
) -> None:
    now = datetime.now(UTC) - 2 * _DAY
    async with open_studio() as studio:
        repository = GenerationRepository(studio.database, lambda: now)
        (made,) = await repository.create([NewGeneration(omni(), 1, price)])
        lost = await repository.begin_attempt(made.id, {}, "0")
        await repository.end_attempt(lost, _S.UNKNOWN, "lost")
        yesterday, now = now, now + _DAY
        await studio.database.write(lambda c: moves.send_again(c, made.id, now))
        second = await repository.begin_attempt(made.id, {}, "0")
        await repository.end_attempt(
            second, _S.PROCESSING, "accepted", operation_id="o-1", cost_usd=Decimal("2.00")
        )
        e = wallet_entries.c
        rows = await studio.database.read(
            lambda c: c.execute(
                select(e.booked_at, e.cost_micros).where(e.generation_id == made.id)
            ).all()
        )
        booked = {yesterday: Decimal(0), now: Decimal(0)}
        for row in rows:
            booked[row.booked_at] += Decimal(row.cost_micros) / 1_000_000
        assert list(booked.values()) == [Decimal(day) for day in days]
        assert await studio.wallet.check() == []
