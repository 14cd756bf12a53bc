"""What a clip cost, where the history tells its facts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.fakes.generations import a_generation
from veo_studio.core.models import GenerationState
from veo_studio.ui.text import cost_words
from veo_studio.ui.view_models.history_words import tool_tip


@pytest.mark.parametrize(
    ("price", "cost", "words"),
    [
        (None, None, ""),
        ("0", None, ""),
        ("0.56", None, "Cost about $0.56, by the price list"),
        ("0.56", "0.5604", "Cost $0.56, as the service reported"),
        ("0.56", "0.60", "Cost $0.60, as the service reported (estimated $0.56)"),
        (None, "0.60", "Cost $0.60, as the service reported"),
        ("0.56", "0", "Cost $0.00, as the service reported (estimated $0.56)"),
    ],
)
def test_what_it_cost_is_told_with_its_source(
    price: str | None, cost: str | None, words: str
) -> None:
    generation = a_generation(
        price_usd=None if price is None else Decimal(price),
        cost_usd=None if cost is None else Decimal(cost),
    )
    assert cost_words(generation) == words


def test_the_tool_tip_of_a_finished_clip_ends_with_it() -> None:
    done = a_generation(state=GenerationState.COMPLETED, price_usd=Decimal("0.56"))
    assert "Cost about $0.56" in tool_tip(done, None, None)
