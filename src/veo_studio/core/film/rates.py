"""Pictures a second as files say them, roughly, and as everybody else knows them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

# what editing programs and time codes know
KNOWN_RATES: tuple[Fraction, ...] = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
USUAL_RATES = (*KNOWN_RATES, Fraction(48))


def near(rate: Fraction, known: Sequence[Fraction], most: float) -> Fraction | None:
    """The one that `rate` is within `most` of it: a file counts in ticks of its own, and is seldom exact."""
    nearest = min(known, key=lambda one: abs(one - rate))
    return nearest if abs(nearest - rate) <= nearest * most else None
