"""What somebody agreed to when a run began: nothing is asked for in its name at a higher price.

Nor is another service or model asked than the one that was agreed to, whatever it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.storyboard.keys import SceneKey, read_key
from veo_studio.core.storyboard.models import KeyPrice, Run
from veo_studio.core.storyboard.standing import Standing


def price_of(item: NewGeneration) -> KeyPrice:
    return KeyPrice(item.tokens, item.price_usd, item.request.provider, item.request.model)


def is_dearer(now: KeyPrice, agreed: KeyPrice | None) -> bool:
    """A price that nobody knows is dearer than any that was known."""
    if agreed is None:
        return False
    if now.tokens > agreed.tokens:
        return True
    if agreed.cost_usd is None:
        return False
    return now.cost_usd is None or now.cost_usd > agreed.cost_usd


def is_other(now: KeyPrice, agreed: KeyPrice | None) -> bool:
    """Another model would make it, and somebody may want neither its bill nor its clips."""
    if agreed is None:
        return False
    return (now.provider, now.model) != (agreed.provider, agreed.model)


def needs_word(now: KeyPrice, agreed: KeyPrice | None) -> bool:
    """Somebody has to agree before it is asked for."""
    return is_dearer(now, agreed) or is_other(now, agreed)


def unasked(standing: Standing, run: Run) -> list[SceneKey]:
    """What is still to be asked for in the name of the run, now or later."""
    scenes = {scene.uuid for scene in standing.board.scenes}
    found = (read_key(key) for key in run.keys if standing.of_key(key) is None)
    return [key for key in found if key is not None and key.scene_uuid in scenes]


def new_price_words(run: Run, items: Iterable[NewGeneration]) -> str:
    """What nobody agreed to among what is still to be asked for, and what it costs; "" for nothing."""
    agreed = run.agreed
    pairs = [
        (price_of(item), before)
        for item in items
        if (before := agreed.get(item.request.idempotency_key or "")) is not None
    ]
    changed = [(now, before) for now, before in pairs if needs_word(now, before)]
    if not changed:
        return ""
    costs = _sum_words([now for now, _ in changed])
    agreed_costs = _sum_words([before for _, before in changed])
    count = len(changed)
    if any(is_dearer(now, before) for now, before in changed):
        things = "1 thing costs" if count == 1 else f"{count} things cost"
        words = (
            f"{things} more than when this run began: {costs} instead of {agreed_costs}. "
            "A model, a size, a length or a price was changed."
        )
    else:
        things = "1 thing" if count == 1 else f"{count} things"
        names = ", ".join(dict.fromkeys(now.model for now, _ in changed))
        befores = ", ".join(dict.fromkeys(before.model for _, before in changed))
        words = f"{names} would make {things} instead of {befores}, which was agreed to: {costs}."
    return f"{words} Go on pays what it costs now; change it back, or cancel the run."


def _sum_words(prices: Sequence[KeyPrice]) -> str:
    tokens = sum(price.tokens for price in prices)
    words = "1 token" if tokens == 1 else f"{tokens:,} tokens"
    costs = [price.cost_usd for price in prices if price.cost_usd is not None]
    if len(costs) < len(prices):
        return f"{words} and a price that is not known"
    return f"{words}, about ${sum(costs, Decimal(0)):.2f}"
