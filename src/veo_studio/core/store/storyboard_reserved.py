"""What runs of storyboards still have to ask for: nothing is booked for it yet, and it is spoken for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, select, text

from veo_studio.core.store import storyboard_runs
from veo_studio.core.store.tables import generations, scenes
from veo_studio.core.storyboard.keys import read_key
from veo_studio.core.storyboard.models import KeyPrice, Step

_ASKED = select(generations.c.idempotency_key).where(
    text("generations.idempotency_key IN (SELECT value FROM json_each(:keys))")
)
_SCENES = select(scenes).where(
    scenes.c.deleted_at.is_(None), text("scenes.uuid IN (SELECT value FROM json_each(:uuids))")
)


@dataclass(frozen=True)
class Reserved:
    """Prices that nobody knows are left out of `cost_usd`."""

    tokens: int = 0
    cost_usd: Decimal = Decimal(0)

    def __bool__(self) -> bool:
        return self.tokens > 0 or self.cost_usd > 0

    @property
    def words(self) -> str:
        tokens = "1 token" if self.tokens == 1 else f"{self.tokens:,} tokens"
        verb = "is" if self.tokens == 1 and not self.cost_usd else "are"
        money = f" and about ${self.cost_usd:.2f}" if self.cost_usd else ""
        return f"{tokens}{money} {verb} kept for storyboards that are being made already"


def reserved(connection: Connection, keys: Collection[str]) -> Reserved:
    """For everybody but the run that asks for `keys`.

    One that goes on again is held up by those before it only: else two would wait for each other.
    """
    runs = storyboard_runs.unfinished(connection)
    wanted = set(keys)
    first = min((run.id for run in runs if wanted <= set(run.keys)), default=None)
    prices: dict[str, KeyPrice] = {}
    for run in runs:
        if first is None or run.id < first:
            prices.update(run.agreed)
    prices = {key: price for key, price in prices.items() if key not in wanted}
    left = [prices[key] for key in _still_asked_for(connection, prices)]
    costs = [price.cost_usd for price in left if price.cost_usd is not None]
    return Reserved(sum(price.tokens for price in left), sum(costs, Decimal(0)))


def _still_asked_for(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Without what is stored, and what belongs to scenes or rounds that nobody wants any more."""
    known = [(key, read) for key in keys if (read := read_key(key)) is not None]
    if not known:
        return []
    asked = set(
        connection.execute(_ASKED, {"keys": json.dumps([key for key, _ in known])}).scalars()
    )
    uuids = json.dumps(sorted({read.scene_uuid for _, read in known}))
    rounds: dict[tuple[str, Step], int] = {}
    for row in connection.execute(_SCENES, {"uuids": uuids}):
        rounds[row.uuid, Step.PICTURE] = row.picture_round
        rounds[row.uuid, Step.CLIP] = row.clip_round
        rounds[row.uuid, Step.REHEARSAL] = row.rehearsal_round
    return [
        key
        for key, read in known
        if key not in asked and rounds.get((read.scene_uuid, read.step)) == read.round
    ]
