"""What somebody agreed to when a run began: nothing is asked for in its name at a higher price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.storyboard.keys import SceneKey, read_key
from veo_studio.core.storyboard.models import KeyPrice, Run
from veo_studio.core.storyboard.standing import Standing


def price_of(item: NewGeneration) -> KeyPrice:
    return KeyPrice(item.tokens, item.price_usd)


def is_dearer(now: KeyPrice, agreed: KeyPrice | None) -> bool:
    """A price that nobody knows is dearer than any that was known."""
    if agreed is None:
        return False
    if now.tokens > agreed.tokens:
        return True
    if agreed.cost_usd is None:
        return False
    return now.cost_usd is None or now.cost_usd > agreed.cost_usd


def unasked(standing: Standing, run: Run) -> list[SceneKey]:
    """What is still to be asked for in the name of the run, now or later."""
    scenes = {scene.uuid for scene in standing.board.scenes}
    found = (read_key(key) for key in run.keys if standing.of_key(key) is None)
    return [key for key in found if key is not None and key.scene_uuid in scenes]


def dearer_words(run: Run, items: Iterable[NewGeneration]) -> str:
    """What is dearer now among what is still to be asked for, and what it costs; "" for nothing."""
    agreed = run.agreed
    pairs = [
        (price_of(item), before)
        for item in items
        if (before := agreed.get(item.request.idempotency_key or "")) is not None
    ]
    dearer = [(now, before) for now, before in pairs if is_dearer(now, before)]
    if not dearer:
        return ""
    count = len(dearer)
    things = "1 thing costs" if count == 1 else f"{count} things cost"
    costs = _sum_words([now for now, _ in dearer])
    agreed_costs = _sum_words([before for _, before in dearer])
    return (
        f"{things} more than when this run began: {costs} instead of {agreed_costs}. "
        "A model, a size, a length or a price was changed. Go on pays what it costs now; "
        "change it back, or cancel the run."
    )


def _sum_words(prices: Sequence[KeyPrice]) -> str:
    tokens = sum(price.tokens for price in prices)
    words = "1 token" if tokens == 1 else f"{tokens:,} tokens"
    costs = [price.cost_usd for price in prices if price.cost_usd is not None]
    if len(costs) < len(prices):
        return f"{words} and a price that is not known"
    return f"{words}, about ${sum(costs, Decimal(0)):.2f}"
